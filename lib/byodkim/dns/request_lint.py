"""``lint``: every defect of a request sheet, on its way to the DNS team or back from it, and the corrected sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from byodkim.dkim.key_record import PublicKey
from byodkim.dkim.names import LONGEST_LABEL, record_name
from byodkim.dns.reading.rows import NARROW, Row
from byodkim.dns.request_reader import Sheet, read
from byodkim.dns.request_sheet import REHEARSAL, Request, correct_console_csv, csv_text, marked, zone_text
from byodkim.dns.value_repair import FLAGS, Finding, Mended, mend, with_key
from byodkim.errors import ParameterError

DEFAULT_TTL: Final = 3600  # seconds
_TTLS: Final = range(60, 86401)  # seconds that a key record may sensibly have
_UNITS: Final = {
    "": 1,
    "s": 1,
    "sec": 1,
    "second": 1,
    "seconds": 1,
    "秒": 1,
    "m": 60,
    "h": 3600,
    "d": 86400,
    "w": 604800,
}
_TTL = re.compile(r"(\d{1,10})\s*([a-z秒]*)\Z", re.IGNORECASE)
_NAME = re.compile(r"([^.]+)\.(_?)domainkey(?:\.(.+))?\Z")
_BITS = (
    re.compile(r"(?<![\d.])(\d{3,5})\s*-?\s*(?:bits?\b|ビット)", re.IGNORECASE),
    re.compile(r"\bRSA[-_ ]?(\d{3,5})\b", re.IGNORECASE),
    re.compile(r"(?:鍵長|鍵の長さ|key (?:length|size))[^\d\n]{0,12}(\d{3,5})\b", re.IGNORECASE),
)
# PEM, its base64, and the headers of PKCS#8 and PKCS#1 in base64, as they stand in the form that SES takes
_PRIVATE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|LS0tLS1CRUdJTi[A-Za-z0-9+/]{0,24}UFJJVkFUR"
    r"|MII[A-Za-z0-9+/]{3}IBA(?:DANBgkqhkiG9w0BAQEFAASC|AK[BC])"
)


class Expected(Struct, frozen=True):
    """Hold what is known of the record that the sheet should ask for; "" or None for what is not.

    Attributes:
        selector: of the record.
        domain: the signing domain, in lower case, without a closing dot.
        public_key: the true key.
        ttl: in seconds.
        rehearsal: the record is a rehearsal's, so nobody may publish it.
    """

    selector: str = ""
    domain: str = ""
    public_key: PublicKey | None = None
    ttl: int | None = None
    rehearsal: bool = False


class Report(Struct, frozen=True):
    """Hold what a sheet asks for, and what is wrong with it.

    Attributes:
        sheet: as it was read.
        findings: in the order of the file, those of the file as a whole first.
        request: what it should ask for, if name and key are known for certain or came whole out of the sheet.
        own_key: the request's key is the sheet's own: nothing proves that it is the true one.
        public_key: the one sound key of all rows, if there is one.
    """

    sheet: Sheet
    findings: tuple[Finding, ...]
    request: Request | None
    own_key: bool = False
    public_key: PublicKey | None = None

    @property
    def rehearsal(self) -> bool:
        """Return whether the sheet is a rehearsal's: however sound it is, nobody may publish it."""
        return any(finding.defect == "rehearsed" for finding in self.findings)

    def corrected(self, form: str = "") -> bytes | None:
        """Return the sheet as it should be, or None where that is not known.

        Args:
            form: ``csv`` or ``zone``; without one, that in which it came: zone text, else CSV.
        """
        form = form or ("zone" if self.sheet.form == "zone" else "csv")
        if self.request is None:
            return None
        text = zone_text(self.request).encode("ascii") if form == "zone" else self._csv(self.request)
        return marked(form, text, self.sheet.language) if self.rehearsal else text

    def _csv(self, request: Request) -> bytes:
        """Return the sheet as CSV; one that came as such keeps every other byte, if that leaves no defect."""
        fresh = csv_text(request, self.sheet.language)
        if self.sheet.form != "csv" or self.sheet.encoding != "utf-8":
            return fresh
        try:
            kept = correct_console_csv(self.sheet.data, request, self.sheet.language)
        except ParameterError:
            return fresh
        expected = Expected(request.selector, request.domain, request.public_key, request.ttl)
        left = {finding.defect for finding in lint(kept, expected).findings}
        return kept if left <= {*FLAGS.values()} else fresh


class _Named(Struct, frozen=True):
    """A row with what its name comes to: selector and domain, "" for what it does not say."""

    row: Row
    selector: str
    domain: str
    findings: tuple[Finding, ...]


