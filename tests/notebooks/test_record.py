"""The record that a run leaves: outcome first, untruncated, escaped; and a journal that holds together by itself."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import Future
from datetime import datetime

import boto3
import pytest

from tests.each import each
from tests.notebooks.runs import JOURNAL, ROOT, Ran
from tests.notebooks.stage import Stage, Troupe

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

Told = tuple[Ran, list[dict[str, str]]]


def plain(stage: Stage) -> Told:
    ran = stage.apply("-p", "ticket", "CHG-1042", "-p", "requested_by", "mail-team")
    return ran, stage.puts


def hostile(stage: Stage) -> Told:
    """A key record, a reason and a ticket that would be markup."""
    stage.sandbox.set_record(f"{NEXT}._domainkey.example.jp", "TXT", [f"v=DKIM1; n={HOSTILE}; p="], server="ns2")
    stage.sandbox.set_record(f"{NEXT}._domainkey.example.jp", "TXT", [HOSTILE], server="ns1")
    words = ("-r", "reason", f"{HOSTILE}\r# heading", "-r", "ticket", HOSTILE, "-p", "wait_minutes", "0")
    return stage.apply(
        *words, "-p", "waive", f"DNS-PUBLISHED: {HOSTILE}; KEY-SIGNS: it is not what is served"
    ), stage.puts


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Told]]:
    return {"plain": troupe.begin("plain", plain), "hostile": troupe.begin("hostile", hostile)}


@pytest.fixture(scope="module")
def ran(futures: dict[str, Future[Told]]) -> Ran:
    return futures["plain"].result()[0]


@pytest.fixture(scope="module")
def marked(futures: dict[str, Future[Told]]) -> Ran:
    return futures["hostile"].result()[0]


def bundles(ran: Ran, kind: str) -> list[str]:
    outputs = [output["data"] for cell in ran.cells for output in cell["outputs"] if "data" in output]
    return ["".join(data[kind]) for data in outputs if kind in data]


def test_the_outcome_is_the_first_thing_shown(ran: Ran) -> None:
    first = next(cell for cell in ran.cells if cell["outputs"])
    assert first is not None
    assert "".join(first["source"]).endswith("steps.headline()")
    assert ran.headline.startswith(f"SWITCHED  example.jp signs with {NEXT}")
    assert "CHG-1042" in ran.headline
    assert "mail-team" in ran.headline


def test_the_record_carries_the_journal(ran: Ran) -> None:
    (output,) = ran.outputs("steps.headline()")
    assert output["data"][JOURNAL] == ran.events


def test_the_intent_stands_before_the_write_and_the_answer_after(futures: dict[str, Future[Told]]) -> None:
    ran, (put,) = futures["plain"].result()
    intent, answer = (datetime.fromisoformat(ran.event(name)["at"]) for name in ("intent", "answer"))
    assert intent <= datetime.fromisoformat(put["at"]) <= answer
    assert ran.event("answer")["answer"]["request_id"] == put["request_id"]
    assert put["request_id"] in ran.shown("steps.apply(run)")
    assert put["request_id"] in ran.shown("steps.close(run)")


@each("which", ["plain", "hostile"])
def test_html_holds_no_script_no_style_sheet_and_no_address_elsewhere(
    futures: dict[str, Future[Told]], which: str
) -> None:
    shown = "\n".join(bundles(futures[which].result()[0], "text/html"))
    assert re.findall(r"(?i)<(script|style|link|img|iframe|object|svg|a)\b", shown) == []
    assert re.findall(r"(?i)\b(src|href|on\w+)\s*=\s*[\"'][^\"']*", re.sub(r">[^<]*<", "><", shown)) == []


def test_hostile_text_is_shown_as_text(marked: Ran) -> None:
    assert (marked.outcome, marked.returncode) == ("SWITCHED-PENDING", 0), marked.stderr
    shown = "\n".join(bundles(marked, "text/html"))
    assert shown.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4
    assert "alert(1)" in marked.event("observed")["observation"]["records"][0]["records"][0][0]


def test_the_first_and_the_last_event_name_the_code(ran: Ran) -> None:
    whole, part = ran.code_sha256
    assert ran.event("begin")["template_code_sha256"] == whole == part
    assert ran.event("closed")["executed"]["code_sha256"] == whole
    lock = hashlib.sha256((ROOT / "requirements.lock").read_bytes()).hexdigest()
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
