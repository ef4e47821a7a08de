"""Forgeries of real records, each made alone by who has no sealing key: verifying reports every one of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.display.archive import Archive
from tests.verification.forged import (
    EMPTY,
    FAILED,
    SHOWN,
    Notebook,
    beside,
    code,
    forgeries,
    in_notebook,
    no_file_for_seal,
    other_format,
    unsealed_format,
)
from tests.verification.judged import codes, judge, own
from tests.verification.made import save


def test_every_forgery_is_reported(archive: Archive, tmp_path: Path) -> None:
    missed, rows = [], list(forgeries(archive))
    for number, row in enumerate(rows):
        path = archive.copy(row.record, tmp_path / str(number))
        row.change(path)
        runs = judge(path.parent)
        found = {code for one in runs for code in codes(one)}
        if row.found not in found or all(one.sound for one in runs):
            missed.append((row.name, row.found, sorted(found)))
    assert not missed, "\n".join(map(str, missed))
    assert len(rows) >= 60


@pytest.mark.parametrize("name", ["switched", "refused"])
def test_what_was_not_forged_verifies(archive: Archive, tmp_path: Path, name: str) -> None:
    path = archive.copy(name, tmp_path)
    in_notebook(lambda _: None)(path)
    assert [codes(one) for one in judge(path.parent)] == [set()]


def test_what_no_signature_covers_is_said(archive: Archive, tmp_path: Path) -> None:
    """An error that a killed run's notebook was given, and a notebook in its place: notes, which no reader may miss."""
    path = archive.copy("killed", tmp_path / "error")

    def failed(notebook: Notebook) -> None:
        ran = [one for one in code(notebook) if one["execution_count"] is not None]
        ran[-1]["outputs"] = [*ran[-1].get("outputs", []), FAILED]

    in_notebook(failed)(path)
    (one,) = judge(path.parent)
    assert "error-uncovered" in codes(one)
    path = archive.copy("killed", tmp_path / "other")

    def another(notebook: Notebook) -> None:
        for one in code(notebook):
            one["outputs"] = []
        code(notebook)[0]["outputs"] = [SHOWN, EMPTY]

    in_notebook(another)(path)
    (one,) = judge(path.parent)
    assert "notebook-uncovered" in codes(one)


def test_a_copy_whose_import_is_escaped_is_found(archive: Archive, tmp_path: Path) -> None:
    path = archive.copy("switched", tmp_path)
    text = path.read_text("utf-8").replace("from byodkim import steps", "from\\u0020byodkim import steps")
    path.with_name("CHG-9.ipynb").write_text(text, "utf-8")
    assert {"journal-missing"} in [codes(one) for one in judge(path.parent)]


def test_a_seal_goes_before_another_format(archive: Archive, tmp_path: Path) -> None:
    """A journal of another format is one that cannot be judged only where its own seal says so."""
    for number, change in enumerate((other_format, unsealed_format, no_file_for_seal)):
        path = archive.copy("switched", tmp_path / str(number))
        change(path)
        assert "off" in [one.verdict for one in judge(path.parent)]


def test_a_timestamp_that_is_no_file(archive: Archive, tmp_path: Path) -> None:
    path = archive.copy("switched", tmp_path)
    beside(".seal.tsr", Path.mkdir)(path)
    roots = replace(own(), roots={"": tmp_path / "roots.pem"})
    assert {one.verdict for one in judge(path.parent, trust=roots)} == {"verified", "cannot-tell"}


def test_a_notebook_for_looking_around_is_told_as_no_record(archive: Archive, tmp_path: Path) -> None:
    archive.copy("switched", tmp_path)
    cells = [{"cell_type": "code", "id": "x", "metadata": {}, "source": ["from byodkim import explore"], "outputs": []}]
    code = {**cells[0], "execution_count": 1}
    save(tmp_path / "x.ipynb", {"cells": [code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    assert {one.path.name: one.verdict for one in judge(tmp_path)}["x.ipynb"] == "no-run"


def test_a_request_that_is_not_there_is_noted(archive: Archive, tmp_path: Path) -> None:
    path = archive.copy("refused", tmp_path)
    for one in path.parent.glob("*.dns-request.*"):
        one.unlink()
    (run,) = judge(path.parent)
    assert (run.verdict, codes(run)) == ("verified", {"request-missing"})
