"""The record of retire: its sections, its summary, and the answers to a reader's first questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from byodkim.display import publication, rotate, summary, writes
from byodkim.display.blocks import Block, Code, Heading, Paragraph, facts
from byodkim.display.rehearsed import first
from byodkim.display.retire_state import NONE, found_in
from byodkim.display.words import Words, aloud
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.rotation.facts import REMOVE
from byodkim.rotation.findings import Level, Verdict
from byodkim.rotation.outcome import Outcome
from byodkim.rotation.plan import Write
from byodkim.rotation.retirement import Advice, Operation, advice

PROVED: Final = frozenset({"DNS-WITHDRAWN", "STORE-ERASED", "SECRET-CLEARED"})
# By the first of these the selector is no longer to be had from the secret.
_FORGETS: Final = frozenset({Operation.PROMOTE.value, Operation.UNLABEL.value})
_OF_SECRET: Final = _FORGETS | {Operation.CLEAR.value, Operation.RELEASE.value}


def begun(record: Record) -> bool:
    """Return whether the run has begun to write: to DNS, to the key store, or to the secret."""
    return any(event["event"] in ("zone-intent", "erasing") for event in record.events)


def proved(record: Record) -> bool:
    """Return whether record and key were seen to be as they are to be, and mail to be signed all the same."""
    fulfilled = {one.id for one in record.findings if not one.objects}
    return fulfilled >= PROVED and not any(
        one.stops for one in record.findings if one.id in ("SES-UNUSED", "BACK-ACTIVE")
    )


def judged(record: Record, words: Words) -> str:
    """Return the verdict in a sentence: retire now, safe on a day, or keep, and why."""
    found = found_in(record, last=True)
    if found is None or not record.findings:
        return ""
    came, against = advice(record.findings)
    values = {
        "selector": record.selector,
        "domain": record.begin["domain"],
        "at": words.time(found.safe_at),
        "days": found.facts.policy.overlap_days,
        "seconds": found.ttl,
        "since": words.time(found.facts.left.verified_at or found.seen.at),
        "id": against,
        "claim": next((words.sentence(one.claim) for one in record.findings if one.id == against), ""),
    }
    key = f"{came.value}.{found.facts.left.source}" if came is Advice.LATER else came.value
    waived = [one.id for one in record.findings if one.verdict is Verdict.WAIVED]
    if came is Advice.NOW and waived:
        return _say("advice.waived", words, **values, ids=", ".join(waived))
    return _say(f"advice.{key}", words, **values)


def plan(record: Record, words: Words) -> list[Block]:
    """Render the verdict; what would be written, and nothing else; the digest; what it relies on."""
    made = record.made
    if made is None:
        return []
    key = f"plan.asked.{made.requested}" if made.requested else "plan.writes" if made.writes else "plan.nothing"
    blocks: list[Block] = [Paragraph(judged(record, words)), Paragraph(_say(key, words))]
    if made.writes:
        blocks.append(writes.planned(made.writes, _where, _what, words))
    if any(one.operation in _FORGETS for one in made.writes):
        blocks.append(Paragraph(_say("plan.no-way-back", words, selector=record.selector)))
    zone = publication.planned(record.events, words)
    return [*blocks, writes.digest(made.digest, words), *zone, *writes.relies(made.relies_on, words)]


def _where(write: Write) -> str:
    return f"{write.target} {write.version}".strip()


def _what(write: Write, words: Words) -> str:
    return _say(f"write.{Operation(write.operation).name}", words)


def carried_out(record: Record, words: Words) -> list[Block]:
    """Return what was written, what came back, and what was then found there."""
    if record.begin["mode"] != "apply":
        return [Paragraph(_say("plan-only", words))]
    made = record.made
    if made is not None and made.requested:
        return [Paragraph(_say("apply.asked", words))]
    zone = [*publication.written(record.events, words), *publication.proof(record.events, words)]
    if not record.all("erasing"):
        return zone or [Paragraph(_say("plan.nothing", words))]
    table = writes.carried_out(record, "erasing", "erased", "gone", words)
    return [*zone, Heading(_say("erased", words)), table]


def proof(record: Record, words: Words) -> list[Block]:
    """Return what is left, by the checks on what was read back; where something is still to be done, nothing is."""
    made = any(finding.id in PROVED for finding in record.findings)
    if not made:
        return [Paragraph(_say("proof.none", words))]
    return [Paragraph(_say("proof.holds" if proved(record) else "proof.breaks", words)), *rotate.checks(record, words)]


def dns_request(record: Record, words: Words) -> list[Block]:
    """Return what the DNS team is asked for; or that nothing is."""
    event = record.last("requested")
    if event is None:
        return [Paragraph(_say("hand.none", words))]
    rows = [
        (words("hand.name"), event["name"]), (words("hand.type"), "TXT"),
        *([(words("hand.ttl"), str(event["ttl"])), (words("hand.value"), event["value"])] if event["value"] else []),
        *((words("hand.file"), file) for file in event["files"]),
    ]  # fmt: skip
    rehearsal = [Paragraph(words("hand.rehearsal"))] if record.rehearsal else []
    return [*rehearsal, Paragraph(_say(f"hand.{event['aim']}", words)), facts(rows)]


EVENTS: Final = frozenset({"erasing", "erased", "gone", "requested"})


def sentence(record: Record, outcome: Outcome, words: Words) -> str:
    """Return what the run came to, after its outcome: the verdict, where nothing was written."""
    made, values = record.made, {"domain": record.begin["domain"], "selector": record.selector or NONE}
    if outcome is Outcome.PLANNED and made and made.requested:
        return _say("came.ASKED" if record.begin["mode"] == "apply" else "came.TO-ASK", words, **values)
    if outcome in (Outcome.PLANNED, Outcome.REFUSED) and (verdict := judged(record, words)):
        return verdict
    return _say(f"came.{outcome.value}", words, **values)


def meaning(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what that means, where no error says it."""
    made = record.made
    if outcome is Outcome.PLANNED and made:
        values = {"count": len(made.writes), "digest": made.digest, "words": aloud(made.digest)}
        return [Paragraph(_say("meaning.asked" if made.requested else "meaning.planned", words, **values))]
    found = found_in(record, last=True)
    if outcome in (Outcome.RETIRED, Outcome.UNCHANGED) and found:
        blocks = [Paragraph(_say(f"meaning.{found.facts.policy.key}", words))]
        if found.facts.policy.secret == REMOVE:
            return [*blocks, Paragraph(_say("meaning.cleared", words, secret=found.facts.secret.name))]
        secret = found.seen.next_key.secret
        named = secret is not None and not secret.defect
        return [*blocks, *([Paragraph(_say("meaning.secret", words, secret=secret.name))] if secret and named else [])]
    return []


