"""An approval binds to the very plan: one of a world that has moved since lets nothing be written."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from byodkim.evidence import approval, approver
from byodkim.procedure.run import RunRefused
from byodkim.rotation.findings import Verdict
from byodkim.rotation.outcome import Outcome
from tests.procedure.played import Stage
from tests.procedure.test_refusals import next_pem, refused, stored
from tests.procedure.test_steps import secret_again


def approved(stage: Stage) -> str:
    """The file in which tanaka, whose one approval is needed, has signed the plan of a run made just now."""
    key = Ed25519PrivateKey.generate()
    people = f'approvers = {{ tanaka = "{approver.public_text(key)}" }}'
    Path("byodkim.toml").write_text(f"[default]\napprovals = 1\n{people}\n")
    run = stage.begin()
    stage.play(run)
    assert run.record.plan is not None
    stated = approval.statement(run.record, run.record.plan, "tanaka", "", datetime.now(UTC))
    Path("approval.json").write_bytes(approval.sign(stated, key))
    return "approval.json"


def test_the_plan_that_was_approved_is_written(stage: Stage) -> None:
    run = stage.begin(mode="apply", wait_minutes=1, approved=approved(stage))
    stage.play(run)
    assert (run.record.outcome, stage.puts()) == (Outcome.SWITCHED, 1)


@pytest.mark.parametrize("change", ["secret", "key"])
def test_a_plan_that_has_changed_since_it_was_approved_is_refused(stage: Stage, change: str) -> None:
    file = approved(stage)
    if change == "secret":
        secret_again(stage)
    else:
        stored(stage, next_pem(stage))
    assert refused(stage, {"PLAN-APPROVED"}, approved=file) == {"PLAN-APPROVED": Verdict.FAIL}


def test_a_world_that_moves_between_the_checks_and_the_write_is_refused(stage: Stage) -> None:
    run = stage.begin(mode="apply", wait_minutes=1, approved=approved(stage))
    stage.play(run, until="plan")
    secret_again(stage)
    with pytest.raises(RunRefused, match=r"PLAN-APPROVED failed.*secret\.version: \S+ -> \S+"):
        stage.step(run, "apply")
    assert (run.record.outcome, run.record.intent, stage.puts()) == (Outcome.REFUSED, None, 0)
