"""What is shown, before it is known where: headline, paragraphs, lists, tables, code. All text is plain text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

# Controls, formatting (bidirectional ones, zero widths, tags), lone surrogates, line and paragraph separators.
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
#: What a row that wants attention begins with: it survives GitHub and a printer without colours.
FLAG: Final = "▶ "


@dataclass(frozen=True)
class Headline:
    """The outcome in one word, a sentence, and what colour it deserves: ``good``, ``wait`` or ``bad``."""

    outcome: str
    sentence: str
    tone: str


@dataclass(frozen=True)
class Heading:
    """A heading within a result."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Code:
    """Text to be copied as it stands."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of text under columns. ``marks`` names the rows that want attention, by index."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: frozenset[int] = field(default_factory=frozenset)


Block = Headline | Heading | Paragraph | Code | Table


def visible(text: str) -> str:
    """``text`` with characters that cannot be seen, or that turn the text around, spelled as ``‹U+202E›``."""
    if text.isprintable():
        return text
    return "".join(
        f"‹U+{ord(char):04X}›" if unicodedata.category(char) in UNSEEN and char not in "\n\t" else char for char in text
    )


def facts(rows: Sequence[tuple[str, str]]) -> Table:
    """A table of two columns without names."""
    return Table(("", ""), tuple(rows))
