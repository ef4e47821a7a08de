"""In which order the identities of a campaign are switched, and when it stops. Pure: told what has ended, it says more.

Each account and Region is a lane of its own: the canary first, then wave after wave, with a pause after each. The next
wave of a lane begins when every identity of the one before it is switched; one that SES has yet to verify holds it
back. The stop rule counts the failures of all lanes. Identities of one domain go one after another.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from msgspec import Struct


class Came(StrEnum):
    """Hold what became of one identity's run, as far as the waves go."""

    SWITCHED = "switched"
    PENDING = "pending"
    FAILED = "failed"


#: By the outcome of a run; any other, or none, is a failure.
OF_OUTCOME = {"SWITCHED": Came.SWITCHED, "UNCHANGED": Came.SWITCHED, "SWITCHED-PENDING": Came.PENDING}


def came(outcome: str) -> Came:
    """Return what a run's outcome is to the waves. "" (no record, or none that closed) is a failure."""
    return OF_OUTCOME.get(outcome, Came.FAILED)


class Halt(StrEnum):
    """Why no more runs are begun."""

    NOT = ""
    FAILURES = "failures"
    PENDING = "pending"
    EARLIER = "earlier"
    DONE = "done"


class Pace(Struct, frozen=True):
    """Hold how a campaign goes.

    Attributes:
        canary: identities in the first wave of each lane, at least 1.
        wave: identities in each later one, at least 1.
        pause: after each wave, from the end of its last run.
        stop_after: failures that are borne; one more stops the campaign.
        at_once: runs under way in each lane, at most.
    """

    canary: int
    wave: int
    pause: timedelta
    stop_after: int
    at_once: int


class Ended(Struct, frozen=True):
    """Hold what one identity's newest run came to, and when it ended."""

    came: Came
    at: datetime


class Step(Struct, frozen=True):
    """Hold what is to be done now.

    Attributes:
        begin: identities (by their numbers) whose runs are to be begun.
        wait_until: when there is something to begin without any run having ended; ``None`` where that is not known.
        halt: why nothing is begun any more, ``NOT`` while there is more to come.
    """

    begin: tuple[int, ...]
    wait_until: datetime | None
    halt: Halt


def canary_of(written: str, count: int) -> int:
    """Return how many identities a canary is: a number, or a share such as ``1%`` of ``count``, from 1 to all.

    Raises:
        ValueError: it is neither, or less than 1 or more than 100 %.
    """
    text = written.strip()
    if text.endswith("%"):
        share = float(text[:-1])
        if not 0 < share <= 100:
            raise ValueError("no share")
        return max(1, math.ceil(count * share / 100))
    if not text.isdecimal() or int(text) < 1:
        raise ValueError("no number")
    return max(1, min(int(text), count))


def cut(lane: Sequence[int], canary: int, wave: int) -> tuple[tuple[int, ...], ...]:
    """Return the waves of a lane, the canary first; none is empty."""
    edges = [0, *range(canary, len(lane), wave), len(lane)] if lane else []
    return tuple(tuple(lane[start:end]) for start, end in pairwise(edges))


def failures(ended: Mapping[int, Ended]) -> int:
    """Return how many identities have failed."""
    return sum(one.came is Came.FAILED for one in ended.values())


def step(
    lanes: Sequence[Sequence[Sequence[int]]],
    pace: Pace,
    ended: Mapping[int, Ended],
    running: Collection[int],
    now: datetime,
    after: Mapping[int, int] | None = None,
) -> Step:
    """Return what is to be done now.

    Args:
        lanes: the waves of each lane (``cut``), by the identities' numbers.
        pace: how the campaign goes.
        ended: what has ended by now, those taken over from an interrupted campaign included. What is to be run once
            more (an identity that was pending when the campaign was interrupted) is not among them.
        running: what is under way.
        now: the time.
        after: by number, the identity that is to be verified first.
    """
    if failures(ended) > pace.stop_after:
        return Step((), None, Halt.FAILURES)
    after = after or {}
    found = [_lane(waves, pace, ended, running, now, after) for waves in lanes]
    begin = tuple(number for one in found for number in one.begin)
    times = [one.wait_until for one in found if one.wait_until is not None]
    if begin or running or times:
        return Step(begin, min(times, default=None), Halt.NOT)
    halts = {one.halt for one in found}
    if halts <= {Halt.DONE} and any(number not in ended for waves in lanes for wave in waves for number in wave):
        halts = {Halt.EARLIER}
    return Step((), None, next((one for one in (Halt.PENDING, Halt.EARLIER) if one in halts), Halt.DONE))


def _lane(
    waves: Sequence[Sequence[int]],
    pace: Pace,
    ended: Mapping[int, Ended],
    running: Collection[int],
    now: datetime,
    after: Mapping[int, int],
) -> Step:
    due = now
    for wave in waves:
        left = [n for n in wave if n not in ended and n not in running and not _given_up(n, ended, after)]
        under_way = sum(number in running for number in wave)
        if left and due > now:
            return Step((), due, Halt.NOT)
        if left or under_way:
            # No wave before this one has a run under way, so that these are all of the lane.
            begin = [number for number in left if number not in after or _switched(after[number], ended)]
            pending = any(after[number] in ended for number in left if number not in begin)
            halt = Halt.NOT if begin or under_way else Halt.PENDING if pending else Halt.EARLIER
            return Step(tuple(begin[: max(pace.at_once - under_way, 0)]), None, halt)
        if any(number in ended and ended[number].came is Came.PENDING for number in wave):
            return Step((), None, Halt.PENDING)
        due = max((ended[number].at for number in wave if number in ended), default=now - pace.pause) + pace.pause
    return Step((), None, Halt.DONE)


def _switched(number: int, ended: Mapping[int, Ended]) -> bool:
    return number in ended and ended[number].came is Came.SWITCHED


def _given_up(number: int, ended: Mapping[int, Ended], after: Mapping[int, int]) -> bool:
    """Return whether an identity that comes before has failed, so that this one is not begun."""
    while number in after:
        number = after[number]
        if number in ended:
            return ended[number].came is Came.FAILED
    return False


def counted(wave: Sequence[int], ended: Mapping[int, Came]) -> dict[Came, int]:
    """Return how many of a wave came to what by now."""
    outcomes = [ended[number] for number in wave if number in ended]
    return {kind: outcomes.count(kind) for kind in Came}
