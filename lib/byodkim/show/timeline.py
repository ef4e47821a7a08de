"""What happened in a run, one sentence an event."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import asdict

from byodkim.checks.check import Finding
from byodkim.checks.world import Identity
from byodkim.record import events
from byodkim.record.record import Record, state_of
from byodkim.show.section import NOTHING, clock
from byodkim.words import Sentence, Value, _

#: What is said of an event, by its kind and its purpose or result, filled with its fields.
SAID: Final = {
    (events.Begun, ""): _("Run {run} began, mode {mode}"),
    (events.Observed, "plan"): _("State was read for the plan"),
    (events.Observed, "write"): _("State was read again before the write"),
    (events.Observed, "after"): _("State was read after the write"),
    (events.WriteIntended, ""): _(
        "Recorded before sending: {operation} for {target}, {before} → {after}"
    ),
    (events.WriteAnswered, "accepted"): _("AWS accepted {operation}"),
    (events.WriteAnswered, "rejected"): _("AWS rejected {operation} ({code})"),
    (events.WriteAnswered, "unclear"): _("{operation} had no clear answer ({code})"),
    (events.ReadBack, "landed"): _("Read back: the write arrived"),
    (events.ReadBack, "not-landed"): _("Read back: the write did not arrive"),
    (events.ReadBack, "not-known-yet"): _(
        "Read back: the write does not show yet; it may still arrive"
    ),
    (events.Requested, ""): _("File for others written: {file}"),
    (events.Closed, ""): _("The record was closed: {outcome}"),
}


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
            yield event.at, sentence, getattr(event, "request_id", "")


def tally(findings: Sequence[Finding]) -> Sentence:
    """Return how many findings have which verdict."""
    verdicts = [finding.verdict for finding in findings]
    return _(
        "{passed} PASS, {failed} FAIL, {unknown} UNKNOWN, {skipped} SKIPPED",
        passed=verdicts.count("PASS"), failed=verdicts.count("FAIL"),
        unknown=verdicts.count("UNKNOWN"), skipped=verdicts.count("SKIPPED"),
    )  # fmt: skip


def shown(identity: Identity) -> Sentence:
    """Return what SES shows of an identity."""
    return _(
        "SES shows {selector}, {status}, signing enabled: {enabled}, origin {origin}",
        selector=list(identity.selectors) or NOTHING, status=identity.status,
        enabled=identity.signing_enabled, origin=identity.origin,
    )  # fmt: skip


def _polled(event: events.AnyEvent) -> object:
    """Return what a poll showed; ``None`` for an event that is always told."""
    if isinstance(event, events.IdentitySeen):
        return state_of(event.identity)
    if isinstance(event, events.Waiting):
        return event.what, event.state
    return None


def _sentence(event: events.AnyEvent, record: Record) -> Sentence | None:
    match event:
        case events.Checked():
            return _("Checks: {tally}", tally=tally(event.findings))
        case events.Planned():
            writes = list(map(str, event.writes)) or _("nothing is to be changed")
            return _("Plan {digest}: {writes}", digest=event.digest[:16], writes=writes)
        case events.Waiting():
            return _("Waiting until {until} for {what}; last seen: {state}",
                     until=clock(event.until, record.zone), what=event.what.upper(),
                     state=event.state)  # fmt: skip
        case events.MessageJudged():
            return _("A received message was judged: {saw}", saw=event.finding.saw)
        case events.IdentitySeen():
            return shown(event.identity)
        case events.Interrupted():
            return event.what
    fields = asdict(event)
    said = SAID.get((type(event), fields.get("purpose") or fields.get("result") or ""))
    filled: dict[str, Value] = {
        name: text or NOTHING for name, text in fields.items() if isinstance(text, str)
    }
    return Sentence(said.text, filled) if said else None
