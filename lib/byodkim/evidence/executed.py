"""An executed notebook as evidence: its cells, the run that it names, and the copy of the journal that it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from byodkim.evidence.archived import JOURNAL, RUN, Cell, outputs
from byodkim.evidence.journal import Account, decode

Copy = Literal["absent", "equal", "differs"]


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
    def unbegun(self) -> bool:
        """Whether this was an execution that was refused before there was a journal."""
        failed = any(output.get("output_type") == "error" for output in outputs(self.cells))
        return failed and self.named is None and self.copy == "absent"

    @property
    def told_after(self) -> bool:
        """Whether the headline was filled in by who looked after a run that had been stopped."""
        first = next((cell for cell in self.cells if cell.get("cell_type") == "code"), {})
        return any(RUN in (output.get("data") or {}) for output in outputs([first]))

    @classmethod
    def read(cls, path: Path, account: Account | None = None) -> Executed:
        """Reads the file, and compares its copy of the journal with the journal.

        Raises:
            OSError: it cannot be read.
            ValueError, TypeError, LookupError, AttributeError, RecursionError: it is no notebook.
        """
        cells = tuple(dict(cell) for cell in decode(path.read_bytes())["cells"])
        shown = outputs(cells)
        copies = [output["data"].pop(JOURNAL) for output in shown if JOURNAL in (output.get("data") or {})]
        named = [output["data"][RUN] for output in shown if RUN in (output.get("data") or {})]
        return cls(path, cells, named[-1] if named else None, _compare(copies, account))


def _compare(copies: Sequence[Any], account: Account | None) -> Copy:
    if not copies:
        return "absent"
    return "equal" if all(_alike(copy, account) for copy in copies) else "differs"


def _alike(copy: Any, account: Account | None) -> bool:
    """Whether the copy is the same as text; ``==`` takes 1, 1.0 and true for equal."""
    try:  # a notebook's JSON has sorted names too, and is mostly spelled as the journal's
        if account and b"".join([msgspec.json.encode(event) + b"\n" for event in copy]) == account.data:
            return True
    except (TypeError, ValueError):  # no list; half a surrogate pair
        pass
    return json.dumps(copy, sort_keys=True) == json.dumps(list(account.events if account else ()), sort_keys=True)
