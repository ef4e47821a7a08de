"""The request sheet as it comes: which key records a file asks for, read as tolerantly as a person would.

Four forms: a CSV with a line of column names (the SES console's, a Japanese sheet, or cells copied out of one), the
text of a zone file, and free text such as a ticket. Nothing is judged here: values keep their quotes and line breaks.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from byodkim.messages import Language

Form = Literal["csv", "zone", "text"]

NARROW: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Full-width characters to ASCII, one for one, so that places in a text stay where they are (Unicode FF00-FFEF)."""
STRAIGHT: Final = dict.fromkeys(map(ord, "“”„″‘’‚′＂＇"), ord('"'))
"""What word processors put in place of quotation marks, to quotation marks."""

_COLUMNS: Final = {
    "name": {"name", "record name", "host", "host name", "hostname", "名前", "レコード名", "ホスト名"},
    "kind": {"type", "record type", "タイプ", "種別", "種類", "レコードタイプ"},
    "value": {"value", "record value", "data", "content", "値", "内容", "レコード値", "データ"},
    "ttl": {"ttl", "ttl (seconds)", "ttl(seconds)", "ttl (秒)", "ttl(秒)"},
}
_HEADER_WITHIN: Final = 30  # lines: a sheet may open with a title
_MOST_LINES: Final = 64  # that one value may be wrapped over
_JAPANESE = re.compile("[\u3041-\u30fe]|名前|値|種別|依頼")
_SPACES = re.compile(r"[ \t]+")
_NAME = re.compile(r"(?<![\w.*\\-])[\w.*\\-]*domainkey[\w.\\-]*", re.IGNORECASE)
_VALUE = re.compile(
    r"""(?<!["(\s])["(\s]*(?<![\w=])(?:[ghnst]\s*=[^;"\n]{0,64};\s*)*(?:v\s*=\s*dkim|k\s*=\s*rsa|p\s*=\s*["\w+/<-])""",
    re.IGNORECASE,
)
_BEFORE_VALUE = re.compile(
    r"(?:^|\s)(?:(\d+[smhdw]?)\s+)?(?:IN\s+)?(?:(\d+[smhdw]?)\s+)?(TXT|CNAME)\s*\Z", re.IGNORECASE
)
_KIND = re.compile(r"\b(TXT|CNAME)\b", re.IGNORECASE)
_TTL = re.compile(r"\bTTL\b[^\w\n]*(\w+)", re.IGNORECASE)
_KEY_LIKE = re.compile(r"[A-Za-z0-9+/=]{16,}")
_REST_OF_KEY = re.compile(r"(?=.*[A-Z0-9+/=].*[A-Z0-9+/=])[A-Za-z0-9+/=]{2,}\Z")


@dataclass(frozen=True)
class Row:
    """One record that is asked for, as it is written.

    Attributes:
        line: where it stands in the file, from 1.
        name: its name, or "" if none is near it.
        kind: its type, or "".
        value: its value, with the quotes, escapes and line breaks that it has there.
        ttl: its time to live, in whatever way it is put, or "".
        form: in a zone file quotes belong to the grammar, in a CSV's field they do not.
    """

    line: int
    name: str
    kind: str
    value: str
    ttl: str
    form: Form


