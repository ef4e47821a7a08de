"""DMARC aggregate reports (RFC 7489 appendix C), read for one thing: signatures by a selector, by day and reporter.

They are written by anyone who likes to. So each is read as a stream by expat with bounds on everything; a document type
or an entity of its own ends the reading of that file; and nothing is taken from it but numbers, days and a reporter's
name.
"""

from __future__ import annotations

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, cast
from xml.parsers import expat

from byodkim.rotation.facts import Counted, Reports

MOST_FILES: Final = 20_000
MOST_ROWS: Final = 200  # that a record shows
LARGEST: Final = 32 * 1024 * 1024  # bytes of one report, unpacked
MOST_MEMBERS: Final = 8  # of a zip file: senders put one report into it
DEEPEST: Final = 16
LONGEST: Final = 1024  # characters of one field
CHUNK: Final = 64 * 1024
MOST_MESSAGES: Final = 10**9
ENDINGS: Final = (".xml", ".xml.gz", ".gz", ".zip")


class ReportUnfit(Exception):
    """A file is no report, or one that is not read to its end. Its own text goes no further."""


@dataclass
class _Report:
    """One report as it is read: the texts of its fields by their path, and what was counted."""

    domain: str
    selector: str
    path: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    size: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    row: int = 0
    signature: dict[str, str] = field(default_factory=dict)
    signed: bool = False
    messages: int = 0
    sha256: str = ""

    def start(self, name: str, _: object) -> None:
        """Begin an element."""
        self.path.append(name.rpartition(":")[2])
        if len(self.path) > DEEPEST:
            raise ReportUnfit("too deep")
        self.text, self.size = [], 0
        if self.path[1:] == ["record"]:
            self.row, self.signed = 0, False
        if self.path[1:] == ["record", "auth_results", "dkim"]:
            self.signature = {}

    def characters(self, text: str) -> None:
        """Add text to it."""
        self.size += len(text)
        if self.size > LONGEST:
            raise ReportUnfit("too long")
        self.text.append(text)

    def end(self, _: str) -> None:
        """End it."""
        place, text = "/".join(self.path[1:]), "".join(self.text).strip()
        if place in _FIELDS:
            self.fields[place] = text
        elif place == "record/row/count":
            self.row = _number(text, MOST_MESSAGES)
        elif place.startswith("record/auth_results/dkim/"):
            self.signature[self.path[-1]] = text
        elif place == "record/auth_results/dkim":
            self.signed = self.signed or self._is_ours()
        elif place == "record" and self.signed:
            self.messages += self.row
        self.path.pop()
        self.text, self.size = [], 0

    def _is_ours(self) -> bool:
        """Return whether it is a signature that verified: anyone can write the names of one that does not."""
        said = {name: value.lower().rstrip(".") for name, value in self.signature.items()}
        named = (said.get("domain"), said.get("selector"), said.get("result"))
        return named == (self.domain, self.selector, "pass")


_FIELDS: Final = frozenset(
    {
        "report_metadata/org_name", "report_metadata/report_id",
        "report_metadata/date_range/begin", "report_metadata/date_range/end",
    }
)  # fmt: skip


def read(folder: Path, named: str, domain: str, selector: str) -> Reports:
    """Return what the reports in ``folder`` and below it tell of messages with a valid signature by ``selector``.

    Args:
        folder: with files ``.xml``, ``.xml.gz`` and ``.zip``; others are passed over.
        named: how the record names it.
        domain: of the signature (``d=``).
        selector: of the signature (``s=``).

    Returns:
        ``failure`` in it says why the folder could not be read; files that are none are named in ``unread``.
    """
    if not folder.is_dir():
        return Reports(named, failure="NotADirectory")
    try:
        paths = sorted(path for path in folder.rglob("*") if path.name.lower().endswith(ENDINGS) and path.is_file())
    except OSError as error:
        return Reports(named, failure=type(error).__name__)
    if len(paths) > MOST_FILES:
        return Reports(named, failure=f"{len(paths)} files")
    known: set[str] = set()
    counted: dict[tuple[str, str], int] = {}
    unread: list[str] = []
    for path in paths:
        try:
            for report in [_parsed(stream, domain.lower(), selector.lower()) for stream in _unpacked(path)]:
                day = _moment(report.fields["report_metadata/date_range/end"])
                if report.sha256 in known:  # the same one, packed and unpacked; its name proves nothing
                    continue
                known.add(report.sha256)
                if report.messages:
                    key = (day, _shown(report.fields.get("report_metadata/org_name", "")))
                    counted[key] = counted.get(key, 0) + report.messages
        except (ReportUnfit, OSError, EOFError, zlib.error, zipfile.BadZipFile, LookupError, ValueError, RuntimeError):
            unread.append(_shown(path.name))
        except NotImplementedError:  # a zip file packed in a way of its own
            unread.append(_shown(path.name))
    rows = tuple(Counted(day, count, reporter) for (day, reporter), count in sorted(counted.items()))
    return Reports(named, len(known), tuple(unread[:MOST_ROWS]), rows[-MOST_ROWS:])


def _unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Yield the streams of the reports in a file, each open while it is read."""
    name = path.name.lower()
    if name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            if not 0 < len(members) <= MOST_MEMBERS:
                raise ReportUnfit("members")
            for one in members:
                with archive.open(one) as stream:
                    yield stream
    elif name.endswith(".gz"):
        with gzip.open(path) as packed:
            yield cast("IO[bytes]", packed)
    else:
        with path.open("rb") as plain:
            yield plain


def _parsed(stream: IO[bytes], domain: str, selector: str) -> _Report:
    report, parser = _Report(domain, selector), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = report.start, report.end
    parser.CharacterDataHandler = report.characters
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    left, whole = LARGEST, hashlib.sha256()
    try:
        while data := stream.read(CHUNK):
            left -= len(data)
            if left < 0:
                raise ReportUnfit("too large")
            parser.Parse(data, False)
            whole.update(data)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ReportUnfit("no XML") from error
    if not report.fields.get("report_metadata/report_id") or "report_metadata/date_range/end" not in report.fields:
        raise ReportUnfit("no report")
    report.sha256 = whole.hexdigest()
    return report


def _refuse(*_: Any) -> None:
    raise ReportUnfit("document type")


def _number(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text) <= most):
        raise ReportUnfit("number")
    return int(text)


def _moment(text: str) -> str:
    return datetime.fromtimestamp(_number(text, 4_102_444_800), UTC).isoformat()  # to the year 2100


def _shown(name: str) -> str:
    """Return a name as a record may hold it: it comes from outside."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:80].encode("utf-8", "replace").decode()
