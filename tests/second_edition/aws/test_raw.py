"""What of AWS's answers is kept raw: enough to tell the facts again, and nothing that is secret."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from second_edition.aws import raw
from tests.second_edition.each import each

CANARY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ"
WORD = "known-to-few"
PUBLIC = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"
TOLD = {"selector": "a", "dns_record": {"value": PUBLIC}, "s3_key_path": "k", "domain": "", "s3_bucket": ""}
ENTRY = {"selector": "a", "dns_record": {"value": PUBLIC}, "s3_key_path": "k"}


@dataclass
class Answer:
    """As botocore hands one on."""

    text: str = ""
    status_code: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def kept(operation: str, **answer: Any) -> Any:
    return raw.Keeper().keep(operation, Answer(**answer)).get("raw")


def secret(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    told = {"ARN": "arn", "Name": "byodkim/example.jp", "VersionId": "v", "VersionStages": ["AWSCURRENT"]}
    return json.dumps({**told, "CreatedDate": 1795576668.0, "SecretString": text, "SecretBinary": CANARY})


def test_a_secret_is_kept_as_far_as_it_is_public() -> None:
    entry = {"selector": "a", "dns_record": {"value": PUBLIC, "note": WORD}, "s3_key_path": "k", "own": WORD}
    found = kept("GetSecretValue", text=secret({"keys": [entry], "password": WORD}))
    assert found["fields"]["entries"] == [TOLD]
    assert (found["fields"]["VersionId"], found["fields"]["CreatedDate"]) == ("v", 1795576668.0)
    assert not [text for text in (WORD, CANARY) if text in json.dumps(found)]


@each(
    "value",
    [CANARY, {"selector": CANARY, "dns_record": {"value": PUBLIC}}, {"selector": "a", "dns_record": {"value": CANARY}}],
)
def test_a_secret_that_is_nothing_but_secret_leaves_no_trace_of_it(value: object) -> None:
    found = kept("GetSecretValue", text=secret(value))
    assert found["fields"]["entries"] == []
    assert CANARY not in json.dumps(found)


def test_of_a_secret_that_holds_a_key_beside_an_entry_only_the_entry_is_kept() -> None:
    found = kept("GetSecretValue", text=secret({**ENTRY, "private": CANARY}))
    assert (found["fields"]["entries"], found["fields"]["defect"]) == ([TOLD], "private-key-inside")
    assert CANARY not in json.dumps(found)


def test_of_a_binary_secret_the_same_is_kept_and_no_byte_that_is_none_of_it() -> None:
    def told(data: bytes) -> Any:
        answer = {"VersionId": "v", "SecretBinary": base64.b64encode(data).decode()}
        return kept("GetSecretValue", text=json.dumps(answer))

    named = json.dumps({**ENTRY, "domain": "example.jp", "s3_bucket": "keys", "own": WORD}).encode()
    assert told(named)["fields"]["entries"] == [{**TOLD, "domain": "example.jp", "s3_bucket": "keys"}]
    for data in (CANARY.encode(), b"\xff\xfe", WORD.encode()):
        found = told(data)
        assert found["fields"]["entries"] == []
        assert not [text for text in (CANARY, base64.b64encode(data).decode()) if text in json.dumps(found)]
    assert kept("GetSecretValue", text=json.dumps({"SecretBinary": "?"}))["fields"]["entries"] == []


@each("text", [CANARY, "[]", '"x"', "[" * 100_000, ""])
def test_an_answer_that_is_none_is_not_kept(text: str) -> None:
    assert kept("GetSecretValue", text=text) is None
    assert kept("PutEmailIdentityDkimSigningAttributes", text=text) is None


def test_an_object_is_not_kept_and_neither_is_what_others_wrote_beside_it() -> None:
    headers = {"ETag": '"e"', "x-amz-version-id": "v", "x-amz-meta-note": CANARY, "Content-Length": "1704"}
    found = kept("GetObject", text=CANARY, headers=headers)
    assert found == {"headers": {"etag": '"e"', "x-amz-version-id": "v", "content-length": "1704"}}


def test_the_answer_to_the_write_is_kept_as_far_as_it_is_known() -> None:
    told = {"DkimStatus": "NOT_STARTED", "DkimTokens": ["a"], "Echo": CANARY}
    found = kept("PutEmailIdentityDkimSigningAttributes", text=json.dumps(told))
    assert found == {"fields": {"DkimStatus": "NOT_STARTED", "DkimTokens": ["a"]}}
    assert kept("PutEmailIdentityDkimSigningAttributes", text=json.dumps(told), status_code=400) is None


def test_operations_that_are_not_known_leave_nothing() -> None:
    for operation in ("Decrypt", "Sign", "GetParameter", "PutSecretValue"):
        assert kept(operation, text=CANARY) is None


def test_a_body_is_kept_once() -> None:
    keeper, body = raw.Keeper(), Answer(text='{"DkimAttributes": {}}')
    first = keeper.keep("GetEmailIdentity", body)
    assert first == {"raw": {"body": body.text}}
    assert keeper.keep("GetEmailIdentity", body) == {"raw": {"same_as": raw.digest({"body": body.text})}}
    assert keeper.keep("GetCallerIdentity", body) == first
    assert keeper.keep("GetEmailIdentity", Answer(text="{}")) == {"raw": {"body": "{}"}}
    assert keeper.keep("ListObjectsV2", Answer(text="x" * (raw.LARGEST + 1))) == {"raw": {"too_long": raw.LARGEST + 1}}
    assert keeper.keep("GetEmailIdentity", Answer(text="x" * 20 * 2 * 4096))  # policies, each quotation mark escaped
