"""A template made ready for ``byodkim rotate`` is what papermill makes of it, and papermill is not loaded for it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from second_edition.launch import notebook_file
from second_edition.launch.notebook_file import ready

GIVEN = {
    "selector": "mail-20261124-1", "reason": "鍵の更新 \"quoted\" it's \\ \n\t", "wait_minutes": 5, "none": None,
    "yes": True, "listed": ["a", 1.5], "mapped": {"k": "v"}, "PAPERMILL_OUTPUT_PATH": "out/{x}.ipynb",
}  # fmt: skip


def saved(folder: Path, *tags: list[str], minor: int = 5) -> Path:
    cells = [nbformat.v4.new_markdown_cell("# A title")]
    cells += [nbformat.v4.new_code_cell(f"cell = {number}", metadata={"tags": own}) for number, own in enumerate(tags)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nb = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nb.nbformat_minor = minor
    for cell in nb.cells if minor < 5 else ():
        del cell["id"]
    path = folder / "template.ipynb"
    nbformat.write(nb, path)
    return path


def told(nb: Any) -> Any:
    """Without the ids that both make up, and without the cell of parameters, whose spelling is its own."""
    cells = [{name: value for name, value in cell.items() if name != "id"} for cell in nb.cells]
    injected = [cell for cell in cells if "injected-parameters" in cell["metadata"]["tags"]]
    noted = {name: value for name, value in nb.metadata.items() if name not in notebook_file.TRANSIENT}
    return {**nb, "metadata": noted, "cells": [{**cell, "source": "-"} if cell in injected else cell for cell in cells]}


def assigned(nb: Any) -> dict[str, Any]:
    (cell,) = (one for one in nb.cells if "injected-parameters" in one.metadata.tags)
    assert cell.source.startswith("# Parameters\n")
    lines = [line.partition(" = ") for line in cell.source.splitlines()[1:]]
    return {name: ast.literal_eval(value) for name, _, value in lines}


@pytest.mark.parametrize("minor", [4, 5])
@pytest.mark.parametrize(
    "tags", [([], ["parameters"], []), ([], []), (["parameters"], ["injected-parameters"], ["parameters"])]
)
def test_it_is_what_papermill_makes_of_it(tmp_path: Path, tags: tuple[list[str], ...], minor: int) -> None:
    path, out = saved(tmp_path, *tags, minor=minor), tmp_path / "out.ipynb"
    theirs = papermill.execute_notebook(path, out, GIVEN, prepare_only=True)
    ours = ready(path, GIVEN, path, out)
    for cell in theirs.cells:  # it leaves this out of the cell that it puts in; its engine adds it
        cell.metadata.setdefault("papermill", {})
    assert told(ours) == told(theirs)
    assert assigned(ours) == assigned(theirs) == GIVEN
