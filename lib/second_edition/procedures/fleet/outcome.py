"""Decide what a campaign comes to, by its events."""

from __future__ import annotations

from typing import Final

from second_edition.events.campaign import Started
from second_edition.evidence.fleet_record import outcome_of
from second_edition.evidence.record import Record
from second_edition.rotation.outcome import Outcome

__all__ = ["APPLIED", "begun", "outcome_of"]

APPLIED: Final = frozenset({Outcome.SWITCHED, Outcome.SWITCHED_PENDING, Outcome.STOPPED})


def begun(record: Record) -> bool:
    """Return whether it has begun an identity's run."""
    return record.of(Started) is not None
