"""Writes to the key store and to the secret: as they are planned, and as they were carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from byodkim.display.blocks import Block, Column, Data, Heading, Kind, Table, facts, table
from byodkim.display.words import ENGLISH, Words, aloud
from byodkim.evidence.record import Event, Record


def planned(
    writes: Sequence[Any], where: Callable[[Any], str], what: Callable[[Any, Words], str], words: Words
) -> Table:
    """Render the writes in the order in which they are made; ``where`` and ``what`` give a write's place and sense."""
    columns = (
        Column("number", Kind.COUNT, ""),
        Column("operation", Kind.TEXT, words("plan.call")),
        Column("where", Kind.TEXT, words("where")),
        Column("what", Kind.TEXT),
        Column("", Kind.TEXT, words("plan.what")),
    )
    rows = [
        (number, str(one.operation), where(one), what(one, ENGLISH), what(one, words))
        for number, one in enumerate(writes, 1)
    ]
    return table("plan", columns, rows)


def digest(of: str, words: Words) -> Table:
    """Render the plan's digest, and its first bytes as words."""
    return facts([(words("plan.digest"), of), (words("plan.words"), aloud(of))])


def relies(on: Mapping[str, str], words: Words) -> list[Block]:
    """Return what a plan relies on."""
    reliance = facts([(name, value or "-") for name, value in on.items()])
    data = Data("plan_facts", {"name": Kind.TEXT, "value": Kind.TEXT}, tuple(on.items()))
    return [Heading(words("plan.relies")), replace(reliance, data=data)]


def carried_out(record: Record, begun: str, answered: str, read_back: str, words: Words) -> Table:
    """Return what was written, what came back, and what was then found there; the events of each by their names."""
    columns = (
        Column("operation", Kind.TEXT, words("plan.call")),
        Column("where", Kind.TEXT, words("where")),
        Column("begun_at", Kind.MOMENT, words("apply.intent"), words.clock),
        Column("answered_at", Kind.MOMENT, words("apply.answered"), words.clock),
        Column("status", Kind.COUNT),
        Column("error", Kind.TEXT),
        Column("", Kind.TEXT, words("apply.answer")),
        Column("request_id", Kind.TEXT, words("apply.request-id")),
        Column("", Kind.TEXT, words("apply.read-back"), nothing=words("apply.not-known")),
        Column("found", Kind.TEXT),
        Column("applied", Kind.TRUTH),
    )
    rows = [_carried_out(record, event, answered, read_back, words) for event in record.all(begun)]
    return table("writes", columns, rows, frozenset(number for number, row in enumerate(rows) if not row[-1]))


def _carried_out(record: Record, event: Event, answered: str, read_back: str, words: Words) -> tuple[object, ...]:
    names = (answered, read_back)
    after = {one["event"]: one for one in reversed(record.events) if one["n"] > event["n"] and one["event"] in names}
    came, found, write = after.get(answered) or {}, after.get(read_back) or {}, event["write"]
    answer, error = came.get("answer") or {}, came.get("error") or {}
    applied = bool(found["applied"]) if found else None
    return (
        write["operation"], f"{write['target']} {write.get('version', '')}".strip(), event["at"], came.get("at"),
        answer.get("status"), error.get("code"), f"HTTP {answer['status']}" if answer else error.get("code"),
        (answer or error).get("request_id"), words("apply.applied") if applied else found.get("found"),
        found.get("found"), applied,
    )  # fmt: skip
