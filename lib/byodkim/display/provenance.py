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
    """Render one paragraph, from a plain ``Reading``; nothing where the run read by itself."""
    if not reading:
        return []
    parsed = from_plain(Reading, reading)

    def sentence(key: str, **values: object) -> str:
        return say("reading", key, words.language, **values)

    at = {"at": words.time(parsed.at), "by": parsed.by, "request_id": parsed.request_id}
    if parsed.by == FULL_CALL:
        return [Paragraph(sentence("full", **at))]
    parts = [sentence("batch", **at, count=parsed.others + 1), sentence("carried", full_at=words.time(parsed.full_at))]
    if parsed.unknown:
        fields = ", ".join(words(f"field.{name}") for name in sorted(parsed.unknown))
        parts.append(sentence("untold", fields=fields))
    return [Paragraph((" " if words.language == "en" else "").join(parts))]
