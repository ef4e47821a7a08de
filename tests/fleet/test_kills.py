"""A campaign that is killed: the same command does the rest, with one write for each identity."""

import random
import time
from collections import Counter
from contextlib import suppress

import psutil
import pytest

from byodkim.record.events import WriteAnswered
from byodkim.record.journal_file import read_journal
from byodkim.record.record import tell
from tests.fleet.fleet import Fleet
from tests.rotate.project import fault
from tests.rotate.test_kills import is_alive
from tests.sandbox.tools import NEW, PUT, eventually

THIRTY = {"scenario": "fleet", "identities": 30}
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
def test_killed_at_any_moment(fleet, kills):
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
