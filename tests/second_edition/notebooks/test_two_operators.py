"""Two operators who apply at the same time, as two papermill processes on one machine."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from tests.second_edition.eventually import eventually
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe

LONG = timedelta(minutes=5)


@dataclass
class Told:
    both: list[Ran]
    puts: int
    selector: str
    after: Ran
    puts_after: int


def own(ran: Ran) -> Ran:
    """The run with the files that are named for its record: the folder is the other one's too."""
    return replace(ran, files=frozenset(name for name in ran.files if ran.path.stem in name))


def tell(stage: Stage) -> Told:
    # SES looks at DNS only when one of them has ended: whoever is first is still at it when the other one comes.
    stage.sandbox.set_knobs(check_interval=LONG.total_seconds())
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(stage.apply, name=f"outputs/operator{number}.ipynb") for number in (1, 2)]
        wait(asked, return_when=FIRST_COMPLETED)
        eventually(lambda: stage.puts)  # who is refused may end before the other has written
        stage.sandbox.advance(LONG)
        both = [own(future.result()) for future in asked]
    puts, selector = len(stage.puts), stage.identity["selectors"][0]
    after = stage.apply(name="outputs/after.ipynb")
    return Told(both, puts, selector, after, len(stage.puts))


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> Told:
    return troupe.begin("two-operators", tell).result()


def test_one_of_the_two_writes(told: Told) -> None:
    assert sorted(ran.outcome for ran in told.both) == ["REFUSED", "SWITCHED"], [ran.stderr for ran in told.both]
    assert (told.puts, told.selector) == (1, "mail-20261124-1")


def test_the_other_is_told_who_is_at_it_since_when(told: Told) -> None:
    (refused,) = (ran for ran in told.both if ran.outcome == "REFUSED")
    (writer,) = (ran for ran in told.both if ran.outcome == "SWITCHED")
    assert refused.failed() == {"PLAN-LOCK"}
    assert f"(run {writer.event('begin')['run']}; " in refused.paragraph
    assert "arn:aws:sts::123456789012:" in refused.paragraph
    assert not refused.has("intent")
    held = datetime.fromisoformat(refused.event("lock")["lock"]["holder"]["at"])
    assert f" since {held:%Y-%m-%d %H:%M:%S} UTC (run " in refused.paragraph


def test_the_other_is_offered_no_rollback_of_the_switch_under_way(told: Told) -> None:
    (refused,) = (ran for ran in told.both if ran.outcome == "REFUSED")
    assert "Rollback" not in refused.stdout
    assert "none from here while another run is at work" in refused.headline


def test_once_the_writer_has_closed_a_run_goes_through(told: Told) -> None:
    assert (told.after.outcome, told.puts_after) == ("UNCHANGED", 1)
    assert told.after.event("lock")["lock"]["state"] == "held"
    assert told.after.event("lock")["lock"]["holder"] is None
