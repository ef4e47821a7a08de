"""Answers of calls that went side by side are told in any order."""

from __future__ import annotations

from byodkim.aws.raw import digest
from byodkim.evidence.raw_answers import contradictions
from tests.each import each

RAW = {"fields": {"VersionId": "19071a6a", "entries": []}}
WHOLE = {"operation": "GetSecretValue", "raw": RAW}
AGAIN = {"operation": "GetSecretValue", "raw": {"same_as": digest(RAW)}}


@each("calls", [[WHOLE, AGAIN], [AGAIN, WHOLE]], ids=["named-first", "named-last"])
def test_an_answer_that_came_again_may_stand_before_the_one_that_it_names(calls: list[object]) -> None:
    assert list(contradictions([{"event": "waited", "n": 1, "calls": calls}])) == []


def test_an_answer_that_names_one_that_never_came_is_none() -> None:
    assert list(contradictions([{"event": "waited", "n": 1, "calls": [AGAIN]}])) == [(1, "malformed")]
