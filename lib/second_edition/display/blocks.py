"""Define what is shown, before it is known where: headline, paragraphs, lists, tables, code. All text is plain text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct, field

from second_edition.errors import BREAK

# Controls, formatting (bidirectional ones, zero widths, tags), lone surrogates, line and paragraph separators.
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
#: All but the printable characters of ASCII, line feed and tab.
_FOREIGN: Final = re.compile(r"[^\x20-\x7e\n\t]+")
#: What stands where there is no value.
NONE: Final = "-"
#: What a row that wants attention begins with: it survives GitHub and a printer without colours.
FLAG: Final = "▶ "
MARKS: Final = {"good": "✔", "wait": "…", "bad": "✘"}


class Kind(StrEnum):
    """pandas' types for the columns of data: all of them know a value that is missing."""

    TEXT = "string"
    TRUTH = "boolean"
    COUNT = "Int64"
    NUMBER = "Float64"
    MOMENT = "datetime64[us, UTC]"
    SPAN = "timedelta64[us]"


class Headline(Struct, frozen=True):
    """The outcome in one word, a sentence, and what colour it deserves: ``good``, ``wait`` or ``bad``."""

    outcome: str
    sentence: str
    tone: str

    @property
    def mark(self) -> str:
        """Return what is seen of the tone without colours."""
        return MARKS[self.tone]


class Heading(Struct, frozen=True):
    """A heading within a result."""

    text: str


class Paragraph(Struct, frozen=True):
    """A paragraph."""

    text: str


class Code(Struct, frozen=True):
    """Text to be copied as it stands."""

    text: str


class Data(Struct, frozen=True):
    """The values that a table shows, for who computes with them. Nothing in it depends on the reader's language.

    Attributes:
        name: of the table; tables of one name hold rows of one kind.
        kinds: pandas' type of each column, by its name.
        rows: the values; ``None`` or "" where there is none. A moment may be text in ISO 8601.
    """

    name: str
    kinds: Mapping[str, Kind]
    rows: tuple[tuple[object, ...], ...]


class Table(Struct, frozen=True):
    """Rows of text under columns.

    Attributes:
        columns: their names; all empty where the first column names the rows.
        rows: what is shown.
        marks: the rows that want attention, by index.
        data: the values of the rows.
        kind: how a page sets it.
        links: where the first cell of each row leads in an archive's pages; none where no row does.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: frozenset[int] = field(default_factory=frozenset)
    data: Data | None = None
    kind: str = ""
    links: tuple[str, ...] = ()

    @property
    def named(self) -> bool:
        """Return whether its columns have names."""
        return any(self.columns)


class Column(Struct, frozen=True):
    """A column of values, and how a reader sees it.

    Attributes:
        name: in the data, the same in every language; "" for a column that is shown only.
        kind: pandas' type.
        title: in the reader's language; ``None`` for a column that is in the data only.
        show: a value as text; ``nothing`` is shown where there is none.
    """

    name: str
    kind: Kind
    title: str | None = None
    show: Callable[[Any], str] = str
    nothing: str = NONE

    def text(self, value: object) -> str:
        """Return a value as its reader sees it."""
        return self.nothing if value is None or value == "" else self.show(value)


Block = Headline | Heading | Paragraph | Code | Table


def visible(text: str) -> str:
    """Return ``text`` with characters that cannot be seen, or that turn the text around, spelled as ``‹U+202E›``."""
    return text if text.isprintable() else _FOREIGN.sub(_spelled, text)


def within_line(text: str) -> str:
    """Return ``text`` as ``visible`` does, line breaks spelled too: no value forges a line of a terminal."""
    return visible(text).replace("\n", BREAK)


def _spelled(found: re.Match[str]) -> str:
    if found[0].isprintable():
        return found[0]
    return "".join(f"‹U+{ord(char):04X}›" if unicodedata.category(char) in UNSEEN else char for char in found[0])


def facts(rows: Sequence[tuple[str, str]]) -> Table:
    """Render a table of two columns without names."""
    return Table(("", ""), tuple(rows))


def table(
    name: str, columns: Sequence[Column], rows: Sequence[Sequence[object]], marks: frozenset[int] = frozenset()
) -> Table:
    """Render a table of values: its data under the columns' names, and what a reader sees of it under their titles."""
    seen = [(place, column) for place, column in enumerate(columns) if column.title is not None]
    held = [(place, column) for place, column in enumerate(columns) if column.name]
    return Table(
        tuple(column.title or "" for _, column in seen),
        tuple(tuple(column.text(row[place]) for place, column in seen) for row in rows),
        marks,
        Data(
            name,
            {column.name: column.kind for _, column in held},
            tuple(tuple(row[place] for place, _ in held) for row in rows),
        ),
    )
