"""Every scenario in apply mode: the outcome, the exit code, the checks by name, and SES as others see it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import pytest

from second_edition.rotation.checks import CHECKS
from second_edition.sandbox.client import Facts
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe

PLAIN = True

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"


@dataclass(frozen=True)
class Ended:
    """A run, and the world after it."""

    ran: Ran
    facts: Facts
    puts: list[dict[str, Any]]
    identity: dict[str, Any]
    published: dict[str, list[str]]
    message: bytes
    verified: bool


def tell(stage: Stage) -> Ended:
    ran, facts = stage.apply(), stage.sandbox.facts
    puts = stage.puts
    published = {"dig": outside.txt(facts, NEXT), "kdig": outside.txt(facts, NEXT, "kdig")}
    identity = outside.identity(stage.runner, facts)
    can_send = identity["VerifiedForSendingStatus"]
    message = outside.delivered(facts) if can_send else b""
    # The sandbox's name servers serve the signing domain; what Easy DKIM's CNAME records point to is Amazon's.
    verified = bool(message) and stage.identity["origin"] == "EXTERNAL" and outside.verifies(facts, message, 0)
    return Ended(ran, facts, puts, identity, published, message, verified)


OTHER_KEY = {"KEY-PAIR", "DNS-PUBLISHED", "KEY-SIGNS"}
# Outcome, exit code, writes, the checks that fail or could not be made, SES's selector and status afterwards.
EXPECTED: dict[str, tuple[str, int, int, set[str], str, str]] = {
    "ready": ("SWITCHED", 0, 1, set(), NEXT, "SUCCESS"),
    "dns-absent": ("REFUSED", 1, 0, {"DNS-PUBLISHED"}, CURRENT, "SUCCESS"),
    "stale-name-server": ("REFUSED", 1, 0, {"DNS-PUBLISHED"}, CURRENT, "SUCCESS"),
    "truncated-request": ("REFUSED", 1, 0, {"SECRET-RECORD", *OTHER_KEY}, CURRENT, "SUCCESS"),
    "secret-mismatch": ("REFUSED", 1, 0, OTHER_KEY, CURRENT, "SUCCESS"),
    "already-rotated": ("UNCHANGED", 0, 0, set(), NEXT, "SUCCESS"),
    "easy-dkim": ("REFUSED", 1, 0, {"SES-ORIGIN", "PLAN-CHANGE", "BACK-RECORD", "BACK-KEY"}, "", "SUCCESS"),
    "previous-failed": ("REFUSED", 1, 0, {"DNS-PUBLISHED"}, CURRENT, "FAILED"),
}
REFUSED = [name for name, expected in EXPECTED.items() if expected[0] == "REFUSED"]
# The check that a refusal names first, what was expected and what was seen.
NAMED = {
    "dns-absent": ("DNS-PUBLISHED failed", "2 of 2 differ", "no key record"),
    "stale-name-server": ("DNS-PUBLISHED failed", "1 of 2 differ", "older serial of the zone"),
    "truncated-request": ("SECRET-RECORD failed", "a valid key record", "Seen: "),
    "secret-mismatch": ("KEY-PAIR failed", "Expected: SHA-256 ", "Seen: SHA-256 "),
    "easy-dkim": ("SES-ORIGIN failed", "Expected: EXTERNAL", "Seen: AWS_SES"),
    "previous-failed": ("DNS-PUBLISHED failed", "2 of 2 differ", "no key record"),
}


QUICK = {"scenario": ("ready",)}


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> Mapping[str, Future[Ended]]:
    return {scenario: troupe.begin(scenario, tell, scenario) for scenario in EXPECTED}


@pytest.mark.parametrize("scenario", EXPECTED)
def test_the_outcome_is_what_the_aws_cli_and_a_receiver_of_mail_see(
    told: Mapping[str, Future[Ended]], scenario: str
) -> None:
    ended, (outcome, code, puts, _, selector, status) = told[scenario].result(), EXPECTED[scenario]
    assert (ended.ran.outcome, ended.ran.returncode, len(ended.puts)) == (outcome, code, puts), ended.ran.stderr
    assert ended.ran.event("closed")["outcome"] == outcome
    dkim = ended.identity["DkimAttributes"]
    assert dkim["Status"] == status
    if scenario == "easy-dkim":
        assert (dkim["SigningAttributesOrigin"], len(dkim["Tokens"])) == ("AWS_SES", 3)
        return
    assert (dkim["SigningAttributesOrigin"], dkim["Tokens"]) == ("EXTERNAL", [selector])
    if status == "SUCCESS":
        signature = outside.signatures(ended.message)[0]
        assert (signature["s"], signature["d"], ended.verified) == (selector, ended.facts.domain, True)
        assert outcome == "REFUSED" or selector in ended.ran.headline


@pytest.mark.parametrize("scenario", EXPECTED)
def test_the_checks_that_did_not_pass(told: Mapping[str, Future[Ended]], scenario: str) -> None:
    ran = told[scenario].result().ran
    assert list(ran.verdicts) == list(CHECKS.checks)
    assert ran.failed() == EXPECTED[scenario][3]
    assert all(name in ran.shown("steps.check(run)") for name in ran.verdicts)


@pytest.mark.parametrize("scenario", EXPECTED)
def test_the_record_shows_dns_as_two_other_clients_see_it(told: Mapping[str, Future[Ended]], scenario: str) -> None:
    ended = told[scenario].result()
    assert ended.published["dig"] == ended.published["kdig"]
    told_by_run = [
        "".join(record[0]) if (record := answer["records"]) else ""
        for answer in ended.ran.event("observed")["observation"]["records"]
    ]
    assert told_by_run == ended.published["dig"]
    assert bool(told_by_run[0]) == (scenario not in ("dns-absent", "previous-failed"))


@pytest.mark.parametrize("scenario", REFUSED)
def test_a_refusal_says_what_was_expected_and_seen_and_what_comes_next(
    told: Mapping[str, Future[Ended]], scenario: str
) -> None:
    ran = told[scenario].result().ran
    assert ran.said() == [ran.paragraph]
    for words in (*NAMED[scenario], "SES was not touched."):
        assert words in ran.paragraph
        assert words in ran.headline
    assert not ran.has("intent")
    assert ran.ending()[0] == ("Next", ran.paragraph.partition("SES was not touched. ")[2])
