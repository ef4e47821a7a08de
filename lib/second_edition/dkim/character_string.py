"""Character-strings: the pieces, of at most 255 bytes each, that a TXT record is made of (RFC 1035 section 3.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    CharacterString = bytes
else:

    class CharacterString(bytes):
        """Bytes that JSON has as Latin-1, by a type of its own: msgspec takes ``bytes`` for base64."""


LONGEST: Final = 255  # bytes: the length stands in one octet


def split(value: str) -> tuple[str, ...]:
    """Cut an ASCII value into character-strings of at most 255 bytes, to be joined again with nothing between.

    Raises:
        UnicodeEncodeError: the value is not ASCII.
    """
    data = value.encode("ascii")
    pieces = (data[start : start + LONGEST] for start in range(0, max(len(data), 1), LONGEST))
    return tuple(piece.decode("ascii") for piece in pieces)


def escaped(data: bytes) -> str:
    r"""Return bytes from DNS as text to show anywhere: unprintable ones as ``\DDD`` (RFC 1035 section 5.1)."""
    return "".join(
        f"\\{chr(byte)}" if byte in b'"\\' else chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03d}" for byte in data
    )


def resource_record(name: str, ttl: int, strings: Iterable[bytes]) -> str:
    """Return a TXT record as a zone file writes it (RFC 1035 section 5.1): absolute owner, one character-string a line.

    Args:
        name: of its owner, without a closing dot.
        ttl: in seconds.
        strings: the character-strings.
    """
    lines = "".join(f"\n    {quoted(string)}" for string in strings)
    return f"{name}. {ttl} IN TXT ({lines}\n)\n"


def quoted(data: bytes) -> str:
    """Return a character-string as a zone file and ``dig`` write it: escaped, between quotes."""
    return f'"{escaped(data)}"'
