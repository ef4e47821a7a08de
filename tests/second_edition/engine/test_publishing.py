"""Publishing from a notebook's run: planned without a touch, written once and ahead, resolved by reading, proved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from second_edition.custody.client import Custodian
from second_edition.display import zone as display
from second_edition.display.notebook import as_text
from second_edition.display.words import Words
from second_edition.engine import kernel, live_line, publishing, write_ahead
from second_edition.engine.run import Run, RunFailed, RunRefused
from second_edition.errors import ByodkimError
from second_edition.intent.profile import Way, way_of_sandbox
from second_edition.procedures.publish.record import answers
from second_edition.rotation.publication import REVOKED_VALUE, removing, revoking
from second_edition.rotation.record_set import Publication, Wanted
from tests.second_edition.dns.updated import NAME
from tests.second_edition.engine.played import Stage
from tests.second_edition.notebooks.wire import Wire, applied_then, refuse, reset
from tests.second_edition.sandbox.outside import dig, servers

CHANGES = "ChangeResourceRecordSets"
AWS = str(Path(sys.executable).with_name("aws"))


@pytest.fixture
def run(stage: Stage) -> Run:
    """A run in whose world the next key record is not published."""
    stage.sandbox.reset("dns-absent")
    return stage.begin(mode="apply")


@pytest.fixture
def way(run: Run, stage: Stage) -> Way:
    assert run.stage == "begun"
    return way_of_sandbox(stage.sandbox.facts)


def events(run: Run, *names: str) -> list[dict[str, Any]]:
    return [event for event in run.journal.as_json if event["event"] in names]


def listed(stage: Stage) -> dict[tuple[str, str], Any]:
    """The hosted zone as the AWS CLI lists it."""
    facts = stage.sandbox.facts
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "AWS_ENDPOINT_URL": facts.endpoint_url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": facts.region,
    }
    command = [AWS, "route53", "list-resource-record-sets", "--hosted-zone-id", facts.hosted_zone_id]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    sets = json.loads(done.stdout)["ResourceRecordSets"]
    return {(one["Name"], one["Type"]): (one["TTL"], one["ResourceRecords"]) for one in sets}


def refusal(act: Callable[[], object], kind: type[ByodkimError] = RunRefused) -> str:
    with pytest.raises(kind) as caught:
        act()
    return str(caught.value)


def carry_out(run: Run, way: Way, made: Publication) -> None:
    for write in publishing.publish(run, way, made):
        write_ahead.make(run, write)


def publish(run: Run, way: Way, wanted: Wanted, replacing: str = "") -> None:
    carry_out(run, way, publishing.plan(run, way, wanted, replacing))


def spelled(value: str) -> str:
    """A value as dig and Route 53 spell it, by a reckoning of our own."""
    return " ".join(f'"{value[at : at + 255]}"' for at in range(0, len(value), 255))


def test_a_plan_shows_the_exact_records_and_touches_nothing(run: Run, way: Way, wanted: Wanted, stage: Stage) -> None:
    before = stage.sandbox.state()["name_servers"]
    made = publishing.plan(run, way, wanted)
    assert made.change is not None
    assert stage.sandbox.calls(CHANGES) == []
    assert stage.sandbox.state()["name_servers"] == before
    assert [event["event"] for event in events(run, "zone-read", "zone-planned", "zone-intent")] == [
        "zone-read",
        "zone-planned",
    ]
    for language, none in (("en", "no TXT record"), ("ja", "TXT レコードなし")):
        words = Words(language, UTC)  # type: ignore[arg-type]
        text = "\n".join(as_text(block) for block in display.planned(run.record, words))
        assert f"{NAME}. 300 IN TXT (" in text
        assert spelled(wanted.value).replace('" "', '"\n    "') in text
        assert none in text


def test_a_key_is_revoked_and_its_record_removed(run: Run, way: Way, wanted: Wanted, stage: Stage) -> None:
    before = listed(stage)
    publish(run, way, wanted)
    for aim, shown in ((revoking(NAME, 300, wanted.sha256), f'"{REVOKED_VALUE}"'), (removing(NAME, wanted.sha256), "")):
        assert publishing.prove(run, aim) is False
        publish(run, way, aim)
        assert publishing.prove(run, aim) is True
        assert {dig(server, "+short", "TXT", NAME).strip() for server in servers(stage.sandbox.facts)} == {shown}
        told = display.proof(run.record, Words("en", UTC))
        assert told[-1].marks == frozenset()  # type: ignore[union-attr]
    assert listed(stage) == before


def meanwhile(run: Run, act: Callable[[], object]) -> None:
    """Has something happen at the last moment before the write."""
    ask = run.custodian.ask

    def asked(op: str, **arguments: Any) -> Any:
        if op == "zone_write":
            act()
        return ask(op, **arguments)

    run.custodian.ask = asked  # type: ignore[method-assign]


def test_a_record_that_is_changed_at_the_last_moment_makes_the_batch_fail(
    run: Run, way: Way, wanted: Wanted, stage: Stage
) -> None:
    shown = publishing.plan(run, way, wanted)
    meanwhile(run, lambda: stage.sandbox.set_record(NAME, "TXT", ["somebody else's"]))
    told = refusal(lambda: carry_out(run, way, shown), RunFailed)
    assert "was changed by somebody after the plan was made" in told
    assert listed(stage)[f"{NAME}.", "TXT"] == (3600, [{"Value": '"somebody else\'s"'}])
    assert [call["status"] for call in stage.sandbox.calls(CHANGES)] == [400]


def through(run: Run, stage: Stage, wire: Wire) -> None:
    """Has the run's custodian speak to AWS by the wire."""
    run.custodian = Custodian()
    stage.custodians.append(run.custodian)
    facts = stage.sandbox.facts
    told = {"region": facts.region, "endpoint_url": wire.url, "sandbox": True, "requests_per_second": 0, "writes": True}
    run.custodian.ask("open", settings=told).result()


