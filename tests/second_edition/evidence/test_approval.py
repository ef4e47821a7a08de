"""Approvals as files: what counts as one, and what does not."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from second_edition.evidence import approval, dsse
from second_edition.plain import from_plain, plain
from second_edition.rotation.approval import Approval, Presented
from tests.second_edition.dkim import keys
from tests.second_edition.events.noted import record_of
from tests.second_edition.rotation import approvals, world
from tests.second_edition.rotation.approvals import PLAN, RUN

KEYS = {name: Ed25519PrivateKey.generate() for name in ("tanaka", "sato")}
APPROVERS = {name: approval.public_text(key) for name, key in KEYS.items()}
AT = datetime(2026, 11, 24, 3, 40, tzinfo=UTC)
RECORD = record_of(
    {"event": "begin", "domain": world.DOMAIN, "selector": world.NEXT, "run": RUN},
    {"event": "caller", "caller": {"account": world.ACCOUNT, "region": world.REGION}},
)


def stated() -> dict[str, Any]:
    return approval.statement(RECORD, PLAN, "tanaka", "looked at with sato", AT)


def put(folder: Path, data: bytes) -> Path:
    path = folder / "plan.approval.tanaka.json"
    path.write_bytes(data)
    return path


def presented(folder: Path, data: bytes, approvers: dict[str, str] = APPROVERS) -> Presented:
    return approval.present(put(folder, data), approvers)


def test_what_was_signed_comes_back(tmp_path: Path) -> None:
    found = presented(tmp_path, approval.sign(stated(), KEYS["tanaka"]))
    assert found.defect == ""
    assert found.approval == Approval(
        "tanaka", "2026-11-24T03:40:00+00:00", RUN, "looked at with sato", PLAN,
        world.DOMAIN, world.NEXT, world.ACCOUNT, world.REGION,
    )  # fmt: skip
    assert from_plain(Presented, json.loads(json.dumps(plain(found)))) == found


def test_it_is_an_in_toto_statement_about_the_plan_s_digest(tmp_path: Path) -> None:
    envelope = json.loads(put(tmp_path, approval.sign(stated(), KEYS["tanaka"])).read_bytes())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [{"name": "plan", "digest": {"sha256": PLAN.digest}}]
    assert set(statement) == {"_type", "subject", "predicateType", "predicate"}


def test_who_approved_is_told_by_the_profile_and_not_by_the_file(tmp_path: Path) -> None:
    found = presented(tmp_path, approval.sign(stated(), KEYS["sato"]))
    assert found.approval is not None
    assert found.approval.approver == "sato"


def test_a_key_that_the_profile_does_not_list(tmp_path: Path) -> None:
    data = approval.sign(stated(), Ed25519PrivateKey.generate())
    assert presented(tmp_path, data).defect == "unknown-key"
    assert presented(tmp_path, approval.sign(stated(), KEYS["tanaka"]), {}).defect == "unknown-key"


def test_a_statement_put_into_another_s_envelope_is_forged(tmp_path: Path) -> None:
    envelope = json.loads(approval.sign(stated(), KEYS["tanaka"]))
    other = stated()
    other["predicate"]["selector"] = world.CURRENT
    envelope["payload"] = base64.b64encode(json.dumps(other).encode()).decode()
    assert presented(tmp_path, json.dumps(envelope).encode()).defect == "forged"


def changed(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda statement: statement.update(changes)


def predicate(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda statement: statement["predicate"].update(changes)


ELSE: dict[str, Callable[[dict[str, Any]], None]] = {
    "another-type": changed(predicateType="https://slsa.dev/provenance/v1"),
    "no-statement": changed(_type="https://example.jp/letter"),
    "another-plan-s-digest": changed(subject=[{"name": "plan", "digest": {"sha256": approvals.DRIFTED.digest}}]),
    "two-subjects": changed(subject=stated()["subject"] * 2),
    "no-subject": changed(subject=[]),
    "another-plan": predicate(plan={"writes": [], "relies_on": dict(PLAN.relies_on)}),
    "no-plan": predicate(plan={}),
    "a-change-that-is-none": predicate(plan={"writes": [{"operation": "x"}], "relies_on": {}}),
    "a-number-for-a-run": predicate(run=7),
    "no-time": predicate(at="yesterday"),
    "a-time-of-no-zone": predicate(at="2026-11-24T03:40:00"),
    "no-predicate": changed(predicate=None),
    "a-key-in-its-comment": predicate(comment=f"see {keys.pem().decode()}"),
    "a-key-beside-it": predicate(note=f"see {keys.pem().decode()}"),
    "half-a-key-in-its-comment": predicate(comment=base64.b64encode(os.urandom(300)).decode()),
}


@pytest.mark.parametrize("name", ELSE)
def test_what_else_an_approver_may_have_signed_is_no_approval(tmp_path: Path, name: str) -> None:
    statement = stated()
    ELSE[name](statement)
    assert presented(tmp_path, approval.sign(statement, KEYS["tanaka"])).defect == "malformed"


def test_nothing_of_an_envelope_that_holds_a_private_key_goes_into_a_journal(tmp_path: Path) -> None:
    statement = stated()
    ELSE["a-key-in-its-comment"](statement)
    stranger = approval.sign(statement, Ed25519PrivateKey.generate())
    named = json.dumps({**json.loads(stranger), "note": keys.pem().decode()}).encode()
    assert [presented(tmp_path, data).envelope for data in (stranger, named)] == [None, None]


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"{" * 100_000, b'"' + b"x" * approval.LARGEST + b'"']
)
def test_a_file_that_is_no_envelope(tmp_path: Path, data: bytes) -> None:
    assert presented(tmp_path, data).defect == "malformed"


def test_a_file_that_is_not_there_and_one_that_cannot_be_read(tmp_path: Path) -> None:
    assert approval.present(tmp_path / "none.json", APPROVERS).defect == "absent"
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    for name in ("folder.json", "pipe.json"):
        assert approval.present(tmp_path / name, APPROVERS).defect == "unread"


def test_files_are_found_by_path_or_by_run(tmp_path: Path) -> None:
    names = [approval.file_name("plan [1]", RUN, name) for name in ("sato", "tanaka")]
    for name in (*names, approval.file_name("plan", "20261124T033000Z-7f3b", "tanaka"), f"plan.{RUN}.journal.jsonl"):
        (tmp_path / name).touch()
    assert approval.find(RUN, tmp_path) == [tmp_path / name for name in names]
    assert approval.find(" a.json, b/c.json ,", tmp_path) == [Path("a.json"), Path("b/c.json")]
    assert approval.find("", tmp_path) == []
    (missing,) = approval.find("20260101T000000Z-0000", tmp_path)
    assert not missing.exists()


def test_the_key_s_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "made" / "approver.pem"
    before = os.umask(0)
    try:
        key = approval.make_key(path, "", "en")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    loaded = approval.load_key(path, pytest.fail, "en")
    assert approval.public_text(loaded) == approval.public_text(key)
    with pytest.raises(approval.ApproverKeyError, match="File exists"):
        approval.make_key(path, "", "en")


def test_a_passphrase_is_asked_for_and_must_be_right(tmp_path: Path) -> None:
    path = tmp_path / "approver.pem"
    key = approval.make_key(path, "correct horse", "en")
    assert b"ENCRYPTED" in path.read_bytes()
    assert approval.public_text(approval.load_key(path, lambda: "correct horse", "en")) == approval.public_text(key)
    for wrong in ("", "battery staple"):
        with pytest.raises(approval.ApproverKeyError, match="not the passphrase") as caught:
            approval.load_key(path, lambda given=wrong: given, "en")  # type: ignore[misc]
        assert "staple" not in str(caught.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "approver.pem"
    approval.make_key(path, "", "ja")
    path.chmod(mode)
    with pytest.raises(approval.ApproverKeyError, match="所有者以外"):
        approval.load_key(path, pytest.fail, "ja")


def test_what_is_no_ed25519_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "approver.pem"
    path.touch(0o600)
    with pytest.raises(approval.ApproverKeyError, match="no Ed25519"):
        approval.load_key(path, pytest.fail, "en")
    with pytest.raises(approval.ApproverKeyError, match="cannot be read"):
        approval.load_key(tmp_path / "none.pem", pytest.fail, "en")


def test_a_payload_that_is_no_object(tmp_path: Path) -> None:
    data = json.dumps(dsse.seal(dsse.PAYLOAD, b"[1]", KEYS["tanaka"])).encode()
    assert presented(tmp_path, data).defect == "malformed"


def test_where_the_key_lies_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert approval.key_path({}) == tmp_path / ".config/byodkim/approver.pem"
    assert approval.key_path({"XDG_CONFIG_HOME": "relative"}) == tmp_path / ".config/byodkim/approver.pem"
    assert approval.key_path({"XDG_CONFIG_HOME": "/elsewhere"}) == Path("/elsewhere/byodkim/approver.pem")
