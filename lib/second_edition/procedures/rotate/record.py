"""The record of rotate: its sections and its summary."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from second_edition.display import checks, comparison, failure, key_pair, observed, summary, switch
from second_edition.display.blocks import Block, Code, Heading, Paragraph
from second_edition.display.rehearsed import SIGNS_WITH, own_path, target_anew, to_publish
from second_edition.display.sections import CLOSE, Row
from second_edition.display.summary import advised, command, ended, given, unlisted
from second_edition.display.words import Words, duration, identity_name
from second_edition.errors import paragraph
from second_edition.evidence.record import Record
from second_edition.evidence.ses_write import signed_at
from second_edition.messages import say
from second_edition.procedures.rotate import message, switched
from second_edition.procedures.rotate.answers import answers, before, mail, unsigned
from second_edition.procedures.rotate.standing import (
    assessed,
    at_work,
    departed,
    overlap,
    stands,
    unserved,
    verified_last,
    wrote,
)
from second_edition.rotation.checks.activation import early
from second_edition.rotation.observation import SUCCESS
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.plan import GIVEN_UP
from second_edition.rotation.rollback import has_worked
from second_edition.rotation.timing import deadline, lagging

__all__ = ["SECTIONS", "answers", "meaning", "onward", "sentence", "unfinished"]

SECTIONS: Final = (
    Row("prove", "proof", key_pair.proof),
    Row("check", "checks", checks.checks),
    Row("compare", "comparison", comparison.comparison),
    Row("plan", "plan", switch.plan),
    Row("plan", "plan", switch.relied_on, folded=True),
    Row("apply", "write", switched.writing),
    Row("verify", "verify", switched.verification),
    Row("verify", "verify", message.proof),
    Row("observe", "", observed.legend),
    Row("observe", "servers", observed.servers),
    Row("hand_over", "dns-team", switch.dns_request),
    *CLOSE,
    Row("observe", "state", observed.current_state, folded=True),
)


def sentence(record: Record, outcome: Outcome, words: Words) -> str:
    """Return what the run came to, after its outcome."""
    values = {
        "domain": identity_name(record.begin.domain),
        "selector": record.begin.selector,
        "current": (record.rolled_back.next_selector if record.rolled_back else record.current_selector) or "-",
    }
    if against := message.headline(record, words):
        return against
    if outcome is Outcome.REFUSED and stands(record):
        values["status"] = record.after.status if record.after else "-"
        return _not_signing(record, words) + _say("outcome.REFUSED-stands", words, **values)
    if outcome is Outcome.PLANNED and record.plan and not record.plan.writes:
        outcome = Outcome.SWITCHED_PENDING  # SES has it, and has not verified it
    touched = record.last_write is not None or stands(record) is not None
    if record.gone_at and not touched:
        return words("SES has no identity {domain} any more; this run wrote nothing to it", **values)
    return _not_signing(record, words) + words.record(f"outcome.{summary.came(outcome, touched)}", **values)


def _not_signing(record: Record, words: Words) -> str:
    """Return what the headline says first where mail has no signature that verifies, or had none; "" where it has."""
    after, before = record.after, record.before.identity if record.before else None
    domain = identity_name(record.begin.domain)
    if record.gone_at:
        return words("SES has no identity {domain} any more. ", domain=domain)
    if after is not None and not after.signs:
        key = "headline.origin-other" if after.signing_enabled else "headline.signing-off"
        return _say(key, words, domain=domain, origin=after.signing_origin or "-")
    if before is not None and before.signing_enabled is not True:
        return _say("headline.signing-was-off", words, domain=domain)
    if after is not None and record.last_write is None and unserved(record):
        return _say("headline.gone", words, domain=domain, selector=after.selector)
    return ""


def unfinished(record: Record, words: Words) -> list[Block]:
    """Return what is known of a run that was stopped, and how to go on."""
    write, selector = record.last_write, record.begin.selector
    if write is None:
        told = words("The journal holds no intent to write: SES was not touched.")
    else:
        key = f"unfinished.{'rollback-' if write.rollback else ''}{'written' if write.accepted else 'begun'}"
        told = words.record(key, selector=write.selector, left=write.change.current_selector, at=words.time(write.at))
    # A rollback is completed by the command that rolls back: the run's own would switch again.
    back = write is not None and write.rollback
    again = Code(command(record, write.selector if write and back else selector, record.begin.mode))
    return [Paragraph(told), *([] if back else _way_back(record, words)), Heading(words("Next")), again]


def meaning(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what that means, besides what the error says that ended it; then what a message shows."""
    return [*_meaning(record, outcome, words), *message.opened(record, words)]


