"""Domain names in one spelling."""

from __future__ import annotations

import contextlib
import re
from typing import Final

import idna

from byodkim.errors import InputError
from byodkim.words import _

DOMAIN: Final = re.compile(r"([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
#: A name has 255 octets (RFC 1035 section 3.1); ``selector._domainkey.`` takes up to 75 of them.
LONGEST_DOMAIN: Final = 178


def in_ascii(domain: str) -> str:
    """Return a domain in A-labels, without a final dot.

    Raises:
        InputError: it is no domain, or IDNA 2003 and IDNA 2008 spell it differently (RFC 5894
            section 7.2): then it could be another one than is meant.
    """
    plain = domain.rstrip(".").lower()
    if not plain and domain == "":
        return ""
    with contextlib.suppress(UnicodeError):
        spelled = plain.encode("idna").decode()
        is_one = idna.encode(plain).decode() == spelled
        if is_one and len(spelled) <= LONGEST_DOMAIN and DOMAIN.fullmatch(spelled):
            return spelled
    raise InputError(
        _("The domain {domain} is no domain name, or can be spelled in two ways.",
          domain=domain[:80]),
        todo=_("Write it in ASCII, e.g. xn--wgv71a119e.jp. Nothing was read or written."),
    )  # fmt: skip
