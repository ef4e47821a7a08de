"""What retire refuses, each in a run that applies: by the check's name, with nothing written, and all as it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from second_edition.engine import publishing, stages
from second_edition.engine.run import Run, RunFailed, RunRefused
from second_edition.errors import ParameterError
from second_edition.events.run import Observed
from second_edition.evidence import seal
from second_edition.evidence.journal import SUFFIX
from second_edition.evidence.record import Record
from second_edition.intent.intent import Other
from second_edition.rotation.facts import Left
from second_edition.rotation.findings import Verdict
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.plan import Plan
from second_edition.sandbox.client import Sandbox
from tests.second_edition.engine.acts import Act, recorded, sandbox_of, written
from tests.second_edition.events.noted import as_read
from tests.second_edition.evidence.raw import contradictions
from tests.second_edition.evidence.test_aggregate_reports import record as row
from tests.second_edition.evidence.test_aggregate_reports import report, signature
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.wire import PUT, Wire, refuse, reset
from tests.second_edition.sandbox.generator import secret, set_by_hand, write_secret
from tests.second_edition.verification.made import events_of, shift, write

LEFT, ACTIVE = "mail-20260912-1", "mail-20261124-1"
KEY = f"dkim-keys/example.jp/{LEFT}/private_key.pem"
DELETE = '[default]\nretire_key = "delete"\n'
ACT = Act("retire", LEFT, "overlap")
sandbox = sandbox_of(ACT)
begin, play = ACT.begin, ACT.play
Fault = Callable[[Sandbox], dict[str, Any]]  # spoils the world; what the run is asked besides


def in_use(_: Sandbox) -> dict[str, Any]:
    return {"selector": ACTIVE}


def unverified(sandbox: Sandbox) -> dict[str, Any]:
    sandbox.unpublish(ACTIVE)
    sandbox.advance(timedelta(hours=1))
    return {}


def put(sandbox: Sandbox, body: bytes) -> None:
    """Another key where the one of the selector that is to be retired stands."""
    with closing(outside.client(sandbox.facts, "s3")) as s3:
        s3.put_object(Bucket=sandbox.facts.key_bucket, Key=KEY, Body=body)


def other_key(sandbox: Sandbox) -> dict[str, Any]:
    put(sandbox, outside.pem(sandbox.facts, ACTIVE))
    return {}


def too_early(sandbox: Sandbox) -> dict[str, Any]:
    sandbox.reset("already-rotated")
    return {}


def two_places(sandbox: Sandbox) -> dict[str, Any]:
    """The private key of the selector in use was put over the other one's, and the secret says so."""
    other_key(sandbox)
    write_secret(sandbox, json.dumps({**secret(sandbox), "s3_key_path": KEY}))
    Path("byodkim.toml").write_text(DELETE)
    return {}


def seen_later(sandbox: Sandbox) -> dict[str, Any]:
    Path("byodkim.toml").write_text('[default]\ndmarc_reports = "reports"\n')
    Path("reports").mkdir()
    end = int(sandbox.now().timestamp()) - 86400
    Path("reports/a.xml").write_bytes(report(row(signature(selector=LEFT)), end=end))
    return {}


QUICK = {"fault": (in_use, other_key, too_early)}


@pytest.mark.parametrize(
    ("fault", "failed"),
    [
        (in_use, {"SES-UNUSED", "BACK-ACTIVE", "TIME-OVERLAP"}),
        (unverified, {"BACK-ACTIVE"}),
        (other_key, {"KEY-KNOWN", "DNS-OWN"}),
        (two_places, {"KEY-KNOWN", "DNS-OWN", "STORE-OWN"}),
        (too_early, {"TIME-OVERLAP"}),
        (seen_later, {"TIME-SEEN"}),
    ],
    ids=lambda given: getattr(given, "__name__", None),
)
def test_a_fault_is_refused_by_name_and_nothing_is_written(sandbox: Sandbox, fault: Fault, failed: set[str]) -> None:
    assert "Nothing was written: neither to DNS, nor to the key store, nor to SES." in ACT.refused(
        sandbox, failed, **fault(sandbox)
    )


def test_a_selector_that_another_domain_of_the_account_signs_with_is_kept(sandbox: Sandbox) -> None:
    """Its section is in same_key_in; SES knows it in the run's own Region."""
    key = "".join(outside.pem(sandbox.facts, LEFT).decode().strip().splitlines()[1:-1])
    attributes = {"DomainSigningSelector": LEFT, "DomainSigningPrivateKey": key}
    with closing(outside.client(sandbox.facts, "sesv2")) as ses:
        ses.create_email_identity(EmailIdentity="other.jp", DkimSigningAttributes=attributes)
    run = begin(sandbox)
    here = run.intent
    run.intent = replace(here, others=(Other(here.account, here.region, here.aws_profile, "other.jp"),))
    with pytest.raises(RunRefused, match=f"in use in {here.account}/{here.region}/other.jp"):
        play(run)
    assert written(sandbox) == []
    assert contradictions(recorded(run).events) == []


