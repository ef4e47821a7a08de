"""Faults in SES, the secret and the key store, each in a run that applies: refused by name, no write, SES as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from second_edition.engine.run import RunRefused
from second_edition.events.writes import Handed
from second_edition.procedures.fleet import steps as fleet
from second_edition.rotation.findings import Verdict
from second_edition.rotation.outcome import Outcome
from second_edition.ses_sandbox.keys import KeyPair
from tests.second_edition.engine.played import Stage
from tests.second_edition.evidence.raw import contradictions
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.fragments import Fragments
from tests.second_edition.notebooks.wire import Handler, Wire, refuse
from tests.second_edition.sandbox.generator import generate, key_path, pair_of, store, write_secret

Fault = Callable[[Stage], dict[str, Any]]  # spoils the world; what the run is asked besides


def stored(stage: Stage, body: bytes) -> dict[str, Any]:
    """Another private key object of the next selector."""
    store(stage.sandbox, stage.sandbox.facts.next_selector, body)
    return {}


def generated(stage: Stage, pair: KeyPair) -> dict[str, Any]:
    """Another key pair of the next selector, wherever it has to stand."""
    generate(stage.sandbox, stage.sandbox.facts.next_selector, pair)
    return {}


def removed(selector: Callable[[Stage], str]) -> Fault:
    def fault(stage: Stage) -> dict[str, Any]:
        with closing(outside.client(stage.sandbox.facts, "s3")) as s3:
            s3.delete_object(Bucket=stage.sandbox.facts.key_bucket, Key=key_path(stage.sandbox.facts, selector(stage)))
        return {}

    return fault


def name(stage: Stage, selector: str) -> str:
    return f"{selector}._domainkey.{stage.sandbox.facts.domain}"


def next_pem(stage: Stage) -> bytes:
    return outside.pem(stage.sandbox.facts, stage.sandbox.facts.next_selector)


def told(make: Callable[[dict[str, Any]], str], **more: Any) -> Fault:
    """Another version of the secret, made of the entry in force."""

    def fault(stage: Stage) -> dict[str, Any]:
        write_secret(stage.sandbox, make(entry(stage)), **more)
        return {}

    return fault


def entry(stage: Stage, stage_label: str = "AWSCURRENT") -> dict[str, Any]:
    with closing(outside.client(stage.sandbox.facts, "secretsmanager")) as secrets:
        told = secrets.get_secret_value(SecretId=stage.sandbox.facts.secret_id, VersionStage=stage_label)
    found: dict[str, Any] = json.loads(told["SecretString"])
    return found


def another_domain_s(stage: Stage) -> dict[str, Any]:
    """In force and before: what the version before says is how one goes back."""
    data = {"example.com": entry(stage), stage.sandbox.facts.domain: entry(stage, "AWSPREVIOUS")}
    for number in range(2):
        write_secret(stage.sandbox, json.dumps({**data, "n": number}))
    return {}


def leak_in_previous(stage: Stage) -> dict[str, Any]:
    found = entry(stage)
    write_secret(stage.sandbox, json.dumps({**found, "private_key": next_pem(stage).decode()}))
    write_secret(stage.sandbox, json.dumps(found))
    return {}


def bytes_of_no_json(stage: Stage) -> dict[str, Any]:
    with closing(outside.client(stage.sandbox.facts, "secretsmanager")) as secrets:
        secrets.put_secret_value(SecretId=stage.sandbox.facts.secret_id, SecretBinary=b"\x00\xff")
    return {}


def cut(stage: Stage) -> dict[str, Any]:
    return stored(stage, next_pem(stage)[:-200])


def of_another_type(stage: Stage) -> dict[str, Any]:
    key = ed25519.Ed25519PrivateKey.generate()
    return stored(stage, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def too_large(stage: Stage) -> dict[str, Any]:
    return generated(stage, KeyPair(rsa.generate_private_key(65537, 3072)))


def another_s_key(stage: Stage) -> dict[str, Any]:
    """The current key under the next selector's name."""
    return generated(stage, pair_of(stage.sandbox.facts, stage.sandbox.facts.current_selector))


def another_key_in_dns(stage: Stage) -> dict[str, Any]:
    value = KeyPair(rsa.generate_private_key(65537, 2048)).dns_value
    stage.sandbox.set_record(name(stage, stage.sandbox.facts.next_selector), "TXT", [value])
    return {}


