"""Pieces of a private key are found in every spelling in which they get about; nothing else is."""

from __future__ import annotations

import base64
import gzip
import html
import json
import pickle
import quopri
import random
import re
import urllib.parse
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from second_edition.custody import windows
from second_edition.custody.session import Session
from second_edition.custody.windows import Windows
from tests.second_edition.custody import forms
from tests.second_edition.dkim import keys
from tests.second_edition.each import each
from tests.second_edition.project.tracked import ROOT


def secrets(bits: int = 2048) -> list[bytes]:
    numbers = keys.private_key(bits).private_numbers()
    lower = numbers.d & ((1 << bits // 2) - 1)  # the upper half follows from the public key
    parts = (lower, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp)
    return [part.to_bytes((part.bit_length() + 7) // 8) for part in parts]


@pytest.fixture(scope="module")
def known() -> Windows:
    return windows.of_key(keys.private_key(2048).private_numbers())


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def wrapped(text: str, width: int = 7) -> str:
    return "\n".join(text[start : start + width] for start in range(0, len(text), width))


# Each takes 12 bytes of a secret, which are 16 characters of base64, and spells them.
SPELLINGS: dict[str, Callable[[bytes], str]] = {
    "base64": b64,
    "base64url": lambda data: base64.urlsafe_b64encode(data).decode(),
    "base64url in Markdown": lambda data: base64.urlsafe_b64encode(data).decode().replace("_", "\\_"),
    "base64 in lines": lambda data: wrapped(b64(data)),
    "base64 in lines of JSON": lambda data: json.dumps(wrapped(b64(data))),
    "base64 in lines of JSON in JSON": lambda data: json.dumps(json.dumps(wrapped(b64(data)))),
    "base64 in JSON, slashes escaped": lambda data: json.dumps(b64(data)).replace("/", "\\/"),
    "base64 in JSON, signs escaped": lambda data: re.sub(
        r"[+/]", lambda found: f"\\u{ord(found[0]):04x}", f'"{b64(data)}"'
    ),
    "base64 in quotes and signs": lambda data: '", "'.join(b64(data)),
    "hexadecimal": lambda data: data.hex(),
    "upper-case hexadecimal": lambda data: data.hex().upper(),
    "hexadecimal with colons": lambda data: data.hex(":"),
    "hexadecimal with blanks, in lines": lambda data: wrapped(data.hex(" "), 9),
    "hexadecimal with commas": lambda data: ", ".join(f"0x{byte:02x}" for byte in data),
    "hexadecimal in JSON's lines": lambda data: json.dumps(wrapped(data.hex())),
    "Python's bytes": lambda data: "".join(f"\\x{byte:02x}" for byte in data),
    "JSON's escapes": lambda data: "".join(f"\\u{byte:04x}" for byte in data),
    "URL": lambda data: urllib.parse.quote(data, safe=""),
    "base64 in a URL": lambda data: urllib.parse.quote(b64(data), safe=""),
    "quoted-printable": lambda data: "".join(f"={byte:02X}" for byte in data),
    "base64 in quoted-printable": lambda data: quopri.encodestring(
        f"key: {wrapped(b64(data), 70)}=".encode(), quotetabs=True
    ).decode(),
    "HTML": lambda data: "".join(f"&#{byte};" for byte in data),
    "base64 in HTML": lambda data: "".join(
        f"&#x{ord(char):x};" if char in "+/" else char for char in html.escape(b64(data))
    ),
    "Latin-1": lambda data: data.decode("latin-1"),
    "base64 of base64": lambda data: b64(b64(data).encode()),
    "base64 of base64, within": lambda data: b64(b"x" + b64(data).encode() + b"yz"),
    "base64 of base64, in lines": lambda data: wrapped(b64(wrapped(b64(data)).encode())),
    "base64 of base64 of base64": lambda data: b64(b64(b64(data).encode()).encode()),
    "base64 four times, in lines of JSON": lambda data: json.dumps(
        wrapped(b64(b64(b64(b64(data).encode()).encode()).encode()))
    ),
    "base64 of JSON": lambda data: b64(json.dumps({"message": b64(data)}).encode()),
    "base64 of hexadecimal": lambda data: b64(data.hex().encode()),
    "hexadecimal of base64": lambda data: b64(data).encode().hex(),
    "base64url of base64": lambda data: base64.urlsafe_b64encode(b64(data).encode()).decode(),
    "base64url of zlib, among others": lambda data: (
        f"{'x' * (data[0] % 4)}a-rather-long-name "
        + base64.urlsafe_b64encode(zlib.compress(f"{keys.spki().hex()} {b64(data)}".encode())).decode()
    ),
    "JSON of a URL of base64": lambda data: json.dumps(urllib.parse.quote(b64(data), safe="")),
}


@each("name", SPELLINGS)
def test_every_spelling_is_found_wherever_it_stands(known: Windows, name: str) -> None:
    chance, missed = random.Random(name), []
    for number in range(60):
        secret = chance.choice(secrets())
        start = chance.randrange(len(secret) - 12)
        if name == "Latin-1" and secret[start : start + 12].isascii():
            continue  # one in 4,096 pieces is text by itself: nothing tells that it is bytes
        spelled = SPELLINGS[name](secret[start : start + 12])
        before, after = ("." * chance.randrange(9) + " ", " ." + "-" * chance.randrange(9))
        if not known.found_in(f"An error\u3002 \ud83d {before}{spelled}{after} was said."):
            missed.append((number, start, spelled))
    assert missed == []


def test_no_false_alarm_in_what_is_public(known: Windows) -> None:
    chance = random.Random(20261124)
    public = [b64(keys.spki()), b64(keys.pkcs1_public()), keys.spki().hex(), "".join(map(str, range(3000)))]
    public += [f"v=DKIM1; k=rsa; p={b64(chance.randbytes(294))}" for _ in range(100)]
    public += [chance.randbytes(3000).decode("latin-1"), chance.randbytes(3000).hex(), b64(chance.randbytes(90_000))]
    public += [forms.bare(forms.PKCS8, 1024).decode(), forms.ec_pem(forms.PKCS8).decode()]  # of other keys
    public += [path.read_text("utf-8") for path in sorted(Path(ROOT, "outputs").glob("example.*"))]
    assert [text[:40] for text in public if known.found_in(text)] == []


def test_compressed_texts_are_found(known: Windows) -> None:
    text = f"{'a record ' * 50}{b64(secrets()[1][20:60])}{' and more' * 50}".encode()
    for data in (gzip.compress(text), zlib.compress(text), zlib.compress(text, 9)):
        for spelled in (data, b64(data), data.hex(), wrapped(b64(data)), json.dumps({"file": b64(data)})):
            assert known.found_in(spelled)
        assert known.found_in(b"before" + data + b"after")
        assert known.found_in(data[:-8] + b"it breaks off")


WHOLE, BROKEN = zlib.compress(bytes(1000)), zlib.compress(random.Random(1).randbytes(1000))[:-4] + b"it breaks off"


@each(
    ("data", "room", "sizes"),
    [
        (WHOLE * 5, 9000, [1000] * 5),
        (WHOLE * 5, 2000, [1000] * 2),
        (WHOLE * 5, 2001, [1000, 1000, 1]),
        (BROKEN, 9000, [953]),  # up to 64 bytes before
        (BROKEN, 400, [400]),
    ],
)
def test_no_more_is_decompressed_than_there_is_room_for(data: bytes, room: int, sizes: list[int]) -> None:
    assert [len(text) for text in windows._inflated(data, room)] == sizes


def test_the_room_is_for_all_that_is_compressed_in_a_text() -> None:
    one = zlib.compress(b"A" * 1000)
    longest = max(windows.readings(b" ".join((one, b64(one).encode(), b64(one).encode())), 1, 2500), key=len)
    assert longest.count(b"A") // 100 == 25
    nested = max(windows.readings(zlib.compress(zlib.compress(b"A" * 1000)), 2, 500), key=len)
    assert nested.count(b"A") // 100 == 4


def test_little_endian_numbers_are_found(known: Windows) -> None:
    assert all(known.found_in(b64(secret[::-1])) for secret in secrets())


def test_what_follows_from_the_public_key_is_no_secret(known: Windows) -> None:
    numbers = keys.private_key(2048).private_numbers()
    d = numbers.d.to_bytes(256)
    assert not known.found_in(b64(d[:128]))
    assert not known.found_in(b64(d[117:129])[:15])  # not even with a character of the lower half
    # 88 bits, and what stands before or after them or fills up the last character.
    for secret in (order for one in secrets() for order in (one, one[::-1])):
        for part in (bytes(1) + secret[:11], bytes(2) + secret[:11], secret[-11:], secret[-11:] + bytes(1)):
            assert not known.found_in(b64(part))


def test_two_keys_are_searched_for_together_and_windows_do_not_leave_the_process(known: Windows) -> None:
    both = known | windows.of_key(keys.private_key(1024).private_numbers())
    for bits in (1024, 2048):
        assert both.found_in(b64(secrets(bits)[1][10:22]))
    assert not known.found_in(b64(secrets(1024)[1][10:22]))
    with pytest.raises(TypeError, match=r"^key material does not leave the custodian$"):
        pickle.dumps(known)


@pytest.mark.parametrize("bits", [1024, 2048])
def test_a_secret_that_is_learned_later_takes_nothing_of_what_is_searched_for(bits: int) -> None:
    """As the key of a DNS update, behind the private key."""
    session = Session()
    for one in (1024, 2048):
        session.learn(windows.of_key(keys.private_key(one).private_numbers()))
    assert session.leaks(b64(secrets(bits)[1][10:22]))
    session.pool.shutdown()


def test_nothing_is_found_where_no_key_was_known() -> None:
    assert not Windows().found_in(b64(secrets()[1]))
