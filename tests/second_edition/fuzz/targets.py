"""What is fuzzed: each takes bytes from anywhere and asserts what must hold of the answer; no error may come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from second_edition.dkim.key_record import FEWEST_BITS, MOST_BITS, KeyRecordInvalid, PublicKey, format_value, parse
from second_edition.dns.request_lint import Expected, lint
from second_edition.dns.request_sheet import Request, csv_text, message_text, zone_text
from second_edition.dns.value_repair import FLAGS
from second_edition.messages import LANGUAGES
from tests.second_edition.dkim.keys import spki
from tests.second_edition.dkim.shapes import SHAPES
from tests.second_edition.dns.sheet_formats import FORMATS, Record

REQUEST: Final = Request("example.jp", "mail-20261124-1", PublicKey.from_der(spki(1024)))
ASKED: Final = Expected(REQUEST.selector, REQUEST.domain, REQUEST.public_key, REQUEST.ttl)


def key_record(data: bytes) -> None:
    """A TXT record: refused in one line a language, or its key stands written anew and reads the same."""
    strings = tuple(data[start : start + 255] for start in range(0, len(data), 255))
    try:
        found = parse(strings)
    except KeyRecordInvalid as invalid:
        for language in LANGUAGES:
            said = invalid.explain(language) + invalid.correction(language)
            assert said.isprintable(), said
        return
    assert FEWEST_BITS <= found.public_key.bits <= MOST_BITS
    assert parse((format_value(found.public_key).encode(),)).public_key == found.public_key


KEPT: Final = 600  # characters beside which no key of 2048 bits fits a record of 1024


def request_sheet(data: bytes) -> None:
    """A file: each defect is told in one line a language, and the corrected sheet asks for the record without any."""
    report = lint(data, ASKED)
    for finding in report.findings:
        for language in LANGUAGES:
            said = finding.explain(language) + finding.correction(language)
            assert said.isprintable(), said
    defects = {finding.defect for finding in report.findings}
    if report.request is None:  # of two values of one tag none is chosen
        # Other tags are kept, and a record with all of them has no room for the key.
        crowded = any(len(row.value) > KEPT for row in report.sheet.rows)
        assert defects & {"two-keys", "duplicate-tag", "too-long"} or len(report.sheet.rows) > 1 or crowded
        assert report.corrected() is None
        return
    asked = report.request
    assert (asked.name, asked.public_key, asked.ttl) == (REQUEST.name, REQUEST.public_key, REQUEST.ttl)
    assert report.corrected() is not None
    if report.findings:
        again = lint(report.corrected() or b"", ASKED)
        assert again.request == asked
        # A note that is kept may state another length than the key has.
        noted = {"stated-bits"} if "n=" in asked.value else set[str]()
        assert {finding.defect for finding in again.findings} <= {*FLAGS.values()} | noted, again.findings


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {"key-record": key_record, "request-sheet": request_sheet}

WORDS: Final = (
    *("v=DKIM1", "k=rsa", "p=", "h=sha256", "s=email", "t=y:s", "g=*", "; ", ";", "\r\n ", "==", "-----BEGIN "),
    *("customerProvidedPublicKey", "“", "”", "；", "　", "\\;", '" "', "名前", "値", "タイプ", "TTL", "IN TXT ("),
    *("_domainkey", "domainkey", ".example.jp", "Name", "Type", "Value", ",", "\t", "\n", "2048 bit", "鍵長", "CNAME"),
)


def seeds(target: str) -> Iterator[bytes]:
    """Yield where the fuzzer starts from, with keys made anew: the shapes of key records, and sheets that hold them."""
    if target == "key-record":
        yield from (b"".join(shape.strings) for shape in SHAPES)
        return
    for language in LANGUAGES:
        yield csv_text(REQUEST, language)
        yield message_text(REQUEST, language).encode()
    yield csv_text(REQUEST, "ja").decode("utf-8-sig").encode("cp932")
    yield csv_text(REQUEST, "ja").decode("utf-8-sig").encode("utf-16")
    yield zone_text(REQUEST).encode()
    yield from (made(Record(REQUEST.name, REQUEST.value)).encode() for made in FORMATS.values())
    for shape in SHAPES:
        yield b"Type,Name,Value\r\nTXT," + REQUEST.name.encode() + b',"' + b"".join(shape.strings) + b'"\r\n'
