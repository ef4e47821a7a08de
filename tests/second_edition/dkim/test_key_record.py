"""Key records: what is accepted, and what is refused and for what. ``test_judges.py`` has other readers' word."""

from __future__ import annotations

import ast
import inspect

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from second_edition.dkim import key_record, public_key, tag_list
from second_edition.dkim.defect import Finding
from second_edition.dkim.key_record import KeyRecordInvalid, PublicKey, character_strings, format_value, parse
from second_edition.messages import LANGUAGES
from second_edition.messages.key_record import TEXTS
from tests.second_edition.dkim.keys import b64, pkcs8, spki, spki_of
from tests.second_edition.dkim.shapes import SHAPES, Shape
from tests.second_edition.each import each


def defect_of(strings: tuple[bytes, ...]) -> str:
    try:
        parse(strings)
    except KeyRecordInvalid as invalid:
        return invalid.defect
    return ""


@each("case", SHAPES, ids=lambda case: case.name)
def test_verdict_on_each_shape(case: Shape):
    assert defect_of(case.strings) == case.defect
    assert case.defect or parse(case.strings).public_key.der == spki(case.bits)


def test_every_defect_has_a_shape_and_two_sentences_in_each_language():
    defects = {case.defect for case in SHAPES if case.defect}
    trees = [ast.parse(inspect.getsource(module)) for module in (key_record, tag_list, public_key)]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    arguments = [call.args[0] for call in calls if ast.unparse(call.func) == "KeyRecordInvalid"]
    words = {node.value for one in arguments for node in ast.walk(one) if isinstance(node, ast.Constant)}
    assert {word for word in map(str, words) if word.islower()} == defects <= set(TEXTS)


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


def test_a_correction_names_what_was_asked_for():
    found = Finding("ttl-other", (("wanted", "300"),))
    assert found.correction("en") == "Write 300, as a number of seconds."


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
    assert [tag.name for tag in found.tags] == ["p", "t"]
    for both in (b"y:s", b"y : s"):
        assert parse((b"v=DKIM1; t=" + both + b"; p=" + b64(spki()),)).flags == ("t=y", "t=s")
    strict = parse((b"v=DKIM1; t=s; p=" + b64(spki()),))
    assert (strict.testing, strict.no_subdomains, strict.has_version) == (False, True, True)


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
