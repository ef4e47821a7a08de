"""Due dates by hand: terms, warnings, and what a lead time makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from second_edition.rotation.due import UNMEASURED, WARNINGS, Lead, Made, Source, Urgency, due, lead, oldest
from tests.second_edition.each import each

START = datetime(2025, 11, 25, 9, 0, tzinfo=UTC)
KEY = Made(START, Source.OBJECT)
SECOND = timedelta(seconds=1)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def test_a_term_ends_so_many_days_after_the_key_was_made() -> None:
    term = due(KEY, 365, Lead())
    assert term.rotate_by == datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    assert term.start_by == datetime(2026, 11, 11, 9, 0, tzinfo=UTC)
    assert term.made is KEY
    assert due(KEY, 30, Lead(timedelta(days=3), 1, 2)).start_by == day(27)


def test_warnings_come_60_30_and_16_days_before() -> None:
    assert WARNINGS == (60, 30, 16)
    assert due(KEY, 365, Lead()).warnings() == ((60, day(305)), (30, day(335)), (16, day(349)))


@each(
    ("now", "warning", "urgency"),
    [
        (day(0), None, Urgency.FINE),
        (day(305) - SECOND, None, Urgency.FINE),
        (day(305), 60, Urgency.WARNED),
        (day(335) - SECOND, 60, Urgency.WARNED),
        (day(335), 30, Urgency.WARNED),
        (day(349), 16, Urgency.WARNED),
        (day(351) - SECOND, 16, Urgency.WARNED),
        (day(351), 16, Urgency.LATE),
        (day(365) - SECOND, 16, Urgency.LATE),
        (day(365), 16, Urgency.OVERDUE),
        (day(365) + SECOND, 16, Urgency.OVERDUE),
        (day(400), 16, Urgency.OVERDUE),
    ],
)
def test_how_a_key_stands_to_its_term(now: datetime, warning: int | None, urgency: Urgency) -> None:
    term = due(KEY, 365, Lead())
    assert (term.warning(now), term.urgency(now)) == (warning, urgency)


def test_a_long_lead_makes_a_rotation_late_before_any_warning() -> None:
    term = due(KEY, 365, Lead(timedelta(days=90), 2, 5))
    assert (term.urgency(day(275)), term.warning(day(275))) == (Urgency.LATE, None)
    assert term.urgency(day(275) - SECOND) is Urgency.FINE


def test_the_lead_is_the_longest_that_was_measured() -> None:
    spans = [timedelta(days=9), timedelta(days=13), timedelta(hours=2)]
    assert lead(spans, 7) == Lead(timedelta(days=13), 3, 7)
    assert lead([], 4) == Lead(UNMEASURED, 0, 0)
    assert lead([timedelta(seconds=80)], 1) == Lead(timedelta(days=1), 1, 1)  # nobody plans by 80 s
    assert timedelta(days=14) == UNMEASURED


def test_the_oldest_that_is_known_of_a_key_counts() -> None:
    copied, used = Made(day(100), Source.OBJECT), Made(day(20), Source.ARCHIVED_USE)
    assert oldest([copied, used]) is used
    assert oldest([used, copied]) is used
    assert oldest([]) is None
