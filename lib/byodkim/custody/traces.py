"""What gives a private key away, kept so that nothing can be told from it but whether a text holds a piece of the key.

The secret numbers of a key are cut into windows of 16 characters of base64 in all three phases, and of each window a
digest is kept: whoever has the digests and no key would have to guess 96 bits at once. The digest is AES with a random
key that need not be secret, fed forward (Matyas, Meyer and Oseas): a window is one block, so that a whole text, read
from 16 starts, takes as many calls and no loop over its characters.

A text is read in every way in which a key gets about: base64, with line breaks or other signs between; base64url;
hexadecimal; bytes spelled as escapes of JSON, Python, HTML, URLs or quoted-printable; and one of these within another,
three deep. What is compressed or encrypted is not seen.
"""

from __future__ import annotations

import base64
import binascii
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PIECE: Final = 16  # characters of base64, 96 bits; and bytes of a block of AES
SIZE: Final = 8  # bytes of a digest
LEVELS: Final = 3
LONG: Final = 4096  # characters from which on NumPy is worth its while

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_OTHERS: Final = bytes(set(range(256)) - set(_ALPHABET))
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_BREAKS: Final = (b"\\n", b"\\r", b"\\t")  # as JSON spells them; the letter is none of the text's
_HEX_SIGNS: Final = b" \t\r\n\v\f:,;|-"


def _kind(one: bytes) -> bytes:
    """A table for ``bytes.translate``: 1 for each byte that the character class ``one`` has, 0 for all others."""
    return bytes(re.fullmatch(one, bytes([value])) is not None for value in range(256))


_URL: Final = _kind(rb"[A-Za-z0-9_-]")
_PRINTED: Final = _kind(rb"[\x20-\x7e\s]")
_HEX: Final = _kind(rb"[0-9A-Fa-f]")
_SPELLED: Final = _kind(rb"[!#-;=?-~\r\n]")  # no blank, no double quote, no tag
_ESCAPE: Final = re.compile(  # its first sign first, which is quickly found
    rb"[%=\\&](?:(?<=%)([0-9A-Fa-f]{2})|(?<==)([0-9A-F]{2})|(?<=\\)\\*u00([0-9A-Fa-f]{2})|(?<=\\)\\*x([0-9A-Fa-f]{2})"
    rb"|(?<=&)#x([0-9A-Fa-f]{2});|(?<=&)#(\d{1,3});|((?<==)\r?\n|(?<=\\)\\*[nrt]))"
)
_LATIN: Final = re.compile("[\x00-\xff]{12,}")


@dataclass(frozen=True)
class Traces:
    """The digests of every window. ``salt`` is 16 bytes; two that are put together must have the same."""

    salt: bytes
    digests: frozenset[int] = frozenset()

    def __or__(self, other: Traces) -> Traces:
        return Traces(self.salt, self.digests | other.digests)

    def found_in(self, text: str | bytes) -> bool:
        """Whether 16 characters of base64, or the same in another spelling, of a secret part stand in ``text``."""
        if not self.digests:
            return False
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        # The readings in one row, apart by what is no character of any.
        row = b"=".join(readings(data))
        suspects = _suspects if len(row) > LONG and "numpy" in sys.modules else _every
        return any(not self.digests.isdisjoint(suspects(row[start:], self)) for start in range(PIECE))

    def plain(self) -> dict[str, str]:
        """As JSON takes it."""
        joined = b"".join(digest.to_bytes(SIZE, sys.byteorder) for digest in sorted(self.digests))
        return {"salt": self.salt.hex(), "digests": base64.b64encode(joined).decode()}

    @classmethod
    def from_plain(cls, told: Mapping[str, str]) -> Traces:
        """From what ``plain`` gave, on the same machine."""
        return cls(bytes.fromhex(told["salt"]), frozenset(memoryview(base64.b64decode(told["digests"])).cast("Q")))


