"""Render how a run was sealed, from the seal beside its journal."""

from __future__ import annotations

from byodkim.display.blocks import Block, Paragraph, facts
from byodkim.display.words import Words
from byodkim.evidence.seal import Sealed
from byodkim.messages import say


def sealed(found: Sealed, words: Words) -> list[Block]:
    """Render the seal and the key that made it; what could not be done, and what is to be done about it."""
    blocks: list[Block] = [Paragraph(fault.diagnostics()) for fault in found.faults]
    if found.seal is None:
        return blocks

    def label(key: str) -> str:
        return say("seal", key, words.language)

    key = found.seal.public_key
    rows = [
        (label("file"), found.seal.path.name),
        (label("key"), key.text),
        (label("keyid"), key.keyid),
    ]
    if found.stamped is not None:
        rows.append((label("stamped"), words.time(found.stamped)))
    rows += [(label("copy"), str(copy["place"])) for copy in found.copies]
    return [Paragraph(label("sealed")), *blocks, facts(rows)]
