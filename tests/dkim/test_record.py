import pytest
from hypothesis import given, strategies as st

from byodkim.dkim.record import (
    BadKeyRecord,
    character_strings,
    format_key_record,
    parse_key_record,
)
from tests.aws.keys import public
from tests.dkim.keys import b64, pem, record, sha256, spki, spki_of
from tests.dkim.shapes import KEY, REFUSED, SOUND


@pytest.mark.parametrize("text", SOUND, ids=map(str, range(len(SOUND))))
def test_sound_records_hold_the_key(text):
    read = parse_key_record(text)
    assert (read.public_key, read.sha256, read.bits) == (KEY, sha256(), 2048)


@pytest.mark.parametrize(
    ("text", "reason"),
    REFUSED,
    ids=[f"{place}-{reason}" for place, (_text, reason) in enumerate(REFUSED)],
)
def test_refused_records_say_what_is_wrong(text, reason):
    with pytest.raises(BadKeyRecord) as refused:
        parse_key_record(text)
    assert reason in str(refused.value.reason)
    assert refused.value.todo
    kinds = {"revoked": "revoked", "placeholder": "placeholder"}
    assert refused.value.kind == kinds.get(reason, "defective")


def test_flags():
    read = parse_key_record(f"v=DKIM1; t=y : s:x; n=note; p={KEY}")
    assert read.flags == ("y", "s", "x")
    assert parse_key_record(f"p={KEY}").flags == ()


@pytest.mark.parametrize("bits", [1024, 2048])
def test_format_gives_the_key_that_openssl_derives(bits):
    assert format_key_record(public(pem(bits))) == record(bits)
    assert parse_key_record(record(bits)).bits == bits


@pytest.mark.parametrize("exponent", [3, 2**31 - 1])
def test_exponents_at_the_bounds(exponent):
    assert parse_key_record(f"p={b64(spki_of(2048, exponent))}").bits == 2048


@pytest.mark.parametrize("length", [0, 1, 255, 256, 410, 510, 511])
def test_character_strings_join_to_the_value(length):
    value = (record() * 2)[:length]
    strings = character_strings(value)
    assert "".join(strings) == value
    assert max(map(len, strings)) <= 255
    assert len(strings) == max(1, -(-length // 255))


@given(st.text())
def test_any_text_is_refused_with_a_reason(text):
    with pytest.raises(BadKeyRecord):
        parse_key_record(text)


@given(st.binary(max_size=400), st.integers(0, 294))
def test_any_bytes_in_place_of_the_key(data, kept):
    der = spki()[:kept] + data
    try:
        read = parse_key_record(f"v=DKIM1; p={b64(der)}")
    except BadKeyRecord:
        return
    assert 1024 <= read.bits <= 2048
