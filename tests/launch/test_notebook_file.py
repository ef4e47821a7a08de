"""A notebook's file is spelled as nbformat spells it, and is whole or not there."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Any

import nbformat
import papermill.execute
import papermill.iorw
import pytest

from byodkim.launch import notebook_file, rotate
from byodkim.launch.place import Place
from byodkim.launch.unfinished import Watch

ROOT = Path(__file__).parents[2]
MADE = (*sorted((ROOT / "notebooks").glob("*.ipynb")), ROOT / "outputs" / "example.ipynb")


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


@pytest.mark.parametrize("path", MADE, ids=lambda path: path.stem)
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


@pytest.mark.parametrize(("source", "code"), [("1 + 1", 0), ("1 / 0", 1)])
def test_papermill_itself_writes_no_file_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, code: int
) -> None:
    """Its own writer opens the file that is there, and could be cut short; the banner of an error is written, too."""
    wrote: list[object] = []
    monkeypatch.setattr(papermill.execute, "write_ipynb", papermill.execute.write_ipynb)  # as it is, afterwards
    monkeypatch.setattr(papermill.iorw.papermill_io, "write", lambda *given: wrote.append(given[-1]))
    template, working = tmp_path / "template.ipynb", tmp_path / "working.ipynb"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [nbformat.v4.new_code_cell(source)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), template)
    place = Place(tmp_path / "run.ipynb", working, os.open(tmp_path, os.O_RDONLY))
    try:
        assert rotate._execute(template, place, {}, Watch(place.final).begin(), None) == code
    finally:
        os.close(place.lock)
    assert wrote == []
    written = nbformat.read(working, as_version=4)
    assert ("An Exception was encountered" in written.cells[0].source) == bool(code)
