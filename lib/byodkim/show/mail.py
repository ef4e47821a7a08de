"""What a run means for mail. A sentence is only said where the journal saw it."""

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
    unclear = _("Not known: the journal has a write without a clear answer, so SES may have taken "
                "it, or may still take it.")  # fmt: skip
    return [unclear, _last_seen(record)]


def _failing_in_dns(record: Record) -> Sentence | None:
    """Say that receivers cannot verify, as the servers answered before any write."""
    seen = record.observation
    if seen is None or not isinstance(seen.identity, Identity) or not seen.identity.signs:
        return None
    side = next((each for each in (seen.requested, seen.current)
                 if each.selector == seen.identity.selector), None)  # fmt: skip
    if side is None:
        return None
    keys, time = known_keys(seen, side), clock(seen.at, record.zone)
    verdicts = {str(answer.server): judge(answer, "") for answer in side.answers}
    without = [server for server, verdict in verdicts.items() if verdict.kind in NO_KEY]
    others = [server for server, verdict in verdicts.items()
              if verdict.is_published and keys and verdict.sha256 not in keys]  # fmt: skip
    last = record.last_identity
    if (without or others) and last is not None and last.selector != side.selector:
        return _("Mail may have failed DKIM before this run: {servers} did not publish the key of "
                 "{selector} at {time}.",
                 servers=without + others, selector=side.selector, time=time)  # fmt: skip
    if without:
        return _("Mail fails DKIM where receivers ask {servers}, now or when caches expire: no key "
                 "for {selector} was published there at {time}.",
                 servers=without, selector=side.selector, time=time)  # fmt: skip
    if others:
        return _("Unless SES has another key than the one in S3, mail fails DKIM now: {servers} "
                 "published another key for {selector} at {time}.",
                 servers=others, selector=side.selector, time=time)  # fmt: skip
    return None


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
        untouched = _(
            "The journal has no write to SES. It ends at line {line}.", line=len(record.events)
        )
    others = [_state_of(write) for write in record.writes]
    changed = record.after is not None and not record.is_as_before
    return [untouched, *others, *([_last_seen(record)] if changed else [])]


def _state_of(write: Write) -> Sentence:
    made = write.intended
    return Sentence(STATES[write.state].text, {"operation": made.operation, "target": made.target})


def _made(record: Record, write: Write) -> list[Sentence]:
    is_accepted = write.answered is not None and write.answered.result == "accepted"
    arrived = [] if is_accepted else [_("AWS gave no clear answer to the write, but SES shows it.")]
    if record.unsigned_s is not None and record.verified_at is not None:
        unsigned = _("Mail may have been unsigned for up to {time}. SES showed the selector "
                     "verified at {clock}.", time=seconds(record.unsigned_s),
                     clock=clock(record.verified_at, record.zone))  # fmt: skip
        return [*arrived, unsigned]
    waiting = _("This run gave SES {selector} and did not see it verified. Until SES verifies it, "
                "mail may be unsigned.", selector=write.intended.after)  # fmt: skip
    return [*arrived, waiting, _last_seen(record)]


def _last_seen(record: Record) -> Sentence:
    if record.after is None:
        return _("SES was not read again.")
    if record.is_as_before:
        return _("When last read, SES showed the same as before.")
    return _("When last read: {shown}.", shown=shown(record.after))
