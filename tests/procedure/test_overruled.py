"""Somebody sets SES back by hand while an apply run waits: the record says so, and nothing of the old selector's."""

from __future__ import annotations

from datetime import UTC

import pytest

from byodkim.display.answers import answers
from byodkim.display.life import of_run
from byodkim.display.notebook import Shown
from byodkim.display.results import result
from byodkim.display.words import Words
from byodkim.messages import Language
from byodkim.procedure import rotate, ses_writes
from byodkim.procedure.polling import Polling
from byodkim.procedure.run import Run, RunFailed
from byodkim.rotation.outcome import Outcome
from tests.notebooks import outside
from tests.procedure.played import Stage, told

CURRENT, NEXT, THIRD = "mail-20260912-1", "mail-20261124-1", "mail-20270101-1"
LANGUAGES: tuple[Language, ...] = ("en", "ja")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait of a minute is over in a second."""
    monkeypatch.setattr(rotate, "Polling", lambda _, first, longest, skip: Polling(1, first, longest, skip))


def by_hand(stage: Stage, selector: str) -> None:
    facts = stage.sandbox.facts
    key = "".join(line for line in outside.pem(facts, CURRENT).decode().splitlines() if "-" not in line)
    ses = outside.client(facts, "sesv2")
    ses.put_email_identity_dkim_signing_attributes(
        EmailIdentity=facts.domain,
        SigningAttributesOrigin="EXTERNAL",
        SigningAttributes={"DomainSigningSelector": selector, "DomainSigningPrivateKey": key},
    )
    ses.close()


def waited(stage: Stage, *, seen: bool, selector: str = CURRENT, status: str = "SUCCESS") -> tuple[Run, RunFailed]:
    """An apply run in whose wait somebody sets SES to ``selector``; ``seen``: SES had shown the new one before."""
    stage.sandbox.set_knobs(check_interval=3600)
    run = stage.begin(mode="apply", wait_minutes=1)
    stage.play(run, until="apply")
    if seen:
        assert ses_writes.read(run).selectors == (NEXT,)
    stage.sandbox.set_knobs(check_interval=0 if status == "SUCCESS" else 3600)
    by_hand(stage, selector)
    for name in ("verify", "compare", "hand_over"):
        stage.step(run, name)
    with pytest.raises(RunFailed) as raised:
        stage.step(run, "close")
    assert run.record.after is not None
    assert (run.record.after.selectors, run.record.after.status) == ((selector,), status)
    return run, raised.value


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
    assert stage.begin().record.begin["previous"]["written_at"] == ""  # nothing of it waits to be verified
    assert found["back"] == "nothing to roll back"
    assert result("verify", run.record, Words("en", UTC)) == ("bad", f"✘ SES has {CURRENT}, SUCCESS")
    assert "retire-old" not in {stage.name for stage in of_run(run.record)}
    assert told(tuple(run.journal.events), "headline") == stage.headline


def test_it_says_so_in_japanese(stage: Stage) -> None:
    run, _ = waited(stage, seen=True)
    found = said(run, "ja")
    assert found["changed"].startswith("残った変更なし")
    assert "別の担当者または処理が SES を" in found["finished"]
    assert found["back"] == "戻すものはありません"
    assert result("verify", run.record, Words("ja", UTC))[1].endswith(f"SES のセレクタは {CURRENT}（SUCCESS）")


def test_another_selector_than_either_is_somebody_s_too(stage: Stage) -> None:
    run, error = waited(stage, seen=False, selector=THIRD, status="PENDING")
    assert error.what.startswith(f"Somebody set SES to {THIRD}")
    assert error.means == f"Mail is signed as SES says of {THIRD}: PENDING."
    assert "mail may be going out unsigned" in said(run)["safe"]


def test_what_ses_shows_of_before_the_write_is_nobody_s_change(stage: Stage) -> None:
    """SES never showed the new selector: nobody knows whether it lags, and its status is the old selector's."""
    run, error = waited(stage, seen=False)
    assert run.record.overruled is None
    assert error.what == f"SES shows {CURRENT} where {NEXT} was expected."
    assert "has not verified" not in str(error)
    text = str(Shown(stage.headline).bundle()["text/plain"])
    assert f"while it shows {CURRENT}, there is nothing to roll back" in text
    assert result("verify", run.record, Words("en", UTC))[0] == "bad"
