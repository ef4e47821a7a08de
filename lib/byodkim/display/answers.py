"""A reader's first questions on a record and their answers, from its events, one row for each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from byodkim.display import message
from byodkim.display.procedures import own
from byodkim.display.words import Words, duration
from byodkim.evidence.record import Event, Record
from byodkim.messages import say
from byodkim.rotation import proof
from byodkim.rotation.checks.rollback import Rollback, judged
from byodkim.rotation.findings import Finding, Level, Verdict
from byodkim.rotation.lock import State
from byodkim.rotation.observation import SUCCESS, Identity
from byodkim.rotation.outcome import Outcome
from byodkim.rotation.plan import GIVEN_UP
from byodkim.rotation.timing import LATE_WRITE, deadline

NONE = "-"
TEMPORARY = "TEMPORARY_FAILURE"
#: SES's own diary: it goes on whatever is written.
DIARY = frozenset({"last_checked", "last_success", "last_key_generation"})


def answers(record: Record, words: Words) -> list[tuple[str, str]]:
    """Return who, when, why, what changed, was it safe, is it finished, and the rollback: question and answer."""
    if display := own(record):
        general = (("who", _who), ("when", _when), ("why", _why))
        found = {**{key: list(tell(record, words)) for key, tell in general}, **display.answers(record, words)}
        return [(_say(key, words), _joined(key, list(parts), words)) for key, parts in found.items()]
    pairs = (
        ("who", _who(record, words)),
        ("when", _when(record, words)),
        ("why", _why(record, words)),
        ("changed", _changed(record, words)),
        ("safe", _safe(record, words)),
        ("finished", _finished(record, words)),
        ("back", iter([_back(record, words)])),
    )
    return [(_say(key, words), _joined(key, list(parts), words)) for key, parts in pairs]


def departed(record: Record) -> bool:
    """Return whether SES has, or may have, the selector asked for in place of another: a rollback is possible.

    After a write of the run's own, or one that an earlier run began, that counts until SES was seen to have another
    selector; without one, what SES was seen to have does, where it is known which one it had before.
    """
    if record.rolled_back is not None or record.overruled is not None or at_work(record):
        return False
    requested, shown = [record.begin["selector"]], list(record.after.selectors) if record.after else []
    begun = record.written_at or record.perhaps_written_at
    if record.intent is not None:
        taken_back = record.last("read") is not None and shown == [record.current_selector] != requested
        # A request without an answer may land after every reading.
        taken_back = taken_back and not ((record.answer or {}).get("error") or {"unclear": True})["unclear"]
        return wrote(record) or (begun is not None and not taken_back)
    return begun is not None if not shown else shown == requested and (begun is not None or bool(record.left))


def at_work(record: Record) -> bool:
    """Return whether another run holds the lock: a rollback is that one's, while it writes or waits."""
    return record.lock.state is State.OTHER


def wrote(record: Record) -> bool:
    """Return whether this run's own write took effect, as far as its events say."""
    answered = record.answer is not None and "error" not in record.answer
    return record.intent is not None and (answered or record.last("resolved") is not None)


def restored(record: Record) -> Event | None:
    """Return the rollback of a run that wrote nothing else: an earlier run had switched. ``None`` for any other run.

    One that SES refused clearly is none.
    """
    back, answer = record.last("rollback"), record.last("rolled")
    refused = answer is not None and "error" in answer and not answer["error"]["unclear"]
    if back is None or refused or record.intent is not None:
        return None
    change: Event = back["change"]
    return change


def _late(record: Record, words: Words) -> dict[str, str]:
    """Return what is told of a write without a clear answer that SES has not taken, and may still; {} for any other."""
    sent, read, requested = record.perhaps_written_at, record.last("read"), str(record.begin["selector"])
    if sent is None or read is None or wrote(record) or record.after is None:
        return {}
    if list(record.after.selectors) != [record.current_selector] or record.current_selector == requested:
        return {}
    until, status = words.time(sent + LATE_WRITE), record.after.status or NONE
    return {"current": record.current_selector, "next": requested, "status": status, "until": until}


def _who(record: Record, words: Words) -> Iterator[str]:
    caller = (record.last("caller") or {}).get("caller")
    yield str(caller["arn"]) if caller else _say("who.unknown", words)
    if record.begin["requested_by"]:
        yield _say("who.asked", words, name=record.begin["requested_by"])
    if names := [one.approval.approver for one in record.approvals if one.approval]:
        yield _say("who.approved", words, names=", ".join(names))


def _when(record: Record, words: Words) -> Iterator[str]:
    began = words.time(record.begin["at"])
    if record.closed is None:
        yield _say("when.open", words, began=began, last=words.time(record.events[-1]["at"]))
    else:
        yield _say("when.closed", words, began=began, ended=words.time(record.closed["at"]))


def _why(record: Record, words: Words) -> Iterator[str]:
    yield str(record.begin["reason"]) or _say("why.none", words)
    if record.begin["ticket"]:
        yield _say("why.ticket", words, ticket=record.begin["ticket"])