def test_a_selector_that_a_write_without_an_answer_may_still_set_is_kept(sandbox: Sandbox) -> None:
    rotate = Act("rotate", LEFT, ACT.scenario)
    with Wire(sandbox.facts.endpoint_url, {PUT: (reset, 1)}) as wire:
        run = rotate.begin(sandbox, endpoint_url=wire.url)
        with pytest.raises(RunFailed, match="not taken the write"):
            rotate.play(run)
        assert "a write of an earlier run can still reach SES" in ACT.refused(
            sandbox, {"SES-UNUSED"}, endpoint_url=wire.url
        )


def test_versions_that_may_not_be_listed_are_not_taken_for_none(sandbox: Sandbox) -> None:
    Path("byodkim.toml").write_text(DELETE)
    with Wire(sandbox.facts.endpoint_url, {"ListObjectVersions": (refuse(403, "AccessDenied"), 0)}) as wire:
        run = begin(sandbox, endpoint_url=wire.url)
        with pytest.raises(RunRefused, match="STORE-OWN could not be checked"):
            play(run)
    assert written(sandbox) == []


def test_a_key_that_may_not_be_deleted_says_that_it_is_still_there(sandbox: Sandbox) -> None:
    Path("byodkim.toml").write_text(DELETE)
    with Wire(sandbox.facts.endpoint_url, {"DeleteObject": (refuse(403, "AccessDenied"), 0)}) as wire:
        run = begin(sandbox, endpoint_url=wire.url)
        with pytest.raises(RunFailed, match=r"DeleteObject.* was not applied \(AccessDenied\)") as raised:
            play(run)
    assert raised.value.means.startswith(f"The key record of {LEFT} is withdrawn at every server; its private key may")
    assert recorded(run).outcome is Outcome.FAILED


def comes_back(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, check: str, put: Callable[[], object]) -> None:
    """Between the write and the last look somebody puts back what was taken away: the check fails the run."""
    carry_out = stages.carry_out

    def then_put(run: Run, plan: Plan) -> None:
        carry_out(run, plan)
        put()

    monkeypatch.setattr(stages, "carry_out", then_put)
    run = begin(sandbox)
    with pytest.raises(RunFailed, match=f"{check} failed"):
        play(run)
    assert recorded(run).outcome is Outcome.FAILED
    assert check in {finding.id for finding in recorded(run).findings if finding.stops}


def test_a_selector_that_was_left_for_easy_dkim_is_retired(sandbox: Sandbox) -> None:
    """SES then signs with three selectors of its own, whose records are looked for at every server."""
    Path("byodkim.toml").write_text(DELETE)
    sandbox.reset("easy-dkim")
    first = begin(sandbox)
    with pytest.raises(RunRefused, match="TIME-OVERLAP failed"):
        play(first)
    assert recorded(first).before.identity.signing_origin == "AWS_SES"  # type: ignore[union-attr]
    with older_twin(first.journal.path), pytest.raises(RunRefused, match="TIME-OVERLAP failed"):
        play(begin(sandbox))
    sandbox.advance(timedelta(days=8))
    second = begin(sandbox)  # since the first look it has been out of use, which its record tells
    play(second)
    record = recorded(second)
    assert (record.outcome, left(second).run) == (Outcome.RETIRED, first.id)
    assert {one.id for one in record.findings if one.objects} == set()
    assert written(sandbox) == ["ChangeResourceRecordSets", "DeleteObject"]
    assert contradictions(record.events) == []
    assert contradicted(record, lambda facts: facts["signing"][0].update(cname=[])) == "signing"


@contextmanager
def older_twin(path: Path) -> Iterator[None]:
    """A journal that says the same of a month before, left there by somebody who has no sealing key."""
    events = events_of(path)
    shift(events, -timedelta(days=30))
    events[0] |= {"run": f"{datetime.fromisoformat(events[0]['at']):%Y%m%dT%H%M%SZ}-00000001", "previous": None}
    older = path.with_name(f"older.{events[0]['run']}{SUFFIX}")
    write(older, events)
    yield
    older.unlink()


def contradicted(record: Record, alter: Callable[[dict[str, Any]], object]) -> str:
    """Return what the raw answers speak against, where the facts of the last look are altered."""
    events = [as_read(event) for event in record.events]
    alter(next(event for event in reversed(events) if event["event"] == "observed")["retirement"])
    ((_, what),) = contradictions(events)
    return what