@dataclass(frozen=True)
class Sheet:
    """A file with its rows under ``_domainkey``; others are passed over.

    Attributes:
        form: of its first row.
        encoding: ``utf-8``, ``utf-16``, ``cp932`` (Japanese Excel) or ``cp1252`` (anything else).
        language: of its column names or, if it has none, of its text.
        data: the file itself.
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
    """The key records that a file asks for. Any bytes will do: what cannot be read has no rows."""
    encoding, text = decode(data)
    language: Language = "ja" if _JAPANESE.search(text) else "en"
    rows = _from_csv(text) or list(_from_text(text))
    return Sheet(rows[0].form if rows else "text", encoding, language, data, text, tuple(rows))


def decode(data: bytes) -> tuple[str, str]:
    """The encoding that a file seems to have, and its text, each line ended by a line feed."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16", _lines_even(data.decode("utf-16", errors="replace"))
    try:
        return "utf-8", _lines_even(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp932")
        if _JAPANESE.search(text):
            return "cp932", _lines_even(text)
    except UnicodeDecodeError:
        pass
    return "cp1252", _lines_even(data.decode("cp1252", errors="replace"))


def _lines_even(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _from_csv(text: str) -> list[Row]:
    for number, line in enumerate(text.split("\n")[:_HEADER_WITHIN]):
        delimiter = next((mark for mark in "\t,;" if mark in line), ",")
        rest = text.split("\n", number)[-1]
        try:
            lines = csv.reader(io.StringIO(rest, newline=""), delimiter=delimiter)
            places = _places(next(lines, []))
            if "name" in places and "value" in places:
                began, rows = number + lines.line_num + 1, []
                for fields in lines:
                    rows.append(_row(fields, places, began))
                    began = number + lines.line_num + 1
                return [row for row in rows if _concerns_dkim(row)]
        except csv.Error:
            return []
    return []


def _places(header: Sequence[str]) -> dict[str, int]:
    named = [_SPACES.sub(" ", field.translate(NARROW)).strip(' "').lower() for field in header]
    return {
        column: next(place for place, name in enumerate(named) if name in names)
        for column, names in _COLUMNS.items()
        if not names.isdisjoint(named)
    }


def _row(fields: Sequence[str], places: dict[str, int], line: int) -> Row:
    found = {column: fields[place] for column, place in places.items() if place < len(fields)}
    name, kind, ttl = (found.get(column, "").strip() for column in ("name", "kind", "ttl"))
    return Row(line, name, kind, found.get("value", ""), ttl, "csv")


def _concerns_dkim(row: Row) -> bool:
    return bool(_NAME.search(row.name.translate(NARROW)) or _VALUE.match(row.value.translate(NARROW)))


def _from_text(text: str) -> Iterator[Row]:
    """Wherever a value begins, a row; the name is the nearest one before it, else the next one after it."""
    narrow = text.translate(NARROW).translate(STRAIGHT)
    names = [(found.start(), found.end(), found[0]) for found in _NAME.finditer(narrow)]
    end, empty = 0, not _VALUE.search(narrow)
    while found := _VALUE.search(narrow, end):
        start, before = found.start() + len(found[0]) - len(found[0].lstrip()), end
        end = _ends(narrow, start)
        near = [name for name in names if before <= name[0] < start] or [name for name in names if name[0] >= end][:1]
        near = near or [name for name in names if name[0] < start]
        at, name_end, name = near[-1] if near else (start, start, "")
        between = narrow[name_end:start] if at < start else ""
        yield _text_row(text, narrow, name, between, at, slice(start, end))
    if empty and names:
        at, name_end, name = names[0]
        yield _text_row(text, narrow, name, narrow[name_end:], at, slice(len(text), len(text)))


def _text_row(text: str, narrow: str, name: str, between: str, at: int, value: slice) -> Row:
    zone = _BEFORE_VALUE.search(between.rstrip(" \t")) if between.count("\n") == 0 else None
    owner = narrow[narrow.rfind("\n", 0, at) + 1 : at].strip() == ""
    line = narrow.count("\n", 0, min(at, value.start)) + 1
    if zone and owner:
        return Row(line, name, zone[3].upper(), text[value].strip(), zone[1] or zone[2] or "", "zone")
    kind, ttl = _KIND.search(between), _TTL.search(between)
    return Row(line, name, kind[1].upper() if kind else "", text[value].strip(), ttl[1] if ttl else "", "text")


def _ends(narrow: str, start: int) -> int:
    """Where a value ends: with its line, or with the last of the lines that go on with it."""
    end = _line_end(narrow, start)
    open_parenthesis = narrow[start] == "(" and ")" not in narrow[start:end]
    for _ in range(_MOST_LINES):
        if end >= len(narrow):
            break
        following = _line_end(narrow, end + 1)
        line = narrow[end + 1 : following].lstrip(">| \t").rstrip()
        if not (open_parenthesis or _goes_on(line)):
            break
        end = following
        if ")" in line:
            break
    return end


def _line_end(narrow: str, start: int) -> int:
    found = narrow.find("\n", start)
    return len(narrow) if found < 0 else found


def _goes_on(line: str) -> bool:
    """A line that belongs to the value above it: more base64, more quoted strings, or a tag."""
    if line[:1] in ('"', ")"):
        return True
    if re.match(r"[vkptshgn]\s*=", line):
        return not re.match(r"v\s*=", line)
    return " " not in line and bool(_KEY_LIKE.match(line) or _REST_OF_KEY.match(line))
