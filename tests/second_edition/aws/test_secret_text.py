"""A secret's text with one selector more or less: nothing else that stood there is lost, whatever its shape."""

from __future__ import annotations

import hashlib
import json
import textwrap
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest

from second_edition.aws.key_store import Entry, parse_secret
from second_edition.aws.secret_fields import NewKey
from second_edition.aws.secret_text import SecretUnfit, with_entry
from tests.second_edition.dkim import keys
from tests.second_edition.each import each

HOME, BUCKET = "example.jp", "keys"
PATH = "dkim-keys/example.jp/mail-20261124-1/private_key.pem"
OLD_P, NEW_P = b64encode(b"old" * 98).decode(), b64encode(b"new" * 98).decode()
NEW_VALUE = f"v=DKIM1; k=rsa; p={NEW_P}"
NEW = NewKey(
    Entry("mail-20261124-1", NEW_VALUE, PATH, HOME, BUCKET), 2048, datetime(2026, 11, 24, 2, 0, 11, tzinfo=UTC)
)


def pem(text: str) -> str:
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *textwrap.wrap(text, 64), "-----END PUBLIC KEY-----", ""])


def entry(selector: str, **more: Any) -> dict[str, Any]:
    return {"selector": selector, "dns_record": {"value": f"p={selector}"}, "s3_key_path": f"keys/{selector}", **more}


def made(path: str = PATH, value: str = NEW_VALUE, **more: Any) -> dict[str, Any]:
    return {"selector": "mail-20261124-1", "dns_record": {"value": value}, "s3_key_path": path, **more}


ONE = entry("mail-1", domain="example.jp", note=None)
FLAT = {"selector": "mail-1", "dns_record.value": f"k=rsa; p={OLD_P}", "dns_record.ttl": 300, "s3_key_path": "k/mail-1"}
WHOLE = {
    "domain": "example.jp",
    "selector": "mail-20260912-1",
    "dns_record": {
        "name": "mail-20260912-1._domainkey.example.jp",
        "type": "TXT",
        "ttl": 3600,
        "value": f"v=DKIM1; k=rsa; p={OLD_P}",
    },
    "s3_bucket": "keys",
    "s3_key_path": "s3://keys/dkim-certificates/example.jp/mail-20260912-1/private_key.pem",
    "public_key": pem(OLD_P),
    "fingerprint": hashlib.sha256(b"old" * 98).hexdigest(),
    "created": "2026-09-12T02:00:11+09:00",
    "expires_at": "2027-09-12T02:00:11Z",
    "key_size": 1024,
    "kms_key_id": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "warn_days": [60, 30, 16],
    "active": True,
}
WHOLE_MADE = {
    **WHOLE,
    "selector": "mail-20261124-1",
    "dns_record": {"name": "mail-20261124-1._domainkey.example.jp", "type": "TXT", "ttl": 3600, "value": NEW_VALUE},
    "s3_key_path": f"s3://keys/{PATH}",
    "public_key": pem(NEW_P),
    "fingerprint": hashlib.sha256(b"new" * 98).hexdigest(),
    "created": "2026-11-24T11:00:11+09:00",
    "expires_at": "2027-11-24T11:00:11Z",
    "key_size": 2048,
}
DATED = {"expires": "2027-09-12", "dns_value_sha256": None, "region": "ap-northeast-1"}

