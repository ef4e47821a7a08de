"""Times that follow from documented limits. All are timezone-aware datetimes in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

# SES looks for the key record for 72 hours after the write, then gives up (Amazon SES Developer Guide, BYODKIM).
SES_PATIENCE = timedelta(hours=72)
# Mail in transit is retried for 4 to 5 days (RFC 5321 section 4.5.4.1); its signature must verify until it arrives.
OVERLAP = timedelta(days=7)
MAX_CLOCK_SKEW = timedelta(minutes=5)


def deadline(written: datetime) -> datetime:
    """When SES gives up on a key record that it has not found."""
    return written + SES_PATIENCE


def overlap_ends(verified: datetime) -> datetime:
    """Until when the selector that was left must stay published."""
    return verified + OVERLAP


def pauses(first: float = 0.05, longest: float = 15.0) -> Iterator[float]:
    """Seconds to wait between readings of the identity: doubled each time, up to ``longest``."""
    pause = first
    while True:
        yield pause
        pause = min(pause * 2, longest)
