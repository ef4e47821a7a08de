"""Every piece of the secret numbers is found; what is public, or follows from it, is not."""

import base64
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from byodkim.custody.leak_guard import LeakGuard
from tests.aws.keys import pem, public

PIECE = 24  # bytes: 32 characters of base64, of which 16 hold nothing else in any phase


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    loaded = load_pem_private_key(pem(), None)
    assert isinstance(loaded, RSAPrivateKey)
    return loaded


@pytest.fixture(scope="module")
def guard(key: RSAPrivateKey) -> LeakGuard:
    guard = LeakGuard()
    guard.learn(key.private_numbers())
    return guard


def spellings(piece: bytes, before: int) -> list[bytes]:
    """Return a piece of a key as it gets into texts."""
    text = base64.b64encode(random.randbytes(before) + piece)
    return [
        text,
        base64.urlsafe_b64encode(random.randbytes(before) + piece),
        text[:15] + b"\\n" + text[15:],
        text.replace(b"/", b"\\/"),
        piece.hex().encode(),
        piece.hex(":").upper().encode(),
    ]


def test_pieces(key, guard):
    numbers = key.private_numbers()
    lower_d = numbers.d & (2**1024 - 1)
    for number in (numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp, lower_d):
        data = number.to_bytes(128)
        for start in range(128 - PIECE + 1):
            for text in spellings(data[start : start + PIECE], start % 4):
                assert guard.finds(b'{"answer":"' + text + b'"}'), (start, text)


def test_what_is_public(key, guard):
    numbers = key.private_numbers()
    upper_d = (numbers.d >> 1024).to_bytes(128)
    texts = [public(pem()).encode(), numbers.public_numbers.n.to_bytes(256).hex().encode()]
    texts += [
        base64.b64encode(upper_d),
        upper_d.hex().encode(),
        random.randbytes(9999).hex().encode(),
    ]
    assert not any(map(guard.finds, texts))
    assert not LeakGuard().finds(pem())
