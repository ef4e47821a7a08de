"""Somebody sets SES back by hand while an apply run waits: the record says so, and nothing of the old selector's."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

import pytest

from second_edition.display import summary
from second_edition.display.answers import answers
from second_edition.display.blocks import Paragraph
from second_edition.display.lifeline import of_run
from second_edition.display.notebook import Shown, as_text
from second_edition.display.results import result
from second_edition.display.words import Words
from second_edition.engine.polling import Polling
from second_edition.engine.run import Run, RunFailed
from second_edition.messages import Language, translated
from second_edition.procedures.rotate import ses_writes, steps
from second_edition.procedures.rotate.switched import verification
from second_edition.rotation.outcome import Outcome
from tests.second_edition.engine.played import Stage, told
from tests.second_edition.notebooks.wire import PUT, Handler, Wire, refuse
from tests.second_edition.sandbox.generator import set_by_hand

CURRENT, NEXT, THIRD = "mail-20260912-1", "mail-20261124-1", "mail-20270101-1"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait of a minute is over in a second."""
    monkeypatch.setattr(steps, "Polling", lambda _, first, longest, skip: Polling(1, first, longest, skip))


def waited(stage: Stage, *, seen: bool, selector: str = CURRENT, status: str = "SUCCESS") -> tuple[Run, RunFailed]:
    """An apply run in whose wait somebody sets SES to ``selector``; ``seen``: SES had shown the new one before."""
    stage.sandbox.set_knobs(check_interval=3600)
    run = stage.begin(mode="apply", wait_minutes=1)
    stage.play(run, until="apply")
    if seen:
        assert ses_writes.read(run).selectors == (NEXT,)
    stage.sandbox.set_knobs(check_interval=0 if status == "SUCCESS" else 3600)
    set_by_hand(stage.sandbox, selector)
    for name in ("verify", "compare", "hand_over"):
        stage.step(run, name)
    with pytest.raises(RunFailed) as raised:
        stage.step(run, "close")
    assert run.record.after is not None
    assert (run.record.after.selectors, run.record.after.status) == ((selector,), status)
    return run, raised.value


def test_a_write_that_is_not_made_since_somebody_changed_ses_says_what_ses_has(stage: Stage) -> None:
    """SES refuses the write as one call too many; before the next try somebody has set another selector."""

    def overtake(handler: Handler) -> bool:
        set_by_hand(stage.sandbox, THIRD)
        return refuse(429, "TooManyRequestsException")(handler)

    with Wire(stage.sandbox.facts.endpoint_url, {PUT: (overtake, 1)}) as wire:
        run = stage.begin(mode="apply", endpoint_url=wire.url)
        with pytest.raises(RunFailed) as raised:
            stage.play(run)
    assert stage.puts() == 1  # by hand
    assert f"somebody has changed SES meanwhile. It was last seen with {THIRD} (status " in raised.value.what
    assert "as before" not in str(raised.value)


@pytest.mark.prove
def test_a_rollback_that_is_overruled_names_what_stands_and_not_the_checks_of_the_rollback(
    stage: Stage, tmp_path: Path
) -> None:
    """What the checks of the rollback say is not of the selector that somebody set SES to."""

    def overrule(handler: Handler) -> bool:
        status, headers, body = handler.forward()
        if CURRENT in handler.body.decode():
            set_by_hand(stage.sandbox, THIRD)
        handler.answer(status, headers, body)
        return True

    (tmp_path / "byodkim.toml").write_text("[default]\nrollback_after_hours = 24\n")
    stage.sandbox.set_knobs(check_interval=1e6)
    with Wire(stage.sandbox.facts.endpoint_url, {PUT: (overrule, 0)}) as wire:
        stage.play(stage.begin(mode="apply", endpoint_url=wire.url, wait_minutes=0))
        stage.sandbox.advance(timedelta(hours=25))
        run = stage.begin(mode="apply", endpoint_url=wire.url, wait_minutes=0)
        with pytest.raises(RunFailed, match=f"Somebody set SES to {THIRD}"):
            stage.play(run)
    assert stage.puts() == 3
    expected: dict[Language, str] = {
        "en": f"SES has {THIRD} now (status ",
        "ja": f"SES のセレクタは {THIRD}（ステータス ",
    }
    for language, words in expected.items():
        safe = said(run, language)["safe"]
        assert safe.startswith(words)
        assert translated("every check of the rollback passed before the write", language) not in safe


