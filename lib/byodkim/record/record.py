"""Tell what a run came to from its journal's events, also of a run that never closed its record."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from byodkim.checks.check import Finding
from byodkim.checks.world import Caller, Identity, Observation
from byodkim.errors import RecordError
from byodkim.record.events import (
    AnyEvent,
    Begun,
    Called,
    Checked,
    Closed,
    Interrupted,
    MessageJudged,
    Observed,
    Planned,
    ReadBack,
    Requested,
    WriteAnswered,
    WriteIntended,
    of_kind,
)  # fmt: skip
from byodkim.words import Sentence, _

SES_WRITE: Final = "PutEmailIdentityDkimSigningAttributes"
#: Outcomes of a run that did not do what was asked for.
NOT_DONE: Final = ("REFUSED", "FAILED")
#: Whether a write changed something. ``not-known``: no clear answer, may still arrive.
WriteState = Literal["made", "not-made", "not-known"]


class Write(Struct, frozen=True):
    """A write that the run recorded before it was sent, and what became of it."""

    intended: WriteIntended
    answered: WriteAnswered | None = None
    read_back: ReadBack | None = None
    shows: bool = False

    @property
    def state(self) -> WriteState:
        """Return whether the write changed something.

        ``shows``: a later reading of SES shows the new selector in place of another one.
        """
        answer = self.answered.result if self.answered else "unclear"
        resolved = self.read_back.result if self.read_back else "not-known-yet"
        if answer == "accepted" or resolved == "landed" or self.shows:
            return "made"
        if answer == "rejected" or resolved == "not-landed":
            return "not-made"
        return "not-known"


class Record(Struct, frozen=True):
    """What a run came to. Nothing in it goes beyond what the journal's events saw.

    Attributes:
        begun: the first event.
        events: all of them, in order.
        closed: the last event; ``None`` for a run that was ended before it closed its record.
        observation: what the decision rests on, read before any write; ``None`` for none.
        caller: who signed the requests.
        before: the identity directly before the write; without a write, as first seen.
        after: the identity as last seen, later than ``before``; ``None`` if SES was read once.
        checked: the last findings of the checks and the rollback's checks; ``None`` for none.
        plan: what would be changed.
        writes: those that were recorded before they were sent.
        verified_at: when SES was first seen to sign with the requested selector, verified; of a run
            that wrote, after the write.
        message: what a received message proved.
        request: the DNS request that was written.
        interrupted: what ended the run before its last step.
        calls: every AWS call.
    """

    begun: Begun
    events: tuple[AnyEvent, ...]
    closed: Closed | None = None
    observation: Observation | None = None
    caller: Caller | None = None
    before: Identity | None = None
    after: Identity | None = None
    checked: Checked | None = None
    plan: Planned | None = None
    writes: tuple[Write, ...] = ()
    verified_at: datetime | None = None
    message: MessageJudged | None = None
    request: Requested | None = None
    interrupted: Interrupted | None = None
    calls: tuple[dict[str, Any], ...] = ()

    @property
    def outcome(self) -> str:
        """Return the outcome; "" for a run that never closed its record."""
        return self.closed.outcome if self.closed else ""

    @property
    def headline(self) -> Sentence:
        """Return the outcome in one sentence. It may come from the journal: escape it."""
        if self.closed:
            return self.closed.headline
        return _("The run ended before it closed its record. Nothing after line {line} is known.",
                 line=len(self.events))  # fmt: skip

    @property
    def exit_code(self) -> int:
        """Return 0, or 1 where a person has to look.

        That is: the run did not close its record, was refused or failed, waited for SES in vain, or
        was given a message that does not prove the switch.
        """
        if self.closed is None:
            return 1
        has_waited = self.begun.settings.get("wait_minutes", "0") != "0"
        expired = self.outcome == "SWITCHED-PENDING" and has_waited
        unproved = self.message is not None and self.message.finding.verdict != "PASS"
        return int(self.outcome in NOT_DONE or expired or unproved)

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of the record."""
        return ZoneInfo(self.begun.timezone or "UTC")

    @property
    def began_at(self) -> datetime:
        """Return when the run began."""
        return _time(self.begun)

    @property
    def ended_at(self) -> datetime:
        """Return the time of the journal's last event."""
        return _time(self.events[-1])

    @property
    def previous(self) -> str:
        """Return the selector that was or would be replaced; "" where none is known."""
        selector = self.before.selector if self.before else ""
        if selector in ("", self.begun.selector) and self.observation:
            selector = self.observation.current.selector
        return "" if selector == self.begun.selector else selector

    @property
    def findings(self) -> list[Finding]:
        """Return the findings of the checks, and of the message that was judged."""
        of_message = [self.message.finding] if self.message else []
        return [*(self.checked.findings if self.checked else []), *of_message]

    @property
    def rollback(self) -> list[Finding]:
        """Return the findings of the rollback's own checks; empty where they were not evaluated."""
        return self.checked.rollback if self.checked else []

    @property
    def stopping(self) -> list[Finding]:
        """Return the findings that stop the run."""
        return [finding for finding in self.findings if finding.stops]

    @property
    def waived(self) -> list[Finding]:
        """Return the findings that would have stopped the run, and were waived."""
        return [each for each in self.findings if each.waived and not each.is_met]

    @property
    def ses_write(self) -> Write | None:
        """Return the write that gives SES a key; ``None`` where the run recorded none."""
        writes = [write for write in self.writes if write.intended.operation == SES_WRITE]
        return writes[-1] if writes else None

    @property
    def unsigned_s(self) -> float | None:
        """Return the seconds from write to verification; ``None`` unless both were seen."""
        write = self.ses_write
        if write is None or write.state != "made" or self.verified_at is None:
            return None
        return (self.verified_at - _time(write.intended)).total_seconds()

    @property
    def retire_on(self) -> date | None:
        """Return from which local date the previous key record may go.

        It counts from when this run saw the switch verified, also where a run before made it.
        ``None`` unless SES signs with the requested selector, verified.
        """
        is_switch = self.unsigned_s is not None or self.outcome == "SWITCHED"
        is_done = is_switch and self.signs_as_requested and self.previous
        if not is_done or self.verified_at is None:
            return None
        days = timedelta(days=int(self.begun.settings["overlap_days"]))
        return (self.verified_at + days).astimezone(self.zone).date()

    @property
    def last_identity(self) -> Identity | None:
        """Return the identity as SES showed it last; ``None`` if it was not read since a write."""
        return self.after or (None if self.ses_write else self.before)

    @property
    def signs_as_requested(self) -> bool:
        """Return whether SES, when last seen, signed with the requested selector, verified."""
        last = self.last_identity
        return last is not None and signs_with(last, self.begun.selector)

    @property
    def is_as_before(self) -> bool:
        """Return whether SES was read again and showed the four deciding facts as before."""
        if self.before is None or self.after is None:
            return False
        return state_of(self.before) == state_of(self.after)


