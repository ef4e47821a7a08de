"""A task's command: what it prints, who waits for it, and what of it is read back."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from second_edition.airflow.command import Command, result, unready

LOCK = Path("lane.airflow")
#: Prints, and waits until it may end.
PATIENT = """
import json, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("stopping", flush=True), sys.exit(143)))
print("began", json.load(sys.stdin)["mode"], flush=True)
while not pathlib.Path("may-end").exists():
    time.sleep(0.02)
pathlib.Path("ended").touch()
print("ended", flush=True)
"""
#: A task of Airflow that runs it.
TASK = """
import os, sys
from pathlib import Path
from second_edition.airflow.command import Command
command = Command([sys.executable, "-c", sys.argv[1]], Path(), Path("lane.airflow"), os.environ)
command.run(lambda line: print(line, flush=True), {"mode": "apply"})
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(words: str) -> Command:
    return Command([sys.executable, "-c", words], Path(), LOCK, os.environ)


def test_a_command_outlives_a_task_that_is_killed_and_the_next_one_waits_for_it(here: Path) -> None:
    task = subprocess.Popen([sys.executable, "-c", TASK, PATIENT], stdout=subprocess.PIPE, text=True)
    assert task.stdout is not None
    with task, task.stdout as lines:
        assert lines.readline() == "began apply\n"
        task.kill()
    with LOCK.open() as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    said = list[str]()
    (here / "may-end").touch()
    assert command("import pathlib; print(pathlib.Path('ended').exists())").run(said.append) == 0
    assert said == ["True"]


@pytest.mark.usefixtures("here")
def test_a_command_that_is_to_stop_is_told_so_and_its_lines_are_said() -> None:
    one, said = command(PATIENT), list[str]()

    def say(line: str) -> None:
        said.append(line)
        if line == "began plan":  # once: a second signal while it ends would kill it
            one.stop()

    assert one.run(say, {"mode": "plan"}) == 143
    assert said == ["began plan", "stopping"]


def test_a_torn_journal_tells_no_outcome(tmp_path: Path) -> None:
    record = tmp_path / "a.ipynb"
    assert result(record)["outcome"] == ""
    journal = tmp_path / "a.20261125T041128Z-049f.journal.jsonl"
    journal.write_text('{"event":"begin"}\n{"event":"closed","outcome":"SWITCHED"}\n', "utf-8")
    found = result(record)
    assert (found["run"], found["outcome"]) == ("20261125T041128Z-049f", "SWITCHED")
    journal.write_text('{"event":"begin"}\n{"event":"closed","outcome":"SWIT', "utf-8")
    assert result(record)["outcome"] == ""


def test_a_word_that_is_no_group_is_shown_as_one_that_was_not_looked_at(tmp_path: Path) -> None:
    groups = ("ready", "there", "dns", "=1+1", "**bold**", "")
    (tmp_path / "1.run.fleet.csv").write_text(
        "domain,group\n" + "".join(f"{n}.jp,{one}\n" for n, one in enumerate(groups))
    )
    assert [row["group"] for row in unready(tmp_path / "1.ipynb", "run")] == ["dns", "unread", "unread", "unread"]
