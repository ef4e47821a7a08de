"""The request to the people who keep the zone: which key record to add, revoke or remove, in the forms they take."""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from byodkim.dkim import character_string
from byodkim.dkim.key_record import PublicKey, character_strings, format_value
from byodkim.dkim.names import check_domain, record_name
from byodkim.errors import AccessError, ParameterError
from byodkim.messages import Language, say
from byodkim.rotation.publication import Aim, Wanted

_BOM: Final = "\ufeff"
_COLUMNS: Final[Mapping[Language, tuple[str, str, str]]] = {
    "en": ("Name", "Type", "Value"),
    "ja": ("名前", "タイプ", "値"),
}
_ACTION: Final[Mapping[Language, str]] = {"en": "Action", "ja": "操作"}
#: The contacts that stand below a letter, in this order.
_OURS: Final = ("operators", "approver", "escalation")
_LONGEST_TTL: Final = 2**31 - 1  # seconds (RFC 2181 section 8)


@dataclass(frozen=True)
class Request:
    """One key record to be published.

    Attributes:
        domain: the signing domain.
        selector: 1 to 63 characters.
        public_key: the key that the record is to hold.
        ttl: time to live, in seconds.
        value: of the record, in one piece; ``v=DKIM1; k=rsa; p=...`` unless a sheet asked for more tags.

    Raises:
        ParameterError: the selector or the domain is none, or the TTL is no number of seconds.
    """

    domain: str
    selector: str
    public_key: PublicKey
    ttl: int = 3600
    value: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", self.value or format_value(self.public_key))
        object.__setattr__(self, "domain", check_domain(self.domain))
        record_name(self.selector, self.domain)
        if not 0 < self.ttl <= _LONGEST_TTL:
            raise ParameterError.said("request", "ttl", "en", "unwritten", ttl=self.ttl)

    @property
    def name(self) -> str:
        """Return the name of the record, absolute, without a closing dot."""
        return record_name(self.selector, self.domain)


def csv_text(request: Request, language: Language = "en") -> bytes:
    """Return the request as a CSV file: a line of column names and one of the record.

    Columns are those of the SES console's "Publish DNS records" table; UTF-8 with a byte order mark, as Excel needs
    it for Japanese, CRLF and quotes as in RFC 4180. No field opens with a character that Excel takes for a formula.
    """
    rows = (_COLUMNS[language], (request.name, "TXT", request.value))
    return (_BOM + "".join(_line(row) for row in rows)).encode("utf-8")


def zone_text(request: Request) -> str:
    """Return the request as a resource record (RFC 1035 section 5.1), its owner absolute, one string a line."""
    strings = (string.encode() for string in character_strings(request.value))
    return character_string.resource_record(request.name, request.ttl, strings)


def json_text(request: Request) -> str:
    """Return the request as JSON for programs: the value whole, and cut into character-strings."""
    fields = {
        "name": request.name,
        "type": "TXT",
        "ttl": request.ttl,
        "value": request.value,
        "strings": character_strings(request.value),
        "domain": request.domain,
        "selector": request.selector,
        "public_key_sha256": request.public_key.sha256,
    }
    return json.dumps(fields, indent=2) + "\n"


def addressed(letter: str, contacts: Mapping[str, str], language: Language) -> str:
    """Return a letter to the DNS team with the profile's contacts: theirs above it, ours below."""
    lines = {who: say("request", f"contact.{who}", language, contact=contacts[who]) for who in _OURS if who in contacts}
    above = say("request", "contact.dns", language, contact=contacts["dns"]) + "\n" if "dns" in contacts else ""
    return above + letter + ("\n" + "\n".join(lines.values()) + "\n" if lines else "")


