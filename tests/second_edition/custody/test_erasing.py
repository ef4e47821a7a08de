"""The custodian removes what it has looked into, version by version, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from second_edition.aws.key_store import MAX_OBJECT
from second_edition.custody.client import Custodian, Refused
from second_edition.custody.keys import MOST
from second_edition.sandbox.client import Sandbox
from tests.second_edition.custody import forms
from tests.second_edition.custody.loopback import serving, status
from tests.second_edition.each import each

SELECTOR = "mail-20260912-1"
KEY = f"dkim-keys/example.jp/{SELECTOR}/private_key.pem"


def versions(custodian: Custodian, sandbox: Sandbox, key: str = KEY) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = custodian.ask("versions", bucket=sandbox.facts.key_bucket, key=key).result()
    return found


def erase(custodian: Custodian, sandbox: Sandbox, version: str, sha256: str, key: str = KEY) -> dict[str, Any]:
    place = {"bucket": sandbox.facts.key_bucket, "key": key}
    came: dict[str, Any] = custodian.ask("erase", **place, version=version, sha256=sha256).result()
    return came


def overwrite(aws: dict[str, Any], sandbox: Sandbox, body: bytes, key: str = KEY) -> None:
    aws["s3"].put_object(Bucket=sandbox.facts.key_bucket, Key=key, Body=body)


def test_versions_are_told_with_their_keys(custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]) -> None:
    (first,) = versions(custodian, sandbox)
    assert (len(first["sha256"]), first["latest"], first["defect"]) == (64, True, "")
    overwrite(aws, sandbox, b"no key")
    overwrite(aws, sandbox, b"somebody else's", KEY + ".bak")
    newest, older = versions(custodian, sandbox)
    assert (newest["latest"], newest["sha256"], newest["defect"] != "") == (True, "", True)
    assert {**first, "latest": False} == older
    assert versions(custodian, sandbox, "dkim-keys/none") == []
    overwrite(aws, sandbox, b"\n" * (MAX_OBJECT + 1))
    assert [one["defect"] for one in versions(custodian, sandbox)] == ["too-large", newest["defect"], ""]


ONE = b"<Version><Key>k</Key></Version>"


@each(
    ("listed", "code"),
    [(b"<IsTruncated>true</IsTruncated>", "TooMany"), (ONE * (MOST + 1), "TooMany"), (ONE * MOST, "UnreadableAnswer")],
)
def test_of_more_versions_than_are_looked_at_none_is_told(listed: bytes, code: str) -> None:
    answer = status(200, b"<ListVersionsResult>%s</ListVersionsResult>" % listed)
    with (
        serving(GET=[answer]) as loopback,
        forms.opened(loopback.url) as custodian,
        pytest.raises(Refused, match=rf"^ListObjectVersions: {code}\.$"),
    ):
        custodian.ask("versions", bucket="keys", key="k").result()


def test_a_version_is_deleted_for_good(custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]) -> None:
    (first,) = versions(custodian, sandbox)
    body = aws["s3"].get_object(Bucket=sandbox.facts.key_bucket, Key=KEY)["Body"].read()
    overwrite(aws, sandbox, body + b"\n")
    newest, _ = versions(custodian, sandbox)
    assert erase(custodian, sandbox, first["version_id"], first["sha256"])["answer"]["status"] == 204
    assert [one["version_id"] for one in versions(custodian, sandbox)] == [newest["version_id"]]
    with pytest.raises(aws["s3"].exceptions.ClientError):
        aws["s3"].get_object(Bucket=sandbox.facts.key_bucket, Key=KEY, VersionId=first["version_id"])


def test_a_delete_marker_leaves_the_version(custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]) -> None:
    (first,) = versions(custodian, sandbox)
    assert erase(custodian, sandbox, "", first["sha256"])["answer"]["status"] == 204
    assert versions(custodian, sandbox) == [{**first, "latest": False}]
    kept = aws["s3"].get_object(Bucket=sandbox.facts.key_bucket, Key=KEY, VersionId=first["version_id"])
    assert b"PRIVATE KEY" in kept["Body"].read()


@pytest.mark.parametrize("case", ["unseen", "another key", "no key", "another object"])
def test_what_was_not_looked_into_is_not_touched(custodian: Custodian, sandbox: Sandbox, case: str) -> None:
    first = {"version_id": "null", "sha256": "0" * 64} if case == "unseen" else versions(custodian, sandbox)[0]
    sha256 = {"another key": "0" * 64, "no key": ""}.get(case, first["sha256"])
    key = KEY.replace("0912", "1124") if case == "another object" else KEY
    with pytest.raises(Refused) as caught:
        erase(custodian, sandbox, first["version_id"], sha256, key)
    assert (caught.value.operation, caught.value.code) == ("erase", "NoSuchKey")
    assert sandbox.calls("DeleteObject") == []
