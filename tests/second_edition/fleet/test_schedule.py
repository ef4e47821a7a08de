"""Which calls a reader makes, in moments of no clock: how few, for whom, and less often the longer nothing shows."""

from __future__ import annotations

from itertools import pairwise

from second_edition.procedures.fleet.reader import ALONE_S, EVERY_S, LONGEST_S, Schedule
from second_edition.rotation.inventory import BATCH

NAMES = [f"{number:03}.example.jp" for number in range(250)]


def calls(schedule: Schedule, since: float, until: float, *, changed: bool = False) -> list[tuple[float, int]]:
    """The calls that are made in that time, looked for each second: when, and of how many."""
    found, now = [], since
    while now < until:
        if names := schedule.due(now):
            schedule.read(names, now, changed=changed)
            found.append((now, len(names)))
        now += 1
    return found


def test_who_begins_is_read_at_once_with_all_that_come_soon_and_they_need_no_call_then() -> None:
    one = Schedule()
    one.expect(NAMES[140:141], NAMES, 0.0)
    names = one.due(0.0)
    assert names == (NAMES[140], *NAMES[: BATCH - 1])
    one.read(names, 0.0, changed=False)
    one.expect(NAMES[140:141] + NAMES[:20], NAMES[20:], 10.0)
    assert one.due(10.0) == ()
    one.expect([*NAMES[:20], NAMES[120]], NAMES[20:], 11.0)
    assert one.due(11.0)[0] == NAMES[120]  # of whom nothing is known


def test_where_none_is_to_write_the_last_ones_are_asked_about_soon_and_then_less_often() -> None:
    one = Schedule()
    one.expect(NAMES[:3], (), 0.0)
    times = [when for when, _ in calls(one, 0.0, 600.0)]
    apart = [after - before for before, after in pairwise(times)]
    assert times[0] == 0.0
    assert apart[0] == ALONE_S
    assert apart == sorted(apart)
    assert apart[-1] == LONGEST_S
    assert len(times) < 600 / LONGEST_S + 25
    one.expect(NAMES[:2], (), 600.0)  # one has ended: the others may soon
    assert len(calls(one, 600.0, 606.0)) >= 1


def test_more_than_a_hundred_take_turns_and_none_is_left_out() -> None:
    one, seen = Schedule(), dict[str, float]()
    one.expect(NAMES, NAMES[:1], 0.0)
    made = 0
    for now in range(300):
        if names := one.due(float(now)):
            assert len(names) <= BATCH
            one.read(names, float(now), changed=False)
            made += 1
            for name in names:
                assert now - seen.get(name, float(now)) <= LONGEST_S + 3
                seen[name] = float(now)
    assert seen.keys() == set(NAMES)
    assert made <= 3 * 20


def test_two_hundred_that_begin_one_a_second_cost_a_call_each_half_minute() -> None:
    one, made = Schedule(), 0
    for number in range(200):
        one.expect(NAMES[max(0, number - 40) : number + 1], NAMES[number + 1 :][:BATCH], float(number))
        if names := one.due(float(number)):
            one.read(names, float(number), changed=True)
            made += 1
    assert made <= 200 / EVERY_S + 2
