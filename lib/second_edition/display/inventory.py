"""An inventory's summary: states of identities, the selectors they sign with, and which of them need attention."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from second_edition.display.blocks import NONE, Table, visible
from second_edition.display.words import Words
from second_edition.dkim.published import Verdict
from second_edition.messages import say
from second_edition.plain import plain
from second_edition.rotation.checks.published import WORDS as VERDICTS
from second_edition.rotation.due import Urgency
from second_edition.rotation.inventory import DIFFER, PARTLY, UNFOUND, Row
from second_edition.rotation.observation import SUCCESS

#: Rows of the tables of selectors and of identities, at most: the file has them all.
MOST: Final = 20
COLUMNS: Final = (
    *("name", "selector", "status", "signing_enabled", "origin", "origin_by", "record", "servers", "bits", "made"),
    *("made_by", "rotate_by", "start_by", "urgency", "unread", "at"),
)
_LATE: Final = frozenset({Urgency.LATE, Urgency.OVERDUE})
_FORMULA: Final = tuple("=+-@\t\r")


@dataclass
class Summary:
    """Hold what a reader wants to know first, gathered row by row.

    Attributes:
        rows: how many identities.
        groups: how many are alike, by status, whether signing is disabled, state of the key record, and urgency.
        selectors: how many sign with each; "" for those that have no one selector.
        wanting: how many want attention, and the first of them.
    """

    rows: int = 0
    groups: Counter[tuple[str, bool, str, str]] = field(default_factory=Counter)
    selectors: Counter[str] = field(default_factory=Counter)
    wanting: int = 0
    first: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Take one identity in."""
        self.rows += 1
        self.groups[row.unread or row.status, row.signing_enabled is False, row.record, row.urgency] += 1
        self.selectors[row.selector] += 1
        if wants_attention(row):
            self.wanting += 1
            self.first += [row] if len(self.first) < MOST else []


def wants_attention(row: Row) -> bool:
    """Return whether its mail may go out unsigned, its record is in doubt, or its rotation should have begun."""
    sound = row.status == SUCCESS and row.signing_enabled is not False and row.record in ("", Verdict.A_KEY)
    return bool(row.unread) or not sound or row.urgency in _LATE


def tables(summary: Summary, words: Words) -> list[tuple[str, Table]]:
    """Render the tables under their headings."""
    selector, status, record = words("selector"), words("DKIM status"), words("key record")
    due, count = words("due"), words("count")
    groups = tuple(
        (_status(stands, off, words), record_word(state, words), _due(urgency, words), str(number))
        for (stands, off, state, urgency), number in summary.groups.most_common()
    )
    selectors = tuple((name or NONE, str(number)) for name, number in summary.selectors.most_common(MOST))
    titled = [
        (words("By DKIM status, key record and due date"), Table((status, record, due, count), groups)),
        (words("By selector, the most frequent first"), Table((selector, count), selectors)),
    ]
    if summary.first:
        rows = tuple(
            (
                row.name, row.selector or NONE, _status(row.unread or row.status, row.signing_enabled is False, words),
                record_word(row.record, words), words.date(row.rotate_by) if row.rotate_by else NONE,
                _due(row.urgency, words),
            )
            for row in summary.first
        )  # fmt: skip
        heading = words(
            "Identities that want attention: {count}; shown here: {shown}", count=summary.wanting, shown=len(rows)
        )
        titled.append((heading, Table((words("identity"), selector, status, record, words("rotate by"), due), rows)))
    return titled


def _status(code: str, off: bool, words: Words) -> str:
    """Return a status of SES as it stands, with whether signing is disabled; of what was not read, AWS's code."""
    if code and not code.isupper():
        return words("not read ({code})", code=code)
    return words("{status}, signing disabled", status=code) if off and code else code or NONE


def record_word(state: str, words: Words) -> str:
    """Return the state of a key record in words."""
    if state in ("", DIFFER, PARTLY, UNFOUND):
        return say("explore", f"record.{state or 'unasked'}", words.language)
    return words(VERDICTS[Verdict(state)].text)


def _due(urgency: str, words: Words) -> str:
    return say("explore", f"urgency.{urgency}", words.language) if urgency else NONE


def write_csv(stream: Any, rows: Iterable[Row]) -> None:
    """Write the rows as CSV (RFC 4180), one for each identity; no field opens a formula in Excel."""
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        fields = plain(row) | {"servers": " ".join(f"{address}={verdict}" for _, address, verdict, _ in row.servers)}
        cells = ["" if fields[name] is None else str(fields[name]) for name in COLUMNS]
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes (Unicode Standard Annex 11)."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def columns(table: Table) -> str:
    """Return the table as lines of text, with its names over a rule."""
    lines = [tuple(visible(cell) for cell in row) for row in (table.columns, *table.rows)]
    widths = [max(width(row[place]) for row in lines) for place in range(len(table.columns))]
    lines.insert(1, tuple("-" * each for each in widths))
    return "\n".join(
        "  ".join(cell + " " * (each - width(cell)) for cell, each in zip(row, widths, strict=True)).rstrip()
        for row in lines
    )
