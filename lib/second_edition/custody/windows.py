"""Find key material in a text. Everything here stays in the custodian: no window, digest or position leaves it.

The secret numbers of a key are cut into windows of 16 characters of base64 (96 bits) in all three phases, in both byte
orders. A text that holds one of them holds key material. A text is read in every way in which a key gets about: base64,
with line breaks or other signs between; base64url; hexadecimal; bytes spelled as escapes of JSON, Python, HTML, URLs or
quoted-printable; gzip and zlib; and one of these within another, three deep. What is encrypted is not seen.

Which windows count: a yes or no about a text of one's own choice is an oracle, and it costs little where most of a
window is known. The upper half of d follows from the public key (d is about k n / e for a k below e), so that a window
over its border could be guessed a character at a time. Only windows count of which all is unknown, but for the two or
three bits that every such number has: those of p, q, d mod p-1, d mod q-1, 1/q mod p, and the lower half of d. What is
left out can be computed from the public key, so that a text that holds it gives nothing away. A question is then a
guess at 93 bits or more, and the custodian ends at the first hit (``session.Session.search``): no hit can be built on.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers

PIECE: Final = 16  # characters of base64, 96 bits
BLOCK: Final = 8  # a text is read in blocks of eight bytes; each window holds a whole one, wherever it begins
LEVELS: Final = 3
#: Bytes that are decompressed for one text at most; what is beyond is not searched.
LARGEST: Final = 1 << 25
STEP: Final = 64  # bytes in which a stream that breaks off is read up to there

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_OTHERS: Final = bytes(set(range(256)) - set(_ALPHABET))
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_BREAKS: Final = (b"\\n", b"\\r", b"\\t")  # as JSON spells them; the letter is none of the text's
_HEX_SIGNS: Final = b" \t\r\n\v\f:,;|-"


def _kind(one: bytes) -> bytes:
    """Return a table for ``bytes.translate``: 1 for each byte of the character class ``one``, 0 for all others."""
    return bytes(re.fullmatch(one, bytes([value])) is not None for value in range(256))


_URL: Final = _kind(rb"[A-Za-z0-9_-]")
_PRINTED: Final = _kind(rb"[\x20-\x7e\s]")
_HEX: Final = _kind(rb"[0-9A-Fa-f]")
_SPELLED: Final = _kind(rb"[!#-;=?-~\r\n]")  # no blank, no double quote, no tag
_ESCAPE: Final = re.compile(  # its first sign first, which is quickly found
    rb"[%=\\&](?:(?<=%)([0-9A-Fa-f]{2})|(?<==)([0-9A-F]{2})|(?<=\\)\\*u00([0-9A-Fa-f]{2})|(?<=\\)\\*x([0-9A-Fa-f]{2})"
    rb"|(?<=&)#[xX]0*([0-9A-Fa-f]{2});|(?<=&)#0*(\d{1,3});|((?<==)\r?\n|(?<=\\)\\*[nrt]))"
)
_COMPRESSED: Final = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_LATIN: Final = re.compile("[\x00-\xff]{12,}")


@dataclass(frozen=True, repr=False)
class Windows:
    """The windows of every secret that was in hand, and the blocks of eight characters by which they are found."""

    pieces: frozenset[bytes] = frozenset()
    blocks: frozenset[int] = frozenset()

    def __reduce__(self) -> str:
        raise TypeError("key material does not leave the custodian")

    def __or__(self, other: Windows) -> Windows:
        return Windows(self.pieces | other.pieces, self.blocks | other.blocks)

    def found_in(self, text: str | bytes) -> bool:
        """Return whether ``text`` holds 16 characters of base64 of a secret, or the same in another spelling."""
        if not self.pieces:
            return False
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        # The readings in one row, apart by what is no character of any, up to a whole block.
        row = b"=".join(readings(data))
        row += b"=" * (-len(row) % BLOCK)
        seen = memoryview(row).cast("Q").tolist()
        if self.blocks.isdisjoint(seen):
            return False
        return any(self._at(row, number * BLOCK) for number, block in enumerate(seen) if block in self.blocks)

    def _at(self, row: bytes, block: int) -> bool:
        starts = range(max(0, block - BLOCK + 1), block + 1)
        return any(row[start : start + PIECE] in self.pieces for start in starts)


def of_key(numbers: RSAPrivateNumbers) -> Windows:
    """Return the windows of an RSA key's secret numbers."""
    size = (numbers.public_numbers.n.bit_length() + 7) // 8
    lower = numbers.d & ((1 << size // 2 * 8) - 1)  # the upper half follows from the public key
    secret = (lower, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp)
    return of(number.to_bytes((number.bit_length() + 7) // 8) for number in secret)


def of(secrets: Iterable[bytes]) -> Windows:
    """Return the windows of secret bytes, in both orders."""
    pieces: set[bytes] = set()
    for secret in secrets:
        for ordered in (secret, secret[::-1]):
            for before in range(3):  # how many bytes stand before it in the last group of three
                text = base64.b64encode(bytes(before) + ordered)
                # Six bits a character: only those are taken that hold nothing but the secret.
                first, end = -(-before * 8 // 6), (before + len(ordered)) * 8 // 6
                pieces.update(text[start : start + PIECE] for start in range(first, end - PIECE + 1))
    blocks = {piece[start : start + BLOCK] for piece in pieces for start in range(BLOCK)}
    return Windows(frozenset(pieces), frozenset(memoryview(b"".join(blocks)).cast("Q").tolist()))


def readings(data: bytes, levels: int = LEVELS, room: int = LARGEST) -> Iterator[bytes]:
    """Yield ``data`` in every way in which it can be read as base64, without what stands between the characters.

    Args:
        data: to be read.
        levels: how many spellings within one another are looked through.
        room: bytes that may be decompressed.
    """
    unbroken = _unbroken(data)
    within: list[bytes] = []
    for inflated in _inflated(data, room) if levels else ():
        room -= len(inflated)
        within.append(inflated)
    for text in _as_base64(data, unbroken):
        yield text
        for shift in range(4) if levels else ():
            decoded = _decoded(text[shift:])
            within += _runs(decoded, _PRINTED)
            for inflated in _inflated(decoded, room):
                room -= len(inflated)
                within.append(inflated)
    for found in _spelled_bytes(data, unbroken):
        for shift in range(3):
            yield base64.b64encode(found[shift:])
        within.append(found)
    if levels and within:
        # All at once, apart by what is no sign of any spelling.
        yield from readings(b"\0".join(within), levels - 1, room)


def _inflated(data: bytes, room: int) -> Iterator[bytes]:
    """Yield what stands compressed in ``data``: gzip (RFC 1952) or zlib with its usual window (RFC 1950)."""
    for found in _COMPRESSED.finditer(data):
        if room <= 0:
            return
        reader = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            text = reader.decompress(data[found.start() :], room)
        except zlib.error:  # it only began like that, or goes on as something else
            text = _before_the_error(data[found.start() :])
        room -= len(text)
        if text:
            yield text


def _before_the_error(data: bytes) -> bytes:
    reader, text = zlib.decompressobj(zlib.MAX_WBITS | 32), b""
    with contextlib.suppress(zlib.error):
        for start in range(0, len(data), STEP):
            text += reader.decompress(data[start : start + STEP])
    return text


def _runs(data: bytes, kind: bytes, least: int = PIECE) -> Iterator[bytes]:
    """Return the runs of at least ``least`` bytes of one kind, like a regular expression, in a tenth of the time."""
    marked, whole = data.translate(kind), b"\1" * least
    start = marked.find(whole)
    while start >= 0:
        end = marked.find(0, start + least)
        if end < 0:
            end = len(data)
        yield data[start:end]
        start = marked.find(whole, end)


def _unbroken(data: bytes) -> bytes:
    """Return ``data`` without line breaks that are spelled, however often their backslash was escaped."""
    while b"\\\\" in data:
        data = data.replace(b"\\\\", b"\\")
    for spelled in _BREAKS:
        data = data.replace(spelled, b"")
    return data


def _as_base64(data: bytes, unbroken: bytes) -> Iterator[bytes]:
    yield unbroken.translate(None, _OTHERS)
    safe = [run for run in _runs(data.replace(b"\\_", b"_"), _URL) if b"-" in run or b"_" in run]
    if safe:
        # What stands between two runs is no character of either, and is passed over when they are decoded.
        yield b".".join(safe).translate(_URL_SAFE)


def _decoded(text: bytes) -> bytes:
    # Up to three characters more, so that each is decoded, whatever their number.
    return binascii.a2b_base64(text + b"A" * (-(len(text) - text.count(b".")) % 4))


def _spelled_bytes(data: bytes, unbroken: bytes) -> Iterator[bytes]:
    """Yield the bytes that are spelled out in ``data``."""
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
