"""RSA key pairs of the sandbox: made at start, read as SES reads them, never shown."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)


@dataclass(frozen=True)
class KeyPair:
    """An RSA key pair; its ``repr`` shows neither half."""

    private_key: rsa.RSAPrivateKey = field(repr=False)

    @property
    def public_der(self) -> bytes:
        """Return the SubjectPublicKeyInfo in DER."""
        return self.private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def dns_value(self) -> str:
        """Return the value of the key record that belongs to it (RFC 6376 section 3.6.1)."""
        return f"v=DKIM1; k=rsa; p={base64.b64encode(self.public_der).decode()}"

    def pkcs8_pem(self) -> bytes:
        """Return the private key as a generator stores it: PKCS#8 in PEM."""
        return self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def pkcs1_pem(self) -> bytes:
        """Return the private key as dkimpy wants it: PKCS#1 in PEM."""
        return self.private_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def make_key_pair(bits: int = 2048) -> KeyPair:
    """Make a fresh key pair of ``bits`` bits."""
    return KeyPair(rsa.generate_private_key(65537, bits))


def read_pem(data: bytes) -> KeyPair | None:
    """Return the key pair of a private key in PEM, or None for what is none of RSA."""
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return KeyPair(key) if isinstance(key, rsa.RSAPrivateKey) else None


def read_ses_key(text: str) -> KeyPair | None:
    """Return the key pair in a ``DomainSigningPrivateKey``, or None for what SES can never sign with.

    SES takes RSA of 1024 to 2048 bits, PKCS#1 or PKCS#8, as bare base64 of DER
    (https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-bring-your-own.html).
    """
    try:
        # Whether its primes are prime takes longer than all else that the sandbox does for a PUT, and SES does not say.
        data = base64.b64decode(text, validate=True)
        key = load_der_private_key(data, password=None, unsafe_skip_rsa_key_validation=True)
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, rsa.RSAPrivateKey) or not 1024 <= key.key_size <= 2048:
        return None
    return KeyPair(key)
