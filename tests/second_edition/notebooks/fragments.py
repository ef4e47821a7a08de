"""Looks for a private key, or a piece of one, in anything: base64 in its three phases, hexadecimal, and raw."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

WINDOW = 16  # characters of base64, 12 bytes: no match by chance
HEX_WINDOW = 24


class Fragments:
    """What would give a key away: its secret numbers, cut into windows. The public ones stand in every record."""

    def __init__(self, *pems: bytes) -> None:
        self._base64: set[bytes] = set()
        self._hex: set[bytes] = set()
        self._raw: list[bytes] = []
        for pem in pems:
            key = load_pem_private_key(pem, None)
            assert isinstance(key, rsa.RSAPrivateKey)
            for number in _secrets(key):
                self._raw.append(number[8:24])
                self._hex.update(_windows(number.hex().encode(), HEX_WINDOW))
                for phase in range(3):
                    self._base64.update(_windows(base64.b64encode(number[phase:]).rstrip(b"="), WINDOW))

    def found_in(self, data: bytes) -> bool:
        """Return whether 16 characters of base64 or 24 of hexadecimal, in lines or not, or 16 raw bytes are there."""
        folded = re.sub(rb"\\n|[^A-Za-z0-9+/]", b"", data)
        if any(window in self._base64 for window in _windows(folded, WINDOW)):
            return True
        digits = re.sub(rb"[\s:]", b"", data).lower()
        runs = re.findall(rb"[0-9a-f]{%d,}" % HEX_WINDOW, digits)
        if any(window in self._hex for run in runs for window in _windows(run, HEX_WINDOW)):
            return True
        return any(piece in data for piece in self._raw)


def _secrets(key: rsa.RSAPrivateKey) -> Iterator[bytes]:
    numbers = key.private_numbers()
    for number in (numbers.d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp):
        yield number.to_bytes((number.bit_length() + 7) // 8)


def _windows(text: bytes, size: int) -> Iterator[bytes]:
    return (text[start : start + size] for start in range(len(text) - size + 1))
