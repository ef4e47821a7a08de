"""Render how a run was sealed, from the seal beside its journal."""

from __future__ import annotations

from second_edition.display.blocks import Block, Paragraph, facts
from second_edition.display.words import Words
from second_edition.evidence.seal import Sealed


def sealed(found: Sealed, words: Words) -> list[Block]:
    """Render the seal and the key that made it; what could not be done, and what is to be done about it."""
    blocks: list[Block] = [Paragraph(fault.diagnostics()) for fault in found.faults]
    if found.seal is None:
        return blocks
    key = found.seal.public_key
    rows = [
        (words("seal"), found.seal.path.name),
        (words("sealing key"), key.text),
        (words("SHA-256 of the key"), key.keyid),
    ]
    if found.stamped is not None:
        rows.append((words("timestamp"), words.time(found.stamped)))
    rows += [(words("copy"), str(copy["place"])) for copy in found.copies]
    return [Paragraph(words("The record is sealed.")), *blocks, facts(rows)]
