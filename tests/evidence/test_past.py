"""An identity's past by hand and by its journals: spans, switches, publications, keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from byodkim.evidence import past
from byodkim.evidence.archive import runs
from byodkim.evidence.past import Publication, Sight, Span, Switch, Trace, Write
from tests.evidence.pasts import START, Told, write, write_all
from tests.rotation import world
from tests.rotation.world import CURRENT, NEXT

THIRD = "mail-20270901-1"


def at(day: float, seconds: float = 0) -> datetime:
    return START + timedelta(days=day, seconds=seconds)


def traces(folder: Path, told: Sequence[Told]) -> list[Trace]:
    write_all(folder, told)
    return [one.trace for one in runs(folder) if one.trace]


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


def test_what_somebody_else_changed_has_no_time_of_its_own(tmp_path: Path) -> None:
    told = traces(tmp_path, [Told(0), Told(90, asked=CURRENT, before=THIRD, outcome="PLANNED", writes=False)])
    *_, ours, theirs = past.spans(told)
    assert (ours.selector, ours.seen, ours.until) == (NEXT, at(0, 42), None)
    assert (theirs.selector, theirs.since, theirs.exact) == (THIRD, at(90, 1), False)


def test_each_switch_has_the_time_in_which_mail_may_have_gone_out_unsigned(tmp_path: Path) -> None:
    told = traces(tmp_path, [Told(0, outcome="PLANNED", writes=False), Told(14, verified_s=38)])
    (switch,) = past.switches(told)
    assert switch == Switch(Told(14).run, CURRENT, NEXT, at(14, 4), at(14, 42))
    assert switch.unsigned == timedelta(seconds=38)


def test_a_later_run_completes_a_switch_that_was_pending(tmp_path: Path) -> None:
    pending = Told(0, verified_s=None, outcome="SWITCHED-PENDING", served=False)
    completing = Told(2, before=NEXT, writes=False, outcome="SWITCHED")
    (switch,) = past.switches(traces(tmp_path, [pending, completing]))
    assert switch.unsigned == at(2, 1) - at(0, 4)


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


def test_a_run_that_goes_back_by_itself_has_switched_twice() -> None:
    """One that gives SES the next selector, waits in vain, and gives it the current one again."""
    sights = (
        Sight(at(0, 1), CURRENT, "SUCCESS"),
        Sight(at(0, 5), NEXT, "PENDING"),
        Sight(at(3, 9), CURRENT, "SUCCESS"),
    )
    writes = (Write(at(0, 4), CURRENT, NEXT), Write(at(3), NEXT, CURRENT))
    rolled = Trace("r", NEXT, at(0), at(3, 10), sights, writes, None, None, None, ())
    assert [span.selector for span in past.spans([rolled])] == [CURRENT, NEXT, CURRENT]
    assert [switch.unsigned for switch in past.switches([rolled])] == [None, timedelta(seconds=9)]


def test_the_journal_of_a_run_that_went_back_tells_both_writes(tmp_path: Path) -> None:
    told = traces(tmp_path, [Told(0, verified_s=None, rolled=True, outcome="FAILED")])
    assert [span.selector for span in past.spans(told)] == [CURRENT, NEXT, CURRENT]
    assert [switch.unsigned for switch in past.switches(told)] == [None, timedelta(seconds=4)]


def test_each_state_that_ses_showed_is_kept_as_it_was_seen_first_and_last(tmp_path: Path) -> None:
    (told,) = traces(tmp_path, [Told(0)])
    assert [(sight.at, sight.selector, sight.status) for sight in told.sights] == [
        (at(0, 1), CURRENT, "SUCCESS"),
        (at(0, 6), NEXT, "PENDING"),
        (at(0, 42), NEXT, "SUCCESS"),
    ]
    assert told.writes == (Write(at(0, 4), CURRENT, NEXT),)


def test_how_long_dns_took_is_from_the_first_request_to_the_first_sight_at_every_server(tmp_path: Path) -> None:
    told = traces(
        tmp_path,
        [
            Told(0, outcome="REFUSED", served=False, requested=True),
            Told(5, outcome="REFUSED", served=False, requested=True),
            Told(13, outcome="PLANNED", writes=False),
            Told(14),
        ],
    )
    (publication,) = past.publications(told)
    assert publication == Publication(NEXT, at(0, 60), at(5, 2), at(13, 2))
    assert publication.took == at(13, 2) - at(0, 60)


def test_keys_are_those_that_were_seen_last(tmp_path: Path) -> None:
    keys = past.keys(traces(tmp_path, [Told(0)]))
    assert {name: (key.sha256, key.made) for name, key in keys.items()} == {
        CURRENT: (world.sha256(world.CURRENT_BITS), "2025-09-17T00:00:00+00:00"),
        NEXT: (world.sha256(world.NEXT_BITS), "2026-11-01T00:00:00+00:00"),
    }


def test_a_record_that_nobody_has_seen_yet_took_no_time(tmp_path: Path) -> None:
    (publication,) = past.publications(traces(tmp_path, [Told(0, outcome="REFUSED", served=False, requested=True)]))
    assert (publication.served_at, publication.took) == (None, None)