def test_an_answer_that_is_lost_is_resolved_by_reading_back(run: Run, way: Way, wanted: Wanted, stage: Stage) -> None:
    path = f"/2013-04-01/hostedzone/{way.hosted_zone_id}/rrset/"
    with Wire(stage.sandbox.facts.endpoint_url, {path: (applied_then(reset), 1)}) as wire:
        through(run, stage, wire)
        publish(run, way, wanted)
        assert wire.seen.count(path) == 1
    assert [event["applied"] for event in events(run, "zone-resolved")] == [True]
    assert publishing.prove(run, wanted) is True


def at_once(run: Run) -> None:
    """A write without a clear answer is read back once."""
    section = msgspec.structs.replace(run.intent.section, late_write_seconds=0)
    run.intent = replace(run.intent, section=section)


QUICK = {"language": ("en",), "fault": (reset,)}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (reset, "The write was not taken"),
        (refuse(500, "InternalFailure"), "The write was not taken (InternalFailure)"),
        (refuse(400, "PriorRequestNotComplete"), "wait a minute, then run again"),
        (refuse(403, "AccessDenied", "no permission to do that"), "no permission to do that"),
        (refuse(403, "AccessDenied"), "the permissions that byodkim policy prints"),
    ],
)
def test_a_write_that_was_not_taken_is_told_as_that(
    run: Run, way: Way, wanted: Wanted, stage: Stage, fault: Any, words: str
) -> None:
    at_once(run)
    path = f"/2013-04-01/hostedzone/{way.hosted_zone_id}/rrset/"
    with Wire(stage.sandbox.facts.endpoint_url, {path: (fault, 0)}) as wire:
        through(run, stage, wire)
        shown = publishing.plan(run, way, wanted)
        told = refusal(lambda: carry_out(run, way, shown), RunFailed)
    assert words in told
    assert f"Read back, {NAME} is as it was." in told
    assert "DNS was not written" in told
    assert answers(run.record, Words("en", UTC))["changed"][0] == "nothing was written"
    assert (f"{NAME}.", "TXT") not in listed(stage)


def test_what_cannot_be_read_back_is_said_to_be_unknown(run: Run, way: Way, wanted: Wanted, stage: Stage) -> None:
    at_once(run)
    path = f"/2013-04-01/hostedzone/{way.hosted_zone_id}/rrset/"
    with Wire(stage.sandbox.facts.endpoint_url, {path: (applied_then(reset), 0)}) as wire:
        through(run, stage, wire)
        shown = publishing.plan(run, way, wanted)
        meanwhile(
            run, lambda: wire.faults.update({f"/2013-04-01/hostedzone/{way.hosted_zone_id}": (refuse(403, "X"), 0)})
        )
        told = refusal(lambda: carry_out(run, way, shown), RunFailed)
    assert "The write had no clear answer" in told
    assert "no other record was touched" in told


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What waits say in a log."""
    monkeypatch.setattr(live_line, "FIRST_S", 0.0)
    monkeypatch.setattr(kernel, "standard_error", lambda: (tmp_path / "log").open("a"))
    return tmp_path / "log"


def test_it_waits_until_route_53_says_insync(
    run: Run, way: Way, wanted: Wanted, stage: Stage, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "POLL_S", (0.1, 0.2))
    stage.sandbox.set_knobs(route53_seconds=2.0)
    publish(run, way, wanted)
    stage.sandbox.set_knobs(route53_seconds=0.0)
    (settled,) = events(run, "zone-settled")
    assert settled["settled"] is True
    assert settled["seconds"] > 0.3
    assert "Waiting for Route 53 to pass the change on" in log.read_text()
    assert publishing.prove(run, wanted, 60.0) is True


def test_the_proof_waits_for_a_server_that_lags_behind(
    run: Run, wanted: Wanted, stage: Stage, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "POLL_S", (0.1, 0.2))
    stage.sandbox.publish(server="ns1")
    assert publishing.prove(run, wanted) is False
    said: list[str] = []

    def progress() -> None:
        blocks = display.proof(run.record, Words("en", UTC))
        said.append("\n".join(as_text(block) for block in blocks))
        stage.sandbox.publish(server="ns2")

    assert publishing.prove(run, wanted, 60.0, progress) is True
    assert len(said) == 1
    assert "Waiting for DNS to serve the key record of mail-20261124-1: 1 / 2" in log.read_text()
    assert [(event["good"], event["counted"]) for event in events(run, "zone-polled")][-2:] == [(1, 2), (2, 2)]
