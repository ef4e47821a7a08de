"""An identity's past by hand and by its journals: spans, switches, publications, keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from second_edition.evidence import past
from second_edition.evidence.archive import runs
from second_edition.evidence.past import Span
from tests.second_edition.each import each
from tests.second_edition.evidence.pasts import START, Told, traces, write
from tests.second_edition.rotation.world import CURRENT, NEXT

THIRD = "mail-20270901-1"


def at(day: float, seconds: float = 0) -> datetime:
    return START + timedelta(days=day, seconds=seconds)


def test_a_selector_is_in_use_until_a_run_ends_it(tmp_path: Path) -> None:
    told = traces(tmp_path, [Told(0, outcome="PLANNED", writes=False), Told(14), Told(44, asked=CURRENT, before=NEXT)])
    assert past.spans(told) == (
        Span(CURRENT, at(0, 1), exact=False, seen=at(14, 4), until=at(14, 4)),
        Span(NEXT, at(14, 4), exact=True, seen=at(44, 4), until=at(44, 4)),
        Span(CURRENT, at(44, 4), exact=True, seen=at(44, 42)),
    )


def test_a_clock_that_is_set_back_turns_no_run_around(tmp_path: Path) -> None:
    """The first run's clock was a day ahead; the second, which names it, gave SES the earlier selector back."""
    ahead, right = Told(1), Told(0, asked=CURRENT, before=NEXT)
    write(tmp_path, right, previous=write(tmp_path, ahead))
    told = [one.trace for one in runs(tmp_path) if one.trace]
    assert [(one.selector, one.since) for one in past.spans(told)[1:]] == [(NEXT, at(1, 4)), (CURRENT, at(0, 4))]
    assert [(one.taken, one.unsigned) for one in past.switches(told)] == [
        (NEXT, timedelta(seconds=38)), (CURRENT, timedelta(seconds=38)),
    ]  # fmt: skip


@each("verifies", ["the run", "another run"])
def test_a_clock_that_is_set_back_after_a_write_makes_no_time_without_a_signature_shorter(
    verifies: str, tmp_path: Path
) -> None:
    own = verifies == "the run"
    first = Told(0, back_s=200) if own else Told(0, verified_s=None, outcome="SWITCHED-PENDING")
    seen = Told(0.01 if own else -0.01, asked=NEXT, before=NEXT, writes=False, outcome="UNCHANGED")
    (folder := tmp_path / verifies).mkdir()
    write(folder, seen, previous=write(folder, first))
    told = [one.trace for one in runs(folder) if one.trace]
    assert [(one.taken, one.verified_at, one.unsigned) for one in past.switches(told)] == [
        (NEXT, at(0, 6) if own else at(-0.01, 1), None)
    ]
    assert [span.selector for span in past.spans(told)] == [CURRENT, NEXT]


def test_what_somebody_else_changed_has_no_time_of_its_own(tmp_path: Path) -> None:
    told = traces(tmp_path, [Told(0), Told(90, asked=CURRENT, before=THIRD, outcome="PLANNED", writes=False)])
    *_, ours, theirs = past.spans(told)
    assert (ours.selector, ours.seen, ours.until) == (NEXT, at(0, 42), None)
    assert (theirs.selector, theirs.since, theirs.exact) == (THIRD, at(90, 1), False)


def test_a_verification_of_a_later_switch_is_no_earlier_ones(tmp_path: Path) -> None:
    pending = Told(0, verified_s=None, outcome="SWITCHED-PENDING")
    back = Told(1, asked=CURRENT, before=NEXT, status="PENDING")
    again = Told(2, asked=NEXT, before=CURRENT)
    first, second, third = past.switches(traces(tmp_path, [pending, back, again]))
    assert first.unsigned is None
    assert second.unsigned == third.unsigned == timedelta(seconds=38)


def test_a_write_whose_effect_is_not_known_is_no_switch(tmp_path: Path) -> None:
    told = traces(tmp_path, [Told(0, unclear=True, outcome="FAILED")])
    assert past.switches(told) == ()
    assert [span.selector for span in past.spans(told)] == [CURRENT]


def test_the_journal_of_a_run_that_went_back_tells_both_writes(tmp_path: Path) -> None:
    told = traces(tmp_path, [Told(0, verified_s=None, rolled=True, outcome="FAILED")])
    assert [span.selector for span in past.spans(told)] == [CURRENT, NEXT, CURRENT]
    assert [switch.unsigned for switch in past.switches(told)] == [None, timedelta(seconds=4)]
