"""A table for a terminal: columns side by side, Japanese characters counted as two wide."""

from __future__ import annotations

import unicodedata

from byodkim.display.blocks import Table, visible


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes (Unicode Standard Annex 11)."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def columns(table: Table) -> str:
    """The table as lines of text, with its names over a rule."""
    lines = [tuple(visible(cell) for cell in row) for row in (table.columns, *table.rows)]
    widths = [max(width(row[place]) for row in lines) for place in range(len(table.columns))]
    lines.insert(1, tuple("-" * each for each in widths))
    return "\n".join(
        "  ".join(cell + " " * (each - width(cell)) for cell, each in zip(row, widths, strict=True)).rstrip()
        for row in lines
    )
