"""SES as a run's events tell of it: a write that was begun, answered and read back, and what SES showed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from byodkim.events.parts import Refusal
from byodkim.events.writes import SesAccepted
from byodkim.plain import from_plain
from byodkim.rotation.observation import SUCCESS, Identity
from byodkim.rotation.plan import Write
from byodkim.rotation.reading import GONE

Event = Mapping[str, Any]
#: What a run of rotate comes to only where it saw the identity.
SAW: Final = frozenset({"PLANNED", "UNCHANGED", "SWITCHED", "SWITCHED-PENDING", "ROLLED-BACK"})


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
    kind = event["event"]
    state = event["observation"] if kind == "observed" else event if kind == "read" else {}
    if not state.get("identity"):
        return None
    identity = from_plain(Identity, state["identity"])
    return Sight(int(event["n"]), datetime.fromisoformat(event["at"]), identity, kind == "read")


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
        if event["event"] in ("answer", "rolled"):
            self.answered_at = datetime.fromisoformat(event["at"])
            self.answer = from_plain(SesAccepted, event["answer"]) if event.get("answer") else None
            self.error = from_plain(Refusal, event["error"]) if event.get("error") else None
        elif self.rollback and event["event"] == "read":
            shown = _sight(event)
            self.landed = self.landed or (shown is not None and shown.identity.selector == self.selector)
        self.landed = self.landed or event["event"] == "resolved"


def writes(events: Iterable[Event]) -> list[SesWrite]:
    """Return the writes to SES that a run began, oldest first."""
    found: list[SesWrite] = []
    for event in events:
        if event["event"] in ("intent", "rollback"):
            change, at = from_plain(Write, event["change"]), datetime.fromisoformat(event["at"])
            found.append(SesWrite(int(event["n"]), at, change, event["event"] == "rollback"))
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


def gone_at(events: Sequence[Event]) -> str:
    """Return when a run found that SES has no such identity any more; "" where it has, or was never seen to have."""
    newest = {event["event"]: event for event in events}
    found, read, looked = newest.get("unread"), newest.get("read"), newest.get("observed")
    if found is not None and found["code"] == GONE and (read is None or read["n"] < found["n"]):
        return str(found["at"])
    if read is not None or looked is None or not looked["observation"].get("identity_absent"):
        return ""
    return str(looked["at"]) if _had_identity(events) else ""


def _had_identity(events: Sequence[Event]) -> bool:
    """Return whether SES had the identity before: this run saw it, or the run of rotate that it follows did."""
    earlier = events[0]["previous"] or {}
    came = earlier.get("rotated", earlier.get("outcome"))
    return bool(sights(events)) or bool(earlier.get("left_selector")) or came in SAW
