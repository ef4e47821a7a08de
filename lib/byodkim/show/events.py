"""What happened in a run, one sentence an event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from byodkim.checks.check import Finding
from byodkim.checks.world import Identity
from byodkim.record.events import (
    AnyEvent,
    Begun,
    Checked,
    Closed,
    IdentitySeen,
    Interrupted,
    MessageJudged,
    Observed,
    Planned,
    ReadBack,
    Requested,
    Waiting,
    WriteAnswered,
    WriteIntended,
)  # fmt: skip
from byodkim.record.record import Record, state_of
from byodkim.show.text import clock
from byodkim.words import Sentence, _, n_


def happenings(record: Record) -> Iterator[tuple[datetime | None, Sentence, str]]:
    """Yield time, sentence and AWS request id of each event; of polls, only those with news."""
    last: dict[type, object] = {}
    for event in record.events:
        state = _polled(event)
        if state is not None and state == last.get(type(event)):
            continue
        last[type(event)] = state
        sentence = _sentence(event, record)
        if sentence is not None:
            request_id = event.request_id if isinstance(event, WriteAnswered) else ""
            yield event.at, sentence, request_id


def tally(findings: list[Finding]) -> Sentence:
    """Return how many findings have which verdict."""
    count = dict.fromkeys(("PASS", "FAIL", "UNKNOWN", "SKIPPED"), 0)
    for finding in findings:
        count[finding.verdict] += 1
    return _(
        "{passed} PASS, {failed} FAIL, {unknown} UNKNOWN, {skipped} SKIPPED",
        passed=count["PASS"], failed=count["FAIL"], unknown=count["UNKNOWN"],
        skipped=count["SKIPPED"],
    )  # fmt: skip


def shown(identity: Identity) -> Sentence:
    """Return what SES shows of an identity."""
    return _(
        "SES shows {selector}, {status}, signing enabled: {enabled}, origin {origin}",
        selector=", ".join(identity.selectors) or "–", status=identity.status,
        enabled=identity.signing_enabled, origin=identity.origin,
    )  # fmt: skip


def _polled(event: AnyEvent) -> object:
    """Return what a poll showed; ``None`` for an event that is always told."""
    if isinstance(event, IdentitySeen):
        return state_of(event.identity)
    if isinstance(event, Waiting):
        return event.what, event.state
    return None


def _sentence(event: AnyEvent, record: Record) -> Sentence | None:
    match event:
        case Begun():
            return _("Run {run} began, mode {mode}", run=event.run, mode=event.mode)
        case Observed():
            return _READ[event.purpose]
        case Checked():
            return _("Checks: {tally}", tally=str(tally(event.findings)))
        case Planned():
            return n_("Plan {digest}: {count} change", "Plan {digest}: {count} changes",
                      len(event.writes), digest=event.digest[:16])  # fmt: skip
        case Waiting():
            until = clock(event.until, record.zone)
            return _("Waiting until {until} for {what}; last seen: {state}",
                     until=until, what=event.what.upper(), state=event.state)  # fmt: skip
        case MessageJudged():
            return _("A received message was judged: {saw}", saw=str(event.finding.saw))
        case Requested():
            return _("DNS request written: {file}", file=event.file)
        case IdentitySeen():
            return shown(event.identity)
        case _:
            return _of_write_or_end(event)


def _of_write_or_end(event: AnyEvent) -> Sentence | None:
    match event:
        case Interrupted():
            return event.what
        case Closed():
            return _("The record was closed: {outcome}", outcome=event.outcome)
        case WriteIntended():
            return _("Recorded before sending: {operation} for {target}, {before} → {after}",
                     operation=event.operation, target=event.target,
                     before=event.before or "–", after=event.after or "–")  # fmt: skip
        case WriteAnswered(result="accepted"):
            return _("AWS accepted {operation}", operation=event.operation)
        case WriteAnswered(result="rejected"):
            return _(
                "AWS rejected {operation} ({code})", operation=event.operation, code=event.code
            )
        case WriteAnswered():
            return _("{operation} had no clear answer ({code})",
                     operation=event.operation, code=event.code or "–")  # fmt: skip
        case ReadBack():
            return _LANDED[event.result]
    return None


_READ = {
    "plan": _("Everything was read for the plan"),
    "write": _("Everything was read again for the write"),
    "after": _("Everything was read after the write"),
}
_LANDED = {
    "landed": _("Read back: the write arrived"),
    "not-landed": _("Read back: the write did not arrive"),
    "not-known-yet": _("Read back: the write does not show yet and may still arrive"),
}
