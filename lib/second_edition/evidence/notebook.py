"""An executed notebook as evidence: its cells, the run that it names, and the copy of the journal that it holds.

One whose run was refused or stopped before there was a journal has an exact shape, and no other counts as one: what it
shows is signed by nobody, so it must show nothing but that.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from second_edition.evidence.cells import ERROR, HEADLINE, INJECTED, JOURNAL, RUN, Cell, code_of, is_error, outputs, text_of
from second_edition.evidence.folders import contents
from second_edition.evidence.journal import Account, decode
from second_edition.messages import LANGUAGES, say
from second_edition.rotation.outcome import Outcome

Copy = Literal["absent", "equal", "differs"]

FORMAT, MINORS = 4, (4, 5)
#: A notebook's keys. Source: nbformat, "The notebook file format", top-level structure.
KEYS: Final = frozenset({"cells", "metadata", "nbformat", "nbformat_minor"})
#: What a notebook of a run notes of itself, and how JupyterLab's table of contents is set.
METADATA: Final = frozenset({"kernelspec", "language_info", "papermill"})
TOC: Final = frozenset({"toc-autonumbering", "toc-showcode", "toc-showmarkdowntxt", "toc-showtags"})
STEP: Final = re.compile(r'\bsteps\.(\w+)\((?:run|(?:"\w+", )?\*\*steps\.parameters\(\))?\)\s*\Z')
#: The fields of an output that a run shows, by its kind.
FIELDS: Final = {
    "display_data": {"output_type", "data", "metadata"},
    "execute_result": {"output_type", "data", "metadata", "execution_count"},
    ERROR: {"output_type", "ename", "evalue", "traceback"},
}
_ID: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
_PLAIN: Final = re.compile(r"[\w .()+/-]{0,80}")
_LOOKS: Final = re.compile(r"^from (?:byodkim|second_edition) import (?:explore|review)$", re.MULTILINE)
_MIMES: Final = {"text/html", "text/markdown", "text/plain"}
_TAG: Final = re.compile(r"</?(?:h3|p|b)>")
_ANY_TAG: Final = re.compile(r"<[^>]*>")
_VERDICT: Final = re.compile(rf"\W*(?:[^\s（]*（)?(?:{'|'.join(Outcome)})\b")
_SPELLED: Final = re.compile(r"‹U\+([0-9A-F]{4,6})›")
#: A parameter that is no number, or has no end, as papermill notes it down.
_NO_NUMBER: Final = re.compile(rb'^( +"\w+": )(NaN|-?Infinity)(?=,?$)', re.MULTILINE)
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
#: What reading a file raises that is no notebook of a run.
UNREADABLE: Final = (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
#: Where a page says what a run came to.
_OUTCOME: Final = 'class="outcome"'
_TITLE: Final = re.compile(r"<h1[^>]*>.*?</h1>", re.DOTALL)


class CutOff(ValueError):
    """A notebook's file ends before its JSON does, as that of a process that was killed while it wrote.

    ``shows_run``: whether what is left of it names a run.
    """

    def __init__(self, data: bytes) -> None:
        self.shows_run = RUN.encode() in data or JOURNAL.encode() in data
        super().__init__("cut off")


class Executed(Struct, frozen=True):
    """Hold what a notebook's file holds.

    Attributes:
        cells: in nbformat 4's JSON, the copy of the journal left out.
        named: run id and journal's name, as the first step showed them; ``None`` where it did not.
        copy: how the notebook's copy of the journal compares with the file.
    """

    cells: tuple[Cell, ...]
    named: Mapping[str, Any] | None
    copy: Copy

    @property
    def sources(self) -> list[str]:
        """Return the code of its cells, without the one that papermill puts in."""
        return self._sources(injected=False)

    @property
    def parameters(self) -> list[str]:
        """Return the code of the cell that papermill puts in."""
        return self._sources(injected=True)

    def _sources(self, *, injected: bool) -> list[str]:
        chosen = [one for one in code_of(self.cells) if (INJECTED in (one["metadata"].get("tags") or ())) == injected]
        return [text_of(cell.get("source", "")) for cell in chosen]

    @property
    def silent(self) -> bool:
        """Return whether it names no run and holds no copy of a journal."""
        return self.named is None and self.copy == "absent"

    @property
    def unbegun(self) -> bool:
        """Return whether this was an execution that was refused before there was a journal."""
        return self.silent and any(map(is_error, outputs(self.cells)))

    @property
    def unstarted(self) -> bool:
        """Return whether it has the shape of an execution that was refused or stopped before there was a journal."""
        return self.silent and is_unbegun(self.cells)

    @property
    def foreign(self) -> bool:
        """Return whether it is a notebook for looking around: it takes no steps, and shows no outcome."""
        looks, steps = any(map(_LOOKS.search, self.sources)), any("steps" in one for one in self.sources)
        return self.silent and looks and not steps and not _shows_outcome(self.cells)

    @property
    def unfinished(self) -> bool:
        """Return whether its last cell showed nothing when it was saved last: not begun, or not completed."""
        code = code_of(self.cells)
        if not code or code[-1].get("outputs"):
            return False
        noted = (code[-1]["metadata"].get("papermill") or {}).get("status")
        began = code[-1].get("execution_count") is not None
        return self.copy == "absent" or (self.copy == "equal" and began and noted != "completed")

    @classmethod
    def read(cls, path: Path, account: Account | None = None) -> Executed:
        """Read the file, and compare its copy of the journal with the journal.

        Raises:
            OSError: it cannot be read.
            CutOff: it ends too early.
            ValueError, TypeError, LookupError, AttributeError, RecursionError: it is no notebook, or not spelled as
                nbformat spells it.
        """
        data = contents(path)
        if account is None:  # such a parameter is refused before there is a journal
            data = _NO_NUMBER.sub(rb"\1null", data)
        try:
            notebook = decode(data)
        except ValueError:
            if _ends_early(data):
                raise CutOff(data) from None
            raise
        _check_spelling(data, notebook)
        cells = _cells(notebook)
        headline = outputs([cell for cell in cells if step_of(text_of(cell.get("source", ""))) == HEADLINE])
        copies = [output["data"].pop(JOURNAL) for output in headline if JOURNAL in (output.get("data") or {})]
        _check_lines(cells)
        named = [output["data"][RUN] for output in outputs(cells) if RUN in (output.get("data") or {})]
        return cls(cells, named[-1] if named else None, _compare(copies, account))


@lru_cache(256)
def step_of(source: str) -> str:
    """Return the step that a code cell takes; "" where it takes none."""
    found = STEP.search(source)
    return found[1] if found else ""


def is_written_error(output: Mapping[str, Any]) -> bool:
    """Return whether an error has the parts that a step's error leaves, and no others."""
    name, text = output["ename"], output["evalue"]
    named = isinstance(name, str) and isinstance(text, str)
    return named and output.keys() == FIELDS[ERROR] and output["traceback"] == [f"{name}: {text}"]


