"""A notebook's file: whole or not there at all, and spelled as nbformat spells it, in a fifth of the time.

A template is made ready as papermill makes it: its parameters in a cell of their own, its paths noted. Neither nbformat
nor papermill is loaded for that: they take a tenth and a sixth of ``tests.second_edition.bench.command``'s processor time.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import msgspec

from second_edition.evidence.cells import INJECTED

LINES = ("text/", "application/javascript", "image/svg+xml")  # what is told as a list of lines
FORMAT, MINOR = 4, 5
PARAMETERS: Final = "parameters"  # the tag of the cell after which papermill puts in what is given
TRANSIENT = ("orig_nbformat", "orig_nbformat_minor", "signature")


class Node(dict[str, Any]):
    """A part of a notebook whose fields are attributes too, as in nbformat's ``NotebookNode``."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


def node(content: Any) -> Any:
    """Return JSON's types with a ``Node`` for each mapping."""
    if isinstance(content, dict):
        return Node({name: node(value) for name, value in content.items()})
    return [node(value) for value in content] if isinstance(content, list) else content


def read(path: Path) -> Any:
    """Return a notebook in nbformat 4.5.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no notebook of nbformat 4.
    """
    try:
        nb = node(json.loads(path.read_bytes()))
        if nb.nbformat != FORMAT:
            raise ValueError(f"nbformat {nb.nbformat}, not {FORMAT}")
        for cell in nb.cells:
            cell.source = "".join(cell.source)
            cell.setdefault("id", secrets.token_hex(4))  # cells have one from nbformat 4.5 on
        nb.nbformat_minor = max(nb.nbformat_minor, MINOR)
    except (AttributeError, TypeError, RecursionError) as error:
        raise ValueError("no notebook") from error
    return nb


def spelled(content: Mapping[str, Any]) -> bytes:
    """Return a notebook in nbformat 4's JSON, sorted and indented, as bytes of its file."""
    return msgspec.json.format(msgspec.json.encode(content, order="sorted"), indent=1)


def as_bytes(nb: Any) -> bytes:
    """Return a notebook that papermill holds, as ``nbformat.writes`` gives it, without validating it again."""
    content = msgspec.json.decode(msgspec.json.encode(nb))
    for name in TRANSIENT:
        content["metadata"].pop(name, None)
    for cell in content["cells"]:
        cell["metadata"].pop("trusted", None)
        _split(cell, "source")
        for attached in cell.get("attachments", {}).values():
            _split_all(attached)
        for output in cell.get("outputs", ()):
            _split_all(output.get("data", {}))
            if output["output_type"] == "stream":
                _split(output, "text")
    return spelled(content)


def write(nb: Any, path: str | Path) -> None:
    """Write it beside its place, and move it there.

    Raises:
        OSError: the disk does not take it. What was in its place is there still.
    """
    place = Path(path)
    beside = place.with_name(f".{place.stem}.{os.getpid()}.ipynb")
    try:
        beside.write_bytes(as_bytes(nb))
        beside.replace(place)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _split_all(bundle: dict[str, Any]) -> None:
    for mime in bundle:
        if mime.startswith(LINES):
            _split(bundle, mime)


def _split(fields: dict[str, Any], name: str) -> None:
    if isinstance(fields.get(name), str):
        fields[name] = fields[name].splitlines(keepends=True)


def ready(template: Path, given: Mapping[str, Any], input_path: Path, output_path: Path) -> Node:
    """Return the template's notebook with ``given`` put in, and with what papermill notes in its metadata.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no notebook.
    """
    nb = read_with_notes(template)
    nb.metadata.papermill.update(parameters=node(dict(given)), input_path=str(input_path), output_path=str(output_path))
    source = "\n".join(["# Parameters", *(f"{name} = {value!r}" for name, value in given.items()), ""])
    cell = node(
        {
            "id": secrets.token_hex(4), "cell_type": "code", "metadata": {"tags": [INJECTED], "papermill": {}},
            "execution_count": None, "source": source, "outputs": [],
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


def read_with_notes(path: Path) -> Node:
    """Return a notebook in nbformat 4 with room for what is noted in it.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no notebook.
    """
    nb: Node = read(path)
    noted = {"default_parameters": {}, "environment_variables": {}, "parameters": {}, "version": version("papermill")}
    nb.metadata.setdefault("papermill", node(noted))
    for cell in nb.cells:
        cell.metadata.setdefault("tags", [])
        cell.metadata.setdefault("papermill", Node())
    return nb
