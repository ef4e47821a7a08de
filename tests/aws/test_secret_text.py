"""A secret's text with one selector more or less: nothing else that stood there is lost, whatever its shape."""

from __future__ import annotations

import json
from typing import Any

import pytest

from byodkim.aws.key_store import Entry, parse_secret
from byodkim.aws.secret_text import SecretUnfit, with_entry, without_entry

NEW = Entry("mail-20261124-1", "v=DKIM1; k=rsa; p=AAAA", "dkim-keys/example.jp/mail-20261124-1/private_key.pem")

PRIVATE = "-----BEGIN PRIVATE KEY-----"


def entry(selector: str, **more: Any) -> dict[str, Any]:
    return {"selector": selector, "dns_record": {"value": f"p={selector}"}, "s3_key_path": f"keys/{selector}", **more}


ONE = entry("mail-1", domain="example.jp", expires="2027-09-12")
SHAPES: dict[str, Any] = {
    "one": ONE,
    "one and earlier ones": {**entry("mail-3"), "previous": [entry("mail-2"), entry("mail-1")]},
    "one and an earlier one": {**entry("mail-3"), "previous": entry("mail-2")},
    "without a path": {"selector": "mail-1", "dns_record": {"value": "p=x", "type": "TXT"}},
    "a list": [entry("mail-1"), entry("mail-2")],
    "a list by name": {"domain": "例え.jp", "selectors": [entry("mail-1"), entry("mail-2")], "n": 1.5},
    "by names": {"mail-1": entry("mail-1"), "mail-2": entry("mail-2"), "note": None},
    "deeper": {"dkim": {"example.jp": [entry("mail-1")]}},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_entry_stays_and_one_is_added(shape: str) -> None:
    text = json.dumps(SHAPES[shape])
    before, _ = parse_secret(text)
    after, defect = parse_secret(with_entry(text, NEW))
    assert defect == ""
    assert sorted(after, key=repr) == sorted((*before, NEW), key=repr)
    assert with_entry(text, NEW) == with_entry(text, NEW)


def test_a_secret_of_one_entry_has_the_new_one_at_the_top_and_what_is_beside_it_stays() -> None:
    made = json.loads(with_entry(json.dumps(ONE), NEW))
    assert made == {
        "selector": NEW.selector, "dns_record": {"value": NEW.dns_value}, "s3_key_path": NEW.key_path,
        "domain": "example.jp", "expires": "2027-09-12", "previous": [entry("mail-1")],
    }  # fmt: skip
    again = json.loads(with_entry(json.dumps(made), Entry("mail-20261124-2", "p=B", "k")))
    assert [one["selector"] for one in again["previous"]] == ["mail-20261124-1", "mail-1"]


def test_in_a_list_and_by_names_it_stands_beside_the_others() -> None:
    listed = json.loads(with_entry(json.dumps(SHAPES["a list by name"]), NEW))
    assert [one["selector"] for one in listed["selectors"]] == ["mail-1", "mail-2", NEW.selector]
    assert (listed["domain"], listed["n"]) == ("例え.jp", 1.5)
    named = json.loads(with_entry(json.dumps(SHAPES["by names"]), NEW))
    assert list(named) == ["mail-1", "mail-2", "note", NEW.selector]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no json", "not-json"),
        ("{}", "no-entry"),
        (json.dumps(entry("mail-1", s3_key_path="-----BEGIN PRIVATE KEY-----")), "private-key-inside"),
        (json.dumps(entry(NEW.selector)), "there"),
        (json.dumps([entry("mail-1"), entry(NEW.selector)]), "there"),
        (json.dumps({"mail-1": entry("mail-1"), NEW.selector: "something else"}), "shape"),
        (json.dumps({**ONE, "note": "x" * 65_536}), "too-large"),
    ],
)
def test_what_cannot_be_added_to_is_refused(text: str, code: str) -> None:
    with pytest.raises(SecretUnfit) as caught:
        with_entry(text, NEW)
    assert caught.value.code == code


@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_there_before_goes_again_and_leaves_what_was_added(shape: str) -> None:
    before, _ = parse_secret(json.dumps(SHAPES[shape]))
    text = with_entry(json.dumps(SHAPES[shape]), NEW)
    for one in before:
        text = without_entry(text, one.selector)
    assert parse_secret(text) == ((NEW,), "")


@pytest.mark.parametrize("shape", ["a list", "a list by name", "by names", "deeper"])
def test_one_of_several_that_was_added_goes_and_leaves_the_text_as_it_was(shape: str) -> None:
    text = with_entry(json.dumps(SHAPES[shape]), NEW)
    assert json.loads(without_entry(text, NEW.selector)) == SHAPES[shape]


@pytest.mark.parametrize(
    ("text", "gone", "left"),
    [
        ({**entry("mail-3"), "previous": [entry("mail-1")]}, "mail-1", entry("mail-3")),
        (
            {**entry("mail-3", note=[]), "previous": [entry("mail-2"), entry("mail-1", private_key="kept apart")]},
            "mail-1",
            {**entry("mail-3", note=[]), "previous": [entry("mail-2")]},
        ),
        ([entry("mail-1"), entry("mail-2"), entry("mail-1")], "mail-1", [entry("mail-2")]),
        ({"mail-1": entry("mail-1"), "mail-2": entry("mail-2"), "n": 1}, "mail-1", {"mail-2": entry("mail-2"), "n": 1}),
        ({**entry("mail-3"), "previous": entry("mail-2")}, "mail-2", entry("mail-3")),
    ],
    ids=["the only earlier one", "with all that stands in it", "twice", "by names", "an earlier one that is no list"],
)
def test_an_entry_goes_whole_and_nothing_beside_it(text: Any, gone: str, left: Any) -> None:
    assert json.loads(without_entry(json.dumps(text), gone)) == left


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no json", "not-json"),
        ("{}", "no-entry"),
        (json.dumps(entry("mail-2")), "absent"),
        (json.dumps({**entry("mail-1"), "previous": [entry("mail-2")]}), "own"),
        (json.dumps([entry("mail-1")]), "last"),
        (json.dumps([entry("mail-1", previous=[entry("mail-3")]), entry("mail-2")]), "shape"),
        (
            json.dumps([entry("mail-1"), {**entry("mail-2"), "s3_key_path": "-----BEGIN PRIVATE KEY-----"}]),
            "private-key-inside",
        ),
    ],
)
def test_an_entry_that_cannot_go_alone_stays(text: str, code: str) -> None:
    with pytest.raises(SecretUnfit) as caught:
        without_entry(text, "mail-1")
    assert caught.value.code == code
