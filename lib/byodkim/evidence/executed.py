"""An executed notebook as evidence: its cells, the run that it names, and the copy of the journal that it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from byodkim.evidence.archived import JOURNAL, RUN, Cell, outputs
from byodkim.evidence.journal import Account

# A line of its own: in a JSON string there is no line feed, so this is never the inside of one.
_COPY: Final = re.compile(rb'\n( +)"' + re.escape(JOURNAL).encode() + rb'": \[\n')
_INDENTED: Final = re.compile(rb"(?:^|\n) +")

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
        events = account.events if account else ()
        data, equal = _without_copy(path.read_bytes(), events)
        cells = tuple(dict(cell) for cell in json.loads(data)["cells"])
        shown = outputs(cells)
        copies = [output["data"].pop(JOURNAL) for output in shown if JOURNAL in (output.get("data") or {})]
        named = [output["data"][RUN] for output in shown if RUN in (output.get("data") or {})]
        if equal and copies == [None]:
            return cls(path, cells, named[-1] if named else None, "equal")
        return cls(path, cells, named[-1] if named else None, _compare(copies, events))


def _without_copy(data: bytes, events: Sequence[Mapping[str, Any]]) -> tuple[bytes, bool]:
    """The notebook's text with ``null`` for its copy of the journal, where that is spelled as nbformat spells it.

    Half of a notebook's bytes are that copy: comparing them as text is several times faster than reading them.
    """
    found = _COPY.search(data)
    end = data.find(b"\n" + found[1] + b"]", found.end()) if found else -1
    if found is None or end < 0:
        return data, False
    copy = _INDENTED.sub(b"", data[found.end() : end])
    told = json.dumps(list(events), ensure_ascii=False, sort_keys=True, separators=(",", ": "))
    if copy != told[1:-1].encode("utf-8", "surrogatepass"):
        return data, False
    start = found.end() - len(b"[\n")
    return data[:start] + b"null" + data[end + 2 + len(found[1]) :], True


def _compare(copies: Sequence[Any], events: Sequence[Mapping[str, Any]]) -> Copy:
    if not copies:
        return "absent"
    # As text: 1 and true are equal in Python.
    told = json.dumps(list(events), sort_keys=True)
    return "equal" if all(json.dumps(copy, sort_keys=True) == told for copy in copies) else "differs"
