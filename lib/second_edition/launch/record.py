"""``byodkim record``: the page of a run, and its verdict in a few lines on standard output."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path

from second_edition.display.blocks import Block, Code, Heading, Headline, Paragraph, visible
from second_edition.display.failure import recorded
from second_edition.display.notebook import as_text
from second_edition.display.page import page, unsealed, verdict, words_of
from second_edition.display.rehearsed import place
from second_edition.display.words import Words
from second_edition.errors import AccessError, paragraph
from second_edition.evidence import exclusive
from second_edition.evidence.archived import Archived, judged, open_record
from second_edition.evidence.folders import below_project, near
from second_edition.evidence.record import Record
from second_edition.evidence.seal import PAGE_SUFFIX
from second_edition.intent.profile_file import spoken
from second_edition.launch.unfinished import Watch
from second_edition.launch.unfinished import verdict as verdict_of_journal
from second_edition.messages import LANGUAGES, Language, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("notebook", type=Path, metavar="OUT.ipynb", help="the executed notebook")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.html", help="(the notebook's name with .html)")
    parser.add_argument("--language", choices=LANGUAGES, help="(the record's)")


def run(arguments: argparse.Namespace) -> int:
    """Write the page of a notebook and say what the run came to.

    Raises:
        RecordError, AccessError: as ``make``.
    """
    print(visible("\n".join(make(arguments.notebook, arguments.output, arguments.language))))
    return 0


def make(notebook: Path, output: Path | None = None, language: Language | None = None) -> list[str]:
    """Make the page of the record in a file and return its lines, as ``tell``.

    Raises:
        RecordError: the notebook is not the record of a run, or its events cannot be told.
        AccessError: as ``tell``.
    """
    archived = open_record(notebook)
    return tell(judged(archived, language or archived.language), output, language)


def tell(
    archived: Archived,
    output: Path | None = None,
    language: Language | None = None,
    look: Callable[[str], None] | None = None,
) -> list[str]:
    """Write the page of a record, after a ``look`` at it; return what the run came to, line by line.

    Raises:
        RecordError: its events cannot be told.
        AccessError: the page's file cannot be written, is another file than a page, or is a page with a signature.
    """
    path = output or archived.path.with_suffix(".html")
    language = language or _of_unbegun(archived)
    html, speak = page(archived, language), words_of(archived, language)
    off = "" if archived.evidence.sound else f"{speak('CAUTION')}: {archived.evidence.explain(speak.language)}"
    lines = [*filter(None, (off, unsealed(archived, speak))), *_outcome(archived, speak)]
    if look is not None:
        look(html)
    run = archived.record.begin.run if archived.record else ""
    if signed(path, run, html):
        if output:
            raise AccessError.said("launch", "signed", speak.language, "", "name-another", path=path)
        path = path.with_name(f"{path.stem}.{speak.language}.html")
    write_page(path, html, speak.language)
    return [*lines, say("launch", "page", speak.language, path=near(path))]


def _of_unbegun(archived: Archived) -> Language | None:
    """Return the language that a run spoke that did not come to note one; ``None`` for any other."""
    return None if archived.record else spoken((archived.papermill.get("parameters") or {}).get("language"))


def summary(archived: Archived) -> list[str]:
    """Return what the run came to and where its record is, line by line."""
    speak = words_of(archived, _of_unbegun(archived))
    return [*_outcome(archived, speak), say("launch", "page", speak.language, path=near(archived.path))]


def explained(archived: Archived) -> str:
    """Return the paragraph of the error that a run ended with, as a line; "" where it ended with none."""
    error = recorded(archived.record, words_of(archived, None)) if archived.record else None
    return f"{paragraph(*error)}\n" if error else ""


def summary_of_journal(watch: Watch) -> list[str]:
    """Return what a run came to whose notebook was not written, line by line; nothing where there is no journal."""
    told = verdict_of_journal(watch)
    if told is None:
        return []
    blocks, speak = told
    return [*_open(blocks, speak), say("launch", "page", speak.language, path=watch.journal)]


def signed(path: Path, run: str, html: str) -> bool:
    """Return whether another page of the run stands there, and has a signature: that one stays as it is."""
    sealed = path.parent / f"{path.stem}.{run}{PAGE_SUFFIX}"
    return path.is_file() and sealed.exists() and path.read_bytes() != html.encode("utf-8")


def write_page(path: Path, html: str, language: Language, *, lasting: bool = True) -> None:
    """Write a page whole or not at all; only a page of its kind, a record's or a site's, is ever replaced.

    ``lasting``: it is seen on the disk. A page that can be made again may be lost with the machine's power, and an
    empty file is left: such a one is replaced, too.

    Raises:
        AccessError: another file is there, or the folder does not take it. Nothing was changed.
    """
    beside = path.parent / f".{path.name}.{os.getpid()}.tmp"
    try:
        if path.is_symlink() or path.exists():
            found = first_line(path)
            if found != html.partition("\n")[0] and (found or lasting):
                raise AccessError.said("launch", "foreign", language, "", "name-another", path=path)
        exclusive.write(beside, html.encode("utf-8"), lasting=lasting)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise unwritable(path, error, language) from error


def first_line(path: Path) -> str:
    """Return what a file begins with, by which a page is known; any other text where it is none."""
    if not path.is_file():  # a pipe would be waited for
        return "-"
    with path.open("rb") as file:
        return file.readline(100).decode("utf-8", "replace").rstrip("\n")


def unwritable(path: Path, error: OSError, language: Language) -> AccessError:
    """Return the error for a file or folder that cannot be written."""
    values = {"path": path, "reason": error.strerror or error}
    return AccessError.said("launch", "unwritable", language, "", "name-another", **values)


def _outcome(archived: Archived, speak: Words) -> list[str]:
    blocks = verdict(archived, speak)
    if archived.record is None or archived.record.closed is None:
        return _open(blocks, speak)
    headline, *rest = _lines(blocks, speak("Rollback"))
    record = archived.record
    return [headline, *map(as_text, place(record, speak)), *rest, *_elsewhere(record, speak)]


def _elsewhere(record: Record, speak: Words) -> list[str]:
    """Return where a record's commands work, where the reader stands below it; what was run below says so itself."""
    if record.below or not below_project().parts:
        return []
    return [speak("These commands are for the folder {folder} of the project.", folder=Path())]


def _open(blocks: Sequence[Block], speak: Words) -> list[str]:
    """Return the lines of a run that has not ended: what is known comes before what to do."""
    headline, *rest = _lines(blocks, speak("Rollback"))
    known = [as_text(one) for one in takewhile(lambda one: not isinstance(one, Heading), blocks[1:])]
    return [headline, *known, *rest]


def _lines(blocks: Sequence[Block], way_back: str) -> list[str]:
    """Return the outcome and sentence; then what stands under each heading.

    Of a rollback that is just a command only that is said.
    """
    lines, title = [], ""
    under: dict[str, list[Block]] = {}
    for block in blocks:
        if isinstance(block, Headline):
            lines.append(as_text(block))
        elif isinstance(block, Heading):
            title = block.text
        elif title and isinstance(block, Paragraph | Code):
            under.setdefault(title, []).append(block)
    for name, body in under.items():
        commands = [block for block in body if isinstance(block, Code)]
        alone = name == way_back and len(body) <= 2 and body[0] in commands
        lines += [f"{name}: {as_text(block)}" for block in (commands if alone else body)]
    return lines
