"""Notebooks are templates: no outputs, short cells, one import, nothing that only a program should do."""

from __future__ import annotations

import ast
import json
from typing import Any

from tests.second_edition.project.tracked import ROOT

FORBIDDEN = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda),
    *(ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
MOST_LINES = 3

Cell = dict[str, Any]


def text_of(cell: Cell) -> str:
    """A cell's source, which a notebook may hold as one string or as a list of lines."""
    return "".join(cell["source"])


def left_behind(cell: Cell) -> list[str]:
    """Return what an execution left in a code cell."""
    found = ["outputs"] if cell["outputs"] else []
    found += ["an execution count"] if cell["execution_count"] is not None else []
    found += [f"metadata {key}" for key in ("execution", "papermill") if key in cell["metadata"]]
    return found


def out_of_place(cell: Cell) -> list[str]:
    """Return what does not belong into a code cell. The parameters cell may be long; it only assigns, with a type."""
    source = text_of(cell)
    if any(line.lstrip().startswith(("!", "%")) for line in source.splitlines()):
        return ["a shell command or a magic"]
    tree = ast.parse(source)
    if "parameters" in cell["metadata"].get("tags", []):
        return [f"line {node.lineno} assigns nothing" for node in tree.body if not isinstance(node, ast.AnnAssign)]
    lines = [line for line in source.splitlines() if line.strip()]
    found = [f"{len(lines)} lines"] if len(lines) > MOST_LINES else []
    for node in ast.walk(tree):
        if isinstance(node, FORBIDDEN):
            found.append(type(node).__name__)
        elif isinstance(node, ast.Import):
            found += [f"import of {alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found += [
                f"import of {name}" for name in sorted(names - {"second_edition.steps", "second_edition.review", "second_edition.explore"})
            ]
    return found


def findings(check: Any) -> list[str]:
    return [
        f"{path.name}, cell {number}: {finding}"
        for path in sorted((ROOT / "lib/second_edition/notebooks").glob("*.ipynb"))
        for number, cell in enumerate(json.loads(path.read_text())["cells"])
        if cell["cell_type"] == "code"
        for finding in check(cell)
    ]


def test_notebooks_hold_nothing_that_an_execution_leaves() -> None:
    assert findings(left_behind) == []


def test_cells_are_short_and_only_call_steps() -> None:
    assert findings(out_of_place) == []
