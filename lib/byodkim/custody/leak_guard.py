"""Search the custodian's replies for the private keys that it holds: AWS may quote what was sent.

Only what cannot be computed from the public key counts: p, q, d mod p-1, d mod q-1, 1/q mod p and
the lower half of d. The upper half of d follows from the public key, so a window across its border
could be guessed bit by bit.
"""

import base64
import re
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers

#: Both are 96 bits: too many to be hit by chance or to be guessed.
BASE64_CHARACTERS: Final = 16
HEX_DIGITS: Final = 24

_BREAKS: Final = re.compile(rb"\\[nrt]|[^A-Za-z0-9+/]")
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


class LeakGuard:
    """Pieces of every key that was learned, in base64 (in all three phases) and in hexadecimal."""

    def __init__(self) -> None:
        self._base64: set[bytes] = set()
        self._hex: set[bytes] = set()

    def learn(self, numbers: RSAPrivateNumbers) -> None:
        """Search for this key too from now on."""
        in_base64, in_hex = _pieces_of(numbers)
        self._base64 |= in_base64
        self._hex |= in_hex

    def forget(self, numbers: RSAPrivateNumbers) -> None:
        """Search for this key no longer: it is not held any more."""
        in_base64, in_hex = _pieces_of(numbers)
        self._base64 -= in_base64
        self._hex -= in_hex

    def finds(self, text: bytes) -> bool:
        """Return whether a piece of a key stands in a text, whatever line breaks are in between."""
        plain, url_safe = _BREAKS.sub(b"", text), _BREAKS.sub(b"", text.translate(_URL_SAFE))
        return not (
            self._hex.isdisjoint(_pieces(plain.lower(), HEX_DIGITS))
            and self._base64.isdisjoint(_pieces(plain, BASE64_CHARACTERS))
            and self._base64.isdisjoint(_pieces(url_safe, BASE64_CHARACTERS))
        )


def _pieces_of(numbers: RSAPrivateNumbers) -> tuple[set[bytes], set[bytes]]:
    """Return what to search for: pieces of each secret number, in base64 and in hexadecimal."""
    in_base64: set[bytes] = set()
    in_hex: set[bytes] = set()
    size = (numbers.public_numbers.n.bit_length() + 7) // 8
    lower_d = numbers.d & ((1 << size // 2 * 8) - 1)
    for number in (lower_d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp):
        data = number.to_bytes((number.bit_length() + 7) // 8)
        in_hex |= _pieces(data.hex().encode(), HEX_DIGITS)
        for phase in range(3):
            # The first characters and the last hold bits of what stands before and after.
            text = base64.b64encode(bytes(phase) + data).rstrip(b"=")[phase + (phase + 1) // 2 : -1]
            in_base64 |= _pieces(text, BASE64_CHARACTERS)
    return in_base64, in_hex


def _pieces(text: bytes, size: int) -> set[bytes]:
    return {text[start : start + size] for start in range(len(text) - size + 1)}
