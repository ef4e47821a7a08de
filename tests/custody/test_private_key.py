"""Private keys are read in every form that key stores hold, proved by OpenSSL, and show nothing of themselves."""

from __future__ import annotations

import base64
import copy
import hashlib
import pickle
import subprocess
import traceback
from itertools import product

import pytest

from byodkim.custody import private_key
from byodkim.custody.private_key import KeyDefect, PrivateKey
from tests.custody import forms
from tests.custody.forms import SOUND
from tests.custody.test_windows import secrets
from tests.dkim import keys
from tests.each import each


def openssl(*arguments: str, data: bytes) -> bytes:
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


@each("name", SOUND)
def test_a_sound_key_is_read_and_named_as_openssl_names_it(name: str) -> None:
    form, make = SOUND[name]
    key = private_key.load(make())
    bits = 1024 if name.endswith("1024") else 2048
    public = openssl("pkey", "-pubout", "-outform", "DER", data=forms.pem(forms.PKCS8, bits))
    assert (key.form, key.bits) == (form, bits)
    assert key.sha256 == hashlib.sha256(public).hexdigest()
    assert base64.b64decode(key.public_key) == public


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
    with pytest.raises(TypeError, match="does not leave"):
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


def test_the_key_itself_is_found_in_every_form_and_within_other_text() -> None:
    key = private_key.load(forms.pem(forms.PKCS8))
    for _, make in SOUND.values():
        data = make()
        leaks = key.windows.found_in(data.decode())
        assert leaks is (b"MIIC" not in data[:4])  # the smaller key is another one
    text = forms.bare(forms.PKCS8).decode()
    for around in (
        f'{{"message": "{text[900:916]}"}}',
        f"<b>{text[900:920]}</b>",
        f"..{text[900:908]}\n{text[908:920]}",
    ):
        assert key.windows.found_in(around)


def test_fifteen_characters_are_not_enough_and_the_public_half_is_not_secret() -> None:
    key = private_key.load(forms.pem(forms.PKCS8))
    text = forms.bare(forms.PKCS8).decode()
    assert not any(key.windows.found_in(text[start : start + 15]) for start in range(0, len(text), 50))
    modulus = keys.private_key(2048).public_key().public_numbers().n.to_bytes(256)
    for public in (keys.spki(), keys.pkcs1_public(), *(modulus[phase:] for phase in range(3))):
        assert not key.windows.found_in(base64.b64encode(public).decode())
    assert not key.windows.found_in(f"{key.public_key} {key.sha256}")


def test_two_readings_of_one_key_are_equal() -> None:
    first, second = (private_key.load(forms.pem(forms.PKCS8)) for _ in range(2))
    assert isinstance(first, PrivateKey)
    assert first == second
