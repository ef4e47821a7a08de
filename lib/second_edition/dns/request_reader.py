"""The request sheet as it comes: which key records a file asks for, read as tolerantly as a person would.

Any format of ``second_edition.dns.reading``, also within a text or a block of code in it. Nothing is judged here: values keep
their quotes and line breaks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from msgspec.structs import replace

from second_edition.dns.reading import markup, zone
from second_edition.dns.reading.encoding import JAPANESE, body, decode
from second_edition.dns.reading.free_text import from_text
from second_edition.dns.reading.rows import Form, Row
from second_edition.dns.reading.structured import Piece, from_json, from_terraform, from_yaml
from second_edition.dns.reading.tables import from_bars, from_csv
from second_edition.messages import Language

_OF_ZONE = re.compile(r"^[^\S\n]*[$;]|\b(?:IN|SOA)\b|cf_tags=", re.MULTILINE)
_NO_CLASS = re.compile(r"domainkey[\w.-]*(?<!\.)\s+TXT\b", re.IGNORECASE)


@dataclass(frozen=True)
class Sheet:
    """A file with its rows under ``_domainkey``; others are passed over.

    Attributes:
        form: of its first row.
        encoding: ``utf-8``, ``utf-16``, ``utf-32``, ``euc-jp``, ``cp932`` (Japanese Excel) or ``cp1252`` (any other).
        language: of its column names or, if it has none, of its text.
        data: the file itself; of a mail with encoded parts their texts.
        text: all of it, decoded, each line ended by a line feed.
        rows: in their order.
    """

    form: Form
    encoding: str
    language: Language
    data: bytes = field(repr=False)
    text: str = field(repr=False)
    rows: tuple[Row, ...]


def read(data: bytes) -> Sheet:
    """Return the key records that a file asks for. Any bytes will do: what cannot be read has no rows."""
    data = body(data)
    encoding, text = decode(data)
    language: Language = "ja" if JAPANESE.search(text) else "en"
    rows = tuple(_rows(text))
    return Sheet(rows[0].form if rows else "text", encoding, language, data, text, rows)


def _rows(text: str) -> list[Row]:
    if rows := from_csv(text):
        return rows
    rest = markup.unescaped(text)
    for began, ended in ((0, len(rest)), *markup.blocks(rest)):
        before = rest.count("\n", 0, began)
        for start, end, found in _structured(rest[began:ended]):
            rows += [replace(row, line=row.line + before) for row in found]
            rest = _blanked(rest, began + start, began + end)
    bare = markup.plain(rest)
    rows += from_bars(bare) or from_text(bare, bare_names=not rows)
    lines = text.split("\n")
    return rows if _OF_ZONE.search(text) else [_of_ticket(row, lines[row.line - 1]) for row in rows]


def _of_ticket(row: Row, line: str) -> Row:
    """Return the row; as text, where its line has neither class nor TTL and no zone file stands beside it."""
    return replace(row, form="text") if row.form == "zone" and _NO_CLASS.search(line) else row


def _structured(text: str) -> list[Piece]:
    """Return the pieces of a text that are of a form with a grammar: of the first form that has any."""
    for reader in (from_terraform, from_json, from_yaml):
        if found := [piece for piece in reader(text) if piece[2]]:
            return found
    rows = zone.rows(text)
    return [(0, len(text), rows)] if rows else []


def _blanked(text: str, began: int, ended: int) -> str:
    """Return the text with a part of it blank, its lines kept."""
    return text[:began] + re.sub(r"[^\n]", " ", text[began:ended]) + text[ended:]
