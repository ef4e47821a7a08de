"""The outcome, for every combination of what was written and what SES shows."""

from __future__ import annotations

from itertools import product
from typing import Any

from msgspec.structs import replace

from second_edition.rotation.outcome import Outcome, decide, decide_fleet, possible
from tests.second_edition.each import each
from tests.second_edition.rotation import world
from tests.second_edition.rotation.world import CURRENT, NEXT

# What each argument can be; "selectors" and "status" are those of the identity as SES showed it last.
DOMAINS: dict[str, tuple[Any, ...]] = {
    "applies": (False, True),
    "wrote": (False, True),
    "changes": (False, True),
    "stood": (False, True),
    "completes": (False, True),
    "given_up": (False, True),
    "selectors": ((NEXT,), (CURRENT,), (), ("a", "b", "c")),
    "status": ("NOT_STARTED", "PENDING", "SUCCESS", "TEMPORARY_FAILURE", "FAILED"),
    "signs": ((True, "EXTERNAL"), (False, "EXTERNAL"), (None, "EXTERNAL"), (True, "AWS_SES")),
}
ALL = [dict(zip(DOMAINS, values, strict=True)) for values in product(*DOMAINS.values())]

SIGNS = {"signs": ((True, "EXTERNAL"),)}
NO_SIGNATURE = {"signs": ((False, "EXTERNAL"), (None, "EXTERNAL"), (True, "AWS_SES"))}
NO_SWITCH = {"applies": (True,), "stood": (True,), "changes": (False,), "completes": (False,), **SIGNS}
# Runs that are to end with the selector in use: those that find it so, unchanged, are not among them.
SWITCHES = (
    {"applies": (True,), "stood": (False,)},
    {"applies": (True,), "stood": (True,), "changes": (True,)},
    {"applies": (True,), "stood": (True,), "changes": (False,), "completes": (True,)},
)
WAITS = ("NOT_STARTED", "PENDING", "TEMPORARY_FAILURE")
GOES_ON = {"given_up": (False,)}
ENDS: tuple[tuple[dict[str, tuple[Any, ...]], Outcome], ...] = (
    ({"selectors": ((CURRENT,), ("a", "b", "c"))}, Outcome.FAILED),
    ({"selectors": ((),), "wrote": (False,)}, Outcome.FAILED),
    ({"selectors": ((),), "wrote": (True,), "given_up": (True,)}, Outcome.FAILED),
    ({"selectors": ((),), "wrote": (True,), "status": ("SUCCESS",), **GOES_ON}, Outcome.SWITCHED),
    ({"selectors": ((),), "wrote": (True,), "status": (*WAITS, "FAILED"), **GOES_ON}, Outcome.SWITCHED_PENDING),
    ({"selectors": ((NEXT,),), "given_up": (True,)}, Outcome.FAILED),
    ({"selectors": ((NEXT,),), "status": ("SUCCESS",), **GOES_ON}, Outcome.SWITCHED),
    # Just after the write SES may still show what it showed before: FAILED then says nothing of the write.
    ({"selectors": ((NEXT,),), "status": (*WAITS, "FAILED"), **GOES_ON}, Outcome.SWITCHED_PENDING),
)
TABLE: tuple[tuple[dict[str, tuple[Any, ...]], Outcome], ...] = (
    ({"applies": (False,), "stood": (True,), "changes": (False,), **SIGNS}, Outcome.UNCHANGED),
    ({"applies": (False,), "stood": (True,), "changes": (False,), **NO_SIGNATURE}, Outcome.PLANNED),
    # A selector that SES has verified signs nothing while signing is off, or with keys of SES's own.
    ({"applies": (True,), **NO_SIGNATURE}, Outcome.FAILED),
    ({"applies": (False,), "stood": (True,), "changes": (True,)}, Outcome.PLANNED),
    ({"applies": (False,), "stood": (False,)}, Outcome.PLANNED),
    (NO_SWITCH, Outcome.UNCHANGED),
    *(({**switch, **end, **SIGNS}, outcome) for switch in SWITCHES for end, outcome in ENDS),
)


def rows_for(combination: dict[str, Any]) -> list[Outcome]:
    return [
        outcome for pattern, outcome in TABLE if all(combination[name] in values for name, values in pattern.items())
    ]


def test_the_table_has_one_row_for_every_combination() -> None:
    assert len(ALL) == 2**6 * 4 * 5 * 4
    assert [combination for combination in ALL if len(rows_for(combination)) != 1] == []


@each("status", DOMAINS["status"])
def test_every_combination_comes_to_its_outcome(status: str) -> None:
    seen = world.found()
    for combination in ALL:
        if combination["status"] != status:
            continue
        given = {name: value for name, value in combination.items() if name not in ("selectors", "status", "signs")}
        enabled, origin = combination["signs"]
        after = replace(seen, selectors=combination["selectors"], status=status)
        after = replace(after, signing_enabled=enabled, signing_origin=origin)
        assert [decide(**given, after=after, selector=NEXT)] == rows_for(combination), combination


@each(
    ("mode", "outcome", "wrote", "can"),
    [
        ("plan", "PLANNED", False, True), ("plan", "SWITCHED", False, False), ("plan", "FAILED", True, False),
        ("apply", "FAILED", True, True), ("apply", "UNCHANGED", True, False),
        ("apply", "SWITCHED", True, True), ("apply", "PREPARED", True, False),  # another procedure's
    ],
)  # fmt: skip
def test_whether_a_run_of_rotate_can_have_come_to_that(mode: str, outcome: str, wrote: bool, can: bool) -> None:
    assert possible({Outcome.SWITCHED, Outcome.ROLLED_BACK}, mode, outcome, wrote=wrote) is can


@each("planned, there, outcome", [(0, 3, Outcome.UNCHANGED), (0, 2, Outcome.PLANNED), (3, 0, Outcome.PLANNED)])
def test_what_the_plan_of_a_campaign_came_to(planned: int, there: int, outcome: Outcome) -> None:
    assert decide_fleet(applies=False, planned=planned, there=there, all_of=3, came={}) is outcome


@each(
    ("switched", "pending", "failed", "outcome"),
    [
        (1, 0, 1, Outcome.STOPPED), (1, 1, 1, Outcome.FAILED),
        (2, 1, 0, Outcome.SWITCHED_PENDING), (3, 0, 0, Outcome.SWITCHED),
    ],
)  # fmt: skip
def test_what_a_campaign_came_to(switched: int, pending: int, failed: int, outcome: Outcome) -> None:
    came = {"switched": switched, "pending": pending, "failed": failed}
    assert decide_fleet(applies=True, planned=3, there=0, all_of=3, came=came) is outcome
