"""The request to the people who keep the zone: which key record to add, revoke or remove, in the forms they take."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from second_edition.dkim import character_string
from second_edition.dkim.key_record import PublicKey, character_strings, format_value
from second_edition.dkim.names import check_domain, record_name
from second_edition.errors import AccessError, ParameterError
from second_edition.messages import Language, say
from second_edition.rotation.record_set import Aim, Wanted

BOM: Final = "\ufeff"
COLUMNS: Final[Mapping[Language, tuple[str, str, str]]] = {
    "en": ("Name", "Type", "Value"),
    "ja": ("名前", "タイプ", "値"),
}
_ACTION: Final[Mapping[Language, str]] = {"en": "Action", "ja": "操作"}
_TTL: Final = "TTL"
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
        zone: that was seen to hold it, without a closing dot; "" where nobody has seen that.

    Raises:
        ParameterError: the selector or the domain is none, or the TTL is no number of seconds.
    """

    domain: str
    selector: str
    public_key: PublicKey
    ttl: int = 3600
    value: str = ""
    zone: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", self.value or format_value(self.public_key))
        object.__setattr__(self, "domain", check_domain(self.domain))
        if not f".{self.name}".endswith(f".{self.zone}"):
            object.__setattr__(self, "zone", "")
        if not 0 < self.ttl <= LONGEST_TTL:
            raise ParameterError.said("request", "ttl", "en", "unwritten", ttl=self.ttl)

    @property
    def name(self) -> str:
        """Return the name of the record, absolute, without a closing dot."""
        return record_name(self.selector, self.domain)

    @property
    def owner(self) -> str:
        """Return the name within its zone, or within the domain where the zone was not seen; "" at the zone's apex."""
        return f".{self.name}".removesuffix(f".{self.zone or self.domain}")[1:]

    @property
    def words(self) -> dict[str, str | int]:
        """Return what letters name."""
        return {
            "name": self.name,
            "owner": self.owner or "@",
            "zone": self.zone,
            "domain": self.domain,
            "ttl": self.ttl,
            "value": self.value,
            "zone_text": zone_text(self).rstrip(),
            "sha256": self.public_key.sha256,
        }


def csv_text(request: Request, language: Language = "en") -> bytes:
    """Return the request as a CSV file: a line of column names and one of the record.

    Columns are those of the SES console's "Publish DNS records" table, and the TTL; UTF-8 with a byte order mark, as
    Excel needs it for Japanese, CRLF and quotes as in RFC 4180. No field opens with a character that Excel takes for a
    formula.
    """
    return _csv_file((*COLUMNS[language], _TTL), (request.name, "TXT", request.value, str(request.ttl)))


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


def marked(name: str, data: bytes, language: Language) -> bytes:
    """Return a rehearsal's file, opened by the words that nobody may publish it, in the way that its form has.

    ``name``: of the file, or how it ends; a CSV gets a title row, a zone file and YAML a comment, JSON a member.
    """
    notice, form, text = say("request", "rehearsal", language), name.rpartition(".")[2], data.decode("utf-8-sig")
    if form == "csv":
        beside = text.partition("\n")[0].count(",")  # a title row is as wide as the table
        return (BOM + csv_line((notice, *[""] * beside)) + text).encode()
    if form == "json":
        return _json_file(rehearsal=notice, **json.loads(text)).encode()
    return (_COMMENTS.get(form, "") + notice + ("\n" if form in _COMMENTS else "\n\n") + text).encode()


def addressed(letter: str, contacts: Mapping[str, str], language: Language) -> str:
    """Return a letter to the DNS team with the profile's contacts: theirs above it, ours below."""
    lines = {who: say("request", f"contact.{who}", language, contact=contacts[who]) for who in _OURS if who in contacts}
    above = say("request", "contact.dns", language, contact=contacts["dns"]) + "\n" if "dns" in contacts else ""
    return above + letter + ("\n" + "\n".join(lines.values()) + "\n" if lines else "")


def message_text(request: Request, language: Language = "en") -> str:
    """Return the words that go with the request, to people who keep DNS and have never seen AWS."""
    sizes = {"length": len(request.value), "strings": len(character_strings(request.value))}
    shorter = say("request", "message.zone" if request.zone else "message.no-zone", language, **request.words)
    return say("request", "message", language, shorter=shorter, **request.words, **sizes)


def request_texts(request: Request, contacts: Mapping[str, str], language: Language) -> dict[str, bytes]:
    """Return the request as CSV, zone text, words and JSON, by the files' endings."""
    return {
        "dns-request.csv": csv_text(request, language),
        "dns-request.zone": zone_text(request).encode(),
        "dns-request.txt": addressed(message_text(request, language), contacts, language).encode(),
        "dns-request.json": json_text(request).encode(),
    }


def withdrawal_texts(wanted: Wanted, contacts: Mapping[str, str], language: Language) -> dict[str, bytes]:
    """Return the request to revoke or to remove a record as CSV, zone text, JSON and words, by the files' endings."""
    aim, stays = wanted.aim.value, wanted.aim is Aim.REVOKE
    columns = (_ACTION[language], *COLUMNS[language], _TTL)
    action = say("request", f"withdrawal.action.{aim}", language)
    values = {"name": wanted.name, "value": wanted.value, "ttl": wanted.ttl, "sha256": wanted.sha256}
    row = (action, wanted.name, "TXT", wanted.value, str(wanted.ttl) if stays else "")
    held = {"ttl": wanted.ttl if stays else None, "value": wanted.value if stays else None}
    json_file = _json_file(action=aim, name=wanted.name, type="TXT", **held, public_key_sha256=wanted.sha256)
    comment = say("request", "withdrawal.zone", language, name=wanted.name)
    letter = addressed(say("request", f"withdrawal.message.{aim}", language, **values), contacts, language)
    return {
        "dns-withdrawal.csv": _csv_file(columns, row),
        "dns-withdrawal.zone": (zone_text(wanted) if stays else f"; {comment}\n").encode(),
        "dns-withdrawal.json": json_file.encode(),
        "dns-withdrawal.txt": letter.encode(),
    }


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
    return (BOM + "".join(map(csv_line, rows))).encode()


def csv_line(cells: Sequence[str], end: str = "\r\n") -> str:
    """Return a line of CSV (RFC 4180)."""
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerow(cells)
    return out.getvalue()


def _json_file(**fields: object) -> str:
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"
