"""A selector that was used with another key, and a key that was used under another selector, are both refused."""

from __future__ import annotations

import pytest

from second_edition.engine.run import Run, RunRefused
from second_edition.events.writes import Intent
from second_edition.rotation.outcome import Outcome
from second_edition.ses_sandbox.keys import make_key_pair
from tests.second_edition.engine.played import Stage
from tests.second_edition.sandbox.generator import generate, pair_of

THIRD = "mail-20270301-1"


def applied(stage: Stage, **given: str) -> Run:
    run = stage.begin(mode="apply", wait_minutes=1, **given)
    stage.play(run)
    return run


def refused(stage: Stage, failed: set[str], **given: str) -> str:
    """Return what a run says that these checks refuse."""
    run = stage.begin(mode="apply", wait_minutes=1, **given)
    with pytest.raises(RunRefused) as caught:
        stage.play(run)
    assert {one.id for one in run.record.findings if one.stops} == failed
    assert (run.record.of(Intent), stage.puts()) == (None, 2)  # the two sound switches
    return str(caught.value)


def test_a_selector_that_was_used_with_another_key_is_refused_and_so_is_a_key_under_another_selector(
    stage: Stage,
) -> None:
    facts = stage.sandbox.facts
    used = pair_of(facts, facts.next_selector)
    first = applied(stage)
    back = applied(stage, selector=facts.current_selector)  # its own key: no reuse
    assert (first.record.outcome, back.record.outcome) == (Outcome.SWITCHED, Outcome.SWITCHED)
    generate(stage.sandbox, facts.next_selector, make_key_pair())
    # Caches may still have the record with the other key.
    said = refused(stage, {"KEY-SELECTOR", "TIME-ACTIVATE"})
    intent = first.record.of(Intent)
    assert intent is not None
    assert f"Seen: used with SHA-256 {intent.change.key_sha256} (run {first.id})." in said
    generate(stage.sandbox, THIRD, used)
    assert f"Seen: the key of {facts.next_selector} ({first.id})." in refused(stage, {"KEY-REUSED"}, selector=THIRD)