def is_unbegun(cells: Sequence[Cell]) -> bool:
    """Return whether the cells show a run that was refused or stopped before it began, and nothing else.

    Outputs are below the headline's cell and the one that failed, which is the last that was executed.
    """
    try:
        return _has_shape(cells)
    except (LookupError, TypeError, ValueError, AttributeError):
        return False


def says_unbegun(page: Path) -> bool:
    """Return whether a page says that no run began; ``True`` where there is no page."""
    try:
        text = contents(page).decode()
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    title = _TITLE.search(text[text.find("<body") :])
    keys = (("page", "never-begun"), ("record", "unfinished"))
    never = [html.escape(say(*key, language), quote=False) for key in keys for language in LANGUAGES]
    return title is not None and text.count(_OUTCOME) == 1 and any(one in html.unescape(title[0]) for one in never)


def _cells(notebook: Any) -> tuple[dict[str, Any], ...]:
    """Return a notebook's cells.

    Raises:
        ValueError, TypeError, LookupError, AttributeError: it is none, or has more than a run's notebook has.
    """
    # What other readers show for another format, or under another key, nobody here has looked at.
    version = notebook["nbformat"], notebook["nbformat_minor"]
    if not all(type(number) is int for number in version) or version[0] != FORMAT or version[1] not in MINORS:
        raise ValueError("not nbformat 4")
    if notebook.keys() != KEYS or not _is_plain(notebook["metadata"]):
        raise ValueError("more than a run's notebook has")
    cells = tuple(dict(cell) for cell in notebook["cells"])
    ids = [cell["id"] for cell in cells if "id" in cell]
    if not all(map(_is_cell, cells)) or len(set(ids)) != len(ids) or not all(map(_ID.fullmatch, ids)):
        raise ValueError("no cells")
    return cells


def _is_cell(cell: Cell) -> bool:
    """Return whether a cell has the parts of its kind, each of its type: readers take what is none in their own way."""
    if not isinstance(cell.get("metadata"), dict):
        return False
    if cell.get("cell_type") != "code":
        return True
    outputs, count = cell.get("outputs"), cell.get("execution_count")
    listed = isinstance(outputs, list) and all(isinstance(one, dict) for one in outputs)
    return listed and isinstance(count, int | float | None)


def _is_plain(metadata: Any) -> bool:
    """Return whether a notebook notes of itself only what papermill and a kernel note: nothing that a reader shows."""
    noted = {name: value for name, value in metadata.items() if name not in TOC or not isinstance(value, bool)}
    if not noted.keys() <= METADATA or not all(isinstance(one, dict) for one in noted.values()):
        return False
    language = dict(metadata.get("language_info", {}))
    mode = language.pop("codemirror_mode", {})
    texts = [*metadata.get("kernelspec", {}).values(), *language.values()]
    texts += mode.values() if isinstance(mode, dict) else [mode]
    return all(isinstance(text, str | int) and _PLAIN.fullmatch(str(text)) for text in texts)


