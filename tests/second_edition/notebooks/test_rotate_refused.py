"""What ``byodkim rotate`` refuses before a run begins: one line, and nothing is left."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from second_edition.custody import client
from second_edition.launch.command_line import main
from tests.second_edition.each import each
from tests.second_edition.notebooks.runs import PAPERMILL, Runner
from tests.second_edition.notebooks.stage import project

GIVEN = ("-p", "selector", "a")
WRONG = {
    "unknown": (("-p", "selektor", "x"), "There is no parameter named selektor. Did you mean selector?"),
    "missing": (GIVEN, "The parameter domain is not set"),
    "scenario": ((*GIVEN, "-p", "target", "sandbox:x"), "The sandbox knows no scenario x."),
    "none": ((), "No selector was given. Name the one that this is about: -r selector "),
}
NAME = "(its name begins with a dot, or does not end in .ipynb)."
PLACES = {
    "taken": (("-o", "outputs/mine.ipynb"), "outputs/mine.ipynb cannot be written (it exists already)."),
    "folder": (("-o", "nowhere/x.ipynb"), "nowhere/x.ipynb cannot be written (its folder does not exist)."),
    "hidden": (("-o", "outputs/.x.ipynb"), f"outputs/.x.ipynb cannot be written {NAME}"),
    "no notebook's name": (("-o", "outputs/x"), f"outputs/x cannot be written {NAME}"),
    "a key's": (("-o", f"outputs/{'aB3x' * 60}.ipynb"), "The name of the output notebook looks like part of a private"),
    "link": (("-o", "link.ipynb"), "link.ipynb cannot be written (it exists already)."),
    "no notebook": (("--notebook", "README.md"), "README.md is no notebook of byodkim rotate."),
    "another's": (
        ("--notebook", "notebooks/prepare.ipynb"),
        "notebooks/prepare.ipynb is no notebook of byodkim rotate.",
    ),
}


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """A project in whose folder commands are given, with nothing in the environment but what the project needs."""
    made = project(tmp_path / "project", tmp_path)
    monkeypatch.chdir(made.folder)
    monkeypatch.setattr(os, "environ", made.environment())
    monkeypatch.setattr(client, "start_ahead", lambda: None)  # a custodian of which nothing is asked
    (made.folder / "outputs/mine.ipynb").write_text("mine")
    (made.folder / "README.md").write_text("no notebook")
    (made.folder / "link.ipynb").symlink_to("nowhere")
    return made


def refused(runner: Runner, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return the one line that a command said; it left nothing."""
    before = runner.listed()
    code, said = main(["rotate", *words]), capsys.readouterr()
    assert (code, said.out, runner.listed()) == (2, "", before)
    assert len(said.err.splitlines()) == 1
    return said.err


@each(("words", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_refused_before_a_run_begins(
    runner: Runner, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert refused(runner, capsys, *words).startswith(said)


@each(("words", "said"), PLACES.values(), ids=PLACES)
def test_a_place_or_a_notebook_that_will_not_do_is_refused(
    runner: Runner, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert said in refused(runner, capsys, *GIVEN, "-p", "target", "sandbox", *words)
    assert (runner.folder / "outputs/mine.ipynb").read_text() == "mine"
    assert not (runner.folder / "nowhere").exists()


def test_papermills_own_command_line_refuses_in_one_paragraph(tmp_path: Path) -> None:
    runner = project(tmp_path / "project", tmp_path, plain=False)
    command = runner.command(*GIVEN, "-p", "targt", "sandbox", name="outputs/1.ipynb")
    assert command[0] == PAPERMILL
    done = subprocess.run(
        command, cwd=runner.folder, env=runner.environment(), capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 2
    (line,) = (line for line in done.stderr.splitlines() if "There is no parameter named targt." in line)
    assert "Traceback" not in done.stderr
    assert line.startswith("Error: ")
    assert list((runner.folder / "outputs").iterdir()) == []


def test_in_a_locale_without_japanese_papermill_spells_what_the_run_came_to(tmp_path: Path) -> None:
    runner = project(tmp_path / "project", tmp_path, plain=False)
    command = runner.command(*GIVEN, "-p", "target", "sandbox", "-r", "language", "ja", name="outputs/1.ipynb")
    ascii_alone = {**runner.environment(), "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(command, cwd=runner.folder, env=ascii_alone, capture_output=True, text=True, timeout=600)
    assert (done.returncode, "\\uff08PLANNED\\uff09" in done.stdout) == (0, True), done
