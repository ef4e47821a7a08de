"""Which runs lie where: records, journals and seals of folders, put together by their names."""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from glob import escape
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from second_edition.errors import ByodkimError
from second_edition.evidence import seal, timestamp
from second_edition.evidence.cells import RUN, outputs, text_of
from second_edition.evidence.folders import contents, is_plain, opened, walk
from second_edition.evidence.journal import SUFFIX, run_of, stem_of
from second_edition.evidence.verification_case import Files
from second_edition.messages import Language

NOTEBOOK: Final = ".ipynb"
#: How the names of pages end, in small or capital letters.
PAGES: Final = (".html", ".htm", ".xhtml", ".xht")
#: How the names of a record's files end.
_ENDINGS: Final = (".ipynb", ".html", ".jsonl", ".json", ".tsr", ".csv", ".zone", ".txt")
_OF_RUNS: Final = (SUFFIX, seal.SUFFIX, timestamp.SUFFIX)
#: What only an output of a run holds.
_MARK: Final = "application/vnd.byodkim."
#: What the package is called in a cell, and what it was called before it was set aside.
_NAMES: Final = ("second_edition", "byodkim")
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")


class NothingToVerify(ByodkimError):
    """Raised where a path cannot be read, or is of no run."""


def collect(paths: Iterable[Path], language: Language) -> list[Files]:
    """Return the runs of folders and files. A file stands for its run, a folder for all that lie in it, at any depth.

    Raises:
        NothingToVerify: a path does not exist, cannot be read, or is of no run.
    """
    found: dict[Path, Files] = {}
    resolved = cache(Path.resolve)  # a folder of thousands is followed once
    for path in paths:
        inside = path.is_dir()
        some = [replace(one, top=path) for one in _in_folder(path, language)] if inside else [_of_file(path, language)]
        for files in some:
            mine = files.path
            key = resolved(mine.parent) / mine.name
            found[key] = files if key not in found or files.whole else found[key]
    given = defaultdict[str, list[Path]](list)
    for key, files in found.items():
        if files.journal is not None:
            given[key.name].append(key)
    for key, files in list(found.items()):
        if files.journal is None and (named := _journal_of(key, given)):
            known = found.get(named, Files(named, whole=False, top=files.top))
            if known.notebook is None:
                found[named] = replace(known, notebook=files.path)
                del found[key]
    return list(found.values())


def _journal_of(notebook: Path, given: Mapping[str, Sequence[Path]]) -> Path | None:
    """Return the journal that a notebook names where JupyterLab executed it.

    It is beside it, in a folder above, among those ``given``, by their names, or in a folder beside its own (``byodkim
    lab`` puts working copies elsewhere).
    """
    name = _named(notebook)
    if not name.endswith(SUFFIX) or stem_of(Path(name)) not in ("", notebook.stem) or Path(name).name != name:
        return None
    above = [place for folder in notebook.parents if is_plain(place := folder / name)]
    if above:
        return above[0]
    beside = filter(is_plain, notebook.parent.parent.glob(f"*/{escape(name)}"))
    return max(given.get(name) or beside, key=_size, default=None)  # of several copies the whole one


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _in_folder(folder: Path, language: Language) -> Iterator[Files]:
    """Yield the runs of a folder and of those below it, and what cannot be looked into: no link is followed there."""
    for here, found in walk(folder):
        if any(part.startswith(".") for part in here.relative_to(folder).parts):
            continue
        if isinstance(found, list):
            yield from _here(here, [one for one in found if not one.name.startswith(".")])
        elif here == folder:
            raise _nothing(folder, "unread", language, reason=found.strerror or str(found))
        else:
            yield Files(None, here, plain=False)


def _here(folder: Path, entries: Sequence[os.DirEntry[str]]) -> Iterator[Files]:
    names = [one.name for one in entries if one.is_file(follow_symlinks=False)]
    present = set(names)
    yield from _together(folder, names)
    for one in entries:
        plain = one.name in present and not _is_misspelled(one.name)
        folder_alone = one.is_dir(follow_symlinks=False) and not one.name.lower().endswith(_ENDINGS)
        if not plain and not folder_alone:
            yield Files(None, folder / one.name, plain=False)


def _is_misspelled(name: str) -> bool:
    """Return whether a name ends as those of a run's files do but for small and capital letters."""
    return name.lower().endswith(_OF_RUNS) and not name.endswith(_OF_RUNS)


