"""Render what a record of rotate answers: what changed, was it safe, is it finished, and the rollback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import ceil

from second_edition.display.answers import DIARY
from second_edition.display.blocks import NONE
from second_edition.display.checks import named
from second_edition.display.words import Words, duration
from second_edition.events.run import Read
from second_edition.evidence.record import Record
from second_edition.evidence.ses_write import set_back, signed_at, verified_again
from second_edition.messages import say
from second_edition.procedures.rotate import message
from second_edition.procedures.rotate.standing import (
    assessed,
    at_work,
    departed,
    overlap,
    restored,
    stands,
    unserved,
    wrote,
)
from second_edition.rotation import proof
from second_edition.rotation.comparison import Row
from second_edition.rotation.findings import Level, Verdict
from second_edition.rotation.observation import SUCCESS, TEMPORARY
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.plan import GIVEN_UP
from second_edition.rotation.timing import LATE_WRITE, deadline


def answers(record: Record, words: Words) -> Mapping[str, Sequence[str]]:
    """Return what changed, whether it was safe, whether it is finished, and the rollback."""
    return {
        "changed": list(_changed(record, words)),
        "safe": list(_safe(record, words)),
        "finished": list(_finished(record, words)),
        "back": [_back(record, words)],
    }


def _late(record: Record, words: Words) -> dict[str, str]:
    """Return what is told of a write without a clear answer that SES has not taken, and may still; {} for any other."""
    sent, read, requested = record.perhaps_written_at, record.of(Read), record.begin.selector
    if sent is None or read is None or wrote(record) or record.after is None:
        return {}
    if list(record.after.selectors) != [record.current_selector] or record.current_selector == requested:
        return {}
    until, status = words.time(sent + LATE_WRITE), record.after.status or NONE
    return {"current": record.current_selector, "next": requested, "status": status, "until": until}


def _changed(record: Record, words: Words) -> Iterator[str]:
    if (change := restored(record)) is not None:
        values = {"current": change.current_selector or NONE, "next": change.next_selector}
        yield from _back_again(record, values, words)
        return
    if record.switch is None or not (wrote(record) or record.perhaps_written_at):
        current, asked = record.current_selector, record.begin.selector
        key = "changed.nothing" if current in ("", asked) else "changed.not"
        yield _say(key, words, current=current, next=asked)
        return
    change = record.switch.change
    values = {"current": change.current_selector or NONE, "next": change.next_selector}
    if not wrote(record):
        late = _late(record, words)
        yield _say("changed.late" if late else "changed.perhaps", words, **{**values, **late})
        return
    rows = [row for row in record.comparison if row.changed and row.field not in DIARY]
    back = record.rollback
    if record.overruled is not None:
        yield _say("changed.overruled", words, **values, **_overruled(record, words))
        rows = [row for row in rows if row.field != "selectors"]
    elif back is not None and back.accepted:
        there = {"before": values["current"], "after": f"{values['next']} → {back.selector}"}
        yield words("{field} {before} → {after}", field=words.record("field.selectors"), **there)
        rows = [row for row in rows if row.field != "selectors"]
    elif change.resubmit:
        yield words("the selector {next} was given to SES again", next=values["next"])
    elif "selectors" not in {row.field for row in rows}:  # SES need not show it at once, or at all
        sides = {"before": values["current"], "after": values["next"]}
        yield words("{field} {before} → {after}", field=words.record("field.selectors"), **sides)
    yield from _besides(record, rows, words)


def _besides(record: Record, rows: Sequence[Row], words: Words) -> Iterator[str]:
    """Yield what else has changed, and what became of the rest, as far as SES was read since the write."""
    for row in rows:
        sides = {"before": row.before or NONE, "after": row.after or NONE}
        yield words("{field} {before} → {after}", field=words.record(f"field.{row.field}"), **sides)
    if record.gone_at:
        yield _deleted(record.gone_at, words)
    elif not record.unread_since_write:
        yield words("all else of the identity as before")


def _deleted(at: datetime, words: Words) -> str:
    return words("then the identity was deleted from SES (seen at {at})", at=words.time(at))


def _back_again(record: Record, values: dict[str, str], words: Words) -> Iterator[str]:
    """Yield what was changed by a run that wrote nothing but a rollback, and what somebody else changed meanwhile."""
    taken, other = record.rollback is not None and record.rollback.accepted, _overruled(record, words)
    key = "changed.overruled" if other else "changed.back" if taken else "changed.perhaps"
    yield _say(key, words, **values, **other)
    if record.gone_at:
        yield _deleted(record.gone_at, words)
        return
    for row in record.comparison:
        if row.changed and row.field in ("signing_enabled", "signing_origin"):
            named = words.record(f"field.{row.field}")
            yield words("{field} {before} → {after}", field=named, before=row.before or NONE, after=row.after or NONE)


def _overruled(record: Record, words: Words) -> dict[str, str]:
    """Return what SES was set to in place of what this run wrote, and when that was first seen; {} where it was not."""
    found = record.overruled
    return {"seen": found.identity.selector, "at": words.time(found.at)} if found else {}


def _safe(record: Record, words: Words) -> Iterator[str]:
    if sentence := message.safe(record, words):
        yield sentence
        return
    if record.gone_at:
        yield words(
            "no: SES has no such identity any more, and refuses mail from this domain unless it has one of a domain "
            "above it"
        )
        return
    if record.after is not None and not record.after.signs:
        yield words("no: SES does not sign this domain's mail with your key")
        return
    if late := _late(record, words):
        yield _say("safe.late", words, **late)
        return
    other = _say("safe.other", words, **_other(record)) if _other(record) else ""
    if restored(record) is not None:
        yield other or words("every check of the rollback passed before the write")
        yield from _unsigned(record, words)
    elif record.switch is None or not (wrote(record) or record.perhaps_written_at):
        sentence = mail(record, words, "safe.untouched-as")
        yield sentence or words("yes: SES was not touched")
        if not sentence:
            yield from _unsigned(record, words)
    else:
        yield from _proved(record, words)
        if other:
            yield other
        yield from _unsigned(record, words)
    if found := record.open_write:
        yield _say("safe.open", words, selector=found["selector"], until=words.time(found["until"]))


def _other(record: Record) -> dict[str, str]:
    """Return what SES has, where that is neither what the run wrote nor what stood before; {} else."""
    after, write = record.after, record.last_write
    if after is None or write is None or not after.selector or record.unread_since_write:
        return {}
    known = {write.selector} if record.overruled is not None else {write.selector, write.change.current_selector}
    return {} if after.selector in known else {"selector": after.selector, "status": after.status or NONE}


def _unsigned(record: Record, words: Words) -> Iterator[str]:
    written, verified = record.written_at, record.verified_at
    if (back := record.rollback) is not None and (record.switch is not None or restored(record) is not None):
        written = record.writes[0].at if record.switch is not None else record.written_before or back.at
        verified = verified_again(record.reads, back.n, back.selector)
    if record.overruled is not None and record.after is not None:
        verified = verified_again(record.reads, record.overruled.n - 1, record.after.selector)
    if sentence := before(record, words):
        yield sentence
    if verified and sentence:
        yield words("mail is signed since {at}", at=words.time(signed_at(record.reads, verified)))
    elif written and verified:
        key = "safe.unsigned" if record.switch is not None else "safe.unsigned-after"
        lasted = unsigned(record, written, verified, words)
        yield _say(key, words, duration=lasted) if lasted else _say("safe.set-back", words)
    elif (written or record.perhaps_written_at) and not _seen_verified(record):
        yield _say("mail.FAILED" if record.given_up else "mail.pending", words)


def unsigned(record: Record, written: datetime, verified: datetime, words: Words) -> str:
    """Return for how long mail may have gone out unsigned, at most; "" where the clock was set back meanwhile."""
    since = record.writes[0].n if record.switch is not None else 0
    if verified < written or set_back(record.events, since):
        return ""
    return duration(verified - written, words.language, ceil)


def _seen_verified(record: Record) -> bool:
    """Return whether SES showed what it has as verified when all writing was over."""
    read = record.last_write is None or not record.unread_since_write
    return read and record.after is not None and record.after.status == SUCCESS


def before(record: Record, words: Words) -> str:
    """Return that mail may have gone out unsigned before the run's write too; "" where SES signed it, verified."""
    found = record.seen.identity if record.switch is not None and record.seen else None
    if found is None or (found.signs and found.status == SUCCESS):
        return ""
    at = record.written_before if found.selector == record.begin.selector else None
    since = _say("since.written", words, at=words.time(at)) if at else words("since when is not known from this record")
    key = "before.unverified" if found.signs else "before.signing-off"
    return _say(key, words, selector=found.selector or NONE, status=found.status or NONE, since=since)


