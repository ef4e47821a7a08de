"""Private keys are read in every form that key stores hold, proved by OpenSSL, and show nothing of themselves."""

from __future__ import annotations

import base64
import copy
import pickle
import subprocess
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from second_edition.custody import private_key
from second_edition.custody.private_key import KeyDefect
from tests.second_edition.custody import forms
from tests.second_edition.custody.forms import SOUND
from tests.second_edition.custody.test_windows import secrets
from tests.second_edition.dkim import keys
from tests.second_edition.each import each


def openssl(*arguments: str, data: bytes) -> bytes:
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


@each("name", SOUND)
def test_ses_gets_bare_base64_of_the_same_form_which_openssl_finds_sound(name: str) -> None:
    key = private_key.load(SOUND[name][1]())
    bits = 1024 if name.endswith("1024") else 2048
    expected = forms.bare(forms.PKCS1 if key.form.startswith("PKCS#1") else forms.PKCS8, bits).decode()
    assert key.ses_value == expected
    checked = openssl("pkey", "-inform", "DER", "-check", "-noout", data=base64.b64decode(key.ses_value))
    assert b"valid" in checked


def test_a_refusal_keeps_nothing_of_what_it_read() -> None:
    text = forms.bare(forms.PKCS8)
    with pytest.raises(KeyDefect) as caught:
        private_key.load(text[:-8])
    told = "".join(traceback.format_exception(caught.value))
    assert text[40:56].decode() not in told
    assert caught.value.__suppress_context__


def test_a_key_shows_nothing_of_itself() -> None:
    key = private_key.load(forms.pem(forms.PKCS8))
    for shown in (repr(key), str(key), f"{key}", f"{[key]}"):
        assert not key.windows.found_in(shown)
        assert key.ses_value not in shown
        assert key.sha256[:16] in shown


