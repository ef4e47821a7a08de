"""Forgeries of real records, each made alone by who has no sealing key: verifying reports every one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.second_edition.display.archive import Archive
from tests.second_edition.verification.forged import (
    EMPTY,
    FAILED,
    SHOWN,
    Notebook,
    code,
    forgeries,
    in_notebook,
    missed,
)
from tests.second_edition.verification.judged import codes, judge


def test_every_forgery_is_reported(archive: Archive, tmp_path: Path) -> None:
    rows = list(forgeries(archive))
    assert missed(rows, archive, tmp_path) == []
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


def test_a_request_that_is_not_there_is_noted(archive: Archive, tmp_path: Path) -> None:
    path = archive.copy("refused", tmp_path)
    for one in path.parent.glob("*.dns-request.*"):
        one.unlink()
    (run,) = judge(path.parent)
    assert (run.verdict, codes(run)) == ("verified", {"request-missing"})
