"""Render what happened when, and every AWS call."""

from __future__ import annotations

from typing import Final

from byodkim.display.blocks import Block, Column, Heading, Kind, Paragraph, table
from byodkim.display.procedures import own
from byodkim.display.words import ENGLISH, Words
from byodkim.evidence.record import Record
from byodkim.messages import say

HIDDEN: Final = frozenset({"read", "looked", "started", "ended", "shown"})
MESSAGE_EVENTS: Final = frozenset({"sent", "received", "weighed"})


def timeline(record: Record, words: Words) -> list[Block]:
    """Return what happened when."""
    columns = (
        Column("at", Kind.MOMENT, "", words.clock),
        Column("event", Kind.TEXT),
        Column("what", Kind.TEXT),
        Column("", Kind.TEXT, ""),
    )
    rows = [
        (event["at"], kind, _happened(record, kind, ENGLISH), _happened(record, kind, words))
        for event in record.events
        if (kind := str(event["event"])) not in HIDDEN
    ]  # fmt: skip
    # What could not be made up for of earlier runs is said here: it is no fault of this one's.
    lacks = [Paragraph(f"{event['of']}: {fault}") for event in record.all("kept") for fault in event["faults"]]
    return [table("timeline", columns, rows), *lacks]


def calls(record: Record, words: Words) -> list[Block]:
    """Return every AWS call with its request id."""
    columns = (
        Column("at", Kind.MOMENT, words("calls.time"), words.clock),
        Column("service", Kind.TEXT, words("calls.service")),
        Column("operation", Kind.TEXT, words("calls.operation")),
        Column("status", Kind.COUNT),
        Column("failure", Kind.TEXT),
        Column("", Kind.TEXT, words("calls.status")),
        Column("ms", Kind.COUNT, words("calls.ms")),
        Column("retries", Kind.COUNT, words("calls.retries")),
        Column("request_id", Kind.TEXT, words("calls.request-id")),
    )
    rows = [
        (call["at"], call["service"], call["operation"], call["status"] or None, call.get("failure"),
         call["status"] or call.get("failure"), call["ms"], call["retries"], call["request_id"])
        for call in record.calls
    ]  # fmt: skip
    return [Heading(words("calls")), table("calls", columns, rows)]


def _happened(record: Record, event: str, words: Words) -> str:
    display = own(record)
    topic = "publication" if event.startswith("zone-") else "message" if event in MESSAGE_EVENTS else "record"
    if display and event in display.EVENTS:
        topic = record.procedure
    return say(topic, f"event.{event}", words.language)