@each("leave", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_key_cannot_be_copied_out(leave: object) -> None:
    key = private_key.load(forms.pem(forms.PKCS8))
    with pytest.raises(TypeError, match=r"^a private key does not leave the custodian$"):
        leave(key)  # type: ignore[operator]


@each("bits", [1024, 2048])
def test_every_fragment_of_sixteen_characters_is_found_in_every_phase(bits: int) -> None:
    key = private_key.load(forms.pem(forms.PKCS8, bits))
    der = base64.b64decode(forms.bare(forms.PKCS8, bits))
    planted = 0
    for secret, before in product(secrets(bits), (b"", b"x", b"xy")):
        data = before + der
        text, at = base64.b64encode(data).decode(), data.index(secret)
        # Characters that hold bits of the secret only: all of theirs lie at or after its first, and before its end.
        inner = [n for n in range(len(text)) if at * 8 <= n * 6 and (n + 1) * 6 <= (at + len(secret)) * 8]
        for start in inner[:-15]:
            planted += 1
            assert key.windows.found_in(text[start : start + 16])
    assert planted > bits


def test_fifteen_characters_are_not_enough_and_the_public_half_is_not_secret() -> None:
    key = private_key.load(forms.pem(forms.PKCS8))
    text = forms.bare(forms.PKCS8).decode()
    assert not any(key.windows.found_in(text[start : start + 15]) for start in range(0, len(text), 50))
    modulus = keys.private_key(2048).public_key().public_numbers().n.to_bytes(256)
    for public in (keys.spki(), keys.pkcs1_public(), *(modulus[phase:] for phase in range(3))):
        assert not key.windows.found_in(base64.b64encode(public).decode())
    assert not key.windows.found_in(f"{key.public_key} {key.sha256}")


@dataclass(frozen=True, repr=False)
class Numbers:
    """RSAPrivateKey of RFC 8017, appendix A.1.2. Its ``repr`` shows none."""

    n: int
    e: int
    d: int
    p: int
    q: int
    dmp1: int
    dmq1: int
    iqmp: int

    def der(self) -> bytes:
        body = b"".join(_integer(number) for number in (0, *vars(self).values()))
        return b"\x30\x82" + len(body).to_bytes(2, "big") + body


def _integer(number: int) -> bytes:
    data = number.to_bytes(number.bit_length() // 8 + 1, "big")
    length = len(data)
    head = bytes([length] if length < 128 else [0x81, length] if length < 256 else [0x82, length >> 8, length & 255])
    return b"\x02" + head + data


def made_of(p: int, q: int, e: int = 65537) -> Numbers:
    """All numbers that follow from these, as if p and q were prime."""
    d = pow(e, -1, (p - 1) * (q - 1))
    return Numbers(p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))


@cache
def sound() -> Numbers:
    own = keys.private_key(2048).private_numbers()
    public = own.public_numbers
    return Numbers(public.n, public.e, own.d, own.p, own.q, own.dmp1, own.dmq1, own.iqmp)


def composite() -> Numbers:
    """p is two primes; every relation that can be told without a test of primality holds."""
    while True:
        half = rsa.generate_private_key(65537, 1024).private_numbers()
        p = half.p * half.q
        if (p - 1) % 65537:
            return made_of(p, sound().q)


def carmichael() -> Numbers:
    """p is a Carmichael number: everything signs and verifies as with a prime, and n has four prime factors.

    p = (6k+1)(12k+1)(18k+1) with three primes (Chernick, 1939).
    """
    k = (1 << 338) + (1 << 337) + 32315
    p = (6 * k + 1) * (12 * k + 1) * (18 * k + 1)
    assert all(pow(base, p - 1, p) == 1 for base in (2, 3, 5, 7))
    return made_of(p, sound().q)


def defect(numbers: Numbers) -> str:
    try:
        private_key.load(base64.b64encode(numbers.der()))
    except KeyDefect as found:
        return found.code
    return ""


def openssl_finds_sound(numbers: Numbers) -> bool:
    command = ["openssl", "rsa", "-check", "-noout", "-inform", "DER"]
    done = subprocess.run(command, input=numbers.der(), capture_output=True)
    return done.returncode == 0 and b"RSA key ok" in done.stdout + done.stderr


WRONG: dict[str, Callable[[], Numbers]] = {
    "another modulus": lambda: replace(sound(), n=sound().n + 2),
    "an even modulus": lambda: replace(sound(), n=sound().n + 1),
    "another exponent": lambda: replace(sound(), e=3),
    "no exponent": lambda: replace(sound(), e=1),
    "an even exponent": lambda: replace(sound(), e=65536),
    "another private exponent": lambda: replace(sound(), d=sound().d + 2),
    "a private exponent above the modulus": lambda: replace(
        sound(), d=sound().d + 2 * (sound().p - 1) * (sound().q - 1)
    ),
    "another p": lambda: replace(sound(), p=sound().p + 2),
    "another q": lambda: replace(sound(), q=sound().q + 2),
    "p is 1": lambda: replace(sound(), p=1, q=sound().n),
    "p is q": lambda: replace(made_of(sound().p, sound().q), n=sound().p ** 2, q=sound().p),
    "another first CRT exponent": lambda: replace(sound(), dmp1=sound().dmp1 + 2),
    "another second CRT exponent": lambda: replace(sound(), dmq1=sound().dmq1 + 2),
    "another coefficient": lambda: replace(sound(), iqmp=sound().iqmp + 1),
    "p is not prime": composite,
    "p is a Carmichael number": carmichael,
}


def test_sound_numbers_are_taken() -> None:
    assert openssl_finds_sound(sound())
    assert defect(sound()) == ""


@each("name", WRONG)
def test_numbers_that_do_not_belong_together_are_refused(name: str) -> None:
    numbers = WRONG[name]()
    assert not openssl_finds_sound(numbers)
    assert defect(numbers) == "unreadable"


def test_a_public_exponent_has_31_bits_at_most() -> None:
    for e, found in ((2**31 - 1, ""), (2**31 + 11, "wide-exponent"), (2**33 + 29, "wide-exponent")):
        numbers = made_of(sound().p, sound().q, e)
        assert openssl_finds_sound(numbers)  # OpenSSL takes up to 64 bits; Go's crypto/rsa takes 31
        assert defect(numbers) == found, e
