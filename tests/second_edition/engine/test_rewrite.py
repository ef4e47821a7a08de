"""A key is written again over the same selector: whether that landed is read from SES, never assumed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from second_edition.custody.client import Died
from second_edition.engine.run import Run, RunFailed
from second_edition.events.writes import Answer, Resolved
from second_edition.rotation.findings import Verdict
from second_edition.rotation.outcome import Outcome
from tests.second_edition.engine.played import Stage
from tests.second_edition.notebooks.wire import PUT, Fault, Handler, Wire, applied_then, reset
from tests.second_edition.sandbox.generator import set_by_hand

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"


def killing(stage: Stage) -> Fault:
    """The custodian is killed with the write under way."""

    def fault(handler: Handler) -> bool:
        os.kill(stage.custodians[-1].pid, signal.SIGKILL)
        handler.close_connection = True
        return True

    return fault


@pytest.fixture
def pasted(stage: Stage, tmp_path: Path) -> Iterator[Wire]:
    """A wrong key stands in SES, which looks for its record; the wire on which the writes of runs meet faults."""
    (tmp_path / "byodkim.toml").write_text("[default]\nlate_write_seconds = 3\n")
    set_by_hand(stage.sandbox, NEXT)
    with Wire(stage.sandbox.facts.endpoint_url, {}) as wire:
        yield wire


def applied(stage: Stage, wire: Wire, error: type[Exception] | None = None, wait_minutes: int = 1) -> Run:
    """An apply run over the wire, and the error that it ends with."""
    run = stage.begin(mode="apply", endpoint_url=wire.url, wait_minutes=wait_minutes)
    if error is None:
        stage.play(run)
    else:
        with pytest.raises(error):
            stage.play(run)
    return run


def test_a_rewrite_that_landed_without_an_answer_is_found_and_not_made_again(stage: Stage, pasted: Wire) -> None:
    pasted.faults = {PUT: (applied_then(reset), 1)}
    run = applied(stage, pasted)
    assert run.record.of(Resolved) is not None
    assert {one.id: one.verdict for one in run.record.findings}["PLAN-REWRITE"] is Verdict.PASS
    assert (run.record.outcome, stage.puts()) == (Outcome.SWITCHED, 2)
    assert (applied(stage, pasted).record.outcome, stage.puts()) == (Outcome.UNCHANGED, 2)


def test_a_rewrite_that_did_not_land_is_not_reported_as_applied_and_is_made_by_the_next_run(
    stage: Stage, pasted: Wire
) -> None:
    pasted.faults = {PUT: (reset, 1)}
    run = applied(stage, pasted, RunFailed)
    assert run.record.of(Resolved) is None
    assert run.record.closed is not None
    error = run.record.closed.error
    assert error is not None
    assert "its status is PENDING, as it may have been before" in error.what
    assert "writes the key again if SES has not verified it by then" in error.todo
    assert (run.record.outcome, stage.puts()) == (Outcome.FAILED, 1)
    assert (applied(stage, pasted).record.outcome, stage.puts()) == (Outcome.SWITCHED, 2)


QUICK = {"again": (True,)}  # a first write is as unclear elsewhere


@pytest.mark.parametrize(
    ("landed", "puts"), [(applied_then, 2), (lambda fault: fault, 1)], ids=["landed", "did-not-land"]
)
def test_after_an_interruption_a_rewrite_is_made_again_only_where_it_did_not_land(
    stage: Stage, pasted: Wire, landed: Callable[[Fault], Fault], puts: int
) -> None:
    pasted.faults = {PUT: (landed(killing(stage)), 1)}
    run = applied(stage, pasted, Died)
    error = run.record.all_of(Answer)[-1].error
    assert error
    assert error.code == "CustodianDied"
    assert stage.puts() == puts
    assert (applied(stage, pasted).record.outcome, stage.puts()) == (Outcome.SWITCHED, 2)


@pytest.mark.parametrize("again", [False, True], ids=["first-write", "rewrite"])
def test_a_key_that_replaced_one_that_ses_had_verified_is_written_over_once(
    stage: Stage, tmp_path: Path, again: bool
) -> None:
    """SES verified what a run wrote, first or again; somebody gives SES another key, and its record is not found."""
    (tmp_path / "byodkim.toml").write_text("[default]\nlate_write_seconds = 3\n")
    if again:
        set_by_hand(stage.sandbox, NEXT)
    with Wire(stage.sandbox.facts.endpoint_url, {PUT: (applied_then(reset), 1)}) as wire:
        assert applied(stage, wire).record.outcome is Outcome.SWITCHED
        set_by_hand(stage.sandbox, NEXT)
        facts, puts = stage.sandbox.facts, stage.puts()
        stage.sandbox.set_knobs(blind_in=f"{facts.account}/{facts.region}")
        for changes in (1, 0):
            run = applied(stage, wire, wait_minutes=0)
            assert (run.record.outcome, stage.puts()) == (Outcome.SWITCHED_PENDING, puts + 1)
            assert run.record.plan is not None
            assert len(run.record.plan.writes) == changes


def test_a_rewrite_that_ses_took_is_waited_for_by_the_next_run(stage: Stage, pasted: Wire) -> None:
    facts = stage.sandbox.facts
    stage.sandbox.set_knobs(blind_in=f"{facts.account}/{facts.region}")  # SES does not find the record
    for _ in range(2):
        run = applied(stage, pasted, wait_minutes=0)
        assert (run.record.outcome, stage.puts()) == (Outcome.SWITCHED_PENDING, 2)
    assert run.record.plan is not None
    assert run.record.plan.writes == ()
