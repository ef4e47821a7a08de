"""An executed notebook as evidence: its cells, the run that it names, and the copy of the journal that it holds."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from byodkim.evidence.archived import JOURNAL, RUN, Cell, outputs, text_of
from byodkim.evidence.journal import Account, decode

Copy = Literal["absent", "equal", "differs"]

FORMAT: Final = 4
#: A notebook's keys. Source: nbformat, "The notebook file format", top-level structure.
KEYS: Final = frozenset({"cells", "metadata", "nbformat", "nbformat_minor"})
#: Papermill's tag of the cell that it puts in.
INJECTED: Final = "injected-parameters"
#: What stands in a copy's place while the rest is read: nobody could have put it there before.
_TAKEN_OUT: Final = secrets.token_hex(16)
_DEEPEST: Final = 32  # spaces in front of the copy; nbformat writes six


class CutOff(ValueError):
    """A notebook's file ends before its JSON does, as that of a process that was killed while it wrote.

    ``shows_run``: whether what is left of it names a run.
    """

    def __init__(self, data: bytes) -> None:
        self.shows_run = RUN.encode() in data or JOURNAL.encode() in data
        super().__init__("cut off")


@dataclass(frozen=True)
class Executed:
    """What a notebook's file holds.

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
        """The code of its cells, without the one that papermill puts in."""
        code = [cell for cell in self.cells if cell.get("cell_type") == "code"]
        own = [cell for cell in code if INJECTED not in ((cell.get("metadata") or {}).get("tags") or ())]
        return [text_of(cell.get("source", "")) for cell in own]

    @property
    def unbegun(self) -> bool:
        """Return whether this was an execution that was refused before there was a journal."""
        failed = any(output.get("output_type") == "error" for output in outputs(self.cells))
        return failed and self.named is None and self.copy == "absent"

    @property
    def bare(self) -> bool:
        """Return whether it shows nothing of any run: an execution that was stopped before there was a journal."""
        code = [cell for cell in self.cells if cell.get("cell_type") == "code"]
        return self.named is None and self.copy == "absent" and not outputs(code[1:])

    @property
    def unfinished(self) -> bool:
        """Whether its last cell was not executed when it was saved last: no copy of the journal is in it then."""
        code = [cell for cell in self.cells if cell.get("cell_type") == "code"]
        executed = not code or code[-1].get("outputs") or code[-1].get("execution_count") is not None
        return self.copy == "absent" and not executed

    @property
    def told_after(self) -> bool:
        """Return whether the headline was filled in by who looked after a run that had been stopped."""
        first = next((cell for cell in self.cells if cell.get("cell_type") == "code"), {})
        return any(RUN in (output.get("data") or {}) for output in outputs([first]))

    @classmethod
    def read(cls, path: Path, account: Account | None = None) -> Executed:
        """Reads the file, and compares its copy of the journal with the journal.

        Raises:
            OSError: it cannot be read.
            CutOff: it ends too early.
            ValueError, TypeError, LookupError, AttributeError, RecursionError: it is no notebook.
        """
        data = path.read_bytes()
        if _ends_early(data):
            raise CutOff(data)
        without = _without_copy(data, account.data) if account and account.data else None
        found = _Found.of(decode(data if without is None else without))
        if without is not None and found.copies != [_TAKEN_OUT]:  # it holds another one besides
            found, without = _Found.of(decode(data)), None
        copy: Copy = "equal" if without is not None else _compare(found.copies, account)
        return cls(path, found.cells, found.named[-1] if found.named else None, copy)


@dataclass(frozen=True)
class _Found:
    """A notebook's cells without the copies of a journal, the copies, and the runs that it names."""

    cells: tuple[Cell, ...]
    copies: list[Any]
    named: list[Any]

    @classmethod
    def of(cls, notebook: Any) -> _Found:
        # What other readers show for another format, or under another key, nobody here has looked at.
        if notebook["nbformat"] != FORMAT or not notebook.keys() <= KEYS:
            raise ValueError("not nbformat 4")
        cells = tuple(dict(cell) for cell in notebook["cells"])
        shown = outputs(cells)
        copies = [output["data"].pop(JOURNAL) for output in shown if JOURNAL in (output.get("data") or {})]
        return cls(cells, copies, [output["data"][RUN] for output in shown if RUN in (output.get("data") or {})])


def _ends_early(data: bytes) -> bool:
    """Return whether these are the first bytes of some JSON, or none at all."""
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        return "truncated" in str(error)
    return False


def _without_copy(notebook: bytes, lines: bytes) -> bytes | None:
    """The notebook with a mark in place of the copy, where that is spelled as the journal; ``None`` where it is not.

    A third of a notebook is not read twice then. No text goes over a line's end in JSON: what stands in front of a
    name, back to that, says whether a name is meant, and how far the copy is indented. Lists around the journal's
    lines, as many as that is deep, have it indented so far.
    """
    name = b'"%s": ' % JOURNAL.encode()
    start = notebook.find(name)
    indent = notebook[notebook.rfind(b"\n", 0, start) : max(start, 0)]
    deep = len(indent) - 1
    if not indent.startswith(b"\n") or indent.strip(b"\n ") or deep > _DEEPEST:
        return None
    try:
        nested = msgspec.json.format(b"[" * deep + b"[%s]" % lines[:-1].replace(b"\n", b",") + b"]" * deep, indent=1)
    except ValueError:
        return None
    opens = sum(len("[\n") + level for level in range(1, deep + 1))
    copy = nested[opens : len(nested) - (opens - deep)]
    end = start + len(name)
    if not notebook.startswith(copy, end):
        return None
    return b'%s"%s"%s' % (notebook[:end], _TAKEN_OUT.encode(), notebook[end + len(copy) :])


def _compare(copies: Sequence[Any], account: Account | None) -> Copy:
    if not copies:
        return "absent"
    return "equal" if all(_alike(copy, account) for copy in copies) else "differs"


def _alike(copy: Any, account: Account | None) -> bool:
    """Return whether the copy is the same as text; ``==`` takes 1, 1.0 and true for equal."""
    return json.dumps(copy, sort_keys=True) == json.dumps(list(account.events if account else ()), sort_keys=True)
