"""The model of a fleet's campaign held against what can be told by hand: hours, calls, and how far a fault gets."""

from __future__ import annotations

import pytest

from tests.second_edition.each import each
from tests.second_edition.simulation.campaign import Faults, Fleet, Plain, Told, run

SEEDS = range(3)


def one_wave(fleet: Fleet, most: int | None = None) -> Plain:
    return Plain(fleet.identities, canary=1, most=most)


def sound(told: Told) -> None:
    """No identity is written twice, and whatever was written is accounted for."""
    assert len(told.writes) == len(set(told.writes))
    assert told.verified + told.broken == len(told.writes)


@each("seed", SEEDS)
@each(("groups", "identities"), [(1, 2000), (20, 10_000), (200, 100_000)])
def test_hours_are_those_of_a_reading_and_a_write_each_side_by_side(groups: int, identities: int, seed: int) -> None:
    fleet = Fleet(groups, identities, spread=0.3)
    told = run(fleet, one_wave(fleet), seed=seed)
    sound(told)
    floor = identities / groups / fleet.rate
    assert told.planned_s == pytest.approx(floor)
    writing = told.ended_s - told.planned_s
    # Looks take their place among the writes; the last ones wait for SES.
    assert floor <= writing <= floor * 1.05 + fleet.wait_s + fleet.look_s
    # A reading and the looks, beyond the write.
    assert 1 <= (told.calls - identities) / identities <= 1.05
    assert told.broken == 0


@each("seed", SEEDS)
@each("share", [0.01, 0.1, 1.0])
@each("most", [0, 5, 50])
@each("at_once", [1, 20])
def test_a_fault_gets_no_further_than_what_was_open_when_it_showed(
    share: float, most: int, at_once: int, seed: int
) -> None:
    """However large the wave: N + 1 failures stop it, and no more than what is open then can still fail."""
    fleet = Fleet(groups=2, identities=2000, at_once=at_once)
    told = run(fleet, one_wave(fleet, most), Faults(broken=share), seed)
    sound(told)
    assert told.broken <= most + fleet.groups * at_once
    assert told.stopped is (told.broken > most)
