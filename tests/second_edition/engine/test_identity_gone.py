"""Somebody deletes the identity: before a run, between its two looks, or after a rollback that it made by itself."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

import pytest

from second_edition.display import summary
from second_edition.display.answers import answers
from second_edition.display.notebook import Shown, as_text
from second_edition.display.words import Words
from second_edition.engine.run import Run, RunFailed, RunRefused
from second_edition.messages import Language
from second_edition.rotation.outcome import Outcome
from tests.second_edition.engine.played import Stage
from tests.second_edition.notebooks.wire import PUT, Handler, Wire
from tests.second_edition.sandbox.generator import delete_identity

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
READ = "GetEmailIdentity"
REFUSES: dict[Language, str] = {
    "en": "Until then SES refuses its mail",
    "ja": "それまでは、上位ドメインの ID が SES にない限り、メールは SES に拒否されます",
}
DELETED: dict[Language, str] = {
    "en": "SES has no identity example.jp any more",
    "ja": "SES に ID example.jp がなくなっています",
}
#: What is untrue of an identity that is not there.
UNTRUE = ("PENDING", "SUCCESS", "set back", "Roll back as", "may go out unsigned", "Check domain", "was it safe  yes")


def proves_gone(stage: Stage, run: Run) -> None:
    """Its first screen says that SES refuses mail, what to do, and nothing that presumes an identity."""
    for language, words in REFUSES.items():
        found = Words(language, UTC)
        safe = [text for _, text in answers(run.record, found)][4]
        assert safe.startswith(
            ("no: SES has no such identity any more, and refuses mail", "問題あり（SES に ID がなく")
        )
        assert DELETED[language] in as_text(summary.verdict(run.record, found)[0])
        if language == run.intent.language:
            text = str(Shown(stage.headline).bundle()["text/plain"]).replace("SWITCHED-PENDING", "")
            assert words in text
            assert [one for one in UNTRUE if one in text] == []


QUICK = {"seen": (True,)}


@pytest.mark.parametrize("seen", [True, False])
def test_an_identity_deleted_after_a_rollback_has_no_status_and_no_rollback(
    stage: Stage, tmp_path: Path, seen: bool
) -> None:
    """``seen``: SES showed the selector of the rollback once before."""
    deleted: list[str] = []

    def read(handler: Handler) -> bool:
        status, headers, body = handler.forward()
        shows = CURRENT.encode() in body and handler.server.seen.count(PUT) == 2
        handler.answer(status, headers, body)
        if seen and shows and not deleted:
            deleted.append("once")
            delete_identity(stage.sandbox)
        return True

    def put(handler: Handler) -> bool:
        status, headers, body = handler.forward()
        if not seen and CURRENT in handler.body.decode():
            delete_identity(stage.sandbox)
        handler.answer(status, headers, body)
        return True

    (tmp_path / "byodkim.toml").write_text("[default]\nrollback_after_hours = 1\n")
    stage.sandbox.set_knobs(check_interval=1e6)
    given = {"mode": "apply", "wait_minutes": 0}
    with Wire(stage.sandbox.facts.endpoint_url, {PUT: (put, 0), READ: (read, 0)}) as wire:
        stage.play(stage.begin(**given, endpoint_url=wire.url))
        stage.sandbox.advance(timedelta(hours=2))
        run = stage.begin(**given, endpoint_url=wire.url)
        with pytest.raises(RunFailed):
            stage.play(run)
    assert run.record.rollback is not None
    assert (
        any(event["event"] == "read" and event["identity"]["selectors"] == [CURRENT] for event in run.journal.as_json)
        is seen
    )
    assert run.record.outcome is Outcome.FAILED
    proves_gone(stage, run)


def test_an_identity_deleted_between_the_two_looks_of_a_run_was_there(stage: Stage) -> None:
    run = stage.begin(mode="apply", language="ja")
    stage.play(run, "plan")
    delete_identity(stage.sandbox)
    with pytest.raises(RunRefused):
        stage.step(run, "apply")
    assert run.record.outcome is Outcome.REFUSED
    proves_gone(stage, run)


def test_an_identity_that_the_run_before_switched_was_there(stage: Stage) -> None:
    stage.play(stage.begin(mode="apply", wait_minutes=1))
    delete_identity(stage.sandbox)
    run = stage.begin(mode="apply")
    with pytest.raises(RunRefused):
        stage.play(run)
    assert run.record.outcome is Outcome.REFUSED
    proves_gone(stage, run)


def test_an_identity_that_no_run_saw_may_be_looked_for_at_the_wrong_place(stage: Stage) -> None:
    delete_identity(stage.sandbox)
    run = stage.begin(mode="apply")
    with pytest.raises(RunRefused, match="Check domain, account and Region"):
        stage.play(run)
    assert run.record.gone_at is None
    assert "any more" not in str(Shown(stage.headline).bundle()["text/plain"])
