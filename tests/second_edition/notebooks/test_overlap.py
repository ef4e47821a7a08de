"""Until when the old key record stays published: the switch's record and retire name one moment, by the profile."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.notebooks.test_retire import retire

pytestmark = pytest.mark.prove  # tests/second_edition/rotation holds the moment

DAYS = 30
MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"


def switch_and_retire(stage: Stage) -> tuple[Ran, Ran, Ran]:
    """Switch with ``overlap_days = 30``; ask to retire the old selector after 8 days and after 31."""
    (stage.folder / "byodkim.toml").write_text(f"[default]\noverlap_days = {DAYS}\n", "utf-8")
    switched = stage.apply()
    stage.sandbox.advance(timedelta(days=8))
    early = retire(stage)
    stage.sandbox.advance(timedelta(days=23))
    return switched, early, retire(stage)


def test_the_record_and_retire_name_the_same_moment(troupe: Troupe) -> None:
    began = datetime.now(UTC)
    switched, early, later = troupe.begin("overlap-days", switch_and_retire).result()
    promised = re.findall(rf"published until ({MOMENT})", switched.headline)
    assert (switched.outcome, len(promised)) == ("SWITCHED", 2)  # in the answers, and in what to do next
    assert datetime.fromisoformat(promised[0]) - began.replace(tzinfo=None) >= timedelta(days=DAYS, minutes=65)
    safe = re.search(rf"Safe on ({MOMENT})", early.headline)
    assert (early.outcome, early.failed()) == ("REFUSED", {"TIME-OVERLAP"})
    assert safe
    assert {safe[1]} == set(promised)
    assert (later.outcome, later.failed()) == ("PLANNED", set())


def test_the_record_names_the_other_places_that_may_still_sign(troupe: Troupe) -> None:
    switched = troupe.begin("overlap-elsewhere", lambda stage: stage.apply(), "places").result()
    assert switched.outcome == "SWITCHED"
    others = "123456789012/us-east-1, 111122223333/eu-west-1"
    assert switched.headline.count(others) == 2  # in the answers, and in what to do next