def current_record_gone(stage: Stage) -> dict[str, Any]:
    stage.sandbox.unpublish(stage.sandbox.facts.current_selector, server="ns2")
    return {}


def signing_off(stage: Stage) -> dict[str, Any]:
    with closing(outside.client(stage.sandbox.facts, "sesv2")) as ses:
        ses.put_email_identity_dkim_attributes(EmailIdentity=stage.sandbox.facts.domain, SigningEnabled=False)
    return {}


# Fault, what spoils the world, the checks that refuse, and what is said to stand in the way.
FAULTS: dict[str, tuple[Fault, set[str]] | tuple[Fault, set[str], str]] = {
    "3 identity absent": (lambda _: {"domain": "other.example.jp"}, {"SES-EXISTS"}),
    "signing switched off": (signing_off, {"SES-SIGNING"}),
    "5 secret mid-rotation": (told(lambda _: "{}", VersionStages=["AWSPENDING"]), {"SECRET-STAGE"}),
    "6 malformed secret": (told(lambda _: '{"selector": "mail-20261124-1", '), {"SECRET-SHAPE"}),
    "7 another selector's secret": (lambda _: {"selector": "mail-20270301-1"}, {"SECRET-SELECTOR", "STORE-OBJECT"}),
    "the selector of another domain": (
        another_domain_s, {"SECRET-SELECTOR"}, "the secret has mail-20261124-1 only for example.com",
    ),
    "two buckets": (
        told(lambda found: json.dumps({**found, "s3_bucket": "another-bucket"})),
        {"STORE-OBJECT"}, "s3://another-bucket ≠ s3://byodkim-keys",
    ),
    "bytes that are no JSON": (bytes_of_no_json, {"SECRET-SHAPE"}, "SecretBinary"),
    "a private key in the version before": (leak_in_previous, {"SECRET-SHAPE"}, "AWSPREVIOUS, version "),
    "8 key object missing": (removed(lambda stage: stage.sandbox.facts.next_selector), {"STORE-OBJECT"}),
    "11 truncated PEM": (cut, {"KEY-FORM"}),
    "12 another key in DNS": (another_key_in_dns, {"DNS-PUBLISHED", "KEY-SIGNS"}),
    "13 wrong type": (of_another_type, {"KEY-FORM"}),
    "13 wrong size": (too_large, {"KEY-SIZE", "SECRET-RECORD"}),
    "the current key once more": (another_s_key, {"KEY-REUSED"}),
    "no rollback: key": (removed(lambda stage: stage.sandbox.facts.current_selector), {"BACK-KEY"}),
    "no rollback: record": (current_record_gone, {"BACK-RECORD"}),
}  # fmt: skip


def refused(stage: Stage, checks: set[str], told: str = "", **asked: Any) -> dict[str, Verdict]:
    """Plays a run that applies, which must be refused; the verdicts of the checks that stopped it."""
    before = stage.sandbox.state()["identities"]
    run = stage.begin(mode="apply", wait_minutes=1, **asked)
    with pytest.raises(RunRefused, match="SES was not touched") as caught:
        stage.play(run)
    stopped = {finding.id: finding.verdict for finding in run.record.findings if finding.stops}
    assert checks <= stopped.keys()
    assert any(check in str(caught.value) for check in checks), caught.value
    assert told in str(caught.value)
    for words, verdict in (("Also failed", Verdict.FAIL), ("Could not be checked", Verdict.UNKNOWN)):
        for names in re.findall(rf"{words}: ([A-Z0-9, -]+)\.", str(caught.value)):
            assert {stopped[name] for name in names.split(", ")} == {verdict}
    assert (run.record.outcome, run.record.switch, stage.puts()) == (Outcome.REFUSED, None, 0)
    assert stage.sandbox.state()["identities"] == before
    assert not [call for call in run.record.calls if call.operation.startswith("Put")]
    return stopped


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_by_name_and_ses_is_as_it_was(stage: Stage, fault: str) -> None:
    spoil, checks, *told = FAULTS[fault]
    asked = spoil(stage)
    failed = {check for check, verdict in refused(stage, checks, *told, **asked).items() if verdict is Verdict.FAIL}
    assert checks <= failed
    # What else is wrong follows from it: nothing about the identity's own DNS or the rollback is.
    if "domain" not in asked:
        assert failed - checks <= {"DNS-PUBLISHED", "KEY-SIGNS", "KEY-PAIR"}


