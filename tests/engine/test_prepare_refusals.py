"""What prepare refuses, each in a run that applies: by the check's name, with nothing written, and all as it was."""

from __future__ import annotations

import json
import subprocess
import textwrap
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from byodkim import steps
from byodkim.engine import kernel
from byodkim.engine.run import RunRefused
from byodkim.errors import ParameterError
from byodkim.rotation.findings import Verdict
from byodkim.rotation.outcome import Outcome
from byodkim.sandbox.client import Sandbox
from tests.engine.acts import Act, recorded, written
from tests.notebooks import outside
from tests.notebooks.wire import Wire, refuse
from tests.sandbox.generator import key_path, secret, write_secret

SELECTOR = "mail-20261124-1"
ACT = Act("prepare", SELECTOR, "unprepared")
begin, play = ACT.begin, ACT.play
Fault = Callable[[Sandbox], dict[str, Any]]  # spoils the world; what the run is asked besides


@pytest.fixture
def sandbox(child: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with ACT.staged(child, tmp_path, monkeypatch) as sandbox:
        yield sandbox


def put(sandbox: Sandbox, key: str, body: bytes) -> None:
    s3 = outside.client(sandbox.facts, "s3")
    s3.put_object(Bucket=sandbox.facts.key_bucket, Key=key, Body=body)
    s3.close()


def pem(bits: int = 2048) -> bytes:
    return subprocess.run(["openssl", "genrsa", str(bits)], capture_output=True, check=True).stdout


def two_objects(sandbox: Sandbox) -> dict[str, Any]:
    for layout in ("dkim-keys/{}/{}/private_key.pem", "dkim-certificates/{}/{}/private_key.pem"):
        put(sandbox, layout.format(sandbox.facts.domain, SELECTOR), pem())
    return {}


def too_long(sandbox: Sandbox) -> dict[str, Any]:
    put(sandbox, f"dkim-keys/{sandbox.facts.domain}/{SELECTOR}/private_key.pem", pem(3072))
    return {}


def encrypted(sandbox: Sandbox) -> dict[str, Any]:
    locked = subprocess.run(
        ["openssl", "genrsa", "-aes256", "-passout", "pass:x", "2048"], capture_output=True, check=True
    ).stdout
    put(sandbox, f"dkim-keys/{sandbox.facts.domain}/{SELECTOR}/private_key.pem", locked)
    return {}


def served(sandbox: Sandbox) -> dict[str, Any]:
    sandbox.set_record(f"{SELECTOR}._domainkey.{sandbox.facts.domain}", "TXT", ["somebody else's"], server="ns2")
    return {}


def mid_rotation(sandbox: Sandbox) -> dict[str, Any]:
    write_secret(sandbox, '{"selector": "x"}', VersionStages=["AWSPENDING"])
    return {}


def malformed(sandbox: Sandbox) -> dict[str, Any]:
    write_secret(sandbox, "no JSON")
    return {}


def unknown_field(sandbox: Sandbox) -> dict[str, Any]:
    write_secret(sandbox, json.dumps({**secret(sandbox), "certificate": {"serial": "17"}, "key_arn": "x"}))
    return {}


def in_use(sandbox: Sandbox) -> dict[str, Any]:
    return {"selector": sandbox.facts.current_selector}


def not_shown(sandbox: Sandbox) -> dict[str, Any]:
    sandbox.set_knobs(tokens="empty")
    return {"selector": ""}


def easy(sandbox: Sandbox) -> dict[str, Any]:
    sandbox.reset("easy-dkim")
    return {"selector": "mail-20261125-7"}


def mismatch(sandbox: Sandbox) -> dict[str, Any]:
    sandbox.reset("secret-mismatch")
    return {}


QUICK = {"fault": (in_use, mismatch, two_objects)}


@pytest.mark.parametrize(
    ("fault", "failed"),
    [
        (in_use, {"PLAN-SELECTOR"}),
        (not_shown, {"PLAN-SELECTOR", "DNS-UNUSED"}),
        (mid_rotation, {"SECRET-PENDING"}),
        (malformed, {"SECRET-SHAPE", "SECRET-PENDING", "SECRET-ENTRY"}),
        (mismatch, {"SECRET-ENTRY", "DNS-UNUSED"}),
        (unknown_field, {"SECRET-ENTRY"}),
        (two_objects, {"STORE-PLACE", "KEY-STORED"}),
        (too_long, {"KEY-STORED"}),
        (encrypted, {"KEY-STORED"}),
        (served, {"DNS-UNUSED"}),
        (easy, {"SES-ORIGIN"}),
    ],
    ids=lambda given: getattr(given, "__name__", None),
)
def test_a_fault_is_refused_by_name_and_nothing_is_written(sandbox: Sandbox, fault: Fault, failed: set[str]) -> None:
    assert "Nothing was written: neither to S3, nor to the secret, nor to SES." in ACT.refused(
        sandbox, failed, **fault(sandbox)
    )


def test_a_generator_s_secret_gets_the_new_key_in_its_own_shape(sandbox: Sandbox) -> None:
    """Two domains with one selector name, each entry with all that generators write."""
    plain, domain = secret(sandbox), sandbox.facts.domain
    public, old = plain["dns_record"]["value"].partition("p=")[2], plain["selector"]
    armour = ("-----BEGIN PUBLIC KEY-----", *textwrap.wrap(public, 64), "-----END PUBLIC KEY-----")
    record = {"name": f"{old}._domainkey.{domain}", "type": "TXT", "ttl": 3600, **plain["dns_record"]}
    dates = {"created": "2026-09-12T02:00:11Z", "expires_at": "2027-09-12T02:00:11Z"}
    entry = {**plain, "dns_record": record, **dates, "public_key": "\n".join(armour), "active": True, "warn_days": [60]}
    theirs = {**plain, "s3_key_path": "of/theirs.pem"}
    write_secret(sandbox, json.dumps({"example.com": theirs, domain: entry, "schema": 2}))
    run = begin(sandbox)
    play(run)
    assert recorded(run).outcome is Outcome.PREPARED
    made = secret(sandbox)
    pem_now = outside.pem(sandbox.facts, SELECTOR)
    armoured = subprocess.run(["openssl", "pkey", "-pubout"], input=pem_now, capture_output=True, check=True).stdout
    key, new = armoured.decode().strip(), made[domain]
    created = datetime.fromisoformat(new["created"])
    assert made == {
        "example.com": theirs,
        domain: {
            **entry,
            "selector": SELECTOR,
            "dns_record": {
                **record,
                "name": f"{SELECTOR}._domainkey.{domain}",
                "value": f"v=DKIM1; k=rsa; p={''.join(key.splitlines()[1:-1])}",
            },
            "s3_key_path": f"dkim-keys/{domain}/{SELECTOR}/private_key.pem",
            "public_key": key,
            "created": new["created"],
            "expires_at": (created + timedelta(days=365)).isoformat().replace("+00:00", "Z"),
            "previous": [entry],
        },
        "schema": 2,
    }
    assert created > recorded(run).begin.at.replace(microsecond=0) - timedelta(minutes=1)
    again = begin(sandbox)
    play(again)
    assert recorded(again).outcome is Outcome.UNCHANGED


def rotated(sandbox: Sandbox) -> None:
    """SES was given the selector with another key, by a run whose journal lies here."""
    sandbox.reset("ready")
    run = steps.begin(
        selector=sandbox.facts.next_selector, target="sandbox", mode="apply", endpoint_url=sandbox.facts.endpoint_url
    )
    for step in ("observe", "prove", "check", "plan", "apply", "verify", "compare", "hand_over", "close"):
        getattr(steps, step)(run)
    run.release()


def forget(sandbox: Sandbox) -> None:
    """Take the selector's key, its entry in the secret and its key record away."""
    facts = sandbox.facts
    s3 = outside.client(facts, "s3")
    s3.delete_object(Bucket=facts.key_bucket, Key=key_path(facts, facts.next_selector))
    s3.close()
    for number in range(2):  # in force and before
        write_secret(sandbox, json.dumps({"selector": f"other-{number}", "dns_record": {"value": "v=DKIM1; p="}}))
    sandbox.unpublish()


def test_a_selector_that_was_used_with_another_key_is_refused(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "show_again", lambda *_: None)
    rotated(sandbox)
    forget(sandbox)
    before = written(sandbox)
    run = begin(sandbox, selector=sandbox.facts.next_selector)
    with pytest.raises(RunRefused, match="KEY-UNUSED"):
        play(run)
    failed = {finding.id for finding in recorded(run).findings if finding.objects}
    assert failed == {"PLAN-SELECTOR", "KEY-UNUSED"}  # SES signs with it, too
    assert written(sandbox) == before


def test_a_bucket_that_may_not_be_listed_is_not_taken_for_an_empty_one(sandbox: Sandbox) -> None:
    with Wire(sandbox.facts.endpoint_url, {"ListObjectsV2": (refuse(403, "AccessDenied"), 0)}) as wire:
        run = begin(sandbox, endpoint_url=wire.url)
        with pytest.raises(RunRefused, match="STORE-PLACE could not be checked"):
            play(run)
    unknown = {finding.id for finding in recorded(run).findings if finding.verdict is Verdict.UNKNOWN}
    assert unknown == {"STORE-PLACE", "KEY-STORED"}
    assert written(sandbox) == []


def test_a_reason_waives_what_may_be_waived(sandbox: Sandbox) -> None:
    served(sandbox)
    run = begin(sandbox, waive="DNS-UNUSED: the DNS team replaces it, CHG-1042")
    play(run)
    assert recorded(run).outcome is Outcome.PREPARED
    with pytest.raises(ParameterError, match="SECRET-ENTRY"):
        begin(sandbox, waive="SECRET-ENTRY: it is ours")
