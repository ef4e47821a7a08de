"""The text of a zone file (RFC 1035 section 5.1, RFC 3597 section 5), read by dnspython; Cloudflare's export is one."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final

import dns.exception
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.tokenizer
import dns.zonefile

from second_edition.dns.reading.rows import AUTOMATIC, Row, joined, undoubled

_DIRECTIVES: Final = ("$ORIGIN", "$TTL")  # neither $INCLUDE nor $GENERATE
_NOWHERE: Final = ".zone.invalid."
_UNSTATED: Final = 2**31 - 1
_REDIRECTS: Final = ("CNAME", "DNAME", "NS")
_OWNER = re.compile(
    r"[>\s]*(?:update\s+add\s+)?(?!(?:\d+[smhdw]?|IN|NS|[CD]NAME|TYPE\d+)\s)([\w.@\\*-]+)(?=\s)", re.IGNORECASE
)
_REDIRECT = re.compile(
    r"\s+(?:(?:\d+[smhdw]?|IN)\s+)*(CNAME|DNAME|NS|TYPE(?:2|5|39))\s+(?:[\w.\\-]+\s*(?:;.*)?\Z|\\#|\()", re.IGNORECASE
)
_CODES: Final = {"type2": "NS", "type5": "CNAME", "type39": "DNAME"}
_SOA = re.compile(r"\sSOA\s", re.IGNORECASE)
_ORIGIN = re.compile(r"\s*\$ORIGIN\s+(\S+)", re.IGNORECASE)
_IS_RECORD = re.compile(r"\s*[^\s;$]")
_CLOUDFLARE = re.compile(r"cf_tags=|^;; Domain:", re.MULTILINE)


def rows(text: str) -> list[Row]:
    """Return the TXT records under ``_domainkey``; none where any line of the text is not a zone file's."""
    if "domainkey" not in text.lower():
        return []
    text = textwrap.dedent(text)
    unstated = (str(_UNSTATED), AUTOMATIC) if _CLOUDFLARE.search(text) else (str(_UNSTATED),)
    made, lines, ended = list[Row](), text.split("\n"), 0
    for name, ttl, record, end in _records(text):
        line, ended = _begins(lines, ended), end
        if record.rdtype != dns.rdatatype.TXT:
            continue
        owner, strings = _written(str(name), text), record.strings
        if "domainkey" not in owner.lower():
            continue
        begun = any(row.name == owner for row in made)  # the rest of the value, as a record of its own
        if not begun and b"p=" not in b"".join(strings).replace(b" ", b""):
            return []  # cut at a semicolon that no quotes protect, which is told of the text itself
        made.append(Row(line, owner, "TXT", joined(strings), "" if str(ttl) in unstated else str(ttl), "zone"))
    return made


def _begins(lines: list[str], ended: int) -> int:
    """Return the line on which a record begins, from 1: the first after ``ended`` that is no comment or directive."""
    return next((place + 1 for place in range(ended, len(lines)) if _IS_RECORD.match(lines[place])), ended + 1)


def redirects(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and type of each CNAME, DNAME and NS, but for the NS of the zone itself, which its SOA comes before.

    Where no reader of zone files takes the text, each line is read by itself.
    """
    text = textwrap.dedent(text)
    records = _records(text)
    apex = [name for name, _, record, _ in records[:1] if record.rdtype == dns.rdatatype.SOA]
    for name, _, record, _ in records:
        kind = dns.rdatatype.to_text(record.rdtype)
        if kind in _REDIRECTS and not (kind == "NS" and name in apex):
            yield _written(str(name), text).rstrip(".").lower(), kind
    if not records:
        yield from _line_by_line(text)


def _line_by_line(text: str) -> Iterator[tuple[str, str]]:
    origin = name = apex = ""
    for line in text.lower().split("\n"):
        owner = _OWNER.match(line)
        if found := _ORIGIN.match(line):
            origin = "." + found[1]
        elif owner:
            name = (owner[1] if owner[1].endswith(".") else owner[1].removeprefix("@") + origin).strip(".")
        if _SOA.search(line) and "domainkey" not in name:
            apex = name
        if found := _REDIRECT.match(line, owner.end() if owner else 0):
            kind = _CODES.get(found[1], found[1].upper())
            if (name, kind) != (apex, "NS"):
                yield name, kind


def _records(text: str) -> list[tuple[Any, int, Any, int]]:
    return _read(text, None) or _read(text, _UNSTATED)


def _read(text: str, default_ttl: int | None) -> list[tuple[Any, int, Any, int]]:
    found, tokens = list[tuple[Any, int, Any, int]](), dns.tokenizer.Tokenizer(text)
    collecting: Any = SimpleNamespace(
        manager=SimpleNamespace(origin_information=lambda: (dns.name.root, False, dns.name.root)),
        check_put_rdataset=lambda _: None,
        add=lambda *record: found.append((*record, tokens.where()[1] - 1)),
        _set_origin=lambda _: None,
    )
    reader = dns.zonefile.Reader(
        tokens, dns.rdataclass.IN, collecting, allow_directives=_DIRECTIVES, default_ttl=default_ttl
    )
    reader.current_origin = reader.last_name = dns.name.from_text(_NOWHERE[1:])
    try:
        reader.read()
    except (dns.exception.DNSException, ValueError, IndexError):
        return []
    return found


def _written(name: str, text: str) -> str:
    """Return the owner as it is meant: relative without an origin, and without one that a missing dot appended."""
    if name.endswith(_NOWHERE):
        return name.removesuffix(_NOWHERE)
    bare = name.rstrip(".")
    once = undoubled(bare)
    return once if once != bare and bare not in text else name
