"""A run that is stopped while its write may still land: the next one writes nothing and concludes nothing by then."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from byodkim.engine import write_ahead
from byodkim.engine.run import RunFailed, RunRefused, WaitRanOut
from byodkim.events import name_of
from byodkim.events.writes import Answer, Intent
from byodkim.evidence.journal import Account
from byodkim.rotation.outcome import Outcome
from tests.each import each
from tests.engine.played import Stage
from tests.events.noted import record_of
from tests.notebooks.wire import PUT, Wire, reset


def stopped(*_: object, **__: object) -> None:
    """Somebody presses Ctrl-C while SES is read back."""
    raise KeyboardInterrupt


QUICK = {"aim": ("same",), "back": (True,)}


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
        stage.sandbox.advance(timedelta(seconds=61))
        late = stage.begin(endpoint_url=wire.url, **asked)
        # The request may reach SES for some minutes more: to go back is not finished, and its exit code says so.
        says = (
            pytest.raises(WaitRanOut, match=f"it can reach SES and set {facts.next_selector}")
            if back
            else nullcontext()
        )
        with says:
            stage.play(late)
    assert (late.record.outcome, stage.puts()) == ((Outcome.UNCHANGED, 0) if back else (Outcome.SWITCHED, 1))


@pytest.mark.parametrize("aim", ["same", "back", "another"])
def test_after_a_run_that_died_at_its_write_nothing_is_called_finished(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, aim: str
) -> None:
    """The request may be on its way: another selector is not written beside it, and going back is not finished."""
    facts = stage.sandbox.facts
    selector = {"same": facts.next_selector, "back": facts.current_selector, "another": "mail-20270301-1"}[aim]
    asked = {"mode": "apply", "wait_minutes": 1, "selector": selector}
    dead = stage.begin(mode="apply")
    with monkeypatch.context() as patched:
        patched.setattr(write_ahead, "_attempt", stopped)
        with pytest.raises(RunFailed, match="The run was interrupted"):
            stage.play(dead)
    assert (dead.record.of(Intent) is not None, dead.record.of(Answer)) == (True, None)
    following = stage.begin(**asked)
    if aim == "same":
        stage.play(following)
        assert (following.record.outcome, stage.puts()) == (Outcome.SWITCHED, 1)
    elif aim == "back":
        with pytest.raises(WaitRanOut, match=f"it can reach SES and set {facts.next_selector}"):
            stage.play(following)
        assert (following.record.outcome, stage.puts()) == (Outcome.UNCHANGED, 0)
    else:
        with pytest.raises(
            RunRefused, match=f"The write of run {dead.id} had no clear answer and may still land until"
        ):
            stage.play(following)
        assert (following.record.outcome, stage.puts()) == (Outcome.REFUSED, 0)


AT = "2026-11-24T04:08:57.000+00:00"
UNCLEAR: dict[str, Any] = {"error": {"code": "ReadTimeoutError", "unclear": True}}


@each("kind", [write_ahead.STORE, write_ahead.ERASE, write_ahead.ZONE])
@each(
    ("answer", "resolved", "lands"),
    [
        (UNCLEAR, None, True),
        (UNCLEAR, False, True),
        (UNCLEAR, True, False),
        ({"answer": {}}, None, False),
        ({"error": {"code": "AccessDenied", "unclear": False}}, None, False),
        ({"error": {"code": write_ahead.DIED, "unclear": True}}, None, False),
    ],
    ids=["unclear", "not-applied", "applied", "answered", "refused", "custodian-died"],
)
def test_a_write_of_any_other_kind_may_land_until_it_was_found_applied(
    kind: write_ahead.Events, answer: dict[str, Any], resolved: bool | None, lands: bool
) -> None:
    events: list[dict[str, Any]] = [{"event": "begin", "n": 0, "late_write_seconds": 60}]
    events.append({"event": name_of(kind.answer), "n": 1, "at": AT, **answer})
    if resolved is not None and kind.resolved is not None:
        events.append({"event": name_of(kind.resolved), "n": 2, "at": AT, "applied": resolved})
    until = write_ahead._lands_until(
        Account(tuple(record_of(*events).events), Path("a.journal.jsonl"), "", torn=False), kind
    )
    assert until == (datetime.fromisoformat(AT) + timedelta(seconds=60) if lands else None)
