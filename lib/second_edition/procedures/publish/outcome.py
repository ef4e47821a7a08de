"""Decide what a run of publish comes to, by its events: PUBLISHED once it wrote and every server serves the key."""

from __future__ import annotations

from typing import Final

from second_edition.events.zone import ZoneProved
from second_edition.evidence.decided import outcome_of_made
from second_edition.evidence.record import Record
from second_edition.evidence.verification_zone import wrote
from second_edition.rotation.findings import Verdict
from second_edition.rotation.outcome import Outcome

APPLIED: Final = frozenset({Outcome.PUBLISHED})


def begun(record: Record) -> bool:
    """Return whether it has written, or may have."""
    return wrote(record)


def proved(record: Record) -> bool:
    """Return whether it has seen that every authoritative server serves the key."""
    return any(one.id == "DNS-SERVED" and one.verdict is Verdict.PASS for one in record.findings)


def outcome_of(record: Record) -> Outcome:
    """Return what a run came to that no error ended; FAILED too where the answers of the servers do not prove it."""
    came, shown = outcome_of_made(record, Outcome.PUBLISHED, proved), record.of(ZoneProved)
    if came in (Outcome.PLANNED, Outcome.FAILED):
        return came
    if shown is None or not shown.proved:
        return Outcome.FAILED
    return Outcome.PUBLISHED if wrote(record) else Outcome.UNCHANGED
