"""Private keys in the forms in which key stores hold them, made anew for each test run."""

from __future__ import annotations

import base64
import functools
import json
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from second_edition.custody.client import Custodian
from tests.second_edition.dkim import keys

PKCS1, PKCS8 = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8


def pem(form: PrivateFormat, bits: int = 2048) -> bytes:
    return keys.private_key(bits).private_bytes(Encoding.PEM, form, NoEncryption())


def bare(form: PrivateFormat, bits: int = 2048) -> bytes:
    return base64.b64encode(keys.private_key(bits).private_bytes(Encoding.DER, form, NoEncryption()))


def wrapped(text: bytes, width: int = 64, end: str = "\n") -> bytes:
    return (end.join(textwrap.wrap(text.decode(), width)) + end).encode()


def encrypted(form: PrivateFormat) -> bytes:
    return keys.private_key(2048).private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"passphrase"))


@functools.cache
def ec_pem(form: PrivateFormat) -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, form, NoEncryption())


@functools.cache
def ed25519_pem() -> bytes:
    return ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PKCS8, NoEncryption())


# What is taken, with the form as it is told.
SOUND: dict[str, tuple[str, Callable[[], bytes]]] = {
    "pkcs1-pem": ("PKCS#1 PEM", lambda: pem(PKCS1)),
    "pkcs8-pem": ("PKCS#8 PEM", lambda: pem(PKCS8)),
    "pkcs1-base64": ("PKCS#1 base64", lambda: bare(PKCS1)),
    "pkcs8-base64": ("PKCS#8 base64", lambda: bare(PKCS8)),
    "pkcs1-base64-wrapped": ("PKCS#1 base64", lambda: wrapped(bare(PKCS1), 76)),
    "pkcs8-base64-wrapped-crlf": ("PKCS#8 base64", lambda: wrapped(bare(PKCS8), 64, "\r\n")),
    "pkcs8-pem-crlf": ("PKCS#8 PEM", lambda: pem(PKCS8).replace(b"\n", b"\r\n")),
    "pkcs1-base64-1024": ("PKCS#1 base64", lambda: bare(PKCS1, 1024)),
}
# What is refused, with the defect.
DEFECTIVE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty": ("empty", lambda: b""),
    "white-space": ("empty", lambda: b" \r\n"),
    "encrypted-pkcs8": ("encrypted", lambda: encrypted(PKCS8)),
    "encrypted-pkcs1": ("encrypted", lambda: encrypted(PKCS1)),
    "truncated-pem": ("unreadable", lambda: pem(PKCS8)[:900]),
    "truncated-inside": ("unreadable", lambda: pem(PKCS1).replace(pem(PKCS1).splitlines()[5] + b"\n", b"")),
    "truncated-base64": ("unreadable", lambda: bare(PKCS8)[:-40]),
    "base64-and-another-sign": ("unreadable", lambda: bare(PKCS8)[:100] + b"!" + bare(PKCS8)[100:]),
    "base64-of-pem": ("unreadable", lambda: base64.b64encode(pem(PKCS8))),
    "public-key": ("unreadable", lambda: keys.b64(keys.spki())),
    "public-pem": (
        "unreadable",
        lambda: keys.private_key(2048).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    ),
    "html": ("unreadable", lambda: b"<html>sign in</html>"),
    "not-text": ("unreadable", lambda: bytes(range(256))),
    "ec": ("not-rsa", lambda: ec_pem(PKCS8)),
    "ec-sec1": ("not-rsa", lambda: ec_pem(PKCS1)),
    "ed25519": ("not-rsa", ed25519_pem),
}


def settings(endpoint_url: str) -> dict[str, Any]:
    """Return what ``open`` takes."""
    return {
        "region": "ap-northeast-1",
        "endpoint_url": endpoint_url,
        "sandbox": True,
        "requests_per_second": 0,
        "writes": True,
    }


def line(number: int, op: str, **arguments: Any) -> bytes:
    """A request of the protocol."""
    return json.dumps({"id": number, "op": op, "arguments": arguments}).encode() + b"\n"


@contextmanager
def opened(endpoint_url: str, *, read_only: bool = False, **more: Any) -> Iterator[Custodian]:
    """A custodian of the test's own, opened with ``settings``, for as long as the block lasts."""
    custodian = Custodian(read_only=read_only)
    try:
        custodian.ask("open", settings=settings(endpoint_url) | more).result()
        yield custodian
    finally:
        custodian.close()
