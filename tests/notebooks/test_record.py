"""The record that a run leaves: outcome first, untruncated, escaped; and a journal that holds together by itself."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import subprocess
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path

import boto3
import pytest

from tests.each import each
from tests.notebooks.runs import JOURNAL, ROOT, Ran
from tests.notebooks.stage import Stage, Troupe

NEXT = "mail-20261124-1"
HOSTILE = '<script>alert(1)</script> | `x` **b** [a](http://example.jp) <img src="http://example.jp/x.png">'
SPELLED = {
    "SigningEnabled": "signing_enabled",
    "Status": "status",
    "Tokens": "selectors",
    "SigningHostedZone": "signing_hosted_zone",
    "SigningAttributesOrigin": "signing_origin",
    "NextSigningKeyLength": "next_signing_key_length",
    "CurrentSigningKeyLength": "current_signing_key_length",
    "LastKeyGenerationTimestamp": "last_key_generation",
}
LABELS = {
    "signing_enabled": "signing enabled",
    "status": "DKIM status",
    "selectors": "selector",
    "signing_hosted_zone": "signing hosted zone",
    "signing_origin": "signing origin",
    "next_signing_key_length": "next signing key length",
    "current_signing_key_length": "current signing key length",
    "last_key_generation": "last key generation",
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


def test_the_journals_chain_by_a_reckoning_of_our_own(ran: Ran) -> None:
    data = ran.journal_path.read_bytes()
    assert data.endswith(b"\n")
    head = "0" * 64
    for number, line in enumerate(data.splitlines(keepends=True)):
        event = json.loads(line)
        assert (event["n"], event["previous_line"]) == (number, head)
        canonical = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
        assert canonical.encode() == line
        head = hashlib.sha256(line).hexdigest()
    assert [ran.events[0]["event"], ran.events[-1]["event"]] == ["begin", "closed"]


def test_the_record_is_sealed_by_a_reckoning_of_our_own(ran: Ran, tmp_path: Path) -> None:
    (name,) = (name for name in ran.files if name.endswith(".seal.json"))
    sealed = json.loads((ran.folder / name).read_bytes())
    payload = base64.b64decode(sealed["payload"])
    (tmp_path / "message").write_bytes(b"DSSEv1 28 application/vnd.in-toto+json %d %b" % (len(payload), payload))
    (tmp_path / "signature").write_bytes(base64.b64decode(sealed["signatures"][0]["sig"]))
    (tmp_path / "key").write_bytes(base64.b64decode(sealed["publicKey"]))
    verify = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin", "-in", "message"]
    done = subprocess.run([*verify, "-sigfile", "signature"], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == "Signature Verified Successfully"
    stated, lines = json.loads(payload), ran.journal_path.read_bytes()
    assert stated["subject"][0]["digest"]["sha256"] == hashlib.sha256(lines).hexdigest()
    assert stated["predicate"]["head"] == hashlib.sha256(lines.splitlines(keepends=True)[-1]).hexdigest()
    assert (stated["predicate"]["outcome"], stated["predicate"]["events"]) == ("SWITCHED", len(ran.events))


def test_the_intent_stands_before_the_write_and_the_answer_after(futures: dict[str, Future[Told]]) -> None:
    ran, (put,) = futures["plain"].result()
    intent, answer = (datetime.fromisoformat(ran.event(name)["at"]) for name in ("intent", "answer"))
    assert intent <= datetime.fromisoformat(put["at"]) <= answer
    assert ran.event("answer")["answer"]["request_id"] == put["request_id"]
    assert put["request_id"] in ran.shown("steps.apply(run)")
    assert put["request_id"] in ran.shown("steps.close(run)")


def test_the_run_sheets_own_four_rows(ran: Ran) -> None:
    shown = ran.shown("steps.compare(run)").splitlines()
    start = next(number for number, line in enumerate(shown) if line.startswith("項目"))
    cells = [[part.split(" / ")[0] for part in line.split("  ")] for line in shown[start : start + 5]]
    assert cells == [
        ["項目", "変更前", "変更後"],
        ["▶ セレクタ", "mail-20260912-1", NEXT],  # it has changed
        ["DKIM Status", "SUCCESS", "SUCCESS"],
        ["署名有効化", "true", "true"],
        ["属性起源", "EXTERNAL", "EXTERNAL"],
    ]


@each("kind", ["text/html", "text/plain"])
def test_nothing_is_cut_short(ran: Ran, kind: str) -> None:
    shown = "\n".join(bundles(ran, kind))
    observed = ran.event("observed")["observation"]
    whole = [
        observed["next_key"]["key"]["sha256"],
        ran.event("planned")["plan"]["digest"],
        ran.event("handed")["value"],
    ]
    whole += [call["request_id"] for event in ran.events for call in event.get("calls", ())]
    unescaped = html.unescape(shown).replace("\\", "")
    assert [text for text in whole if text not in unescaped] == []
    assert "..." not in re.sub(r"papermill \S+", "", shown)


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
    assert members == SPELLED.keys()
    rows = [line.removeprefix("▶ ").split("  ")[0] for line in ran.shown("steps.compare(run)").splitlines()]
    assert {LABELS[name] for name in SPELLED.values()} | {"verified for sending", "verification status"} <= set(rows)
