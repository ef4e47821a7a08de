"""The identity as SES answers over HTTP, and what becomes of the one attempt to write."""

import json
import os
from collections.abc import Iterator

import msgspec
import pytest
from botocore.config import Config

from byodkim.aws import session
from byodkim.aws.identity import put_signing_key
from byodkim.aws.session import Clients
from byodkim.checks.world import KeyObject, Unread
from byodkim.custody import custodian as process
from byodkim.custody.client import Custodian
from byodkim.custody.settings import GetIdentity, GetKey, PutAnswer, PutSigningKey
from tests.aws.conftest import PLACE
from tests.aws.fake_aws import IDENTITY, PUT, Answer, FakeAws, error
from tests.aws.keys import bare, pem

THROTTLED = error("TooManyRequestsException", 429)


@pytest.fixture
def clients(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    """Clients in this process, whose limits a test can shorten."""
    monkeypatch.setattr(session, "PAUSE_S", 0.05)
    environment = dict(os.environ)
    yield Clients(aws.settings())
    os.environ.clear()
    os.environ.update(environment)


@pytest.fixture
def reading(aws: FakeAws, clients: Clients) -> process.Custodian:
    """A custodian in this process."""
    custodian = process.Custodian(aws.settings(), may_write=False)
    custodian.clients = clients
    return custodian


def read_identity(custodian: process.Custodian) -> object:
    return custodian.answer(msgspec.Raw(msgspec.json.encode(GetIdentity("example.jp"))))


@pytest.mark.usefixtures("aws")
def test_fields(custodian):
    identity = custodian.ask(GetIdentity("example.jp")).result()
    assert (identity.kind, identity.selector, identity.status) == ("DOMAIN", "mail-1", "SUCCESS")
    assert identity.signs
    assert len(identity.fields) == 18
    assert identity.fields["DkimAttributes.SigningEnabled"] == "true"
    assert identity.fields["DkimAttributes.Tokens"] == "mail-1"
    assert identity.fields["VerificationInfo.LastCheckedTimestamp"] == "2025-12-03T02:00:00+00:00"
    [call] = custodian.drain_calls()
    assert (call["operation"], call["region"]) == ("GetEmailIdentity", "ap-northeast-1")
    assert (call["service"], call["status"], call["retries"]) == ("sesv2", 200, 0)
    assert call["request_id"]
    assert custodian.drain_calls() == []


@pytest.mark.parametrize(
    ("answers", "code", "requests"),
    [
        ([error("NotFoundException", 404)], "NotFoundException", 1),
        ([error("AccessDeniedException", 403)], "AccessDeniedException", 1),
        ([error("ExpiredTokenException", 403)], "ExpiredTokenException", 1),
        ([Answer("<html>proxy</html>")], "UnreadableAnswer", 1),
        ([Answer({"IdentityType": "DOMAIN"})], "UnreadableAnswer", 1),
        ([Answer({**IDENTITY, "DkimAttributes": {"Status": 1}})], "UnreadableAnswer", 1),
        ([error("x" * 70, 400)], "UnknownError", 1),
        ([THROTTLED, THROTTLED, Answer(IDENTITY)], "", 3),
        ([error("InternalFailure", 500), Answer(IDENTITY)], "", 2),
        ([Answer(cut="before"), Answer(IDENTITY)], "", 2),
    ],
)
def test_reading(aws, reading, answers, code, requests):
    aws.answers["GetEmailIdentity"] = list(answers)
    reading.clients.calls.drain()
    identity = read_identity(reading)
    assert (identity.code if isinstance(identity, Unread) else "") == code
    assert aws.count("GetEmailIdentity") == requests
    assert sum(1 + call["retries"] for call in reading.clients.calls.drain()) == requests


def test_throttled_for_good(aws, reading, monkeypatch):
    assert session.THROTTLED_S >= 30
    monkeypatch.setattr(session, "THROTTLED_S", 0.5)
    aws.answers["GetEmailIdentity"] = [THROTTLED]
    assert read_identity(reading) == Unread("TooManyRequestsException")
    assert aws.count("GetEmailIdentity") > session.ATTEMPTS


def test_accepted(aws, custodian):
    answer = put(custodian)
    assert answer.result == "accepted"
    assert answer.answer == {"DkimStatus": "NOT_STARTED", "DkimTokens": "mail-2"}
    assert len(answer.request_id) == 36
    [body] = [body for operation, body in aws.received if operation == PUT]
    assert json.loads(body) == {
        "SigningAttributesOrigin": "EXTERNAL",
        "SigningAttributes": {
            "DomainSigningSelector": "mail-2",
            "DomainSigningPrivateKey": bare(pem()),
        },
    }


@pytest.mark.parametrize(
    ("answer", "result", "code"),
    [
        (THROTTLED, "rejected", "TooManyRequestsException"),
        (error("BadRequestException", 400), "rejected", "BadRequestException"),
        (error("AccessDeniedException", 403), "rejected", "AccessDeniedException"),
        (error("ExpiredTokenException", 403), "rejected", "ExpiredTokenException"),
        (error("NotFoundException", 404), "rejected", "NotFoundException"),
        (error("RequestTimeout", 408), "unclear", "RequestTimeout"),
        (error("InternalFailure", 500), "unclear", "InternalFailure"),
        (Answer("<html>Bad gateway</html>", 502), "unclear", "502"),
        (error("SlowDown", 503), "unclear", "SlowDown"),
        (Answer(cut="before"), "unclear", "ConnectionClosedError"),
        (Answer({"DkimStatus": "PENDING"}, cut="after"), "unclear", "UnreadableAnswer"),
        (Answer("<html>proxy</html>"), "unclear", "UnreadableAnswer"),
        (Answer({}), "unclear", "UnreadableAnswer"),
    ],
)
def test_one_attempt(aws, custodian, answer, result, code):
    aws.answers[PUT] = [answer]
    written = put(custodian)
    assert (written.result, written.code) == (result, code)
    assert aws.count(PUT) == 1
    assert [call["operation"] for call in custodian.drain_calls()] == ["GetObject", PUT]


def test_slow_answer(aws, clients, monkeypatch):
    monkeypatch.setattr(session, "WRITE", session.WRITE.merge(Config(read_timeout=0.2)))
    aws.answers[PUT] = [Answer({"DkimStatus": "PENDING"}, delay_s=0.6)]
    answer = put_signing_key(clients, "example.jp", "mail-2", bare(pem()))
    assert (answer.result, answer.code) == ("unclear", "ReadTimeoutError")
    assert aws.count(PUT) == 1


def test_key_that_is_not_held(aws, custodian):
    answer = custodian.ask(PutSigningKey("example.jp", "mail-2", "0" * 64)).result()
    assert (answer.result, answer.code) == ("rejected", "KeyNotHeld")
    assert aws.count(PUT) == 0


def put(custodian: Custodian) -> PutAnswer:
    """Return the answer to a write of the key at PLACE."""
    key = custodian.ask(GetKey(PLACE)).result()
    assert isinstance(key, KeyObject)
    return custodian.ask(PutSigningKey("example.jp", "mail-2", key.sha256)).result()
