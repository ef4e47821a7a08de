"""Waves: whatever the runs come to, nobody is lost or begun twice, and nobody is begun too early or after the stop."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from second_edition.rotation import fleet, waves
from second_edition.rotation.fleet import Group, Member
from second_edition.rotation.waves import Came, Ended, Halt, Pace
from tests.second_edition.each import each
from tests.second_edition.rotation.fleet_rows import plan_of

START = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@dataclass
class Played:
    """A campaign that was played to its end: what was begun in which order, and when; what ended, and how."""

    lanes: list[tuple[tuple[int, ...], ...]]
    begun: list[int] = field(default_factory=list)
    began: dict[int, datetime] = field(default_factory=dict)
    ended: dict[int, Ended] = field(default_factory=dict)
    halt: Halt = Halt.NOT
    most: int = 0


def play(
    sizes: list[int],
    pace: Pace,
    comes: dict[int, Came],
    lasts: list[int],
    ended: dict[int, Ended] | None = None,
    lanes: list[list[int]] | None = None,
    after: dict[int, int] | None = None,
) -> Played:
    """Runs a campaign of lanes of these sizes on a clock of its own; each run lasts as many seconds as it is given."""
    numbers, start = [], 0
    for size in sizes:
        numbers.append(list(range(start, start + size)))
        start += size
    numbers = lanes or numbers
    played = Played([waves.cut(lane, pace.canary, pace.wave) for lane in numbers], ended=dict(ended or {}))
    running: dict[int, datetime] = {}
    now = START
    for _ in range(100_000):
        step = waves.step(played.lanes, pace, played.ended, running.keys(), now, after)
        for number in step.begin:
            played.begun.append(number)
            played.began[number] = now
            running[number] = now + timedelta(seconds=lasts[number % len(lasts)])
        played.most = max(played.most, max((sum(n in running for n in lane) for lane in numbers), default=0))
        if not running and step.halt is not Halt.NOT:
            played.halt = step.halt
            return played
        events = [*running.values(), *([step.wait_until] if step.wait_until else [])]
        now = max(min(events), now)
        for number in [one for one, until in running.items() if until <= now]:
            del running[number]
            played.ended[number] = Ended(comes.get(number, Came.SWITCHED), now)
    raise AssertionError("it never ends")


sizes = st.lists(st.integers(1, 12), min_size=1, max_size=3)
paces = st.builds(
    Pace, st.integers(1, 3), st.integers(1, 5), st.integers(0, 100).map(lambda s: timedelta(seconds=s)),
    st.integers(0, 3), st.integers(1, 4),
)  # fmt: skip
came = st.dictionaries(st.integers(0, 35), st.sampled_from(Came), max_size=6)
lasting = st.lists(st.integers(1, 50), min_size=1, max_size=7)


@given(sizes, paces, lasting)
def test_where_all_goes_well_each_is_begun_once_and_all_are_done(size: list[int], pace: Pace, lasts: list[int]) -> None:
    played = play(size, pace, {}, lasts)
    assert sorted(played.begun) == list(range(sum(size)))
    assert played.halt is Halt.DONE
    assert played.most <= pace.at_once


@given(sizes, paces, came, lasting)
def test_nobody_is_lost_or_begun_twice_whatever_happens(
    size: list[int], pace: Pace, comes: dict[int, Came], lasts: list[int]
) -> None:
    played = play(size, pace, comes, lasts)
    assert len(set(played.begun)) == len(played.begun)
    assert set(played.begun) == played.ended.keys()
    left = set(range(sum(size))) - played.ended.keys()
    assert bool(left) <= (played.halt in (Halt.FAILURES, Halt.PENDING))


@given(sizes, paces, came, lasting)
def test_a_wave_waits_for_the_one_before_it_and_for_the_pause(
    size: list[int], pace: Pace, comes: dict[int, Came], lasts: list[int]
) -> None:
    played = play(size, pace, comes, lasts)
    for lane in played.lanes:
        for before, after in pairwise(lane):
            for number in set(after) & played.began.keys():
                assert all(played.ended[one].came is not Came.PENDING for one in before)
                assert played.began[number] >= max(played.ended[one].at for one in before) + pace.pause


@given(sizes, paces, came, lasting)
def test_nothing_is_begun_after_one_failure_too_many(
    size: list[int], pace: Pace, comes: dict[int, Came], lasts: list[int]
) -> None:
    played = play(size, pace, comes, lasts)
    failed = sorted(one.at for one in played.ended.values() if one.came is Came.FAILED)
    if len(failed) > pace.stop_after:
        over = failed[pace.stop_after]
        assert all(began <= over for began in played.began.values())
        # Only what was under way can fail besides.
        assert len(failed) <= pace.stop_after + pace.at_once * len(size)


@given(sizes, paces, came, lasting, st.data())
def test_a_campaign_that_goes_on_begins_nothing_that_has_ended(
    size: list[int], pace: Pace, comes: dict[int, Came], lasts: list[int], data: st.DataObject
) -> None:
    whole = play(size, pace, comes, lasts)
    count = data.draw(st.integers(0, len(whole.ended)))
    kept = dict(sorted(whole.ended.items(), key=lambda item: item[1].at)[:count])
    known = {number: one for number, one in kept.items() if one.came is not Came.PENDING}
    again = play(size, pace, {}, lasts, known)
    assert set(again.begun).isdisjoint(known)
    if again.halt is Halt.DONE:
        assert again.ended.keys() == set(range(sum(size)))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[int]], dict[int, int]]:
    """Lanes, by the identities' numbers, of a table in which a domain may stand once in each; and what comes before."""
    rows = [draw(st.permutations(range(3)).flatmap(lambda some: st.just(some[: draw(st.integers(1, 3))])))
            for _ in range(draw(st.integers(1, 8)))]  # fmt: skip
    members = [
        Member(f"d{domain}.example.jp", "s", "1", str(lane), {}, Group.READY, plan_of(f"d{domain}"), turn=turn)
        for domain, lanes in enumerate(rows)
        for turn, lane in enumerate(lanes)
    ]
    ready = fleet.ready(members)
    lanes = [[number for number, one in enumerate(ready) if one.region == str(lane)] for lane in range(3)]
    return [lane for lane in lanes if lane], fleet.after(ready)


