"""Polling: look, pause, twice as long each time, and look once more when the time is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

from second_edition.rotation.timing import pauses

TICK_S: Final = 1.0


class Polling:
    """Looks until the time is over, or who looks ends the loop.

    Args:
        seconds: how long; 0 for one look.
        first: the first pause, in seconds.
        longest: up to which pauses grow.
        skip: moves the world's clock by so many seconds, where a pause needs no real time.

    Attributes:
        paced: pauses are made here; not where what is looked at has a pace of its own.
        pause: seconds until the next look.
        tick: is called each second of a pause, with the seconds until the next look.

    Example:
        ``for poll in Polling(60): ...``
    """

    def __init__(
        self, seconds: float, first: float = 0.05, longest: float = 15.0, skip: Callable[[float], None] | None = None
    ) -> None:
        self.skip, self._skipped = skip, 0.0
        self.paced, self.pause = True, 0.0
        self.tick: Callable[[float], object] = lambda _: None
        self._seconds, self._pauses, self._started = seconds, pauses(first, longest), time.monotonic()

    @property
    def passed(self) -> float:
        """Return how many seconds have passed in the world, to the millisecond."""
        return round(self.wall + self._skipped, 3)

    @property
    def wall(self) -> float:
        """Return how many seconds have passed on this machine, to the millisecond."""
        return round(time.monotonic() - self._started, 3)

    @property
    def taken(self) -> dict[str, float]:
        """Return how long it took, as an event of the journal says it."""
        return {"seconds": self.passed} | ({"wall_s": self.wall} if self.skip else {})

    @property
    def left(self) -> float:
        """Return how many seconds are left."""
        return self._seconds - self._skipped - (time.monotonic() - self._started)

    def __iter__(self) -> Iterator[Polling]:
        for pause in self._pauses:
            self.pause = max(min(pause, self.left), 0)
            yield self
            if self.left <= 0:
                return
            if self.paced:
                self._sleep(max(min(pause, self.left), 0))

    def _sleep(self, seconds: float) -> None:
        if self.skip is not None:
            self.skip(seconds)
            self._skipped += seconds
            return
        ends = time.monotonic() + seconds
        while (rest := ends - time.monotonic()) > 0:
            self.tick(rest)
            time.sleep(min(rest, TICK_S))
