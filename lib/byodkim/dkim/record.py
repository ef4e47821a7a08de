"""Parse and format DKIM key records, the TXT records at ``<selector>._domainkey.<domain>``.

The parser is as strict as the strictest of dkimpy, OpenDKIM and Mail::DKIM. A record that one of
them rejects would fail at some receivers, so it is refused here.
"""

import base64
import hashlib
import logging
import re
from typing import Any, Final, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from msgspec import Struct

from byodkim.errors import ByodkimError
from byodkim.words import Sentence, _

#: ``unreadable``: dkimpy cannot read the message.
Verified = Literal["verified", "rejected", "unreadable"]
BadKind = Literal["placeholder", "revoked", "defective"]

#: Bits of an RSA key: RFC 8301 section 3.2 and SES (BYODKIM) take no fewer, SES no more.
BITS: Final = range(1024, 2049)
#: Bits of the public exponent: Go's crypto/rsa rejects more.
EXPONENT_BITS: Final = 31
#: Bytes of a character-string (RFC 1035 section 3.3).
STRING: Final = 255
#: Bytes of a whole record: OpenDKIM cuts off what is longer.
LONGEST: Final = 1024

_PLACEHOLDER: Final = "customerProvidedPublicKey"  # what the SES console's CSV holds for a key
_TAG_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NO_BASE64: Final = re.compile(r"[^A-Za-z0-9+/]")
_ESCAPED_BYTE: Final = re.compile(r"\\x[0-9a-f]{2}")
_REPUBLISH: Final = _("Publish the value from the DNS request unchanged, as one TXT record.")
_NEW_KEY: Final = _("Make a new key pair (RSA, 2048 bits, exponent 65537) under a new selector.")


class KeyRecord(Struct, frozen=True):
    """A key record that every receiver accepts.

    Attributes:
        public_key: SubjectPublicKeyInfo, DER in base64, as ``p=`` holds it.
        sha256: SHA-256 of that DER, hexadecimal.
        bits: of the modulus.
        flags: of ``t=``: ``y`` (testing), ``s`` (no subdomain in ``i=``), or any other.
    """

    public_key: str
    sha256: str
    bits: int
    flags: tuple[str, ...] = ()


class BadKeyRecord(ByodkimError):
    """A text that is no usable key record.

    Attributes:
        reason: the first thing that is wrong.
        kind: ``placeholder``, ``revoked``, or ``defective`` for everything else.
        todo: what the DNS team should do.
    """

    def __init__(
        self, reason: Sentence, todo: Sentence = _REPUBLISH, kind: BadKind = "defective"
    ) -> None:
        super().__init__(reason, todo=todo)
        self.reason = reason
        self.kind: BadKind = kind


def parse_key_record(text: str) -> KeyRecord:
    r"""Return the key record that a TXT record's text holds (RFC 6376 sections 3.2 and 3.6.1).

    Args:
        text: the character-strings, joined. A byte outside ASCII may be spelled ``\xNN``.

    Raises:
        BadKeyRecord: with the first thing that is wrong.
    """
    _check_characters(text)
    tags = _read_tags(text)
    _check_use(tags)
    der = _decode(tags)
    if len(text) > LONGEST:
        raise BadKeyRecord(
            _("The record is longer than {count} bytes. Some receivers cut it.", count=LONGEST)
        )
    key = _load(der)
    flags = tuple(filter(None, map(str.strip, tags.get("t", "").split(":"))))
    return KeyRecord(tags["p"], hashlib.sha256(der).hexdigest(), key.key_size, flags)


def format_key_record(public_key: str) -> str:
    """Return the record's text for a SubjectPublicKeyInfo in base64."""
    return f"v=DKIM1; k=rsa; p={public_key}"


def character_strings(value: str) -> list[str]:
    """Return an ASCII value in pieces of at most 255 bytes (RFC 6376 section 3.6.2.2)."""
    return [value[start : start + STRING] for start in range(0, len(value), STRING)] or [""]


def sha256_of(text: str) -> str:
    """Return the fingerprint of the key in a record's text; "" where that is no key record."""
    try:
        return parse_key_record(text).sha256
    except BadKeyRecord:
        return ""


def verify(raw: bytes, record: str, place: int = 0) -> Verified:
    """Return what dkimpy makes of a message's signature with a key record, and no other.

    ``place``: of the signature among several, from the top.
    """
    import dkim  # only where it is used: it takes as long to load as all else here

    def give_record(name: bytes, timeout: int = 5) -> bytes:  # noqa: ARG001 - dkimpy's names
        return record.encode("ascii", "replace")

    try:
        verifier: Any = dkim.DKIM(raw, logger=logging.Logger("dkimpy", logging.CRITICAL + 1))
        return "verified" if verifier.verify(place, dnsfunc=give_record) else "rejected"
    except dkim.ValidationError:
        return "rejected"
    except Exception:  # noqa: BLE001 - foreign bytes may make dkimpy stumble in any way
        return "unreadable"


def _check_characters(text: str) -> None:
    if not text:
        raise BadKeyRecord(_("The record is empty."))
    if not text.isascii() or _ESCAPED_BYTE.search(text):
        raise BadKeyRecord(
            _("The record contains non-ASCII characters, for example typographic quotation marks.")
        )
    if "\\" in text:
        raise BadKeyRecord(_("The record contains backslashes, for example before its semicolons."))
    if '"' in text:
        raise BadKeyRecord(_("Quotation marks are part of the published value."))
    if not text.replace("\t", " ").isprintable():
        raise BadKeyRecord(_("The record contains line breaks or other control characters."))