@given(tables(), paces, lasting)
def test_rows_of_a_domain_in_any_lanes_never_wait_for_each_other(
    table: tuple[list[list[int]], dict[int, int]], pace: Pace, lasts: list[int]
) -> None:
    lanes, after = table
    played = play([], pace, {}, lasts, None, lanes, after)
    assert sorted(played.begun) == sorted(number for lane in lanes for number in lane)
    assert played.halt is Halt.DONE
    assert all(played.began[number] >= played.ended[first].at for number, first in after.items())


@given(tables(), paces, came, lasting)
def test_what_comes_after_a_row_that_is_not_verified_is_not_begun(
    table: tuple[list[list[int]], dict[int, int]], pace: Pace, comes: dict[int, Came], lasts: list[int]
) -> None:
    lanes, after = table
    played = play([], replace(pace, stop_after=100), comes, lasts, None, lanes, after)
    for number, first in after.items():
        if number in played.began:
            assert played.ended[first].came is Came.SWITCHED
            assert played.began[number] >= played.ended[first].at
    left = {number for lane in lanes for number in lane} - played.ended.keys()
    assert bool(left) <= (played.halt in (Halt.PENDING, Halt.EARLIER))
    if Came.PENDING not in comes.values():
        # Every one that is left has one before it that failed, or that is left itself: all others were begun.
        assert all(after[number] in left or played.ended[after[number]].came is Came.FAILED for number in left)


@each(
    ("written", "count", "canary"),
    [("1%", 10_000, 100), ("1%", 30, 1), ("0.5%", 1000, 5), ("100%", 200, 200), ("5", 3, 3), (" 1 ", 9, 1)],
)
def test_a_canary_is_a_number_or_a_share_and_at_least_one(written: str, count: int, canary: int) -> None:
    assert waves.canary_of(written, count) == canary


@each("written", ["0%", "-1%", "100.5%", "%", "0", "-1", "1.5", "x", ""])
def test_anything_else_is_no_canary(written: str) -> None:
    with pytest.raises(ValueError, match=r"no share|no number|could not convert"):
        waves.canary_of(written, 10)


def test_a_lane_is_cut_into_its_canary_and_waves_that_are_counted() -> None:
    cut = waves.cut(range(7), 2, 3)
    assert cut == ((0, 1), (2, 3, 4), (5, 6))
    assert waves.cut([], 2, 3) == ()
    ended = {0: Came.FAILED, 2: Came.SWITCHED, 3: Came.SWITCHED}
    assert waves.counted(cut[1], ended) == {Came.SWITCHED: 2, Came.PENDING: 0, Came.FAILED: 0}


def test_why_nothing_is_begun_any_more() -> None:
    pace = Pace(2, 5, timedelta(), 1, 4)
    pending, failed = Ended(Came.PENDING, START), Ended(Came.FAILED, START)
    # Each lane's second waits for the other lane's first, which SES has yet to verify.
    crossed = waves.step([[(0, 1)], [(2, 3)]], pace, {0: pending, 2: pending}, (), START, {1: 2, 3: 0})
    assert crossed == waves.Step((), None, Halt.PENDING)
    third = waves.step([[(0,)], [(1,)], [(2,)]], pace, {0: failed}, (), START, {1: 0, 2: 1})
    assert third == waves.Step((), None, Halt.EARLIER)


@each("outcome", ["FAILED", "ROLLED-BACK", "REFUSED", "PLANNED", "", "nonsense"])
def test_what_is_not_switched_is_a_failure(outcome: str) -> None:
    assert waves.came(outcome) is Came.FAILED
    assert waves.came("SWITCHED") is waves.came("UNCHANGED") is Came.SWITCHED
    assert waves.came("SWITCHED-PENDING") is Came.PENDING
