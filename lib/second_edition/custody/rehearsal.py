"""A message that is never sent, signed with a key before mail depends on it. Imported by the custodian only.

Whoever asks chooses domain and selector and nothing else, so that the key signs no mail of theirs. Everything is in the
form that relaxed canonicalization gives, which therefore changes nothing; each header is signed once more than it
stands, so that none can be added.
Source: RFC 6376 sections 3.4.2, 3.4.4, 3.5, 3.7 and 5.4.2; RFC 8301 section 3.1 (rsa-sha256).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Final

SIGNED: Final = ("from", "to", "subject", "date")
SUBJECT: Final = "Rehearsal of a DKIM signature"
BODY: Final = "This message was never sent. It shows that a private key and its key records are one pair.\r\n"


def rehearse(domain: str, selector: str, at: datetime, sign: Callable[[bytes], bytes]) -> str:
    """Return the signed message, ASCII with CRLF.

    Args:
        domain: d=, and where the message pretends to come from.
        selector: s=.
        at: its date.
        sign: RSASSA-PKCS1-v1_5 with SHA-256 over the bytes given.
    """
    address = f"byodkim-rehearsal@{domain}"
    values = (address, address, SUBJECT, format_datetime(at))
    headers = "".join(f"{name}:{value}\r\n" for name, value in zip(SIGNED, values, strict=True))
    body_hash = base64.b64encode(hashlib.sha256(BODY.encode()).digest()).decode()
    names = ":".join(name for name in SIGNED for _ in range(2))
    unsigned = (
        f"dkim-signature:v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector}; h={names}; bh={body_hash}; b="
    )
    # A second instance that does not stand is signed as nothing; of the signature's own header, all but b='s value.
    signature = base64.b64encode(sign((headers + unsigned).encode("ascii"))).decode()
    return f"{unsigned}{signature}\r\n{headers}\r\n{BODY}"
