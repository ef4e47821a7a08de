"""Pieces of a private key are found in every spelling in which they get about; nothing else is."""

from __future__ import annotations

import base64
import html
import json
import quopri
import random
import re
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest

from byodkim.custody import traces
from byodkim.custody.traces import Traces
from tests.dkim import keys
from tests.project.tracked import ROOT

SALT = bytes(range(16))


def secrets(bits: int = 2048) -> list[bytes]:
    numbers = keys.private_key(bits).private_numbers()
    parts = (numbers.d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp)
    return [part.to_bytes((part.bit_length() + 7) // 8) for part in parts]


@pytest.fixture(scope="module")
def known() -> Traces:
    return traces.of(secrets(), SALT)


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
    "base64 of JSON": lambda data: b64(json.dumps({"message": b64(data)}).encode()),
    "base64 of hexadecimal": lambda data: b64(data.hex().encode()),
    "hexadecimal of base64": lambda data: b64(data).encode().hex(),
    "base64url of base64": lambda data: base64.urlsafe_b64encode(b64(data).encode()).decode(),
    "JSON of a URL of base64": lambda data: json.dumps(urllib.parse.quote(b64(data), safe="")),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_is_found_wherever_it_stands(known: Traces, name: str) -> None:
    chance, missed = random.Random(name), []
    for number in range(60):
        secret = chance.choice(secrets())
        start = chance.randrange(len(secret) - 12)
        spelled = SPELLINGS[name](secret[start : start + 12])
        before, after = ("." * chance.randrange(9) + " ", " ." + "-" * chance.randrange(9))
        if not known.found_in(f"An error\u3002 {before}{spelled}{after} was said."):
            missed.append((number, start, spelled))
    assert missed == []


def test_every_position_of_every_secret_number_is_found(known: Traces) -> None:
    places = [(number, start) for number, secret in enumerate(secrets()) for start in range(len(secret) - 11)]
    all_of_them = secrets()
    missed = [place for place in places if not known.found_in(b64(all_of_them[place[0]][place[1] : place[1] + 12]))]
    assert len(places) > 800
    assert missed == []


def test_fifteen_characters_are_no_piece(known: Traces) -> None:
    (secret, *_) = secrets()
    assert not known.found_in(b64(secret[30:42])[:15])


def test_no_false_alarm_in_what_is_public(known: Traces) -> None:
    chance = random.Random(20261124)
    public = [b64(keys.spki()), b64(keys.pkcs1_public()), keys.spki().hex(), "".join(map(str, range(3000)))]
    public += [f"v=DKIM1; k=rsa; p={b64(chance.randbytes(294))}" for _ in range(100)]
    public += [chance.randbytes(3000).decode("latin-1"), chance.randbytes(3000).hex(), b64(chance.randbytes(90_000))]
    public += [path.read_text("utf-8") for path in sorted(Path(ROOT, "outputs").glob("example.*"))]
    assert [text[:40] for text in public if known.found_in(text)] == []


def test_the_traces_of_two_keys_are_one_and_survive_being_told(known: Traces) -> None:
    both = known | traces.of(secrets(1024), SALT)
    told = Traces.from_plain(json.loads(json.dumps(both.plain())))
    assert told == both
    for bits in (1024, 2048):
        assert told.found_in(b64(secrets(bits)[1][10:22]))
    assert not known.found_in(b64(secrets(1024)[1][10:22]))


def test_nothing_is_found_where_no_key_was_known() -> None:
    assert not Traces(SALT).found_in(b64(secrets()[0]))


def test_digests_with_another_salt_are_others(known: Traces) -> None:
    assert known.digests.isdisjoint(traces.of(secrets(), bytes(16)).digests)
    assert len(known.digests) > 2500
