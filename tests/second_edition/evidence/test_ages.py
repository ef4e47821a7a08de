"""The age of keys and the time that DNS takes, by journals of an identity's past."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from second_edition.evidence import past as ages
from second_edition.rotation.due import UNMEASURED, Lead, Made, Source
from tests.second_edition.evidence.pasts import MADE, START, Told, traces
from tests.second_edition.rotation.world import CURRENT, CURRENT_BITS, NEXT, NEXT_BITS, sha256

CURRENT_KEY, NEXT_KEY = sha256(CURRENT_BITS), sha256(NEXT_BITS)

THIRD = "mail-20270901-1"
REFUSED: dict[str, Any] = {"outcome": "REFUSED", "served": False, "requested": True}


def test_a_key_is_as_old_as_its_object_and_its_first_use(tmp_path: Path) -> None:
    told = traces(tmp_path, [Told(14)])
    assert list(ages.made(told, NEXT, NEXT_KEY)) == [
        Made(datetime.fromisoformat(MADE[NEXT]), Source.ARCHIVED_OBJECT),
        Made(START + timedelta(days=14, seconds=4), Source.ARCHIVED_USE),
    ]
    first = Made(START + timedelta(days=14, seconds=1), Source.ARCHIVED_USE)
    assert list(ages.made(told, CURRENT, CURRENT_KEY))[1] == first
    assert list(ages.made(told, THIRD, NEXT_KEY)) == []
    assert list(ages.made([], NEXT, NEXT_KEY)) == []


def test_an_object_that_was_copied_is_as_old_as_it_was_seen_first_and_a_key_made_anew_is_not(tmp_path: Path) -> None:
    newest, first = traces(tmp_path, [Told(0), Told(40, before=NEXT, outcome="UNCHANGED", writes=False)])
    later = "2027-05-01T00:00:00+00:00"
    moved = [replace(newest, keys=tuple(replace(key, made=later) for key in newest.keys)), first]
    assert next(ages.made(moved, NEXT, NEXT_KEY)).at == datetime.fromisoformat(MADE[NEXT])
    anew = [replace(newest, keys=tuple(replace(key, made=later, sha256="new") for key in newest.keys)), first]
    assert list(ages.made(anew, NEXT, "new")) == [
        Made(datetime.fromisoformat(later), Source.ARCHIVED_OBJECT),
        Made(START + timedelta(days=40, seconds=1), Source.ARCHIVED_USE),
    ]
    assert list(ages.made(anew, NEXT, "of nobody")) == []


def test_dns_took_as_long_as_the_longest_request(tmp_path: Path) -> None:
    past = [
        Told(0, **REFUSED), Told(5, **REFUSED), Told(13),
        Told(300, asked=THIRD, before=NEXT, **REFUSED), Told(309, asked=THIRD, before=NEXT),
    ]  # fmt: skip
    found = ages.lead_time(traces(tmp_path, past))
    # From the first request of the selector, a minute into its run, to the checks of the run that saw it everywhere.
    assert found == Lead(timedelta(days=13, seconds=2 - 60), requests=2, runs=5)


def test_a_request_without_an_end_and_no_request_measure_nothing(tmp_path: Path) -> None:
    assert ages.lead_time([]) == Lead(UNMEASURED, 0, 0)
    assert ages.lead_time(traces(tmp_path, [Told(0, **REFUSED), Told(5, **REFUSED)])) == Lead(UNMEASURED, 0, 0)
    silent = Told(5, waived=("DNS-ANSWERS",))  # nobody knows whether that server served it
    (other := tmp_path / "silent").mkdir()
    assert ages.lead_time(traces(other, [Told(0, **REFUSED), silent])) == Lead(UNMEASURED, 0, 0)


def test_a_record_that_stood_before_it_was_asked_for_measures_nothing(tmp_path: Path) -> None:
    told = [Told(0, outcome="PLANNED", writes=False), Told(20, **REFUSED), Told(21)]
    assert ages.lead_time(traces(tmp_path, told)) == Lead()
