"""Key records: the TXT record at ``<selector>._domainkey.<domain>`` that holds the public key (RFC 6376 section 3.6.1).

Read as strictly as the strictest of dkimpy, opendkim-testkey and Perl's Mail::DKIM, for mail that SES signs: a record
that one receiver in three would refuse is no record to switch to.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from second_edition.dkim import character_string, tag_list
from second_edition.dkim.defect import KeyRecordInvalid as KeyRecordInvalid
from second_edition.dkim.names import SELECTOR_PATTERN as SELECTOR_PATTERN
from second_edition.dkim.names import check_domain as check_domain
from second_edition.dkim.names import check_selector as check_selector
from second_edition.dkim.names import record_name as record_name
from second_edition.dkim.public_key import PublicKey as PublicKey
from second_edition.dkim.public_key import check_length
from second_edition.dkim.tag_list import Tag, shown

VERSION: Final = "DKIM1"
PLACEHOLDER: Final = "customerProvidedPublicKey"
"""What the SES console's CSV holds in place of the key (Amazon SES Developer Guide, "Creating a domain identity")."""

FEWEST_BITS: Final = 1024  # RFC 8301 section 3.2, and SES
MOST_BITS: Final = 2048  # SES: PutEmailIdentityDkimSigningAttributes takes RSA keys of 1024 to 2048 bits
LONGEST: Final = 1024  # bytes: opendkim cuts off what is longer, and then fails to verify

_LONGEST_READ: Final = 2048  # bytes that are looked at for a private key: one of 2048 bits takes about 1650

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}\Z")


class KeyRecord(Struct, frozen=True):
    """A key record that mail can be signed with.

    Attributes:
        tags: every tag in its order, unknown ones too (receivers ignore those, people may want to see them).
        public_key: the key of the ``p=`` tag.
        testing: the ``t=`` tag holds ``y``: receivers treat signed mail no differently from unsigned mail.
        no_subdomains: the ``t=`` tag holds ``s``: ``i=`` of a signature must name the signing domain itself.
        has_version: the record opens with ``v=DKIM1``, which RFC 6376 recommends and does not require.
    """

    tags: tuple[Tag, ...]
    public_key: PublicKey
    testing: bool = False
    no_subdomains: bool = False
    has_version: bool = True

    @property
    def flags(self) -> tuple[str, ...]:
        """Return the flags of ``t=`` that change what receivers do: ``t=y``, ``t=s``."""
        return ("t=y",) * self.testing + ("t=s",) * self.no_subdomains


def parse(strings: Sequence[bytes]) -> KeyRecord:
    """Read the character-strings of one TXT record, joined with nothing between.

    Args:
        strings: the character-strings, each at most 255 bytes, as DNS gave them.

    Raises:
        KeyRecordInvalid: its ``defect`` names the first thing that is wrong. No other error is ever raised.
    """
    return _parsed(b"".join(strings))


@lru_cache(
    256
)  # a record meets the same value at every server: ``tests.second_edition.bench.verification`` is a twentieth slower else
def _parsed(text: bytes) -> KeyRecord:
    if not text:
        raise KeyRecordInvalid("empty-record")
    if len(text) > LONGEST:
        _refuse_private_key(text[:_LONGEST_READ])
        raise KeyRecordInvalid("too-long", real=len(text), most=LONGEST)
    tags = tag_list.read(text)
    values = {tag.name: tag.value for tag in tags}
    _check_version(tags)
    _check_key_type(values)
    _check_use(values)
    flags = [flag.strip() for flag in values.get("t", "").split(":")]
    return KeyRecord(tags, _public_key(values), "y" in flags, "s" in flags, "v" in values)


def _refuse_private_key(text: bytes) -> None:
    """Raise for a published private key before all else, also in a record that is too long."""
    try:
        _public_key({tag.name: tag.value for tag in tag_list.read(text)})
    except KeyRecordInvalid as invalid:
        if invalid.defect == "private-key":
            raise


def _check_version(tags: tuple[Tag, ...]) -> None:
    for place, tag in enumerate(tags):
        if tag.name == "v" and tag.value != VERSION:
            raise KeyRecordInvalid("bad-version", value=shown(tag.value))
        if tag.name == "v" and place:
            raise KeyRecordInvalid("version-not-first")


def _check_key_type(values: dict[str, str]) -> None:
    key_type = values.get("k", "rsa")
    if key_type == "ed25519":
        raise KeyRecordInvalid("ed25519")
    if key_type != "rsa":
        raise KeyRecordInvalid("wrong-key-type", value=shown(key_type))


def _check_use(values: dict[str, str]) -> None:
    """Check what the record allows the key for. White space round a colon is legal, but Mail::DKIM refuses it."""
    if "h" in values and "sha256" not in values["h"].split(":"):
        raise KeyRecordInvalid("no-sha256", value=shown(values["h"]))
    if values.get("s", "*") not in ("*", "email"):  # dkimpy refuses a list that holds one of them
        raise KeyRecordInvalid("not-for-email", value=shown(values["s"]))
    if values.get("g", "*") != "*":  # RFC 4871 section 3.6.1, gone since RFC 6376; Mail::DKIM still holds to it
        raise KeyRecordInvalid("granularity", value=shown(values["g"]))


def _public_key(values: dict[str, str]) -> PublicKey:
    if "p" not in values:
        raise KeyRecordInvalid("upper-case-tag" if "P" in values else "no-key")
    if not values["p"]:
        raise KeyRecordInvalid("revoked")
    public_key = PublicKey.from_der(_decode(tag_list.without_white_space(values["p"])))
    if public_key.bits < FEWEST_BITS:
        raise KeyRecordInvalid("too-few-bits", bits=public_key.bits, fewest=FEWEST_BITS)
    if public_key.bits > MOST_BITS:
        raise KeyRecordInvalid("too-many-bits", bits=public_key.bits, most=MOST_BITS)
    return public_key


def _decode(text: str) -> bytes:
    """Decode base64, in the one spelling that RFC 4648 gives it (its sections 3.2, 3.3 and 3.5)."""
    if text.lower() == PLACEHOLDER.lower():
        raise KeyRecordInvalid("placeholder")
    if text.startswith("-----BEGIN"):
        raise KeyRecordInvalid("private-key" if "PRIVATE" in text else "pem-header")
    if '"' in text or "'" in text:
        raise KeyRecordInvalid("quote")
    if not _BASE64.match(text):
        raise KeyRecordInvalid("bad-base64")
    if len(text) % 4:
        # A key that was cut short says how short, if its beginning can still be read.
        bare = text.rstrip("=")
        check_length(base64.b64decode(bare[: len(bare) // 4 * 4]), spare=3)
        raise KeyRecordInvalid("base64-length", length=len(text))
    data = base64.b64decode(text)  # alphabet and length are right: this cannot fail
    if base64.b64encode(data).decode("ascii") != text:
        raise KeyRecordInvalid("bad-base64")
    return data


def format_value(public_key: PublicKey) -> str:
    """Return the value of the key record for a public key: ``v=DKIM1; k=rsa; p=...``."""
    return f"v={VERSION}; k={public_key.key_type}; p={public_key.base64}"


def character_strings(value: str) -> tuple[str, ...]:
    """Return the value cut into character-strings of at most 255 bytes (RFC 6376 section 3.6.2.2)."""
    return character_string.split(value)
