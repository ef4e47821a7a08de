"""Earlier runs: listed, shown and compared as their journals and seals have them."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from byodkim import review
from byodkim.errors import InputError, RecordError
from tests.rotate.project import BIN, ROOT, Project


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def row_of(frame: pd.DataFrame, name: str) -> Any:
    [row] = [each for each in frame.itertuples() if each.name == name]
    return row


@pytest.fixture
def runs(project: Project) -> Project:
    """A project with a plan run, and then the switch."""
    project.profile('timezone = "Asia/Tokyo"\n')
    assert project.run("plan", mode="plan", ticket="CHG-1").outcome == "PLANNED"
    assert project.run("switch", ticket="CHG-2").outcome == "SWITCHED"
    return project


def test_runs_are_listed_newest_first(runs):
    frame = review.runs()
    assert list(frame.name) == ["switch", "plan"]
    assert list(frame.outcome) == ["SWITCHED", "PLANNED"]
    assert list(frame.signature) == ["VERIFIED", "VERIFIED"]
    assert list(frame.ticket) == ["CHG-2", "CHG-1"]
    row = row_of(frame, "switch")
    assert (row.previous, row.selector) == ("mail-20260912-1", "mail-20261124-1")
    assert (row.domain, row.target, row.mode) == (runs.domain, "sandbox", "apply")
    begun = runs.result("switch").events[0]
    assert row.began == begun.at
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds["began"] == "datetime64[us, Asia/Tokyo]"
    assert {kinds[name] for name in ("outcome", "signature", "procedure", "mode")} == {"category"}


def test_what_is_wrong_is_said(runs, capsys):
    journal = runs.outputs / "switch.journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"CHG-2", b"CHG-9"))
    (runs.outputs / "note.txt").write_text("")
    frame = review.runs()
    row = row_of(frame, "switch")
    assert (row.signature, row_of(frame, "plan").signature) == ("WRONG", "VERIFIED")
    assert "switch.journal.jsonl" in row.why
    assert "note.txt" in capsys.readouterr().out
    template = ROOT / "notebooks" / "review.ipynb"
    shown = executed(runs, [BIN / "papermill", template, runs.folder.parent / "look.ipynb"])
    assert "✘ WRONG: switch" in shown
    assert "▲" in shown


def test_killed_and_unreadable_runs_are_listed(runs):
    lines = (runs.outputs / "plan.journal.jsonl").read_bytes().splitlines(keepends=True)
    (runs.outputs / "killed.journal.jsonl").write_bytes(b"".join(lines[:3]))
    (runs.outputs / "torn.journal.jsonl").write_bytes(b"{")
    frame = review.runs()
    assert row_of(frame, "killed").signature == "UNSIGNED"
    assert pd.isna(row_of(frame, "killed").outcome)
    assert row_of(frame, "torn").signature == "UNSIGNED"
    assert pd.isna(row_of(frame, "torn").began)
    assert list(frame.name)[-1] == "torn"


@pytest.mark.usefixtures("runs")
def test_a_run_of_another_person_is_not_verified(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    assert set(review.runs().signature) == {"UNKNOWN"}


@pytest.mark.usefixtures("runs")
def test_what_differs_is_marked_and_comes_first():
    frame = review.compare("plan", "switch")
    facts = {(row.part, row.name): row for row in frame.itertuples()}
    assert facts["setting", "mode"].differs
    assert (facts["setting", "mode"].first, facts["setting", "mode"].second) == ("plan", "apply")
    assert facts["run", "outcome"].second == "SWITCHED"
    identity = facts["identity", "selector"]
    assert (identity.first, identity.second) == ("mail-20260912-1", "mail-20261124-1")
    assert facts["check", "PLAN-LOCK"].differs
    assert not facts["plan", "key"].differs
    assert frame.differs.is_monotonic_decreasing
    assert (frame.first.fillna("") != frame["second"].fillna("")).equals(frame.differs)


def test_a_run_is_named_by_any_of_its_files(runs):
    same = review.compare(runs.outputs / "plan.ipynb", "outputs/plan.seal.json")
    assert not same.differs.any()
    newest = review.compare()
    names = newest[(newest.part == "run") & (newest.name == "name")]
    assert names[["first", "second"]].to_numpy().tolist() == [["switch", "plan"]]
    assert not review.compare("plan").differs.any()  # nothing was before


@pytest.mark.usefixtures("project")
def test_without_records():
    assert len(review.runs()) == 0
    for look in (review.show, review.compare):
        with pytest.raises(RecordError):
            look()
    with pytest.raises(RecordError):
        review.show("missing")
    with pytest.raises(InputError):
        review.runs(profile="missing")


def executed(project: Project, command: list[object]) -> str:
    """Run a command in the project and return what the notebook that it leaves shows."""
    process = project.popen(*command)
    text = process.communicate(timeout=120)[0]
    assert process.returncode == 0, text
    notebook = nbformat.read(project.folder.parent / "look.ipynb", as_version=4)
    return json.dumps([cell.get("outputs") for cell in notebook.cells], ensure_ascii=False)


@pytest.mark.parametrize("name", ["review", "explore"])
@pytest.mark.parametrize("program", ["papermill", "nbconvert"])
def test_the_notebooks_run_and_leave_no_record(runs, name, program):
    template = runs.folder / f"{name}.ipynb"
    text = (ROOT / "notebooks" / f"{name}.ipynb").read_text("utf-8")
    template.write_text(text.replace('target: str = \\"aws\\"', 'target: str = \\"sandbox\\"'))
    before = contents(runs.outputs), contents(runs.folder)
    output = runs.folder.parent / "look.ipynb"
    command: list[object] = [BIN / "papermill", template, output]
    if program == "nbconvert":
        options = ["--to", "notebook", "--execute", "--output", output]
        command = [BIN / "jupyter", "nbconvert", *options, template]
    shown = executed(runs, command)
    assert "mail-20261124-1" in shown
    assert ("✔ VERIFIED: switch" in shown) == (name == "review")
    assert (contents(runs.outputs), contents(runs.folder)) == before
