"""Writes to SES, DNS, the key store and the secret: as they are planned, carried out, and proved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from byodkim.display.blocks import Block, Column, Data, Heading, Kind, Paragraph, Table, facts, table
from byodkim.display.words import ENGLISH, Words
from byodkim.events.campaign import Started
from byodkim.events.parts import Event
from byodkim.events.writes import Erasing, Intent, Resolved, Rollback, Settled, Stored
from byodkim.evidence import decided
from byodkim.evidence.record import Record
from byodkim.evidence.ses_write import SesWrite

#: The events with which runs begin to write of the procedures that make more than one thing.
_BEGUN: Final[Mapping[str, tuple[type[Event], ...]]] = {"rotate": (Intent, Rollback), "fleet": (Started,)}


def begun(record: Record) -> bool:
    """Return whether the run has begun to write; a campaign, whether it has begun an identity's run."""
    if record.procedure in decided.MADE:
        return decided.begun(record)
    return any(isinstance(event, _BEGUN[record.procedure]) for event in record.events)


def read_back(record: Record) -> bool:
    """Return whether the checks of what a run of prepare, publish or retire wrote were made."""
    return any(one.id in (decided.PAIR, decided.SERVED, *decided.PROVED) for one in record.findings)


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


def writing(record: Record, words: Words) -> list[Block]:
    """Return what was written and what SES answered."""
    if record.begin.mode != "apply":
        return [Paragraph(words.record("apply.plan-only"))]
    blocks: list[Block] = []
    if record.switch is not None:
        blocks.append(facts(_written(record.switch, bool(record.of(Resolved)), words)))
    if record.rollback is not None:
        shown = record.rolled_back is not None
        blocks += [Heading(words("Rollback")), facts(_written(record.rollback, shown, words))]
    return blocks or [Paragraph(words("Nothing was written to SES."))]


def _written(write: SesWrite, applied: bool, words: Words) -> list[tuple[str, str]]:
    """Return one write: the call, when its intent was written down, the answer, or what was read back without one."""
    change = write.change
    rows = [
        (words("call"), change.operation),
        (words.record("field.selectors"), f"{change.current_selector or '-'} → {change.next_selector}"),
        (words("intent written down"), words.time(write.at)),
    ]
    if write.answered_at is None:
        return rows
    key = "apply.gave-up" if write.error is not None and write.error.unclear else "apply.answered"
    rows.append((words.record(key), words.time(write.answered_at)))
    if (came := write.answer) is not None:
        shown = f"{came.dkim_status} [{' '.join(came.dkim_tokens)}] HTTP {came.status}"
        return [*rows, (words("answer"), shown), (words("AWS request id"), came.request_id)]
    rows.append((words("answer"), write.error.code if write.error else "-"))
    return [*rows, (words("read back"), words.record("apply.applied" if applied else "apply.not-known"))]
