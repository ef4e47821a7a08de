"""A campaign over many accounts and Regions at once, event by event, with what goes wrong: a model, by a seed.

Of SES it knows: a limit of control-plane calls for each account and Region, whoever asks; that a call over the limit is
refused and costs its place all the same; that a selector which was written is verified some time later, or never; that
100 identities' status comes by one call. All else is the campaign's: plan by one reading an identity, write once, look
by the hundred, give up waiting after a while. Times are seconds.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

BATCH = 100


@dataclass(frozen=True)
class Fleet:
    """Hold what is rotated, and how it is gone about.

    Attributes:
        groups: accounts times Regions, side by side. Identity i is of group i modulo this.
        identities: in all.
        rate: calls a second that a group's campaign allows itself.
        look_s: between two looks at what has not been verified yet.
        wait_s: after which a write counts as failed.
        at_once: written and not reported yet, at most, in each group.
        median_s, spread: how long SES takes to verify: a logarithmic normal distribution. AWS names no figures.
    """

    groups: int
    identities: int
    rate: float = 0.98
    look_s: float = 90
    wait_s: float = 600
    at_once: int = 1000
    median_s: float = 90
    spread: float = 0.5


@dataclass(frozen=True)
class Faults:
    """Hold what goes wrong.

    Attributes:
        refused: share of identities that planning finds not ready (no key record, another key): never written.
        broken: share that is not verified after its write, ever.
        throttled: share of calls that are refused, others being at the same limit.
        storm: from, to, and the share of calls refused in that time.
        kills: when the campaign is killed; it is begun again ``again_s`` later.
    """

    refused: float = 0
    broken: float = 0
    throttled: float = 0
    storm: tuple[float, float, float] = (0, 0, 0)
    kills: tuple[float, ...] = ()
    again_s: float = 300


@dataclass
class Told:
    """Hold what came of it: seconds, calls and identities."""

    planned_s: float = 0
    ended_s: float = 0
    calls: int = 0
    refused_calls: int = 0
    writes: list[int] = field(default_factory=list)
    refused: int = 0
    verified: int = 0
    broken: int = 0
    unsigned_s: float = 0
    stopped: bool = False


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
class _Group:
    free: float = 0
    look: float = math.inf
    waiting: deque[int] = field(default_factory=deque)
    open: dict[int, tuple[float, float]] = field(default_factory=dict)  # written when, verified when


class Campaign:
    """One campaign from its plan to its end or its stop."""

    def __init__(self, fleet: Fleet, waves: Plain, faults: Faults, seed: int) -> None:
        self._fleet, self._waves, self._faults = fleet, waves, faults
        self._random, self._told = random.Random(seed), Told()
        self._groups = [_Group() for _ in range(fleet.groups)]
        # Which identities are how does not depend on the order in which they are begun.
        self._ready = [self._random.random() >= faults.refused for _ in range(fleet.identities)]
        self._breaks = [self._random.random() < faults.broken for _ in range(fleet.identities)]

    def run(self) -> Told:
        """Plans, then writes wave by wave."""
        told, fleet = self._told, self._fleet
        for number in range(fleet.identities):
            group = self._groups[number % fleet.groups]
            self._call(group, group.free)
        told.planned_s = max(group.free for group in self._groups)
        told.refused = self._ready.count(False)
        at, kills = told.planned_s, deque(sorted(kill + told.planned_s for kill in self._faults.kills))
        while (at := self._wave(at)) < math.inf:
            while self._loaded():
                at = self._go(at, kills[0] if kills else math.inf)
                if kills and at >= kills[0]:
                    at = kills.popleft() + self._faults.again_s
                    self._look_again(at)
        told.stopped = self._waves.stopped
        return told

    def _wave(self, at: float) -> float:
        """Hands out the next wave and gives when it began; infinity where there is none."""
        for minute in range(24 * 60):
            if wave := self._waves.due(at + 60 * minute):
                self._hand_out(wave, at + 60 * minute)
                return at + 60 * minute
        return math.inf

    def _hand_out(self, wave: Sequence[int], at: float) -> None:
        for number in wave:
            if self._ready[number]:
                self._groups[number % self._fleet.groups].waiting.append(number)
            else:
                self._waves.report(number, at, good=True)

    def _loaded(self) -> bool:
        return any(group.waiting or group.open for group in self._groups)

    def _go(self, at: float, until: float) -> float:
        """Carries out what was handed out until all of it is reported, or until a kill. Gives the last moment."""
        due = [
            (max(group.free, at), number) for number, group in enumerate(self._groups) if group.waiting or group.open
        ]
        heapify(due)
        while due:
            at, number = heappop(due)
            if at >= until:
                return until
            group = self._groups[number]
            self._act(group, at)
            if self._waves.stopped:
                group.waiting.clear()
            if group.open and not self._may_write(group):
                heappush(due, (max(group.free, group.look), number))
            elif group.open or group.waiting:
                heappush(due, (group.free, number))
        return at

    def _may_write(self, group: _Group) -> bool:
        return bool(group.waiting) and len(group.open) < self._fleet.at_once

    def _act(self, group: _Group, at: float) -> None:
        if group.look <= at:
            self._look(group, at)
        elif self._may_write(group) and not self._waves.stopped:
            number, fleet = group.waiting.popleft(), self._fleet
            at = self._call(group, at)
            takes = (
                math.inf
                if self._breaks[number]
                else self._random.lognormvariate(math.log(fleet.median_s), fleet.spread)
            )
            group.open[number] = (at, at + takes)
            group.look = min(group.look, at + fleet.look_s)
            self._told.writes.append(number)

    def _look(self, group: _Group, at: float) -> None:
        """One batch call for each hundred that are open; reports those of which it is known."""
        told = self._told
        for _ in range(math.ceil(len(group.open) / BATCH)):
            at = self._call(group, at)
        for number, (written, verified) in list(group.open.items()):
            good = verified <= at
            if good or at >= written + self._fleet.wait_s:
                del group.open[number]
                told.verified, told.broken = told.verified + good, told.broken + (not good)
                told.unsigned_s += min(verified, at) - written
                self._waves.report(number, at, good=good)
                told.ended_s = max(told.ended_s, at)
        group.look = at + self._fleet.look_s if group.open else math.inf

    def _look_again(self, at: float) -> None:
        """What a campaign does that finds itself begun: it looks at all that it may have written."""
        for group in self._groups:
            group.free = max(group.free, at)
            if group.open:
                group.look = at

    def _call(self, group: _Group, at: float) -> float:
        """Return when a call is answered; until then it may be refused, once or several times."""
        at, told = max(at, group.free), self._told
        while (share := self._storm(at) or self._faults.throttled) and self._random.random() < share:
            at, told.refused_calls = at + 1 / self._fleet.rate, told.refused_calls + 1
        told.calls += 1
        group.free = at + 1 / self._fleet.rate
        return at

    def _storm(self, at: float) -> float:
        first, last, share = self._faults.storm
        return share if first <= at < last else 0


def run(fleet: Fleet, waves: Plain, faults: Faults | None = None, seed: int = 1) -> Told:
    """One campaign."""
    return Campaign(fleet, waves, faults or Faults(), seed).run()
