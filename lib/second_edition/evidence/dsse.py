"""DSSE envelopes: JSON that carries a payload and an Ed25519 signature over its type and its bytes.

Source: secure-systems-lab/dsse, protocol.md (PAE, the pre-authentication encoding) and envelope.md, version 1.0.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

PAYLOAD: Final = "application/vnd.in-toto+json"  #: the payload type of what this program signs
STATEMENT: Final = "https://in-toto.io/Statement/v1"


class Signature(Struct, frozen=True):
    """A signature over a message, and the public key (DER SubjectPublicKeyInfo) that it is said to verify with."""

    signature: bytes
    public_key: bytes


class EnvelopeDefect(Exception):
    """An envelope does not count. ``code``: ``malformed``, ``unknown-key`` or ``forged``."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return what is signed: type and payload, each with its length, so that neither can be taken for the other."""
    name = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


def statement(kind: str, name: str, sha256: str, predicate: Mapping[str, Any]) -> dict[str, Any]:
    """Return the in-toto Statement of a kind about something of that name and digest (hex)."""
    subject = {"name": name, "digest": {"sha256": sha256}}
    return {"_type": STATEMENT, "subject": [subject], "predicateType": kind, "predicate": predicate}


def key_id(public_key: bytes) -> str:
    """Return the name of a public key (32 raw bytes) in an envelope: its SHA-256 in hex. A hint, never evidence."""
    return hashlib.sha256(public_key).hexdigest()


def seal(payload_type: str, payload: bytes, key: Ed25519PrivateKey) -> dict[str, Any]:
    """Return an envelope around ``payload`` with one signature."""
    signature = base64.b64encode(key.sign(pae(payload_type, payload))).decode()
    return {
        "payloadType": payload_type,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key_id(key.public_key().public_bytes_raw()), "sig": signature}],
    }


def open_envelope(envelope: Mapping[str, Any], payload_type: str, keys: Iterable[bytes]) -> tuple[bytes, bytes]:
    """Return the payload, and the one of ``keys`` (32 raw bytes each) that signed it.

    Raises:
        EnvelopeDefect: it is no envelope of that type with exactly one signature, or none of the keys signed it.
    """
    known = list(keys)
    try:
        payload = base64.b64decode(envelope["payload"], validate=True)
        (signed,) = envelope["signatures"]
        signature, hint = base64.b64decode(signed["sig"], validate=True), str(signed.get("keyid"))
        named = str(envelope["payloadType"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise EnvelopeDefect("malformed") from None
    if named != payload_type:
        raise EnvelopeDefect("malformed")
    for key in known:
        if _verifies(key, signature, pae(payload_type, payload)):
            return payload, key
    raise EnvelopeDefect("forged" if hint in map(key_id, known) else "unknown-key")


def _verifies(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
