"""Secrets in every shape seen, where key objects lie, and private keys where only public values belong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.paginate import Paginator

from second_edition.aws.key_store import Entry, Place, candidates, contradiction, parse_secret, place_of, selectors
from tests.second_edition.custody import forms
from tests.second_edition.dkim import keys
from tests.second_edition.each import each

VALUE = "v=DKIM1; k=rsa; p=abc"


def entry(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return what is certain, as a generator writes it."""
    whole = {
        "selector": f"mail-20261124-{number}",
        "dns_record": {"value": VALUE},
        "s3_key_path": f"dkim-keys/example.jp/mail-20261124-{number}/private_key.pem",
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def parsed(data: object) -> tuple[tuple[Entry, ...], str]:
    return parse_secret(json.dumps(data))


def expected(*numbers: int, domain: str = "") -> tuple[Entry, ...]:
    return tuple(
        Entry(f"mail-20261124-{n}", VALUE, f"dkim-keys/example.jp/mail-20261124-{n}/private_key.pem", domain)
        for n in numbers
    )


SHAPES: dict[str, tuple[object, tuple[int, ...]]] = {
    "one": (entry(), (1,)),
    "one-with-more-beside-it": (
        entry(domain=None, expires="2027-11-24", warn_days=[60, 30, 16], active=True, note=None)
        | {"dns_record": {"value": VALUE, "name": "x", "type": "TXT", "ttl": 300}},
        (1,),
    ),
    "three-in-a-list": ([entry(1), entry(2), entry(3)], (1, 2, 3)),
    "three-nested-in-a-list": ({"domain": "", "selectors": [entry(1), entry(2), entry(3)]}, (1, 2, 3)),
    "by-selector": ({entry(n)["selector"]: entry(n) for n in (1, 2)}, (1, 2)),
    "one-and-others-below-it": (entry() | {"previous": entry(2)}, (1, 2)),
    "the-same-twice": ([entry(), entry()], (1, 1)),
}


@each("name", SHAPES)
def test_a_secret_is_read_in_every_shape_seen(name: str) -> None:
    data, numbers = SHAPES[name]
    assert parsed(data) == (expected(*numbers), "")


def test_a_path_is_not_certain_and_both_spellings_of_a_record_are_taken() -> None:
    bare = entry(s3_key_path=None, dns_record={"value": "k=rsa; p=abc"})
    assert parsed(bare) == ((Entry("mail-20261124-1", "k=rsa; p=abc", ""),), "")


@each(
    "data",
    [
        entry(selector=None),
        entry(selector=20250917),
        entry(dns_record=None),
        entry(dns_record={}),
        {}, [], None, 7, "text", [[[[[[entry()]]]]]],
    ],
)  # fmt: skip
def test_what_is_certain_is_read_strictly(data: object) -> None:
    assert parsed(data) == ((), "no-entry")


@each("path", [None, 7, ["a"]])
def test_a_path_that_is_no_text_is_said(path: object) -> None:
    broken = entry() | {"s3_key_path": path}
    for data in (broken, [broken], {"a": {"b": broken}}):
        assert parsed(data) == ((), "no-path")
    assert parsed([broken, entry(2)]) == (expected(2), "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "selector: x",
        "{",
        "[" * 100_000,
        '{"a": ' + "9" * 5000 + "}",
        json.dumps(entry(selector="\ud800")),
        "\ufeff\ufeff{}",
    ],
    ids=["empty", "yaml", "cut", "deep", "long-number", "half-a-character", "two-marks"],
)
def test_what_is_no_json_is_said(text: str) -> None:
    assert parse_secret(text) == ((), "not-json")


@each(
    ("data", "domains"),
    [
        (entry(domain="Example.JP."), ["example.jp"]),
        (entry(domain="例え.jp"), ["xn--r8jz45g.jp"]),
        ({"domain": "example.jp", "selectors": [entry(1), entry(2)]}, ["example.jp"] * 2),
        ({"example.jp": entry(), "example.com": [entry()]}, ["example.jp", "example.com"]),
        ({"dkim": {"example.jp": {"mail-20261124-1": entry()}}}, ["example.jp"]),
        ({"example.jp": entry(domain="mail.example.jp") | {"previous": [entry(2)]}}, ["mail.example.jp"] * 2),
        ([entry(domain="example.jp"), entry(domain="example.com"), entry(2)], ["example.jp", "example.com", ""]),
        ({"v1.2": entry(), "current": entry(2, domain=["example.jp"])}, ["", ""]),
    ],
)
def test_an_entry_is_of_the_domain_that_it_or_what_is_around_it_names(data: object, domains: list[str]) -> None:
    found, defect = parsed(data)
    assert ([one.domain for one in found], defect) == (domains, "")


def test_a_bucket_holds_for_what_it_stands_beside_and_below() -> None:
    data = {"s3_bucket": "one", "example.jp": entry(s3_bucket="two"), "example.com": entry(), "x": entry(s3_bucket=7)}
    assert [one.bucket for one in parsed(data)[0]] == ["two", "one", "one"]


def test_a_flat_key_is_read_like_a_nested_one_and_both_are_two() -> None:
    flat = entry(dns_record=None) | {"dns_record.value": VALUE}
    assert parsed(flat) == (expected(1), "")
    assert parsed(flat | {"dns_record": {"value": VALUE}}) == (expected(1), "")
    assert [one.dns_value for one in parsed(flat | {"dns_record": {"value": "p=other"}})[0]] == ["p=other", VALUE]
    assert parsed(flat | {"dns_record.value": 7}) == ((), "no-entry")


