"""The plan of a switch, what it relies on, and the record that it needs from the DNS team."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from second_edition.display import writes
from second_edition.display.blocks import NONE, Block, Data, Kind, Paragraph, facts
from second_edition.display.words import Words
from second_edition.events.writes import Handed
from second_edition.evidence.record import Record
from second_edition.rotation.timing import sighting

_PLAN: Final = dict.fromkeys(("operation", "identity", "current_selector", "next_selector", "key_sha256"), Kind.TEXT)


def plan(record: Record, words: Words) -> list[Block]:
    """Return what would change, and nothing else, as a difference; the digest."""
    made = record.plan
    if made is None:
        return []
    blocks: list[Block] = []
    for change in made.writes:
        key = made.again if change.resubmit else "plan.change"
        blocks.append(
            Paragraph(
                words.record(
                    key, identity=change.target, current=change.current_selector or NONE, next=change.next_selector
                )
            )
        )
        rows = (
            (words("call"), change.operation),
            (words("SES identity"), change.target),
            (f"− {words.record('field.selectors')}", change.current_selector or NONE),
            (f"+ {words.record('field.selectors')}", change.next_selector),
            (words("SHA-256 of its public key"), change.key_sha256),
        )
        call = (change.operation, change.target, change.current_selector, change.next_selector, change.key_sha256)
        blocks.append(replace(facts(rows), data=Data("plan", _PLAN, (call,)), kind="diff"))
    if not made.writes:
        blocks.append(Paragraph(_nothing(record, words)))
    return [*blocks, writes.digest(made.digest, words)]


def _nothing(record: Record, words: Words) -> str:
    """Return why a plan has no write."""
    requested, seen = record.begin.selector, record.seen
    if seen is None or seen.identity is None or seen.identity.selector != requested:
        return words("No write is planned: the identity or the next key could not be read.")
    if at := record.written_before:
        return words.record("plan.written", selector=requested, at=words.time(at))
    return words("There is nothing to write: SES has {selector} already.", selector=requested)


def relied_on(record: Record, words: Words) -> list[Block]:
    """Return what the plan relies on."""
    return writes.relies(record.plan.relies_on, words) if record.plan else []


def dns_request(record: Record, words: Words) -> list[Block]:
    """Return what the DNS team needs: the record, and the files that ask for it."""
    handed = record.of(Handed)
    if handed is None:
        return [Paragraph(words.record("hand.none"))]
    served = {one.ttl for one in record.seen.records if one.ttl is not None} if record.seen else set[int]()
    ttl = ", ".join(map(str, sorted(served))) if served and not handed.files else str(handed.ttl)
    rows = [(words("name"), handed.name), (words("type"), "TXT"), (words("TTL"), ttl)]
    rows += [(words("value"), handed.value)]
    rows += [(words("file"), file) for file in handed.files]
    files = "hand.rehearsal" if record.rehearsal else "hand.request"
    published = "hand.published" if record.seen and sighting(record.seen).everywhere else "hand.answered"
    return [Paragraph(words.record(files if handed.files else published)), facts(rows)]
