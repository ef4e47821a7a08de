"""Delivered mail, judged by dkimpy with the key records that the name servers serve."""

from __future__ import annotations

import email
import email.policy
import re
from typing import Any

import boto3
import dkim
import pytest

from second_edition.sandbox.client import Sandbox
from tests.second_edition.sandbox.outside import CURRENT, DOMAIN, NEXT, put, servers, stored_key, txt

SIMPLE = {"Simple": {"Subject": {"Data": "試験"}, "Body": {"Text": {"Data": "本文です\n.\nend"}}}}


def send(ses: Any, sender: str = f"ops@{DOMAIN}", content: dict[str, Any] | None = None) -> str:
    answer = ses.send_email(
        FromEmailAddress=sender, Destination={"ToAddresses": ["someone@example.jp"]}, Content=content or SIMPLE
    )
    return str(answer["MessageId"])


def inbox(aws: dict[str, Any], sandbox: Sandbox, message_id: str) -> bytes:
    body = aws["s3"].get_object(Bucket=sandbox.facts.inbox_bucket, Key=f"inbox/{message_id}")["Body"]
    with body:
        return bytes(body.read())


def signatures(message: bytes) -> list[tuple[str, str]]:
    """Signing domain and selector of each signature, from the top."""
    found = email.message_from_bytes(message, policy=email.policy.SMTP).get_all("DKIM-Signature", [])
    return [(tag(str(one), "d"), tag(str(one), "s")) for one in found]


def tag(signature: str, name: str) -> str:
    found = re.search(rf"(?:^|;)\s*{name}=([^;\s]*)", signature)
    assert found
    return found[1]


def verifies(message: bytes, sandbox: Sandbox, index: int) -> bool:
    server = servers(sandbox.facts)[1]

    def look_up(name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG001 - dkimpy hands it in
        records = txt(server, name.decode())
        return records[0] if len(records) == 1 else None

    return bool(dkim.DKIM(message).verify(idx=index, dnsfunc=look_up))


def test_mail_carries_two_signatures_that_dkimpy_verifies(sandbox: Sandbox, aws: dict[str, Any], ses: Any) -> None:
    elsewhere = boto3.Session("sandbox", "sandbox", region_name="eu-central-1")
    other = elsewhere.client("sesv2", endpoint_url=sandbox.facts.endpoint_url)
    other.list_email_identities()  # another Region, where SES signs with the same key of its own
    other.close()
    message_id = send(ses)
    message = inbox(aws, sandbox, message_id)
    assert [domain for domain, _ in signatures(message)] == [DOMAIN, "amazonses.com"]
    assert signatures(message)[0][1] == CURRENT
    assert verifies(message, sandbox, 0)
    assert verifies(message, sandbox, 1)
    parsed = email.message_from_bytes(message, policy=email.policy.SMTP)
    assert parsed["Message-ID"] == f"<{message_id}@ap-northeast-1.amazonses.com>"
    assert parsed["Date"].datetime.tzinfo is not None
    assert "AmazonSES" in parsed["Feedback-ID"]
    assert (parsed["Subject"], parsed["From"]) == ("試験", f"ops@{DOMAIN}")


def test_a_damaged_message_or_a_missing_record_does_not_verify(sandbox: Sandbox, aws: dict[str, Any], ses: Any) -> None:
    message = inbox(aws, sandbox, send(ses))
    assert not verifies(message.replace(b"Subject: ", b"Subject: Re: "), sandbox, 0)
    sandbox.unpublish(CURRENT)
    assert not verifies(message, sandbox, 0)


def test_raw_mail_keeps_its_body_and_gets_ses_s_own_headers(sandbox: Sandbox, aws: dict[str, Any], ses: Any) -> None:
    raw = (
        f'From: "Ops" <ops@{DOMAIN}>\nTo: a@example.jp\nBcc: hidden@example.jp\nMessage-ID: <mine@example.jp>\n'
        "Date: Thu, 01 Jan 1970 00:00:00 +0000\nSubject: folded\n subject\n\nline one\nline two\n"
    ).encode()
    answer = ses.send_email(Content={"Raw": {"Data": raw}})
    message = inbox(aws, sandbox, answer["MessageId"])
    assert message.endswith(b"\r\n\r\nline one\r\nline two\r\n")
    assert b"hidden" not in message
    assert b"mine@" not in message
    assert b"1970" not in message
    assert b"Subject: folded\r\n subject\r\n" in message
    assert verifies(message, sandbox, 0)


def test_mail_from_below_the_domain_is_signed_by_the_domain(sandbox: Sandbox, aws: dict[str, Any], ses: Any) -> None:
    message = inbox(aws, sandbox, send(ses, f"ops@mail.{DOMAIN}"))
    assert signatures(message)[0] == (DOMAIN, CURRENT)
    assert verifies(message, sandbox, 0)


@pytest.mark.parametrize(("knob", "expected"), [("unsigned", []), ("next", [NEXT]), ("current", [CURRENT])])
def test_what_signs_while_pending(
    sandbox: Sandbox, aws: dict[str, Any], ses: Any, knob: str, expected: list[str]
) -> None:
    sandbox.set_knobs(signing_while_pending=knob, check_interval=3600)
    put(ses, NEXT, stored_key(aws, sandbox.facts, NEXT))
    message = inbox(aws, sandbox, send(ses))
    assert signatures(message)[:-1] == [(DOMAIN, one) for one in expected]
    assert all(verifies(message, sandbox, index) for index in range(len(expected) + 1))


@pytest.mark.parametrize(
    ("knob", "expected", "sound"),
    [("next", NEXT, True), ("current", CURRENT, True), ("unsigned", None, True), ("stranger", NEXT, False)],
)
def test_what_signs_when_verified_whatever_is_shown(
    sandbox: Sandbox, aws: dict[str, Any], ses: Any, knob: str, expected: str | None, sound: bool
) -> None:
    sandbox.set_knobs(signing_when_verified=knob, check_interval=0)
    for selector in (CURRENT, NEXT):
        put(ses, selector, stored_key(aws, sandbox.facts, selector))
        assert ses.get_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]["Status"] == "SUCCESS"
    message = inbox(aws, sandbox, send(ses))
    assert signatures(message)[:-1] == ([] if expected is None else [(DOMAIN, expected)])
    assert verifies(message, sandbox, 0) is sound


