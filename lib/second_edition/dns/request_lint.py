"""``lint``: every defect of a request sheet, on its way to the DNS team or back from it, and the corrected sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import dns.ttl
from msgspec import Struct
from msgspec.structs import replace

from second_edition.dkim.defect import Finding
from second_edition.dkim.key_record import PublicKey
from second_edition.dkim.names import LONGEST_LABEL, record_name
from second_edition.dkim.secrecy import holds_private
from second_edition.dns.foreign_sheet import correct_console_csv
from second_edition.dns.reading import zone
from second_edition.dns.reading.rows import NARROW, STRAIGHT, Row, undoubled
from second_edition.dns.request_reader import Sheet, read
from second_edition.dns.request_sheet import BOM, REHEARSAL, Request, csv_text, marked, zone_text
from second_edition.dns.value_repair import FLAGS, Mended, Values, mend, with_key
from second_edition.errors import ParameterError

DEFAULT_TTL: Final = 3600  # seconds
_TTLS: Final = range(60, 86401)  # seconds that a key record may sensibly have
_SECONDS = re.compile(r"\s*(?:s(?:ec(?:onds?)?)?|秒)\Z", re.IGNORECASE)
_MARKS: Final = "=\"'`"  # ="text" is how a spreadsheet keeps a cell from being a number or a date
_PLAIN = re.compile(r"[0-9A-Za-z]+\Z")
_NAME = re.compile(r"([^.]+)\.(_?)domainkey(?:\.(.+))?\Z")
_DIRECTIVE = re.compile(r"^[> \t]*(\$(?:INCLUDE|GENERATE))\b", re.IGNORECASE | re.MULTILINE)
_BITS = (
    re.compile(r"(?<![\d.])(\d{3,5})\s*-?\s*(?:bits?\b|ビット)", re.IGNORECASE),
    re.compile(r"\bRSA[-_ ]?(\d{3,5})\b", re.IGNORECASE),
    re.compile(r"(?:鍵長|鍵の長さ|key (?:length|size))[^\d\n]{0,12}(\d{3,5})\b", re.IGNORECASE),
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


class Asked(Struct, frozen=True):
    """A row with what it comes to: selector and domain, "" for what it does not say, value and defects."""

    row: Row
    selector: str
    domain: str
    mended: Mended
    findings: tuple[Finding, ...]


class Report(Struct, frozen=True):
    """Hold what a sheet asks for, and what is wrong with it.

    Attributes:
        sheet: as it was read.
        findings: in the order of the file, those of the file as a whole first.
        request: what it should ask for, if name and key are known for certain or came whole out of the sheet.
        own_key: the request's key is the sheet's own: nothing proves that it is the true one.
        public_key: the one sound key of all rows, if there is one.
        records: the rows that ask for one, each record once.
        unjudged: names of their settings that are not judged.
        others: names of key records that are not judged, because another one is asked for.
    """

    sheet: Sheet
    findings: tuple[Finding, ...]
    request: Request | None
    own_key: bool = False
    public_key: PublicKey | None = None
    records: tuple[Asked, ...] = ()
    unjudged: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def rehearsal(self) -> bool:
        """Return whether the sheet is a rehearsal's: however sound it is, nobody may publish it."""
        return any(finding.defect == "rehearsed" for finding in self.findings)

    def corrected(self, form: str = "") -> bytes | None:
        """Return the sheet as it should be, or None where that is not known or would hold a private key.

        Args:
            form: ``csv`` or ``zone``; without one, that in which it came: zone text, else CSV.
        """
        form = form or ("zone" if self.sheet.form == "zone" else "csv")
        if self.request is None:
            return None
        fresh = zone_text(self.request).encode() if form == "zone" else csv_text(self.request, self.sheet.language)
        text = (form == "csv" and self.kept()) or fresh
        if holds_private(text.decode("utf-8")):
            return None
        return marked(form, text, self.sheet.language) if self.rehearsal else text

    def kept(self) -> bytes | None:
        """Return a sheet that came as CSV with the value corrected, and everything else as it was, in UTF-8.

        None where that leaves a defect, or where it is no such CSV: the corrected sheet then has this record alone.
        """
        request, sheet = self.request, self.sheet
        if request is None or sheet.form != "csv":
            return None
        data = sheet.data if sheet.encoding == "utf-8" else f"{BOM}{sheet.text}".encode()
        try:
            kept = correct_console_csv(data, request, sheet.language)
        except ParameterError:
            return None
        expected = Expected(request.selector, request.domain, request.public_key, request.ttl)
        left = {finding.defect for finding in lint(kept, expected).findings}
        return kept if left <= {*FLAGS.values()} else None


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
    judged = [_judge(row, expected) for row in sheet.rows if row.idle != "deletes"]
    rows = _one_a_name(_meant(judged, expected), expected)
    keys = {one.mended.public_key for one in rows if one.mended.public_key}
    key = keys.pop() if len(keys) == 1 else None
    findings = [*_whole(sheet, expected), *(finding for one in rows for finding in one.findings)]
    findings += _beside(judged, rows, expected)
    if sheet.form != "csv":
        findings += _unseen(sheet, rows, expected)
    if sheet.encoding == "cp1252" and rows:
        findings.append(Finding("encoding", (("encoding", sheet.encoding),)))
    if key:
        findings += _bits(sheet, key)
    unjudged = tuple(dict.fromkeys(_shown(name) for one in rows for name in one.row.unjudged))
    places = {(one.selector, one.domain) for one in rows}
    rest = [one.row for one in judged if (one.selector, one.domain) not in places and not one.row.idle]
    others = tuple(dict.fromkeys(_shown(row.name.rstrip(".")) for row in rest))
    if any(finding.defect == "private-key" for finding in findings):  # nothing of such a sheet is quoted
        findings, unjudged, others = [finding for finding in findings if not finding.values], (), ()
    request, own_key = _request(rows, expected)
    findings = sorted(dict.fromkeys(findings), key=lambda finding: finding.line)
    return Report(sheet, tuple(findings), request, own_key, key, tuple(rows), unjudged, others)


