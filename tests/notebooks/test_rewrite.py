"""A wrong key that stands in SES while SES looks for its record: a run writes the right one, once."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.notebooks import outside
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
WAIVED = ("-p", "waive", "DNS-PUBLISHED: agreed with the DNS team", "-p", "wait_minutes", "0")


@dataclass(frozen=True)
class Told:
    """Runs by name and the writes after each; how SES has the identity then, and a message that it sent."""

    runs: dict[str, Ran]
    puts: dict[str, int]
    identity: dict[str, Any]
    message: bytes
    verified: bool


class Notes:
    """What becomes of a story."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.runs, self.puts = stage, dict[str, Ran](), dict[str, int]()

    def __call__(self, name: str, ran: Ran) -> None:
        self.runs[name], self.puts[name] = ran, len(self.stage.puts)

    def told(self) -> Told:
        facts = self.stage.sandbox.facts
        message = outside.delivered(facts)
        verified = outside.verifies(facts, message, 0)
        return Told(self.runs, self.puts, outside.identity(self.stage.runner, facts), message, verified)


def by_hand(stage: Stage) -> None:
    """Somebody gives SES the new selector with the key of the one before it."""
    facts = stage.sandbox.facts
    ses = outside.client(facts, "sesv2")
    key = "".join(line for line in outside.pem(facts, CURRENT).decode().splitlines() if "-" not in line)
    ses.put_email_identity_dkim_signing_attributes(
        EmailIdentity=facts.domain,
        SigningAttributesOrigin="EXTERNAL",
        SigningAttributes={"DomainSigningSelector": NEXT, "DomainSigningPrivateKey": key},
    )
    assert ses.get_email_identity(EmailIdentity=facts.domain)["DkimAttributes"]["Status"] == "PENDING"
    ses.close()


def pasted(stage: Stage) -> Told:
    note = Notes(stage)
    by_hand(stage)
    note("plan", stage.run())
    note("apply", stage.apply())
    note("again", stage.apply())
    return note.told()


def contradicted(stage: Stage) -> Told:
    """A run gave SES the right key; somebody replaces it, which only a message shows."""
    note = Notes(stage)
    stage.sandbox.set_knobs(signing_while_pending="next")
    note("written", stage.apply(*WAIVED))
    by_hand(stage)
    stage.sandbox.publish()
    note("waits", stage.run())
    (stage.folder / "received.eml").write_bytes(outside.delivered(stage.sandbox.facts))
    note("proof", stage.run("-p", "message", "received.eml"))
    stage.sandbox.advance(timedelta(minutes=66))  # caches hold "no such record" no longer
    note("apply", stage.apply())
    note("again", stage.apply())
    return note.told()


def replaced(stage: Stage) -> Told:
    """SES verified the key that a run gave; somebody replaces it."""
    note = Notes(stage)
    note("switched", stage.apply())
    by_hand(stage)
    note("apply", stage.apply())
    note("again", stage.apply())
    return note.told()


QUICK = {"story": ("replaced",)}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Told]]:
    return {
        "pasted": troupe.begin("pasted", pasted),
        "replaced": troupe.begin("replaced", replaced),
        "contradicted": troupe.begin("contradicted", contradicted, "dns-absent"),
    }


@pytest.mark.parametrize(
    ("story", "name", "outcome", "code", "puts"),
    [
        ("pasted", "plan", "PLANNED", 0, 1),
        ("pasted", "apply", "SWITCHED", 0, 2),
        ("pasted", "again", "UNCHANGED", 0, 2),
        ("replaced", "switched", "SWITCHED", 0, 1),
        ("replaced", "apply", "SWITCHED", 0, 3),
        ("replaced", "again", "UNCHANGED", 0, 3),
        ("contradicted", "written", "SWITCHED-PENDING", 0, 1),
        ("contradicted", "waits", "PLANNED", 0, 2),
        ("contradicted", "proof", "FAILED", 1, 2),
        ("contradicted", "apply", "SWITCHED", 0, 3),
        ("contradicted", "again", "UNCHANGED", 0, 3),
    ],
)
def test_outcome_exit_code_and_writes(
    futures: dict[str, Future[Told]], story: str, name: str, outcome: str, code: int, puts: int
) -> None:
    told = futures[story].result()
    ran = told.runs[name]
    assert (ran.outcome, ran.returncode, told.puts[name]) == (outcome, code, puts), ran.stderr


@pytest.mark.parametrize("story", ["pasted", "replaced", "contradicted"])
def test_ses_has_the_right_key_then_and_a_message_verifies(futures: dict[str, Future[Told]], story: str) -> None:
    told = futures[story].result()
    dkim = told.identity["DkimAttributes"]
    assert (dkim["Status"], dkim["Tokens"]) == ("SUCCESS", [NEXT])
    assert outside.signatures(told.message)[0]["s"] == NEXT
    assert told.verified


@pytest.mark.prove
def test_plan_and_check_say_why(futures: dict[str, Future[Told]]) -> None:
    ran = futures["pasted"].result().runs["plan"]
    assert "SES has not verified it, and no archived run gave SES this key" in ran.shown("steps.plan(run)")
    assert "no archived run gave SES this key" in ran.shown("steps.check(run)")
    assert ran.verdicts["PLAN-REWRITE"] == "PASS"
    plan = ran.event("planned")["plan"]
    assert plan["relies_on"]["identity.key_given_by"] == ""
    assert [change["resubmit"] for change in plan["writes"]] == [True]


def test_plan_and_check_say_that_the_key_was_replaced(futures: dict[str, Future[Told]]) -> None:
    ran = futures["replaced"].result().runs["apply"]
    assert "SES had verified it, and somebody gave SES another key since" in ran.shown("steps.plan(run)")
    assert "so somebody gave SES another key since: written again" in ran.shown("steps.check(run)")
    assert ran.event("intent")["change"]["resubmit"] is True


@pytest.mark.prove
def test_a_key_that_a_run_gave_is_waited_for_until_a_message_contradicts_it(futures: dict[str, Future[Told]]) -> None:
    runs = futures["contradicted"].result().runs
    waits = runs["waits"].event("planned")["plan"]
    assert waits["writes"] == []
    assert waits["relies_on"]["identity.key_given_by"] == runs["written"].event("begin")["run"]
    assert runs["apply"].event("intent")["change"]["resubmit"] is True
