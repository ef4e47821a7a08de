"""What of a notebook is evidence, and what the other bytes of its file are."""

from __future__ import annotations

import json
from typing import Any, Final

from second_edition.evidence.cells import INJECTED, NOTED
from second_edition.evidence.template import BANNER, PATHS

#: What no verification looks at in a notebook that no seal is over, and why.
UNWEIGHED: Final = {
    "notebook": "nbformat, kernel and papermill's times, beside the cells",
    "noted": "what papermill notes of a cell's execution",
    "paths": "where template and record lay, as byodkim rotate has papermill put it in with the parameters",
    "drawn": "ids, drawn by chance, of the cells that papermill puts in",
}


def _read(data: bytes) -> Any:
    try:
        notebook = json.loads(data)
        return notebook if isinstance(notebook["cells"], list) else None
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def evidence_of(data: bytes) -> Any:
    """Return what is evidence in a notebook: its spelling, and all but what is noted of its execution."""
    notebook = _read(data)
    spelled = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8", "surrogatepass")
    try:
        cells = notebook["cells"]
        for cell in cells:
            metadata = cell["metadata"]
            # Papermill's tags on a cell that it put in say what that cell is; ids of such cells are drawn by chance.
            mine = {INJECTED, BANNER} & set(metadata.get("tags", ()))
            cell["metadata"] = {name: value for name, value in metadata.items() if name not in NOTED or mine}
            if mine:
                del cell["id"], cell["metadata"]
                cell["source"] = [_without_path(line) for line in cell["source"]]
        return spelled == data.removesuffix(b"\n"), json.dumps(cells, sort_keys=True)
    except (LookupError, TypeError, AttributeError):
        return None


def _without_path(line: str) -> str:
    name = line.partition(" = ")[0]
    return name if name in PATHS else line


def unweighed(data: bytes, changed: bytes) -> str:
    """Return which key of ``UNWEIGHED`` the bytes that were changed are of; "" where they are evidence."""
    one, other = _read(data), _read(changed)
    if other is None or evidence_of(data) != evidence_of(changed):
        return ""
    if not _same({**one, "cells": ()}, {**other, "cells": ()}):
        return "notebook"
    sources = [[cell["source"] for cell in notebook["cells"]] for notebook in (one, other)]
    if sources[0] != sources[1]:
        return "paths"
    ids = [[cell.pop("id", None) for cell in notebook["cells"]] for notebook in (one, other)]
    return "drawn" if ids[0] != ids[1] else "noted"


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