def _meant(rows: Sequence[Asked], expected: Expected) -> list[Asked]:
    """Return the rows of the domain, and of those the ones of the selector, that is asked for, if there are any.

    Each once; where there are none, all of them.
    """
    found = [one for one in rows if expected.domain in ("", one.domain)] or rows
    found = [one for one in found if expected.selector.lower() in ("", one.selector)] or found
    # What is commented out beside a row that is not does no harm.
    found = [one for one in found if one.row.idle != "commented-out"] or found
    in_full = {(one.selector, one.mended.value) for one in found if one.domain}
    kept: dict[tuple[object, ...], Asked] = {}
    for place, one in enumerate(found):
        said = (one.selector, one.mended.value)
        # A message says its record twice, in words and as zone text; two rows of a CSV are two records.
        if one.row.form == "csv" or one.domain or said not in in_full:
            record = (*said, one.domain, place if one.row.form == "csv" else None)
            kept[record] = max(kept.get(record, one), one, key=lambda each: len(each.findings))
    return list(kept.values())


def _one_a_name(rows: Sequence[Asked], expected: Expected) -> list[Asked]:
    """Return the rows, each that is not the first at its name with that finding; pieces of one value are one row."""
    places: dict[tuple[str, str], list[Asked]] = {}
    for one in rows:
        places.setdefault((one.selector, one.domain), []).append(one)
    found: list[Asked] = []
    for first, *others in places.values():
        value = "".join(one.mended.value for one in (first, *others))
        whole = mend(replace(first.row, value=value, form="published")) if others else first.mended
        if others and whole.public_key and not any(one.mended.public_key for one in (first, *others)):
            split = Finding("split", (("count", 1 + len(others)),), others[0].row.line)
            first, others = _judge(first.row, expected, whole), []
            first = replace(first, findings=(*first.findings, split))
        found.append(first)
        for one in others:
            again = Finding("two-rows", (("name", _shown(one.row.name)),), one.row.line)
            found.append(replace(one, findings=(*one.findings, again)))
    return found


