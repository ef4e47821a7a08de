"""When a lock may be taken from somebody, and what of a lock's content is believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import asdict, replace

from byodkim.rotation.lock import Holder, may_take
from byodkim.rotation.timing import MAX_CLOCK_SKEW
from tests.each import each
from tests.rotation.rows import HOLDER

NOW = datetime(2026, 11, 24, 4, 9, 3, tzinfo=UTC)


def until(when: datetime, **changes: object) -> Holder:
    return replace(HOLDER, expires=when.isoformat(timespec="seconds"), **changes)


@each(
    ("holder", "gone", "expected"),
    [
        (None, False, True),
        (until(NOW + timedelta(minutes=1)), False, False),
        (until(NOW + timedelta(minutes=1)), True, True),
        (until(NOW + timedelta(minutes=1), released=True), False, True),
        (until(NOW), False, False),  # by a clock that is a little behind, its time is not over
        (until(NOW - MAX_CLOCK_SKEW), False, False),
        (until(NOW - MAX_CLOCK_SKEW - timedelta(seconds=1)), False, True),
        (HOLDER, False, False),  # no end of its time: never by the clock
    ],
)
def test_a_lock_is_taken_from_nobody_who_may_be_alive(holder: Holder | None, gone: bool, expected: bool) -> None:
    assert may_take(holder, NOW, gone=gone) is expected


def altered(**changes: object) -> str:
    return json.dumps({**asdict(HOLDER), **changes})


@each(
    "text",
    [
        *("", "null", "[]", "{}", "x"),
        *(altered(token="4"), altered(token=True), altered(pid=None), altered(released=0), altered(more=1)),
        *(altered(expires="soon"), altered(expires="2026-11-24T04:09:03"), altered(expires=7)),
        *(altered(at="soon"), altered(at="2026-11-24T04:09:03")),
    ],
)
def test_what_is_no_holder_is_not_believed(text: str) -> None:
    with pytest.raises(ValueError, match=r"^no lock's content$" if text.startswith("{") else r"."):
        Holder.from_text(text)
