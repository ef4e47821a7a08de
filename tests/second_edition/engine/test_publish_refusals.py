"""What publish refuses, each in a run that applies: by the check's name, with nothing written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from second_edition import steps
from second_edition.display.words import Words
from second_edition.engine import publishing
from second_edition.engine.run import Run, RunFailed, RunRefused
from second_edition.intent.profile import Way
from second_edition.procedures.publish.record import onward, sentence
from second_edition.rotation.outcome import Outcome
from second_edition.sandbox.client import Sandbox
from tests.second_edition.dns.updated import NAME
from tests.second_edition.engine.acts import Act, recorded, sandbox_of, written
from tests.second_edition.launch.test_publish import SELECTOR, made

ACT = Act("publish", "", "dns-absent")
sandbox = sandbox_of(ACT)


@pytest.fixture
def asker(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, state: Path) -> str:
    """The record of a run that asks for the key record, in the world that stands."""
    return str(made(tmp_path_factory.mktemp("asker"), sandbox, state, "-p", "target", "sandbox").record)


def begin(asker: str, **given: object) -> Run:
    return steps.begin("publish", of=asker, mode="apply", **given)


def another(sandbox: Sandbox) -> None:
    sandbox.set_record(NAME, "TXT", ["v=spf1 -all"])


def unlike(sandbox: Sandbox) -> None:
    sandbox.publish(SELECTOR, server="ns1")


QUICK = {"fault": (another,)}


@pytest.mark.parametrize(
    ("fault", "way", "failed"),
    [
        (another, None, {"DNS-FREE"}),
        (lambda _: None, Way("route53", "ZNOSUCHZONE"), {"DNS-FREE"}),
        (unlike, Way("request"), {"DNS-PUBLISHER", "DNS-FREE"}),
    ],
)
def test_a_fault_is_refused_by_name_and_nothing_is_written(
    asker: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, fault: Callable[[Sandbox], None], way: Way | None,
    failed: set[str],
) -> None:  # fmt: skip
    fault(sandbox)
    if way is not None:  # as a profile would have it: a rehearsal has the sandbox's own
        monkeypatch.setattr(publishing, "way_of", lambda _: way)
    before, run = written(sandbox), begin(asker)
    with pytest.raises(RunRefused) as refused:
        ACT.play(run)
    record = recorded(run)
    assert {finding.id for finding in record.findings if finding.objects} == failed
    assert record.outcome is Outcome.REFUSED
    assert written(sandbox) == before
    assert "DNS was not written; mail is signed and verified as before." in str(refused.value)


def test_a_record_that_no_server_serves_yet_is_not_called_published(
    asker: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.set_knobs(route53_seconds=60.0)
    monkeypatch.setattr(publishing, "LONGEST_TO_SETTLE_S", 1.0)
    run = begin(asker, wait_dns_minutes=0)
    with pytest.raises(RunFailed) as failed:
        ACT.play(run)
    again = begin(asker, wait_dns_minutes=0)
    with pytest.raises(RunRefused, match="Find out why these servers"):
        ACT.play(again)
    sandbox.set_knobs(route53_seconds=0.0)
    assert "DNS-SERVED failed" in str(failed.value)
    assert "to the key record's name alone" in str(failed.value)
    assert (recorded(run).outcome, written(sandbox)) == (Outcome.FAILED, ["ChangeResourceRecordSets"])
    words = Words("en", UTC)
    stands = "stands in the zone as wanted; not every authoritative server was seen to serve the key"
    for one in (run, again):
        assert stands in sentence(recorded(one), Outcome.FAILED, words)
    assert "Find out why these servers" in str(onward(recorded(run), Outcome.FAILED, words))


def test_the_world_that_changes_after_the_plan_was_shown_is_written_to_by_nobody(asker: str, sandbox: Sandbox) -> None:
    run = begin(asker)
    for step in (steps.observe, steps.check, steps.plan):
        step(run)
    sandbox.publish(SELECTOR)  # by other hands, with another TTL
    with pytest.raises(RunRefused, match="The world has changed since the plan was shown"):
        steps.apply(run)
    run.release()
    assert written(sandbox) == []
