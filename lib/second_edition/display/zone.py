"""The change of a key record: the exact records that would change, what was written, and what every server serves."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from second_edition.display.blocks import Block, Code, Heading, Paragraph, facts
from second_edition.display.dns import matrix
from second_edition.display.words import Words
from second_edition.dkim import character_string
from second_edition.dkim.matrix import judge_together
from second_edition.dkim.published import Server
from second_edition.events import zone as events
from second_edition.evidence.record import Record
from second_edition.messages import say
from second_edition.rotation.publication import AS_WANTED
from second_edition.rotation.record_set import Aim, RecordSet


def planned(record: Record, words: Words) -> list[Block]:
    """Render the newest plan, the records before and after as a zone file has them; nothing where there is none."""
    event, seen = record.of(events.ZonePlanned), record.of(events.ZoneRead)
    if event is None or seen is None:
        return []
    wanted, zone, change = event.plan.wanted, event.plan.zone, event.plan.change
    rows = [
        (words("name"), wanted.name),
        (words("zone"), zone),
        (words("publisher"), _publisher(seen.way, words, rehearsal=record.rehearsal)),
        (words("SHA-256 of its public key"), wanted.sha256),
    ]
    if change is None:
        text = _say(words, "plan.stands" if seen.standing.found else "plan.gone", name=wanted.name, zone=zone)
        return [Heading(_say(words, f"plan.{wanted.aim}")), Paragraph(text), facts(rows)]
    none = f"; {words('no TXT record')}"
    sides = [
        f"; {words.record(key)}\n{zone_text(change.name, found).rstrip() or none}"
        for key, found in (("before", change.before), ("after", change.after))
    ]
    return [Heading(_say(words, f"plan.{wanted.aim}")), facts(rows), Code("\n".join(sides))]


def written(record: Record, words: Words) -> list[Block]:
    """Return what came of the write; nothing where none was begun."""
    intent, answer = record.of(events.ZoneIntent), record.of(events.ZoneAnswer)
    if intent is None or answer is None:
        return []
    blocks: list[Block] = []
    if not answer.error:
        blocks.append(Paragraph(words("Written at {at}.", at=words.time(answer.at))))
    elif (resolved := record.of(events.ZoneResolved)) and resolved.applied:
        text = _say(words, "written.resolved", code=answer.error.code, at=words.time(resolved.at))
        blocks.append(Paragraph(text))
    if settled := record.of(events.ZoneSettled):
        key = "written.settled" if settled.settled else "written.unsettled"
        blocks.append(Paragraph(_say(words, key, seconds=round(settled.seconds, 1))))
    return blocks


def proof(record: Record, words: Words) -> list[Block]:
    """Return what every authoritative server served when it was asked last; how it goes, where that is not over."""
    proved, polled = record.of(events.ZoneProved), record.of(events.ZonePolled)
    if proved is None:
        return [Paragraph(_waiting(polled, words))] if polled else []
    answers, aim = proved.answers, Aim(proved.aim)
    if not answers:
        return [Heading(_say(words, "proof")), Paragraph(words("The authoritative servers could not be found."))]
    verdicts = [one.verdict for one in judge_together(answers, proved.sha256)]
    marks = frozenset(number for number, verdict in enumerate(verdicts) if verdict is not AS_WANTED[aim])
    return [Heading(_say(words, "proof")), replace(matrix(answers, proved.sha256, words), marks=marks)]


def zone_text(name: str, found: RecordSet | None) -> str:
    """Return the TXT records as a zone file writes them, "" for none."""
    records = found.records if found else ()
    return "".join(character_string.resource_record(name, found.ttl if found else 0, record) for record in records)


def _publisher(way: events.Way, words: Words, *, rehearsal: bool) -> str:
    server = way.update_server
    where = str(Server("", server.address, server.port)) if server else way.hosted_zone_id
    return _say(words, f"publisher.{'rehearsal' if rehearsal else way.publisher}", where=where)


def _waiting(polled: events.ZonePolled, words: Words) -> str:
    until = words.clock(polled.at + timedelta(seconds=polled.wait_s))
    return _say(words, "proof.waiting", good=polled.good, all=polled.counted, until=until)


def _say(words: Words, key: str, **values: object) -> str:
    return say("zone", key, words.language, **values)
