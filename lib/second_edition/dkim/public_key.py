"""The public half of a key pair, as it stands in a key record: an RSA SubjectPublicKeyInfo, read strictly.

The DER (ITU-T X.690) is read here rather than by a library, since a person needs to know *how* a key is broken: a
library says "could not deserialize", this says "132 bytes, where its header states 294".
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Final

from second_edition.dkim.defect import KeyRecordInvalid

_SEQUENCE, _INTEGER, _BIT_STRING = 0x30, 0x02, 0x03
# AlgorithmIdentifiers: rsaEncryption with NULL (RFC 3279 section 2.3.1), id-Ed25519 (RFC 8410 section 3)
_RSA = bytes.fromhex("300d06092a864886f70d0101010500")
_ED25519 = bytes.fromhex("300506032b6570")
_PRIVATE_KEY_VERSION = b"\x02\x01\x00"  # opens PKCS#1 and PKCS#8 private keys, and nothing public
EXPONENT_BITS: Final = 31
"""The widest public exponent that every verifier takes: Go's crypto/rsa rejects more, OpenSSL more than 64 bits."""


@dataclass(frozen=True)
class PublicKey:
    """An RSA public key.

    Attributes:
        der: SubjectPublicKeyInfo (RFC 5280 section 4.1), as the ``p=`` tag holds it in base64.
        bits: length of the modulus in bits.
        key_type: the ``k=`` tag that goes with it; always ``rsa``, which is all that SES signs with.
    """

    der: bytes = field(repr=False)
    bits: int
    key_type: str = "rsa"

    @classmethod
    def from_der(cls, der: bytes) -> PublicKey:
        """Read a DER SubjectPublicKeyInfo.

        Raises:
            KeyRecordInvalid: it is cut short, has bytes to spare, is a private key, is not RSA or is not DER.
        """
        return cls(der=bytes(der), bits=_modulus(bytes(der)).bit_length())

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the SubjectPublicKeyInfo, 64 hexadecimal digits: the key's name in every table."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def base64(self) -> str:
        """Return what stands after ``p=``: base64 in one piece, with its padding (RFC 4648 section 4)."""
        return base64.b64encode(self.der).decode("ascii")


def _element(data: bytes, kind: int) -> tuple[bytes, bytes]:
    """Return the content of the DER element that ``data`` opens with, and the rest (X.690 sections 8.1 and 10.1)."""
    if len(data) < 2 or data[0] != kind:
        raise KeyRecordInvalid("not-der")
    size, start = data[1], 2
    if size >= 0x80:
        width = size & 0x7F
        if not 1 <= width <= 3 or len(data) < 2 + width:
            raise KeyRecordInvalid("not-der")
        size, start = int.from_bytes(data[2 : 2 + width]), 2 + width
        if size < (0x80 if width == 1 else 1 << 8 * (width - 1)):
            raise KeyRecordInvalid("not-der")  # a longer length than needed: BER, not DER
    if start + size > len(data):
        raise KeyRecordInvalid("not-der")
    return data[start : start + size], data[start + size :]


def _integer(data: bytes) -> tuple[int, bytes]:
    """Return the positive INTEGER that ``data`` opens with, in its shortest form, and the bytes after it."""
    content, rest = _element(data, _INTEGER)
    shortest = len(content) == 1 or (content[:1] == b"\0" and content[1:2] >= b"\x80") or content[:1] > b"\0"
    if not content or content[0] >= 0x80 or not shortest:
        raise KeyRecordInvalid("not-der")
    return int.from_bytes(content), rest


def check_length(der: bytes, spare: int = 0) -> None:
    """Compare the length that the outermost header states with the length there is, both in bytes.

    Args:
        der: what should be a SEQUENCE.
        spare: how many bytes may lack unremarked.

    Raises:
        KeyRecordInvalid: it is no SEQUENCE, is cut short, or has bytes after its end.
    """
    if len(der) < 2 or der[0] != _SEQUENCE:
        raise KeyRecordInvalid("not-der")
    width = der[1] & 0x7F if der[1] >= 0x80 else 0
    if width > 3:
        raise KeyRecordInvalid("not-der")
    stated = 2 + width + (int.from_bytes(der[2 : 2 + width]) if width else der[1])
    if len(der) < 2 + width or stated > len(der) + spare:
        raise KeyRecordInvalid("truncated-der", real=len(der), stated=stated)
    if stated < len(der):
        raise KeyRecordInvalid("trailing-bytes", real=len(der), stated=stated)


def _refuse_other_keys(body: bytes) -> None:
    """Name the things that people paste in place of a SubjectPublicKeyInfo."""
    if body[:1] == bytes([_INTEGER]):
        raise KeyRecordInvalid("pkcs1-public-key")
    if body.startswith(_ED25519):
        raise KeyRecordInvalid("ed25519")
    if body[:1] == bytes([_SEQUENCE]) and not body.startswith(_RSA):
        raise KeyRecordInvalid("not-rsa")


def _modulus(der: bytes) -> int:
    """Return the modulus of an RSA SubjectPublicKeyInfo."""
    header = 2 + (der[1] & 0x7F if len(der) > 1 and der[1] >= 0x80 else 0)
    if der[:1] == bytes([_SEQUENCE]) and der[header:].startswith(_PRIVATE_KEY_VERSION):
        raise KeyRecordInvalid("private-key")  # said first, even of one that was cut short
    check_length(der)
    body, _ = _element(der, _SEQUENCE)
    _refuse_other_keys(body)
    bit_string, after = _element(body.removeprefix(_RSA), _BIT_STRING)
    if after or bit_string[:1] != b"\0":
        raise KeyRecordInvalid("not-der")
    numbers, after = _element(bit_string[1:], _SEQUENCE)
    modulus, exponent_bytes = _integer(numbers)
    exponent, spare = _integer(exponent_bytes)
    if after or spare:
        raise KeyRecordInvalid("not-der")
    if modulus % 2 == 0 or exponent % 2 == 0 or exponent < 3:
        raise KeyRecordInvalid("not-rsa-numbers")
    if exponent.bit_length() > EXPONENT_BITS:
        raise KeyRecordInvalid("wide-exponent", bits=exponent.bit_length(), most=EXPONENT_BITS)
    return modulus
