"""Checks after the switch: each passes for the good message; what messages around a write measure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from second_edition.rotation.checks.message import AFTER
from second_edition.rotation.findings import Verdict
from second_edition.rotation.message import Kind, Point, kind_of, measured
from tests.second_edition.each import each
from tests.second_edition.rotation.message_rows import AMAZON, CURRENT, DOMAIN, GOOD, NEXT, OLD, OURS

AT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
N, L, U, B = Kind.NEXT, Kind.LEFT, Kind.UNSIGNED, Kind.BROKEN


def test_every_check_passes_for_the_good_message() -> None:
    findings = AFTER.evaluate(GOOD, {})
    assert {finding.id: finding.verdict for finding in findings} == dict.fromkeys(AFTER.checks, Verdict.PASS)


@each(
    ("signatures", "expected"),
    [
        ((OURS, AMAZON), N),
        ((OLD, AMAZON), L),
        ((OURS, OLD), L),
        ((AMAZON,), U),
        ((), U),
        ((replace(OURS, selector="other"),), B),
        ((replace(OURS, results=(replace(OURS.results[0], defect="BadSignature"),)),), B),
        ((replace(OURS, results=()),), Kind.UNKNOWN),
        ((OURS, replace(OURS, selector="other")), B),
    ],
)
def test_how_a_message_was_signed(signatures: tuple[object, ...], expected: Kind) -> None:
    assert GOOD.message
    message = replace(GOOD.message, signatures=signatures)
    assert kind_of(message, DOMAIN, NEXT, CURRENT) is expected


def test_when_a_message_was_signed_and_which_servers_could_not_be_asked() -> None:
    assert GOOD.message
    ours = replace(OURS, at="2026-11-25T03:00:00+00:00")
    message = replace(GOOD.message, signatures=(ours, AMAZON), dated="2026-11-25T03:01:00+00:00")
    assert message.times(DOMAIN) == [AT, AT + timedelta(minutes=1)]
    assert message.times(DOMAIN, signed=False) == [AT + timedelta(minutes=1)]
    silent = replace(OURS.results[0], defect="no-answer")
    assert replace(OURS, results=(silent, OURS.results[1])).unasked == (silent,)


def points(kinds: list[Kind | None]) -> list[Point]:
    """One message a second."""
    return [Point(AT + timedelta(seconds=second), kind) for second, kind in enumerate(kinds)]


@each(
    ("kinds", "first", "last", "least", "most", "signed_from"),
    [
        ([L, U, U, N, N], 1, 2, 1, 3, 3),
        ([L, U, N], 1, 1, 0, 2, 2),
        ([L, L, N, N], None, None, 0, 0, 2),
        ([U, U, N], 0, 1, 1, None, 2),
        ([L, U, U], 1, 2, 1, None, None),
        ([L, None, U, None, N], 2, 2, 0, 4, 4),
        ([L, B, U, N], 2, 2, 0, 2, 3),
        ([L, N, U, N], 2, 2, 0, 2, 3),
        ([None, None], None, None, 0, None, None),
    ],
)
def test_what_messages_measure(
    kinds: list[Kind | None],
    first: int | None,
    last: int | None,
    least: int,
    most: int | None,
    signed_from: int | None,
) -> None:
    def moment(second: int | None) -> datetime | None:
        return None if second is None else AT + timedelta(seconds=second)

    window = measured(list(reversed(points(kinds))))
    assert [point.kind for point in window.points] == kinds
    assert (window.first, window.last, window.signed_from) == (moment(first), moment(last), moment(signed_from))
    assert window.least == timedelta(seconds=least)
    assert window.most == (None if most is None else timedelta(seconds=most))
