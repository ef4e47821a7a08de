"""Run ids sort as the runs began, in one second too, and are told apart where two begin at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from second_edition.evidence.folders import run_id
from tests.second_edition.each import each

AT = datetime(2026, 11, 24, 23, 59, 58, tzinfo=UTC)


@each("apart", [timedelta(milliseconds=1), timedelta(milliseconds=7), timedelta(seconds=1)])
def test_they_sort_as_the_runs_began(apart: timedelta) -> None:
    moments = [AT + apart * place for place in range(2000)]
    ids = [run_id(moment) for moment in moments]
    assert ids == sorted(ids)


def test_ten_thousand_that_begin_in_one_second_differ() -> None:
    ids = {run_id(AT + timedelta(microseconds=100 * place)) for place in range(10_000)}
    assert len(ids) >= 9_999  # two of one part of a second: a chance of one in a hundred