def mail(record: Record, words: Words, key: str) -> str:
    """Return the sentence ``key`` about mail now, by the selector in use; "" where it is verified and published."""
    identity, gone = record.after, unserved(record)
    if identity is None or (identity.status == SUCCESS and not gone):
        return ""
    status = identity.status if identity.status in (GIVEN_UP, TEMPORARY) else "pending"
    means = _say(f"mail.{'gone' if gone and status != GIVEN_UP else status}", words)
    return _say(key, words, selector=identity.selector or NONE, status=identity.status or NONE, mail=means)


def _proved(record: Record, words: Words) -> Iterator[str]:
    waived = [one.id for one in record.findings if one.verdict is Verdict.WAIVED and one.level is Level.BLOCKS]
    chain = proof.links(record.seen) if record.seen else ()
    holds = bool(chain) and proof.holds(chain)
    if waived:
        yield words("not by all checks: {ids} waived before the write (reasons above)", ids=", ".join(waived))
    if not holds:
        yield words("not shown: before the write one key pair was not seen at every place")
    elif not waived:
        key = "safe.proved" if record.overruled or _seen_verified(record) else "safe.proved-before"
        key = "safe.named" if named(record, words) else key
        yield _say(key, words, places=proof.counted(chain)[0])
    if ago := _read_before(record):
        spent = duration(ago, words.language)
        yield words(
            "SES was read {ago} before the write, with other identities; a change made in between would not show",
            ago=spent,
        )
    if warned := [one.id for one in record.findings if one.level is Level.WARNS and one.objects]:
        yield words("warnings: {ids}", ids=", ".join(warned))


