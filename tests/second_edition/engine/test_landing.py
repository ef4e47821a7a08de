"""A run that is stopped while its write may still land: the next one writes nothing and concludes nothing by then."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest

from second_edition.engine import write_ahead
from second_edition.engine.run import Run, RunFailed, RunRefused, WaitRanOut
from second_edition.events.writes import Answer, Intent
from second_edition.rotation.outcome import Outcome
from tests.second_edition.engine.played import Stage
from tests.second_edition.notebooks.wire import PUT, Wire, reset


def stopped(*_: object, **__: object) -> None:
    """Somebody presses Ctrl-C while SES is read back."""
    raise KeyboardInterrupt


QUICK = {"aim": ("same",), "back": (True,)}


def comes_to(stage: Stage, cut: Run, following: Run) -> None:
    """What the run after one that was cut short comes to, by the selector that it is for."""
    facts = stage.sandbox.facts
    unclear = f"The write of run {cut.id} had no clear answer and may still land until"
    # The request may reach SES for some minutes more: to go back is not finished, and its exit code says so.
    ends: dict[str, tuple[type[Exception] | None, str, Outcome]] = {
        facts.next_selector: (None, "", Outcome.SWITCHED),
        facts.current_selector: (WaitRanOut, f"it can reach SES and set {facts.next_selector}", Outcome.UNCHANGED),
    }
    error, said, outcome = ends.get(following.intent.selector, (RunRefused, unclear, Outcome.REFUSED))
    with pytest.raises(error, match=said) if error else nullcontext():
        stage.play(following)
    assert (following.record.outcome, stage.puts()) == (outcome, int(error is None))


@pytest.mark.parametrize("back", [False, True], ids=["same-command", "rollback"])
def test_until_a_write_can_no_longer_land_the_next_run_is_refused(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, back: bool
) -> None:
    facts = stage.sandbox.facts
    asked = {"mode": "apply", "wait_minutes": 1, "selector": facts.current_selector if back else facts.next_selector}
    with Wire(facts.endpoint_url, {PUT: (reset, 1)}) as wire:
        cut = stage.begin(mode="apply", endpoint_url=wire.url)
        with monkeypatch.context() as patched:
            patched.setattr(write_ahead, "_followed", stopped)
            with pytest.raises(RunFailed, match="The run was interrupted"):
                stage.play(cut)
        early = stage.begin(endpoint_url=wire.url, **asked)
        with pytest.raises(RunRefused, match=f"The write of run {cut.id} had no clear answer and may still land until"):
            stage.play(early)
        assert (early.record.outcome, stage.puts()) == (Outcome.REFUSED, 0)
        looking = stage.begin(endpoint_url=wire.url)  # a plan is made meanwhile: it writes nothing
        stage.play(looking)
        assert looking.record.outcome is Outcome.PLANNED
        halting = stage.begin(endpoint_url=wire.url, **asked)
        with monkeypatch.context() as patched:
            patched.setattr(write_ahead, "refuse_while_landing", stopped)
            with pytest.raises(RunFailed, match="SES was not touched") as halted:
                stage.play(halting)
        assert "SES was last seen" not in str(halted.value)  # with what nobody gave it
        stage.sandbox.advance(timedelta(seconds=61))
        comes_to(stage, cut, stage.begin(endpoint_url=wire.url, **asked))


@pytest.mark.parametrize("aim", ["same", "back", "another"])
def test_after_a_run_that_died_at_its_write_nothing_is_called_finished(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, aim: str
) -> None:
    """The request may be on its way: another selector is not written beside it, and going back is not finished."""
    facts = stage.sandbox.facts
    selector = {"same": facts.next_selector, "back": facts.current_selector, "another": "mail-20270301-1"}[aim]
    dead = stage.begin(mode="apply")
    with monkeypatch.context() as patched:
        patched.setattr(write_ahead, "_attempt", stopped)
        with pytest.raises(RunFailed, match="The run was interrupted"):
            stage.play(dead)
    assert (dead.record.of(Intent) is not None, dead.record.of(Answer)) == (True, None)
    comes_to(stage, dead, stage.begin(mode="apply", wait_minutes=1, selector=selector))
