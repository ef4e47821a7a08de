"""A real child process, a real sandbox over HTTP: fetched, proved, put, and verified by SES."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import threading
import time
from concurrent.futures import Future
from typing import Any

import pytest

from second_edition.custody import identities, private_key
from second_edition.custody.client import Custodian, Refused
from second_edition.custody.custodian import _serve
from second_edition.custody.session import Session
from second_edition.sandbox.client import Sandbox
from tests.second_edition.custody import forms
from tests.second_edition.custody.forms import DEFECTIVE, SOUND
from tests.second_edition.dkim import keys
from tests.second_edition.each import each
from tests.second_edition.eventually import eventually

SELECTOR = "mail-20261124-2"
PATH = f"dkim-keys/example.jp/{SELECTOR}/private_key.pem"


def fetch(custodian: Custodian, sandbox: Sandbox, path: str = PATH, selector: str = SELECTOR) -> dict[str, Any]:
    bucket, domain = sandbox.facts.key_bucket, sandbox.facts.domain
    described: dict[str, Any] = custodian.ask(
        "key", selector=selector, path=path, bucket=bucket, domain=domain
    ).result()
    return described


def store(aws: dict[str, Any], sandbox: Sandbox, data: bytes, path: str = PATH) -> Any:
    return aws["s3"].put_object(Bucket=sandbox.facts.key_bucket, Key=path, Body=data)


def refusal(future: Future[Any]) -> Refused:
    with pytest.raises(Refused) as caught:
        future.result()
    return caught.value


def publish(sandbox: Sandbox, bits: int) -> None:
    value = f"v=DKIM1; k=rsa; p={base64.b64encode(keys.spki(bits)).decode()}"
    strings = [value[start : start + 255] for start in range(0, len(value), 255)]
    sandbox.set_record(f"{SELECTOR}._domainkey.{sandbox.facts.domain}", "TXT", [strings])


def verified(ses: Any, domain: str) -> bool:
    """Return whether SES comes to SUCCESS with the selector."""
    for _ in range(100):
        dkim = ses.get_email_identity(EmailIdentity=domain)["DkimAttributes"]
        if dkim["Status"] == "SUCCESS":
            return bool(dkim["Tokens"] == [SELECTOR])
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("name", SOUND)
def test_a_key_goes_from_the_key_store_to_ses_which_verifies_it(
    name: str, custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    form, make = SOUND[name]
    bits = 1024 if name.endswith("1024") else 2048
    stored = store(aws, sandbox, make())
    publish(sandbox, bits)
    described = fetch(custodian, sandbox)
    assert described["sha256"] == hashlib.sha256(keys.spki(bits)).hexdigest()
    assert (described["form"], described["bits"], described["defect"]) == (form, bits, "")
    assert (described["version_id"], described["size"]) == (stored["VersionId"], len(make()))
    came = custodian.ask("put", name="example.jp", selector=SELECTOR, sha256=described["sha256"]).result()
    assert came["answer"]["dkim_tokens"] == [SELECTOR]
    assert (came["answer"]["status"], came["answer"]["dkim_status"]) == (200, "NOT_STARTED")
    assert came["answer"]["request_id"] == sandbox.calls("PutEmailIdentityDkimSigningAttributes")[-1]["request_id"]
    assert verified(aws["sesv2"], "example.jp")


@each("name", DEFECTIVE)
def test_what_is_no_usable_key_is_described_and_never_put(
    name: str, custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    code, make = DEFECTIVE[name]
    store(aws, sandbox, make())
    described = fetch(custodian, sandbox)
    assert (described["defect"], described["sha256"], described["public_key"]) == (code, "", "")
    refused = refusal(custodian.ask("put", name="example.jp", selector=SELECTOR, sha256=""))
    assert (refused.operation, refused.code) == ("put", "NoSuchKey")
    assert sandbox.calls("PutEmailIdentityDkimSigningAttributes") == []


def test_an_object_too_large_for_a_key_is_not_read(custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]) -> None:
    store(aws, sandbox, forms.pem(forms.PKCS8) + b"\n" * 65536)
    described = fetch(custodian, sandbox)
    assert (described["defect"], described["sha256"]) == ("too-large", "")
    assert described["size"] > 65536


def test_an_absent_object_is_told_apart_from_one_that_may_not_be_read(custodian: Custodian, sandbox: Sandbox) -> None:
    assert fetch(custodian, sandbox)["defect"] == "absent"
    refused = refusal(custodian.ask("key", selector=SELECTOR, path="s3://no-such-bucket/x", bucket="", domain="x"))
    assert (refused.operation, refused.code) == ("GetObject", "NoSuchBucket")


@pytest.mark.parametrize(
    "sha256", ["", "0" * 64, hashlib.sha256(keys.spki(1024)).hexdigest()], ids=["none", "zeros", "another"]
)
def test_put_refuses_a_key_that_is_not_the_one_that_was_proved(
    sha256: str, custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    store(aws, sandbox, forms.pem(forms.PKCS8))
    fetch(custodian, sandbox)
    assert refusal(custodian.ask("put", name="example.jp", selector=SELECTOR, sha256=sha256)).code == "NoSuchKey"
    assert sandbox.calls("PutEmailIdentityDkimSigningAttributes") == []


def test_a_key_that_was_forgotten_is_put_no_more_and_signs_nothing(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    store(aws, sandbox, forms.pem(forms.PKCS8))
    sha256 = fetch(custodian, sandbox)["sha256"]
    custodian.ask("forget").result()
    for selector in (SELECTOR, "never-fetched"):
        put = custodian.ask("put", name="example.jp", selector=selector, sha256=sha256)
        assert str(refusal(put)) == "put: NoSuchKey."
    assert str(refusal(custodian.ask("sign", domain="example.jp", selector=SELECTOR))) == "sign: NoSuchKey."


def test_an_object_that_changed_is_fetched_again_and_one_that_did_not_is_not(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    store(aws, sandbox, forms.pem(forms.PKCS8))
    first = fetch(custodian, sandbox)
    assert fetch(custodian, sandbox) == first
    assert len(sandbox.calls("GetObject")) == 1
    store(aws, sandbox, forms.pem(forms.PKCS8, 1024))
    second = fetch(custodian, sandbox)
    assert len(sandbox.calls("GetObject")) == 2
    assert (second["bits"], second["version_id"] != first["version_id"]) == (1024, True)
    # The plan was made for the first: what is put must be what was planned.
    assert (
        refusal(custodian.ask("put", name="example.jp", selector=SELECTOR, sha256=first["sha256"])).code == "NoSuchKey"
    )
    aws["s3"].delete_object(Bucket=sandbox.facts.key_bucket, Key=PATH)
    assert fetch(custodian, sandbox)["defect"] == "absent"


def test_without_a_path_the_known_layouts_are_tried_and_two_hits_are_ambiguous(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    assert fetch(custodian, sandbox, path="")["defect"] == "absent"
    other = f"private_keys/example.jp/{SELECTOR}/private_key_20261110_020011.pem"
    store(aws, sandbox, forms.pem(forms.PKCS8), other)
    assert fetch(custodian, sandbox, path="")["key"] == other
    store(aws, sandbox, forms.pem(forms.PKCS8))
    described = fetch(custodian, sandbox, path="")
    assert (described["defect"], described["candidates"]) == ("ambiguous", [PATH, other])
    nowhere = fetch(custodian, sandbox, path="https://s3.example.jp/key.pem")
    assert (nowhere["key"], nowhere["defect"]) == ("https://s3.example.jp/key.pem", "absent")
    assert described["bucket"] == nowhere["bucket"] == sandbox.facts.key_bucket


def test_what_stands_beside_the_public_fields_of_a_secret_stays_behind(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    text = json.dumps(
        {"selector": SELECTOR, "dns_record": {"value": "v=DKIM1; p=x"}, "s3_key_path": PATH, "password": "hush-hush"}
    )
    aws["secretsmanager"].put_secret_value(SecretId=sandbox.facts.secret_id, SecretString=text)
    versions = custodian.ask("secret", secret_id=sandbox.facts.secret_id).result()
    assert versions[0]["stage"] == "AWSCURRENT"
    unnamed = {"domain": "", "bucket": "", "defect": ""}
    assert versions[0]["entries"] == [{"selector": SELECTOR, "dns_value": "v=DKIM1; p=x", "key_path": PATH, **unnamed}]
    assert "hush-hush" not in json.dumps(versions)


def test_calls_are_told_once_with_the_request_ids_that_aws_gave(custodian: Custodian, sandbox: Sandbox) -> None:
    custodian.drain()
    asked = [custodian.ask("identity", name=sandbox.facts.domain) for _ in range(8)]
    for future in asked:
        future.result()
    told = [call["request_id"] for call in custodian.drain()]
    assert sorted(told) == sorted(call["request_id"] for call in sandbox.calls("GetEmailIdentity"))
    assert len(set(told)) == 8
    assert custodian.drain() == []
    for place in ("us-east-1", "eu-west-1"):
        custodian.adopt([{"request_id": "of another"}], place)
    assert [(call["request_id"], call["region"]) for call in custodian.drain()] == [
        ("of another", "us-east-1"),
        ("of another", "eu-west-1"),
    ]


def test_an_answer_takes_calls_along_only_when_its_turn_has_come(sandbox: Sandbox) -> None:
    """Else another one, made of such a call, could overtake it: a sound record would lack the call where it counts."""
    session, lock, sink = Session(), threading.Lock(), io.BytesIO()
    identities.open(session, forms.settings(sandbox.facts.endpoint_url))
    request = json.dumps({"id": 1, "op": "identity", "arguments": {"name": sandbox.facts.domain}}).encode()
    asked = threading.Thread(target=_serve, args=(session, request, sink, lock))
    with lock:
        asked.start()
        made = eventually(session.clients.log.drain, 20)
        assert sink.getvalue() == b""
    asked.join()
    assert [call["operation"] for call in made] == ["GetEmailIdentity"]
    assert json.loads(sink.getvalue())["calls"] == []
    session.pool.shutdown()


def test_an_error_that_nobody_foresaw_gives_its_type_only(custodian: Custodian) -> None:
    refused = refusal(custodian.ask("identity", nonsense="hush-hush"))
    assert (refused.operation, refused.code, refused.message) == ("identity", "TypeError", "")


def test_a_changed_object_is_fetched_again_from_a_bucket_without_versions(
    custodian: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    """Two keys of one size, stored within one second: only the ETag differs."""
    off = {"Status": "Suspended"}
    aws["s3"].put_bucket_versioning(Bucket=sandbox.facts.key_bucket, VersioningConfiguration=off)
    second = None
    for _ in range(20):
        one, other = _of_one_size()
        store(aws, sandbox, one)
        first = fetch(custodian, sandbox)
        store(aws, sandbox, other)
        second = fetch(custodian, sandbox)
        assert first["sha256"] != second["sha256"]
        if (first["last_modified"], first["version_id"]) == (second["last_modified"], second["version_id"]):
            return
    raise AssertionError(second)


def _of_one_size() -> tuple[bytes, bytes]:
    made: dict[int, bytes] = {}
    while True:
        pem = private_key.make()[1]
        if len(pem) in made:
            return made[len(pem)], pem
        made[len(pem)] = pem


def test_who_where_and_which_identity(custodian: Custodian, sandbox: Sandbox) -> None:
    caller = custodian.ask("caller").result()
    assert (caller["account"], caller["region"]) == (sandbox.facts.account, sandbox.facts.region)
    assert (caller["partition"], caller["endpoint"]) == ("aws", sandbox.facts.endpoint_url)
    assert abs(caller["clock_skew_s"]) < 60
    seen = custodian.ask("identity", name=sandbox.facts.domain).result()
    assert (seen["selectors"], seen["signing_origin"]) == ([sandbox.facts.current_selector], "EXTERNAL")
    assert custodian.ask("identity", name="other.example.jp").result() is None