def lint(data: bytes, expected: Expected | None = None) -> Report:
    """Read a sheet and name every defect.

    Args:
        data: a CSV, zone text or free text, in any encoding.
        expected: what is known of the record.

    Returns:
        A report; no bytes make this raise.
    """
    expected = expected or Expected()
    sheet = read(data)
    # A row that deletes asks for no record.
    rows = _meant([_name(row, expected) for row in sheet.rows if row.idle != "deletes"], expected)
    rehearsal = expected.rehearsal or REHEARSAL.lower() in sheet.text.lower()
    findings = [*[Finding("rehearsed")] * rehearsal, *_whole(sheet), *([] if sheet.rows else [Finding("no-row")])]
    values = [mend(named.row) for named in rows]
    keys = [mended.public_key for mended in values if mended.public_key]
    for named, mended in zip(rows, values, strict=True):
        idle = [Finding(named.row.idle, line=named.row.line)] if named.row.idle else []
        wrong = [*idle, *named.findings, *_kind(named.row), *_ttl(named.row, expected), *mended.findings]
        if mended.public_key:
            wrong += _other_key(mended.public_key, expected, named.row)
        findings += wrong
    findings += _repeated(rows)
    findings += [Finding("encoding", (("encoding", sheet.encoding),))] * (sheet.encoding == "cp1252" and bool(rows))
    if len({key.der for key in keys}) == 1:
        findings += _bits(sheet, keys[0])
    request, own_key = _request(rows, values, expected)
    findings = sorted(dict.fromkeys(findings), key=lambda finding: finding.line)
    return Report(sheet, tuple(findings), request, own_key, keys[0] if len({key.der for key in keys}) == 1 else None)


def _meant(rows: Sequence[_Named], expected: Expected) -> list[_Named]:
    """Return the rows of the selector that is asked for, if there are any, each once; else all of them."""
    ours = [named for named in rows if named.selector == expected.selector.lower()] if expected.selector else []
    kept: list[_Named] = []
    by_value: dict[str, list[int]] = {}
    found = ours or rows
    # What is commented out beside a row that is not does no harm.
    for named in [named for named in found if named.row.idle != "commented-out"] or found:
        alike = by_value.setdefault(re.sub(r'[\s"()]', "", named.row.value), [])
        # A message says its record twice, in words and as zone text; two rows of a CSV are two records.
        twins = [place for place in alike if named.row.form != "csv" and _same(named, kept[place])]
        if not twins:
            alike.append(len(kept))
            kept.append(named)
        elif named.domain and not kept[twins[0]].domain:
            kept[twins[0]] = named  # the one that says its name in full
    return kept


def _same(one: _Named, other: _Named) -> bool:
    selectors, domains = {one.selector, other.selector} - {""}, {one.domain, other.domain} - {""}
    return len(selectors) < 2 and len(domains) < 2


def _name(row: Row, expected: Expected) -> _Named:
    """Return what is wrong with a row's name (RFC 6376 section 3.6.2.1), and what it should have been."""
    wrong: list[str] = []
    text = row.name.translate(NARROW)
    if text != row.name:
        wrong.append("name-full-width")
    name = "".join(text.split()).strip("\"'`").lower()
    if text.strip("\"'` ").lower() != name:
        wrong.append("name-space")
    found = _NAME.match(name.rstrip("."))
    if not found or len(found[1]) > LONGEST_LABEL:
        finding = Finding("no-name" if not name else "name-form", line=row.line)
        return _Named(row, expected.selector.lower(), expected.domain, (finding,))
    selector, domain = found[1], found[3] or ""
    may_lack = (row.relative or row.form == "zone") and not name.endswith(".")
    if may_lack and ("." not in domain or expected.domain.startswith(f"{domain}.")):
        domain = expected.domain  # the zone's file says the rest
        name += "."
    once = _undoubled(domain)
    wrong += ["underscore-dropped"] * (not found[2]) + ["doubled-suffix"] * (once != domain)
    if row.form == "zone" and domain and once == domain and not name.endswith("."):
        wrong.append("no-closing-dot")
    wrong += ["other-selector"] * (expected.selector.lower() not in ("", selector))
    wrong += ["other-domain"] * (expected.domain not in ("", once or expected.domain))
    if not _sound(selector, once or expected.domain or "example.jp"):
        wrong.append("name-form")
    values = (("domain", expected.domain or once), ("name", _shown(name)), ("selector", expected.selector or selector))
    return _Named(row, selector, once or expected.domain, tuple(Finding(key, values, row.line) for key in wrong))


