"""What is shown: sections of paragraphs, questions, code and tables, and the text in them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import compress
from typing import ClassVar, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct

from byodkim.words import Sentence, _

Status = Literal["passed", "refused", "skipped", "info"]
MARKS: Final[dict[Status, str]] = {"passed": "✔", "refused": "✘", "skipped": "–", "info": ""}
#: A cell of a table without a value, and the mark of a row that changed.
NOTHING: Final = "–"
CHANGED: Final = "◀"
#: Controls, formatting (bidirectional overrides, zero widths), surrogates, line separators.
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

#: What a table is made of. ``None`` is a missing value.
Cell: TypeAlias = "str | Sentence | bool | int | datetime | None"


class Code(Struct, frozen=True):
    """Text to be copied as it is."""

    kind: ClassVar[str] = "code"
    code: str


class Strong(Struct, frozen=True):
    """A paragraph that must not be overlooked."""

    kind: ClassVar[str] = "caution"
    text: str


class Facts(Struct, frozen=True):
    """Questions and their answers."""

    kind: ClassVar[str] = "facts"
    rows: Sequence[tuple[Sentence, str | Code]]


class Table(Struct, frozen=True):
    """Rows of text below titles. ``marked``: by row, whether it changed or did not pass."""

    kind: ClassVar[str] = "table"
    titles: list[str]
    rows: list[list[str]]
    marked: list[bool]


class Section(Struct, frozen=True):
    """What a step shows.

    Attributes:
        title: what it is about.
        body: paragraphs and tables.
        status: what it came to; ``info`` has no mark.
        folded: whether a reader opens it first.
    """

    kind: ClassVar[str] = "section"
    title: Sentence
    body: Sequence[Part] = ()
    status: Status = "info"
    folded: bool = False

    @property
    def heading(self) -> str:
        """Return the title after its mark."""
        return f"{MARKS[self.status]} {visible(self.title)}".strip()


Part: TypeAlias = "Sentence | str | Strong | Facts | Code | Table | Section"


def table(
    titles: Sequence[Sentence], rows: Iterable[Sequence[Cell]], marked: Iterable[bool] = ()
) -> Table:
    """Return a table as people see it. Nothing is cut off; a column without any value goes."""
    cells = [[_text(cell) for cell in row] for row in rows]
    filled = [
        any(cell not in ("", NOTHING) for cell in column) for column in zip(*cells, strict=True)
    ]
    return Table(
        list(map(str, compress(titles, filled))),
        [list(compress(row, filled)) for row in cells],
        list(marked) or [False] * len(cells),
    )


def visible(text: object) -> str:
    """Return text on one line; a character that cannot be seen is spelled, e.g. ``‹U+202E›``."""
    shown = str(text)
    return shown if shown.isprintable() else "".join(map(_spelled, shown))


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines of plain text, their columns below each other."""
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*shown, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in shown
    )


def clock(at: datetime, zone: ZoneInfo) -> str:
    """Return a time of day, with UTC where the zone is another: ``13:09:41 JST (04:09:41 UTC)``."""
    return _with_utc(at, zone, "%H:%M:%S")


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return date and time in a zone, and in UTC where that is another one."""
    return _with_utc(at, zone, "%Y-%m-%d %H:%M:%S")


def seconds(count: float) -> Sentence:
    """Return a duration: tenths of a second below ten seconds, minutes from two minutes on."""
    if count < 120:
        return _("{count} s", count=f"{count:.{1 if count < 10 else 0}f}")
    return _("{minutes} min {rest} s", minutes=int(count // 60), rest=int(count % 60))


def _text(cell: Cell) -> str:
    if cell is None:
        return NOTHING
    if isinstance(cell, bool):
        return MARKS["passed" if cell else "refused"]
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S %Z}"
    return visible(cell)


def _width(text: str) -> int:
    """Return how many columns a text takes: characters of East Asia take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _spelled(character: str) -> str:
    is_unseen = unicodedata.category(character) in UNSEEN
    return f"‹U+{ord(character):04X}›" if is_unseen else character


def _with_utc(at: datetime, zone: ZoneInfo, form: str) -> str:
    local, utc = at.astimezone(zone), at.astimezone(UTC)
    if local.utcoffset() == utc.utcoffset():
        return f"{utc:{form}} UTC"
    utc_form = form if local.date() != utc.date() else "%H:%M:%S"
    return f"{local:{form} %Z} ({utc:{utc_form}} UTC)"
