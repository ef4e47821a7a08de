"""A plan run that is killed half-way: the next one takes over what it knew, and looks at nothing of that again."""

from __future__ import annotations

import json
import signal
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.eventually import eventually
from tests.notebooks.fleets import Campaign, begun, fleet, journals, kill, lines, ready, told, verify
from tests.notebooks.stage import Stage, Troupe

pytestmark = pytest.mark.prove

NEXT = "mail-20261124-1"
NUMBERS = tuple(range(30))
READY = 18
SLOWLY = 4  # calls of SES a second


@dataclass
class Told:
    """Hold what the killed runs knew by their journals, how often SES was asked, and the runs that went on."""

    known: int
    asked: int
    runs: dict[str, Campaign]
    verified: str


def killed(stage: Stage, *words: str, least: int) -> Path:
    """A plan run of which the campaign's processes are killed when it knows so many; its journal."""
    before = journals(stage)
    stage.sandbox.set_knobs(requests_per_second=SLOWLY)
    process = begun(stage, *words)
    eventually(lambda: any(known(path) >= least for path in journals(stage) if path not in before))
    kill(process)
    stage.sandbox.set_knobs(requests_per_second=0)
    return journals(stage)[-1]


def known(path: Path) -> int:
    """Return how many identities a plan run knew when it wrote that down last."""
    return max((int(one["known"]) for one in lines(path) if one["event"] in ("looked", "continued")), default=0)


def reads(stage: Stage) -> int:
    return len(stage.sandbox.calls("GetEmailIdentity"))


def tell(stage: Stage) -> Told:
    """Killed, and gone on with to the end; then others that take nothing over."""
    stage.sandbox.set_knobs(identities=30)
    table = ("-r", "identities", ready(stage, *NUMBERS), "-r", "selector", NEXT)
    found = Told(0, 0, {}, "")
    found.known = known(killed(stage, *table, least=8))
    found.runs["killed"] = told(stage, -signal.SIGKILL, "", "")
    before = reads(stage)
    found.runs["done"] = fleet(stage, *table)
    found.asked = reads(stage) - before
    found.runs["anew"] = fleet(stage, *table)  # the last one came to its end: this is another plan
    again = killed(stage, *table, least=8)
    found.runs["other"] = fleet(stage, *table, "-r", "reason", "another")
    file = again.with_name(again.name.replace(".journal.jsonl", ".fleet.jsonl"))
    file.write_bytes(file.read_bytes().replace(b"SUCCESS", b"PENDING", 1))
    found.runs["altered"] = fleet(stage, *table)
    found.verified = verify(stage).stdout
    return found


@pytest.fixture(scope="module")
def story(troupe: Troupe) -> Told:
    future: Future[Told] = troupe.begin("continued", tell, "fleet")
    return future.result()


def test_what_was_known_is_not_asked_for_again(story: Told) -> None:
    done, killed_one = story.runs["done"], story.runs["killed"]
    assert (done.code, done.outcome) == (0, "PLANNED"), done.complained
    taken = done.event("continued")
    assert taken["of"] == killed_one.run
    assert 0 < taken["known"] <= story.known
    assert story.asked == len(NUMBERS) - taken["known"] == done.event("surveyed")["made"]["GetEmailIdentity"]
    assert f"Planned by run {killed_one.run}, which was stopped" in done.record.read_text("utf-8")


def test_the_plan_is_the_one_of_a_run_that_was_not_stopped(story: Told) -> None:
    done, anew = story.runs["done"], story.runs["anew"]
    assert done.event("surveyed")["counts"] == anew.event("surveyed")["counts"]
    assert done.event("surveyed")["counts"]["ready"] == READY
    first, second = (one.event("planned")["plan"]["relies_on"] for one in (done, anew))
    assert {name for name in first if first[name] != second[name]} == {"root"}  # which has the times of observation


def test_a_plan_that_came_to_its_end_is_not_gone_on_with(story: Told) -> None:
    anew = story.runs["anew"]
    assert (anew.code, anew.all("continued")) == (0, [])
    assert anew.event("surveyed")["made"]["GetEmailIdentity"] == len(NUMBERS)


def test_neither_other_parameters_nor_a_file_that_its_journal_does_not_bear_out_go_on_with_it(story: Told) -> None:
    other, altered = story.runs["other"], story.runs["altered"]
    assert (other.code, altered.code, other.all("continued"), altered.all("continued")) == (0, 0, [], [])
    assert altered.event("surveyed")["counts"]["ready"] == READY


def test_all_of_them_verify(story: Told) -> None:
    runs = {one["run"]: one for one in json.loads(story.verified)["runs"]}
    assert [one["run"] for one in runs.values() if one["verdict"] == "off"] == []
    assert len(runs) == 6
    codes = {found["code"] for found in runs[story.runs["killed"].run]["findings"]}
    assert "taken-up" in codes
