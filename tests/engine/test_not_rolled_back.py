"""SES gives up on the new selector, and the rollback that the profile asks for does not come about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from byodkim.errors import ByodkimError
from byodkim.procedures.rotate.ses_writes import RolledBack
from byodkim.rotation.outcome import Outcome
from tests.each import each
from tests.engine.played import Stage
from tests.engine.test_given_up import CURRENT, NEXT, READ, begun, ended
from tests.notebooks.wire import JSON, PUT, Fault, Handler, Wire, refuse, reset

GIVEN_UP = f"SES has given up on {NEXT} (status FAILED)"
UNSIGNED = "Mail may go out unsigned; keep the key records of both selectors published."
SWITCH_ON = "Find out who turned DKIM signing off, and turn it on"


def of_the_rollback(fault: Fault) -> Fault:
    """The first write is the switch; what is to happen to the one after it."""
    return lambda handler: handler.server.seen.count(PUT) > 1 and fault(handler)


def taken_and_lost(handler: Handler) -> bool:
    """SES says that it took the write, and never shows it."""
    answer = {"DkimStatus": "PENDING", "DkimTokens": [CURRENT]}
    handler.answer(200, {"Content-Type": JSON, "x-amzn-RequestId": "lost"}, json.dumps(answer).encode())
    return True


def gives_up(*, signing: bool) -> Fault:
    """SES gives up on the new selector; ``signing``: whether DKIM signing is still on after the rollback."""

    def fault(handler: Handler) -> bool:
        status, headers, body = handler.forward()
        found = json.loads(body)
        attributes = found.get("DkimAttributes", {})
        if attributes.get("Tokens") == [NEXT]:
            attributes["Status"] = "FAILED"
        if not signing and handler.server.seen.count(PUT) > 1:
            attributes["SigningEnabled"] = False
        handler.answer(status, headers, json.dumps(found).encode())
        return True

    return fault


@each(
    ("fault", "signing", "what", "means", "todo"),
    [
        (
            refuse(400, "BadRequestException"), True,
            f"{GIVEN_UP}, and SES refused the write of {CURRENT} (BadRequestException).",
            UNSIGNED, f"Publish the key record of {NEXT} everywhere and run again, or roll back as the record says.",
        ),
        (
            reset, True, f"{GIVEN_UP}; the write of {CURRENT} had no clear answer (ConnectionClosedError",
            UNSIGNED, f"Roll back as the record says: where SES has {CURRENT} by then, that run writes nothing.",
        ),
        (
            taken_and_lost, True, f"{GIVEN_UP}; {CURRENT} was written again, and SES does not show it.",
            UNSIGNED, f"Roll back as the record says: where SES shows {CURRENT} by then, that run writes nothing.",
        ),
        (
            taken_and_lost, False, f"{GIVEN_UP}; {CURRENT} was written again, and SES signs no mail with it",
            "SES does not sign mail of this domain with your key.", SWITCH_ON,
        ),
    ],
)  # fmt: skip
def test_a_rollback_that_does_not_come_about_says_what_ses_has_and_what_to_do(
    stage: Stage, tmp_path: Path, fault: Fault, signing: bool, what: str, means: str, todo: str
) -> None:
    error = _rolled_back(stage, tmp_path, {PUT: (of_the_rollback(fault), 0), READ: (gives_up(signing=signing), 0)})
    assert not isinstance(error, RolledBack)
    assert error.what.startswith(what)
    assert (error.means, error.todo.startswith(todo)) == (means, True)
    assert (stage.runs[-1].record.outcome, stage.selector()) == (Outcome.FAILED, NEXT)


def test_a_rollback_after_which_ses_does_not_sign_is_none_that_worked(stage: Stage, tmp_path: Path) -> None:
    error = _rolled_back(stage, tmp_path, {READ: (gives_up(signing=False), 0)})
    assert isinstance(error, RolledBack)
    seen = "signing origin EXTERNAL, signing enabled false"
    assert error.what == f"{GIVEN_UP}; {CURRENT} was written again, and SES signs no mail with it ({seen})."
    assert f"--email-identity {stage.sandbox.facts.domain} --signing-enabled" in error.todo
    assert (stage.runs[-1].record.outcome, stage.selector()) == (Outcome.FAILED, CURRENT)


def _rolled_back(stage: Stage, folder: Path, faults: dict[str, tuple[Fault, int]]) -> ByodkimError:
    """Return the error of a run that switches, sees SES give up, and goes back as its profile asks."""
    (folder / "byodkim.toml").write_text("[default]\nrollback_after_hours = 24\nlate_write_seconds = 1\n")
    with Wire(stage.sandbox.facts.endpoint_url, faults) as wire:
        run = begun(stage, "dns-absent", endpoint_url=wire.url)
        stage.runs.append(run)
        with pytest.raises(ByodkimError) as raised:
            ended(stage, run)
    return raised.value
