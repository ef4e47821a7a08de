"""DMARC aggregate reports (RFC 7489 appendix C), read for one thing: signatures by a selector, by day and reporter.

They are written by anyone who likes to. So each is read as a stream with bounds on everything; a document type
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
from xml.etree.ElementTree import ParseError, XMLParser

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
    """One report as it is read (a target of the parser): its fields by their path, and what was counted."""

    wanted: tuple[str, str, str]
    path: list[str] = field(default_factory=list)
    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    signature: dict[str, str] = field(default_factory=dict)
    count: int = 0
    signed: bool = False
    messages: int = 0

    def doctype(self, *_: Any) -> None:
        """Refuse a document type."""
        raise ReportUnfit("document type")

    def start(self, name: str, _: object) -> None:
        """Begin an element."""
        self.path.append(name.rpartition("}")[2])
        if len(self.path) > DEEPEST:
            raise ReportUnfit("too deep")
        self.text = ""
        if self.path[1:] == ["record"]:
            self.count, self.signed = 0, False
        if self.path[1:] == ["record", "auth_results", "dkim"]:
            self.signature = {}

    def data(self, text: str) -> None:
        """Add text to it."""
        self.text += text
        if len(self.text) > LONGEST:
            raise ReportUnfit("too long")

    def end(self, _: str) -> None:
        """End it."""
        place, text = "/".join(self.path[1:]), self.text.strip()
        if place in _FIELDS:
            self.fields[place] = text
        elif place == "record/row/count":
            self.count = _number(text, MOST_MESSAGES)
        elif place.startswith("record/auth_results/dkim/"):
            self.signature[self.path[-1]] = text.lower().rstrip(".")
        elif place == "record/auth_results/dkim":
            # One that verified: anyone can write the names of one that does not.
            named = tuple(self.signature.get(name) for name in ("domain", "selector", "result"))
            self.signed = self.signed or named == self.wanted
        elif place == "record" and self.signed:
            self.messages += self.count
        self.path.pop()
        self.text = ""


_FIELDS: Final = frozenset(
    {
        "report_metadata/org_name", "report_metadata/report_id",
        "report_metadata/date_range/begin", "report_metadata/date_range/end",
    }
)  # fmt: skip

#: What a file raises that is no report; NotImplementedError: a zip file packed in a way of its own.
UNFIT: Final = (
    ReportUnfit, ParseError, OSError, EOFError, zlib.error, zipfile.BadZipFile, LookupError, ValueError, RuntimeError,
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
    wanted, known = (domain.lower(), selector.lower(), "pass"), set[str]()
    counted: dict[tuple[str, str], int] = {}
    unread: list[str] = []
    for path in paths:
        try:
            for sha256, report in [_parsed(stream, wanted) for stream in _unpacked(path)]:
                day = _moment(report.fields["report_metadata/date_range/end"])
                if sha256 in known:  # the same one, packed and unpacked; its name proves nothing
                    continue
                known.add(sha256)
                if report.messages:
                    key = (day, _shown(report.fields.get("report_metadata/org_name", "")))
                    counted[key] = counted.get(key, 0) + report.messages
        except UNFIT:
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


def _parsed(stream: IO[bytes], wanted: tuple[str, str, str]) -> tuple[str, _Report]:
    """Return a report, and the SHA-256 (hex) of what it was read from."""
    report, left, whole = _Report(wanted), LARGEST, hashlib.sha256()
    parser = XMLParser(target=report)  # noqa: S314 - a document type is refused, and all else is bounded
    while data := stream.read(CHUNK):
        left -= len(data)
        if left < 0:
            raise ReportUnfit("too large")
        parser.feed(data)
        whole.update(data)
    parser.close()
    if not report.fields.get("report_metadata/report_id") or "report_metadata/date_range/end" not in report.fields:
        raise ReportUnfit("no report")
    return whole.hexdigest(), report


def _number(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text) <= most):
        raise ReportUnfit("number")
    return int(text)


def _moment(text: str) -> str:
    return datetime.fromtimestamp(_number(text, 4_102_444_800), UTC).isoformat()  # to the year 2100


def _shown(name: str) -> str:
    """Return a name as a record may hold it: it comes from outside."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:80].encode("utf-8", "replace").decode()
