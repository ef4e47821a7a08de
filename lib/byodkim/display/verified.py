"""What the step of verification shows: what SES says, then what a message says, where one was to prove the switch."""

from __future__ import annotations

from byodkim.display import telling
from byodkim.display.blocks import Block
from byodkim.display.words import Words
from byodkim.evidence.record import Record


def verified(record: Record, words: Words) -> list[Block]:
    """The verification as it stands."""
    told = telling.verification(record, words)
    if not by_message(record):
        return told
    from byodkim.display import message  # only where there is one

    return [*told, *message.told(record, words)]


def by_message(record: Record) -> bool:
    """Return whether a message was sent or received in this run."""
    return any(event["event"] in ("sent", "received", "weighed") for event in record.events)