def _judge(row: Row, expected: Expected, mended: Mended | None = None) -> Asked:
    """Return what is wrong with a row, and what it should have been."""
    mended = mended or mend(row)
    selector, domain, wrong = _name(row, expected)
    shown = _shown(_marked(row.name).strip(_MARKS))
    told = expected if "name-form" in wrong else Expected(expected.selector or selector, expected.domain or domain)
    values = (("domain", told.domain or "<domain>"), ("name", shown), ("selector", told.selector or "<selector>"))
    idle = [Finding(row.idle, line=row.line)] * bool(row.idle)
    named = (Finding(defect, values, row.line) for defect in wrong)
    rest = (Finding(defect, held, row.line) for defect, held in _rest(row, mended, expected))
    return Asked(row, selector, domain, mended, (*idle, *named, *mended.findings, *rest))


def _marked(name: str) -> str:
    return "".join(name.translate(NARROW).translate(STRAIGHT).split()).lower()


def _name(row: Row, expected: Expected) -> tuple[str, str, list[str]]:
    """Return selector and domain of a row's name (RFC 6376 section 3.6.2.1), and what is wrong with it."""
    text, whole = row.name.translate(NARROW), _marked(row.name)
    name = whole.strip(_MARKS)
    wrong = ["name-full-width"] * (text != row.name) + ["name-quote"] * (name != whole)
    wrong += ["name-space"] * (text.translate(STRAIGHT).strip(f"{_MARKS} ").lower() != name)
    found = _NAME.match(name.rstrip("."))
    if not found or len(found[1]) > LONGEST_LABEL:
        return expected.selector.lower(), expected.domain, ["name-form" if name else "no-name"]
    selector, domain = found[1], found[3] or ""
    absolute = name.endswith(".")
    may_lack = (row.relative or row.form == "zone") and not absolute
    if may_lack and ("." not in domain or expected.domain.startswith(f"{domain}.")):
        domain, absolute = expected.domain, True  # the zone's file says the rest
    once = undoubled(domain)
    wrong += ["underscore-dropped"] * (not found[2]) + ["doubled-suffix"] * (once != domain)
    wrong += ["no-closing-dot"] * (row.form == "zone" and bool(domain) and once == domain and not absolute)
    wrong += ["other-selector"] * (expected.selector.lower() not in ("", selector))
    wrong += ["other-domain"] * (expected.domain not in ("", once or expected.domain))
    wrong += ["name-form"] * (not _sound(expected.selector or selector, expected.domain or once or "example.jp"))
    return selector, once or expected.domain, wrong


def _rest(row: Row, mended: Mended, expected: Expected) -> Iterator[tuple[str, Values]]:
    """Yield what is wrong with a row's type, TTL and key."""
    kind = row.kind.strip().upper()
    if kind not in ("", "TXT"):
        yield "wrong-type", (("kind", _shown(kind[:12])),)
    seconds = _seconds(row.ttl)
    ttl: Values = (("ttl", _shown(row.ttl[:20])), ("wanted", expected.ttl or DEFAULT_TTL))
    if row.ttl and (seconds is None or (row.form == "csv" and not _PLAIN.match(row.ttl))):
        yield "ttl-form", ttl
    elif row.ttl and expected.ttl not in (None, seconds):
        yield "ttl-other", ttl
    elif row.ttl and expected.ttl is None and seconds not in _TTLS:
        yield "ttl-range", ttl
    if mended.public_key and expected.public_key not in (None, mended.public_key):
        yield "other-key", (("found", mended.public_key.sha256), ("wanted", expected.public_key.sha256))


def _sound(selector: str, domain: str) -> bool:
    try:
        return bool(record_name(selector, domain))
    except ParameterError:
        return False


def _shown(name: str) -> str:
    return repr(name[:120])[1:-1]


