"""Tell whether a text that is meant to be public may hold a private key."""

from __future__ import annotations

import base64
import re
from typing import Final

_BEGINS: Final = re.compile("M(?=[A-P])|LS0t")  # DER of a sequence, and the dashes of PEM, in base64
_HEAD: Final = re.compile("[A-Za-z0-9+/]{24}")


def looks_private(text: str) -> bool:
    """Return whether ``text``, meant to be public, holds what may be a private key: such a value goes no further.

    DER of a private key (PKCS#1 and PKCS#8) starts with a version number, that of a public key does not.
    """
    if "PRIVATE KEY" in text:
        return True
    bare = "".join(text.split())
    heads = (_HEAD.match(bare, found.start()) for found in _BEGINS.finditer(bare))
    return any(head and _starts_private(head[0]) for head in heads)


def _starts_private(text: str) -> bool:
    head = base64.b64decode(text)
    if head.startswith(b"-----BEGIN"):
        return b"PUB" not in head
    body = head[4:] if head[1] == 0x82 else head[3:] if head[1] == 0x81 else head[2:]
    return head[0] == 0x30 and body.startswith((b"\x02\x01\x00", b"\x02\x01\x01"))
