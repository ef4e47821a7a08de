"""Decide what a campaign comes to, by its events."""

from __future__ import annotations

from typing import Final

from byodkim.events.campaign import Started
from byodkim.evidence.fleet_record import outcome_of
from byodkim.evidence.record import Record
from byodkim.rotation.outcome import Outcome

__all__ = ["APPLIED", "begun", "outcome_of"]

APPLIED: Final = frozenset({Outcome.SWITCHED, Outcome.SWITCHED_PENDING, Outcome.STOPPED})


def begun(record: Record) -> bool:
    """Return whether it has begun an identity's run."""
    return record.of(Started) is not None
