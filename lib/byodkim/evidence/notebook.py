"""An executed notebook as evidence: its cells, the run that it names, and the copy of the journal that it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from byodkim.evidence.cells import INJECTED, JOURNAL, RUN, Cell, outputs, text_of
from byodkim.evidence.folders import contents
from byodkim.evidence.journal import Account, decode
from byodkim.evidence.outputs import HEADLINE
from byodkim.evidence.unbegun import is_unbegun, shows_outcome
from byodkim.evidence.verification_outputs import step_of

Copy = Literal["absent", "equal", "differs"]

FORMAT, MINORS = 4, (4, 5)
#: A notebook's keys. Source: nbformat, "The notebook file format", top-level structure.
KEYS: Final = frozenset({"cells", "metadata", "nbformat", "nbformat_minor"})
#: What a notebook of a run notes of itself.
METADATA: Final = frozenset({"kernelspec", "language_info", "papermill"})
_ID: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
_PLAIN: Final = re.compile(r"[\w .()+/-]{0,80}")
_LOOKS: Final = re.compile(r"^from byodkim import (?:explore|review)$", re.MULTILINE)


class CutOff(ValueError):
    """A notebook's file ends before its JSON does, as that of a process that was killed while it wrote.

    ``shows_run``: whether what is left of it names a run.
    """

    def __init__(self, data: bytes) -> None:
        self.shows_run = RUN.encode() in data or JOURNAL.encode() in data
        super().__init__("cut off")


@dataclass(frozen=True)
class Executed:
    """Hold what a notebook's file holds.

    Attributes:
        path: of the file.
        cells: in nbformat 4's JSON, the copy of the journal left out.
        named: run id and journal's name, as the first step showed them; ``None`` where it did not.
        copy: how the notebook's copy of the journal compares with the file.
    """

    path: Path
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
        code = [cell for cell in self.cells if cell.get("cell_type") == "code"]
        chosen = [cell for cell in code if (INJECTED in (cell["metadata"].get("tags") or ())) == injected]
        return [text_of(cell.get("source", "")) for cell in chosen]

    @property
    def unbegun(self) -> bool:
        """Return whether this was an execution that was refused before there was a journal."""
        failed = any(output.get("output_type") == "error" for output in outputs(self.cells))
        return failed and self.silent

    @property
    def silent(self) -> bool:
        """Return whether it names no run and holds no copy of a journal."""
        return self.named is None and self.copy == "absent"

    @property
    def unstarted(self) -> bool:
        """Return whether it has the shape of an execution that was refused or stopped before there was a journal."""
        return self.silent and is_unbegun(self.cells)

    @property
    def foreign(self) -> bool:
        """Return whether it is a notebook for looking around: it takes no steps, and shows no outcome."""
        looks = any(_LOOKS.search(source) for source in self.sources) and not any(
            "steps" in one for one in self.sources
        )
        return self.silent and looks and not shows_outcome(self.cells)

    @property
    def unfinished(self) -> bool:
        """Return whether its last cell showed nothing when it was saved last: no copy of the journal is in it then."""
        code = [cell for cell in self.cells if cell.get("cell_type") == "code"]
        return self.copy == "absent" and not (not code or code[-1].get("outputs"))

    @classmethod
    def read(cls, path: Path, account: Account | None = None) -> Executed:
        """Read the file, and compare its copy of the journal with the journal.

        Raises:
            OSError: it cannot be read.
            CutOff: it ends too early.
            Respelled: it is not spelled as nbformat spells it.
            ValueError, TypeError, LookupError, AttributeError, RecursionError: it is no notebook.
        """
        data = contents(path)
        if _ends_early(data):
            raise CutOff(data)
        notebook = decode(data)
        _check_spelling(data, notebook)
        found = _Found.of(notebook)
        _check_lines(found.cells)
        return cls(path, found.cells, found.named[-1] if found.named else None, _compare(found.copies, account))


@dataclass(frozen=True)
class _Found:
    """A notebook's cells without the copies of a journal, the copies, and the runs that it names."""

    cells: tuple[Cell, ...]
    copies: list[Any]
    named: list[Any]

    @classmethod
    def of(cls, notebook: Any) -> _Found:
        # What other readers show for another format, or under another key, nobody here has looked at.
        version = notebook["nbformat"], notebook["nbformat_minor"]
        if not all(type(number) is int for number in version) or version[0] != FORMAT or version[1] not in MINORS:
            raise ValueError("not nbformat 4")
        if notebook.keys() != KEYS or not _is_plain(notebook["metadata"]):
            raise ValueError("more than a run's notebook has")
        cells = tuple(dict(cell) for cell in notebook["cells"])
        if not all(map(_is_cell, cells)):
            raise ValueError("no cells")
        ids = [cell["id"] for cell in cells if "id" in cell]
        if len(set(ids)) != len(ids) or not all(_ID.fullmatch(one) for one in ids):
            raise ValueError("no ids of cells")
        headline = [cell for cell in cells if step_of(text_of(cell.get("source", ""))) == HEADLINE]
        copies = [one["data"].pop(JOURNAL) for one in outputs(headline) if JOURNAL in (one.get("data") or {})]
        shown = outputs(cells)
        return cls(cells, copies, [output["data"][RUN] for output in shown if RUN in (output.get("data") or {})])


def _is_cell(cell: Mapping[str, Any]) -> bool:
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
    if not metadata.keys() <= METADATA or not all(isinstance(one, dict) for one in metadata.values()):
        return False
    notes = [metadata.get("kernelspec", {}), metadata.get("language_info", {})]
    texts = [*notes[0].values(), *(value for name, value in notes[1].items() if name != "codemirror_mode")]
    mode = notes[1].get("codemirror_mode", {})
    texts += mode.values() if isinstance(mode, dict) else [mode]
    return all(isinstance(text, str | int) and _PLAIN.fullmatch(str(text)) for text in texts)


class Respelled(ValueError):
    """A notebook's file is spelled otherwise than nbformat spells it: another reader may see something else in it."""


def _check_spelling(data: bytes, notebook: Any) -> None:
    """Hold a file against the one spelling of what was read from it: sorted names, none of them twice, no other sign.

    Raises:
        Respelled: it differs.
    """
    try:
        spelled = msgspec.json.format(msgspec.json.encode(notebook, order="sorted"), indent=1)
    except (ValueError, TypeError):
        spelled = json.dumps(notebook, ensure_ascii=False, sort_keys=True, indent=1).encode("utf-8", "surrogatepass")
    if data.removesuffix(b"\n") != spelled:
        raise Respelled("spelled otherwise")


def _check_lines(cells: Sequence[Cell]) -> None:
    """Hold each text that is told as a list of lines against the lines it has: readers join them differently.

    Raises:
        Respelled: a line goes on in the next piece.
    """
    texts = [cell.get("source") for cell in cells]
    for output in outputs(cells):
        texts += [output.get("text"), *(output.get("data") or {}).values()]
    for text in texts:
        lines = text if isinstance(text, list) and all(isinstance(line, str) for line in text) else []
        if lines != "".join(lines).splitlines(keepends=True):
            raise Respelled("lines that are none")


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
    written = [list(account.events if account else ())] * len(copies)
    try:
        same = msgspec.json.encode(list(copies), order="sorted") == msgspec.json.encode(written, order="sorted")
    except (ValueError, TypeError):  # half a surrogate pair, which no journal holds
        same = False
    return "equal" if same else "differs"