def tell(events: Sequence[AnyEvent]) -> Record:
    """Return what a run came to.

    Args:
        events: of its journal, in order. The last ones may be missing.

    Raises:
        RecordError: the journal does not begin with ``begun``.
    """
    if not events or not isinstance(events[0], Begun):
        raise RecordError(_("The journal does not begin with a run's first line."))
    selector = events[0].selector
    last: dict[type, Any] = {type(event): event for event in events}
    observed = of_kind(Observed, events)
    # What prepare made is told as it is afterwards: before, there was nothing.
    purposes = ("plan", "write", "after") if events[0].procedure == "prepare" else ("plan", "write")
    deciding = [event.observation for event in observed if event.purpose in purposes]
    asked = [event.observation.caller for event in observed]
    callers = [caller for caller in asked if isinstance(caller, Caller)]
    readings = list(_readings(events))
    writes = tuple(_writes(events, readings))
    decided = writes[0].intended if writes else readings[0][0] if readings else events[0]
    earlier = [identity for event, identity in readings if event.n <= decided.n]
    later = [(event, identity) for event, identity in readings if event.n > decided.n]
    candidates = later if writes else readings
    verified = (_time(event) for event, shown in candidates if signs_with(shown, selector))
    return Record(
        begun=events[0],
        events=tuple(events),
        closed=last.get(Closed),
        observation=deciding[-1] if deciding else None,
        caller=callers[-1] if callers else None,
        before=earlier[-1] if earlier else None,
        after=later[-1][1] if later else None,
        checked=last.get(Checked),
        plan=last.get(Planned),
        writes=writes,
        verified_at=next(verified, None),
        message=last.get(MessageJudged),
        request=last.get(Requested),
        interrupted=last.get(Interrupted),
        calls=tuple(call for each in of_kind(Called, events) for call in each.calls),
    )


def state_of(identity: Identity) -> tuple[tuple[str, ...], str, bool, str]:
    """Return the four facts of the identity that decide whether mail is signed."""
    return identity.selectors, identity.status, identity.signing_enabled, identity.origin


def signs_with(identity: Identity, selector: str) -> bool:
    """Return whether SES signs with a selector, and has verified it."""
    return identity.selector == selector and identity.status == "SUCCESS" and identity.signs


def _time(event: AnyEvent) -> datetime:
    if event.at is None:
        raise RecordError(_("Line {line} of the journal has no time.", line=event.n))
    return event.at


def _readings(events: Sequence[AnyEvent]) -> Iterator[tuple[AnyEvent, Identity]]:
    """Yield what SES showed, each time that it was read, with the event that holds it."""
    for event in events:
        identity = getattr(event, "identity", getattr(event, "seen", None))
        if isinstance(event, Observed):
            identity = event.observation.identity
        if isinstance(identity, Identity):
            yield event, identity


def _writes(
    events: Sequence[AnyEvent], readings: list[tuple[AnyEvent, Identity]]
) -> Iterator[Write]:
    """Yield each recorded write with what came before the next one."""
    intents = of_kind(WriteIntended, events)
    for intended, following in zip_longest(intents, intents[1:]):
        end = following.n if following else len(events)
        part: dict[type, Any] = {type(each): each for each in events[intended.n : end]}
        later = [identity for event, identity in readings if intended.n < event.n < end]
        is_switch = intended.operation == SES_WRITE and intended.before not in ("", intended.after)
        shows = is_switch and any(identity.selector == intended.after for identity in later)
        yield Write(intended, part.get(WriteAnswered), part.get(ReadBack), shows)