def _together(folder: Path, names: list[str]) -> Iterator[Files]:
    """Yield the runs of one folder. Hidden files are no part of it."""
    names = [name for name in names if not name.startswith(".")]
    present, journals = set(names), [name for name in names if name.endswith(SUFFIX)]
    stems: defaultdict[str, list[str]] = defaultdict(list)
    for name in journals:
        if stem := stem_of(Path(name)):
            stems[stem].append(name)
    mine = {stem: _mine(folder, stem, several) for stem, several in stems.items()}
    alone = [name for name in names if _is_alone(name, stems) and _is_record(folder / name)]
    pages = _pages(names, mine, alone)
    for name in journals:
        notebook = stem_of(Path(name)) + NOTEBOOK
        beside = notebook in present and mine.get(notebook.removesuffix(NOTEBOOK)) == name
        others = tuple(folder / one for one in pages[name])
        yield Files(folder / name, folder / notebook if beside else None, pages=others)
    yield from (Files(None, folder / name) for name in alone)
    for name in names:
        if (signed := _signed_by(name, present)) and signed not in present:
            yield Files(None, folder / name)


def _is_alone(name: str, stems: Collection[str]) -> bool:
    """Return whether a name is that of a notebook without a journal."""
    return name.lower().endswith(NOTEBOOK) and name.removesuffix(NOTEBOOK) not in stems


def _signed_by(name: str, present: set[str]) -> str:
    """Return the journal that a seal is of, "" for no seal. A page's counts where the journal's own is not there."""
    if name.endswith(seal.PAGE_SUFFIX):
        stem = name.removesuffix(seal.PAGE_SUFFIX)
        return "" if stem + seal.SUFFIX in present else stem + SUFFIX
    return name.removesuffix(seal.SUFFIX) + SUFFIX if name.endswith(seal.SUFFIX) else ""


def _mine(folder: Path, stem: str, journals: list[str]) -> str:
    """Return which of the journals of one name its notebook is of.

    That is the one that it names itself, else that of the newest run that did anything, if one did.
    """
    if len(journals) == 1:
        return journals[0]
    if (named := _named(folder / f"{stem}{NOTEBOOK}")) in journals:
        return named
    return max((not _is_empty(folder / name), run_of(Path(name)), name) for name in journals)[2]


def _named(notebook: Path) -> str:
    """Return the name of the journal that a notebook shows; "" where it shows none, or cannot be read."""
    try:
        cells = json.loads(contents(notebook))["cells"]
        return [str(one["data"][RUN]["journal"]) for one in outputs(cells) if RUN in (one.get("data") or {})][-1]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""


def _is_empty(journal: Path) -> bool:
    try:
        with opened(journal) as file:
            return not file.readline().endswith(b"\n")
    except OSError:
        return False


def _pages(names: list[str], mine: Mapping[str, str], alone: Iterable[str]) -> defaultdict[str, list[str]]:
    """Return the pages of a folder that no run signs, by the journal whose name theirs begins with, else the first.

    That of a run that never began is looked at with its notebook, which is ``alone``.
    """
    found, own = defaultdict(list), {f"{stem}.html" for stem in (*mine, *(Path(one).stem for one in alone))}
    for name in names if mine else ():
        if _is_page(name) and name not in own:
            stem = max((stem for stem in mine if name.startswith(stem)), default=min(mine))
            found[mine[stem]].append(name)
    return found


def _is_page(name: str) -> bool:
    return name.lower().endswith(PAGES)


def _of_file(path: Path, language: Language) -> Files:
    """Return the run that a file is of: its journal or notebook, or a seal."""
    if not path.is_file():
        raise _nothing(path, "absent", language)
    path = path.resolve() if path.is_symlink() else path
    journal = _signed_by(path.name, set()) or path.name
    stem = stem_of(Path(journal)) if journal.endswith(SUFFIX) else journal.removesuffix(NOTEBOOK)
    names = [one.name for one in path.parent.iterdir() if stem and one.name.startswith(f"{stem}.") and is_plain(one)]
    alone = {name for name in (path.name, journal) if is_plain(path.with_name(name))}
    # Whatever else makes a record of such a page's name is not looked at here, and may be anybody's.
    pages = tuple(path.with_name(one) for one in sorted(names) if _is_page(one) and one != f"{stem}.html")
    for files in _together(path.parent, sorted({*names, *alone})):
        if path in (files.path, files.notebook) or files.path.name == journal:
            return replace(files, whole=False, pages=pages)
    raise _nothing(path, "foreign", language)


def _is_record(path: Path) -> bool:
    """Return whether a notebook was executed, and says ``byodkim`` in a cell of code or shows what only a run shows."""
    try:
        data = contents(path)
    except OSError:
        return True  # what cannot be read is said, not passed over
    text = data.decode("utf-8", "replace")
    if "\\u" in text:  # JSON has two ways to spell a character
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if not any(name in text for name in _NAMES) or _MARK in text:
        return _MARK in text
    try:
        notebook = json.loads(data)
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        ran = any(cell.get("outputs") or cell.get("execution_count") for cell in code)
        says = any(name in text_of(cell["source"]) for cell in code for name in _NAMES)
        return says and (ran or "papermill" in notebook["metadata"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return True


def _nothing(path: Path, key: str, language: Language, **values: object) -> NothingToVerify:
    return NothingToVerify.said("verify", f"nothing.{key}", language, "", "nothing.todo", path=path, **values)
