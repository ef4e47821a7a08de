"""What is shown, before it is known where: headline, paragraphs, lists, tables, code. All text is plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


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


def facts(rows: Sequence[tuple[str, str]]) -> Table:
    """A table of two columns without names."""
    return Table(("", ""), tuple(rows))
