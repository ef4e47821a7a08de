"""Decide what a run of rotate comes to, by its events."""

from __future__ import annotations

from typing import Final

from second_edition.events.writes import Intent, Rollback
from second_edition.evidence.record import Record
from second_edition.rotation.outcome import Outcome, decide
from second_edition.rotation.plan import stands

APPLIED: Final = frozenset({Outcome.SWITCHED, Outcome.SWITCHED_PENDING, Outcome.ROLLED_BACK})


def begun(record: Record) -> bool:
    """Return whether it has begun to write."""
    return record.of(Intent) is not None or record.of(Rollback) is not None


def outcome_of(record: Record) -> Outcome:
    """Return the outcome of a run that no error ended.

    FAILED too where SES was not read after the write, or no write of the run accounts for what SES shows.
    """
    if record.rolled_back is not None:
        signs = record.after is not None and record.after.signs
        return Outcome.ROLLED_BACK if signs else Outcome.FAILED
    plan, wrote = record.plan, record.switch is not None and record.switch.accepted
    if record.after is None or record.before is None or plan is None or record.unread_since_write:
        return Outcome.FAILED
    applies = record.begin.mode == "apply"
    stood = record.seen is not None and record.seen.current_selector == record.begin.selector
    if applies and not wrote and (plan.writes or not stood):
        return Outcome.FAILED
    return decide(
        applies=applies,
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
