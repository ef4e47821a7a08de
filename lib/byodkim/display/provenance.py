"""By which call an identity was read, and what is carried from when: where it was read for several runs at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from byodkim.display.blocks import Block, Paragraph
from byodkim.display.words import Words
from byodkim.messages import say
from byodkim.plain import from_plain
from byodkim.rotation.reading import FULL_CALL, Reading


def provenance(reading: Mapping[str, Any] | None, words: Words) -> list[Block]:
    """One paragraph, from a plain ``Reading``; nothing where the run read by itself."""
    if not reading:
        return []
    told = from_plain(Reading, reading)

    def sentence(key: str, **values: object) -> str:
        return say("reading", key, words.language, **values)

    at = {"at": words.time(told.at), "by": told.by, "request_id": told.request_id}
    if told.by == FULL_CALL:
        return [Paragraph(sentence("full", **at))]
    parts = [sentence("batch", **at, count=told.others + 1), sentence("carried", full_at=words.time(told.full_at))]
    if told.untold:
        fields = ", ".join(words(f"field.{name}") for name in sorted(told.untold))
        parts.append(sentence("untold", fields=fields))
    return [Paragraph((" " if words.language == "en" else "").join(parts))]
