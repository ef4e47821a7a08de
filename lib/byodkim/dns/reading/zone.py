"""The text of a zone file (RFC 1035 section 5.1, RFC 3597 section 5), read by dnspython; Cloudflare's export is one."""

from __future__ import annotations

import re
import textwrap
from types import SimpleNamespace
from typing import Any, Final

import dns.exception
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.tokenizer
import dns.zonefile

from byodkim.dns.reading.rows import AUTOMATIC, Row, joined, undoubled

_DIRECTIVES: Final = ("$ORIGIN", "$TTL")  # neither $INCLUDE nor $GENERATE
_NOWHERE: Final = ".zone.invalid."
_UNSTATED: Final = 2**31 - 1
_CLOUDFLARE = re.compile(r"cf_tags=|^;; Domain:", re.MULTILINE)


def rows(text: str) -> list[Row]:
    """Return the TXT records under ``_domainkey``; none where any line of the text is not a zone file's."""
    if "domainkey" not in text.lower():
        return []
    text = textwrap.dedent(text)
    unstated = (str(_UNSTATED), AUTOMATIC) if _CLOUDFLARE.search(text) else (str(_UNSTATED),)
    made, line, place = [], 1, 0
    for name, ttl, record in _read(text, None) or _read(text, _UNSTATED):
        owner, strings = _written(str(name), text), record.strings
        if "domainkey" not in owner.lower():
            continue
        if b"p=" not in b"".join(strings).replace(b" ", b""):
            return []  # cut at a semicolon that no quotes protect, which is told of the text itself
        if (stands := text.find(owner.split(".")[0], place)) >= 0:
            line, place = line + text.count("\n", place, stands), stands
        made.append(Row(line, owner, "TXT", joined(strings), "" if str(ttl) in unstated else str(ttl), "zone"))
    return made


def _read(text: str, default_ttl: int | None) -> list[tuple[Any, int, Any]]:
    found: list[tuple[Any, int, Any]] = []
    collecting: Any = SimpleNamespace(
        manager=SimpleNamespace(origin_information=lambda: (dns.name.root, False, dns.name.root)),
        check_put_rdataset=lambda _: None,
        add=lambda *record: found.append(record),
        _set_origin=lambda _: None,
    )
    tokens = dns.tokenizer.Tokenizer(text)
    reader = dns.zonefile.Reader(
        tokens, dns.rdataclass.IN, collecting, allow_directives=_DIRECTIVES, default_ttl=default_ttl
    )
    reader.current_origin = reader.last_name = dns.name.from_text(_NOWHERE[1:])
    try:
        reader.read()
    except (dns.exception.DNSException, ValueError, IndexError):
        return []
    return [one for one in found if one[2].rdtype == dns.rdatatype.TXT]


def _written(name: str, text: str) -> str:
    """Return the owner as it is meant: relative without an origin, and without one that a missing dot appended."""
    if name.endswith(_NOWHERE):
        return name.removesuffix(_NOWHERE)
    bare = name.rstrip(".")
    once = undoubled(bare)
    return once if once != bare and bare not in text else name