def message_text(request: Request, language: Language = "en", by: datetime.date | None = None) -> str:
    """Return the words that go with the request, to people who keep DNS and have never seen AWS.

    Args:
        request: the record.
        language: of the text.
        by: the day by which the record should stand; none is named if None.
    """
    values = {
        "name": request.name,
        "domain": request.domain,
        "relative": request.name.removesuffix("." + request.domain),
        "ttl": request.ttl,
        "value": request.value,
        "length": len(request.value),
        "strings": len(character_strings(request.value)),
        "zone_text": zone_text(request).rstrip(),
        "sha256": request.public_key.sha256,
    }
    by_when = say("request", "by", language, date=by.isoformat()) if by else say("request", "by.open", language)
    return say("request", "message", language, by=by_when, **values)


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
    bom, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    lines = list(_lines(text))
    name, kind, value = _columns(_fields(lines[0], language) if lines else [], language)
    corrected, others = 0, []
    for place, line in enumerate(lines[1:], start=1):
        fields = _fields(line, language)
        if len(fields) <= max(name, kind, value) or fields[kind].strip().upper() != "TXT":
            continue
        if fields[name].strip().rstrip(".").lower() == request.name.lower():
            fields[value] = request.value
            lines[place] = _line(fields, end=line[len(line.rstrip("\r\n")) :])
            corrected += 1
        elif "._domainkey." in fields[name].lower():
            others.append(fields[name].strip())
    if corrected != 1:
        key = "csv.twice" if corrected else "csv.other" if others else "csv.none"
        raise _refused(key, language, name=request.name, others=ascii(", ".join(others)[:200]))
    return (bom + "".join(lines)).encode("utf-8")


def withdrawal_texts(wanted: Wanted, contacts: Mapping[str, str], language: Language) -> dict[str, bytes]:
    """Return the request as CSV, zone text, JSON and words, by the endings of the files' names."""
    texts = {
        "csv": _csv_text(wanted, language),
        "zone": _zone_text(wanted),
        "json": _json_text(wanted),
        "txt": addressed(_message_text(wanted, language), contacts, language),
    }
    return {f"dns-withdrawal.{ending}": text.encode() for ending, text in texts.items()}


def _csv_text(wanted: Wanted, language: Language) -> str:
    """Return the CSV as for publishing, with a column for what to do."""
    action = say("withdrawal", f"action.{wanted.aim.value}", language)
    columns = (_ACTION[language], *_COLUMNS[language])
    return _BOM + _line(columns) + _line((action, wanted.name, "TXT", wanted.value))


def _zone_text(wanted: Wanted) -> str:
    if wanted.aim is Aim.REMOVE:
        return f"; remove every TXT record at {wanted.name}.\n"
    strings = (string.encode() for string in character_string.split(wanted.value))
    return character_string.resource_record(wanted.name, wanted.ttl, strings)


def _json_text(wanted: Wanted) -> str:
    fields = {
        "action": wanted.aim.value,
        "name": wanted.name,
        "type": "TXT",
        "ttl": wanted.ttl if wanted.aim is Aim.REVOKE else None,
        "value": wanted.value if wanted.aim is Aim.REVOKE else None,
        "public_key_sha256": wanted.sha256,
    }
    return json.dumps(fields, indent=2) + "\n"


def _message_text(wanted: Wanted, language: Language) -> str:
    values = {"name": wanted.name, "value": wanted.value, "ttl": wanted.ttl, "sha256": wanted.sha256}
    return say("withdrawal", f"message.{wanted.aim.value}", language, **values)


def write_exclusively(path: Path, data: bytes, language: Language) -> None:
    """Write a file that must not exist yet, and see it safely on disk. ``language``: of an error.

    Raises:
        AccessError: it exists already, or cannot be written.
    """
    try:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        key = "file.exists" if isinstance(error, FileExistsError) else "file.unwritable"
        what = say("request", key, language, path=str(path), reason=error.strerror or "")
        raise AccessError(what, say("request", "unwritten", language), say("request", "file.todo", language)) from error


def _refused(key: str, language: Language, **values: object) -> ParameterError:
    return ParameterError.said("request", key, language, "unwritten", "csv.todo", **values)


def _line(fields: Sequence[str], end: str = "\r\n") -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerow(fields)
    return out.getvalue()


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
    for columns in _COLUMNS.values():
        if all(column.lower() in names for column in columns):
            name, kind, value = (names.index(column.lower()) for column in columns)
            return name, kind, value
    raise _refused("csv.columns", language)
