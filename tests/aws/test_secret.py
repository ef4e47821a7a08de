"""What a secret says, and that nothing private in it comes out."""

import base64
import json
from functools import cache
from typing import Any

import pytest

from byodkim.aws.secret import Malformed, parse
from byodkim.checks.world import Entry, Unread
from byodkim.custody.settings import GetSecret, SecretLayout
from tests.aws.fake_aws import Answer, error, secret
from tests.aws.keys import bare, openssl, pem, record, traditional

ONE = {"selector": "mail-2", "dns_record": {"value": "v=DKIM1; p=x"}, "s3_key_path": "k/1.pem"}
FLAT = {"selector": "mail-2", "dns_record.value": "v=DKIM1; p=x", "s3_key_path": "k/1.pem"}
ENTRY = Entry("mail-2", record="v=DKIM1; p=x", path="k/1.pem")
OWN = {"dkim": {"name": "mail-2", "txt": "v=DKIM1; p=x"}, "s3_key_path": "k/1.pem"}


def of(domain: str, **more: str) -> Entry:
    """Return ENTRY, of a domain."""
    return Entry("mail-2", domain, **{"record": "v=DKIM1; p=x", "path": "k/1.pem", **more})


@pytest.mark.parametrize(
    ("content", "layout", "name", "entries"),
    [
        (ONE, None, "single", [ENTRY]),
        (FLAT, None, "single", [ENTRY]),
        ({**ONE, "expires_at": "2027", "note": None}, None, "single", [ENTRY]),
        ({**ONE, "domain": "Example.JP."}, None, "single", [of("example.jp")]),
        ({**ONE, "domain": "例え.jp"}, None, "single", [of("xn--r8jz45g.jp")]),
        ({**ONE, "s3_bucket": "b"}, None, "single", [of("", bucket="b")]),
        (
            {**ONE, "s3_key_path": "s3://b/k/2.pem", "s3_bucket": "other"},
            None,
            "single",
            [of("", bucket="b", path="k/2.pem")],
        ),
        ({"selectors": [ONE, {**ONE, "domain": "a.jp"}]}, None, "selectors", [ENTRY, of("a.jp")]),
        (
            {"a.jp": ONE, "b.jp": {"selectors": [FLAT]}},
            None,
            "domains",
            [of("a.jp"), of("b.jp")],
        ),
        (OWN, SecretLayout("dkim.name", "dkim.txt"), "profile", [ENTRY]),
    ],
)
def test_layouts(content, layout, name, entries):
    assert parse(content, layout) == (name, tuple(entries))


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ([], "selector"),
        ({}, "selector"),
        ({"example": ONE}, "selector"),
        ({"example.jp": "mail-2"}, "selector"),
        ({"selectors": []}, "selectors"),
        ({"selectors": {"mail-2": ONE}}, "selectors"),
        ({**ONE, "selector": 5}, "selector"),
        ({**ONE, "selector": ""}, "selector"),
        ({"selector": "mail-2"}, "dns_record.value"),
        ({**ONE, "dns_record": "v=DKIM1"}, "dns_record.value"),
        ({**ONE, "dns_record.value": "another"}, "dns_record.value"),
        ({**ONE, "s3_key_path": ["k"]}, "s3_key_path"),
        ({**ONE, "domain": 7}, "domain"),
        ({"selectors": [ONE, ONE]}, "selector (one is named twice)"),
    ],
)
def test_nothing_is_guessed(content, field):
    with pytest.raises(Malformed) as malformed:
        parse(content)
    assert str(malformed.value) == field


@pytest.mark.parametrize("field", ["selector", "dns_record.value", "s3_key_path", "domain"])
def test_part_of_a_private_key(field):
    part = bare(pem())[500:620]
    with pytest.raises(Malformed):
        parse({**FLAT, field: part})
    parse({**FLAT, "dns_record.value": record(pem())})


@cache
def private_texts() -> list[str]:
    """Return a private key as it gets into secrets."""
    key = pem()
    encrypted = openssl("pkcs8", "-topk8", "-passout", "pass:x", data=key)
    return [
        key.decode(),
        traditional(key).decode(),
        bare(key),
        bare(traditional(key)),
        f"key {bare(key)} end",
        "\n".join(key.decode().splitlines()[1:-1]),
        base64.urlsafe_b64encode(base64.b64decode(bare(key))).decode(),
        base64.b64encode(key).decode(),
        encrypted.decode(),
        bare(encrypted),
        json.dumps({"inner": key.decode()}),
    ]


@pytest.mark.parametrize("number", range(11))
def test_private_key_inside(aws, custodian, number):
    text = private_texts()[number]
    contents: list[str | dict[str, Any]] = [{**ONE, "note": [{"x": text}]}, {text: 1}, text]
    contents += [{**ONE, "dns_record": {"value": text}}, {"private": text}]
    for content in contents:
        aws.answers["GetSecretValue"] = [secret(content)]
        answer = custodian.ask(GetSecret("dkim")).result()
        assert (answer.holds_private_key, answer.entries) == (True, ())


def test_public_keys_are_none(aws, custodian):
    public = openssl("pkey", "-pubout", data=pem()).decode()
    texts = [public, base64.b64encode(public.encode()).decode()]
    content = {**ONE, "dns_record": {"value": record(pem())}, "public": texts}
    aws.answers["GetSecretValue"] = [secret("\ufeff" + json.dumps(content))]
    answer = custodian.ask(GetSecret("dkim")).result()
    assert (answer.holds_private_key, answer.entries[0].record) == (False, record(pem()))


@pytest.mark.parametrize(("version", "pending"), [("v1", ""), ("v2", "v2")])
def test_pending(aws, custodian, version, pending):
    answer = Answer({"ARN": "arn", "VersionId": version, "SecretString": "{}"})
    aws.answers["GetSecretValue AWSPENDING"] = [answer]
    stored = custodian.ask(GetSecret("dkim")).result()
    assert (stored.version, stored.pending, stored.layout) == ("v1", pending, "single")


@pytest.mark.parametrize(
    ("answer", "code", "detail"),
    [
        (Answer({"ARN": "a", "VersionId": "v", "SecretBinary": "AAAA"}), "SecretBinary", ""),
        (secret("selector=mail-2"), "Malformed", "JSON"),
        (secret({"selector": "mail-2"}), "Malformed", "dns_record.value"),
        (error("ResourceNotFoundException", 400), "ResourceNotFoundException", ""),
        (
            error("InvalidRequestException", 400, "it was marked for deletion."),
            "ScheduledForDeletion",
            "",
        ),
        (error("InvalidRequestException", 400, "other"), "InvalidRequestException", ""),
        (
            error("AccessDeniedException", 400, "Access to KMS is not allowed"),
            "AccessDeniedException",
            "kms",
        ),
        (
            error(
                "AccessDeniedException",
                400,
                "User: x is not authorized to perform: secretsmanager:GetSecretValue on y",
            ),
            "AccessDeniedException",
            "secretsmanager:GetSecretValue",
        ),
        (error("DecryptionFailure", 400), "DecryptionFailure", ""),
        (Answer("<html>"), "UnreadableAnswer", ""),
    ],
)
def test_causes(aws, custodian, answer, code, detail):
    aws.answers["GetSecretValue"] = [answer]
    assert custodian.ask(GetSecret("dkim")).result() == Unread(code, detail)
