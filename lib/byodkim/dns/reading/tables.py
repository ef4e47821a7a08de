"""Tables with a line of column names: CSV, cells copied out of a sheet, and the tables of Markdown and Jira."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Final

from byodkim.dns.reading.rows import COLUMNS, DELETION, NARROW, Form, Row, concerns_dkim

_HEADER_WITHIN: Final = 30  # lines: a sheet may open with a title
_SPACES = re.compile(r"[ \t]+")
_CELLS_COPIED: Final = {"name": 0, "kind": 1, "value": 2, "ttl": 3}
_NUMBER = re.compile(r"[\d,]+")
_CELLS = re.compile(r"\s*\|+\s*")


def from_csv(text: str) -> list[Row]:
    """Return the key records of a CSV."""
    for number, line in enumerate(text.split("\n")[:_HEADER_WITHIN]):
        delimiter = next((mark for mark in "\t,;" if mark in line), ",")
        rest = text.split("\n", number)[-1]
        try:
            lines = csv.reader(io.StringIO(rest, newline=""), delimiter=delimiter)
            places = _places(next(lines, []))
            if "name" in places and "value" in places:
                began, rows = number + lines.line_num + 1, []
                for fields in lines:
                    rows.append(_row(fields, places, began, "csv"))
                    began = number + lines.line_num + 1
                return [row for row in rows if concerns_dkim(row) or row.idle == "deletes"]
        except csv.Error:
            return []
    return []


def from_cells(text: str) -> list[Row]:
    """Return the key records of cells copied from a sheet without its column names: name, type, value and TTL by tabs.

    No line of a zone file has its TTL at the end. Cells stand for the whole text only where no other line has a record.
    """
    rows, others = [], []
    for number, line in enumerate(text.split("\n"), 1):
        row = _row(_cells(line), _CELLS_COPIED, number, "csv")
        if row.kind.upper() == "TXT" and _NUMBER.fullmatch(row.ttl) and concerns_dkim(row):
            rows.append(row)
        else:
            others.append(line)
    return [] if "domainkey" in "\n".join(others).lower() else rows


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter="\t"), []) if line.count("\t") == len(_CELLS_COPIED) - 1 else []
    except csv.Error:
        return []


def from_bars(text: str) -> list[Row]:
    """Return the key records of tables whose cells stand between vertical bars."""
    places: dict[str, int] = {}
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        cells = _CELLS.split(line.strip().strip("|").replace("`", "").strip()) if "|" in line else []
        header = _places(cells)
        if "name" in header and "value" in header:
            places = header
        elif places and cells:
            rows.append(_row(cells, places, number, "text"))
        elif not cells:
            places = {}
    return [row for row in rows if concerns_dkim(row)]


def _places(header: Sequence[str]) -> dict[str, int]:
    named = [_SPACES.sub(" ", field.translate(NARROW)).strip(' "').lower() for field in header]
    return {
        column: next(place for place, name in enumerate(named) if name in names)
        for column, names in COLUMNS.items()
        if not names.isdisjoint(named)
    }


def _row(fields: Sequence[str], places: dict[str, int], line: int, form: Form) -> Row:
    found = {column: fields[place] for column, place in places.items() if place < len(fields)}
    name, kind, ttl = (found.get(column, "").strip() for column in ("name", "kind", "ttl"))
    idle = "commented-out" if name[:1] in ("#", ";") else ""
    if DELETION.match(found.get("action", "").translate(NARROW)):
        idle = "deletes"
    return Row(line, name.lstrip("#; "), kind, found.get("value", ""), ttl, form, idle=idle)
