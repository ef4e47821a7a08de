"""What prepare refuses, each in a run that applies: by the check's name, with nothing written, and all as it was."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from second_edition import steps
from second_edition.engine import kernel
from second_edition.engine.run import RunRefused
from second_edition.rotation.findings import Verdict
from second_edition.sandbox.client import Sandbox
from tests.second_edition.engine.acts import Act, recorded, sandbox_of, written
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.wire import Wire, refuse
from tests.second_edition.sandbox.generator import key_path, write_secret

SELECTOR = "mail-20261124-1"
ACT = Act("prepare", SELECTOR, "unprepared")
sandbox = sandbox_of(ACT)
begin, play = ACT.begin, ACT.play
Fault = Callable[[Sandbox], dict[str, Any]]  # spoils the world; what the run is asked besides


def put(sandbox: Sandbox, key: str, body: bytes) -> None:
    with closing(outside.client(sandbox.facts, "s3")) as s3:
        s3.put_object(Bucket=sandbox.facts.key_bucket, Key=key, Body=body)


def pem(bits: int = 2048) -> bytes:
    return subprocess.run(["openssl", "genrsa", str(bits)], capture_output=True, check=True).stdout


def two_objects(sandbox: Sandbox) -> dict[str, Any]:
    for layout in ("dkim-keys/{}/{}/private_key.pem", "dkim-certificates/{}/{}/private_key.pem"):
        put(sandbox, layout.format(sandbox.facts.domain, SELECTOR), pem())
    return {}


def too_long(sandbox: Sandbox) -> dict[str, Any]:
    put(sandbox, f"dkim-keys/{sandbox.facts.domain}/{SELECTOR}/private_key.pem", pem(3072))
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


def in_use(sandbox: Sandbox) -> dict[str, Any]:
    return {"selector": sandbox.facts.current_selector}


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
        (mid_rotation, {"SECRET-PENDING"}),
        (malformed, {"SECRET-SHAPE", "SECRET-PENDING", "SECRET-ENTRY"}),
        (mismatch, {"SECRET-ENTRY", "DNS-UNUSED"}),
        (two_objects, {"STORE-PLACE", "KEY-STORED"}),
        (too_long, {"KEY-STORED"}),
        (served, {"DNS-UNUSED"}),
        (easy, {"SES-ORIGIN"}),
    ],
    ids=lambda given: getattr(given, "__name__", None),
)
def test_a_fault_is_refused_by_name_and_nothing_is_written(sandbox: Sandbox, fault: Fault, failed: set[str]) -> None:
    assert "Nothing was written: neither to S3, nor to the secret, nor to SES." in ACT.refused(
        sandbox, failed, **fault(sandbox)
    )


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
    with closing(outside.client(facts, "s3")) as s3:
        s3.delete_object(Bucket=facts.key_bucket, Key=key_path(facts, facts.next_selector))
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
