"""Find the outcome of a run that no error ended, by its events: as it closes, and as it is verified."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from second_edition.contributions import contributed
from second_edition.evidence.record import Record
from second_edition.rotation.outcome import Outcome, decide_made


class Deciding(Protocol):
    """Hold what a procedure's module ``outcome`` has.

    Attributes:
        APPLIED: what a run that applies may come to, besides what any run may.
    """

    APPLIED: Collection[Outcome]

    def begun(self, record: Record) -> bool:
        """Return whether a run has begun to write; a campaign, whether it has begun an identity's run."""

    def outcome_of(self, record: Record) -> Outcome:
        """Return what a run came to that no error ended."""


def own(procedure: str) -> Deciding:
    """Return what decides the outcome of a procedure's runs.

    Raises:
        LookupError: no such procedure is known to this version.
    """
    found: Deciding = contributed(procedure, "outcome")
    return found


def begun(record: Record) -> bool:
    """Return whether a run has begun to write."""
    return own(record.procedure).begun(record)


def outcome_of_made(record: Record, made: Outcome, proved: Callable[[Record], bool]) -> Outcome:
    """Return the outcome of a run that has made its plan, of a procedure that makes one thing: ``made``, if proved."""
    plan = record.made
    return decide_made(
        made,
        applies=record.begin.mode == "apply",
        changes=bool(plan and plan.writes),
        requested=bool(plan and plan.requested),
        wrote=begun(record),
        proved=proved(record),
    )
