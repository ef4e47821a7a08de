"""The evaluator that the gate goes by, judged by moto's own and by what AWS documents."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from moto.iam.access_control import IAMPolicy, PermissionResult
from msgspec.structs import replace

from second_edition.access.needs import APPLY, PLAN
from second_edition.access.policy import COMMANDS, document
from second_edition.access.resources import Values
from tests.second_edition.access.asked import Estate, asked
from tests.second_edition.access.evaluator import Request, Value, matches, verdict
from tests.second_edition.each import each

VALUES = Values(
    "123456789012", "ap-northeast-1", "example.jp", "byodkim/example.jp", "byodkim-keys", lock=True,
    archive_bucket="example-jp-records", archive_prefix="dkim/", retention=True, hosted_zone_id="Z1",
)  # fmt: skip
SECRET = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:byodkim/example.jp-Ab12Cd"
RESOURCES = (
    "arn:aws:ses:ap-northeast-1:123456789012:identity/example.jp",
    "arn:aws:ses:ap-northeast-1:123456789012:identity/example.jp.example.com",
    "arn:aws:ses:us-east-1:123456789012:identity/example.jp",
    SECRET,
    "arn:aws:s3:::byodkim-keys",
    "arn:aws:s3:::byodkim-keys/dkim-keys/example.jp/mail-1/private_key.pem",
    "arn:aws:s3:::byodkim-keys/dkim-keys/example.com/mail-1/private_key.pem",
    "arn:aws:s3:::byodkim-keys/byodkim-locks/ap-northeast-1/example.jp.json",
    "arn:aws:s3:::example-jp-records/dkim/example.jp/run/a.jsonl",
    "arn:aws:s3:::example-jp-records/dkim/example.com/run/a.jsonl",
    "arn:aws:route53:::hostedzone/Z1",
    "arn:aws:route53:::hostedzone/Z2",
    "arn:aws:route53:::change/C1",
)
ACTIONS = sorted({need.action for needs in COMMANDS.values() for need in needs} | {"s3:DeleteObject", "ses:SendEmail"})


def cases() -> Iterator[tuple[str, str, str, str]]:
    for command in COMMANDS:
        for mode in (PLAN, APPLY):
            for action in ACTIONS:
                for resource in RESOURCES:
                    yield command, mode, action, resource


def test_moto_decides_alike() -> None:
    allowed = 0
    for command, mode, action, resource in cases():
        # moto takes "?" for a regular expression's; here it gets the very secret.
        policy = document([command], mode, VALUES)
        judge = IAMPolicy(json.dumps(policy).replace("example.jp-??????", "example.jp-Ab12Cd"))
        # moto passes conditions over; here they hold.
        request = Request(action, resource, {"s3:if-none-match": "*"})
        judged, ours = judge.is_action_permitted(action, resource), verdict([policy], request)[0]
        assert (ours == "Allow") == (judged is PermissionResult.PERMITTED), (command, mode, action, resource)
        allowed += ours == "Allow"
    assert allowed > len(ACTIONS)


# IAM User Guide: an explicit denial wins; a negated operator holds where the key is absent; every key must hold.
DENIES = {"Sid": "D", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}
ALLOWS = {"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
NOT_X = {"ArnNotEquals": {"aws:PrincipalArn": ["arn:x"]}}
PLAIN = {"Bool": {"aws:SecureTransport": "false"}}
ALL = {"ForAllValues:StringLike": {"x:names": ["a", "b.*"]}}
ANY = {"ForAnyValue:StringEquals": {"x:names": ["a", "b"]}}
THERE = {"Null": {"x:name": "false"}}
BOTH = {"StringEquals": {"kms:ViaService": ["s3", "sm"], "kms:MessageType": "RAW"}}


@each(
    ("statements", "context", "expected"),
    [
        ([ALLOWS], {}, ("Allow", "A")),
        ([ALLOWS, DENIES], {}, ("Deny", "D")),
        ([ALLOWS, {**DENIES, "Condition": NOT_X}], {}, ("Deny", "D")),
        ([ALLOWS, {**DENIES, "Condition": NOT_X}], {"aws:PrincipalArn": "arn:y"}, ("Deny", "D")),
        ([ALLOWS, {**DENIES, "Condition": NOT_X}], {"aws:PrincipalArn": "arn:x"}, ("Allow", "A")),
        ([{**ALLOWS, "Condition": BOTH}], {"kms:ViaService": "sm", "kms:MessageType": "RAW"}, ("Allow", "A")),
        ([{**ALLOWS, "Condition": BOTH}], {"kms:ViaService": "ec2", "kms:MessageType": "RAW"}, ("", "")),
        ([{**ALLOWS, "Condition": BOTH}], {"kms:ViaService": "s3"}, ("", "")),
        ([{**ALLOWS, "Condition": PLAIN}], {"aws:SecureTransport": "true"}, ("", "")),
        ([{**ALLOWS, "Condition": PLAIN}], {"aws:SecureTransport": "false"}, ("Allow", "A")),
        ([{**ALLOWS, "Condition": ALL}], {"x:names": ("a", "b.c")}, ("Allow", "A")),
        ([{**ALLOWS, "Condition": ALL}], {"x:names": ("a", "d")}, ("", "")),
        ([{**ALLOWS, "Condition": ALL}], {}, ("Allow", "A")),
        ([{**ALLOWS, "Condition": ANY}], {"x:names": ("a", "d")}, ("Allow", "A")),
        ([{**ALLOWS, "Condition": ANY}], {"x:names": ("d",)}, ("", "")),
        ([{**ALLOWS, "Condition": ANY}], {}, ("", "")),
        ([{**ALLOWS, "Condition": THERE}], {"x:name": "a"}, ("Allow", "A")),
        ([{**ALLOWS, "Condition": THERE}], {}, ("", "")),
    ],
)
def test_conditions_and_denials(
    statements: list[dict[str, object]], context: dict[str, Value], expected: tuple[str, str]
) -> None:
    assert verdict([{"Statement": statements}], Request("s3:GetObject", "arn:aws:s3:::b/k", context)) == expected


@each(
    "request_line",
    [("POST", "/b/k"), ("GET", "/b/k?uploadId=1"), ("PUT", "/b/k?acl"), ("GET", "/b?policy"), ("GET", "/")],
)
def test_a_request_that_the_gate_does_not_know_is_none_that_passes(request_line: tuple[str, str]) -> None:
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/ap-northeast-1/s3/aws4_request"}
    with pytest.raises((ValueError, KeyError)):
        list(asked(*request_line, headers, b"", Estate()))


IDENTITY = "arn:aws:ses:ap-northeast-1:123456789012:identity/example.jp"
BUCKET = "arn:aws:s3:::byodkim-keys"
KEY_OBJECT = "arn:aws:s3:::byodkim-keys/dkim-keys/example.jp/mail-1/private_key.pem"
RETIRED = replace(VALUES, retire_key="delete", elsewhere=("us-east-1",))


@each(
    ("request_", "allowed"),
    [
        (Request("s3:DeleteObjectVersion", KEY_OBJECT), True),
        (Request("s3:DeleteObject", KEY_OBJECT), False),
        (Request("s3:DeleteObjectVersion", KEY_OBJECT.replace(".jp", ".com")), False),
        (Request("s3:DeleteObjectVersion", "arn:aws:s3:::example-jp-records/example.jp/run/1.ipynb"), False),
        (Request("s3:ListBucketVersions", BUCKET, {"s3:prefix": "dkim-keys/example.jp/mail-1"}), True),
        (Request("s3:ListBucketVersions", BUCKET, {"s3:prefix": "byodkim-locks/"}), False),
        (Request("s3:ListBucketVersions", BUCKET), False),
        (Request("ses:GetEmailIdentity", "arn:aws:ses:us-east-1:123456789012:identity/example.jp"), True),
        (Request("ses:GetEmailIdentity", "arn:aws:ses:eu-west-1:123456789012:identity/example.jp"), False),
        (Request("ses:PutEmailIdentityDkimSigningAttributes", IDENTITY), False),
        (Request("secretsmanager:DeleteSecret", SECRET), False),
        (Request("secretsmanager:PutSecretValue", SECRET), False),
    ],
)
def test_retire_may_do_to_keys_what_the_profile_has_and_nothing_to_the_secret(request_: Request, allowed: bool) -> None:
    assert (verdict([document(["retire"], APPLY, RETIRED)], request_)[0] == "Allow") == allowed
    reads = request_.action.partition(":")[2].startswith(("Get", "List"))
    assert (verdict([document(["retire"], PLAN, RETIRED)], request_)[0] == "Allow") == (allowed and reads)


CHANGE = "arn:aws:route53:::hostedzone/Z1"
NAMES, TYPES, ACTS = (
    f"route53:ChangeResourceRecordSets{name}" for name in ("NormalizedRecordNames", "RecordTypes", "Actions")
)
OURS: dict[str, Value] = {NAMES: ("mail-1._domainkey.example.jp",), TYPES: ("TXT",), ACTS: ("CREATE", "DELETE")}


@each(
    ("other", "allowed"),
    [
        ({}, True),
        ({ACTS: ("UPSERT",)}, False),
        ({TYPES: ("TXT", "MX")}, False),
        ({NAMES: ("www.example.jp",)}, False),
        ({NAMES: ("mail-1._domainkey.example.jp", "example.jp")}, False),
        ({NAMES: ("mail-1._domainkey.other.example.jp",)}, False),
    ],
)
def test_only_key_records_may_be_published(other: dict[str, Value], allowed: bool) -> None:
    request = Request("route53:ChangeResourceRecordSets", CHANGE, {**OURS, **other})
    assert (verdict([document(["publish"], APPLY, VALUES)], request)[0] == "Allow") == allowed


def test_a_key_that_stands_may_not_be_overwritten() -> None:
    key = "arn:aws:s3:::byodkim-keys/dkim-keys/example.jp/mail-1/private_key.pem"
    policy = document(["prepare"], APPLY, VALUES)
    assert verdict([policy], Request("s3:PutObject", key))[0] == ""
    assert verdict([policy], Request("s3:PutObject", key, {"s3:if-none-match": "*"}))[0] == "Allow"


@each("odd", [{**ALLOWS, "NotResource": "x"}, {**ALLOWS, "Condition": {"IpAddress": {"x": "y"}}}])
def test_what_is_not_known_is_no_guess(odd: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="unknown"):
        verdict([{"Statement": [odd]}], Request("s3:GetObject", "arn:aws:s3:::b/k"))


def test_a_secrets_suffix_has_six_characters() -> None:
    (pattern,) = (
        one["Resource"][0] for one in document(["rotate"], PLAN, VALUES)["Statement"] if one["Sid"] == "Secret"
    )
    assert matches(pattern, SECRET)
    assert not matches(pattern, SECRET + "x")
    assert not matches(pattern, SECRET.replace("example.jp", "example.jp-staging"))
    assert not matches(pattern, SECRET.replace(".", "x"))
