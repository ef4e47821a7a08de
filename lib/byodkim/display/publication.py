"""A publication: the exact records that would change, what was written, and what every server serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from byodkim.display.blocks import NONE, Block, Code, Heading, Headline, Paragraph, Table, facts
from byodkim.display.dns import matrix
from byodkim.display.words import Words
from byodkim.dkim import character_string
from byodkim.dkim.matrix import judge_together
from byodkim.dkim.published import Answer, Server, Verdict
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.plain import from_plain
from byodkim.rotation.publication import Outcome
from byodkim.rotation.record_set import Aim, Change, RecordSet

TONES: Final = {
    Outcome.PLANNED: "good",
    Outcome.STANDS: "good",
    Outcome.PUBLISHED: "good",
    Outcome.UNPROVED: "wait",
    Outcome.REFUSED: "bad",
    Outcome.FAILED: "bad",
}
_AS_WANTED: Final = {Aim.PUBLISH: Verdict.THE_KEY, Aim.REVOKE: Verdict.REVOKED, Aim.REMOVE: Verdict.ABSENT}

Events = Sequence[Mapping[str, Any]]


def opening(outcome: Outcome, name: str, error: str, words: Words) -> list[Block]:
    """Render the outcome in a word, and the error where there was one."""
    sentence = _say(words, f"outcome.{outcome.value}", name=name)
    headline = Headline(words.outcome(outcome.value), sentence, TONES[outcome])
    return [headline, *([Paragraph(error)] if error else [])]


def planned(events: Events, words: Words) -> list[Block]:
    """Render the newest plan: before and after, field by field and as zone-file text; nothing where there is none."""
    event, seen = Record(events).last("zone-planned"), Record(events).last("zone-read")
    if event is None or seen is None:
        return []
    plan, wanted, way = event["plan"], event["plan"]["wanted"], seen["way"]
    rows = [
        (words("name"), wanted["name"]),
        (words("zone"), plan["zone"]),
        (words("publisher"), _publisher(way, words)),
        (words("SHA-256 of its public key"), wanted["sha256"]),
        (words("plan digest"), plan["digest"]),
    ]
    if plan["change"] is None:
        gone = seen["standing"]["found"] is None
        text = _say(words, "plan.gone" if gone else "plan.stands", name=wanted["name"], zone=plan["zone"])
        return [Heading(_say(words, f"plan.{wanted['aim']}")), Paragraph(text), facts(rows)]
    change = from_plain(Change, plan["change"])
    return [Heading(_say(words, f"plan.{wanted['aim']}")), facts(rows), *_change(change, words)]


def written(events: Events, words: Words) -> list[Block]:
    """Return what came of the write; nothing where none was begun."""
    intent, answer = Record(events).last("zone-intent"), Record(events).last("zone-answer")
    if intent is None or answer is None:
        return []
    blocks: list[Block] = []
    if "error" not in answer:
        blocks.append(Paragraph(words("Written at {at}.", at=words.time(answer["at"]))))
    if resolved := Record(events).last("zone-resolved"):
        text = _say(words, "written.resolved", code=answer["error"]["code"], at=words.time(resolved["at"]))
        blocks.append(Paragraph(text))
    if settled := Record(events).last("zone-settled"):
        key = "written.settled" if settled["settled"] else "written.unsettled"
        blocks.append(Paragraph(_say(words, key, seconds=round(settled["seconds"], 1))))
    return blocks


def proof(events: Events, words: Words) -> list[Block]:
    """Return what every authoritative server served when it was asked last; how it goes, where that is not over."""
    proved, polled = Record(events).last("zone-proved"), Record(events).last("zone-polled")
    if proved is None:
        return [Paragraph(_waiting(polled, words))] if polled else []
    answers, aim = [from_plain(Answer, one) for one in proved["answers"]], Aim(proved["aim"])
    if not answers:
        return [Heading(_say(words, "proof")), Paragraph(words("The authoritative servers could not be found."))]
    verdicts = [one.verdict for one in judge_together(answers, proved["sha256"])]
    marks = frozenset(number for number, verdict in enumerate(verdicts) if verdict is not _AS_WANTED[aim])
    return [Heading(_say(words, "proof")), replace(matrix(answers, proved["sha256"], words), marks=marks)]


def _change(change: Change, words: Words) -> list[Block]:
    columns = ("", _say(words, "before"), _say(words, "after"))
    sides = [_fields(found) for found in (change.before, change.after)]
    rows = tuple((_say(words, key), *(side[key] for side in sides)) for key in ("ttl", "strings", "value"))
    changed = frozenset(number for number, (_, before, after) in enumerate(rows) if before != after)
    zone_texts = [
        (key, zone_text(change.name, found) or f"; {words('no TXT record')}\n")
        for key, found in (("before", change.before), ("after", change.after))
    ]
    text = "\n".join(f"; {_say(words, key)}\n{lines.rstrip()}" for key, lines in zone_texts)
    return [Table(columns, rows, changed), Code(text)]


def zone_text(name: str, found: RecordSet | None) -> str:
    """Return the TXT records as a zone file writes them, "" for none."""
    records = found.records if found else ()
    return "".join(character_string.resource_record(name, found.ttl if found else 0, record) for record in records)


def _fields(found: RecordSet | None) -> dict[str, str]:
    if found is None:
        return dict.fromkeys(("ttl", "strings", "value"), NONE)
    return {
        "ttl": str(found.ttl),
        "strings": " | ".join("+".join(str(len(string)) for string in record) for record in found.records),
        "value": " | ".join(character_string.escaped(b"".join(record)) for record in found.records),
    }


def _publisher(way: Mapping[str, Any], words: Words) -> str:
    server = way["update_server"]
    where = str(Server("", server["address"], server["port"])) if server else way["hosted_zone_id"]
    return _say(words, f"publisher.{way['publisher']}", where=where)


def _waiting(polled: Mapping[str, Any], words: Words) -> str:
    until = datetime.fromisoformat(polled["at"]) + timedelta(seconds=polled["wait_s"])
    return _say(words, "proof.waiting", good=polled["good"], all=polled["counted"], until=words.clock(until))


def _say(words: Words, key: str, **values: object) -> str:
    return say("publication", key, words.language, **values)