def said(run: Run, language: Language = "en") -> dict[str, str]:
    names = ("who", "when", "why", "changed", "safe", "finished", "back")
    return dict(zip(names, (text for _, text in answers(run.record, Words(language, UTC))), strict=True))


def test_the_record_says_that_somebody_set_ses_back(stage: Stage) -> None:
    run, error = waited(stage, seen=True)
    assert run.record.outcome is Outcome.FAILED
    assert error.what.startswith(f"Somebody set SES to {CURRENT} while this run waited (seen at ")
    assert error.means == f"Mail is signed as SES says of {CURRENT}: SUCCESS."
    assert error.todo.startswith("There is nothing to roll back. Find out who did it")
    assert f"would write {NEXT} once more" in error.todo
    text = str(Shown(stage.headline).bundle()["text/plain"])
    assert error.what in text
    assert [one for one in ("papermill", "writes nothing twice", "go back", "has not verified") if one in text] == []
    found = said(run)
    assert found["changed"].startswith(f"nothing that lasts: {CURRENT} → {NEXT} was written, and somebody set SES to")
    assert "mail unsigned for" in found["safe"]
    assert found["finished"].startswith(f"no: somebody set SES to {CURRENT}")
    assert stage.begin().record.previous.written_at == ""  # nothing of it waits to be verified
    assert found["back"] == "nothing to roll back"
    assert verification(run.record, Words("en", UTC))[0] == Paragraph(
        f"SES has found the key record of {CURRENT}: SUCCESS."
    )
    assert result("verify", run.record, Words("en", UTC)) == ("bad", f"✘ SES has {CURRENT}, SUCCESS")
    assert "retire-old" not in {stage.name for stage in of_run(run.record)}
    assert told(tuple(run.journal.events), "headline") == stage.headline


def test_what_somebody_set_meanwhile_is_not_rolled_back(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "byodkim.toml").write_text("[default]\nrollback_after_hours = 1\n")
    run, _ = waited(stage, seen=True, selector=THIRD, status="PENDING")
    written = run.record.written_at
    assert written is not None
    assert run.intent.section.rollback_after_hours == 1
    monkeypatch.setattr(run, "clock", lambda: written + timedelta(hours=2))
    assert not ses_writes.rollback_due(run)


def test_what_ses_shows_of_before_the_write_is_nobody_s_change(stage: Stage) -> None:
    """SES never showed the new selector: nobody knows whether it lags, and its status is the old selector's."""
    run, error = waited(stage, seen=False)
    assert run.record.overruled is None
    assert error.what == f"SES shows {CURRENT} where {NEXT} was expected."
    assert "has not verified" not in str(error)
    text = str(Shown(stage.headline).bundle()["text/plain"])
    assert f"while it shows {CURRENT}, there is nothing to roll back" in text
    assert verification(run.record, Words("en", UTC))[0] == Paragraph(
        f"SES has found the key record of {CURRENT}: SUCCESS."
    )


def test_another_selector_than_either_is_somebody_s_too(stage: Stage) -> None:
    run, error = waited(stage, seen=False, selector=THIRD, status="PENDING")
    assert error.what.startswith(f"Somebody set SES to {THIRD}")
    assert (
        error.means
        == f"SES says PENDING of {THIRD}: until SES has verified it, mail of this domain may go out unsigned."
    )
    assert "mail may be going out unsigned" in said(run)["safe"]
    text = str(Shown(stage.headline).bundle()["text/plain"])
    assert "nothing to roll back" not in text
    assert f"Find out who set {THIRD}, and why, and keep its key record published." in text
    assert said(run)["back"].startswith(f"not by this record: somebody set SES to {THIRD} (seen at ")
    assert f"SES を {THIRD} に設定していました" in said(run, "ja")["back"]


def test_the_run_after_it_names_the_selector_that_was_verified_before_somebody_set_another(stage: Stage) -> None:
    stage.sandbox.set_knobs(check_interval=3600)
    stage.play(stage.begin(mode="apply", wait_minutes=0))
    set_by_hand(stage.sandbox, THIRD)
    run = stage.begin(mode="apply", wait_minutes=0)
    stage.play(run)
    assert run.record.left == THIRD
    expected: dict[Language, str] = {
        "en": f"Earlier runs saw {CURRENT} verified. Keep its key",
        "ja": CURRENT,
    }
    for language, words in expected.items():
        said_there = " ".join(as_text(one) for one in summary.verdict(run.record, Words(language, UTC)))
        rollback = said_there.partition("Rollback" if language == "en" else "切り戻し")[2]
        assert words in rollback
        assert f"selector {CURRENT}" not in said_there  # no command whose checks were not made
