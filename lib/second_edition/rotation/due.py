"""Reckon when a key is due to be rotated, and by when its rotation must be begun. Times are timezone-aware."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

#: Days before a key's term ends at which its operators are warned.
WARNINGS: Final = (60, 30, 16)
#: The least that is planned by, however fast DNS was: a rehearsal's takes seconds.
LEAST: Final = timedelta(days=1)
#: How long a DNS team is taken to need where no run has measured it.
UNMEASURED: Final = timedelta(days=14)


class Source(StrEnum):
    """Hold what tells how old a key is."""

    SES = "ses"
    """SES's LastKeyGenerationTimestamp, which it gives for keys of its own (Easy DKIM)."""
    OBJECT = "object"
    """The key object's LastModified in S3, as it is now."""
    ARCHIVED_OBJECT = "archived-object"
    """The same, as a run of the archive saw it."""
    ARCHIVED_USE = "archived-use"
    """A run of the archive saw the selector in use, or gave it to SES."""


class Made(Struct, frozen=True):
    """A key was there at ``at``, at the latest: what tells so is ``by``."""

    at: datetime
    by: Source


def oldest(known: Iterable[Made]) -> Made | None:
    """Return the earliest of what is known of a key: an object that was copied looks younger than its key is."""
    return min(known, key=lambda made: made.at, default=None)


class Lead(Struct, frozen=True):
    """Hold how long DNS takes, from a request until every authoritative server serves the record.

    Attributes:
        span: to reckon with: the longest that was measured, and a day at least.
        requests: how many requests it was measured by; 0 where ``span`` is taken for granted.
        runs: how many runs of the archive told of those requests.
    """

    span: timedelta = UNMEASURED
    requests: int = 0
    runs: int = 0


def lead(measured: Sequence[timedelta], runs: int) -> Lead:
    """Return the lead time to reckon with, a day at least: who plans by the mean is late every other time."""
    return Lead(max(*measured, LEAST), len(measured), runs) if measured else Lead()


class Urgency(StrEnum):
    """Hold how a key stands to its term."""

    FINE = "fine"
    WARNED = "warned"
    """A day of warning has come."""
    LATE = "late"
    """The rotation should have been begun: the DNS team may need longer than is left."""
    OVERDUE = "overdue"


class Due(Struct, frozen=True):
    """A key's term.

    Attributes:
        made: when the key was made, and what tells so.
        rotate_by: when it must be out of use.
        start_by: when the DNS team must have the request for the next one.
    """

    made: Made
    rotate_by: datetime
    start_by: datetime

    def warnings(self) -> tuple[tuple[int, datetime], ...]:
        """Return the days of warning: how many days before the end of the term, and when that is."""
        return tuple((days, self.rotate_by - timedelta(days=days)) for days in WARNINGS)

    def warning(self, now: datetime) -> int | None:
        """Return the last warning that has come, in days before the end; ``None`` where none has."""
        return min((days for days, at in self.warnings() if now >= at), default=None)

    def urgency(self, now: datetime) -> Urgency:
        """Return how the key stands to its term."""
        if now >= self.rotate_by:
            return Urgency.OVERDUE
        if now >= self.start_by:
            return Urgency.LATE
        return Urgency.FINE if self.warning(now) is None else Urgency.WARNED


def due(made: Made, rotate_after_days: int, needs: Lead) -> Due:
    """Return the term of a key.

    Args:
        made: when it was made.
        rotate_after_days: how long it may be used, in days.
        needs: how long DNS takes.
    """
    rotate_by = made.at + timedelta(days=rotate_after_days)
    return Due(made, rotate_by, rotate_by - needs.span)