def of(numbers: Iterable[bytes], salt: bytes) -> Traces:
    """The traces of secret ``numbers``, big-endian bytes."""
    windows: set[bytes] = set()
    for secret in numbers:
        for before in range(3):  # how many bytes stand before it in the last group of three
            text = base64.b64encode(bytes(before) + secret)
            # Six bits a character: only those are taken that hold nothing but the secret.
            first, end = -(-before * 8 // 6), (before + len(secret)) * 8 // 6
            windows.update(text[start : start + PIECE] for start in range(first, end - PIECE + 1))
    return Traces(salt, frozenset(_digests(b"".join(windows), salt)))


def _digests(text: bytes, salt: bytes) -> list[int]:
    """The digest of each block of ``text``, from its start to the last whole block."""
    blocks, mixed = _mixed(text, salt)
    fed = int.from_bytes(mixed, "little") ^ int.from_bytes(blocks, "little")
    return memoryview(fed.to_bytes(len(blocks), "little")).cast("Q")[::2].tolist()


def _mixed(text: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """The whole blocks of ``text``, and what AES makes of them."""
    blocks = text[: len(text) // PIECE * PIECE]
    return blocks, Cipher(algorithms.AES(salt), modes.ECB()).encryptor().update(blocks)  # noqa: S305 - keeps no secret


def _every(text: bytes, traces: Traces) -> Sequence[int]:
    return _digests(text, traces.salt)


def _suspects(text: bytes, traces: Traces) -> Sequence[int]:
    """Of the digests those that have their lower half in common with one that is looked for: by NumPy, where it is."""
    numpy = sys.modules["numpy"]
    blocks, mixed = _mixed(text, traces.salt)
    digests = numpy.frombuffer(mixed, "u8")[::2] ^ numpy.frombuffer(blocks, "u8")[::2]
    found: Sequence[int] = digests[_lower(traces.digests)[digests.astype("u2")]].tolist()
    return found


@lru_cache(8)
def _lower(digests: frozenset[int]) -> Any:
    """Which last two bytes digests have."""
    table = sys.modules["numpy"].zeros(1 << 16, bool)
    table[[digest & 0xFFFF for digest in digests]] = True
    return table


def readings(data: bytes, levels: int = LEVELS) -> Iterator[bytes]:
    """``data`` in every way in which it can be read as base64, without what stands between the characters."""
    unbroken = _unbroken(data)
    within: list[bytes] = []
    for text in _as_base64(data, unbroken):
        yield text
        if levels:
            within += (run for shift in range(4) for run in _runs(_decoded(text[shift:]), _PRINTED))
    for found in _spelled_bytes(data, unbroken):
        for shift in range(3):
            yield base64.b64encode(found[shift:])
        within.append(found)
    if levels and within:
        # All at once, apart by what is no sign of any spelling.
        yield from readings(b"\0".join(within), levels - 1)


def _runs(data: bytes, kind: bytes, least: int = PIECE) -> Iterator[bytes]:
    """Runs of at least ``least`` bytes of one kind: as a regular expression finds them, in a tenth of the time."""
    marked, whole = data.translate(kind), b"\1" * least
    start = marked.find(whole)
    while start >= 0:
        end = marked.find(0, start + least)
        if end < 0:
            end = len(data)
        yield data[start:end]
        start = marked.find(whole, end)


def _unbroken(data: bytes) -> bytes:
    """``data`` without line breaks that are spelled, however often their backslash was escaped."""
    while b"\\\\" in data:
        data = data.replace(b"\\\\", b"\\")
    for spelled in _BREAKS:
        data = data.replace(spelled, b"")
    return data


def _as_base64(data: bytes, unbroken: bytes) -> Iterator[bytes]:
    yield unbroken.translate(None, _OTHERS)
    safe = [run for run in _runs(data.replace(b"\\_", b"_"), _URL) if b"-" in run or b"_" in run]
    if safe:
        # What stands between two runs is no character of either.
        yield b"=".join(safe).translate(_URL_SAFE)


def _decoded(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text[: len(text) - (len(text) % 4 == 1)] + b"=" * (-len(text) % 4))
    except binascii.Error:
        return b""


def _spelled_bytes(data: bytes, unbroken: bytes) -> Iterator[bytes]:
    """Bytes that are spelled out in ``data``."""
    digits = unbroken.replace(b"\\x", b"").replace(b"0x", b"").translate(None, _HEX_SIGNS)
    for run in _runs(digits, _HEX, PIECE * 6 // 4):
        for shift in range(2):
            yield binascii.unhexlify(run[shift : shift + (len(run) - shift) // 2 * 2])
    for run in _runs(data, _SPELLED):
        if _ESCAPE.search(run):
            yield _ESCAPE.sub(_byte, run)
    if not data.isascii():
        for text in _LATIN.findall(data.decode("utf-8", "ignore")):
            if not text.isascii():
                yield text.encode("latin-1")


def _byte(escape: re.Match[bytes]) -> bytes:
    *spelled, number, nothing = escape.groups()
    if nothing is not None:
        return b""
    if number is not None:
        return bytes([int(number) & 0xFF])
    return bytes([int(next(digits for digits in spelled if digits), 16)])
