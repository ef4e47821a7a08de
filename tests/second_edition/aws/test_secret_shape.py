"""The shape of a secret, which journals and twins hold: no value, as a field or as its name, that no entry needs."""

from __future__ import annotations

import json

from second_edition.aws.secret_fields import FieldUnknown
from second_edition.aws.secret_shape import PUBLIC, shape_of

ENTRY = {"selector": "mail-20261124-1", "s3_key_path": "keys/a.pem", "dns_record": {"value": "v=DKIM1; p=AAAA"}}
MARKED = (
    "topsecret-hunter2", "token-hunter3.example", "ghp_16C7e42F292c6912E7", "AKIAIOSFODNN7EXAMPLE",
    "alice-S3cr3tPassw0rd", "5f4dcc3b5aa765d61d8327deb882cf99",
    "ghp_abcdefghijklmnopqrstuvwx", "sk-live-abcdefghijkl", "hunter-two-secret-pass", "sk_short", "hunter4",
)  # fmt: skip


def test_values_that_no_entry_needs_are_told_by_their_type_alone() -> None:
    bucket, domain, *names, value = MARKED
    secret = {
        "s3_bucket": "example-jp-dkim-keys",
        "example.jp": {**ENTRY, "password": value},
        "other": {"s3_bucket": bucket, "domain": domain, "list": [{"s3_bucket": bucket}, {"selector": value}]},
        **dict.fromkeys(names, value),
    }
    shape = shape_of(json.dumps(secret))
    said = json.dumps(shape)
    assert [word for word in MARKED if word in said] == []
    # Beside and above an entry, bucket and domain say where its key is and whose it is.
    assert shape["s3_bucket"] == {PUBLIC: "example-jp-dkim-keys"}
    assert shape["example.jp"]["selector"] == {PUBLIC: "mail-20261124-1"}
    assert len(shape) == len(secret)


def test_a_pem_or_a_number_in_any_field_is_not_kept() -> None:
    secret = {**ENTRY, "private_key": "-----BEGIN", "n": 1234567890123, "f": 2.5, "b": True, "none": None}
    shape = shape_of(json.dumps(secret))
    assert (shape["private_key"], shape["n"], shape["f"], shape["b"], shape["none"]) == ("text", 0, 0.0, False, None)


def test_names_of_times_and_of_entries_are_kept() -> None:
    selector, domain = "example-co-jp-mail-20261124-1", "mail-service.example.jp"
    secret = {domain: {selector: {**ENTRY, "selector": selector, "expiration_date": "", "last_rotated_date_time": ""}}}
    assert [*shape_of(json.dumps(secret))] == [domain]
    assert [*shape_of(json.dumps(secret))[domain]] == [selector]
    assert {"expiration_date", "s3_key_path"} <= {*shape_of(json.dumps(secret))[domain][selector]}


def test_fields_that_are_not_known_are_named_without_values() -> None:
    assert FieldUnknown(["a.hunter-two-secret-pass", "serial"]).names == "a.***, serial"