#: Every shape seen, each with what it is with one key more.
SHAPES: dict[str, tuple[Any, Any]] = {
    "the run sheet's": (entry("mail-1"), {**made(), "previous": [entry("mail-1")]}),
    "all that a generator writes": (WHOLE, {**WHOLE_MADE, "previous": [WHOLE]}),
    "a flat key": (
        FLAT,
        {"selector": "mail-20261124-1", "dns_record.value": NEW_VALUE, "dns_record.ttl": 300, "s3_key_path": PATH,
         "previous": [FLAT]},
    ),
    "an expiry, of nobody knows when": (
        entry("mail-1", **DATED),
        {**made(), "dns_value_sha256": None, "region": "ap-northeast-1", "previous": [entry("mail-1", **DATED)]},
    ),
    "one and earlier ones": (
        {**entry("mail-3", created=1789000000), "previous": [entry("mail-2"), entry("mail-1", created=1)]},
        {**made(created=1795485611),
         "previous": [entry("mail-3", created=1789000000), entry("mail-2"), entry("mail-1", created=1)]},
    ),
    "without a path": (
        {"selector": "mail-1", "dns_record": {"value": "p=x", "type": "TXT"}},
        {"selector": "mail-20261124-1", "dns_record": {"value": NEW_VALUE, "type": "TXT"}, "s3_key_path": PATH,
         "previous": [{"selector": "mail-1", "dns_record": {"value": "p=x", "type": "TXT"}}]},
    ),
    "a list": ([entry("mail-1"), entry("mail-2")], [entry("mail-1"), entry("mail-2"), made()]),
    "three in a list": (
        {"domain": "例え.jp", "n": 1.5,
         "selectors": [entry(f"mail-{n}", public_key=OLD_P, created=f"2026-09-1{n}") for n in (1, 2)]
         + [{**WHOLE, "domain": "example.jp"}]},
        {"domain": "例え.jp", "n": 1.5,
         "selectors": [entry(f"mail-{n}", public_key=OLD_P, created=f"2026-09-1{n}") for n in (1, 2)]
         + [{**WHOLE, "domain": "example.jp"}, WHOLE_MADE]},
    ),
    "by names": (
        {"mail-1": entry("mail-1"), "mail-2": entry("mail-2"), "note": None},
        {"mail-1": entry("mail-1"), "mail-2": entry("mail-2"), "note": None, "mail-20261124-1": made()},
    ),
    "by domains": (
        {"example.com": entry("mail-1"), "example.jp": entry("mail-1", created="2026-09-12"), "version": 2},
        {"example.com": entry("mail-1"),
         "example.jp": {**made(created="2026-11-24"), "previous": [entry("mail-1", created="2026-09-12")]},
         "version": 2},
    ),
}  # fmt: skip


@each("binary", [False, True], ids=["text", "bytes"])
@each("shape", SHAPES)
def test_one_is_added_in_the_shape_there_is_and_every_field_stays(shape: str, *, binary: bool) -> None:
    before, after = SHAPES[shape]
    text: str | bytes = json.dumps(before).encode() if binary else json.dumps(before)
    once, again = with_entry(text, NEW), with_entry(text, NEW)
    assert json.loads(once) == after
    assert once == again
    was, _ = parse_secret(text)
    found, defect = parse_secret(once)
    (more,) = set(found) - set(was)
    assert (defect, set(was) <= set(found), len(found)) == ("", True, len(was) + 1)
    assert (more.selector, more.dns_value, more.is_of(HOME)) == (NEW.entry.selector, NEW_VALUE, True)


@each("binary", [False, True], ids=["text", "bytes"])
def test_a_byte_order_mark_is_read_over_and_kept(*, binary: bool) -> None:
    text = f"\ufeff{json.dumps(WHOLE)}"
    once = with_entry(text.encode() if binary else text, NEW)
    assert (once[0], json.loads(once[1:])) == ("\ufeff", {**WHOLE_MADE, "previous": [WHOLE]})
    assert parse_secret(once.encode() if binary else once) == parse_secret(once[1:])
    assert parse_secret("\ufeff" * 2 + json.dumps(WHOLE)) == ((), "not-json")


def test_a_second_key_pushes_the_first_one_down() -> None:
    once = with_entry(json.dumps(WHOLE), NEW)
    later = NewKey(Entry("mail-20270301-1", "p=B", "k", HOME, BUCKET), 2048, datetime(2027, 3, 1, tzinfo=UTC))
    again = json.loads(with_entry(once, later))
    assert [one["selector"] for one in again["previous"]] == ["mail-20261124-1", "mail-20260912-1"]
    assert again["previous"] == [WHOLE_MADE, WHOLE]


