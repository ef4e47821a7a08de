"""The evaluator that the gate goes by, judged by moto's own and by what AWS documents."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from moto.iam.access_control import IAMPolicy, PermissionResult

from byodkim.access.needs import APPLY, COMMANDS, PLAN
from byodkim.access.policy import document, needed
from byodkim.access.resources import Values
from tests.access.asked import Estate, asked
from tests.access.evaluator import Request, matches, verdict

VALUES = Values(
    "123456789012", "ap-northeast-1", "example.jp", "byodkim/example.jp", "byodkim-keys", lock=True,
    archive_bucket="example-jp-records", archive_prefix="dkim/", retention=True,
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
        judged, ours = judge.is_action_permitted(action, resource), verdict([policy], Request(action, resource))[0]
        assert (ours == "Allow") == (judged is PermissionResult.PERMITTED), (command, mode, action, resource)
        allowed += ours == "Allow"
    assert allowed > len(ACTIONS)


def test_a_secrets_suffix_has_six_characters() -> None:
    (pattern,) = (
        one["Resource"][0] for one in document(["rotate"], PLAN, VALUES)["Statement"] if one["Sid"] == "Secret"
    )
    assert matches(pattern, SECRET)
    assert not matches(pattern, SECRET + "x")
    assert not matches(pattern, SECRET.replace("example.jp", "example.jp-staging"))
    assert not matches(pattern, SECRET.replace(".", "x"))


# IAM User Guide: an explicit denial wins; a negated operator holds where the key is absent; every key must hold.
DENIES = {"Sid": "D", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}
ALLOWS = {"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
NOT_X = {"ArnNotEquals": {"aws:PrincipalArn": ["arn:x"]}}
PLAIN = {"Bool": {"aws:SecureTransport": "false"}}
BOTH = {"StringEquals": {"kms:ViaService": ["s3", "sm"], "kms:MessageType": "RAW"}}


@pytest.mark.parametrize(
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
    ],
)
def test_conditions_and_denials(
    statements: list[dict[str, object]], context: dict[str, str], expected: tuple[str, str]
) -> None:
    assert verdict([{"Statement": statements}], Request("s3:GetObject", "arn:aws:s3:::b/k", context)) == expected


@pytest.mark.parametrize("odd", [{**ALLOWS, "NotResource": "x"}, {**ALLOWS, "Condition": {"IpAddress": {"x": "y"}}}])
def test_what_is_not_known_is_no_guess(odd: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="unknown"):
        verdict([{"Statement": [odd]}], Request("s3:GetObject", "arn:aws:s3:::b/k"))


@pytest.mark.parametrize(
    "request_line",
    [("DELETE", "/b/k"), ("GET", "/b/k?versionId=1"), ("PUT", "/b/k?acl"), ("GET", "/b?versions"), ("GET", "/")],
)
def test_a_request_that_the_gate_does_not_know_is_none_that_passes(request_line: tuple[str, str]) -> None:
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/ap-northeast-1/s3/aws4_request"}
    with pytest.raises((ValueError, KeyError)):
        list(asked(*request_line, headers, b"", Estate()))


def test_needs_of_one_statement_share_all_but_the_action() -> None:
    by_sid: dict[str, set[tuple[str, str, str]]] = {}
    for command in COMMANDS:
        for need in needed([command], APPLY):
            by_sid.setdefault(need.sid, set()).add((need.on, need.when, need.only))
    assert {sid: found for sid, found in by_sid.items() if len(found) > 1} == {}
