"""Since when a selector is out of use: by a run that saw the switch, or by the first one that looked after it."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from byodkim.procedures.retire import survey
from byodkim.rotation.observation import SUCCESS
from tests.rotation import world
from tests.rotation.retire_rows import case

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
