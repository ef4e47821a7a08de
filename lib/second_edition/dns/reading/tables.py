"""Tables with a line of column names: CSV, cells copied out of a sheet, and the tables of Markdown and Jira."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from second_edition.dns.reading.rows import DELETION, NAME, NARROW, Form, Row, column, concerns_dkim, is_known

HEADER_WITHIN: Final = 30  # lines: a sheet may open with a title
#: How a cell looks whose column has no name, or none that is known.
_LOOKS: Final = {
    "name": re.compile(rf"{NAME.pattern}\Z", re.IGNORECASE),
    "value": re.compile(r"""["\s]*(?:[a-z]\s*=.*[;\s])?p\s*=""", re.IGNORECASE | re.DOTALL),
    "kind": re.compile(r"(?:TXT|CNAME)\Z", re.IGNORECASE),
    "ttl": re.compile(r"[\d,]+\Z"),
}
#: A cell of strings whose quotes are not those of CSV: within these, nothing looks so.
_STRINGS: Final = r'(?<![^{0}\n])"[^{0}"\n][^"\n]*"(?: +"[^"\n]+")+(?= *(?:[{0}\n]|\Z))'
_BARS = re.compile(r"\s*\|+\s*")


def from_csv(text: str) -> list[Row]:
    """Return the key records of a CSV, or of cells copied from a sheet: name, type, value and TTL."""
    lines = text.split("\n")
    try:
        for number, line in enumerate(lines[:HEADER_WITHIN], 1):
            delimiter = _delimiter(line)
            if _is_header(columns(next(_cells(line, delimiter, number), (0, [""]))[1])):
                return _table(_cells("\n".join(lines[number - 1 :]), delimiter, number), "csv")
        return _copied(lines)
    except csv.Error:
        return []


def _cells(text: str, delimiter: str, number: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV, and on which line each begins; the first one on line ``number``."""
    text = re.sub(_STRINGS.format(delimiter), lambda found: '"' + found[0].replace('"', '""') + '"', text)
    rows, began = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), number
    for cells in rows:
        yield began, cells
        began = number + rows.line_num


def _copied(lines: Sequence[str]) -> list[Row]:
    """Return the rows of cells without column names.

    No line of a zone file has commas between its fields, or its TTL at the end. Cells stand for the whole text only
    where no other line has a record.
    """
    found, others = [], ""
    for number, line in enumerate(lines, 1):
        mark = _delimiter(line)
        _, cells = next(_cells(line, mark, number), (number, []))
        places = _looks(cells)
        if {"name", "value"} <= places.keys() and (mark != "\t" or places.get("ttl", 0) > places["value"]):
            found.append(_row(cells, places, number, "csv"))
        else:
            others += line
    return [] if "domainkey" in others.lower() else found


def _delimiter(line: str) -> str:
    return next((mark for mark in "\t,;" if mark in line), ",")


def _looks(cells: Sequence[str]) -> dict[str, int]:
    """Return where each column stands by how its cell looks: the last that looks so."""
    plain = [cell.translate(NARROW).strip() for cell in cells]
    return {name: place for name, looks in _LOOKS.items() for place, cell in enumerate(plain) if looks.match(cell)}


def from_bars(text: str) -> list[Row]:
    """Return the key records of tables whose cells stand between vertical bars."""
    lines = enumerate(text.split("\n"), 1)
    return _table(((number, _BARS.split(line.strip("| `")) if "|" in line else []) for number, line in lines), "text")


def _table(lines: Iterable[tuple[int, Sequence[str]]], form: Form) -> list[Row]:
    """Return the key records below each line of column names; a line that is none of the table's ends it."""
    places: dict[str, int] = {}
    labels: Sequence[str] = ()
    rows = []
    for number, cells in lines:
        header = columns(cells)
        if _is_header(header):
            places, labels = header, cells
        elif places and cells:
            seen = _looks(cells).get("value", len(cells))
            rows.append(_row(cells, {"value": seen, **places}, number, form, labels))
        elif form == "text":
            places = {}
    return [row for row in rows if concerns_dkim(row) or row.idle == "deletes"]


def _is_header(places: dict[str, int]) -> bool:
    return "name" in places and len(places) > 1


def columns(header: Sequence[str]) -> dict[str, int]:
    """Return where each column stands that a line of column names has."""
    named = [column(cell.replace("`", "")) for cell in header]
    return {name: named.index(name) for name in named if name}


def _row(cells: Sequence[str], places: dict[str, int], line: int, form: Form, labels: Sequence[str] = ()) -> Row:
    found = {name: cells[place] for name, place in places.items() if place < len(cells)}
    around = " \t" if form == "csv" else " \t`\"'"  # a ticket's own quotes
    name, kind, ttl = (found.get(one, "").strip(around) for one in ("name", "kind", "ttl"))
    idle = "commented-out" if name[:1] in ("#", ";") else ""
    if DELETION.match(found.get("action", "").translate(NARROW)):
        idle = "deletes"
    value = found.get("value", "")
    value = value if form == "csv" else value.strip("`")
    beside = (both for place, both in enumerate(zip(labels, cells, strict=False)) if place not in places.values())
    unjudged = tuple(label for label, cell in beside if cell.strip() and not is_known(label))
    return Row(line, name.lstrip("#; "), kind, value, ttl, form, idle=idle, unjudged=unjudged)