def _read_tags(text: str) -> dict[str, str]:
    """Return the tags by name, in order. One semicolon may close the list."""
    tags: dict[str, str] = {}
    for part in text.removesuffix(";").split(";"):
        name, equals, value = part.partition("=")
        name = name.strip(" \t")
        if not equals or not _TAG_NAME.fullmatch(name):
            shown = part.strip()[:15]
            raise BadKeyRecord(
                _("What begins with “{part}” is not of the form name=value.", part=shown)
            )
        if name in tags:
            raise BadKeyRecord(_("The tag {tag} appears more than once.", tag=name))
        tags[name] = value.strip(" \t")
    return tags


def _check_use(tags: dict[str, str]) -> None:
    """Refuse another version, and a record that does not allow RSA signatures with SHA-256 on mail
    of any sender.
    """
    if "v" in tags and next(iter(tags.items())) != ("v", "DKIM1"):
        raise BadKeyRecord(_("The record does not begin with v=DKIM1."))
    if tags.get("k", "rsa") != "rsa":
        raise BadKeyRecord(_("The tag k is not rsa. Amazon SES signs with k=rsa only."))
    if "sha256" not in tags.get("h", "sha256").split(":"):
        raise BadKeyRecord(_("The tag h does not allow sha256, which Amazon SES signs with."))
    if tags.get("s", "*") not in ("*", "email"):
        raise BadKeyRecord(_("The tag s does not allow the key for email."))
    if tags.get("g", "*") != "*":  # RFC 4871 section 3.6.1. Mail::DKIM still applies it.
        raise BadKeyRecord(_("The obsolete tag g restricts the key to some senders."))


def _decode(tags: dict[str, str]) -> bytes:
    """Return the DER that ``p=`` holds."""
    if "p" not in tags:
        raise BadKeyRecord(_("The record has no tag p (in lower case), so it holds no key."))
    text = tags["p"]
    if not text:
        raise BadKeyRecord(
            _("The tag p is empty: this key is revoked."),
            _("Publish the value from the DNS request, unless the key was revoked on purpose."),
            "revoked",
        )
    if text.lower() == _PLACEHOLDER.lower():
        raise BadKeyRecord(
            _("The key is customerProvidedPublicKey, the placeholder of the SES console."),
            kind="placeholder",
        )
    if "PRIVATE KEY" in text:
        raise _private_key()
    if wrong := _NO_BASE64.search(text.rstrip("=")):
        raise BadKeyRecord(
            _("The key is not base64 in one piece: it contains “{sign}”.", sign=wrong[0])
        )
    return _decode_base64(text)


def _decode_base64(text: str) -> bytes:
    """Return the bytes of base64 in its canonical spelling (RFC 4648 sections 3.2 to 3.5)."""
    bare = text.rstrip("=")
    if len(bare) % 4 == 1:  # a single character is less than a byte
        bare = bare[:-1]
    der = base64.b64decode(bare + "=" * (-len(bare) % 4))
    if der[4:7] == b"\x02\x01\x00":  # the version that opens a private key, PKCS#1 or PKCS#8
        raise _private_key()
    # The outer DER header states the length; a key that may be cut at 255 characters has this one.
    has_length = len(der) >= 4 and der.startswith(b"\x30\x82")
    stated = 4 + int.from_bytes(der[2:4]) if has_length else 0
    if stated > len(der):
        raise BadKeyRecord(
            _("The key is cut short: {count} of {stated} bytes.", count=len(der), stated=stated)
        )
    if base64.b64encode(der).decode() != text:
        raise BadKeyRecord(_("The base64 of the key is damaged."))
    return der


def _load(der: bytes) -> RSAPublicKey:
    """Return the RSA key of a SubjectPublicKeyInfo in DER."""
    try:
        key = serialization.load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    # load_der_public_key also takes PKCS#1 and BER, which OpenDKIM and Mail::DKIM reject.
    if not isinstance(key, RSAPublicKey) or der != key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    ):
        raise BadKeyRecord(
            _("The value of p is not an RSA public key (SubjectPublicKeyInfo, “BEGIN PUBLIC KEY”).")
        )
    numbers = key.public_numbers()
    if key.key_size not in BITS:
        raise BadKeyRecord(
            _("The key has {bits} bits. Amazon SES takes 1024 to 2048.", bits=key.key_size),
            _NEW_KEY,
        )
    if numbers.e.bit_length() > EXPONENT_BITS:
        raise BadKeyRecord(
            _("The public exponent has more than {bits} bits.", bits=EXPONENT_BITS), _NEW_KEY
        )
    if numbers.n % 2 == 0 or numbers.e % 2 == 0 or numbers.e < 3:
        raise BadKeyRecord(_("The numbers of the key are not those of an RSA key."), _NEW_KEY)
    return key


def _private_key() -> BadKeyRecord:
    return BadKeyRecord(
        _("A PRIVATE key is published. Anyone can sign mail as this domain."),
        _("Remove the record at once, and make a new key pair under a new selector."),
    )
