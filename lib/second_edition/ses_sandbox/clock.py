"""A clock that can be moved forward, so that 72 hours pass in no time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def real_time() -> datetime:
    """Return the machine's own time, in UTC."""
    return datetime.now(UTC)


class SandboxClock:
    """The real time plus an offset that only grows."""

    def __init__(self, real: Callable[[], datetime] = real_time) -> None:
        self._real = real
        self.offset = timedelta()

    def now(self) -> datetime:
        """Return the sandbox's time, in UTC."""
        return self._real() + self.offset

    def advance(self, by: timedelta) -> None:
        """Move the clock forward.

        Raises:
            ValueError: ``by`` is negative: what has happened stays.
        """
        if by < timedelta():
            raise ValueError("the sandbox's clock only goes forward")
        self.offset += by
