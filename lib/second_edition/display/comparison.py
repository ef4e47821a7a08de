"""Before and after: every field of the identity, and the run sheet's own four rows."""

from __future__ import annotations

from collections.abc import Sequence

from second_edition.display.blocks import Block, Column, Heading, Kind, Paragraph, Table, table
from second_edition.display.words import Words
from second_edition.evidence.record import Record
from second_edition.messages import LANGUAGES, say
from second_edition.rotation.comparison import RUN_SHEET, Row


def comparison(record: Record, words: Words) -> list[Block]:
    """Render before and after, every field; then the run sheet's own four rows, in both languages.

    A row that has changed is marked, and one that is not as the run requires.
    """
    columns = (
        Column("field", Kind.TEXT, words("field"), lambda field: words.record(f"field.{field}")),
        Column("before", Kind.TEXT, words.record("before"), words.value),
        Column("after", Kind.TEXT, words.record("after"), words.value),
        Column("required", Kind.TEXT),
        Column("", Kind.TEXT, words("expected")),
        Column("changed", Kind.TRUTH, words("changed"), lambda changed: words.record("yes" if changed else "no")),
        Column("as_required", Kind.TRUTH),
    )
    rows = [
        (row.field, row.before, row.after, row.expected, row.expected if row.as_expected else f"≠ {row.expected}",
         None if row.unknown else row.changed, None if row.unknown or not row.expected else row.as_expected)
        for row in record.comparison
    ]  # fmt: skip
    marks = frozenset(number for number, row in enumerate(record.comparison) if row.changed or not row.as_expected)
    shown = table("comparison", columns, rows, marks)
    return [*_stale(record, words), shown, Heading(words("The run sheet's table")), run_sheet(record.comparison)]


def _stale(record: Record, words: Words) -> list[Block]:
    """Return why the right side is not what SES shows now."""
    if at := record.gone_at:
        return [Paragraph(words.record("compare.gone", at=words.time(at)))]
    return [Paragraph(words.record("compare.unread"))] if record.unread_since_write else []


def run_sheet(rows: Sequence[Row]) -> Table:
    """Render the four rows that the run sheet asks for, in Japanese and English at once."""

    def both(key: str) -> str:
        return " / ".join(say("record", key, language) for language in reversed(LANGUAGES))

    chosen = [row for name in RUN_SHEET for row in rows if row.field == name]
    columns = (
        Column("field", Kind.TEXT, both("sheet.item"), lambda field: both(f"sheet.{field}")),
        Column("before", Kind.TEXT, both("before")),
        Column("after", Kind.TEXT, both("after")),
        Column("changed", Kind.TRUTH),
    )
    values = [(row.field, row.before, row.after, None if row.unknown else row.changed) for row in chosen]
    return table("run_sheet", columns, values, frozenset(number for number, row in enumerate(chosen) if row.changed))
