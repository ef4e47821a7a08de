"""A message's signatures and sender as its header tells them, before anybody verifies anything. Pure.

Source: RFC 5322 section 2.2 (fields), RFC 6376 section 3.5 (tags of DKIM-Signature), RFC 7489 section 3.1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import InvalidHeaderDefect, MessageError
from email.headerregistry import Address, HeaderRegistry
from email.utils import parsedate_to_datetime
from typing import Any, Final

from msgspec import Struct

_LINE: Final = re.compile(rb"\r?\n")
_FIELD: Final = re.compile(rb"([\x21-\x39\x3b-\x7e]+)[ \t]*:(.*)\Z", re.DOTALL)
_TAG: Final = re.compile(rb"\s*([A-Za-z][A-Za-z0-9_]*)\s*=(.*)\Z", re.DOTALL)
_SPACE: Final = re.compile(rb"\s+")
_MBOX: Final = b"From "  # what mbox files, and some programs that save one message, put above it
_HEADERS: Final = HeaderRegistry()


class MessageInvalid(Exception):
    """It is no message as RFC 5322 has them."""


class Signature(Struct, frozen=True):
    """One DKIM-Signature field: ``d=`` in lower case, ``s=``, ``a=``; "" for a tag that does not stand once.

    Attributes:
        signs_from: ``h=`` lists From, without which a signature is invalid (RFC 6376 section 6.1.1).
        identity: the domain of ``i=`` in lower case; ``d=`` where the tag is missing.
        length: ``l=``, the bytes of the body that are signed; "" for the whole body.
        canonicalization: ``c=``; "" for the default, simple/simple.
        at: when it was made, by ``t=``; "" where the tag does not say.
    """

    domain: str
    selector: str
    algorithm: str
    signs_from: bool = False
    identity: str = ""
    length: str = ""
    canonicalization: str = ""
    at: str = ""


class Head(Struct, frozen=True):
    """Hold what the header of a message says.

    Attributes:
        from_domain: the domain in From, in lower case; "" where not exactly one field with one address stands there,
            which receivers refuse (RFC 7489 section 6.6.1).
        from_unread: why the address in From is not known here, though there may be one: Python's parser rejects it.
        subject: as it stands there, unfolded.
        signatures: from the top.
        dated: when it was written, by the one Date; "" where that does not say.
    """

    from_domain: str
    subject: str
    signatures: tuple[Signature, ...]
    from_unread: bool = False
    dated: str = ""


def read(message: bytes) -> Head:
    """Return the head of a message.

    Raises:
        MessageInvalid: what stands above the first empty line is no header, or lacks From.
    """
    fields = tuple(_fields(message))
    senders = [value for name, value in fields if name == b"from"]
    if not senders:
        raise MessageInvalid
    subject = next((value for name, value in fields if name == b"subject"), b"")
    signatures = tuple(_signature(value) for name, value in fields if name == b"dkim-signature")
    unfolded = subject.replace(b"\r\n", b"").decode("utf-8", "replace").strip()
    domain = _domain(senders)
    return Head(
        domain or "", unfolded, signatures, domain is None, _dated([v for name, v in fields if name == b"date"])
    )


def aligned(from_domain: str, domain: str) -> bool | None:
    """Return whether From is aligned with ``d=`` in relaxed mode; ``None`` where that takes a list of public suffixes.

    Relaxed alignment asks for one organizational domain. It is the same where one of both lies below the other; of two
    that lie beside each other (``a.example.jp``, ``b.example.jp``) it is not known without such a list, unless even
    the last label differs.
    Source: RFC 7489 section 3.1.1.
    """
    if from_domain == domain or from_domain.endswith(f".{domain}") or domain.endswith(f".{from_domain}"):
        return bool(from_domain) and "." in from_domain
    one, other = from_domain.split("."), domain.split(".")
    return False if one[-2:] != other[-2:] else None


def _fields(message: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the header's fields: name in lower case, value with its folds."""
    name, value = b"", b""
    for number, line in enumerate(_LINE.split(message)):
        if number == 0 and line.startswith(_MBOX):
            continue
        if line[:1] in (b" ", b"\t") and name:
            value += b"\r\n" + line
            continue
        if name:
            yield name, value
        if not line:
            return
        found = _FIELD.match(line)
        if not found:
            raise MessageInvalid
        name, value = found[1].lower(), found[2]
    if name:
        yield name, value


def _signature(value: bytes) -> Signature:
    tags: dict[bytes, list[bytes]] = {}
    for part in value.split(b";"):
        if found := _TAG.match(part):
            tags.setdefault(found[1], []).append(_SPACE.sub(b"", found[2]))

    def tag(name: bytes) -> str:
        values = tags.get(name, [])
        return values[0].decode("ascii", "replace") if len(values) == 1 else ""

    domain = tag(b"d").lower().removesuffix(".")
    identity = tag(b"i").rpartition("@")[2].lower().removesuffix(".") or domain
    signs_from = "from" in tag(b"h").lower().split(":")
    return Signature(domain, tag(b"s"), tag(b"a"), signs_from, identity, tag(b"l"), tag(b"c"), _stamped(tag(b"t")))


def _stamped(seconds: str) -> str:
    """Return the time of ``t=``, in ISO 8601; "" where it is none (RFC 6376 section 3.5)."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat() if re.fullmatch(r"[0-9]{1,12}", seconds) else ""
    except (ValueError, OverflowError, OSError):
        return ""


def _dated(values: list[bytes]) -> str:
    """Return the time of the Date field, in ISO 8601; "" where there is not one that can be read."""
    try:
        (value,) = values
        found = parsedate_to_datetime(value.decode("ascii"))
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _domain(senders: list[bytes]) -> str | None:
    """Return the domain in From; "" without exactly one field with one address, ``None`` for one that is not read."""
    if len(senders) != 1:
        return ""
    if not senders[0].isascii() and not _is_utf8(senders[0]):
        return None
    text = " ".join(senders[0].decode("utf-8", "replace").split())
    try:
        header: Any = _HEADERS("From", text)
        addresses: tuple[Address, ...] = header.addresses
        domains = {address.domain for address in addresses}
        odd = any(isinstance(defect, InvalidHeaderDefect) for defect in header.defects)
    except (MessageError, ValueError, IndexError, AttributeError, TypeError):  # the library stumbles over odd ones
        return None if "@" in text else ""
    if odd:
        return None if "@" in text else ""
    if len(addresses) != 1 or domains == {""}:
        return ""
    (domain,) = domains
    try:
        return domain.lower().encode("idna").decode("ascii").removesuffix(".")
    except UnicodeError:
        return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