def test_mail_can_be_lost_or_changed_on_its_way(sandbox: Sandbox, aws: dict[str, Any], ses: Any) -> None:
    sandbox.set_knobs(delivery="lost")
    lost = send(ses)
    sandbox.set_knobs(delivery="changed")
    changed = inbox(aws, sandbox, send(ses))
    with pytest.raises(aws["s3"].exceptions.NoSuchKey):
        inbox(aws, sandbox, lost)
    assert changed.endswith(b"A line that was added on the way.\r\n")
    with pytest.raises(dkim.ValidationError, match="body hash mismatch"):
        verifies(changed, sandbox, 0)


def test_signing_switched_off_leaves_ses_s_own_signature(sandbox: Sandbox, aws: dict[str, Any], ses: Any) -> None:
    ses.put_email_identity_dkim_attributes(EmailIdentity=DOMAIN, SigningEnabled=False)
    assert [domain for domain, _ in signatures(inbox(aws, sandbox, send(ses)))] == ["amazonses.com"]


def test_mail_of_a_domain_that_is_not_verified_is_rejected(sandbox: Sandbox, ses: Any) -> None:
    for sender in ("ops@example.com", "no address", f"ops@not{DOMAIN}"):
        with pytest.raises(ses.exceptions.MessageRejected):
            send(ses, sender)
    sandbox.reset("previous-failed")
    with pytest.raises(ses.exceptions.MessageRejected, match=r"not verified.*AP-NORTHEAST-1"):
        send(ses)


def test_easy_dkim_signs_under_its_token(sandbox: Sandbox, aws: dict[str, Any], ses: Any) -> None:
    sandbox.reset("easy-dkim")
    message = inbox(aws, sandbox, send(ses))
    assert signatures(message)[0][0] == DOMAIN
    assert verifies(message, sandbox, 0)
