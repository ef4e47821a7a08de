"""A run's messages, by its events: which were sent, which arrived, how they were signed, and what that proves."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from second_edition.events import writes
from second_edition.evidence.record import Record
from second_edition.rotation.checks.message import AFTER, MessageCase
from second_edition.rotation.findings import Finding, Phrase
from second_edition.rotation.findings import Verdict as Found
from second_edition.rotation.message import Kind, Point, Received, Window, kind_of, measured
from second_edition.rotation.observation import SUCCESS

PROOF = "proof"  # the message on which the verdict rests
FROM = "MESSAGE-FROM"


class Proved(StrEnum):
    """Hold what the message says of the switch."""

    PROVED = "proved"
    FAILED = "failed"
    """It is not signed as it should be, though SES says that it has verified the selector; or it is signed wrongly."""
    OPEN = "open"
    """There is no message, or not all could be looked at."""
    PENDING = "pending"
    """It is not signed with the selector, and SES does not say so either."""


class Sent(Struct, frozen=True):
    """A message that the run gave to SES.

    Attributes:
        token: in its subject.
        when: ``before`` or ``after`` the write, or ``proof``.
        at: when SES had taken it.
        error: why SES did not; "" where it did.
        message: as it was received; ``None`` where it was not.
        received_at: when the run had it.
    """

    token: str
    when: str
    at: datetime
    error: str
    message: Received | None
    received_at: datetime | None


def sent(record: Record) -> tuple[Sent, ...]:
    """Return the messages in the order in which they were sent."""
    came = {event.token: event for event in record.all_of(writes.Received)}
    return tuple(_sent(event, came.get(event.token)) for event in record.all_of(writes.Sent))


def _sent(event: writes.Sent, came: writes.Received | None) -> Sent:
    return Sent(
        token=event.token,
        when=event.when,
        at=event.taken_at or event.at,
        error=f"{event.error.operation} {event.error.code}" if event.error else "",
        message=came.message if came else None,
        received_at=came.at if came else None,
    )


def proof(record: Record) -> Received | None:
    """Return the message on which the verdict rests: the one in the given file, or the last proof that arrived."""
    if given := [event for event in record.all_of(writes.Received) if event.file]:
        return given[-1].message
    return next((one.message for one in reversed(sent(record)) if one.when == PROOF and one.message), None)


def findings(record: Record) -> tuple[Finding, ...]:
    """Return what was found of it; nothing where no message was weighed."""
    weighed = record.of(writes.Weighed)
    return weighed.findings if weighed else ()


def kind(record: Record, message: Received) -> Kind:
    """Return how a message was signed."""
    return kind_of(message, record.begin.domain, record.begin.selector, record.left)


def proved(record: Record) -> Proved | None:
    """Return what the message says of the switch; ``None`` where no message was weighed."""
    found = findings(record)
    if not found:
        return None
    failed = {finding.id for finding in found if finding.verdict is Found.FAIL}
    message = proof(record)
    if failed:
        wrong = FROM in failed or (message is not None and kind(record, message) is Kind.BROKEN)
        verified = record.after is not None and record.after.status == SUCCESS
        return Proved.FAILED if verified or wrong else Proved.PENDING
    return Proved.PROVED if all(finding.verdict is Found.PASS for finding in found) else Proved.OPEN


def refuted(record: Record) -> bool:
    """Return whether a message that was really sent contradicts what SES says of the selector asked for."""
    return proved(record) is Proved.FAILED


def window(record: Record) -> Window | None:
    """Return what the messages around the write measured; ``None`` where fewer than two were sent."""
    points = [
        Point(one.at, kind(record, one.message) if one.message else None) for one in sent(record) if not one.error
    ]
    return measured(points) if len(points) > 1 else None


def weigh(record: Record, message: Received | None, lacking: Phrase | None = None) -> tuple[Finding, ...]:
    """Return the checks after the switch, made on a message; ``lacking``: why there is none."""
    begin, since = record.begin, record.written_at or record.perhaps_written_at
    case = MessageCase(begin.domain, begin.selector, record.left, message, lacking, since, record.rehearsal)
    return AFTER.evaluate(case, {})
