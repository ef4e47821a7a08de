"""Since when a selector is out of use: by a run that saw the switch, or by the first one that looked after it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from byodkim.engine import archiving
from byodkim.evidence.journal import read
from byodkim.evidence.world import World
from byodkim.launch import twin
from byodkim.procedures.retire import survey
from byodkim.rotation.observation import SUCCESS
from tests.evidence.pasts import Told, write
from tests.rotation import world
from tests.rotation.retire_rows import case
from tests.rotation.world import NEXT
from tests.verification import made

DAYS = [datetime(2026, 11, day, tzinfo=UTC) for day in (14, 15)]


@pytest.mark.parametrize(("sights", "source"), [((0, 1), "archive"), ((1,), "seen"), ((), "now")])
def test_only_a_run_that_saw_the_selector_in_use_tells_of_the_switch(
    monkeypatch: pytest.MonkeyPatch, sights: tuple[int, ...], source: str
) -> None:
    seen = case().seen
    both = (
        survey._Sight(DAYS[0], seen.selector, SUCCESS, "1"),
        survey._Sight(DAYS[1], world.found().selector, SUCCESS, "2"),
    )
    monkeypatch.setattr(survey, "_sights", lambda _: [both[one] for one in sights])
    left = survey._left(SimpleNamespace(sandbox=None), seen)  # type: ignore[arg-type]
    assert (left.source, left.run) == (source, "2" if sights else "")


@pytest.mark.parametrize("bad", ['"last_modified":"soon"', '"at":"9999-12-31T23:59:59.999Z"'])
def test_a_journal_that_cannot_be_traced_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bad: str) -> None:
    name = bad.partition(":")[0]
    sound, neighbour = write(tmp_path, Told(0)), write(tmp_path, Told(1))
    follower = write(tmp_path, Told(2, before=NEXT, writes=False, outcome="UNCHANGED"), previous=neighbour)
    lines = neighbour.read_text("utf-8").splitlines()
    made.write(neighbour, [json.loads(re.sub(f"{name}:[^,}}]*", bad, line)) for line in lines])
    record = read(follower)
    monkeypatch.setattr(archiving, "keeper", lambda *_: SimpleNamespace(vouches=lambda _: True))
    run = SimpleNamespace(id="", folder=tmp_path, world=World.of(record.begin), custodian=None)
    told = {sight.run for sight in survey._sights(run)}  # type: ignore[arg-type]
    assert told == {read(sound).begin.run, record.begin.run}
    assert twin._verification_s(record, tmp_path) == 38
