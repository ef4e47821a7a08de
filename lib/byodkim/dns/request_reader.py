"""The request sheet as it comes: which key records a file asks for, read as tolerantly as a person would.

Any format of ``byodkim.dns.reading``, also within a text or a block of code in it. Nothing is judged here: values keep
their quotes and line breaks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from msgspec.structs import replace

from byodkim.dns.reading import markup, zone
from byodkim.dns.reading.encoding import JAPANESE, body, decode
from byodkim.dns.reading.free_text import from_text
from byodkim.dns.reading.rows import Form, Row
from byodkim.dns.reading.structured import Found, from_json, from_terraform, from_yaml
from byodkim.dns.reading.tables import from_bars, from_csv
from byodkim.messages import Language

_OF_ZONE = re.compile(r"^\s*\$|\b(?:IN|SOA)\b|cf_tags=|^\s*;", re.MULTILINE)
_NO_CLASS = re.compile(r"domainkey[\w.-]*(?<!\.)\s+TXT\b", re.IGNORECASE)


@dataclass(frozen=True)
class Sheet:
    """A file with its rows under ``_domainkey``; others are passed over.

    Attributes:
        form: of its first row.
        encoding: ``utf-8``, ``utf-16``, ``euc-jp``, ``cp932`` (Japanese Excel) or ``cp1252`` (anything else).
        language: of its column names or, if it has none, of its text.
        data: the file itself; of a mail with encoded parts their texts.
        text: all of it, decoded, each line ended by a line feed.
        rows: in their order.
        twice: names that stand twice in one object of JSON or YAML.
    """

    form: Form
    encoding: str
    language: Language
    data: bytes = field(repr=False)
    text: str = field(repr=False)
    rows: tuple[Row, ...]
    twice: tuple[str, ...] = ()


def read(data: bytes) -> Sheet:
    """Return the key records that a file asks for. Any bytes will do: what cannot be read has no rows."""
    data = body(data)
    encoding, text = decode(data)
    language: Language = "ja" if JAPANESE.search(text) else "en"
    rows, twice = _rows(text)
    return Sheet(rows[0].form if rows else "text", encoding, language, data, text, tuple(rows), tuple(twice))


def _rows(text: str) -> tuple[list[Row], list[str]]:
    if rows := from_csv(text):
        return rows, []
    rest, rows, twice = markup.unescaped(text), [], []
    for began, ended in ((0, len(rest)), *markup.blocks(rest)):
        before = rest.count("\n", 0, began)
        found = _structured(rest[began:ended])
        if found.rows:
            rows += [replace(row, line=row.line + before) for row in found.rows]
            twice += found.twice
            rest = _without(rest, began + found.began, began + found.ended)
    bare = markup.plain(rest)
    rows += from_bars(bare) or from_text(bare, bare_names=not rows)
    return (rows if _OF_ZONE.search(text) else list(map(partial(_of_ticket, text.split("\n")), rows))), twice


def _of_ticket(lines: Sequence[str], row: Row) -> Row:
    """Return the row; as text, where its line has neither class nor TTL and no zone file stands beside it."""
    return replace(row, form="text") if row.form == "zone" and _NO_CLASS.search(lines[row.line - 1]) else row


def _structured(text: str) -> Found:
    for reader in (from_terraform, from_json, from_yaml):
        if (found := reader(text)).rows:
            return found
    found = Found(text, 0, len(text))
    found.rows = zone.rows(text)
    return found


def _without(text: str, began: int, ended: int) -> str:
    """Return a part of the text blanked, its lines kept."""
    return text[:began] + "".join(mark if mark == "\n" else " " for mark in text[began:ended]) + text[ended:]
