"""A campaign that is killed: the same command does the rest, with one write for each identity."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from contextlib import suppress

import psutil
import pytest

from byodkim.record.events import Interrupted, Waiting, WriteAnswered
from byodkim.record.journal import read_journal
from byodkim.record.record import tell
from tests.fleet.fleet import Fleet, outcomes
from tests.rotate.project import PUT, eventually, fault
from tests.rotate.test_kills import is_alive
from tests.sandbox.tools import NEW

THIRTY = ("--scenario", "fleet", "--identities", "30")
VICTIMS = ("kernel", "papermill", "custodian")


def processes(papermill: int) -> dict[str, list[psutil.Process]]:
    """Return the processes of a run by what they are."""
    kernels = psutil.Process(papermill).children()
    custodians = [child for kernel in kernels for child in kernel.children()]
    return {"papermill": [psutil.Process(papermill)], "kernel": kernels, "custodian": custodians}


def strike(fleet: Fleet, name: str, victim: str, rows: int) -> bool:
    """Start the campaign, kill one of its processes once so many more rows were written to, and
    wait until all are gone. Return false if it ended before.
    """
    aim = sum(fleet.writes) + rows
    process = fleet.command(name, wave_rows="40")
    eventually(lambda: sum(fleet.writes) >= aim or process.poll() is not None, 60)
    if process.poll() is not None:
        process.communicate()
        return False
    there = processes(process.pid)
    time.sleep(random.uniform(0, 0.3))  # any moment will do
    for each in there[victim]:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    pids = [each.pid for several in there.values() for each in several]
    eventually(lambda: process.poll() is not None and not any(map(is_alive, pids)), 40)
    process.communicate()
    return True


def require_true_records(fleet: Fleet) -> None:
    """Require of every row's record what the sandbox knows. Each identity was written once; a run
    that was killed before its write may have noted the intent of one more.
    """
    assert fleet.writes == [1] * len(fleet.domains)
    switched: Counter[str] = Counter()
    for path in fleet.outputs.glob("*.[0-9]*.journal.jsonl"):
        events = read_journal(path).events
        if not events:
            continue  # killed before its first line
        record = tell(events)
        accepted = [each for each in events if isinstance(each, WriteAnswered)]
        assert [each.result for each in accepted] in ([], ["accepted"])
        if record.outcome == "SWITCHED":
            assert record.signs_as_requested
            switched[record.begun.domain] += 1
    assert switched == dict.fromkeys(fleet.domains, 1)


def require_way_back(fleet: Fleet, name: str) -> None:
    """Require every identity in the rollback table, whichever run wrote to it."""
    rows = (fleet.outputs / f"{name}.csv").read_text().splitlines()[1:]
    assert sorted(row.split(",")[0] for row in rows) == sorted(fleet.domains)


def require_nothing_wrong(fleet: Fleet) -> None:
    """Unsigned runs may be there, and notebooks that papermill left before anyone signed them."""
    wrong = [run for run in fleet.verified().runs if run.verdict == "WRONG"]
    for run in wrong:
        assert "notebook" in str(run.why), (run.name, run.why)
        (fleet.outputs / f"{run.name}.ipynb").unlink()
    runs = fleet.verified().runs
    assert {run.verdict for run in runs} <= {"VERIFIED", "UNSIGNED"}, runs


@pytest.mark.parametrize("fleet", [THIRTY], indirect=True, ids=[""])
@pytest.mark.parametrize(
    "kills",
    [pytest.param(VICTIMS, id="3")]
    + [pytest.param(VICTIMS * 3, marks=pytest.mark.prove, id=f"{n}-9") for n in range(4)],
)
def test_killed_at_any_moment(fleet: Fleet, kills: tuple[str, ...]) -> None:
    fleet.profile("late_write_seconds = 1\nmax_failures = 30\n")
    fleet.plan()
    fault(PUT, delay_s=0.4)(fleet)  # six rows are under way at once
    struck = [
        strike(fleet, f"kill-{number}", victim, random.randint(1, 24 // len(kills)))
        for number, victim in enumerate(kills)
    ]
    assert sum(struck) >= min(len(kills), 4)
    result = fleet.apply("last")
    assert result.outcome in ("SWITCHED", "UNCHANGED"), result.text
    assert fleet.selectors == [NEW] * 30
    require_true_records(fleet)
    require_way_back(fleet, "last")
    require_nothing_wrong(fleet)


SIGNALS = {
    "papermill is interrupted": ("papermill", signal.SIGINT),
    "papermill is stopped": ("papermill", signal.SIGTERM),
    "the kernel is interrupted": ("kernel", signal.SIGINT),
    "the kernel is stopped": ("kernel", signal.SIGTERM),
}


@pytest.mark.parametrize(("victim", "number"), SIGNALS.values(), ids=SIGNALS)
def test_signals(fleet: Fleet, victim: str, number: int) -> None:
    """A row that is being written comes to its end, and nothing new begins."""
    fleet.profile("late_write_seconds = 1\n")
    fleet.grow(9)
    fleet.plan(wave_rows="20")
    for domain in fleet.domains[1:]:
        fault(PUT, delay_s=0.7, identity=domain)(fleet)
    process = fleet.command("first")
    eventually(lambda: sum(fleet.writes) >= 2, 30)
    there = processes(process.pid)
    there[victim][0].send_signal(number)
    result = fleet.end("first", process)
    rows = outcomes(result)
    assert result.outcome == "FAILED", result.text
    assert (1 < len(rows) < 12, sum(fleet.writes)) == (True, len(rows))
    assert set(rows.values()) <= {"SWITCHED", "SWITCHED-PENDING"}, rows
    again = fleet.apply("again")
    assert (again.outcome, fleet.selectors, sum(fleet.writes)) == ("SWITCHED", [NEW] * 12, 12)
    require_way_back(fleet, "again")
    assert fleet.apply("more").outcome == "UNCHANGED"
    require_way_back(fleet, "more")
    require_nothing_wrong(fleet)


def test_interrupted_in_the_pause_between_waves(fleet: Fleet) -> None:
    """``pause_minutes`` is kept, and can be ended. The same command goes on with the next wave."""
    fleet.plan()
    process = fleet.command("first", pause_minutes="5")
    journal = fleet.outputs / "first.journal.jsonl"
    eventually(lambda: journal.exists() and '"pause"' in journal.read_text(), 30)
    processes(process.pid)["kernel"][0].send_signal(signal.SIGINT)
    result = fleet.end("first", process)
    (waiting,) = [each for each in result.events if isinstance(each, Waiting)]
    assert waiting.at is not None
    assert round((waiting.until - waiting.at).total_seconds()) == 300
    assert (outcomes(result), fleet.writes) == ({2: "SWITCHED"}, [1, 0, 0])
    (stopped,) = [each for each in result.events if isinstance(each, Interrupted)]
    assert (result.outcome, result.code, stopped.kind) == ("FAILED", 1, "KeyboardInterrupt")
    assert fleet.apply("again").outcome == "SWITCHED"
    assert fleet.writes == [1] * 3
