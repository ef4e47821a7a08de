"""Decide the outcome of a run of rotate that no error ended, by its events: as it closes, and as it is verified."""

from __future__ import annotations

from byodkim.evidence.record import Record
from byodkim.rotation.outcome import Outcome, decide
from byodkim.rotation.plan import stands


def outcome_of(record: Record) -> Outcome:
    """Return the outcome; FAILED too where SES was not read after the write."""
    if record.rolled_back is not None:
        signs = record.after is not None and record.after.signs
        return Outcome.ROLLED_BACK if signs else Outcome.FAILED
    plan, wrote = record.plan, record.switch is not None and record.switch.accepted
    if record.after is None or record.before is None or plan is None or record.unread_since_write:
        return Outcome.FAILED
    return decide(
        applies=record.begin["mode"] == "apply",
        wrote=wrote,
        changes=bool(plan.writes) or wrote,
        after=record.after,
        selector=str(record.begin["selector"]),
        given_up=record.given_up,
        stood=stands(record.before),
        completes=_completes(record),
    )


def _completes(record: Record) -> bool:
    earlier = record.begin["previous"] or {}
    pending = earlier.get("rotated", earlier.get("outcome")) != Outcome.SWITCHED and bool(earlier.get("written_at"))
    return pending and earlier["selector"] == record.begin["selector"]
