"""Further places: what a profile may name, and which of them a run goes to."""

from __future__ import annotations

from typing import Any

import pytest

from byodkim.errors import ParameterError
from byodkim.intent import places, profile
from byodkim.intent.profile import Place

ACCOUNT, OTHER = "123456789012", "111122223333"
SECTION: dict[str, Any] = {"account": ACCOUNT, "region": "ap-northeast-1"}
LISTED = [Place("us-east-1"), Place("eu-west-1", OTHER, "mail-eu"), Place("us-east-1", OTHER, "mail-eu")]


def chosen(asked: str, region: str = "ap-northeast-1") -> list[str]:
    return [one.name for one in places.of(asked, ACCOUNT, region, LISTED, "profile", "en")]


def test_all_that_are_listed_in_their_order() -> None:
    assert chosen("") == [f"{ACCOUNT}/us-east-1", f"{OTHER}/eu-west-1", f"{OTHER}/us-east-1"]
    (first, *_) = places.of("", ACCOUNT, "ap-northeast-1", LISTED, "profile", "en")
    assert (first.account, first.region, first.aws_profile, first.source) == (ACCOUNT, "us-east-1", "", "profile")


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("none", []),
        ("us-east-1", [f"{ACCOUNT}/us-east-1"]),
        (f"{OTHER}/us-east-1", [f"{OTHER}/us-east-1"]),
        (f" {OTHER}/eu-west-1 , us-east-1 ,", [f"{ACCOUNT}/us-east-1", f"{OTHER}/eu-west-1"]),
    ],
)
def test_some_of_them_by_name_in_the_order_of_the_profile(asked: str, names: list[str]) -> None:
    assert chosen(asked) == names


@pytest.mark.parametrize("asked", ["eu-west-1", "us-west-2", "None", f"{ACCOUNT}/eu-west-1"])
def test_one_that_is_not_listed_is_refused(asked: str) -> None:
    with pytest.raises(ParameterError, match=asked):
        chosen(asked)


def test_the_runs_own_place_is_no_further_one() -> None:
    with pytest.raises(ParameterError, match=f"{ACCOUNT}/us-east-1"):
        chosen("", region="us-east-1")
    assert chosen(f"{OTHER}/eu-west-1", region="us-east-1") == [f"{OTHER}/eu-west-1"]


WRONG: dict[str, dict[str, Any]] = {
    "no Region": {"places": [{"account": OTHER}]},
    "an unknown key": {"places": [{"region": "us-east-1", "bucket": "b"}]},
    "no account number": {"places": [{"region": "us-east-1", "account": "12"}]},
    "no Region's name": {"places": [{"region": "Tokyo"}]},
    "twice": {"places": [{"region": "us-east-1"}, {"region": "us-east-1", "account": ACCOUNT}]},
    "the section's own": {"places": [{"region": "ap-northeast-1"}]},
    "another account without a profile": {"places": [{"region": "us-east-1", "account": OTHER}]},
    "another account by the section's profile": {
        "aws_profile": "mail", "places": [{"region": "us-east-1", "account": OTHER, "aws_profile": "mail"}],
    },
    "a section without an account": {"account": "", "places": [{"region": "us-east-1"}]},
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_places_are_refused_when_the_profile_is_read(name: str) -> None:
    with pytest.raises(ParameterError, match=r"places|\[default\]"):
        profile.of({**SECTION, **WRONG[name]}, "default", "en")


def test_sound_places_are_taken() -> None:
    other = {"region": "us-east-1", "account": OTHER, "aws_profile": "mail-eu"}
    found = profile.of({**SECTION, "places": [{"region": "us-east-1"}, other]}, "default", "en")
    assert found.places == [Place("us-east-1"), Place("us-east-1", OTHER, "mail-eu")]
