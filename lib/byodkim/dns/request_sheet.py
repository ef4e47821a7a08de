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
from byodkim.rotation.record_set import Aim, Wanted

BOM: Final = "\ufeff"
COLUMNS: Final[Mapping[Language, tuple[str, str, str]]] = {
    "en": ("Name", "Type", "Value"),
    "ja": ("名前", "タイプ", "値"),
}
_ACTION: Final[Mapping[Language, str]] = {"en": "Action", "ja": "操作"}
#: What lint finds at the top of a rehearsal's files, whatever their language.
REHEARSAL: Final = "REHEARSAL: do not publish"
_COMMENTS: Final = {"zone": "; ", "yaml": "# "}
#: The contacts that stand below a letter, in this order.
_OURS: Final = ("operators", "approver", "escalation")
LONGEST_TTL: Final = 2**31 - 1  # seconds (RFC 2181 section 8)


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
        if not 0 < self.ttl <= LONGEST_TTL:
            raise ParameterError.said("request", "ttl", "en", "unwritten", ttl=self.ttl)

    @property
    def name(self) -> str:
        """Return the name of the record, absolute, without a closing dot."""
        return record_name(self.selector, self.domain)

    @property
    def words(self) -> dict[str, str | int]:
        """Return what letters name."""
        return {
            "name": self.name,
            "domain": self.domain,
            "ttl": self.ttl,
            "value": self.value,
            "zone_text": zone_text(self).rstrip(),
            "sha256": self.public_key.sha256,
        }


def csv_text(request: Request, language: Language = "en") -> bytes:
    """Return the request as a CSV file: a line of column names and one of the record.

    Columns are those of the SES console's "Publish DNS records" table; UTF-8 with a byte order mark, as Excel needs
    it for Japanese, CRLF and quotes as in RFC 4180. No field opens with a character that Excel takes for a formula.
    """
    return _csv_file(COLUMNS[language], (request.name, "TXT", request.value))


def zone_text(request: Request | Wanted) -> str:
    """Return the request as a resource record (RFC 1035 section 5.1), its owner absolute, one string a line."""
    strings = (string.encode() for string in character_strings(request.value))
    return character_string.resource_record(request.name, request.ttl, strings)


def json_text(request: Request) -> str:
    """Return the request as JSON for programs: the value whole, and cut into character-strings."""
    return _json_file(
        name=request.name,
        type="TXT",
        ttl=request.ttl,
        value=request.value,
        strings=character_strings(request.value),
        domain=request.domain,
        selector=request.selector,
        public_key_sha256=request.public_key.sha256,
    )


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


def marked(name: str, data: bytes, language: Language) -> bytes:
    """Return a rehearsal's file, opened by the words that nobody may publish it, in the way that its form has.

    ``name``: of the file, or how it ends; a CSV gets a title row, a zone file and YAML a comment, JSON a member.
    """
    notice, form, text = say("request", "rehearsal", language), name.rpartition(".")[2], data.decode("utf-8-sig")
    if form == "csv":
        return (BOM + _csv_line((notice, "", "")) + text).encode()
    if form == "json":
        return _json_file(rehearsal=notice, **json.loads(text)).encode()
    return (_COMMENTS.get(form, "") + notice + ("\n" if form in _COMMENTS else "\n\n") + text).encode()


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
    sizes = {"length": len(request.value), "strings": len(character_strings(request.value))}
    by_when = say("request", "by", language, date=by.isoformat()) if by else say("request", "by.open", language)
    relative = request.name.removesuffix("." + request.domain)
    return say("request", "message", language, by=by_when, relative=relative, **request.words, **sizes)


def withdrawal_texts(wanted: Wanted, contacts: Mapping[str, str], language: Language) -> dict[str, bytes]:
    """Return the request to revoke or to remove a record as CSV, zone text, JSON and words, by the files' endings."""
    aim, stays = wanted.aim.value, wanted.aim is Aim.REVOKE
    columns = (_ACTION[language], *COLUMNS[language])
    action = say("request", f"withdrawal.action.{aim}", language)
    values = {"name": wanted.name, "value": wanted.value, "ttl": wanted.ttl, "sha256": wanted.sha256}
    held = {"ttl": wanted.ttl if stays else None, "value": wanted.value if stays else None}
    json_file = _json_file(action=aim, name=wanted.name, type="TXT", **held, public_key_sha256=wanted.sha256)
    letter = addressed(say("request", f"withdrawal.message.{aim}", language, **values), contacts, language)
    return {
        "dns-withdrawal.csv": _csv_file(columns, (action, wanted.name, "TXT", wanted.value)),
        "dns-withdrawal.zone": (
            zone_text(wanted) if stays else f"; remove every TXT record at {wanted.name}.\n"
        ).encode(),
        "dns-withdrawal.json": json_file.encode(),
        "dns-withdrawal.txt": letter.encode(),
    }


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
        lines = list(_rows(text.removeprefix(BOM)))
    except (UnicodeDecodeError, csv.Error):
        raise _refused("csv.form", language) from None
    header = [cell.strip().lower() for cell in lines[0][1]] if lines else []
    columns = [[title.lower() for title in titles] for titles in COLUMNS.values()]
    places = next(([header.index(title) for title in titles] for titles in columns if {*titles} <= {*header}), None)
    if places is None:
        raise _refused("csv.form", language)
    name, kind, value = places
    corrected, others, written = 0, [], BOM if text.startswith(BOM) else ""
    for line, cells in lines:
        ours = len(cells) > max(places) and cells[kind].strip().upper() == "TXT"
        if ours and cells[name].strip().rstrip(".").lower() == request.name.lower():
            cells[value] = request.value
            line = _csv_line(cells, end=line[len(line.rstrip("\r\n")) :])
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


def _csv_file(*rows: Sequence[str]) -> bytes:
    return (BOM + "".join(map(_csv_line, rows))).encode()


def _csv_line(cells: Sequence[str], end: str = "\r\n") -> str:
    """Return a line of CSV (RFC 4180)."""
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerow(cells)
    return out.getvalue()


def _json_file(**fields: object) -> str:
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"
