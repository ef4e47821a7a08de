"""SES as a run's events tell of it: a write that was begun, answered and read back, and what SES showed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from byodkim.events.parts import Event, Refusal
from byodkim.events.run import Observed, Read
from byodkim.events.writes import Answer, Intent, Resolved, Rollback, SesAccepted
from byodkim.rotation.observation import SUCCESS, Identity
from byodkim.rotation.plan import Write


class Sight(NamedTuple):
    """Hold what SES showed a run.

    Attributes:
        n: number of the event.
        at: when that was.
        identity: as SES showed it.
        read: whether it was read by itself, and not as a part of an observation.
    """

    n: int
    at: datetime
    identity: Identity
    read: bool


def sights(events: Iterable[Event]) -> tuple[Sight, ...]:
    """Return what SES showed, oldest first: each time that it showed the identity."""
    return tuple(found for event in events if (found := _sight(event)))


def _sight(event: Event) -> Sight | None:
    state = event.observation if isinstance(event, Observed) else event if isinstance(event, Read) else None
    return Sight(event.n, event.at, state.identity, state is event) if state and state.identity else None


@dataclass
class SesWrite:
    """A write to SES and what came of it: the switch, or the rollback that a run makes by itself.

    Attributes:
        n: number of the event that was written ahead of it; ``at``: when that was.
        change: what was to be changed.
        rollback: whether it is the rollback that a run makes by itself.
        answered_at: when an answer or an error came back; ``None`` where nothing did.
        answer, error: that came back; ``None`` where none did.
        landed: SES was read back, and shows it.
    """

    n: int
    at: datetime
    change: Write
    rollback: bool
    answered_at: datetime | None = None
    answer: SesAccepted | None = None
    error: Refusal | None = None
    landed: bool = False

    @property
    def selector(self) -> str:
        """Return the selector that SES was to be given."""
        return self.change.next_selector

    @property
    def accepted(self) -> bool:
        """Return whether SES took it: it said so, or was seen to have it."""
        return self.landed or (self.answered_at is not None and self.error is None)

    @property
    def unclear(self) -> bool:
        """Return whether SES may have taken it, or may still: no clear answer came."""
        return not self.accepted and (self.error is None or self.error.unclear)

    def note(self, event: Event) -> None:
        """Take up what a later event says of it. That a rollback was read back shows only in what SES shows."""
        match event:
            case Answer():
                self.answered_at, self.answer, self.error = event.at, event.answer or None, event.error or None
            case Read() if self.rollback:
                self.landed = self.landed or event.identity.selector == self.selector
            case Resolved():
                self.landed = True


def writes(events: Iterable[Event]) -> list[SesWrite]:
    """Return the writes to SES that a run began, oldest first."""
    found: list[SesWrite] = []
    for event in events:
        if isinstance(event, Intent | Rollback):
            found.append(SesWrite(event.n, event.at, event.change, isinstance(event, Rollback)))
        elif found:
            found[-1].note(event)
    return found


def verified_again(reads: Iterable[Sight], since: int, selector: str) -> datetime | None:
    """Return when SES was first seen to have verified ``selector``, which it was given again after event ``since``."""
    for one in reads:
        if one.n > since and (one.identity.selector, one.identity.status) == (selector, SUCCESS):
            return one.at
    return None


def signed_at(reads: Iterable[Sight], verified: datetime) -> datetime:
    """Return when SES, which had ``verified`` the selector, was first seen to have signing switched on too."""
    return min((one.at for one in reads if one.identity.signing_enabled and one.at >= verified), default=verified)
