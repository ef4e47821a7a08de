"""The notebooks are templates: no output of a run, and short cells that call steps."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from tests.project.tracked import ROOT, tracked

MOST_LINES = 5
NOTEBOOKS = tracked("notebooks/*.ipynb")
#: Notebooks that are no procedure: papermill runs them like any other, and they leave no record.
LOOKS = ("explore", "review")
FOR_PROGRAMS = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.Try),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


def code_cells(path: Path) -> list[dict[str, Any]]:
    cells = json.loads((ROOT / path).read_text("utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def has_parameters(cell: dict[str, Any]) -> bool:
    return "parameters" in cell["metadata"].get("tags", ())


@pytest.mark.parametrize("path", [each for each in NOTEBOOKS if each.stem not in LOOKS], ids=str)
def test_a_notebook_names_its_procedure(path):
    metadata = json.loads((ROOT / path).read_text("utf-8"))["metadata"]
    assert metadata["byodkim"] == {"procedure": path.stem}
    first, *others = code_cells(path)
    assert source(first) == "from byodkim import steps\n\nsteps.headline()"
    assert sum(map(has_parameters, others)) == 1


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_is_no_procedure(name):
    path = Path(f"notebooks/{name}.ipynb")
    assert "byodkim" not in json.loads((ROOT / path).read_text("utf-8"))["metadata"]
    assert sum(map(has_parameters, code_cells(path))) == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=str)
def test_a_notebook_holds_nothing_that_an_execution_leaves(path):
    for cell in code_cells(path):
        assert (cell["outputs"], cell["execution_count"]) == ([], None), source(cell)
        assert not {"execution", "papermill"} & {*cell["metadata"]}, source(cell)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=str)
def test_cells_are_short_and_only_call_steps(path):
    for cell in code_cells(path):
        text = source(cell)
        tree = ast.parse(text)  # neither a shell command nor a magic
        if has_parameters(cell):
            assert all(isinstance(node, ast.Assign | ast.AnnAssign) for node in tree.body), text
        else:
            assert len(text.splitlines()) <= MOST_LINES, text
            assert not [node for node in ast.walk(tree) if isinstance(node, FOR_PROGRAMS)], text
