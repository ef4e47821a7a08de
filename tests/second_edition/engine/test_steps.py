"""The steps: what they show is what the journal tells, and nothing is written that could not be written down."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import NoReturn

import psutil
import pytest

from second_edition import steps
from second_edition.display import summary
from second_edition.display.answers import answers
from second_edition.display.blocks import Paragraph
from second_edition.display.comparison import comparison
from second_edition.display.notebook import Shown, as_text
from second_edition.display.words import ENGLISH
from second_edition.engine import kernel, lifecycle
from second_edition.engine.polling import Polling
from second_edition.engine.run import Run, RunRefused, StepError
from second_edition.errors import AccessError, CustodyError
from second_edition.events import name_of
from second_edition.events.run import Unread
from second_edition.events.writes import Handed
from second_edition.evidence import journal
from second_edition.evidence.raw_answers import differences
from second_edition.evidence.record import Record
from second_edition.procedures.rotate import steps as rotate_steps
from second_edition.rotation.outcome import Outcome
from tests.second_edition.engine.played import STEPS, Stage, told
from tests.second_edition.sandbox.generator import delete_identity, secret, write_secret


def recorded(run: Run) -> Record:
    """The record as it is read back from the disk."""
    account = journal.read(run.journal.path)
    assert not account.torn
    return Record(account.events)


def retold(stage: Stage, run: Run) -> None:
    """What was shown is told again, block by block, from the file alone."""
    events = journal.read(run.journal.path).events
    for name, (blocks, count) in stage.shown.items():
        assert told(events[:count], name) == blocks, name
    assert told(events, "headline") == stage.headline


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_run_that_switches_shows_what_its_journal_tells(language: str, stage: Stage) -> None:
    run = stage.begin(mode="apply", language=language, reason="yearly | rotation", wait_minutes=1)
    stage.play(run)
    assert set(stage.shown) == set(STEPS)
    retold(stage, run)
    record = recorded(run)
    assert record.outcome is Outcome.SWITCHED
    assert stage.selector() == stage.sandbox.facts.next_selector
    assert stage.puts() == 1
    names = [name_of(type(event)) for event in record.events]
    assert names.index("intent") + 1 == names.index("answer")
    assert record.verified_at is not None
    assert record.written_at is not None
    assert record.written_at <= record.verified_at
    put = stage.sandbox.calls("PutEmailIdentityDkimSigningAttributes")[0]
    assert put["request_id"] in {call.request_id for call in record.calls}
    frames = run.frames
    comparison = frames["comparison"].set_index("field")
    assert comparison["after"][comparison["changed"]]["selectors"] == stage.selector()
    assert put["request_id"] in set(frames["calls"]["request_id"])
    assert frames["timeline"]["at"].is_monotonic_increasing


def test_a_plan_run_reads_only(stage: Stage) -> None:
    run = stage.begin()
    stage.play(run)
    assert recorded(run).outcome is Outcome.PLANNED
    assert (stage.puts(), stage.selector()) == (0, stage.sandbox.facts.current_selector)
    assert recorded(run).switch is None
    retold(stage, run)


def test_a_refused_run_has_its_record_and_its_request(stage: Stage) -> None:
    stage.sandbox.reset("dns-absent")
    run = stage.begin(mode="apply")
    with pytest.raises(RunRefused, match="DNS-PUBLISHED failed"):
        stage.play(run)
    assert recorded(run).outcome is Outcome.REFUSED
    assert stage.puts() == 0
    retold(stage, run)
    handed = recorded(run).of(Handed)
    assert handed is not None
    beside = [path for path in run.journal.path.parent.iterdir() if path.is_file()]
    assert sorted(path.name for path in beside if path.suffix not in (".jsonl", ".json")) == sorted(handed.files)
    assert not psutil.pid_exists(run.custodian.pid)
    with pytest.raises(StepError, match="has ended"):
        lifecycle.take(run, "plan")


def test_a_step_out_of_its_order_does_nothing(stage: Stage) -> None:
    run = stage.begin(mode="apply")
    count = len(run.journal.events)
    for early in (name for name in STEPS if name != "observe"):
        with pytest.raises(StepError, match="next is observe,"):
            lifecycle.take(run, early)
        assert len(run.journal.events) == count, early
        assert (run.stage, stage.puts()) == ("begun", 0)


def test_a_step_is_not_made_twice(stage: Stage) -> None:
    run = stage.begin(mode="apply", wait_minutes=1)
    stage.play(run, "apply")
    with pytest.raises(StepError):
        lifecycle.take(run, "apply")
    assert stage.puts() == 1


def secret_again(stage: Stage) -> None:
    """The same secret in a new version."""
    write_secret(stage.sandbox, json.dumps(secret(stage.sandbox), indent=1))


def test_a_world_that_changed_since_the_plan_is_refused_and_the_fact_named(stage: Stage) -> None:
    run = stage.begin(mode="apply")
    stage.play(run, "plan")
    secret_again(stage)
    with pytest.raises(RunRefused, match=r"secret\.version: \S+ -> \S+"):
        stage.step(run, "apply")
    assert stage.puts() == 0
    assert recorded(run).outcome is Outcome.REFUSED


def test_a_record_that_went_since_the_plan_is_refused(stage: Stage) -> None:
    run = stage.begin(mode="apply")
    stage.play(run, "plan")
    stage.sandbox.unpublish()
    with pytest.raises(RunRefused, match="DNS-PUBLISHED failed"):
        stage.step(run, "apply")
    assert stage.puts() == 0
    assert recorded(run).outcome is Outcome.REFUSED
    assert "DNS-PUBLISHED" in {one.id for one in recorded(run).findings if one.stops}


def test_a_custodian_that_dies_before_the_write_ends_the_run_and_nothing_is_written(stage: Stage) -> None:
    run = stage.begin(mode="apply", language="ja")
    stage.play(run, "plan")
    os.kill(run.custodian.pid, signal.SIGKILL)
    with pytest.raises(CustodyError, match="（custodian）が応答の前に終了しました"):
        stage.step(run, "apply")
    assert (stage.puts(), recorded(run).switch) == (0, None)
    assert recorded(run).outcome is Outcome.FAILED


def test_an_unforeseen_error_is_told_by_its_type_only(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    run = stage.begin()

    def broken(*_: object) -> None:
        raise LookupError("hush-hush")

    monkeypatch.setattr("second_edition.engine.stages.check", broken)
    with pytest.raises(Exception, match="does not foresee") as caught:
        stage.play(run)
    assert "LookupError" in str(caught.value)
    assert caught.value.__suppress_context__
    assert "hush-hush" not in str(caught.value) + run.journal.path.read_text()
    assert recorded(run).outcome is Outcome.FAILED


def stopped(_: Polling) -> NoReturn:
    """Somebody presses Ctrl-C while it waits."""
    raise KeyboardInterrupt


def test_an_interrupt_closes_the_record(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.sandbox.set_knobs(check_interval=3600)
    monkeypatch.setattr(kernel, "show_again", lambda *_: signal.raise_signal(signal.SIGINT))
    run = stage.begin(mode="apply", wait_minutes=5)
    stage.play(run, "apply")
    with pytest.raises(Exception, match="interrupted, by hand or"):
        stage.step(run, "verify")
    record = recorded(run)
    assert record.closed is not None
    assert record.closed.error is not None
    means = record.closed.error.means
    assert "SES was last seen with mail-20261124-1 (status PENDING" in means
    assert "mail may be going out unsigned" in means
    again = stage.begin(mode="apply", wait_minutes=5)  # waits for the same, and writes nothing
    monkeypatch.setattr(Polling, "__iter__", stopped)
    with pytest.raises(Exception, match="interrupted, by hand or") as caught:
        stage.play(again)
    assert "SES was not touched. SES was last seen with mail-20261124-1 (status PENDING" in str(caught.value)
    assert stage.puts() == 1


def test_an_interrupt_before_ses_is_read_again_claims_no_reading(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate_steps, "_read_or_note", lambda *_: signal.raise_signal(signal.SIGINT))
    run = stage.begin(mode="apply", wait_minutes=5)
    stage.play(run, "apply")
    with pytest.raises(Exception, match="SES took the write and has mail-20261124-1; whether it has verified it is"):
        stage.step(run, "verify")
    rollback = str(Shown(stage.headline).bundle()["text/plain"]).partition("papermill")[2]
    assert "SES took the write, and this run has not read SES since. The rollback reads SES first" in rollback
    assert "has shown" not in rollback


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "has no identity example.jp any more"), ("ja", "SES に ID example.jp がなくなっています")],
)
def test_an_identity_that_goes_while_ses_is_waited_for_is_said_in_the_run_s_language(
    stage: Stage, language: str, words: str
) -> None:
    run = stage.begin(mode="apply", wait_minutes=1, language=language)
    stage.play(run, "plan")
    stage.step(run, "apply")
    delete_identity(stage.sandbox)
    with pytest.raises(AccessError, match=words):
        stage.step(run, "verify")
    record = recorded(run)
    assert record.outcome is Outcome.FAILED
    assert "rollback" not in str(Shown(stage.headline).bundle()["text/plain"]).partition("papermill")[2]
    said = dict(answers(record, ENGLISH))
    seen_at = ENGLISH.time(record.all_of(Unread)[-1].at)
    assert said["what changed"].endswith(f"; then the identity was deleted from SES (seen at {seen_at})")
    assert said["was it safe"].startswith("no: SES has no such identity any more, and refuses mail from this domain")
    assert said["is it finished"].startswith("no: SES has no such identity any more")
    assert said["rollback"] == "none while SES has no such identity"
    headline, *_ = (as_text(block) for block in summary.verdict(record, ENGLISH))
    assert headline.startswith("FAILED  SES has no identity example.jp any more. The switch of example.jp")
    (paragraph,) = (one for one in comparison(record, ENGLISH) if isinstance(one, Paragraph))
    assert paragraph.text.startswith("SES has no such identity any more (seen at ")


def test_a_selector_with_capital_letters_is_switched_to_and_verifies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = steps.begin(target="sandbox", selector="Mail-NEXT", mode="apply")
    for step in STEPS:
        getattr(steps, step)(run)
    record = recorded(run)
    assert (record.outcome, record.after.selector if record.after else "") == (Outcome.SWITCHED, "Mail-NEXT")
    assert list(differences(journal.read(run.journal.path).events)) == []
