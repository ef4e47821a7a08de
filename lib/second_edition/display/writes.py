"""Writes to SES, DNS, the key store and the secret: as they are planned, carried out, and proved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from second_edition.contributions import contributed
from second_edition.display.blocks import Block, Column, Data, Heading, Kind, Table, facts, table
from second_edition.display.words import ENGLISH, Words
from second_edition.events.writes import Erasing, Settled, Stored
from second_edition.evidence.record import Record


def read_back(record: Record) -> bool:
    """Return whether the checks were made of what a run wrote, that it does not make before."""
    made = contributed(record.procedure, "checks")
    return any(one.id in made.AFTER.checks and one.id not in made.BEFORE.checks for one in record.findings)


def planned(
    writes: Sequence[Any], where: Callable[[Any], str], what: Callable[[Any, Words], str], words: Words
) -> Table:
    """Render the writes in the order in which they are made; ``where`` and ``what`` give a write's place and sense."""
    columns = (
        Column("number", Kind.COUNT, ""),
        Column("operation", Kind.TEXT, words("call")),
        Column("where", Kind.TEXT, words("where")),
        Column("what", Kind.TEXT),
        Column("", Kind.TEXT, words.record("what")),
    )
    rows = [
        (number, str(one.operation), where(one), what(one, ENGLISH), what(one, words))
        for number, one in enumerate(writes, 1)
    ]
    return table("plan", columns, rows)


def digest(of: str, words: Words) -> Table:
    """Render the plan's digest."""
    return facts([(words("plan digest"), of)])


def relies(on: Mapping[str, str], words: Words) -> list[Block]:
    """Return what a plan relies on."""
    reliance = facts([(name, value or "-") for name, value in on.items()])
    data = Data("plan_facts", {"name": Kind.TEXT, "value": Kind.TEXT}, tuple(on.items()))
    return [Heading(words("It relies on")), replace(reliance, data=data)]


def carried_out(
    record: Record, begun: type[Erasing], answered: type[Stored], read_back: type[Settled], words: Words
) -> Table:  # fmt: skip
    """Return what was written, what came back, and what was then found there, by the kinds of events of each."""
    columns = (
        Column("operation", Kind.TEXT, words("call")),
        Column("where", Kind.TEXT, words("where")),
        Column("begun_at", Kind.MOMENT, words("intent written down"), words.clock),
        Column("answered_at", Kind.MOMENT, words.record("apply.answered"), words.clock),
        Column("status", Kind.COUNT),
        Column("error", Kind.TEXT),
        Column("", Kind.TEXT, words("answer")),
        Column("request_id", Kind.TEXT, words("AWS request id")),
        Column("", Kind.TEXT, words("read back"), nothing=words("not applied, or not known")),
        Column("found", Kind.TEXT),
        Column("applied", Kind.TRUTH),
    )
    came, found = record.all_of(answered), record.all_of(read_back)
    rows = [_carried_out(event, came, found, words) for event in record.all_of(begun)]
    return table("writes", columns, rows, frozenset(number for number, row in enumerate(rows) if not row[-1]))


def _carried_out(
    event: Erasing, answered: Sequence[Stored], read_back: Sequence[Settled], words: Words
) -> tuple[object, ...]:  # fmt: skip
    came = next((one for one in answered if one.n > event.n), None)
    found = next((one for one in read_back if one.n > event.n), None)
    answer, error = (came.answer or None, came.error or None) if came else (None, None)
    result, write = answer or error, event.write
    return (
        write.operation, f"{write.target} {write.version}".strip(), event.at, came and came.at,
        answer and answer.status, error and error.code, f"HTTP {answer.status}" if answer else error and error.code,
        result and result.request_id, words("it was applied") if found and found.applied else found and found.found,
        found and found.found, found and found.applied,
    )  # fmt: skip
