"""Render what happened when, and every AWS call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from second_edition.display.blocks import Block, Column, Heading, Kind, Paragraph, Table, table
from second_edition.display.words import ENGLISH, Words
from second_edition.events import name_of
from second_edition.events.campaign import EndedRun, Looked, Started
from second_edition.events.parts import Call
from second_edition.events.run import Kept, Read, ShownOutputs
from second_edition.evidence.record import Record
from second_edition.messages import find, say

HIDDEN: Final = (Read, Looked, Started, EndedRun, ShownOutputs)


def timeline(record: Record, words: Words) -> list[Block]:
    """Return what happened when."""
    columns = (
        Column("at", Kind.MOMENT, "", words.clock),
        Column("event", Kind.TEXT),
        Column("what", Kind.TEXT),
        Column("", Kind.TEXT, ""),
    )
    rows = [
        (event.at, kind, _happened(record, kind, ENGLISH), _happened(record, kind, words))
        for event in record.events
        if not isinstance(event, HIDDEN)
        for kind in [name_of(type(event))]
    ]  # fmt: skip
    # What could not be made up for of earlier runs is said here: it is no fault of this one's.
    lacks = [Paragraph(f"{event.of}: {fault}") for event in record.all_of(Kept) for fault in event.faults]
    return [table("timeline", columns, rows), *lacks]


def calls(record: Record, words: Words) -> list[Block]:
    """Return every AWS call with its request id."""
    return [Heading(words("AWS calls")), listed(record.calls, words)]


def listed(calls: Sequence[Call], words: Words) -> Table:
    """Render AWS calls, one row each."""
    columns = (
        Column("at", Kind.MOMENT, words("time"), words.clock),
        Column("service", Kind.TEXT, words("service")),
        Column("operation", Kind.TEXT, words("operation")),
        Column("status", Kind.COUNT),
        Column("failure", Kind.TEXT),
        Column("", Kind.TEXT, words("HTTP")),
        Column("ms", Kind.COUNT, words("milliseconds")),
        Column("retries", Kind.COUNT, words("retries")),
        Column("request_id", Kind.TEXT, words("request id")),
    )
    rows = [
        (call.at, call.service, call.operation, call.status or None, call.failure or None,
         call.status or call.failure or None, call.ms, call.retries, call.request_id)
        for call in calls
    ]  # fmt: skip
    return table("calls", columns, rows)


def _happened(record: Record, event: str, words: Words) -> str:
    key, language = f"event.{event}", words.language
    own = next(filter(None, (find(topic, key, language) for topic in (record.procedure, "zone", "message"))), "")
    return own or say("record", key, language)
