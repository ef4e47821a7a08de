"""A kernel killed after the write: what the record then says, and the run that comes after it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.notebooks.kin import kin
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe

PLAIN = True

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
TO_DIE_S = 5.0


@dataclass(frozen=True)
class Killed:
    """Hold what was left of the run, how long its custodian outlived the kernel, and the run after it."""

    returncode: int
    events: list[str]
    torn: bool
    headline: str
    custodian_lived_s: float
    puts: int
    again: Ran
    puts_then: int


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines(keepends=True)


def journal_once(folder: Path, ready: Callable[[list[str]], bool]) -> Path:
    """The run's journal, as soon as its lines are as wanted."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        for path in folder.glob("killed.*.journal.jsonl"):
            if ready(lines(path)):
                return path
        time.sleep(0.002)
    raise AssertionError("the run did not come so far")


def kernel_and_custodian(papermill: int) -> tuple[psutil.Process, psutil.Process]:
    """The processes of a run, found below papermill's own."""
    found = kin(papermill)
    kernel, custodian = found["kernel"], found["custodian"]
    assert custodian.ppid() == kernel.pid
    return kernel, custodian


def killed_when(event: str) -> Callable[[Stage], Killed]:
    """A story: SIGKILL to the kernel as soon as ``event`` is in the journal; then the same command again."""

    def story(stage: Stage) -> Killed:
        sandbox = stage.sandbox
        sandbox.unpublish()  # so that the run stands in its wait when the signal comes
        words = ("-p", "target", "sandbox", "-p", "endpoint_url", sandbox.facts.endpoint_url, "-p", "mode", "apply")
        waived = ("-p", "waive", "DNS-PUBLISHED: agreed with the DNS team")
        command = stage.runner.command(
            *words, *waived, "-r", "selector", sandbox.facts.next_selector, name="outputs/killed.ipynb"
        )
        with subprocess.Popen(
            command, cwd=stage.folder, env=stage.runner.environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as papermill:  # fmt: skip
            journal = journal_once(
                stage.folder / "outputs", lambda found: any(f'"event":"{event}"' in x for x in found)
            )
            kernel, custodian = kernel_and_custodian(papermill.pid)
            os.kill(kernel.pid, signal.SIGKILL)
            died = time.monotonic()
            psutil.wait_procs([custodian], timeout=TO_DIE_S + 5)
            lived = time.monotonic() - died
            code = papermill.wait(timeout=60)
        left, puts = lines(journal), len(stage.puts)
        notebook = json.loads((stage.folder / "outputs" / "killed.ipynb").read_text("utf-8"))
        headline = "".join(notebook["cells"][1]["outputs"][0]["data"]["text/plain"])
        sandbox.publish()
        again = stage.apply("-p", "waive", "TIME-ACTIVATE: nobody but SES has asked for this selector yet")
        whole = [json.loads(line)["event"] for line in left if line.endswith("\n")]
        return Killed(code, whole, not left[-1].endswith("\n"), headline, lived, puts, again, len(stage.puts))

    return story


QUICK = {"event": ("answer",)}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Killed]]:
    return {event: troupe.begin(event, killed_when(event)) for event in ("intent", "answer", "read")}


@pytest.mark.parametrize("event", ["intent", "answer", "read"])
def test_the_journal_tells_how_far_the_run_came(futures: dict[str, Future[Killed]], event: str) -> None:
    killed = futures[event].result()
    assert event in killed.events
    assert killed.events[killed.events.index("intent") - 1] == "planned"
    assert "closed" not in killed.events
    assert not killed.torn


@pytest.mark.parametrize("event", ["intent", "answer", "read"])
def test_the_record_says_that_the_run_has_not_ended(futures: dict[str, Future[Killed]], event: str) -> None:
    killed = futures[event].result()
    assert killed.headline.startswith("… This run has not ended.")
    assert "この実行は終了していません。" in killed.headline
    assert killed.returncode != 0


@pytest.mark.parametrize("event", ["intent", "answer", "read"])
def test_the_custodian_dies_with_the_kernel(futures: dict[str, Future[Killed]], event: str) -> None:
    assert futures[event].result().custodian_lived_s < TO_DIE_S


@pytest.mark.parametrize("event", ["answer", "read"])
def test_the_next_run_says_what_ses_has_and_writes_nothing_twice(
    futures: dict[str, Future[Killed]], event: str
) -> None:
    killed = futures[event].result()
    assert (killed.puts, killed.puts_then) == (1, 1)
    assert killed.again.event("observed")["observation"]["identity"]["selectors"] == [NEXT]
    assert (killed.again.outcome, killed.again.returncode) == ("SWITCHED", 0)
    assert killed.again.event("begin")["previous"]["outcome"] == ""
    assert "(never closed)" in killed.again.headline
    assert f"-r selector {CURRENT} " in killed.again.headline
    assert f"Keep the key record of {CURRENT} published until " in killed.again.headline


@pytest.mark.parametrize("event", ["intent", "answer", "read"])
def test_the_lock_of_the_dead_run_is_taken_over(futures: dict[str, Future[Killed]], event: str) -> None:
    again = futures[event].result().again
    lock = again.event("lock")["lock"]
    assert (lock["state"], lock["token"]) == ("held", 2)
    assert lock["holder"]["run"] == again.event("begin")["previous"]["run"]
    assert "never released it" in again.shown("steps.check(run)")


@pytest.mark.prove
def test_killed_around_the_write_the_selector_is_one_or_the_other(futures: dict[str, Future[Killed]]) -> None:
    killed = futures["intent"].result()
    found = killed.again.event("observed")["observation"]["identity"]["selectors"]
    assert killed.puts in (0, 1)
    assert killed.puts_then == 1
    assert killed.again.outcome == "SWITCHED"
    if killed.puts:
        assert found == [NEXT]
