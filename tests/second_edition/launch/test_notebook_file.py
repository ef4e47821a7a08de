"""A notebook's file is spelled as nbformat spells it, and is whole or not there."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import nbformat
import pytest

from second_edition.launch import notebook_file
from tests.second_edition.each import each

ROOT = Path(__file__).parents[3]
MADE = (*sorted((ROOT / "lib/second_edition/notebooks").glob("*.ipynb")), ROOT / "docs/second_edition" / "example" / "example.ipynb")


def executed() -> Any:
    """A notebook with an output of every kind, and with what is not to be kept."""
    new = nbformat.v4
    data = {
        "text/plain": "a\nb\x85c\u2028d", "text/html": "<p>切り替え</p>\n", "image/png": "iVBORw0KGgo=\n",
        "image/svg+xml": "<svg>\n</svg>", "application/javascript": "a\nb", "application/json": {"a": "x\ny"},
        "application/vnd.byodkim.run+json": {"run": "r", "ms": 1e-07, "of": [], "in": {}},
    }  # fmt: skip
    outputs = [
        new.new_output("display_data", data),
        new.new_output("execute_result", {"text/plain": ""}, execution_count=3),
        new.new_output("stream", name="stdout", text="1\n2\n"),
        new.new_output("error", ename="E", evalue="a\nb", traceback=["a\nb", "c"]),
    ]
    cells = [
        new.new_markdown_cell("# a\nb", attachments={"a.txt": {"text/plain": "a\nb"}}),
        new.new_code_cell("x = 1\n\ny", outputs=outputs, metadata={"trusted": True, "tags": ["a"]}),
        new.new_raw_cell(""),
    ]
    metadata = {"signature": "s", "orig_nbformat": 3, "papermill": {"duration": 0.1, "parameters": {"z": 1, "a": None}}}
    return new.new_notebook(cells=cells, metadata=metadata)


@each("path", MADE, ids=lambda path: path.stem)
def test_a_file_is_spelled_as_by_nbformat(path: Path) -> None:
    nb = nbformat.read(path, as_version=4)
    assert notebook_file.as_bytes(nb) == nbformat.writes(nb).encode()


def test_so_is_one_with_every_kind_of_output() -> None:
    nb = executed()
    before = nbformat.writes(nb)
    assert notebook_file.as_bytes(nb).replace(b"1e-7", b"1e-07") == before.encode()
    assert nbformat.writes(nb) == before  # what is in hand stays as it was
    assert nbformat.reads(notebook_file.as_bytes(nb), as_version=4) == nbformat.reads(before, as_version=4)


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "run.ipynb"
    notebook_file.write(executed(), place)
    whole = place.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # as on a disk that has no more room than that
    try:
        with pytest.raises(OSError, match="File too large"):
            notebook_file.write(executed(), place)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert place.read_bytes() == whole
    assert list(tmp_path.iterdir()) == [place]
