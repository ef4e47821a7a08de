"""Answers of calls that went side by side are told in any order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from second_edition.aws.raw import digest
from second_edition.events.parts import Call, RawAnswer
from second_edition.events.writes import Waited
from second_edition.evidence.raw_answers import differences
from tests.second_edition.each import each

AT = datetime(2026, 11, 24, 4, 12, tzinfo=UTC)
RAW = {"fields": {"VersionId": "19071a6a", "entries": []}}
AGAIN = {"same_as": digest(RAW)}


def found(*answers: dict[str, Any]) -> list[tuple[int, str]]:
    calls = tuple(
        Call(
            at=AT,
            service="",
            operation="GetSecretValue",
            request_id="",
            status=200,
            ms=1,
            retries=0,
            raw=RawAnswer(**raw),
        )
        for raw in answers
    )
    event = Waited(n=1, at=AT, previous_line="0" * 64, calls=calls, seconds=1.0, ran_out=False)
    return [(one.n, one.what) for one in differences([event]) if one.differs]


@each("answers", [[RAW, AGAIN], [AGAIN, RAW]], ids=["named-first", "named-last"])
def test_an_answer_that_came_again_may_stand_before_the_one_that_it_names(answers: list[dict[str, Any]]) -> None:
    assert found(*answers) == []


def test_an_answer_that_names_one_that_never_came_is_none() -> None:
    assert found(AGAIN) == [(1, "malformed")]
