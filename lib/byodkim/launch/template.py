"""A template made ready to be executed as papermill makes it: its parameters in a cell of their own, its paths noted.

papermill itself is not loaded for it: that takes a sixth of ``tests.bench.command``'s processor time.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from byodkim.evidence.executed import INJECTED
from byodkim.launch import notebook_file
from byodkim.launch.notebook_file import Node, node

PARAMETERS: Final = "parameters"  # the tag of the cell after which papermill puts in what is given


def ready(template: Path, given: Mapping[str, Any], input_path: Path, output_path: Path) -> Node:
    """Return the template's notebook with ``given`` put in, and with what papermill notes in its metadata.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no notebook.
    """
    nb = read(template)
    nb.metadata.papermill.update(parameters=node(dict(given)), input_path=str(input_path), output_path=str(output_path))
    told = "\n".join(["# Parameters", *(f"{name} = {value!r}" for name, value in given.items()), ""])
    cell = node(
        {
            "id": secrets.token_hex(4), "cell_type": "code", "metadata": {"tags": [INJECTED], "papermill": {}},
            "execution_count": None, "source": told, "outputs": [],
        }
    )  # fmt: skip
    tags = [one.metadata.tags for one in nb.cells]
    own = next((place for place, found in enumerate(tags) if PARAMETERS in found), -1)
    known = next((place for place, found in enumerate(tags) if INJECTED in found), None)
    if known is None:
        nb.cells.insert(own + 1, cell)
    else:  # a record that is executed once more, which its run refuses
        nb.cells[known] = cell
    return nb


def read(path: Path) -> Node:
    """Return a notebook in nbformat 4 with room for what is noted in it.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no notebook.
    """
    nb: Node = notebook_file.read(path)
    noted = {"default_parameters": {}, "environment_variables": {}, "parameters": {}, "version": version("papermill")}
    nb.metadata.setdefault("papermill", node(noted))
    for cell in nb.cells:
        cell.metadata.setdefault("tags", [])
        cell.metadata.setdefault("papermill", Node())
    return nb