def _meaning(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    if failure.recorded(record, words) is not None:
        after = record.after if outcome is Outcome.REFUSED else None
        means = mail(record, words, "meaning.stands") if after and after.signs else ""
        return [Paragraph(means)] if means else []
    written, verified = record.written_at, record.verified_at
    if outcome is Outcome.SWITCHED and written and verified:
        values = {"at": words.time(verified), "most": unsigned(record, written, verified, words)}
        if not values["most"]:
            return [Paragraph(words.record("meaning.set-back", **values))]
        values["duration"] = duration(verified - written, words.language)
        if found := before(record, words):
            signed = words.time(signed_at(record.reads, verified))
            return [Paragraph(_say("meaning.unverified-before", words, **values, signed=signed, before=found))]
        return [Paragraph(words.record("meaning.switched" if record.switch else "meaning.completed", **values))]
    if outcome is Outcome.SWITCHED_PENDING:
        status = record.after.status if record.after else "-"
        return [Paragraph(words.record("meaning.stale" if status == GIVEN_UP else "meaning.pending", status=status))]
    if outcome is Outcome.PLANNED and record.plan and not record.plan.writes:
        return [Paragraph(words.record("meaning.planned-nothing", status=record.after.status if record.after else "-"))]
    if outcome is Outcome.PLANNED and record.plan:
        digest = record.plan.digest
        if until := _not_before(record, words):
            return [Paragraph(_say("meaning.planned-early", words, digest=digest, until=until))]
        return [Paragraph(words.record("meaning.planned", digest=digest))]
    return []


def _not_before(record: Record, words: Words) -> str:
    """Return the earliest time at which the plan can be carried out, where TIME-ACTIVATE warns of it; else ""."""
    until = early(record.findings)
    return words.time(until) if until else ""


def onward(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Render the rollback, and what comes next."""
    return [*_way_back(record, words), *_next(record, outcome, words)]


def _way_back(record: Record, words: Words) -> list[Block]:
    # What a message speaks against has to be gone back from, whoever wrote it.
    if at_work(record) or (not departed(record) and not message.headline(record, words)):
        return []
    back = record.left
    if not back:
        return [Heading(words("Rollback")), Paragraph(words.record("way-back.unknown"))]
    found, seen = assessed(record)
    at = words.clock(seen) if seen else "-"
    anew = words(
        "This run's sandbox ended with it. The command goes back in a new one, which signs with {selector}.",
        selector=SIGNS_WITH[target_anew(given(record, "target"))],
    )
    judged = words.record(f"way-back.{found.state}", selector=back, at=at)
    assessment = Paragraph(paragraph(judged, anew if ended(record) and found.state == "passes" else ""))
    if found.state == "never-worked":
        known = verified_last(record)
        last = [Paragraph(words.record("way-back.verified-last", selector=known))] if known else []
        return [Heading(words("Rollback")), assessment, *last]
    if found.state == "unevaluated":
        return [Heading(words("Rollback")), assessment, Code(command(record, back, "plan"))]
    first = [
        Paragraph(words("{id}, {claim}: {todo}", id=one.id, claim=words(one.claim), todo=words.phrase(remedy)))
        for one in record.findings
        if (remedy := found.remedies.get(one.id)) is not None
    ]
    if record.after is not None and not record.after.signs:  # whatever is run now is refused
        return [Heading(words("Rollback")), assessment, *first, Paragraph(words.record("way-back.plan", selector=back))]
    then = [assessment, *first, Paragraph(words("Then run:"))] if first else []
    needed = record.begin.approvals
    approval = [Paragraph(words.record("way-back.approval", count=needed))] if needed else []
    # Without its approvals the write would be refused: its plan comes first, and its record names the command.
    line = Code(command(record, back, "plan" if needed else "apply"))
    return [
        Heading(words("Rollback")),
        *then,
        line,
        *([] if first else [assessment]),
        *_lagging(record, words),
        *approval,
    ]


def _lagging(record: Record, words: Words) -> list[Block]:
    """Return what a rollback does where SES took the write, and did not show it since or was not read."""
    back, after = record.left, record.after
    if not wrote(record) or after is None or list(after.selectors) != [back]:
        return []
    key = "way-back.unread" if record.unread_since_write else "way-back.lagging"
    return [Paragraph(words.record(key, selector=back, requested=record.begin.selector))]


def _next(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    blocks: list[Block] = []
    if until := overlap(record):
        blocks.append(Paragraph(words.record("next.overlap", selector=record.left, until=words.time(until))))
        if places := ", ".join(record.begin.elsewhere):
            blocks.append(Paragraph(words.record("next.overlap-elsewhere", selector=record.left, places=places)))
    if outcome is Outcome.SWITCHED_PENDING:
        blocks += _pending(record, words)
    if outcome is Outcome.ROLLED_BACK and record.after and record.after.status != SUCCESS:
        values = {"selector": record.after.selector or "-", "status": record.after.status}
        blocks.append(Paragraph(words.record("next.rolled-back", **values)))
    if outcome is Outcome.PLANNED:
        blocks += _apply(record, words)
    blocks += advised(record, outcome, words)
    if not (record.seen and lagging(record.seen)):
        blocks += to_publish(record, words)
    return [Heading(words("Next")), *blocks] if blocks else []


def _apply(record: Record, words: Words) -> list[Block]:
    """Return how a plan is carried out: approved first, where the profile asks for that."""
    needed = record.begin.approvals if record.plan and record.plan.writes else 0
    apply, until = command(record, record.begin.selector), _not_before(record, words)
    carry = Paragraph(_say("next.apply-from", words, until=until) if until else words("To carry it out:"))
    if not needed:
        return [carry, Code(apply)]
    approve = shlex.join(["byodkim", "approve", own_path(record)])
    approved = shlex.join(["-r", "approved", record.begin.run])
    return [
        *unlisted(record, words),
        Paragraph(words("It needs approvals: {count}. Each approver runs this, with their own key:", count=needed)),
        Code(approve),
        carry,
        Code(f"{apply} {approved}"),
    ]


def _pending(record: Record, words: Words) -> list[Block]:
    written = record.written_at
    by = words.time(deadline(written)) if written else words("72 hours after the write")
    again: list[Block] = [Paragraph(words.record("next.deadline", at=by)), Code(command(record, record.begin.selector))]
    return [*again, *map(Paragraph, _goes_back(record, words))]


def _goes_back(record: Record, words: Words) -> Iterator[str]:
    """Yield whether a later run goes back by itself, as far as the record knows: the profile asks, and it can."""
    hours, since = record.begin.rollback_after_hours, record.written_at or record.perhaps_written_at
    if not hours or since is None or record.begin.at >= since + timedelta(hours=hours):
        return
    if record.seen is None or not record.left or assessed(record)[0].state != "passes":
        return
    if has_worked(record.seen, signed=True):
        yield words.record("next.back", hours=hours)
    elif has_worked(record.seen):
        yield words.record("next.back-untold", left=record.left)


def _say(key: str, words: Words, /, **values: object) -> str:
    return say("answers", key, words.language, **values)
