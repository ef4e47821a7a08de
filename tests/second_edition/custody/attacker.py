"""An attacker who has everything that a run leaves but the custodian's memory, and the public key.

``private_key`` rebuilds the private key from bytes: memory and files, in one row. It looks for the primes, d, d mod p-1
and d mod q-1 as bytes of either order, integers of Python, DER, base64, hexadecimal and decimal. ``pieces`` knows the
answer already and looks for any eight bytes of it: it finds what is too little to rebuild the key, and what (1/q mod p)
leads nowhere by itself.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

import numpy
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers, RSAPublicNumbers, rsa_recover_prime_factors

CHUNK: Final = 1 << 22
MARKS: Final = 1 << 24
DIGIT: Final = 30  # bits of a digit of Python's integers
GUESSES: Final = (2, 4, 6, 8, 10, 12, 1)  # what d is one modulo: (p-1)(q-1) by it. Nine keys in ten have one of these
URL: Final = bytes.maketrans(b"-_", b"+/")
BREAK: Final = re.compile(rb"\\+[rn]|[\r\n:]")
INTEGER: Final = re.compile(rb"\x02(?:[\x40-\x7f]|\x81[\x80-\xff]|\x82\x01.)", re.DOTALL)
SHORTEST: Final = 100  # characters of a spelled number
BASE64, DIGITS, DECIMAL = (
    bytes(re.fullmatch(one, bytes([value])) is not None for value in range(256))
    for one in (rb"[A-Za-z0-9+/_\-\r\n\\]", rb"[0-9A-Fa-f:\r\n]", rb"[0-9]")
)


class Rebuilt(Exception):
    """The private key, from any place in the search."""

    def __init__(self, key: RSAPrivateNumbers) -> None:
        self.key = key
        super().__init__()


def private_key(image: bytes, public: RSAPublicNumbers) -> RSAPrivateNumbers | None:
    """Return the private key that belongs to ``public`` where ``image`` gives it away."""
    try:
        for row in (image, *spelled(image)):
            slide(row, public)
            for number in integers(row):
                examine(number, public)
        for number in written(image):
            examine(number, public)

    except Rebuilt as rebuilt:
        return rebuilt.key
    return None


def spelled(image: bytes, shortest: int = SHORTEST) -> Iterator[bytes]:
    """Yield what is spelled in base64 or hexadecimal, wherever its groups begin."""
    digits = {BREAK.sub(b"", run).decode() for run in runs(image, DIGITS, shortest)}
    for shift in range(2):
        yield b"".join(bytes.fromhex(one[shift : shift + (len(one) - shift) // 2 * 2]) + bytes(8) for one in digits)
    letters = {BREAK.sub(b"", run).translate(URL) for run in runs(image, BASE64, shortest)}
    for shift in range(4):
        yield b"".join(_decoded(one[shift:]) + bytes(8) for one in letters)


def written(image: bytes) -> Iterator[int]:
    """Yield the numbers of which nothing else stands in a run of hexadecimal or decimal digits, or of base64."""
    for base, kind in ((16, DIGITS), (10, DECIMAL)):
        yield from (int(digits, base) for run in runs(image, kind) if 0 < len(digits := BREAK.sub(b"", run)) < 4000)
    for run in runs(image, BASE64):
        yield int.from_bytes(_decoded(BREAK.sub(b"", run).translate(URL)))


def runs(image: bytes, kind: bytes, shortest: int = SHORTEST) -> Iterator[bytes]:
    """Yield the runs of one kind of character: as a regular expression finds them, in a tenth of the time."""
    marked, whole = image.translate(kind), b"\1" * shortest
    start = marked.find(whole)
    while start >= 0:
        end = marked.find(0, start + shortest)
        yield image[start : end if end >= 0 else len(image)]
        start = marked.find(whole, end) if end >= 0 else -1


def _decoded(text: bytes) -> bytes:
    text = text.translate(None, b"\\")
    return base64.b64decode(text[: len(text) - (len(text) % 4 == 1)] + b"=" * (-len(text) % 4))


def examine(number: int, public: RSAPublicNumbers) -> None:
    """Raise ``Rebuilt`` where ``number`` is p, q, d, d mod p-1 or d mod q-1."""
    n, e = public.n, public.e
    if not 1 < number < n or not number & 1 or number.bit_length() * 9 < n.bit_length() * 4:
        return
    factor = math.gcd(number, n)
    if factor == 1:
        raised = pow(2, e * number, n) - 2
        if raised == 0:
            raise Rebuilt(_of(rsa_recover_prime_factors(n, e, number)[0], public))
        factor = math.gcd(raised, n)
    if 1 < factor < n:
        raise Rebuilt(_of(factor, public))


def _of(p: int, public: RSAPublicNumbers) -> RSAPrivateNumbers:
    q = public.n // p
    d = pow(public.e, -1, math.lcm(p - 1, q - 1))
    return RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)


def slide(row: bytes, public: RSAPublicNumbers) -> None:
    """Take every place of ``row`` for the start of a prime or of d; what does not look random is passed over."""
    size = (public.n.bit_length() + 7) // 8
    for start in range(0, len(row), CHUNK):
        part = numpy.frombuffer(row, "u1")[start : start + CHUNK + size]
        places = _dense(part, size // 2)
        for order, low, high in (("little", 0, size // 2 - 1), ("big", size // 2 - 1, 0)):
            for place in places[(part[places + low] & 1 == 1) & (part[places + high] > 127)]:
                number = int.from_bytes(part[place : place + size // 2].tobytes(), order)  # type: ignore[arg-type]
                if not public.n % number:
                    raise Rebuilt(_of(number, public))
        places = _dense(part, size)
        for order, offset, step in (("big", 0, 1), ("little", size - 1, -1)):
            first = part[places[:, None] + offset + step * numpy.arange(8)].copy().view(">u8").ravel()
            for place in places[_among(first >> numpy.uint64(16), _beginnings(public))]:
                examine(int.from_bytes(part[place : place + size].tobytes(), order), public)  # type: ignore[arg-type]


def _dense(part: Any, size: int) -> Any:
    """The places where so many bytes look like those of a prime or of d: few zeros, many above 127."""
    if len(part) <= size:
        part = numpy.concatenate((part, numpy.zeros(size, "u1")))
    zeros, high = (numpy.concatenate(([0], numpy.cumsum(kind, dtype="i4"))) for kind in (part == 0, part > 127))
    count = len(part) - size + 1
    return numpy.flatnonzero((zeros[size:] - zeros[:count] < size // 16) & (high[size:] - high[:count] > size // 4))


def integers(row: bytes) -> Iterator[int]:
    """Yield Python's own integers that are long enough, and those of DER."""
    words = numpy.frombuffer(row[: len(row) // 8 * 8], "<u8")
    digits = numpy.frombuffer(row[: len(row) // 8 * 8], "<u4")
    for count in (34, 35, 68, 69):
        for size in (count, count << 3):  # before Python 3.12, and since
            for place in numpy.flatnonzero(words == size):
                limbs = digits[place * 2 + 2 : place * 2 + 2 + count]
                if len(limbs) == count and limbs[-1] and (limbs < 1 << DIGIT).all() and (limbs > 1 << 16).mean() > 0.8:
                    yield sum(int(limb) << DIGIT * index for index, limb in enumerate(limbs))
    for found in INTEGER.finditer(row):
        head = found[0]
        length = head[1] if len(head) == 2 else int.from_bytes(head[2:])
        number = row[found.end() : found.end() + length]
        if len(number) == length and 60 < length < 600 and number.count(0) < length // 16:
            yield int.from_bytes(number)


def _approximations(public: RSAPublicNumbers) -> Iterator[int]:
    """Yield what d can be, exact in its upper half but for the last bits of that: (1 + k lcm(p-1, q-1)) / e."""
    for divisor in GUESSES:
        yield from (k * public.n // (divisor * public.e) for k in range(1, public.e))


@lru_cache(4)
def _beginnings(public: RSAPublicNumbers) -> Any:
    """The first six bytes that d can have, as numbers."""
    size = (public.n.bit_length() + 7) // 8
    firsts = (number.to_bytes(size).lstrip(b"\0")[:6] for number in _approximations(public))
    return numpy.array(sorted(map(int.from_bytes, firsts)), "u8")


def _among(values: Any, ordered: Any) -> Any:
    """Return where in ``values`` one of those in order stands."""
    likely = numpy.flatnonzero(_marks(ordered.tobytes())[values & numpy.uint64(MARKS - 1)])
    found = numpy.searchsorted(ordered, values[likely]).clip(max=len(ordered) - 1)
    return likely[ordered[found] == values[likely]]


@lru_cache(4)
def _marks(ordered: bytes) -> Any:
    marks = numpy.zeros(MARKS, bool)
    marks[numpy.frombuffer(ordered, "u8") & numpy.uint64(MARKS - 1)] = True
    return marks


def pieces(image: bytes, key: RSAPrivateNumbers) -> list[bytes]:
    """Return every eight bytes of a secret number that stand in ``image``, in either order, or as Python's digits."""
    size = (key.public_numbers.n.bit_length() + 7) // 16
    numbers = (key.p, key.q, key.d & ((1 << size * 8) - 1), key.dmp1, key.dmq1, key.iqmp)
    looked_for: set[bytes] = set()
    for number in numbers:
        limbs = [number >> DIGIT * index & (1 << DIGIT) - 1 for index in range(-(-number.bit_length() // DIGIT))]
        rows = (number.to_bytes(size), number.to_bytes(size, "little"), numpy.array(limbs, "<u4").tobytes())
        looked_for.update(row[at : at + 8] for row in rows for at in range(8, len(row) - 15, 8))
    wanted = numpy.sort(numpy.frombuffer(b"".join(looked_for), "<u8"))
    return [piece for row in (image, *spelled(image, 20)) for piece in _standing(row, wanted)]


def _standing(row: bytes, wanted: Any) -> Iterable[bytes]:
    """Those of the ``wanted`` eight bytes that stand anywhere in ``row``."""
    for at in range(8):
        words = numpy.frombuffer(row[at : at + (len(row) - at) // 8 * 8], "<u8")
        yield from (int(one).to_bytes(8, "little") for one in words[_among(words, wanted)])
