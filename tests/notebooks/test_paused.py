"""A machine that slept between plan and write: runner, kernel and custodian stop, and wake in another world."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kills.killing import HOOK
from tests.notebooks import outside
from tests.notebooks.profiles import AwsStage
from tests.notebooks.runs import AWS, Ran
from tests.notebooks.stage import Stage, Troupe
from tests.notebooks.wire import PUT, Wire, refuse
from tests.sandbox.outside import put

CURRENT, NEXT, OTHER = "mail-20260912-1", "mail-20261124-1", "mail-20270301-1"
PLANNED = 6  # the journal's write that tells the plan; the hook stops the kernel just after it
ASLEEP_S = 2.0
# As each service says it, for every call that a run makes.
EXPIRED = {
    "GetCallerIdentity": "ExpiredToken", "GetEmailIdentity": "ExpiredTokenException", PUT: "ExpiredTokenException",
    "GetSecretValue": "ExpiredTokenException", "GetObject": "ExpiredToken", "HeadObject": "ExpiredToken",
    "ListObjectsV2": "ExpiredToken",
}  # fmt: skip


@dataclass(frozen=True)
class Woken:
    """A run that slept, what its journal told when it fell asleep, what SES has; and the same command again."""

    asleep: str
    ran: Ran
    seen: list[str]
    puts: int
    selector: str
    again: Ran
    puts_then: int
    selector_then: str


Change = Callable[[AwsStage, Wire], object]


def slept(meanwhile: Change) -> Callable[[Stage], Woken]:
    """A story: all three processes stop once the plan is written down, ``meanwhile`` changes the world, all go on."""

    def story(stage: Stage) -> Woken:
        aws = AwsStage(stage)
        with Wire(stage.sandbox.facts.endpoint_url, {}) as wire:
            ran, asleep = _through(stage, wire, lambda: meanwhile(aws, wire))
            seen = list(wire.seen)
        puts, selector = len(stage.puts), stage.identity["selectors"][0]
        again = aws.apply()
        return Woken(asleep, ran, seen, puts, selector, again, len(stage.puts), stage.identity["selectors"][0])

    return story


def _through(stage: Stage, wire: Wire, meanwhile: Callable[[], object]) -> tuple[Ran, str]:
    runner, alive = stage.runner, stage.folder / "alive"
    facts, name = stage.sandbox.facts, "outputs/slept.ipynb"
    words = ("-p", "endpoint_url", wire.url, "-p", "mode", "apply", "-r", "selector", facts.next_selector)
    env = {**AWS, "PYTHONPATH": str(HOOK), "KILL": f"stop:after:{PLANNED}", "ALIVE": str(alive)}
    before = runner.listed()
    with subprocess.Popen(
        runner.command(*words, name=name), cwd=stage.folder, env=runner.environment(**env),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as papermill:  # fmt: skip
        kernel, *below = _once(alive)
        processes = [papermill.pid, kernel, *below]
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        (journal,) = (stage.folder / "outputs").glob("slept.*.journal.jsonl")
        asleep = journal.read_text("utf-8").splitlines()[-1]
        meanwhile()
        time.sleep(ASLEEP_S)
        for pid in reversed(processes):
            os.kill(pid, signal.SIGCONT)
        out, err = papermill.communicate(timeout=600)
    files = frozenset(runner.listed() - before)
    return Ran(papermill.returncode, out, err, stage.folder / name, files, stage.folder), asleep


def _once(alive: Path) -> list[int]:
    """The kernel and what it had started, as soon as it has stopped."""
    ends = time.monotonic() + 600
    while time.monotonic() < ends:
        if alive.exists() and (noted := alive.read_text().split()):
            return [int(pid) for pid in noted]
        time.sleep(0.01)
    raise AssertionError("the run did not come so far")


def expire(_: AwsStage, wire: Wire) -> None:
    """The credentials expire while the machine sleeps."""
    said = "The security token included in the request is expired"
    wire.faults = {operation: (refuse(403, code, said), 0) for operation, code in EXPIRED.items()}


def somebody_else_switches(aws: AwsStage, _: Wire) -> None:
    """Another key pair goes into the slot."""
    ses = outside.client(aws.stage.sandbox.facts, "sesv2")
    put(ses, OTHER, "Zm9yZWlnbg==", aws.stage.sandbox.facts.domain)
    ses.close()


WAKINGS: dict[str, Callable[[Stage], Woken]] = {
    "credentials expired": slept(expire),
    "the same world": slept(lambda *_: None),
    "somebody else switched": slept(somebody_else_switches),
}


QUICK = {"name": ("somebody else switched",)}


@pytest.fixture(scope="module")
def woken(troupe: Troupe) -> dict[str, Future[Woken]]:
    return {name: troupe.begin(name.replace(" ", "-"), story) for name, story in WAKINGS.items()}


@pytest.mark.parametrize("name", WAKINGS)
def test_it_slept_between_plan_and_write(woken: dict[str, Future[Woken]], name: str) -> None:
    told = woken[name].result()
    assert '"event":"planned"' in told.asleep
    # It looked again when it woke, before anything else.
    events = [event["event"] for event in told.ran.events]
    events = [one for one in events if one != "shown"]
    assert events[events.index("planned") + 1] == "observed"


@pytest.mark.prove
def test_31_credentials_that_expired_before_the_write(woken: dict[str, Future[Woken]]) -> None:
    told = woken["credentials expired"].result()
    assert (told.ran.outcome, told.ran.returncode, told.puts, told.selector) == ("REFUSED", 1, 0, CURRENT)
    assert PUT not in told.seen
    assert "SES was not touched" in told.ran.paragraph
    assert "ExpiredToken" in told.ran.paragraph
    assert (told.again.outcome, told.puts_then, told.selector_then) == ("SWITCHED", 1, NEXT), told.again.paragraph


@pytest.mark.prove
def test_35_in_the_same_world_it_goes_on(woken: dict[str, Future[Woken]]) -> None:
    told = woken["the same world"].result()
    assert (told.ran.outcome, told.ran.returncode, told.puts, told.selector) == ("SWITCHED", 0, 1, NEXT)
    assert (told.again.outcome, told.puts_then) == ("UNCHANGED", 1)


def test_35_what_somebody_else_wrote_is_not_written_over(woken: dict[str, Future[Woken]]) -> None:
    told = woken["somebody else switched"].result()
    # Theirs is the one write; ours would have gone over the wire.
    assert (told.ran.outcome, told.ran.returncode, told.puts, told.selector) == ("REFUSED", 1, 1, OTHER)
    assert PUT not in told.seen
