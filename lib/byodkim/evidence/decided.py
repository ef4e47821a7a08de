"""Decide the outcome of a run that no error ended, by its events: as it closes, and as it is verified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from byodkim.events.parts import Event
from byodkim.events.writes import Erasing, Storing
from byodkim.events.zone import ZoneIntent
from byodkim.evidence.record import Record
from byodkim.rotation.findings import Verdict
from byodkim.rotation.outcome import Outcome, decide, decide_made
from byodkim.rotation.plan import stands

#: What a procedure comes to that makes one thing, and the events before its writes.
MADE: Final[Mapping[str, tuple[Outcome, tuple[type[Event], ...]]]] = {
    "prepare": (Outcome.PREPARED, (Storing,)),
    "publish": (Outcome.PUBLISHED, (ZoneIntent,)),
    "retire": (Outcome.RETIRED, (ZoneIntent, Erasing)),
}
#: Checks by which it is proved: of prepare and publish, and of retire.
PAIR, SERVED = "KEY-PAIR", "DNS-SERVED"
PROVED: Final = frozenset({"DNS-WITHDRAWN", "STORE-ERASED", "SECRET-CLEARED"})


def begun(record: Record) -> bool:
    """Return whether a run of prepare, publish or retire has begun to write."""
    _, before = MADE[record.procedure]
    return any(isinstance(event, before) for event in record.events)


def proved(record: Record) -> bool:
    """Return whether a run of prepare, publish or retire has seen that what it made, or withdrew, is as it is to be.

    After a retirement, mail has to be signed all the same.
    """
    if record.procedure != "retire":
        return any(one.id in (PAIR, SERVED) and one.verdict is Verdict.PASS for one in record.findings)
    fulfilled = {one.id for one in record.findings if not one.objects}
    stopping = {one.id for one in record.findings if one.stops}
    return fulfilled >= PROVED and stopping.isdisjoint({"SES-UNUSED", "BACK-ACTIVE"})


def outcome_of_made(record: Record) -> Outcome:
    """Return the outcome of a run of prepare, publish or retire that has made its plan."""
    plan = record.made
    return decide_made(
        MADE[record.procedure][0],
        applies=record.begin.mode == "apply",
        changes=bool(plan and plan.writes),
        requested=bool(plan and plan.requested),
        wrote=begun(record),
        proved=proved(record),
    )


def outcome_of(record: Record) -> Outcome:
    """Return the outcome of a run of rotate; FAILED too where SES was not read after the write."""
    if record.rolled_back is not None:
        signs = record.after is not None and record.after.signs
        return Outcome.ROLLED_BACK if signs else Outcome.FAILED
    plan, wrote = record.plan, record.switch is not None and record.switch.accepted
    if record.after is None or record.before is None or plan is None or record.unread_since_write:
        return Outcome.FAILED
    return decide(
        applies=record.begin.mode == "apply",
        wrote=wrote,
        changes=bool(plan.writes) or wrote,
        after=record.after,
        selector=record.begin.selector,
        given_up=record.given_up,
        stood=stands(record.before),
        completes=_completes(record),
    )


def _completes(record: Record) -> bool:
    earlier = record.previous
    pending = earlier.came != Outcome.SWITCHED and bool(earlier.written_at)
    return pending and earlier.selector == record.begin.selector