@each(
    ("name", "value"),
    [
        ("certificate_serial", "17"),
        ("public_key", "of some other form"),
        ("created", "Saturday"),
        ("note", "made for mail-1"),
        ("a", "2026-09-12T02:00:11Z"),
        ("a", "0123456789abcdef" * 2),
        ("a", OLD_P),
        ("previous", "mail-0"),
    ],
)
@each("shape", ["one", "deep", "list"])
def test_a_field_that_may_be_the_old_key_s_own_is_refused_by_its_name(name: str, value: Any, shape: str) -> None:
    if name == "previous" and shape != "one":
        name, value = "sha256", "-"
    one = entry("mail-1", more={name: value}) if shape == "deep" else entry("mail-1", **{name: value})
    text = json.dumps([one] if shape == "list" else one)
    with pytest.raises(SecretUnfit) as caught:
        with_entry(text, NEW)
    assert (caught.value.code, caught.value.field) == ("field", f"more.{name}" if shape == "deep" else name)


@each("end", ["\n", "\r\n"])
def test_a_public_key_in_pem_is_the_new_key_s_whatever_its_field_and_line_ends(end: str) -> None:
    value = f"v=DKIM1; k=rsa; p={OLD_P}"
    for form in (str, str.strip):
        old, new = (form(pem(key)).replace("\n", end) for key in (OLD_P, NEW_P))
        one = {**entry("mail-1", public_key_pem=old), "dns_record": {"value": value}}
        assert json.loads(with_entry(json.dumps(one), NEW))["public_key_pem"] == new


@each("pieces", [[255, 400], [380, 400]])
def test_a_piece_of_the_old_key_s_record_is_refused(pieces: list[int]) -> None:
    value = f"v=DKIM1; k=rsa; p={OLD_P}"
    chunks = [value[start:end] for start, end in zip([0, *pieces], [*pieces, None], strict=True)]
    for chunk in filter(lambda text: len(text) > 32, chunks):
        with pytest.raises(SecretUnfit) as caught:
            with_entry(json.dumps({**WHOLE, "dns_record": {"value": value, "a": ["TXT", chunk]}}), NEW)
        assert caught.value.field == "dns_record.a"


@each(
    ("old", "new"),
    [
        ("2026-09-12", "2026-11-24"),
        ("2026-09-12T02:00:11Z", "2026-11-24T02:00:11Z"),
        ("2026-09-12T02:00:11.123456+09:00", "2026-11-24T11:00:11.000000+09:00"),
        ("2026-09-12 02:00:11", "2026-11-24 02:00:11"),
        (1789000000, 1795485611),
        (1789000000000, 1795485611000),
    ],
)
@each("name", ["created", "createdAt", "generated_at", "last_rotated"])
def test_a_time_of_making_is_the_new_key_s_in_the_old_one_s_spelling(name: str, old: Any, new: Any) -> None:
    found = json.loads(with_entry(json.dumps(entry("mail-1", **{name: old})), NEW))
    assert (found[name], type(found[name])) == (new, type(new))


@each(
    ("text", "code"),
    [
        ("no json", "not-json"),
        ("{}", "no-entry"),
        (json.dumps(entry("mail-1", s3_key_path=keys.pem().decode())), "private-key-inside"),
        (json.dumps(entry(NEW.entry.selector)), "there"),
        (json.dumps({"mail-1": entry("mail-1"), NEW.entry.selector: "something else"}), "shape"),
        (json.dumps({**ONE, "note": "Ask us. " * 8192}), "too-large"),
        (json.dumps(entry("mail-1", s3_bucket="other")), "bucket"),
        (json.dumps({"example.com": entry("mail-1")}), "shape"),
    ],
)
def test_what_cannot_be_added_to_is_refused(text: str, code: str) -> None:
    with pytest.raises(SecretUnfit) as caught:
        with_entry(text, NEW)
    assert caught.value.code == code