def _changed(record: Record, words: Words) -> Iterator[str]:
    if (change := restored(record)) is not None:
        values = {"current": change["current_selector"] or NONE, "next": change["next_selector"]}
        yield _say("changed.back" if record.rolled_back else "changed.perhaps", words, **values)
        return
    if record.intent is None or not (wrote(record) or record.perhaps_written_at):
        current, asked = record.current_selector, record.begin["selector"]
        key = "changed.nothing" if current in ("", asked) else "changed.not"
        yield _say(key, words, current=current, next=asked)
        return
    change = record.intent["change"]
    values = {"current": change["current_selector"] or NONE, "next": change["next_selector"]}
    if not wrote(record):
        late = _late(record, words)
        yield _say("changed.late" if late else "changed.perhaps", words, **{**values, **late})
        return
    rows = [row for row in record.comparison if row.changed and row.field not in DIARY]
    back = record.last("rollback")
    if record.overruled is not None:
        yield _say("changed.overruled", words, **values, **_overruled(record, words))
        rows = [row for row in rows if row.field != "selectors"]
    elif back is not None:
        there = {"before": values["current"], "after": f"{values['next']} → {back['change']['next_selector']}"}
        yield _say("changed.field", words, field=words("field.selectors"), **there)
        rows = [row for row in rows if row.field != "selectors"]
    elif change["resubmit"]:
        yield _say("changed.again", words, next=values["next"])
    elif "selectors" not in {row.field for row in rows}:  # SES need not show it at once, or at all
        sides = {"before": values["current"], "after": values["next"]}
        yield _say("changed.field", words, field=words("field.selectors"), **sides)
    for row in rows:
        sides = {"before": row.before or NONE, "after": row.after or NONE}
        yield _say("changed.field", words, field=words(f"field.{row.field}"), **sides)
    yield _say("changed.else", words)


def _overruled(record: Record, words: Words) -> dict[str, str]:
    """Return what SES was set to in place of what this run wrote, and when that was first seen; {} where it was not."""
    found = record.overruled
    return {"seen": found["identity"]["selectors"][0], "at": words.time(found["at"])} if found else {}


def _safe(record: Record, words: Words) -> Iterator[str]:
    if sentence := message.safe(record, words):
        yield sentence
        return
    if record.after is not None and not record.after.signs:
        yield _say("safe.signing-off", words)
        return
    if late := _late(record, words):
        yield _say("safe.late", words, **late)
        return
    if restored(record) is not None:
        yield _say("safe.back", words)
        yield from _unsigned(record, words)
    elif record.intent is None or not (wrote(record) or record.perhaps_written_at):
        sentence = mail(record.after, words, "safe.untouched-as") if record.after else ""
        yield sentence or _say("safe.untouched", words)
        if not sentence:
            yield from _unsigned(record, words)
    else:
        yield from _proved(record, words)
        yield from _unsigned(record, words)
    if found := record.open_write:
        yield _say("safe.open", words, selector=found["selector"], until=words.time(found["until"]))


def _unsigned(record: Record, words: Words) -> Iterator[str]:
    written, verified = record.written_at, record.verified_at
    if (back := record.last("rollback")) is not None and (record.intent is not None or restored(record) is not None):
        earlier = (record.begin["previous"] or {}).get("written_at") or back["at"]
        written = datetime.fromisoformat(record.intent["at"] if record.intent is not None else earlier)
        verified = _verified_again(record, back["n"], back["change"]["next_selector"])
    if record.overruled is not None and record.after is not None:
        verified = _verified_again(record, record.overruled["n"] - 1, record.after.selector)
    if sentence := before(record, words):
        yield sentence
    if verified and sentence:
        yield _say("safe.signed-since", words, at=words.time(signed_at(record, verified)))
    elif written and verified:
        key = "safe.unsigned" if record.intent is not None else "safe.unsigned-after"
        yield _say(key, words, duration=duration(max((verified - written).total_seconds(), 0), words.language))
    elif (written or record.perhaps_written_at) and not _seen_verified(record):
        yield _say("mail.FAILED" if record.given_up else "mail.pending", words)


def _seen_verified(record: Record) -> bool:
    """Return whether SES showed what it has as verified when all writing was over."""
    read = record.intent is None or record.last("read") is not None
    return read and record.after is not None and record.after.status == SUCCESS


def before(record: Record, words: Words) -> str:
    """Return that mail may have gone out unsigned before the run's write too; "" where SES signed it, verified."""
    found = record.seen.identity if record.intent is not None and record.seen else None
    if found is None or (found.signs and found.status == SUCCESS):
        return ""
    earlier = record.begin["previous"] or {}
    at = earlier.get("written_at") if found.selector == record.begin["selector"] == earlier.get("selector") else ""
    since = _say("since.written", words, at=words.time(at)) if at else _say("since.unknown", words)
    key = "before.unverified" if found.signs else "before.signing-off"
    return _say(key, words, selector=found.selector or NONE, status=found.status or NONE, since=since)


