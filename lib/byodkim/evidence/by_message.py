"""What a run's events tell of messages: which were sent, which arrived, how they were signed, and what that proves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from byodkim.evidence.record import Event, Record, findings_in
from byodkim.plain import from_plain
from byodkim.rotation.findings import Finding
from byodkim.rotation.findings import Verdict as Found
from byodkim.rotation.message import Kind, Point, Received, Window, kind_of, measured
from byodkim.rotation.observation import SUCCESS

PROOF = "proof"  # the message on which the verdict rests
FROM = "MESSAGE-FROM"


class Proved(StrEnum):
    """What the message says of the switch."""

    PROVED = "proved"
    FAILED = "failed"
    """It is not signed as it should be, though SES says that it has verified the selector; or it is signed wrongly."""
    OPEN = "open"
    """There is no message, or not all could be looked at."""
    PENDING = "pending"
    """It is not signed with the selector, and SES does not say so either."""


@dataclass(frozen=True)
class Sent:
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
    """The messages in the order in which they were sent."""
    came = {event["token"]: event for event in record.all("received")}
    return tuple(_sent(event, came.get(event["token"])) for event in record.all("sent"))


def _sent(event: Event, came: Event | None) -> Sent:
    error = event.get("error")
    return Sent(
        token=event["token"],
        when=event["when"],
        at=datetime.fromisoformat(event["at"] if error else event["taken_at"]),
        error=f"{error['operation']} {error['code']}" if error else "",
        message=from_plain(Received, came["message"]) if came else None,
        received_at=datetime.fromisoformat(came["at"]) if came else None,
    )


def proof(record: Record) -> Received | None:
    """The message on which the verdict rests: the one in the file that was given, or the last proof that arrived."""
    if given := [event for event in record.all("received") if event["file"]]:
        return from_plain(Received, given[-1]["message"])
    return next((one.message for one in reversed(sent(record)) if one.when == PROOF and one.message), None)


def findings(record: Record) -> tuple[Finding, ...]:
    """Return what was found of it; nothing where no message was weighed."""
    weighed = record.last("weighed")
    return findings_in(weighed) if weighed else ()


def kind(record: Record, message: Received) -> Kind:
    """Return how a message was signed."""
    return kind_of(message, str(record.begin["domain"]), str(record.begin["selector"]), record.left)


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


def window(record: Record) -> Window | None:
    """Return what the messages around the write measured; ``None`` where fewer than two were sent."""
    points = [
        Point(one.at, kind(record, one.message) if one.message else None) for one in sent(record) if not one.error
    ]
    return measured(points) if len(points) > 1 else None
