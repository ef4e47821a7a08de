"""Runs that end at any line of their journal: the same command completes them, with one write."""

import time
from typing import Any

import psutil
import pytest

from byodkim.record.events import WriteAnswered, WriteIntended
from tests.rotate.project import Project, Result, fault, often
from tests.sandbox.tools import NEW, PUT, eventually

#: Seconds within which everything ends: 5 on a machine with nothing else to do.
ENDS_S = 15
#: Lines of the journal of an apply run before the one that closes it.
LINES = range(1, 18)


def struck(project: Project, strike: str, **given: Any) -> tuple[Result, float]:
    """Run papermill until it is struck. Return when everything that it started was gone."""
    process = project.start("first", strike=strike, **given)
    eventually((project.folder / "struck").exists, 30)
    began = time.monotonic()
    pids = [int(pid) for pid in (project.folder / "struck").read_text().split()]
    eventually(lambda: process.poll() is not None and not any(map(is_alive, pids)), 20)
    took = time.monotonic() - began
    return project.end("first", process), took


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("line", often(LINES, 9, 10, 17))
def test_killed(project, line):
    project.profile("late_write_seconds = 1\n")
    first, took = struck(project, f"{line}:both:SIGKILL")
    assert (first.outcome, len(first.events)) == ("", line)
    assert took < 5
    complete(project)


def complete(project: Project) -> None:
    """Let the same command complete what a run left, with one write in all."""
    result = project.run("second")
    assert result.outcome in ("SWITCHED", "UNCHANGED"), result.text
    assert (result.code, project.puts, project.selector) == (0, 1, NEW)
    project.require_record(result)


def test_killed_between_closing_and_sealing(project):
    """A closed record without a seal is never believed. The next run goes on all the same."""
    first, _took = struck(project, f"{LINES.stop}:both:SIGKILL")
    assert first.outcome == "SWITCHED"
    report = project.verified()
    assert [(run.name, run.verdict) for run in report.runs] == [("first", "WRONG")]
    for path in project.outputs.glob("first.*"):
        path.unlink()
    result = project.run("second")
    assert (result.outcome, project.puts) == ("UNCHANGED", 1), result.text
    project.require_record(result)


#: Who gets which signal, and whether papermill lives to save the notebook.
SIGNALS = {
    "Ctrl-C": ("papermill:SIGINT", True),
    "papermill is stopped": ("papermill:SIGTERM", False),
    "papermill's terminal is closed": ("papermill:SIGHUP", False),
    "papermill is killed": ("papermill:SIGKILL", False),
    "the kernel is interrupted": ("kernel:SIGINT", True),
    "the kernel is stopped": ("kernel:SIGTERM", True),
}


@pytest.mark.parametrize("line", often(LINES, 11))
@pytest.mark.parametrize(("signal", "saves"), SIGNALS.values(), ids=SIGNALS)
def test_signals(project, line, signal, saves):
    """Everything ends soon, and the record is closed."""
    project.profile("late_write_seconds = 1\n")
    first, took = struck(project, f"{line}:{signal}")
    assert took < ENDS_S
    if line > 10 and first.outcome == "SWITCHED":  # it came when the record was being closed
        assert first.count(WriteAnswered) == 1
        return
    assert first.code != 0
    if line > 1:  # while a run begins, there is no run yet that could close its record
        assert first.outcome == ("FAILED" if first.count(WriteIntended) else "REFUSED")
    if not saves:  # as ``byodkim verify`` asks for: nobody could sign what papermill left
        (project.outputs / "first.ipynb").unlink(missing_ok=True)
    if first.outcome:
        project.require_record(first)
    complete(project)


@pytest.mark.parametrize("line", often(LINES, 9))
def test_kernel_dies(project, line):
    """papermill notices it. Its exit code and the last lines say that the run did not close."""
    project.profile("late_write_seconds = 1\n")
    first, took = struck(project, f"{line}:kernel:SIGKILL")
    assert (first.outcome, took < ENDS_S) == ("", True)
    assert first.code != 0
    assert "NOT CLOSED" in first.text
    complete(project)


def test_killed_while_the_write_is_under_way(project):
    """It arrives after both are dead. The next run waits for it and does not write again."""
    project.profile("late_write_seconds = 20\n")
    fault(PUT, delay_s=2.5)(project)
    process = project.start("first")
    eventually(lambda: project.puts == 1, 30)
    kernel = psutil.Process(process.pid).children()
    for each in [*kernel, psutil.Process(process.pid)]:
        each.kill()
    process.communicate()
    complete(project)


@pytest.mark.parametrize("line", [9, pytest.param(5, marks=pytest.mark.prove)])
def test_custodian_dies(project, line):
    """The run says so, closes its record, and the same command completes it."""
    project.profile("late_write_seconds = 1\n")
    first, _took = struck(project, f"{line}:custodian:SIGKILL")
    assert (first.outcome, first.code) == ("FAILED" if line == 9 else "REFUSED", 1), first.text
    project.require_record(first)
    complete(project)
