"""SES as a run's events tell of it: a write that was begun, answered and read back, and what SES showed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from second_edition.events.parts import Event, Refusal
from second_edition.events.run import Observed, Read
from second_edition.events.writes import Answer, Intent, Resolved, Rollback, SesAccepted, Waited
from second_edition.rotation.observation import SUCCESS, Identity
from second_edition.rotation.plan import Write

#: No run was made so late: a sum of two such times is none any more.
LAST: Final = datetime(9000, 1, 1, tzinfo=UTC)
#: By how much a wait and the clock may differ where nobody set it: both are rounded.
ROUNDED: Final = timedelta(seconds=0.1)


class Sight(NamedTuple):
    """Hold what SES showed a run.

    Attributes:
        n: number of the event.
        at: when that was.
        identity: as SES showed it.
        read: whether it was read by itself, and not as a part of an observation.
        steady: ``at``, and how far the clock was set back before.
    """

    n: int
    at: datetime
    identity: Identity
    read: bool
    steady: datetime


def sights(events: Iterable[Event]) -> tuple[Sight, ...]:
    """Return what SES showed, oldest first: each time that it showed the identity."""
    return tuple(found for event, at in steadied(events) if (found := _sight(event, at)))


def _sight(event: Event, steady: datetime) -> Sight | None:
    state = event.observation if isinstance(event, Observed) else event if isinstance(event, Read) else None
    return Sight(event.n, event.at, state.identity, state is event, steady) if state and state.identity else None


def steadied(events: Iterable[Event]) -> Iterator[tuple[Event, datetime]]:
    """Yield each event with its time, to which is added how far the clock was seen to be set back before it."""
    back, prior = timedelta(), None
    for event in events:
        back += max(prior - event.at, timedelta()) if prior else timedelta()
        prior = event.at
        yield event, event.at + min(back, max(LAST - event.at, timedelta()))


def set_back(events: Sequence[Event], since: int = 0) -> bool:
    """Return whether the clock was seen to be set back from event ``since`` on.

    An event lies before the one above it, or a wait took longer than the clock says.
    """
    counted = [event for event in events if event.n >= since]
    known = counted[0].at if counted else None
    for event in counted:
        if isinstance(event, Answer):  # the wait begins after it
            known = event.at
        if known and isinstance(event, Waited) and event.at - known + ROUNDED < timedelta(seconds=event.seconds):
            return True
    return any(later.at < event.at for event, later in pairwise(counted))


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


def verified(reads: Iterable[Sight], selector: str) -> Sight | None:
    """Return the reading that first showed a selector as verified; an empty list means that SES does not say which."""
    shown = (one for one in reads if one.identity.status == SUCCESS)
    return next((one for one in shown if one.identity.selectors in ((), (selector,))), None)


def verified_again(reads: Iterable[Sight], since: int, selector: str) -> datetime | None:
    """Return when SES was first seen to have verified ``selector``, which it was given again after event ``since``."""
    for one in reads:
        if one.n > since and (one.identity.selector, one.identity.status) == (selector, SUCCESS):
            return one.at
    return None


def signed_at(reads: Iterable[Sight], verified: datetime) -> datetime:
    """Return when SES, which had ``verified`` the selector, was first seen to have signing switched on too."""
    return min((one.at for one in reads if one.identity.signing_enabled and one.at >= verified), default=verified)
