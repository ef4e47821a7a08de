"""The request in forms that others define: the SES console's own CSV, and an entry of a zone's file for octoDNS."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from second_edition.dns.reading.tables import HEADER_WITHIN, columns
from second_edition.dns.request_sheet import BOM, Request, csv_line
from second_edition.errors import ParameterError
from second_edition.messages import Language, say


def octodns_text(request: Request, language: Language = "en") -> str:
    r"""Return the record as octoDNS takes it: an entry of a zone's file, with words on how to take it over.

    octoDNS cuts a value into character-strings by itself. Where ``escaped_semicolons`` is true, as it is unless a
    configuration of octoDNS below 2.0 says otherwise, each semicolon of a value is written ``\;``.
    Source: octoDNS documentation, YamlProvider and "Records", TXT.
    """
    words = say("request", "octodns", language, zone=request.zone or request.domain)
    if not request.zone:
        words += "\n" + say("request", "octodns.no-zone", language, domain=request.domain)
    owner = request.owner.lower() or "''"
    value = request.value.replace(";", "\\;")
    entry = f"{owner}:\n  ttl: {request.ttl}\n  type: TXT\n  value: {value}\n"
    return "".join(f"# {line}\n" for line in words.splitlines()) + f"---\n{entry}"


def correct_console_csv(data: bytes, request: Request, language: Language = "en") -> bytes:
    """Return the SES console's CSV with the real value and TTL in the key record's row, and every other byte as it was.

    Args:
        data: the file as it was downloaded: UTF-8 with a byte order mark or without, any line ends, columns in any
            order, with English or Japanese names, below a title or not.
        request: the record that the row should hold.
        language: of an error.

    Raises:
        ParameterError: it is no such file, or has no row for this record: none at all, or that of another selector.
    """
    try:
        text = data.decode("utf-8")
        lines = list(_rows(text.removeprefix(BOM)))
    except (UnicodeDecodeError, csv.Error):
        raise _refused("csv.form", language) from None
    headers = (columns(cells) for _, cells in lines[:HEADER_WITHIN])
    header = next((found for found in headers if {"name", "kind", "value"} <= found.keys()), None)
    if header is None:
        raise _refused("csv.form", language)
    name, kind, value = (header[one] for one in ("name", "kind", "value"))
    corrected, others, written = 0, [], BOM if text.startswith(BOM) else ""
    for line, cells in lines:
        ours = len(cells) > max(name, kind, value) and cells[kind].strip().upper() == "TXT"
        if ours and cells[name].strip().rstrip(".").lower() == request.name.lower():
            cells[value] = request.value
            if (ttl := header.get("ttl", len(cells))) < len(cells):
                cells[ttl] = cells[ttl] and str(request.ttl)
            line = csv_line(cells, end=line[len(line.rstrip("\r\n")) :])
            corrected += 1
        elif ours and "._domainkey." in cells[name].lower():
            others.append(cells[name].strip())
        written += line
    if corrected != 1:
        key = "csv.twice" if corrected else "csv.none"
        raise _refused(key, language, name=request.name, others=repr(", ".join(others)[:200])[1:-1] or "-")
    return written.encode("utf-8")


def _refused(key: str, language: Language, **values: object) -> ParameterError:
    return ParameterError.said("request", key, language, "unwritten", "csv.todo", **values)


def _rows(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the rows of a CSV as they are written and their cells; a line break between quotes ends none."""
    lines = list(io.StringIO(text, newline=""))
    reader, began = csv.reader(lines, strict=True), 0
    for cells in reader:
        yield "".join(lines[began : reader.line_num]), cells
        began = reader.line_num
