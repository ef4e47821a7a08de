"""A campaign that is interrupted: what is being written comes to its end, nothing new begins."""

import signal

import pytest

from byodkim.record.events import Interrupted, Waiting
from tests.fleet.fleet import outcomes
from tests.fleet.test_kills import processes, require_nothing_wrong, require_way_back
from tests.rotate.project import fault
from tests.sandbox.tools import NEW, PUT, eventually

SIGNALS = {
    "papermill is interrupted": ("papermill", signal.SIGINT, 6.0),
    "papermill is stopped": ("papermill", signal.SIGTERM, 6.0),
    "the kernel is interrupted": ("kernel", signal.SIGINT, 0.7),
    "the kernel is stopped": ("kernel", signal.SIGTERM, 0.7),
}


@pytest.mark.parametrize(("victim", "number", "delay_s"), SIGNALS.values(), ids=SIGNALS)
def test_signals(fleet, victim, number, delay_s):
    """A row that is being written comes to its end, however long it takes, and no other begins."""
    fleet.profile("late_write_seconds = 1\n")
    fleet.grow(9)
    fleet.plan(wave_rows="20")
    for domain in fleet.domains[1:]:
        fault(PUT, delay_s=delay_s, identity=domain)(fleet)
    process = fleet.command("first")
    eventually(lambda: sum(fleet.writes) >= 2, 30)
    there = processes(process.pid)
    there[victim][0].send_signal(number)
    result = fleet.end("first", process)
    rows = outcomes(result)
    assert result.outcome == "FAILED", result.text
    assert (1 < len(rows) < 12, sum(fleet.writes)) == (True, len(rows))
    assert set(rows.values()) <= {"SWITCHED", "SWITCHED-PENDING"}, rows
    table = (fleet.outputs / "first.csv").read_text().splitlines()[1:]
    assert len(table) == len(rows)
    again = fleet.apply("again")
    assert (again.outcome, fleet.selectors, sum(fleet.writes)) == ("SWITCHED", [NEW] * 12, 12)
    require_way_back(fleet, "again")
    assert fleet.apply("more").outcome == "UNCHANGED"
    require_way_back(fleet, "more")
    require_nothing_wrong(fleet)


def test_interrupted_in_the_pause_between_waves(fleet):
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
