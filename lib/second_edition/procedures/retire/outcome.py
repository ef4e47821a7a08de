"""Decide what a run of retire comes to, by its events: RETIRED once all is gone and mail is still signed."""

from __future__ import annotations

from typing import Final

from second_edition.events.writes import Erasing
from second_edition.evidence.decided import outcome_of_made
from second_edition.evidence.record import Record
from second_edition.evidence.verification_zone import wrote
from second_edition.rotation.outcome import Outcome

APPLIED: Final = frozenset({Outcome.RETIRED})
#: Checks by which it is proved.
_PROVED: Final = frozenset({"DNS-WITHDRAWN", "STORE-ERASED"})


def begun(record: Record) -> bool:
    """Return whether it has written, or may have."""
    return wrote(record) or record.of(Erasing) is not None


def proved(record: Record) -> bool:
    """Return whether it has seen that what it withdrew is gone, and that mail is signed all the same."""
    fulfilled = {one.id for one in record.findings if not one.objects}
    stopping = {one.id for one in record.findings if one.stops}
    return fulfilled >= _PROVED and stopping.isdisjoint({"SES-UNUSED", "BACK-ACTIVE"})


def outcome_of(record: Record) -> Outcome:
    """Return what a run came to that no error ended."""
    return outcome_of_made(record, Outcome.RETIRED, proved)
