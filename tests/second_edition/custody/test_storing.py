"""A key pair that the custodian makes: stored once, named in the secret, known to the gate, and never told."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import time
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from second_edition.custody import private_key
from second_edition.custody.client import Custodian, Refused
from second_edition.sandbox.client import Sandbox

SELECTOR = "mail-20261125-9"
KEY = f"dkim-keys/example.jp/{SELECTOR}/private_key.pem"
ARN = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-4000-8000-000000000000"


def made(custodian: Custodian) -> dict[str, Any]:
    found: dict[str, Any] = custodian.ask("make", selector=SELECTOR).result()
    return found


def place(sandbox: Sandbox, key: str = KEY) -> dict[str, str]:
    return {"bucket": sandbox.facts.key_bucket, "key": key, "kms_key": ""}


def body(aws: dict[str, Any], sandbox: Sandbox, key: str = KEY) -> bytes:
    with aws["s3"].get_object(Bucket=sandbox.facts.key_bucket, Key=key)["Body"] as stream:
        return bytes(stream.read())


def openssl(pem: bytes) -> bytes:
    command = ["openssl", "pkey", "-pubout", "-outform", "DER"]
    return subprocess.run(command, input=pem, capture_output=True, check=True).stdout


def test_what_is_told_of_it_is_the_public_half_of_what_is_stored(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    told, encrypted = made(custodian), {**place(sandbox), "kms_key": ARN}
    answered = custodian.ask("store", selector=SELECTOR, sha256=told["sha256"], **encrypted).result()
    assert answered["answer"]["status"] == 200
    head = aws["s3"].head_object(Bucket=sandbox.facts.key_bucket, Key=KEY)
    stored = (head["ContentType"], head["ServerSideEncryption"], head["SSEKMSKeyId"])
    assert stored == ("application/x-pem-file", "aws:kms", ARN)
    public = openssl(body(aws, sandbox))
    assert (base64.b64decode(told["public_key"]), told["bits"], told["form"]) == (public, 2048, "PKCS#8 PEM")
    assert told["sha256"] == hashlib.sha256(public).hexdigest()


def test_its_pieces_are_known_as_soon_as_it_is_made(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    told = made(custodian)
    custodian.ask("store", selector=SELECTOR, sha256=told["sha256"], **place(sandbox)).result()
    pem = body(aws, sandbox).decode()
    key = private_key.load(pem.encode())
    assert key.sha256 == told["sha256"]
    # Whatever an answer would tell of it, the custodian's own gate holds back.
    numbers = load_pem_private_key(pem.encode(), None).private_numbers()  # type: ignore[union-attr]
    text = base64.b64encode(numbers.p.to_bytes(128)).decode()[16:]  # type: ignore[union-attr]
    piece = re.findall("[A-Za-z0-9]{16}", text)[0]
    entry = {"selector": SELECTOR, "s3_key_path": f"keys/{piece}.pem", "dns_record": {"value": "x"}}
    aws["secretsmanager"].create_secret(Name="leaky", SecretString=json.dumps(entry))
    with pytest.raises(Refused, match="LeakStopped"):
        custodian.ask("secret", secret_id="leaky").result()
    while custodian.alive:  # it ends itself at a leak
        time.sleep(0.01)


def test_where_something_is_it_is_not_stored(custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]) -> None:
    aws["s3"].put_object(Bucket=sandbox.facts.key_bucket, Key=KEY, Body=b"somebody else's")
    told = made(custodian)
    answered = custodian.ask("store", selector=SELECTOR, sha256=told["sha256"], **place(sandbox)).result()
    assert (answered["error"]["code"], answered["error"]["unclear"]) == ("PreconditionFailed", False)
    assert body(aws, sandbox) == b"somebody else's"


@pytest.mark.parametrize("how", ["another", "forgotten", "never made"])
def test_only_the_key_that_was_made_is_stored(custodian: Custodian, sandbox: Sandbox, how: str) -> None:
    sha256 = "0" * 64 if how == "never made" else made(custodian)["sha256"]
    if how == "another":
        made(custodian)
    if how == "forgotten":
        custodian.ask("forget").result()
    selector = "mail-1" if how == "never made" else SELECTOR
    with pytest.raises(Refused, match=r"^store: NoSuchKey\.$"):
        custodian.ask("store", selector=selector, sha256=sha256, **place(sandbox)).result()
    assert not [call for call in sandbox.calls() if call["operation"] == "PutObject"]


def where(sandbox: Sandbox) -> dict[str, str]:
    return {"domain": sandbox.facts.domain, "bucket": sandbox.facts.key_bucket}


def enter(custodian: Custodian, sandbox: Sandbox, base: str, version: str, selector: str = SELECTOR) -> dict[str, Any]:
    entry = {"selector": selector, "value": "v=DKIM1; k=rsa; p=AAAA", "path": KEY, **where(sandbox)}
    found: dict[str, Any] = custodian.ask(
        "enter", secret_id=sandbox.facts.secret_id, base=base, version=version, **entry
    ).result()
    return found


def stages(aws: dict[str, Any], sandbox: Sandbox) -> dict[str, list[str]]:
    told = aws["secretsmanager"].describe_secret(SecretId=sandbox.facts.secret_id)["VersionIdsToStages"]
    return {version: sorted(names) for version, names in told.items() if names}


def current(aws: dict[str, Any], sandbox: Sandbox) -> str:
    (found,) = (version for version, names in stages(aws, sandbox).items() if "AWSCURRENT" in names)
    return found


def test_a_version_is_pending_then_in_force_then_free_of_the_label(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    base, version = current(aws, sandbox), "11111111-2222-3333-4444-555555555555"
    assert "answer" in enter(custodian, sandbox, base, version)
    assert "answer" in enter(custodian, sandbox, base, version)  # the same again is the same
    assert stages(aws, sandbox)[version] == ["AWSPENDING"]
    assert current(aws, sandbox) == base
    pending = aws["secretsmanager"].get_secret_value(SecretId=sandbox.facts.secret_id, VersionStage="AWSPENDING")
    assert json.loads(pending["SecretString"])["selector"] == SELECTOR
    arguments = {"secret_id": sandbox.facts.secret_id, "version": version}
    assert "answer" in custodian.ask("promote", base=base, **arguments).result()
    assert stages(aws, sandbox)[version] == ["AWSCURRENT", "AWSPENDING"]
    assert stages(aws, sandbox)[base] == ["AWSPREVIOUS"]
    assert "answer" in custodian.ask("release", **arguments).result()
    assert stages(aws, sandbox)[version] == ["AWSCURRENT"]
    again = custodian.ask("promote", base=base, **arguments).result()
    assert (again["error"]["code"], again["error"]["message"]) == ("InvalidParameterException", "")


@pytest.mark.parametrize(
    ("change", "code"), [("base", "VersionChanged"), ("selector", "Secret there"), ("secret", "Secret not-json")]
)
def test_what_is_not_the_version_that_was_seen_is_not_added_to(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any], change: str, code: str
) -> None:
    if change == "secret":
        aws["secretsmanager"].put_secret_value(SecretId=sandbox.facts.secret_id, SecretString="no JSON")
    base = "of-yesterday" if change == "base" else current(aws, sandbox)
    selector = sandbox.facts.next_selector if change == "selector" else SELECTOR
    before = stages(aws, sandbox)
    found = enter(custodian, sandbox, base, "11111111-2222-3333-4444-555555555555", selector)
    assert (found["error"]["code"], found["error"]["unclear"]) == (code, False)
    assert stages(aws, sandbox) == before


def test_a_secret_in_bytes_gets_a_version_in_bytes_dated_by_the_new_key_s_object(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    name, pair = sandbox.facts.secret_id, made(custodian)
    custodian.ask("store", selector=SELECTOR, sha256=pair["sha256"], **place(sandbox)).result()
    at = custodian.ask("key", selector=SELECTOR, path=KEY, **where(sandbox)).result()["last_modified"]
    old = json.loads(aws["secretsmanager"].get_secret_value(SecretId=name)["SecretString"])
    public = old["dns_record"]["value"].partition("p=")[2]
    whole = {**old, "public_key": public, "created": "2026-09-12T02:00:11+00:00", "expires_at": "2027-09-12"}
    whole |= {"s3_bucket": sandbox.facts.key_bucket, "key_size": 1024}
    other = {"example.com": {**old, "selector": SELECTOR}}  # of another domain, by the same selector
    text = json.dumps({"example.jp": whole, **other})
    aws["secretsmanager"].put_secret_value(SecretId=name, SecretBinary=text.encode())
    versions = custodian.ask("secret", secret_id=name, domain="example.jp").result()
    assert (versions[0]["defect"], [one["selector"] for one in versions[0]["entries"]]) == ("", [old["selector"]])
    asked = {"secret_id": name, "selector": SELECTOR, "path": KEY, **where(sandbox)}
    assert custodian.ask("enterable", **asked).result() == ""
    custodian.ask("clock", offset_s=86_400.0).result()  # a second attempt, a day later, makes the same version
    assert "answer" in enter(custodian, sandbox, current(aws, sandbox), "11111111-2222-3333-4444-555555555555")
    custodian.ask("clock", offset_s=0.0).result()
    found = aws["secretsmanager"].get_secret_value(SecretId=name, VersionStage="AWSPENDING")
    assert "SecretString" not in found
    said, theirs = json.loads(found["SecretBinary"]).values()
    assert theirs == other["example.com"]
    assert (said["selector"], said["public_key"], said["created"], said["previous"]) == (SELECTOR, "AAAA", at, [whole])
    assert said["key_size"] == 2048
    assert datetime.fromisoformat(said["expires_at"]) > datetime.fromisoformat(at).replace(tzinfo=None)


def test_a_field_that_is_not_known_is_told_by_its_name_before_anything_is_written(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    old = json.loads(aws["secretsmanager"].get_secret_value(SecretId=sandbox.facts.secret_id)["SecretString"])
    text = json.dumps({**old, "certificate": {"serial": "17"}})
    aws["secretsmanager"].put_secret_value(SecretId=sandbox.facts.secret_id, SecretString=text)
    asked = {"secret_id": sandbox.facts.secret_id, "selector": SELECTOR, "path": KEY, **where(sandbox)}
    assert custodian.ask("enterable", **asked).result() == "field certificate.serial"
    found = enter(custodian, sandbox, current(aws, sandbox), "11111111-2222-3333-4444-555555555555")
    assert (found["error"]["code"], found["error"]["unclear"]) == ("Secret field", False)
    assert "AWSPENDING" not in str(stages(aws, sandbox))


def test_the_key_is_read_from_the_bucket_that_the_secret_names(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    aws["s3"].create_bucket(Bucket="other", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    aws["s3"].put_object(Bucket="other", Key=KEY, Body=body(aws, sandbox, key_of(sandbox)))
    asked = {"selector": SELECTOR, "path": KEY, "domain": "example.jp", "named": "other"}
    found = [custodian.ask(duty, **asked, bucket="").result() for duty in ("key", "dated")]
    assert [(one["bucket"], one["key"], one["defect"]) for one in found] == [("other", KEY, "")] * 2
    assert custodian.ask("key", **{**asked, "path": ""}, bucket="").result()["sha256"] == found[0]["sha256"]
    for duty in ("key", "dated"):
        refused = custodian.ask(duty, **asked, bucket=sandbox.facts.key_bucket).result()
        assert (refused["defect"], refused["sha256"]) == ("two-buckets", "")
        assert list(refused["candidates"]) == ["s3://other", f"s3://{sandbox.facts.key_bucket}"]


def key_of(sandbox: Sandbox) -> str:
    return f"dkim-keys/example.jp/{sandbox.facts.next_selector}/private_key.pem"


def test_selectors_with_a_key_are_listed(custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]) -> None:
    where = {"bucket": sandbox.facts.key_bucket, "domain": sandbox.facts.domain}
    known = sorted([sandbox.facts.current_selector, sandbox.facts.next_selector])
    assert custodian.ask("listed", **where, layout="").result() == known
    aws["s3"].put_object(Bucket=where["bucket"], Key="own/spring-7/dkim.pem", Body=b"-")
    own = {**where, "layout": "own/{selector}/dkim.pem"}
    assert custodian.ask("listed", **own).result() == [*known, "spring-7"]
    assert custodian.ask("key", **own, selector="spring-7", path="").result()["key"] == "own/spring-7/dkim.pem"


def test_an_absent_secret_is_said(custodian: Custodian, sandbox: Sandbox) -> None:
    entry = {"selector": SELECTOR, "value": "v", "path": "k", **where(sandbox)}
    found = custodian.ask("enter", secret_id="none", base="b", version="v" * 32, **entry).result()
    assert (found["error"]["code"], found["error"]["unclear"]) == ("ResourceNotFoundException", False)


def test_each_key_is_another_one(custodian: Custodian) -> None:
    assert len({made(custodian)["sha256"] for _ in range(3)}) == 3
