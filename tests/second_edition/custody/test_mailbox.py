"""The custodian sends and finds a message: by its token, in an inbox of any size, and nobody else's mail."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from second_edition.aws import s3_objects
from second_edition.custody import mailbox
from second_edition.custody.client import Custodian, Refused
from second_edition.custody.mailbox import Inbox
from second_edition.custody.refusal import DutyError
from second_edition.custody.session import Session
from second_edition.sandbox.client import Sandbox
from tests.second_edition.custody import forms

TOKEN = "5e" * 16


def message(token: str = TOKEN, subject: str = "byodkim proof") -> bytes:
    return f"From: a@example.jp\r\nSubject: {subject} {token}\r\n\r\nbody\r\n".encode()


@pytest.fixture
def s3(aws: dict[str, Any]) -> Any:
    return aws["s3"]


@pytest.fixture
def custodian(sandbox: Sandbox) -> Iterator[Custodian]:
    with forms.opened(sandbox.facts.endpoint_url) as custodian:
        yield custodian


def opened(custodian: Custodian, sandbox: Sandbox, prefix: str = "inbox/") -> None:
    custodian.ask("inbox", bucket=sandbox.facts.inbox_bucket, prefix=prefix).result()


def test_what_is_sent_is_found_by_its_token_and_only_once(custodian: Custodian, sandbox: Sandbox) -> None:
    opened(custodian, sandbox)
    token = secrets.token_hex(16)
    sent = custodian.ask("post", sender="a@example.jp", recipient="b@example.jp", token=token).result()
    (found,) = custodian.ask("arrived", tokens=[token]).result()
    assert (found["key"], found["token"]) == (f"inbox/{sent['message_id']}", token)
    mail = message_from_bytes(base64.b64decode(found["message"]), policy=SMTP)
    assert [mail[name] for name in ("From", "To", "Subject", "Auto-Submitted")] == [
        "a@example.jp", "b@example.jp", f"byodkim proof {token}", "auto-generated"
    ]  # fmt: skip
    assert mail.get_content().split() == mailbox.BODY.split()
    assert custodian.ask("arrived", tokens=[token]).result() == []
    calls = custodian.drain()
    assert {call["operation"] for call in calls} == {"ListObjectsV2", "SendEmail", "GetObject"}
    assert not any("raw" in call for call in calls)


def test_only_a_sandbox_s_clock_is_moved(custodian: Custodian, sandbox: Sandbox) -> None:
    custodian.ask("clock", offset_s=86_400.0).result()
    sent = custodian.ask("post", sender="a@example.jp", recipient="b@example.jp", token=TOKEN).result()
    assert datetime.fromisoformat(sent["taken_at"]) > datetime.now(UTC) + timedelta(hours=23)
    with (
        forms.opened(sandbox.facts.endpoint_url, sandbox=False) as real,
        pytest.raises(Refused, match=r"^clock: NoSandbox\.$"),
    ):
        real.ask("clock", offset_s=86_400.0).result()


def test_other_mail_stays_in_the_custodian(custodian: Custodian, sandbox: Sandbox, s3: Any) -> None:
    bucket = sandbox.facts.inbox_bucket
    s3.put_object(Bucket=bucket, Key="inbox/earlier", Body=message())
    opened(custodian, sandbox)
    others = {
        "another token": message("ab" * 16), "another subject": message(subject="Re: byodkim proof"),
        "no message": b"\x00" * 100, "too large": message().ljust(s3_objects.LARGEST + 1, b"x"), "empty": b"",
        "AMAZON_SES_SETUP_NOTIFICATION": b"Subject: Amazon SES Setup Notification\r\n\r\n",
    }  # fmt: skip
    for name, body in others.items():
        s3.put_object(Bucket=bucket, Key=f"inbox/{name}", Body=body)
    s3.put_object(Bucket=bucket, Key="elsewhere/mine", Body=message())
    assert custodian.ask("arrived", tokens=[TOKEN]).result() == []  # not even a reply that quotes the subject
    s3.put_object(Bucket=bucket, Key="inbox/largest", Body=message().ljust(s3_objects.LARGEST, b"x"))
    assert [one["key"] for one in custodian.ask("arrived", tokens=[TOKEN]).result()] == ["inbox/largest"]


def test_an_inbox_of_thousands_is_listed_to_its_end(sandbox: Sandbox, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = sandbox.facts.inbox_bucket

    class Small:
        """S3 with pages of two."""

        def get_paginator(self, name: str) -> Any:
            of_two = partial(s3.get_paginator(name).paginate, PaginationConfig={"PageSize": 2})
            return SimpleNamespace(paginate=of_two)

        def get_object(self, **request: Any) -> dict[str, Any]:
            answer: dict[str, Any] = s3.get_object(**request)
            return answer

    for number in range(5):
        s3.put_object(Bucket=bucket, Key=f"inbox/{number}", Body=b"x")
    box = Inbox(Small(), bucket, "inbox/")
    s3.put_object(Bucket=bucket, Key="inbox/9", Body=message())
    assert [one["key"] for one in box.arrived([TOKEN])] == ["inbox/9"]
    monkeypatch.setattr(s3_objects, "PAGES", 2)
    session = Session()
    monkeypatch.setattr(Session, "clients", SimpleNamespace(get=lambda *_, **__: Small()))
    with pytest.raises(DutyError, match=r"^ListObjectsV2: TooManyMessages$"):
        mailbox.inbox(session, bucket, "inbox/")
    session.pool.shutdown()


def test_what_is_refused_is_said_by_its_operation(custodian: Custodian, sandbox: Sandbox) -> None:
    with pytest.raises(Refused, match=r"^ListObjectsV2: NoSuchBucket\. The specified bucket does not exist"):
        custodian.ask("inbox", bucket="nobodys", prefix="").result()
    with pytest.raises(Refused, match=r"^ListObjectsV2: NotOpen\.$"):
        custodian.ask("arrived", tokens=[TOKEN]).result()
    with pytest.raises(Refused, match="SendEmail: MessageRejected"):
        custodian.ask("post", sender="a@example.com", recipient="b@example.jp", token=TOKEN).result()
    assert sandbox.facts.inbox_bucket


def test_a_message_that_is_found_is_kept_when_the_next_cannot_be_read(sandbox: Sandbox, s3: Any) -> None:
    bucket, failing = sandbox.facts.inbox_bucket, ["inbox/b"]

    class Failing:
        """S3 that cannot give one object, once."""

        def __getattr__(self, name: str) -> Any:
            return getattr(s3, name)

        def get_object(self, **request: Any) -> dict[str, Any]:
            if request["Key"] in failing:
                failing.clear()
                raise ConnectionError
            answer: dict[str, Any] = s3.get_object(**request)
            return answer

    box = Inbox(Failing(), bucket, "inbox/")
    for key in ("a", "b"):
        s3.put_object(Bucket=bucket, Key=f"inbox/{key}", Body=message())
    with pytest.raises(ConnectionError):
        box.arrived([TOKEN])
    assert [one["key"] for one in box.arrived([TOKEN])] == ["inbox/a", "inbox/b"]
