"""Key records: what is accepted, what is refused and for what, and that dkimpy accepts no less."""

from __future__ import annotations

import logging

import dkim
import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import event, given, settings
from hypothesis import strategies as st

from byodkim.dkim.key_record import KeyRecordInvalid, PublicKey, character_strings, format_value, parse
from byodkim.messages import LANGUAGES
from byodkim.messages.key_record import TEXTS
from tests.dkim.keys import b64, pem, pkcs8, spki, spki_of
from tests.dkim.shapes import SHAPES, Shape, shape
from tests.each import each

SELECTOR, DOMAIN = b"mail-20261124-1", b"example.jp"
MESSAGE = b"From: info@example.jp\r\nTo: taro@example.jp\r\nSubject: rehearsal\r\n\r\nhello\r\n"
SIGNED: dict[int, bytes] = {}


def dkimpy_accepts(record: bytes, bits: int) -> bool:
    """Return whether dkimpy verifies, with only this record, a message signed as SES signs."""
    if bits not in SIGNED:
        header = dkim.sign(MESSAGE, SELECTOR, DOMAIN, pem(bits), canonicalize=(b"relaxed", b"relaxed"))
        SIGNED[bits] = header + MESSAGE
    quiet = logging.getLogger("quiet")
    quiet.setLevel(logging.CRITICAL)
    try:
        return bool(dkim.verify(SIGNED[bits], logger=quiet, dnsfunc=lambda _name, **_: record))
    except (dkim.DKIMException, ValueError, IndexError, TypeError, AttributeError):
        return False  # dkimpy lets a few errors of its parsers through


def defect_of(strings: tuple[bytes, ...]) -> str:
    try:
        parse(strings)
    except KeyRecordInvalid as invalid:
        return invalid.defect
    return ""


@each("case", SHAPES, ids=lambda case: case.name)
def test_verdict_on_each_shape(case: Shape):
    assert defect_of(case.strings) == case.defect


@each("case", [case for case in SHAPES if not case.defect], ids=lambda case: case.name)
def test_what_is_accepted_verifies_with_dkimpy(case: Shape):
    assert parse(case.strings).public_key.der == spki(case.bits)
    assert dkimpy_accepts(b"".join(case.strings), case.bits)


def test_dkimpy_is_less_strict_and_no_rubber_stamp():
    refused = [case for case in SHAPES if case.defect]
    accepted_there = {case.name for case in refused if dkimpy_accepts(b"".join(case.strings), case.bits)}
    assert {"version-not-first", "double-semicolon"} & accepted_there == {"version-not-first"}
    assert "quotes-within-key" in accepted_there
    assert len(accepted_there) < len(refused) / 2


def test_every_defect_has_a_shape_and_two_sentences_in_each_language():
    defects = {case.defect for case in SHAPES if case.defect}
    keys = {key for key in TEXTS if "." not in key} - {"means"}
    assert keys == defects
    assert {f"{key}.todo" for key in keys} <= set(TEXTS)


@each("case", [case for case in SHAPES if case.defect], ids=lambda case: case.name)
def test_refusal_is_one_paragraph_and_shows_no_key(case: Shape):
    with pytest.raises(KeyRecordInvalid) as caught:
        parse(case.strings)
    said = [str(caught.value)]
    told = (caught.value.explain("en"), TEXTS["means"], caught.value.correction("en"))
    assert (caught.value.what, caught.value.means, caught.value.todo) == told
    for language in LANGUAGES:
        said += [caught.value.explain(language), caught.value.correction(language)]
    private = b64(pkcs8()).decode()
    for text in said:
        assert text
        assert "\n" not in text
        assert "{" not in text
        assert not any(private[start : start + 16] in text for start in range(len(private) - 16))
    assert any(ord(character) > 0x3000 for character in said[3])


def test_truncated_key_is_stated_against_its_real_length():
    with pytest.raises(KeyRecordInvalid, match="132 bytes, where its header states 294") as caught:
        parse(shape("base64-cut-at-four").strings)
    assert "132" in caught.value.explain("ja")
    assert caught.value.values == {"real": 132, "stated": 294}


def test_what_a_record_says_besides_its_key():
    plain = parse(shape("plain").strings)
    assert [(tag.name, tag.value) for tag in plain.tags[:2]] == [("v", "DKIM1"), ("k", "rsa")]
    assert (plain.testing, plain.no_subdomains, plain.has_version) == (False, False, True)
    both = parse(shape("testing-and-strict").strings)
    assert (both.testing, both.no_subdomains) == (True, True)
    assert not parse(shape("key-only").strings).has_version
    unknown = parse(shape("unknown-tag").strings)
    assert ("x_1", "any/thing=here") in [(tag.name, tag.value) for tag in unknown.tags]


