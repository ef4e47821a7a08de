"""An executed notebook as evidence: its cells, the run that it names, and the copy of the journal that it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from byodkim.evidence.archived import JOURNAL, RUN, Cell, outputs
from byodkim.evidence.journal import Account

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

    @classmethod
    def read(cls, path: Path, account: Account | None = None) -> Executed:
        """Reads the file, and compares its copy of the journal with the journal.

        Raises:
            OSError: it cannot be read.
            ValueError, TypeError, LookupError, AttributeError, RecursionError: it is no notebook.
        """
        notebook = json.loads(path.read_bytes())
        cells = tuple(dict(cell) for cell in notebook["cells"])
        shown = outputs(cells)
        copies = [output["data"].pop(JOURNAL) for output in shown if JOURNAL in (output.get("data") or {})]
        named = [output["data"][RUN] for output in shown if RUN in (output.get("data") or {})]
        return cls(path, cells, named[-1] if named else None, _compare(copies, account.events if account else ()))


def _compare(copies: Sequence[Any], events: Sequence[Mapping[str, Any]]) -> Copy:
    if not copies:
        return "absent"
    # As text: 1 and true are equal in Python.
    told = json.dumps(list(events), sort_keys=True)
    return "equal" if all(json.dumps(copy, sort_keys=True) == told for copy in copies) else "differs"
