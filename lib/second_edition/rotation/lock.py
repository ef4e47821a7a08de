"""The operator lock of an identity: who holds it, and when it may be taken from somebody who has died. Pure."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from second_edition.plain import from_plain, moment, plain
from second_edition.rotation.timing import MAX_CLOCK_SKEW


class Holder(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold who holds, or held, a lock.

    ``token`` grows by one each time that the lock is taken, so that two holders are never taken for one another;
    ``machine`` tells apart hosts of one name, their starts, and containers. ``at`` and ``expires`` are UTC, ISO 8601;
    ``expires`` is "" where the operating system knows who has died.
    """

    run: str
    operator: str
    host: str
    machine: str
    pid: int
    at: str
    token: int
    expires: str = ""
    released: bool = False

    def text(self) -> str:
        """Return the holder as the lock's content, in JSON."""
        return json.dumps(plain(self))

    @classmethod
    def from_text(cls, text: str) -> Holder:
        """Return the holder that ``text`` gave.

        Raises:
            ValueError: it is something else.
        """
        data = json.loads(text)
        try:
            holder = from_plain(cls, data)
            for at in (holder.at, holder.expires or holder.at):
                moment(at)
        except ValueError:
            raise ValueError("no lock's content") from None
        if plain(holder) != data:
            raise ValueError("no lock's content")
        return holder

    @property
    def until(self) -> str:
        """Return when its time is over by any clock that is as right as clocks have to be (see TIME-CLOCK)."""
        over = datetime.fromisoformat(self.expires) + MAX_CLOCK_SKEW if self.expires else None
        return over.isoformat(timespec="seconds") if over else ""


class State(StrEnum):
    """Hold how a run stands to the lock."""

    HELD = "held"
    OTHER = "other"
    UNREAD = "unread"
    UNNEEDED = "unneeded"
    """The world is the run's own: a sandbox that it started itself."""


class Lock(Struct, frozen=True, forbid_unknown_fields=True):
    """Hold what came of taking a lock.

    ``place`` is a file or an S3 object. ``holder`` is the other run where the state is ``other``; where it is ``held``,
    the run that never released it, if there was one. ``why``: what stood in the way of reading it.
    """

    state: State
    place: str = ""
    token: int = 0
    holder: Holder | None = None
    why: str = ""


NO_LOCK = Lock(State.UNNEEDED)


def may_take(holder: Holder | None, now: datetime, *, gone: bool) -> bool:
    """Return whether a lock that cannot tell who has died may be taken. ``gone``: its holder is known to be dead."""
    if holder is None or holder.released or gone:
        return True
    return bool(holder.until) and now > datetime.fromisoformat(holder.until)
