"""A private key in the custodian's hands: loaded, proved, and put into SES's form. Only the custodian imports this."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

#: Receivers written in Go reject longer exponents.
MOST_EXPONENT_BITS: Final = 31
#: PutEmailIdentityDkimSigningAttributes takes so many characters (SES API reference).
MOST_CHARACTERS: Final = 20480


class KeyDefect(Exception):
    """The bytes are no usable private key. ``code``: as ``KeyObject.defect``. Nothing of the bytes is kept."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PrivateKey:
    """An RSA private key. What may be shown of it: ``form``, ``bits``, ``public_key``, ``sha256``."""

    def __init__(self, key: rsa.RSAPrivateKey, form: str, der: bytes) -> None:
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.form = form
        self.bits = key.key_size
        self.public_key = base64.b64encode(public).decode()
        self.sha256 = hashlib.sha256(public).hexdigest()
        self._key = key
        self._der = der

    def __repr__(self) -> str:
        """Return the fingerprint."""
        return f"PrivateKey({self.sha256[:16]})"

    def __reduce__(self) -> str:
        """Refuse to be pickled."""
        raise TypeError("a private key does not leave the custodian")

    def for_ses(self) -> str:
        """Return the key as SES takes it: base64 of the DER, without header or line break."""
        return base64.b64encode(self._der).decode()

    def pem(self) -> bytes:
        """Return the key in PEM, as dkimpy takes it."""
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )


def load(data: bytes) -> PrivateKey:
    """Return the private key in an object: PEM, or base64 of DER without headers; PKCS#1 or PKCS#8.

    OpenSSL checks on loading that the numbers belong together (RFC 8017 section 3.2).

    Raises:
        KeyDefect: it is none, or one that SES or receivers cannot use.
    """
    if not data.strip():
        raise KeyDefect("empty")
    if b"ENCRYPTED" in data:
        raise KeyDefect("encrypted")
    is_pem = b"-----BEGIN" in data
    try:
        if is_pem:
            key = serialization.load_pem_private_key(data, None)
        else:
            der = base64.b64decode(b"".join(data.split()), validate=True)
            key = serialization.load_der_private_key(der, None)
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyDefect("unreadable") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyDefect("not-rsa")
    # After SEQUENCE and INTEGER 0, PKCS#1 goes on with the modulus (INTEGER), PKCS#8 with the algorithm (SEQUENCE).
    is_pkcs1 = b"BEGIN RSA" in data if is_pem else der[4:8] == b"\x02\x01\x00\x02"
    form = f"{'PKCS#1' if is_pkcs1 else 'PKCS#8'} {'PEM' if is_pem else 'base64'}"
    kind = serialization.PrivateFormat.TraditionalOpenSSL if is_pkcs1 else serialization.PrivateFormat.PKCS8
    made = PrivateKey(
        key, form, key.private_bytes(serialization.Encoding.DER, kind, serialization.NoEncryption())
    )
    _prove(key)
    if len(made.for_ses()) > MOST_CHARACTERS:
        raise KeyDefect("too-large")
    return made


def holds_private_key(text: str) -> bool:
    """Return whether a text is, or contains, a private key: a PEM header, or base64 that loads as one."""
    if "PRIVATE KEY-----" in text:
        return True
    try:
        load(text.encode())
    except KeyDefect as defect:
        return defect.code in ("encrypted", "wide-exponent", "too-large", "not-rsa")
    return True


def _prove(key: rsa.RSAPrivateKey) -> None:
    """Require that the public half verifies what the private half signs, and a usual exponent.

    Raises:
        KeyDefect: it does not.
    """
    numbers = key.private_numbers()
    if numbers.d >= numbers.public_numbers.n:
        raise KeyDefect("unreadable")
    if numbers.public_numbers.e.bit_length() > MOST_EXPONENT_BITS:
        raise KeyDefect("wide-exponent")
    challenge = os.urandom(32)
    try:
        signature = key.sign(challenge, padding.PKCS1v15(), hashes.SHA256())
        key.public_key().verify(signature, challenge, padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, InvalidSignature):
        raise KeyDefect("unreadable") from None
