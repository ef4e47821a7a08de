"""The picture of an identity's past: bars, hatching and marks stand where the times say, and names beside them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from second_edition.display.lifeline import BAR, RIGHT, WIDTH, Mark, lifeline
from second_edition.evidence.past import Span, Switch

START = datetime(2026, 11, 10, tzinfo=UTC)
A, B = "mail-20250917-1", "mail-20261124-1"
SVG = "{http://www.w3.org/2000/svg}"


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def drawn(spans: Sequence[Span], switches: Sequence[Switch] = (), marks: Sequence[Mark] = ()) -> ElementTree.Element:
    return ElementTree.fromstring(lifeline(spans, switches, marks or [Mark(at(0), "good", "x")], "title") or "")


def bars(picture: ElementTree.Element, *, hatched: bool) -> list[tuple[float, float, float]]:
    """Left and right end, and the middle's height, of each bar."""
    found = []
    for one in picture.findall(f"{SVG}rect"):
        if (one.get("fill") == "url(#hatch)") is hatched:
            left, top = float(one.get("x", "")), float(one.get("y", ""))
            found.append((left, left + float(one.get("width", "")), top + BAR / 2))
    return found


def test_bars_are_as_long_as_the_times_that_they_stand_for() -> None:
    spans = [Span(A, at(0), False, at(25), at(25)), Span(B, at(25), True, at(100))]
    (left, middle, one), (again, right, other) = bars(drawn(spans), hatched=False)
    assert middle == pytest.approx(again, abs=0.2)
    assert right == pytest.approx(WIDTH - RIGHT, abs=0.2)
    assert (middle - left) / (right - left) == pytest.approx(0.25, abs=0.001)
    assert one < other


def test_what_is_not_verified_is_hatched_until_it_is_or_another_switch_ends_it() -> None:
    spans = [
        Span(A, at(0), False, at(10), at(10)),
        Span(B, at(10), True, at(20), at(20)),
        Span(A, at(20), True, at(40)),
    ]
    pending, verified = Switch("1", A, B, at(10), None), Switch("2", B, A, at(20), at(30))
    (start, end, _), (begun, done, _) = bars(drawn(spans, [pending, verified]), hatched=True)
    whole = bars(drawn(spans), hatched=False)
    assert start == pytest.approx(whole[1][0])
    assert end == pytest.approx(whole[1][1], abs=0.2)
    assert (done - begun) == pytest.approx((whole[2][1] - whole[2][0]) / 2, abs=0.2)


def test_every_run_is_a_mark_with_its_words_and_hostile_ones_stay_words() -> None:
    marks = [Mark(at(0), "good", "<script>"), Mark(at(1), "wait", "b"), Mark(at(2), "bad", "c")]
    picture = drawn([Span("<b>", at(0), False, at(3))], marks=marks)
    assert [title.text for title in picture.iter(f"{SVG}title")] == ["<script>", "b", "c"]
    assert picture.findall(f".//{SVG}script") == []
    assert "<b>" in [text.text for text in picture.findall(f"{SVG}text")]
