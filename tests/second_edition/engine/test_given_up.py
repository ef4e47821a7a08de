"""SES gives up on what a run wrote, or still shows FAILED of before it: told apart, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from second_edition.display.notebook import Shown
from second_edition.engine.run import Run, RunFailed, WaitRanOut
from second_edition.events.run import Read
from second_edition.events.writes import Waited
from second_edition.procedures.rotate import ses_writes
from second_edition.procedures.rotate.ses_writes import RolledBack
from second_edition.rotation.outcome import Outcome
from tests.second_edition.engine.played import Stage
from tests.second_edition.notebooks.wire import PUT, Handler, Wire

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
WAIVED = "DNS-PUBLISHED: agreed with the DNS team"
READ = "GetEmailIdentity"


def begun(stage: Stage, scenario: str, wait_minutes: int = 1, **given: str) -> Run:
    """An apply run that has just given SES the selector."""
    stage.sandbox.reset(scenario)
    stage.sandbox.set_knobs(check_interval=0.2)
    run = stage.begin(mode="apply", waive=WAIVED, wait_minutes=wait_minutes, **given)
    stage.play(run, until="apply")
    assert stage.puts() == 1
    return run


def ended(stage: Stage, run: Run) -> None:
    for name in ("verify", "compare", "hand_over", "close"):
        stage.step(run, name)


def published_again(stage: Stage) -> Run:
    """The same command, once the cause is mended and caches have forgotten."""
    stage.sandbox.publish()
    stage.sandbox.advance(timedelta(minutes=66))
    looked = stage.begin()
    stage.play(looked)
    stage.sandbox.advance(timedelta(minutes=66))
    run = stage.begin(mode="apply")
    stage.play(run)
    return run


QUICK = {"scenario": ("dns-absent",)}


@pytest.mark.parametrize("scenario", ["dns-absent", "previous-failed"])
def test_a_run_on_whose_write_ses_gives_up_stops_waiting_and_says_what_the_next_one_does(
    stage: Stage, scenario: str
) -> None:
    run = begun(stage, scenario)
    if scenario == "previous-failed":  # only another status in between tells that FAILED is the write's own
        assert ses_writes.read(run).status == "PENDING"
    stage.sandbox.advance(timedelta(hours=73))
    with pytest.raises(RunFailed, match=f"SES has given up on {NEXT}: its status is FAILED") as raised:
        ended(stage, run)
    assert raised.value.means.startswith("Mail of this domain goes out unsigned")
    assert raised.value.todo.endswith("run the same command again: it writes the selector once more.")
    waited = run.record.of(Waited)
    assert waited is not None
    assert (run.record.outcome, waited.ran_out) == (Outcome.FAILED, False)
    assert "twice" not in str(Shown(stage.headline).bundle()["text/plain"])
    again = published_again(stage)
    assert (again.record.outcome, stage.puts(), stage.selector()) == (Outcome.SWITCHED, 2, NEXT)


def stale() -> Callable[[Handler], bool]:
    """SES shows what it showed before the write, for as long as it is asked."""
    known: list[tuple[int, dict[str, str], bytes]] = []

    def fault(handler: Handler) -> bool:
        known.append(known[0] if PUT in handler.server.seen else handler.forward())
        status, headers, body = known[-1]
        if PUT in handler.server.seen:
            body = body.replace(CURRENT.encode(), NEXT.encode())
        handler.answer(status, headers, body)
        return True

    return fault


def test_failed_of_before_the_write_is_no_failure_of_the_write(stage: Stage) -> None:
    stage.sandbox.reset("previous-failed")
    with Wire(stage.sandbox.facts.endpoint_url, {READ: (stale(), 0)}) as wire:
        run = begun(stage, "previous-failed", wait_minutes=0, endpoint_url=wire.url)
        for name in ("verify", "compare", "hand_over"):
            stage.step(run, name)
        run.intent = replace(run.intent, wait_minutes=1)  # as if the minute were over
        with pytest.raises(WaitRanOut, match="its status is FAILED") as raised:
            stage.step(run, "close")
    assert run.record.outcome is Outcome.SWITCHED_PENDING
    assert "if SES still shows FAILED, it writes the selector once more" in raised.value.todo
    assert "twice" not in raised.value.todo
    assert run.record.all_of(Read)[-1].identity.status == "FAILED"


def gives_up_at_once(handler: Handler) -> bool:
    status, headers, body = handler.forward()
    handler.answer(status, headers, body.replace(b"PENDING", b"FAILED") if NEXT.encode() in body else body)
    return True


def test_where_the_profile_says_when_to_go_back_a_run_goes_back_as_soon_as_ses_gives_up(
    stage: Stage, tmp_path: Path
) -> None:
    (tmp_path / "byodkim.toml").write_text("[default]\nrollback_after_hours = 24\n")
    with Wire(stage.sandbox.facts.endpoint_url, {READ: (gives_up_at_once, 0)}) as wire:
        run = begun(stage, "dns-absent", endpoint_url=wire.url)
        with pytest.raises(RolledBack, match=f"SES has given up on {NEXT} .*, so {CURRENT} was written again"):
            ended(stage, run)
    assert (run.record.outcome, stage.puts(), stage.selector()) == (Outcome.ROLLED_BACK, 2, CURRENT)