def unfinished(record: Record, words: Words) -> list[Block]:
    """Return what is known of a run that was stopped, and how to go on."""
    paragraph = Paragraph(_say("unfinished.begun" if begun(record) else "unfinished.untouched", words))
    return [paragraph, Heading(words("next")), Code(_again(record, str(record.begin["mode"])))]


def onward(record: Record, outcome: Outcome, words: Words) -> list[Block]:
    """Return what comes next: to apply, to ask the DNS team, to wait, or to run again."""
    made, request, blocks = record.made, record.last("requested"), list[Block]()
    if outcome is Outcome.PLANNED and request:
        key = "next.rehearsal" if record.rehearsal else "next.asked"
        blocks += [Paragraph(_say(key, words, file=request["files"][0])), Code(_again(record, "apply"))]
    elif outcome is Outcome.PLANNED and made:
        blocks += [*first(record, words), Paragraph(words("next.apply")), Code(_again(record, "apply"))]
    if outcome is Outcome.REFUSED and record.findings and advice(record.findings)[0] is Advice.LATER:
        found = found_in(record, last=True)
        at = words.time(found.safe_at) if found else NONE
        blocks += [Paragraph(_say("next.later", words, at=at)), Code(_again(record, "plan"))]
    if outcome is Outcome.FAILED:
        blocks += [Paragraph(_say("next.again", words)), Code(_again(record, str(record.begin["mode"])))]
    return [Heading(words("next")), *blocks] if blocks else []


def _again(record: Record, mode: str) -> str:
    return summary.command(record, record.selector, mode)


def answers(record: Record, words: Words) -> Mapping[str, Sequence[str]]:
    """Return what changed, whether it was safe, whether it is finished, and the rollback."""
    changed, wrote = list(_changed(record, words)), begun(record)
    key = "safe.untouched" if not wrote else "safe.proved" if proved(record) else "safe.unproved"
    warned = [one.id for one in record.findings if one.level is Level.WARNS and one.objects]
    finished, made = record.outcome.value if record.outcome else "none", record.made
    if record.outcome is Outcome.PLANNED and made and made.requested:
        finished = "ASKED"
    found, operations = found_in(record), {event["write"]["operation"] for event in record.all("erasing")}
    kept = "keep" if found is None else found.facts.policy.key
    kept = "cleared" if operations & _FORGETS else kept
    spared = "changed.ses-alone" if operations & _OF_SECRET else "changed.ses"
    return {
        "changed": [*(changed or [_say("changed.nothing", words)]), _say(spared, words)],
        "safe": [_say(key, words), *([_say("safe.warned", words, ids=", ".join(warned))] if warned else [])],
        "finished": [_say(f"finished.{finished}", words)],
        "back": [_say(f"back.{kept}" if wrote else "back.nothing", words)],
    }


def _changed(record: Record, words: Words) -> Sequence[str]:
    sentences = []
    if (intent := record.last("zone-intent")) is not None:
        answer, change = record.last("zone-answer"), intent["change"]
        sure = (answer is not None and "error" not in answer) or record.last("zone-resolved") is not None
        aim = "revoke" if change["after"] else "remove"
        sentences.append(_say(f"changed.{aim}" if sure else "changed.perhaps", words, target=change["name"]))
    done = [event["applied"] for event in record.all("gone")]
    for number, event in enumerate(record.all("erasing")):
        write, sure = event["write"], number < len(done) and done[number]
        key = f"changed.{Operation(write['operation']).name}" if sure else "changed.perhaps"
        sentences.append(_say(key, words, target=f"{write['target']} {write['version']}".strip()))
    return sentences


def _say(key: str, words: Words, /, **values: object) -> str:
    return say("retire", key, words.language, **values)
