"""DMARC aggregate reports (RFC 7489 appendix C), read for one thing: signatures by a selector, by day and reporter.

They are written by anyone who likes to. So the size of each and the number of its elements are bounded; a document type
or an entity of its own ends the reading of that file; and nothing is taken from it but numbers, days and a reporter's
name.
"""

from __future__ import annotations

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, cast
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from second_edition.rotation.facts import Counted, Reports

MOST_FILES: Final = 20_000
MOST_ROWS: Final = 200  # that a record shows
LARGEST: Final = 32 * 1024 * 1024  # bytes of one report, unpacked
MOST_MEMBERS: Final = 8  # of a zip file: senders put one report into it
MOST_ELEMENTS: Final = 500_000  # a report of 32 MiB has no more, or hardly a word in each
MOST_MESSAGES: Final = 10**9
ENDINGS: Final = (".xml", ".xml.gz", ".gz", ".zip")


class ReportUnfit(Exception):
    """A file is no report, or one that is not read to its end. Its own text goes no further."""


class _Tree(TreeBuilder):
    """The elements of a report, by their names without namespaces."""

    count = 0

    def doctype(self, *_: Any) -> None:
        """Refuse a document type."""
        raise ReportUnfit("document type")

    def start(self, tag: str, attributes: dict[Any, Any], /) -> Element:
        """Begin an element."""
        self.count += 1
        if self.count > MOST_ELEMENTS:
            raise ReportUnfit("too many elements")
        return super().start(tag.rpartition("}")[2], attributes)


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
            for sha256, key, messages in [_parsed(stream, wanted) for stream in _unpacked(path)]:
                if sha256 not in known and messages:  # the same one, packed and unpacked; its name proves nothing
                    counted[key] = counted.get(key, 0) + messages
                known.add(sha256)
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


def _parsed(stream: IO[bytes], wanted: tuple[str, str, str]) -> tuple[str, tuple[str, str], int]:
    """Return the SHA-256 (hex) of a report, its day and reporter, and how many messages it counts."""
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ReportUnfit("too large")
    parser = XMLParser(target=_Tree())  # noqa: S314 - a document type is refused, and all else is bounded
    parser.feed(data)
    root: Element = parser.close()
    if not _text(root, "report_metadata/report_id"):
        raise ReportUnfit("no report")
    reporter = _text(root, "report_metadata/org_name")
    begin, day = (_moment(_text(root, f"report_metadata/date_range/{name}")) for name in ("begin", "end"))
    if day < begin:
        raise ReportUnfit("date range")
    # One that verified counts: anyone can write the names of one that does not.
    signed = [one for one in root.findall("record") if wanted in map(_signature, one.findall("auth_results/dkim"))]
    messages = sum(_number(_text(one, "row/count"), MOST_MESSAGES) for one in signed)
    return hashlib.sha256(data).hexdigest(), (day, _shown(reporter)), messages


def _signature(element: Element) -> tuple[str, ...]:
    return tuple(_text(element, name).lower().rstrip(".") for name in ("domain", "selector", "result"))


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _number(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text) <= most):
        raise ReportUnfit("number")
    return int(text)


def _moment(text: str) -> str:
    return datetime.fromtimestamp(_number(text, 4_102_444_800), UTC).isoformat()  # to the year 2100


def _shown(name: str) -> str:
    """Return a name as a record may hold it: it comes from outside."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:80].encode("utf-8", "replace").decode()
