"""Decide what a run of prepare comes to, by its events: PREPARED once a key pair is stored and proved to be one."""

from __future__ import annotations

from typing import Final

from second_edition.events.writes import Storing
from second_edition.evidence.decided import outcome_of_made
from second_edition.evidence.record import Record
from second_edition.rotation.findings import Verdict
from second_edition.rotation.outcome import Outcome

APPLIED: Final = frozenset({Outcome.PREPARED})


def begun(record: Record) -> bool:
    """Return whether it has begun to write."""
    return record.of(Storing) is not None


def proved(record: Record) -> bool:
    """Return whether it has seen that the stored key pair is one."""
    return any(one.id == "KEY-PAIR" and one.verdict is Verdict.PASS for one in record.findings)


def outcome_of(record: Record) -> Outcome:
    """Return what a run came to that no error ended."""
    return outcome_of_made(record, Outcome.PREPARED, proved)
