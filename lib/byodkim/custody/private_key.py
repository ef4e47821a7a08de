"""A private key in the custodian's hands: loaded, proved, and put into SES's form."""

import base64
import binascii
import hashlib
import os
import re
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

#: Receivers written in Go reject longer exponents.
MOST_EXPONENT_BITS: Final = 31
#: PutEmailIdentityDkimSigningAttributes takes so many characters (SES API reference).
MOST_CHARACTERS: Final = 20480
#: Bytes of an object that may be such a key. PEM of a key that SES takes has 1,704.
MOST_BYTES: Final = 64 * 1024

#: How a DER sequence of more than 255 bytes begins in base64, as every RSA private key does.
_SEQUENCE: Final = re.compile(r"(?=(MI[A-Za-z0-9+/]{100,}))")
_PEM_IN_BASE64: Final = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{40}")
_URL_SAFE: Final = str.maketrans("-_", "+/")


class KeyDefect(Exception):
    """The bytes are no usable private key. ``code``: as ``KeyObject.defect``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PrivateKey:
    """An RSA private key. Its public attributes may be shown."""

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

    def pkcs8(self) -> bytes:
        """Return the key in PEM (PKCS#8), as a new key is stored."""
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def numbers(self) -> rsa.RSAPrivateNumbers:
        """Return the key's numbers, for the leak guard."""
        return self._key.private_numbers()


def load(data: bytes) -> PrivateKey:
    """Return the private key in an object: PEM, or base64 of DER without headers; PKCS#1 or PKCS#8.

    ``_prove`` stands in the place of OpenSSL's check, which tests the primes for 30 ms: primes that
    are none give no signature that verifies.

    Raises:
        KeyDefect: it is none, or one that SES or receivers cannot use.
    """
    if not data.strip():
        raise KeyDefect("empty")
    if len(data) > MOST_BYTES:
        raise KeyDefect("too-large")
    is_pem = b"-----BEGIN" in data
    try:
        if is_pem:
            key = serialization.load_pem_private_key(
                data, None, unsafe_skip_rsa_key_validation=True
            )
        else:
            der = base64.b64decode(b"".join(data.split()), validate=True)
            key = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    except TypeError:  # how cryptography asks for a passphrase
        raise KeyDefect("encrypted") from None
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        raise KeyDefect("unreadable") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyDefect("not-rsa")
    _prove(key)
    # After SEQUENCE and INTEGER 0, PKCS#1 goes on with an INTEGER, PKCS#8 with a SEQUENCE.
    is_pkcs1 = b"BEGIN RSA" in data if is_pem else der[4:8] == b"\x02\x01\x00\x02"
    form = f"{'PKCS#1' if is_pkcs1 else 'PKCS#8'} {'PEM' if is_pem else 'base64'}"
    private = serialization.PrivateFormat
    proved = PrivateKey(
        key,
        form,
        key.private_bytes(
            serialization.Encoding.DER,
            private.TraditionalOpenSSL if is_pkcs1 else private.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    if len(proved.for_ses()) > MOST_CHARACTERS:
        raise KeyDefect("too-large")
    return proved


def make() -> PrivateKey:
    """Return a new RSA key of 2048 bits, proved like one that was read."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = serialization.PrivateFormat.PKCS8
    return load(
        key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
    )


def holds_private_key(text: str) -> bool:
    """Return whether a private key stands in a text: PEM, PEM in base64, or DER in base64."""
    if "PRIVATE KEY-----" in text:
        return True
    joined = "".join(text.split()).translate(_URL_SAFE)
    if any(b"PRIVATE" in _decoded(match[0]) for match in _PEM_IN_BASE64.finditer(joined)):
        return True
    return any(_is_private(_decoded(match[1])) for match in _SEQUENCE.finditer(joined))


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "A" * (-len(text) % 4))


def _is_private(data: bytes) -> bool:
    """Return whether a DER sequence is a private key, whatever follows it."""
    end = 4 + int.from_bytes(data[2:4])
    try:
        serialization.load_der_private_key(data[:end], None)
    except TypeError:
        return True  # an encrypted one
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def _prove(key: rsa.RSAPrivateKey) -> None:
    """Require numbers that belong together (RFC 8017 section 3.2), a usual exponent, and that the
    public half verifies what the private half signs.

    Raises:
        KeyDefect: it does not.
    """
    numbers = key.private_numbers()
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    p, q, d = numbers.p, numbers.q, numbers.d
    belong_together = (
        min(p, q) > 2
        and p * q == n
        and d < n
        and all(d * e % (prime - 1) == 1 for prime in (p, q))
        and (numbers.dmp1, numbers.dmq1) == (d % (p - 1), d % (q - 1))
        and numbers.iqmp * q % p == 1
    )
    if not belong_together:
        raise KeyDefect("unreadable")
    if e.bit_length() > MOST_EXPONENT_BITS:
        raise KeyDefect("wide-exponent")
    challenge = os.urandom(32)
    try:
        signature = key.sign(challenge, padding.PKCS1v15(), hashes.SHA256())
        key.public_key().verify(signature, challenge, padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, InvalidSignature):
        raise KeyDefect("unreadable") from None
