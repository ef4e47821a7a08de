"""AWS refuses a write of prepare, or nobody can say what became of it: the error says what stands, and of mail."""

from __future__ import annotations

from pathlib import Path

import pytest

from second_edition.engine.run import RunFailed
from second_edition.rotation.outcome import Outcome
from second_edition.sandbox.client import Sandbox
from tests.second_edition.each import each
from tests.second_edition.engine.acts import recorded, sandbox_of
from tests.second_edition.engine.test_prepare_refusals import ACT, SELECTOR
from tests.second_edition.notebooks.wire import Fault, Wire, refuse, reset

sandbox = sandbox_of(ACT)
DENIED = refuse(403, "AccessDeniedException")
SIGNED = f"The secret does not name {SELECTOR}, and SES was not touched: mail is signed as before."
NOT_APPLIED = "was not applied (AccessDeniedException); found there:"
LABEL = "UpdateSecretVersionStage"
OTHER = "SES was not touched."


def second(handler_fault: Fault) -> Fault:
    """The first request goes through."""
    return lambda handler: handler.server.seen.count(handler.operation) > 1 and handler_fault(handler)


@each(
    ("faults", "what", "means"),
    [
        ({"PutObject": reset, "GetObject": DENIED}, "had no clear answer (", SIGNED),
        ({LABEL: second(DENIED)}, f"{NOT_APPLIED} AWSPENDING ", "The key pair of"),
    ],
)  # fmt: skip
def test_a_write_of_the_key_store_that_fails_says_what_stands(
    sandbox: Sandbox, faults: dict[str, Fault], what: str, means: str
) -> None:
    sandbox.reset(ACT.scenario)
    Path("byodkim.toml").write_text("[default]\nlate_write_seconds = 1\n")
    with Wire(sandbox.facts.endpoint_url, {name: (fault, 0) for name, fault in faults.items()}) as wire:
        run = ACT.begin(sandbox, endpoint_url=wire.url)
        with pytest.raises(RunFailed) as raised:
            ACT.play(run)
    assert what in raised.value.what
    assert raised.value.means.startswith(means)
    assert raised.value.means.endswith(OTHER if means is not SIGNED else SIGNED)
    assert recorded(run).outcome is Outcome.FAILED