def test_a_reason_waives_what_may_be_waived_and_the_verdict_says_so(sandbox: Sandbox) -> None:
    sandbox.reset("already-rotated")
    run = begin(sandbox, waive="TIME-OVERLAP: the switch was on 2026-10-01, CHG-0977")
    play(run)
    assert recorded(run).outcome is Outcome.RETIRED
    with pytest.raises(ParameterError, match="BACK-ACTIVE"):
        begin(sandbox, waive="BACK-ACTIVE: I am sure")


@pytest.mark.prove
def test_the_key_waits_for_every_server(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written in the zone, and not served yet: the run fails and says so; the next one goes on, and writes no more."""
    Path("byodkim.toml").write_text(DELETE)
    monkeypatch.setattr(publishing, "LONGEST_TO_SETTLE_S", 0.2)
    sandbox.set_knobs(route53_seconds=6.0)
    run = begin(sandbox, wait_dns_minutes=0)
    with pytest.raises(RunFailed, match="Not every authoritative server serves"):
        play(run)
    assert (recorded(run).outcome, written(sandbox)) == (Outcome.FAILED, ["ChangeResourceRecordSets"])
    again = begin(sandbox, wait_dns_minutes=1)
    play(again)
    assert recorded(again).outcome is Outcome.RETIRED
    assert written(sandbox) == ["ChangeResourceRecordSets", "DeleteObject"]
    findings = {finding.id: finding.verdict for finding in recorded(again).findings}
    assert findings["DNS-WITHDRAWN"] is findings["STORE-ERASED"] is Verdict.PASS


def test_a_record_that_comes_back_is_not_called_retired(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    comes_back(sandbox, monkeypatch, "DNS-WITHDRAWN", lambda: sandbox.publish(LEFT))


def test_a_key_that_comes_back_is_not_called_gone(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("byodkim.toml").write_text(DELETE)
    body = outside.pem(sandbox.facts, LEFT)
    comes_back(sandbox, monkeypatch, "STORE-ERASED", lambda: put(sandbox, body))


STORE = {"store_region": "ap-northeast-1"}
EAST = {"region": "us-east-1", **STORE}
OTHERS = {"region": "eu-west-1", "aws_profile": "sandbox-111122223333", **STORE}


def left_by(sandbox: Sandbox, **given: Any) -> Run:
    """A run of rotate by which an identity leaves the selector: here, in another Region, or in another account."""
    rotate = Act("rotate", ACTIVE, "places")
    run = rotate.begin(sandbox, **given)
    rotate.play(run)
    assert recorded(run).outcome is Outcome.SWITCHED
    return run


def left(run: Run) -> Left:
    """What a run of retire saw of when the selector was left."""
    observed = recorded(run).of(Observed)
    assert observed is not None
    assert observed.retirement
    return observed.retirement.left


def test_the_overlap_counts_from_the_last_region_that_left_it(sandbox: Sandbox) -> None:
    sandbox.reset("places")
    left_by(sandbox)
    left_by(sandbox, **OTHERS)
    sandbox.advance(timedelta(days=8))
    last = left_by(sandbox, **EAST)
    early = begin(sandbox)
    with pytest.raises(RunRefused, match="TIME-OVERLAP failed"):
        play(early)
    assert left(early).run == last.id
    assert datetime.fromisoformat(left(early).verified_at) > recorded(last).begin.at
    sandbox.advance(timedelta(days=8))
    run = begin(sandbox)
    play(run)
    assert recorded(run).outcome is Outcome.RETIRED


def test_where_no_run_was_made_in_the_other_region_the_first_that_saw_it_unused_there_counts(sandbox: Sandbox) -> None:
    sandbox.reset("places")
    left_by(sandbox)
    left_by(sandbox, **OTHERS)
    sandbox.advance(timedelta(days=8))
    used = begin(sandbox)
    with pytest.raises(RunRefused, match="in use in 123456789012/us-east-1"):
        play(used)
    set_by_hand(sandbox, ACTIVE, "us-east-1", key=ACTIVE)
    sandbox.advance(timedelta(hours=1))
    first = begin(sandbox, mode="plan")
    with pytest.raises(RunRefused, match="TIME-OVERLAP failed"):
        play(first)
    assert (left(first).verified_at, left(first).source) == ("", "now")
    assert left(first).last_active >= recorded(used).begin.at.isoformat()
    sandbox.advance(timedelta(days=8))
    sealed = seal.seal_path(first.journal.path)
    hidden = sealed.rename(sealed.with_suffix(".away"))
    with pytest.raises(RunRefused, match="TIME-OVERLAP failed"):  # whoever made that run
        play(begin(sandbox, mode="plan"))
    hidden.rename(sealed)
    run = begin(sandbox)
    play(run)
    assert (recorded(run).outcome, left(run).run, left(run).source) == (Outcome.RETIRED, first.id, "archive")