def test_a_file_that_is_no_journal_is_named_and_what_to_do_with_it(stage: Stage) -> None:
    stray = stage.begin().journal.path.with_name("x.20260101T000000Z-aaaaaaaa.journal.jsonl")
    stray.write_text("garbage\n")
    run = stage.begin(mode="apply")
    with pytest.raises(RunRefused, match=f"cannot be read as a journal: {re.escape(stray.name)}") as refusal:
        stage.play(run)
    assert "move a file that is no journal out of the archive" in refusal.value.todo
    assert "AWS" not in refusal.value.what


def test_a_secret_that_is_not_there_comes_before_the_key_record_that_it_would_name(stage: Stage) -> None:
    """Else a DNS team is given the name of a key that nobody has made."""
    run = stage.begin(mode="apply", selector="brandnew", secret_id="byodkim/none")
    with pytest.raises(RunRefused) as refusal:
        stage.play(run)
    assert refusal.value.what.startswith("SECRET-SHAPE"), refusal.value.what
    assert "DNS team" not in refusal.value.todo


def test_a_secret_of_two_domains_in_bytes_is_read_by_the_domain(stage: Stage) -> None:
    """Both domains go by one selector name, and one entry has its value under a flat key."""
    own = {**entry(stage), "s3_bucket": stage.sandbox.facts.key_bucket}
    theirs = {**own, "dns_record": {"value": "v=DKIM1; k=rsa; p="}, "s3_key_path": "of/theirs.pem"}
    flat = {"dns_record.value" if name == "dns_record" else name: value for name, value in own.items()}
    flat["dns_record.value"] = own["dns_record"]["value"]
    with closing(outside.client(stage.sandbox.facts, "secretsmanager")) as secrets:
        data = json.dumps(
            [{**theirs, "domain": "example.com"}, {**flat, "domain": stage.sandbox.facts.domain}]
        ).encode()
        secrets.put_secret_value(SecretId=stage.sandbox.facts.secret_id, SecretBinary=data)
    run = stage.begin(mode="apply", wait_minutes=1)
    stage.play(run)
    assert (run.record.outcome, stage.puts()) == (Outcome.SWITCHED, 1)
    assert contradictions(run.journal.events) == []


def dated(field: str, by: timedelta) -> Callable[[Handler], bool]:
    """AWS answers with another time in a header."""

    def fault(handler: Handler) -> bool:
        status, headers, body = handler.forward()
        name = next((header for header in headers if header.lower() == field.lower()), field)
        at = parsedate_to_datetime(headers[name]) if name in headers else datetime.now(UTC)
        handler.answer(status, headers | {name: format_datetime(at + by, usegmt=True)}, body)
        return True

    return fault


def test_9_a_newer_object_version(stage: Stage) -> None:
    faults = {"GetObject": (dated("Last-Modified", timedelta(hours=1)), 0)}
    with Wire(stage.sandbox.facts.endpoint_url, faults) as wire:
        assert refused(stage, {"STORE-NEWER"}, endpoint_url=wire.url) == {"STORE-NEWER": Verdict.FAIL}


def test_a_clock_that_is_wrong(stage: Stage) -> None:
    faults = {"GetCallerIdentity": (dated("Date", -timedelta(hours=1)), 0)}
    with Wire(stage.sandbox.facts.endpoint_url, faults) as wire:
        assert refused(stage, {"TIME-CLOCK"}, endpoint_url=wire.url) == {"TIME-CLOCK": Verdict.FAIL}
        campaign = stage.begin(fleet.PROCEDURE, mode="apply", approved="20261124T050000Z-91c0", endpoint_url=wire.url)
        for name in ("observe", "plan"):
            stage.step(campaign, name)
        with pytest.raises(RunRefused, match="Also failed: TIME-CLOCK"):
            stage.step(campaign, "check")


def too_short(stage: Stage) -> str:
    generated(stage, KeyPair(rsa.generate_private_key(65537, 1024)))
    return "KEY-STRENGTH"