def _read_before(record: Record) -> float:
    """Return how many seconds before its write a run's identity was read together with others; 0 where it was not."""
    reading = record.seen.reading if record.seen else {}
    if not reading or record.switch is None:
        return 0.0
    return max((record.switch.at - datetime.fromisoformat(reading["at"])).total_seconds(), 0.0)


def _unsettled(record: Record, words: Words) -> str:
    """Return why nothing that the run came to is final; "" where it is."""
    if record.gone_at:
        return words("no: SES has no such identity any more (seen at {at})", at=words.time(record.gone_at))
    if other := _overruled(record, words):
        return words("no: somebody set SES to {seen} while this run waited (seen at {at})", **other)
    if _late(record, words):
        return words("no: run the same command again, which says what SES has and goes on")
    if still := record.open_write:
        return _say("finished.open", words, selector=still["selector"], until=words.time(still["until"]))
    return ""


def _finished(record: Record, words: Words) -> Iterator[str]:
    outcome = record.outcome
    sentence = message.finished(record, words)
    if open_still := _unsettled(record, words):
        yield open_still
        return
    if not sentence and outcome is Outcome.REFUSED and (found := stands(record)):
        yield _say("finished.REFUSED-stands", words, selector=found.selector, status=found.status or NONE)
    elif not sentence and outcome is Outcome.ROLLED_BACK and record.after and record.after.status != SUCCESS:
        yield _say("finished.ROLLED-BACK-pending", words, status=record.after.status)
    elif not sentence or outcome is Outcome.SWITCHED:
        rollback = "-rollback" if outcome is None and record.rollback is not None else ""
        yield _say(f"finished.{outcome or 'none'}{rollback}", words)
    if sentence:
        yield sentence
    if until := overlap(record):
        yield words("{selector} stays published until {until}", selector=record.left, until=words.time(until))
        if places := ", ".join(record.begin.elsewhere):
            yield words("longer while it signs in {places}, which this run did not check", places=places)
    if outcome is Outcome.SWITCHED_PENDING and record.written_at:
        yield words("SES looks until {at}", at=words.time(deadline(record.written_at)))


def _back(record: Record, words: Words) -> str:
    against = bool(message.headline(record, words))
    if record.gone_at:
        return words("none while SES has no such identity")
    if late := _late(record, words):
        return _say("back.late", words, **late)
    if at_work(record):
        return words("none from here while another run is at work: its record has the rollback")
    if record.closed is None and (begun := record.rollback):
        return words("to {selector}: this run began it, and the command below completes it", selector=begun.selector)
    if (other := _overruled(record, words)) and other["seen"] != record.left:
        return words("not by this record: somebody set SES to {seen} (seen at {at})", **other)
    if not departed(record) and not against:
        return _say("back.nothing", words)
    if not record.left:
        return words("not known from this record: a plan run shows what SES has")
    found, seen = assessed(record)
    at = words.time(seen) if seen else NONE
    ids = ", ".join(found.remedies)
    return _say(f"back.{found.state}", words, selector=record.left, at=at, ids=ids)


def _say(key: str, words: Words, **values: object) -> str:
    return say("answers", key, words.language, **values)
