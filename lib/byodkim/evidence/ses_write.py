"""SES as a run's events tell of it: a write that was begun, answered and read back, and the identity that was seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from byodkim.rotation.observation import SUCCESS
from byodkim.rotation.reading import GONE

Event = Mapping[str, Any]
#: What a run of rotate comes to only where it saw the identity.
SAW: Final = frozenset({"PLANNED", "UNCHANGED", "SWITCHED", "SWITCHED-PENDING", "ROLLED-BACK"})


@dataclass
class SesWrite:
    """A write to SES and what came of it: the switch, or the rollback that a run makes by itself.

    Attributes:
        begun: the event that was written ahead of it.
        answer: what came back; ``None`` where nothing did.
        landed: SES was read back, and shows it.
    """

    begun: Event
    answer: Event | None = None
    landed: bool = False

    @property
    def rollback(self) -> bool:
        """Return whether it is the rollback that a run makes by itself."""
        return bool(self.begun["event"] == "rollback")

    @property
    def change(self) -> Event:
        """Return what was to be changed."""
        change: Event = self.begun["change"]
        return change

    @property
    def selector(self) -> str:
        """Return the selector that SES was to be given."""
        return str(self.change["next_selector"])

    @property
    def at(self) -> datetime:
        """Return when it was begun."""
        return datetime.fromisoformat(self.begun["at"])

    @property
    def error(self) -> Event:
        """Return the error that came back of it; {} where none did."""
        return (self.answer or {}).get("error") or {}

    @property
    def accepted(self) -> bool:
        """Return whether SES took it: it said so, or was seen to have it."""
        return self.landed or (self.answer is not None and not self.error)

    @property
    def unclear(self) -> bool:
        """Return whether SES may have taken it, or may still: no clear answer came."""
        return not self.accepted and (self.answer is None or bool(self.error.get("unclear")))

    def note(self, event: Event, shown: str) -> None:
        """Take up what a later event says of it. That a rollback was read back shows only in ``shown``."""
        if event["event"] in ("answer", "rolled"):
            self.answer = event
        seen = self.rollback and event["event"] == "read" and shown == self.selector
        self.landed = self.landed or seen or event["event"] == "resolved"


def verified_again(reads: Iterable[Event], since: int, selector: str) -> datetime | None:
    """Return when SES was first seen to have verified ``selector``, which it was given again after event ``since``."""
    for event in reads:
        state = (list(event["identity"]["selectors"]), event["identity"]["status"])
        if event["n"] > since and state == ([selector], SUCCESS):
            return datetime.fromisoformat(event["at"])
    return None


def signed_at(reads: Iterable[Event], verified: datetime) -> datetime:
    """Return when SES, which had ``verified`` the selector, was first seen to have signing switched on too."""
    seen = ((datetime.fromisoformat(one["at"]), one["identity"]["signing_enabled"]) for one in reads)
    return min((at for at, signs in seen if signs and at >= verified), default=verified)


def identity_in(event: Event) -> Event:
    """Return the identity as an event saw it in SES; {} where it saw none."""
    state = event["observation"] if event["event"] == "observed" else event if event["event"] == "read" else {}
    return state.get("identity") or {}


def selector_in(event: Event) -> str:
    """Return the one selector that an event saw SES sign with; "" where it tells of none."""
    selectors = list(identity_in(event).get("selectors") or ())
    return str(selectors[0]) if len(selectors) == 1 else ""


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
    return any(identity_in(event) for event in events) or bool(earlier.get("left_selector")) or came in SAW