def unversioned(stage: Stage) -> str:
    with closing(outside.client(stage.sandbox.facts, "s3")) as s3:
        bucket = stage.sandbox.facts.key_bucket
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    stored(stage, next_pem(stage))
    return "STORE-VERSION"


def test_a_key_file_that_is_left_over_is_named_and_changes_no_plan(stage: Stage) -> None:
    plans = []
    for left_over in (False, True):
        if left_over:
            Path("private_key_20261110_020011.pem").write_bytes(next_pem(stage))
        run = stage.begin()
        stage.play(run)
        plans.append(run.record.plan)
    assert plans[0] == plans[1]
    (found,) = (one for one in run.record.findings if one.id == "KEY-FILES")
    assert (found.verdict, found.stops) == (Verdict.FAIL, False)
    assert str(found.values["names"]).endswith("private_key_20261110_020011.pem")
    assert "private_key_20261110_020011.pem" in str(stage.shown["check"])
    told = run.journal.path.read_bytes() + str(stage.shown).encode()
    assert not Fragments(next_pem(stage)).found_in(told)


QUICK = {
    "fault": ("3 identity absent", "6 malformed secret", "11 truncated PEM", "12 another key in DNS", "13 wrong size",
              "no rollback: key"),
    "spoil": (too_short,),
}  # fmt: skip


@pytest.mark.parametrize("spoil", [too_short, unversioned])
def test_what_only_warns_is_shown_and_stops_nothing(stage: Stage, spoil: Callable[[Stage], str]) -> None:
    check = spoil(stage)
    run = stage.begin(mode="apply", wait_minutes=1)
    stage.play(run)
    failed = [finding.id for finding in run.record.findings if finding.objects]
    assert (failed, run.record.outcome, stage.puts()) == ([check], Outcome.SWITCHED, 1)


@pytest.mark.parametrize(
    ("operation", "code", "check"),
    [("GetObject", "KMS.DisabledException", "STORE-OBJECT"), ("GetSecretValue", "DecryptionFailure", "SECRET-SHAPE")],
)
def test_10_kms_denies(stage: Stage, operation: str, code: str, check: str) -> None:
    with Wire(stage.sandbox.facts.endpoint_url, {operation: (refuse(400, code), 0)}) as wire:
        stopped = refused(stage, {check}, endpoint_url=wire.url)
    assert stopped[check] is Verdict.UNKNOWN
    assert operation in wire.seen


NO_REQUEST: dict[str, tuple[dict[str, str], str]] = {
    "a mistyped domain": ({"domain": "example.net"}, "SES-EXISTS"),
    "no server that can be asked": ({"nameservers": "127.0.0.1:9"}, "DNS-PUBLISHED"),
}


@pytest.mark.parametrize("name", NO_REQUEST)
def test_no_request_goes_to_the_dns_team_of_what_nobody_knows(stage: Stage, name: str) -> None:
    given, check = NO_REQUEST[name]
    refused(stage, {check}, **given)
    run = stage.runs[-1]
    assert run.record.of(Handed) is None
    assert not list(Path("outputs").glob("*.dns-request.*"))
    assert "DNS team: a TXT record" not in str(stage.headline)


def test_an_empty_list_of_selectors_is_unknown_and_no_mismatch(stage: Stage) -> None:
    """Neither the selector in use nor the rollback is known: refused, then waived with a reason, and written."""
    stage.sandbox.set_knobs(tokens="empty")
    run = stage.begin(mode="apply")
    said = r"PLAN-CHANGE could not be checked: The selector in use is known\..*Seen: \[\]"
    with pytest.raises(RunRefused, match=said):
        stage.play(run)
    assert {one.id: one.verdict for one in run.record.findings}["PLAN-CHANGE"] is Verdict.UNKNOWN
    assert stage.puts() == 0
    seen = "a message of today says s=mail-20260912-1"
    run = stage.begin(mode="apply", waive=f"PLAN-CHANGE: {seen}; BACK-RECORD: {seen}; BACK-KEY: {seen}")
    stage.play(run)
    assert {one.id: one.verdict for one in run.record.findings}["PLAN-CHANGE"] is Verdict.WAIVED
    assert (run.record.outcome, stage.puts()) == (Outcome.SWITCHED, 1)
    assert run.record.switch is not None
    assert run.record.switch.answer is not None
    assert run.record.switch.answer.dkim_tokens == (stage.sandbox.facts.next_selector,)