def signed_at(record: Record, verified: datetime) -> datetime:
    """Return when SES, which had ``verified`` the selector, was first seen to have signing switched on too."""
    seen = ((datetime.fromisoformat(one["at"]), one["identity"]["signing_enabled"]) for one in record.all("read"))
    return min((at for at, signs in seen if signs and at >= verified), default=verified)


def mail(identity: Identity, words: Words, key: str) -> str:
    """Return the sentence ``key`` about mail now, from the status of the selector in use; "" where it is verified."""
    if identity.status == SUCCESS:
        return ""
    means = _say(f"mail.{identity.status if identity.status in (GIVEN_UP, TEMPORARY) else 'pending'}", words)
    return _say(key, words, selector=identity.selector or NONE, status=identity.status or NONE, mail=means)


def stands(record: Record) -> Identity | None:
    """Return the identity that a refused run saw, where it has the selector asked for; else ``None``."""
    found = record.after
    return found if found is not None and found.selector == record.begin["selector"] else None


def worked(record: Record) -> bool:
    """Return whether the selector that was left was seen verified: mail signed with it may be on its way."""
    found = record.before.identity if record.before else None
    if found is not None and (found.selector, found.status) == (record.left, SUCCESS):
        return True
    return judged(record.findings).state != "never-worked"


def overlap(record: Record) -> datetime | None:
    """Return until when the key record of the selector that was left must stay published; ``None``: none has to.

    That holds for a switch that an earlier run began, too.
    """
    switched = record.outcome is Outcome.SWITCHED and record.left and worked(record)
    return record.overlap_until if switched else None


def _verified_again(record: Record, since: int, selector: str) -> datetime | None:
    """Return when SES was first seen to have verified ``selector``, which it was given again after event ``since``."""
    for event in record.all("read"):
        state = (list(event["identity"]["selectors"]), event["identity"]["status"])
        if event["n"] > since and state == ([selector], SUCCESS):
            return datetime.fromisoformat(event["at"])
    return None


def _proved(record: Record, words: Words) -> Iterator[str]:
    waived = [one.id for one in record.findings if one.verdict is Verdict.WAIVED and one.level is Level.BLOCKS]
    chain = proof.links(record.seen) if record.seen else ()
    holds = bool(chain) and proof.holds(chain)
    if waived:
        yield _say("safe.waived", words, ids=", ".join(waived))
    if not holds:
        yield _say("safe.broken", words)
    elif not waived:
        yield _say("safe.proved", words, places=proof.counted(chain)[0])
    if warned := [one.id for one in record.findings if _warns(one)]:
        yield _say("safe.warned", words, ids=", ".join(warned))


def _warns(finding: Finding) -> bool:
    return finding.level is Level.WARNS and finding.objects


def _finished(record: Record, words: Words) -> Iterator[str]:
    outcome = record.outcome
    sentence = message.finished(record, words)
    if other := _overruled(record, words):
        yield _say("finished.overruled", words, **other)
        return
    if _late(record, words):
        yield _say("finished.late", words)
        return
    if still := record.open_write:
        yield _say("finished.open", words, selector=still["selector"], until=words.time(still["until"]))
        return
    if not sentence and outcome is Outcome.REFUSED and (found := stands(record)):
        yield _say("finished.REFUSED-stands", words, selector=found.selector, status=found.status or NONE)
    elif not sentence and outcome is Outcome.ROLLED_BACK and record.after and record.after.status != SUCCESS:
        yield _say("finished.ROLLED-BACK-pending", words, status=record.after.status)
    elif not sentence or outcome is Outcome.SWITCHED:
        yield _say(f"finished.{outcome or 'none'}", words)
    if sentence:
        yield sentence
    if until := overlap(record):
        yield _say("finished.overlap", words, selector=record.left, until=words.date(until))
    if outcome is Outcome.SWITCHED_PENDING and record.written_at:
        yield _say("finished.by", words, at=words.time(deadline(record.written_at)))


def assessed(record: Record) -> tuple[Rollback, str]:
    """Return how a rollback stands by what the run saw last, and when that was seen; "" where nothing was."""
    found, read = judged(record.findings, record.after), record.last("read")
    at = record.seen.at if record.seen else ""
    if read is not None and found != judged(record.findings):  # SES was changed after the checks
        at = read["at"]
    return found, at


def _back(record: Record, words: Words) -> str:
    against = bool(message.headline(record, words))
    if late := _late(record, words):
        return _say("back.late", words, **late)
    if at_work(record):
        return _say("back.other", words)
    if not departed(record) and not against:
        return _say("back.nothing", words)
    if not record.left:
        return _say("back.unknown", words)
    found, seen = assessed(record)
    at = words.time(seen) if seen else NONE
    ids = ", ".join(found.remedies)
    return _say(f"back.{found.state}", words, selector=record.left, at=at, ids=ids)


def _joined(key: str, parts: list[str], words: Words) -> str:
    """Join sentences; they are kept apart by more than the members of a list are."""
    return ("; " if words.language == "en" else "。" if key in ("safe", "finished") else "、").join(parts)


def _say(key: str, words: Words, **values: object) -> str:
    return say("answers", key, words.language, **values)
