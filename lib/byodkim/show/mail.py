"""What a run means for mail. A sentence is only said where the journal saw it."""

from __future__ import annotations

from typing import Final

from byodkim.checks.secret import known_keys
from byodkim.checks.world import Identity
from byodkim.dkim.verdict import judge
from byodkim.record.record import Record, Write
from byodkim.show.section import NOTHING, clock, seconds
from byodkim.show.timeline import shown
from byodkim.words import Sentence, _

#: Verdicts on a server's answer with which a receiver cannot verify, whatever key SES signs with.
NO_KEY: Final = ("absent", "revoked", "placeholder")
STATES: Final = {
    "made": _("{operation} for {target} was made."),
    "not-made": _("{operation} for {target} was not made."),
    "not-known": _("It is not known whether {operation} for {target} was made."),
}


def cautions(record: Record) -> list[Sentence]:
    """Return what a reader must know first: a rehearsal, failing mail, a later change."""
    rehearsal = _("Rehearsal in the sandbox. No real mail is affected.")
    waived = [f"{each.check} ({each.waived})" for each in record.waived]
    said = [
        rehearsal if record.begun.target != "aws" else None,
        _failing_in_dns(record),
        _failing_in_ses(record),
        _changed_since(record),
        *(each.mail for each in record.findings if not each.is_met),
        _("Waived: {checks}.", checks=waived) if waived else None,
    ]
    return list({str(each): each for each in said if each is not None}.values())


def meaning(record: Record) -> list[Sentence]:
    """Return what the run's write, or the lack of one, means for mail."""
    write = record.ses_write
    if write is None:
        return _without_write(record)
    if write.state == "made":
        return _made(record, write)
    if write.state == "not-made":
        is_rejected = write.answered is not None and write.answered.result == "rejected"
        missed = _("AWS rejected the write.") if is_rejected else _("The write did not arrive.")
        return [missed, _last_seen(record)]
    if write.answered is None:
        sent = _("Not known: the run recorded a write and no answer, so it may have been sent.")
    else:
        sent = _("Not known yet: the write had no clear answer and may still arrive.")
    return [sent, _last_seen(record)]


def _failing_in_dns(record: Record) -> Sentence | None:
    """Say that receivers cannot verify, as the servers answered before any write."""
    seen = record.observation
    if seen is None or not isinstance(seen.identity, Identity) or not seen.identity.signs:
        return None
    in_use = [each for each in (seen.requested, seen.current)
              if each.selector == seen.identity.selector]  # fmt: skip
    if not in_use:
        return None
    side = in_use[0]
    keys = known_keys(seen, side)
    verdicts = [(str(answer.server), judge(answer, "")) for answer in side.answers]
    without = [server for server, verdict in verdicts if verdict.kind in NO_KEY]
    other = [
        server
        for server, verdict in verdicts
        if verdict.is_published and keys and verdict.sha256 not in keys
    ]
    if not without and not other:
        return None
    last = record.last_identity
    is_past = last is not None and last.selector != side.selector
    values = {"selector": side.selector, "time": clock(seen.at, record.zone)}
    if is_past:
        return _("Mail may have failed DKIM before this run: {servers} did not publish the key of "
                 "{selector} at {time}.", servers=without + other, **values)  # fmt: skip
    if without and len(without) < len(verdicts):
        return _("Some mail fails DKIM now: {servers} published no key for {selector} at {time}.",
                 servers=without, **values)  # fmt: skip
    if without:
        return _("Mail fails DKIM now, or as soon as caches expire: {servers} published no key for "
                 "{selector} at {time}.", servers=without, **values)  # fmt: skip
    return _("Mail fails DKIM now, unless SES signs with another key than the one in S3: {servers} "
             "published another key for {selector} at {time}.",
             servers=other, **values)  # fmt: skip


def _failing_in_ses(record: Record) -> Sentence | None:
    before = record.before
    if before is None or not before.signs or before.status == "SUCCESS":
        return None
    return _("Mail may have been failing before this run: SES showed DKIM status {status} for "
             "{selector}.", status=before.status, selector=before.selector or NOTHING)  # fmt: skip


def _changed_since(record: Record) -> Sentence | None:
    """Say that SES does not sign as requested, although this run gave it the key."""
    write = record.ses_write
    if write is None or write.state != "made" or record.signs_as_requested or record.after is None:
        return None
    if not record.after.signing_enabled:
        return _("Mail goes out without a DKIM signature: {shown}.", shown=shown(record.after))
    if record.verified_at is not None:
        return _("The state changed after SES had verified it: {shown}.", shown=shown(record.after))
    return None


def _without_write(record: Record) -> list[Sentence]:
    if record.closed:
        untouched = _("SES was not changed by this run.")
    else:
        untouched = _("No write to SES is recorded up to line {line}.", line=len(record.events))
    others = [_state_of(write) for write in record.writes]
    changed = record.after is not None and not record.is_as_before
    return [untouched, *others, *([_last_seen(record)] if changed else [])]


def _state_of(write: Write) -> Sentence:
    made = write.intended
    return Sentence(STATES[write.state].text, {"operation": made.operation, "target": made.target})


def _made(record: Record, write: Write) -> list[Sentence]:
    is_accepted = write.answered is not None and write.answered.result == "accepted"
    arrived = [] if is_accepted else [_("The write had no clear answer, and arrived.")]
    if record.unsigned_s is not None and record.verified_at is not None:
        unsigned = _("Mail may have been unsigned for up to {time}. SES showed the selector "
                     "verified at {clock}.", time=seconds(record.unsigned_s),
                     clock=clock(record.verified_at, record.zone))  # fmt: skip
        return [*arrived, unsigned]
    waiting = _("SES was given {selector} and not seen to verify it. Until it does, mail may be "
                "unsigned.", selector=write.intended.after)  # fmt: skip
    return [*arrived, waiting, _last_seen(record)]


def _last_seen(record: Record) -> Sentence:
    if record.after is None:
        return _("SES was not read again.")
    if record.is_as_before:
        return _("When last read, SES showed the same as before.")
    return _("When last read: {shown}.", shown=shown(record.after))
