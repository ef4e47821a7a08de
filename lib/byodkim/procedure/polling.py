"""Polling: look, pause, twice as long each time, and look once more when the time is over."""

from __future__ import annotations

import time
from collections.abc import Iterator

from byodkim.rotation.timing import pauses


class Polling:
    """Looks until the time is over, or who looks ends the loop.

    Args:
        seconds: how long; 0 for one look.
        first: the first pause, in seconds.
        longest: up to which pauses grow.

    Attributes:
        paced: pauses are made here; not where what is looked at has a pace of its own.

    Example:
        ``for poll in Polling(60): ...``
    """

    def __init__(self, seconds: float, first: float = 0.05, longest: float = 15.0) -> None:
        self.paced = True
        self._seconds, self._pauses, self._started = seconds, pauses(first, longest), time.monotonic()

    @property
    def passed(self) -> float:
        """Return how many seconds have passed, to the millisecond."""
        return round(time.monotonic() - self._started, 3)

    @property
    def left(self) -> float:
        """Return how many seconds are left."""
        return self._seconds - (time.monotonic() - self._started)

    def __iter__(self) -> Iterator[Polling]:
        for pause in self._pauses:
            yield self
            if self.left <= 0:
                return
            if self.paced:
                time.sleep(max(min(pause, self.left), 0))
