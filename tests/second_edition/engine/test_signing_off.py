"""A run ends well only if SES signs: all four rows of the run sheet decide the outcome, over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from second_edition.display.notebook import Shown
from second_edition.engine.run import RunFailed, RunRefused
from second_edition.events.run import Read
from second_edition.procedures.rotate.standing import assessed
from second_edition.rotation.outcome import Outcome
from tests.second_edition.engine.played import Stage, told
from tests.second_edition.notebooks import outside

WAIVED = "SES-SIGNING: rehearsal of a run with signing off"


def signing(stage: Stage, *, enabled: bool) -> None:
    """Turns DKIM signing on or off, as somebody does in the console."""
    ses: Any = outside.client(stage.sandbox.facts, "sesv2")
    ses.put_email_identity_dkim_attributes(EmailIdentity=stage.sandbox.facts.domain, SigningEnabled=enabled)
    ses.close()


def headline(stage: Stage) -> str:
    return str(Shown(stage.headline).bundle()["text/plain"])


def test_signing_turned_off_after_the_write_is_no_success(stage: Stage) -> None:
    run = stage.begin(mode="apply")
    stage.play(run, until="apply")
    signing(stage, enabled=False)
    for name in ("verify", "compare", "hand_over"):
        stage.step(run, name)
    with pytest.raises(RunFailed, match=r"DKIM signing is off for example\.jp") as raised:
        stage.step(run, "close")
    assert "--signing-enabled" in raised.value.todo
    assert (run.record.outcome, stage.puts(), stage.selector()) == (Outcome.FAILED, 1, run.intent.selector)
    said = headline(stage)
    assert "DKIM signing is off for example.jp: its mail goes out without this signature." in said.split("\n\n")[0]
    assert "no: SES does not sign this domain's mail with your key" in said
    assert "yes: every check" not in said
    # Every check of the rollback had passed before the write; it would be refused now.
    assert "once SES-SIGNING is settled" in said
    assert "A rollback to mail-20260912-1 would be refused" in said
    assert "papermill" not in said
    assert "Then make a plan run of mail-20260912-1" in said
    rollback, seen = assessed(run.record)
    assert rollback.state == "refused"
    assert seen == run.record.all_of(Read)[-1].at.isoformat(
        timespec="milliseconds"
    )  # every check had passed when the world was observed


def test_a_waived_check_of_signing_makes_no_success(stage: Stage) -> None:
    signing(stage, enabled=False)
    run = stage.begin(mode="apply", waive=WAIVED)
    with pytest.raises(RunFailed, match="DKIM signing is off"):
        stage.play(run)
    assert run.record.outcome is Outcome.FAILED
    # The same again finds the selector in use: nothing to write, and still no success.
    again = stage.begin(mode="apply", waive=WAIVED)
    with pytest.raises(RunFailed, match="DKIM signing is off"):
        stage.play(again)
    assert (again.record.outcome, stage.puts()) == (Outcome.FAILED, 1)
    signing(stage, enabled=True)
    last = stage.begin(mode="apply")
    stage.play(last)
    assert last.record.outcome in (Outcome.UNCHANGED, Outcome.SWITCHED)
    assert "DKIM signing is off" not in headline(stage)


def test_the_refusal_says_how_signing_is_switched_on(stage: Stage) -> None:
    signing(stage, enabled=False)
    run = stage.begin(mode="apply")
    with pytest.raises(RunRefused, match="SES-SIGNING failed") as raised:
        stage.play(run)
    command = "aws sesv2 put-email-identity-dkim-attributes --email-identity example.jp --signing-enabled"
    assert command in raised.value.todo
    assert command in str(Shown(told(tuple(run.journal.events), "check")).bundle()["text/plain"])
    assert "before a key is changed" not in raised.value.todo