def _seconds(ttl: str) -> int | None:
    try:
        return dns.ttl.from_text(_SECONDS.sub("", ttl.translate(NARROW).replace(",", "").strip()))
    except (dns.ttl.BadTTL, ValueError):
        return None


def _whole(sheet: Sheet, expected: Expected) -> Iterator[Finding]:
    if expected.rehearsal or REHEARSAL.lower() in sheet.text.lower():
        yield Finding("rehearsed")
    for row in sheet.rows:
        if row.idle == "deletes":
            yield Finding("deletes", (("name", _shown(row.name.rstrip("."))),), row.line)
    for name in dict.fromkeys(name for row in sheet.rows for name in row.twice):
        yield Finding("twice", (("name", _shown(name)),))
    if holds_private(sheet.text):
        lines = enumerate(sheet.text.split("\n"), 1)
        yield Finding("private-key", line=next((number for number, line in lines if holds_private(line)), 0))
    if not sheet.rows:
        yield Finding("no-row")


def _unseen(sheet: Sheet, rows: Sequence[Asked], expected: Expected) -> Iterator[Finding]:
    """Yield what zone text publishes beside its key records: what it includes, and what redirects their names."""
    for found in _DIRECTIVE.finditer(sheet.text):
        yield Finding("included", (("directive", found[1].upper()),), sheet.text.count("\n", 0, found.start(1)) + 1)
    places = {(one.selector, one.domain or expected.domain) for one in rows} | {(expected.selector, expected.domain)}
    for name, kind in zone.redirects(sheet.text):
        if any(_covers(name, kind, *place) for place in places):
            yield Finding("redirected", (("kind", kind), ("name", _shown(name))))


def _covers(owner: str, kind: str, selector: str, domain: str) -> bool:
    """Return whether a redirection takes a key record from its place; a CNAME leaves the names below it alone."""
    labels = domain.split(".")
    tails = {"", *(".".join(labels[start:]) for start in range(len(labels)))}  # of the zone's name, which may be unsaid
    name = f".{selector.lower()}._domainkey.{domain}".rstrip(".")
    above = any(name.endswith(f".{owner}.{tail}".rstrip(".")) for tail in tails)
    return bool(owner) and above and (kind != "CNAME" or "_domainkey" in owner)


def _beside(judged: Sequence[Asked], rows: Sequence[Asked], expected: Expected) -> Iterator[Finding]:
    """Yield the rows that revoke the key of another selector, or put this one in its place."""
    keys = {expected.public_key, *(one.mended.public_key for one in rows)} - {None}
    for one in judged:
        revoked = any(finding.defect == "revoked" for finding in one.mended.findings)
        other = one.selector not in {row.selector for row in rows} and expected.domain in ("", one.domain)
        if other and not one.row.idle and (revoked or one.mended.public_key in keys):
            yield Finding("changes", (("name", _shown(one.row.name)),), one.row.line)


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


def _request(rows: Sequence[Asked], expected: Expected) -> tuple[Request | None, bool]:
    """Return the record that the sheet should ask for, and whether its key is the sheet's own."""
    keys = {expected.public_key or one.mended.public_key for one in rows} or {expected.public_key}
    selectors = {expected.selector or one.selector for one in rows} or {expected.selector}
    domains = {expected.domain or one.domain for one in rows} or {expected.domain}
    if max(len(keys), len(selectors), len(domains)) > 1 or any(one.mended.two_keys for one in rows):
        return None, False
    key, selector, domain = keys.pop(), selectors.pop(), domains.pop()
    if key is None or not _sound(selector, domain):
        return None, False
    texts = {with_key(one.mended.value, key) for one in rows} or {""}
    if len(texts) > 1 or (rows and "" in texts):
        return None, False
    stated = [seconds for one in rows if (seconds := _seconds(one.row.ttl)) in _TTLS]
    ttl = expected.ttl or next(iter(stated), None) or DEFAULT_TTL
    return Request(domain, selector, key, ttl, texts.pop()), expected.public_key is None
