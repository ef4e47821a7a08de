"""What the step of verification shows: what SES says, then what a message says, where one was to prove the switch."""

from __future__ import annotations

from byodkim.display import message, telling
from byodkim.display.blocks import Block
from byodkim.display.words import Words
from byodkim.evidence.record import Record


def verified(record: Record, words: Words) -> list[Block]:
    """The verification as it stands."""
    told = telling.verification(record, words)
    return [*told, *message.told(record, words)] if record.by_message else told