def test_bytes_are_read_as_json_and_what_is_none_is_told_apart() -> None:
    assert parse_secret(json.dumps(entry()).encode()) == (expected(1), "")
    assert parse_secret(b"\xef\xbb\xbf" + json.dumps(entry()).encode()) == (expected(1), "")
    assert parse_secret(b"\xff\xfe\x00") == ((), "binary")
    assert parse_secret(b"selector: x") == ((), "binary")
    for form in ("pkcs1-pem", "pkcs8-base64"):
        key = forms.SOUND[form][1]()
        assert parse_secret(key) == ((), "private-key-inside")
        assert parse_secret(key.decode()) == ((), "private-key-inside")
    assert parse_secret(keys.pkcs8()) == ((), "private-key-inside")


@each(
    ("path", "bucket", "named", "both"),
    [
        ("a.pem", "keys", "", ()),
        ("s3://keys/a.pem", "keys", "keys", ()),
        ("", "keys", "other", ("s3://other", "s3://keys")),
        ("a.pem", "keys", "other", ("s3://other", "s3://keys")),
        ("s3://keys/a.pem", "", "other", ("s3://other", "s3://keys")),
        ("s3://third/a.pem", "keys", "other", ("s3://other", "s3://keys", "s3://third")),
    ],
)
def test_two_buckets_are_a_contradiction_that_names_both(
    path: str, bucket: str, named: str, both: tuple[str, ...]
) -> None:
    found = contradiction(path, bucket, named)
    assert (found.candidates if found else ()) == both
    assert found is None or found.defect == "two-buckets"


@each(
    ("path", "bucket", "place"),
    [
        ("dkim-keys/a/private_key.pem", "keys", Place("keys", "dkim-keys/a/private_key.pem")),
        ("/dkim-keys/a.pem", "keys", Place("keys", "dkim-keys/a.pem")),
        ("s3://other/dkim-keys/a b.pem", "keys", Place("other", "dkim-keys/a b.pem")),
        ("s3://other/a.pem", "", Place("other", "a.pem")),
        ("a.pem", "", None),
        ("", "keys", None),
        ("s3://other", "keys", None),
        ("https://other.s3.amazonaws.com/a.pem", "keys", None),
    ],
)
def test_a_path_is_a_key_or_an_s3_address_and_nothing_is_guessed(path: str, bucket: str, place: Place | None) -> None:
    assert place_of(path, bucket) == place


class Bucket:
    """S3's ListObjectsV2, by prefix."""

    def __init__(self, *names: str) -> None:
        self.names, self.asked = names, []  # type: ignore[var-annotated]

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request["Bucket"])
        found = [{"Key": name} for name in self.names if name.startswith(request["Prefix"])]
        return {"Contents": found} if found else {}

    def get_paginator(self, name: str) -> Paginator:
        """botocore's own, over this bucket."""
        config = {"input_token": "ContinuationToken", "output_token": "NextContinuationToken", "result_key": "Contents"}
        return Paginator(getattr(self, name), {**config, "more_results": "IsTruncated"}, model=None)

    def get_object(self, **request: Any) -> dict[str, Any]:
        raise AssertionError(request)

    head_object = get_object


SELECTOR = "mail-20261124-1"
FIRST = f"dkim-keys/example.jp/{SELECTOR}/private_key.pem"
SECOND = f"private_keys/example.jp/{SELECTOR}/private_key_20261110_020011.pem"
THIRD = f"dkim-certificates/example.jp/{SELECTOR}/private_key.pem"


@each(
    ("names", "found"),
    [
        ((), ()),
        ((FIRST,), (FIRST,)),
        ((SECOND,), (SECOND,)),
        ((THIRD, FIRST), (THIRD, FIRST)),
        ((f"{FIRST}.bak", f"dkim-keys/example.jp/{SELECTOR}/public_key.pem"), ()),
        ((f"dkim-keys/example.jp/{SELECTOR}0/private_key.pem",), ()),
        ((f"dkim-keys/other.example.jp/{SELECTOR}/private_key.pem",), ()),
        ((f"private_keys/example.jp/{SELECTOR}/private_key_latest.pem",), ()),
        ((f"dkim-keys/example.jp/{SELECTOR}/older/private_key.pem",), ()),
    ],
)
def test_candidates_are_the_whole_objects_of_the_known_layouts(names: tuple[str, ...], found: tuple[str, ...]) -> None:
    bucket = Bucket(*names)
    places = candidates(bucket, "keys", "example.jp", SELECTOR)
    assert places == tuple(Place("keys", name) for name in sorted(found))
    assert set(bucket.asked) == {"keys"}


OWN = "own/{domain}/{selector}.pem"


@each(
    ("layout", "name"),
    [
        (OWN, f"own/example.jp/{SELECTOR}.pem"),
        ("dkim-keys/{domain}/{selector}/private_key.pem", FIRST),
    ],
)
def test_a_layout_of_one_s_own_is_looked_through_besides(layout: str, name: str) -> None:
    bucket = Bucket(name, f"{name}.bak", f"{name}/x")
    assert candidates(bucket, "keys", "example.jp", SELECTOR, layout) == (Place("keys", name),)
    assert selectors(bucket, "keys", "example.jp", layout) == {SELECTOR}


def test_a_long_bucket_is_read_page_by_page() -> None:
    class Pages(Bucket):
        def list_objects_v2(self, **request: Any) -> dict[str, Any]:
            first = "ContinuationToken" not in request
            found = super().list_objects_v2(**request).get("Contents", [])
            half = found[:1] if first else found[1:]
            return {"Contents": half, "IsTruncated": first and len(found) > 1, "NextContinuationToken": "t"}

    names = [f"dkim-keys/example.jp/mail-{number}/private_key.pem" for number in range(3)]
    assert selectors(Pages(*names), "keys", "example.jp") == {"mail-0", "mail-1", "mail-2"}
