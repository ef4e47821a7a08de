"""A run's times count by AWS's clock where its own was off: what TIME-CLOCK refused makes no waiting time shorter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs

from second_edition.events import EVENTS
from second_edition.events.run import Caller
from second_edition.evidence.history import look
from second_edition.evidence.journal import SUFFIX, read
from second_edition.evidence.past import trace
from second_edition.evidence.sealing_key import trusted
from second_edition.evidence.world import World
from second_edition.plain import plain
from second_edition.rotation.resolution import Sighting
from second_edition.rotation.timing import activation
from tests.second_edition.evidence.journals import Log
from tests.second_edition.evidence.pasts import START, Told, begin, observation, write, write_all
from tests.second_edition.rotation import world

HALF_A_DAY_S = 43_200


@pytest.mark.parametrize("ahead_s", [-HALF_A_DAY_S, 30 * 86_400.0])
def test_what_a_run_tells_of_the_past_is_told_by_aws_s_clock(tmp_path: Path, ahead_s: float) -> None:
    told, off = Told(requested=True), Told(requested=True, ahead_s=ahead_s)
    right = trace(read(write(tmp_path, told)))
    assert trace(read(write(tmp_path, off))) == structs.replace(right, run=off.run)
    within = trace(read(write(tmp_path, replace(told, ahead_s=240))))
    assert within.began - right.began == timedelta(seconds=240)  # as the record itself tells it


@pytest.mark.parametrize("ahead_s", [-HALF_A_DAY_S, HALF_A_DAY_S])
def test_caches_are_waited_for_from_when_the_record_was_first_seen(tmp_path: Path, ahead_s: float) -> None:
    """The run that saw it first had a wrong clock, and remembers what it saw itself and what another one had seen."""
    found = {}
    for name, ahead in (("right", 0.0), ("off", ahead_s)):
        folder = tmp_path / name
        folder.mkdir()
        absent = Sighting(START.isoformat(timespec="milliseconds"), everywhere=False, ttl=None, negative_ttl=300)
        own = START + timedelta(days=1, seconds=0.5 + ahead)
        seen = Sighting(own.isoformat(timespec="milliseconds"), everywhere=True, ttl=3600, negative_ttl=300)
        first = Told(day=0, absent=True, outcome="REFUSED", writes=False)
        write_all(folder, [first, Told(day=1, outcome="REFUSED", writes=False, ahead_s=ahead, known=(absent, seen))])
        past = look(folder, World(world.DOMAIN, "", "", ""), trusted=trusted((), folder))
        found[name] = [past.sightings(one, set()) for one in (world.good().next_key, world.good().current_key) if one]
    assert found["off"] == found["right"]
    now = Sighting((START + timedelta(days=2)).isoformat(), everywhere=True, ttl=3600, negative_ttl=300)
    then = activation(found["off"][0], now)
    assert then is not None
    assert timedelta(days=1) <= then.since - START <= timedelta(days=1, seconds=2)


def test_a_retirement_is_undone_only_by_what_was_seen_after_it(tmp_path: Path) -> None:
    """By the clock of the run that saw the selector work, it was two days after the retirement; it was a day before."""
    told = Told(asked=world.CURRENT, writes=False, outcome="UNCHANGED", ahead_s=3 * 86_400)
    write(tmp_path, told)
    retired = START + timedelta(days=1)
    log = Log(tmp_path / f"retire.{retired:%Y%m%dT%H%M%SZ}-0001{SUFFIX}", lambda: retired)
    where = begin(Told(asked=world.CURRENT), None)
    log.write(EVENTS["begin"], **{**where, "procedure": "retire", "run": f"{retired:%Y%m%dT%H%M%SZ}-0001"})
    log.write(Caller, caller=plain(observation(Told()).caller))
    log.write(EVENTS["closed"], outcome="RETIRED", error=None)
    log.close()
    past = look(tmp_path, World(world.DOMAIN, "", "", ""), trusted=trusted((), tmp_path))
    assert list(past.retired) == [world.CURRENT]
