"""What a campaign's waves have to say to what carries it out, the plainest waves that say it, and the library's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from byodkim.rotation.waves import Came, Ended, Halt, Pace, canary_of, cut, step


class Waves(Protocol):
    """Which identities a campaign begins, by what came of those before."""

    @property
    def stopped(self) -> bool:
        """Whether nothing more may be begun, also of what was handed out."""
        ...

    def due(self, at: float) -> Sequence[int]:
        """Identities that may be begun from now on (seconds), each handed out once; none while waiting."""
        ...

    def report(self, identity: int, at: float, *, good: bool) -> None:
        """What came of one that was begun: SES verified it, or did not in time. Of one that was refused: good."""
        ...


@dataclass
class Plain:
    """A canary, then waves; a wave begins when the one before it has been reported whole and a pause is over.

    Attributes:
        count: identities, numbered from 0.
        canary: share of all in the first wave, at least one.
        shares: of all in the waves after it; the last takes what is left.
        pause_s: seconds between waves.
        most: failures after which it goes on; with one more it stops. ``None``: it never stops.
    """

    count: int
    canary: float = 0.01
    shares: tuple[float, ...] = (0.1,)
    pause_s: float = 600
    most: int | None = 5

    def __post_init__(self) -> None:
        self.failed, self._open, self._next, self._wave, self._from = 0, 0, 0, 0, 0.0

    @property
    def first(self) -> int:
        """Identities in the canary."""
        return max(math.ceil(self.canary * self.count), 1)

    @property
    def stopped(self) -> bool:
        """Too many have failed."""
        return self.most is not None and self.failed > self.most

    def due(self, at: float) -> Sequence[int]:
        """The next wave, where its time has come."""
        if self.stopped or self._open or at < self._from or self._next == self.count:
            return ()
        sizes = (self.first, *(math.ceil(share * self.count) for share in self.shares))
        size = sizes[self._wave] if self._wave < len(sizes) else self.count
        wave = range(self._next, min(self._next + size, self.count))
        self._wave, self._next, self._open = self._wave + 1, wave.stop, len(wave)
        return wave

    def report(self, identity: int, at: float, *, good: bool) -> None:  # noqa: ARG002 - the numbers are enough here
        """Counts."""
        self.failed += not good
        self._open -= 1
        if not self._open:
            self._from = at + self.pause_s


@dataclass
class Real:
    """The waves by which campaigns are carried out (``rotation.waves``), a lane for each account and Region.

    Attributes:
        count, groups: identities, numbered from 0, and lanes; identity i is of lane i modulo this.
        canary: of each lane, as the parameter is written.
        wave, pause_s, most: as the parameters are.
    """

    count: int
    groups: int
    canary: str = "1%"
    wave: int = 100
    pause_s: float = 600
    most: int = 0

    def __post_init__(self) -> None:
        each = [range(group, self.count, self.groups) for group in range(self.groups)]
        self._lanes = [cut(lane, canary_of(self.canary, len(lane)), self.wave) for lane in each]
        self._pace = Pace(1, self.wave, timedelta(seconds=self.pause_s), self.most, self.count)
        self._ended: dict[int, Ended] = {}
        self._running: set[int] = set()
        self.stopped = False

    @property
    def first(self) -> int:
        """Identities in the canaries of all lanes."""
        return sum(len(waves[0]) for waves in self._lanes)

    def due(self, at: float) -> Sequence[int]:
        """Return what is to be begun by now."""
        now = step(self._lanes, self._pace, self._ended, self._running, _moment(at))
        self.stopped = now.halt is Halt.FAILURES
        self._running.update(now.begin)
        return now.begin

    def report(self, identity: int, at: float, *, good: bool) -> None:
        """What came of one."""
        self._running.remove(identity)
        self._ended[identity] = Ended(Came.SWITCHED if good else Came.FAILED, _moment(at))
        self.stopped = step(self._lanes, self._pace, self._ended, self._running, _moment(at)).halt is Halt.FAILURES


def _moment(at: float) -> datetime:
    return datetime(2026, 11, 24, tzinfo=UTC) + timedelta(seconds=at)
