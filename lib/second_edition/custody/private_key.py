"""A private key in the custodian's hands: loaded, proved, put into SES's form. Imported by the custodian only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from second_edition.custody import windows
from second_edition.custody.windows import Windows
from second_edition.dkim.public_key import EXPONENT_BITS

BITS: Final = 2048


class KeyDefect(Exception):
    """The bytes are not a usable private key. ``code`` says why; nothing of the bytes is kept."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, repr=False)
class PrivateKey:
    """An RSA private key. Its ``repr`` shows the fingerprint only.

    ``public_key`` is the SubjectPublicKeyInfo in base64, ``sha256`` the SHA-256 of its DER in hex, ``ses_value`` what
    PutEmailIdentityDkimSigningAttributes takes: the base64 of the DER, no header and no line break.
    """

    form: str
    bits: int
    public_key: str
    sha256: str
    ses_value: str = field(repr=False)
    _key: rsa.RSAPrivateKey = field(repr=False, compare=False)
    windows: Windows = field(repr=False, compare=False)

    def __repr__(self) -> str:
        return f"PrivateKey({self.form}, {self.bits} bits, {self.sha256[:16]})"

    def __reduce__(self) -> str:
        raise TypeError("a private key does not leave the custodian")

    def sign(self, message: bytes) -> bytes:
        """Sign by RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2)."""
        return self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def make() -> tuple[PrivateKey, bytes]:
    """Make a new RSA private key of 2048 bits, the most that SES takes, and return it with its PEM (PKCS#8)."""
    made = rsa.generate_private_key(65537, BITS)
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    return load(pem), pem


def load(data: bytes) -> PrivateKey:
    """Return the private key in ``data``: PEM, or base64 DER without headers; PKCS#1 or PKCS#8.

    Raises:
        KeyDefect: ``empty``, ``encrypted``, ``unreadable``, ``not-rsa`` or ``wide-exponent``.
    """
    if not data.strip():
        raise KeyDefect("empty")
    key, pkcs1, container = _load_pem(data) if b"-----BEGIN" in data else _load_base64(data)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyDefect("not-rsa")
    _prove(key)
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    form = serialization.PrivateFormat.TraditionalOpenSSL if pkcs1 else serialization.PrivateFormat.PKCS8
    der = key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())
    return PrivateKey(
        form=f"{'PKCS#1' if pkcs1 else 'PKCS#8'} {container}",
        bits=key.key_size,
        public_key=base64.b64encode(public).decode(),
        sha256=hashlib.sha256(public).hexdigest(),
        ses_value=base64.b64encode(der).decode(),
        _key=key,
        windows=windows.of_key(key.private_numbers()),
    )


def _load_pem(data: bytes) -> tuple[object, bool, str]:
    if b"ENCRYPTED" in data:
        raise KeyDefect("encrypted")
    try:
        return serialization.load_pem_private_key(data, None), b"RSA PRIVATE KEY" in data, "PEM"
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyDefect("unreadable") from None


def _load_base64(data: bytes) -> tuple[object, bool, str]:
    try:
        der = base64.b64decode(b"".join(data.split()), validate=True)
        # After SEQUENCE and INTEGER 0, PKCS#1 goes on with the modulus (INTEGER), PKCS#8 with the algorithm (SEQUENCE).
        return serialization.load_der_private_key(der, None), der[4:8] == b"\x02\x01\x00\x02", "base64"
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyDefect("unreadable") from None


def _prove(key: rsa.RSAPrivateKey) -> None:
    """Check what loading leaves open, and that its public half verifies what it signs.

    Loading has had OpenSSL check that the numbers belong together (RFC 8017 section 3.2), the primality of p and q
    included (29 ms for 2048 bits).

    Raises:
        KeyDefect: ``unreadable``, or ``wide-exponent``: receivers written in Go reject its signatures.
    """
    numbers = key.private_numbers()
    if numbers.d >= numbers.public_numbers.n:
        raise KeyDefect("unreadable")
    if numbers.public_numbers.e.bit_length() > EXPONENT_BITS:
        raise KeyDefect("wide-exponent")
    challenge = os.urandom(32)
    try:
        signature = key.sign(challenge, padding.PKCS1v15(), hashes.SHA256())
        key.public_key().verify(signature, challenge, padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, InvalidSignature):
        raise KeyDefect("unreadable") from None
