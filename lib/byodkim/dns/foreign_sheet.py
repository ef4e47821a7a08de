"""The request in forms that others define: the SES console's own CSV, and an entry of a zone's file for octoDNS."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from byodkim.dns.request_sheet import BOM, COLUMNS, Request, csv_line
from byodkim.errors import ParameterError
from byodkim.messages import Language, say


def octodns_text(request: Request, zone: str = "", language: Language = "en") -> str:
    r"""Return the record as octoDNS takes it: an entry of a zone's file, with words on how to take it over.

    octoDNS cuts a value into character-strings by itself. Where ``escaped_semicolons`` is true, as it is unless a
    configuration of octoDNS below 2.0 says otherwise, each semicolon of a value is written ``\;``.
    Source: octoDNS documentation, YamlProvider and "Records", TXT.

    Args:
        request: the record.
        zone: that holds it, without a closing dot; empty for the signing domain.
        language: of the words.

    Raises:
        ParameterError: the record is in no such zone.
    """
    apex = zone or request.domain
    owner = request.name.lower().removesuffix(f".{apex}")
    if owner == request.name.lower():
        raise ParameterError.said("request", "octodns.zone", language, "unwritten", name=request.name, zone=apex)
    words = say("request", "octodns", language, zone=apex)
    value = request.value.replace(";", "\\;")
    entry = f"{owner}:\n  ttl: {request.ttl}\n  type: TXT\n  value: {value}\n"
    return "".join(f"# {line}\n" for line in words.splitlines()) + f"---\n{entry}"


def correct_console_csv(data: bytes, request: Request, language: Language = "en") -> bytes:
    """Return the SES console's CSV with the real value in the key record's row, and every other byte as it was.

    Args:
        data: the file as it was downloaded: UTF-8 with a byte order mark or without, any line ends, columns in any
            order, with English or Japanese names.
        request: the record that the row should hold.
        language: of an error.

    Raises:
        ParameterError: it is no such file, or has no row for this record: none at all, or that of another selector.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _refused("csv.encoding", language) from None
    bom, text = (BOM, text[1:]) if text.startswith(BOM) else ("", text)
    lines = list(_lines(text))
    name, kind, value = _columns(_fields(lines[0], language) if lines else [], language)
    corrected, others = 0, []
    for place, line in enumerate(lines[1:], start=1):
        fields = _fields(line, language)
        if len(fields) <= max(name, kind, value) or fields[kind].strip().upper() != "TXT":
            continue
        if fields[name].strip().rstrip(".").lower() == request.name.lower():
            fields[value] = request.value
            lines[place] = csv_line(fields, end=line[len(line.rstrip("\r\n")) :])
            corrected += 1
        elif "._domainkey." in fields[name].lower():
            others.append(fields[name].strip())
    if corrected != 1:
        key = "csv.twice" if corrected else "csv.other" if others else "csv.none"
        raise _refused(key, language, name=request.name, others=repr(", ".join(others)[:200]))
    return (bom + "".join(lines)).encode("utf-8")


def _refused(key: str, language: Language, **values: object) -> ParameterError:
    return ParameterError.said("request", key, language, "unwritten", "csv.todo", **values)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a CSV with their ends, a line break between quotes being none."""
    line = ""
    for piece in io.StringIO(text, newline=""):
        line += piece
        if line.count('"') % 2 == 0:
            yield line
            line = ""
    if line:
        yield line


def _fields(line: str, language: Language) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line, newline=""), strict=True), [])
    except csv.Error:
        raise _refused("csv.form", language) from None


def _columns(header: list[str], language: Language) -> tuple[int, int, int]:
    """Return where name, type and value stand, by the column names of either language."""
    names = [field.strip().lower() for field in header]
    for columns in COLUMNS.values():
        if all(column.lower() in names for column in columns):
            name, kind, value = (names.index(column.lower()) for column in columns)
            return name, kind, value
    raise _refused("csv.columns", language)