@each("rest", [b"; n=" + b"x" * 500, b"; n=" + b"x" * 2000, b" " * 2000])
def test_a_private_key_in_a_record_that_is_too_long_is_called_by_its_name(rest: bytes):
    assert defect_of((b"v=DKIM1; p=" + b64(pkcs8()) + rest,)) == "private-key"
    assert defect_of((b"v=DKIM1; p=" + b64(spki()) + rest + b"x" * 200,)) == "too-long"


def test_base64_has_one_spelling():
    assert defect_of((b"p=eA==",)) == "not-der"
    assert defect_of((b"p=eB==",)) == "bad-base64"  # bits that belong to no byte (RFC 4648 section 3.5)


def test_flags_are_none_where_there_is_no_tag_of_them():
    found = parse((b"p=" + b64(spki()) + b"; t=",))
    assert (found.testing, found.no_subdomains, found.has_version) == (False, False, False)
    assert found.flags == ()
    spaced = parse((b"v=DKIM1; t=y : s; p=" + b64(spki()),))
    assert spaced.flags == ("t=y", "t=s")
    strict = parse((b"v=DKIM1; t=s; p=" + b64(spki()),))
    assert (strict.testing, strict.no_subdomains, strict.has_version) == (False, True, True)


def test_value_of_2048_bits_takes_two_strings():
    value = format_value(PublicKey.from_der(spki()))
    assert value == "v=DKIM1; k=rsa; p=" + b64(spki()).decode()
    assert [len(string) for string in character_strings(value)] == [255, 155]


@given(st.text(st.characters(codec="ascii"), max_size=1200))
def test_character_strings_join_to_the_value(value: str):
    strings = character_strings(value)
    assert "".join(strings) == value
    assert all(len(string) <= 255 for string in strings)
    assert all(strings[:-1])


moduli = st.integers(1024, 2048).flatmap(
    lambda bits: st.integers(0, 2 ** (bits - 2) - 1).map(lambda low: 1 << (bits - 1) | low << 1 | 1)
)


@given(moduli, st.sampled_from([3, 17, 65537, 2**31 - 1]))
def test_format_then_parse_gives_the_key_back(number: int, exponent: int):
    key = PublicKey.from_der(spki_of(number, exponent))
    strings = tuple(string.encode() for string in character_strings(format_value(key)))
    found = parse(strings)
    assert found.public_key == key
    assert found.public_key.bits == number.bit_length()
    assert format_value(found.public_key).encode() == b"".join(strings)


@given(st.lists(st.binary(max_size=255), max_size=5))
def test_arbitrary_bytes_raise_nothing_else(strings: list[bytes]):
    assert defect_of(tuple(strings)) != ""


white = st.sampled_from([*[""] * 20, " ", " ", "\t", "  ", "\r\n ", " \r\n\t", "\n", "\r\n"])
known = """
    v=DKIM1 v=DKIM2 k=rsa k=RSA k= t=y t=s t=y:s t= s=* s=email s=email:* s=x g=* g= g=a
    h=sha256 h=sha1:sha256 h=sha1 h=sha256:x h=* h= x=1 x= n=a=b n p P=1 =x
"""
unknown = st.builds(
    "{}={}".format, st.from_regex(r"[a-z][a-z0-9_]{0,3}", fullmatch=True), st.text("az=:/+*,.", max_size=5)
)
tags = st.one_of(st.sampled_from(known.split()), unknown)


@given(st.lists(tags, max_size=3), st.booleans(), st.lists(white, min_size=15, max_size=15), st.sampled_from(["", ";"]))
@settings(max_examples=400, deadline=None)
def test_whatever_is_accepted_verifies_with_dkimpy(found: list[str], opens: bool, spaces: list[str], end: str):
    listed = ["v=DKIM1"] * opens + found + ["p=" + b64(spki()).decode()]
    space = iter(spaces)
    text = ";".join(
        next(space) + name + next(space) * bool(equals) + equals + next(space) + value
        for name, equals, value in (tag.partition("=") for tag in listed)
    )
    record = (text + end).encode()
    accepted = not defect_of((record,))
    event(f"accepted: {accepted}")
    assert dkimpy_accepts(record, 2048) or not accepted


@given(st.data())
def test_a_damaged_record_is_refused_or_sound(data: st.DataObject):
    """One byte of a sound record changed, lost or added: refused, or cryptography reads the same numbers."""
    text = b"v=DKIM1; k=rsa; p=" + b64(spki(1024))
    place = data.draw(st.integers(0, len(text) - 1))
    byte = data.draw(st.binary(max_size=2))
    damaged = text[:place] + byte + text[place + data.draw(st.integers(0, 1)) :]
    if not defect_of((damaged,)):
        key = parse((damaged,)).public_key
        assert load_der_public_key(key.der).key_size == key.bits  # type: ignore[union-attr]