def _undoubled(domain: str) -> str:
    """Return ``example.jp`` of ``example.jp.example.jp``, and ``mail.example.jp`` of ``mail.example.jp.example.jp``."""
    labels = domain.split(".")
    for size in range(len(labels) // 2, 1, -1):
        if labels[-2 * size : -size] == labels[-size:]:
            return ".".join(labels[:-size])
    return domain


def _sound(selector: str, domain: str) -> bool:
    try:
        return bool(record_name(selector, domain))
    except ParameterError:
        return False


def _shown(name: str) -> str:
    return repr(name[:120])[1:-1]


def _kind(row: Row) -> Iterator[Finding]:
    kind = row.kind.translate(NARROW).strip().upper()
    if kind not in ("", "TXT"):
        yield Finding("wrong-type", (("kind", _shown(kind[:12])),), row.line)


def _ttl(row: Row, expected: Expected) -> Iterator[Finding]:
    if not row.ttl:
        return
    seconds, wanted = _seconds(row.ttl), expected.ttl or DEFAULT_TTL
    values: tuple[tuple[str, str | int], ...] = (("ttl", _shown(row.ttl[:20])), ("wanted", wanted))
    if seconds is None:
        yield Finding("ttl-form", values, row.line)
    elif expected.ttl is not None and seconds != expected.ttl:
        yield Finding("ttl-other", values, row.line)
    elif seconds not in _TTLS:
        yield Finding("ttl-range", values, row.line)


def _seconds(ttl: str) -> int | None:
    found = _TTL.match(ttl.translate(NARROW).replace(",", "").strip())
    unit = _UNITS.get(found[2].lower()) if found else None
    return int(found[1]) * unit if found and unit else None


def _other_key(key: PublicKey, expected: Expected, row: Row) -> Iterator[Finding]:
    if expected.public_key and expected.public_key.der != key.der:
        yield Finding("other-key", (("found", key.sha256), ("wanted", expected.public_key.sha256)), row.line)


def _whole(sheet: Sheet) -> Iterator[Finding]:
    for row in sheet.rows:
        if row.idle == "deletes":
            yield Finding("deletes", (("name", _shown(row.name.rstrip("."))),), row.line)
    for name in dict.fromkeys(sheet.twice):
        yield Finding("twice", (("name", _shown(name)),))
    for found in _PRIVATE.finditer(sheet.text):
        yield Finding("private-key", line=sheet.text.count("\n", 0, found.start()) + 1)


def _repeated(rows: Sequence[_Named]) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for named in rows:
        place = (named.selector, named.domain)
        if place in seen:
            yield Finding("two-rows", (("name", _shown(named.row.name)),), named.row.line)
        seen.add(place)


def _bits(sheet: Sheet, key: PublicKey) -> Iterator[Finding]:
    """Yield the lengths that the sheet states in words and the key does not have."""
    text = sheet.text.translate(NARROW)
    found = sorted((match.start(), int(match[1])) for pattern in _BITS for match in pattern.finditer(text))
    seen: set[int] = set()
    for place, stated in found:
        if stated != key.bits and stated not in seen:
            values = (("real", key.bits), ("stated", stated))
            yield Finding("stated-bits", values, text.count("\n", 0, place) + 1)
        seen.add(stated)


def _request(rows: Sequence[_Named], values: Sequence[Mended], expected: Expected) -> tuple[Request | None, bool]:
    """Return the record that the sheet should ask for, and whether its key is the sheet's own."""
    if any(finding.defect == "two-keys" for mended in values for finding in mended.findings):
        return None, False
    key, own = expected.public_key, False
    keys = {mended.public_key for mended in values}
    if key is None and len(keys) == 1:
        key, own = keys.pop(), True
    selectors = {expected.selector} if expected.selector else {named.selector for named in rows}
    domains = {expected.domain} if expected.domain else {named.domain for named in rows}
    if key is None or len(selectors) != 1 or len(domains) != 1:
        return None, False
    selector, domain = selectors.pop(), domains.pop()
    if not _sound(selector, domain):
        return None, False
    stated = [seconds for named in rows if (seconds := _seconds(named.row.ttl)) is not None and seconds in _TTLS]
    ttl = expected.ttl or next(iter(stated), DEFAULT_TTL)
    texts = {with_key(mended.value, key) for mended in values} or {""}
    if len(texts) > 1 or (values and "" in texts):
        return None, False
    return Request(domain, selector, key, ttl, texts.pop()), own
