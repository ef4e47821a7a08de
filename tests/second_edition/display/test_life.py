"""The drawing of a selector's life: each dot is its last life's, as runs of one world tell it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from second_edition.display.lifeline import Stage, figure, of_run, of_selector
from second_edition.display.words import Words
from second_edition.events.parts import NO_RUN
from second_edition.events.run import Observed
from second_edition.evidence import past
from second_edition.evidence.journal import read
from second_edition.evidence.record import Record
from second_edition.rotation.resolution import Sighting
from tests.second_edition.evidence.pasts import START, Told, write_all
from tests.second_edition.rotation.world import CURRENT, NEXT


def records(folder: Path, told: Sequence[Told]) -> list[Record]:
    return [Record(read(path).events) for path in write_all(folder, told)]


def known(stages: Sequence[Stage]) -> dict[str, datetime | None]:
    return {one.name: one.at for one in stages}


def there_and_back(folder: Path) -> list[Record]:
    """A → B, not verified; B → A; A → B, verified; a month later B is asked for again."""
    pending = Told(0, status="SUCCESS", verified_s=None, outcome="SWITCHED-PENDING")
    back = Told(1, asked=CURRENT, before=NEXT, status="PENDING")
    return records(folder, [pending, back, Told(2), Told(32, before=NEXT, outcome="UNCHANGED", writes=False)])


def test_a_selector_s_last_life_is_drawn(tmp_path: Path) -> None:
    traces = [past.trace(one) for one in there_and_back(tmp_path)]
    new, old = (known(of_selector(one, traces, None)) for one in (NEXT, CURRENT))
    assert (new["switched"], new["left"]) == (START + timedelta(days=2, seconds=4), None)
    assert new["verified"] == START + timedelta(days=2, seconds=42)
    assert (old["switched"], old["left"]) == (START + timedelta(days=1, seconds=4), new["switched"])


def test_a_run_that_changes_nothing_says_when_an_earlier_one_saw_it_verified(tmp_path: Path) -> None:
    *earlier, last = there_and_back(tmp_path)
    stages = known(of_run(last, [past.trace(one) for one in earlier]))
    assert stages["verified"] == START + timedelta(days=2, seconds=42)
    alone = known(of_run(last))
    assert (alone["switched"], alone["verified"]) == (None, None)


def test_a_run_says_since_when_earlier_ones_saw_its_record_served(tmp_path: Path) -> None:
    (alone,) = records(tmp_path, [Told(2)])
    *_, observed = alone.all_of(Observed)
    since = Sighting(START.isoformat(timespec="milliseconds"), True, 3600, None)
    dns = replace(observed.observation.dns, history=(since,))
    changed = replace(observed, observation=replace(observed.observation, dns=dns))
    found = Record(tuple(changed if event is observed else event for event in alone.events))
    assert known(of_run(found))["published"] == START


def test_a_life_that_another_selector_ended_is_not_the_run_s(tmp_path: Path) -> None:
    plan = Told(2, outcome="PLANNED", writes=False)
    *earlier, last = records(tmp_path, [Told(0), Told(1, asked=CURRENT, before=NEXT), plan])
    stages = known(of_run(last, [past.trace(one) for one in earlier]))
    assert (stages["switched"], stages["verified"]) == (None, None)


def test_a_write_that_never_reached_ses_is_no_switch(tmp_path: Path) -> None:
    """An earlier run was killed as it began to write; this one sees the selector that was there before."""
    (found,) = records(tmp_path, [Told(2, outcome="PLANNED", writes=False)])
    before = replace(NO_RUN, selector=NEXT, written_at=START.isoformat())
    changed = Record((replace(found.begin, previous=before), *found.events[1:]))
    assert changed.written_before is not None
    assert known(of_run(changed))["switched"] is None


def test_a_record_first_seen_after_the_switch_and_a_request_are_named_so(tmp_path: Path) -> None:
    traces = [past.trace(one) for one in records(tmp_path, [Told(0, requested=True)])]
    late = [replace(one, served_at=START + timedelta(days=3)) for one in traces]
    shown = [figure(NEXT, of_selector(NEXT, one, None), Words("en", UTC)).drawing for one in (traces, late)]
    assert ["seen afterwards" in one for one in shown] == [False, True]
    assert ["seen published" in one for one in shown] == [True, False]
    assert "request made" in shown[0]