def _check_spelling(data: bytes, notebook: Any) -> None:
    """Hold a file against the one spelling of what was read from it: sorted names, none of them twice, no other sign.

    Raises:
        ValueError: it differs: another reader may see something else in it.
    """
    try:
        spelled = msgspec.json.format(msgspec.json.encode(notebook, order="sorted"), indent=1)
    except (ValueError, TypeError):
        spelled = json.dumps(notebook, ensure_ascii=False, sort_keys=True, indent=1).encode("utf-8", "surrogatepass")
    if data.removesuffix(b"\n") != spelled:
        raise ValueError("spelled otherwise")


def _check_lines(cells: Sequence[Cell]) -> None:
    """Hold each text that is told as a list of lines against the lines it has: readers join them differently.

    Raises:
        ValueError: a line goes on in the next piece.
    """
    texts = [cell.get("source") for cell in cells]
    for output in outputs(cells):
        texts += [output.get("text"), *(output.get("data") or {}).values()]
    for text in texts:
        lines = text if isinstance(text, list) and all(isinstance(line, str) for line in text) else []
        if lines != "".join(lines).splitlines(keepends=True):
            raise ValueError("lines that are none")


def _ends_early(data: bytes) -> bool:
    """Return whether these are the first bytes of some JSON, or none at all."""
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        return "truncated" in str(error)
    return False


def _compare(copies: Sequence[Any], account: Account | None) -> Copy:
    """Return how copies of a journal stand to it, as text: ``==`` takes 1, 1.0 and true for equal."""
    if not copies:
        return "absent"
    written = [account.as_json if account else []] * len(copies)
    try:
        same = msgspec.json.encode(list(copies), order="sorted") == msgspec.json.encode(written, order="sorted")
    except (ValueError, TypeError):  # half a surrogate pair, which no journal holds
        same = False
    return "equal" if same else "differs"


def _shows_outcome(cells: Sequence[Cell]) -> bool:
    """Return whether an output begins as a run's verdict does."""
    shown = [output.get("data") or {} for output in outputs(cells)]
    texts = ("".join(text) for data in shown for mime, text in data.items() if mime in _MIMES)
    return any(_VERDICT.match(_ANY_TAG.sub(" ", text)) for text in texts)


def _has_shape(cells: Sequence[Cell]) -> bool:
    code = code_of(cells)
    if any(cell.get("outputs") for cell in cells if cell.get("cell_type") != "code"):
        return False
    failed = [cell for cell in code if cell["outputs"] and is_error(cell["outputs"][-1])]
    error = failed[0]["outputs"][-1] if failed else None
    last = max((cell["execution_count"] for cell in code if cell.get("execution_count") is not None), default=None)
    if len(failed) > 1 or (failed and failed[0].get("execution_count") != last):
        return False
    if error is not None and not (is_written_error(error) and _NAME.fullmatch(error["ename"])):
        return False
    headline = next((cell for cell in code if step_of(text_of(cell["source"])) == HEADLINE), None)
    allowed = set(_headlines(error))
    for cell in code:
        shown = cell["outputs"][:-1] if cell in failed else cell["outputs"]
        if shown and (cell is not headline or len(shown) > 1 or not _shows_one_of(shown[0], allowed)):
            return False
    return True


def _headlines(error: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield the letters of what may stand in the headline's place."""
    yield _letters("".join(say("record", "unfinished", one) for one in LANGUAGES))
    yield _letters("".join(say("record", "outcome.none", one) + say("command", "unbegun", one) for one in LANGUAGES))
    if error is not None:
        yield _letters(f"REFUSED {error['evalue']}")
        yield _letters(f"REFUSED {error['ename']}")


def _shows_one_of(output: Mapping[str, Any], allowed: set[str]) -> bool:
    """Return whether an output says one of these in each of its forms, and nothing else."""
    data = output.get("data")
    if output.keys() != FIELDS["display_data"] or output["metadata"] != {} or not data or not data.keys() <= _MIMES:
        return False
    said = {_letters(_unmarked(mime, "".join(text))) for mime, text in data.items()}
    return len(said) == 1 and said <= allowed


def _unmarked(mime: str, text: str) -> str:
    """Return text without its markup. A tag that no headline has stays, and its letters with it."""
    return text if mime == "text/plain" else html.unescape(_TAG.sub("", text))


def _letters(text: str) -> str:
    plain = _SPELLED.sub(lambda found: chr(int(found[1], 16)), text)
    return "".join(filter(str.isalnum, plain))
