"""The record that a run leaves: escaped, with every field that SES has, and the code that made it."""

from __future__ import annotations

import hashlib
import re

import boto3
import pytest

from tests.second_edition.notebooks.runs import ROOT, Ran
from tests.second_edition.notebooks.stage import Stage, Troupe

NEXT = "mail-20261124-1"
HOSTILE = '<script>alert(1)</script> | `x` **b** [a](http://example.jp) <img src="http://example.jp/x.png">'
# What the record calls each member of SES's DkimAttributes.
LABELS = {
    "SigningEnabled": "signing enabled",
    "Status": "DKIM status",
    "Tokens": "selector",
    "SigningHostedZone": "signing hosted zone",
    "SigningAttributesOrigin": "signing origin",
    "NextSigningKeyLength": "next signing key length",
    "CurrentSigningKeyLength": "current signing key length",
    "LastKeyGenerationTimestamp": "last key generation",
}


def hostile(stage: Stage) -> Ran:
    """A key record, a reason and a ticket that would be markup."""
    stage.sandbox.set_record(f"{NEXT}._domainkey.example.jp", "TXT", [f"v=DKIM1; n={HOSTILE}; p="], server="ns2")
    stage.sandbox.set_record(f"{NEXT}._domainkey.example.jp", "TXT", [HOSTILE], server="ns1")
    words = ("-r", "reason", f"{HOSTILE}\r# heading", "-r", "ticket", HOSTILE, "-p", "wait_minutes", "0")
    return stage.apply(*words, "-p", "waive", f"DNS-PUBLISHED: {HOSTILE}; KEY-SIGNS: it is not what is served")


@pytest.fixture(scope="module")
def ran(troupe: Troupe) -> Ran:
    return troupe.begin("plain", lambda stage: stage.apply()).result()


def test_hostile_text_is_shown_as_text_and_html_loads_nothing(troupe: Troupe) -> None:
    marked = troupe.begin("hostile", hostile).result()
    assert (marked.outcome, marked.returncode) == ("SWITCHED-PENDING", 0), marked.stderr
    outputs = [output["data"] for cell in marked.cells for output in cell["outputs"] if "data" in output]
    shown = "\n".join("".join(data["text/html"]) for data in outputs if "text/html" in data)
    assert shown.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4
    assert "alert(1)" in marked.event("observed")["observation"]["records"][0]["records"][0][0]
    assert re.findall(r"(?i)<(script|style|link|img|iframe|object|svg|a)\b", shown) == []
    assert re.findall(r"(?i)\b(src|href|on\w+)\s*=\s*[\"'][^\"']*", re.sub(r">[^<]*<", "><", shown)) == []


def test_the_first_and_the_last_event_name_the_code(ran: Ran) -> None:
    whole, part = ran.code_sha256
    assert ran.event("begin")["template_code_sha256"] == whole == part
    assert ran.event("closed")["executed"]["code_sha256"] == whole
    lock = hashlib.sha256((ROOT / "locks/requirements.lock").read_bytes()).hexdigest()
    assert ran.event("begin")["code"]["lock_sha256"] == lock


def test_every_field_of_dkim_attributes_is_compared(ran: Ran) -> None:
    model = boto3.Session(region_name="ap-northeast-1").client(
        "sesv2", aws_access_key_id="x", aws_secret_access_key="x"
    )
    members = set(model.meta.service_model.shape_for("DkimAttributes").members)
    model.close()
    assert members == LABELS.keys()
    rows = [line.removeprefix("▶ ").split("  ")[0] for line in ran.shown("steps.compare(run)").splitlines()]
    assert {*LABELS.values()} | {"verified for sending", "verification status"} <= set(rows)
