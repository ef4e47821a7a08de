"""The write is made once, unless it was one call too many; reads are tried again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from byodkim.aws.budget import Budget
from byodkim.custody import identities, keys
from byodkim.custody.client import Custodian, Refused
from byodkim.custody.refusal import DutyError
from byodkim.custody.session import Session
from tests.custody import forms
from tests.custody.loopback import Loopback, closed, reset, serving, status
from tests.each import each

KEY = {"selector": "mail-20261124-1", "path": "key.pem", "bucket": "keys", "domain": "example.jp"}
THROTTLED = status(429, b'{"message": "Rate exceeded"}', x_amzn_ErrorType="TooManyRequestsException")
TAKEN = status(200, b'{"DkimStatus": "NOT_STARTED", "DkimTokens": ["mail-20261124-1"]}')
Answer = Callable[[BaseHTTPRequestHandler], None]


QUICK = {"shown": ("hand-set-1", "")}


@pytest.fixture(scope="module")
def opened() -> Iterator[tuple[Loopback, Custodian]]:
    """S3 that has the key, SES that answers as each test says, and a custodian opened for both."""
    object_ = status(200, forms.pem(forms.PKCS8), Last_Modified="Tue, 10 Nov 2026 02:00:11 GMT")
    with (
        serving(GET=[object_], HEAD=[object_], PUT=[closed]) as loopback,
        forms.opened(loopback.url) as custodian,
    ):
        custodian.ask("key", **KEY).result()
        yield loopback, custodian


@pytest.fixture
def endpoint(opened: tuple[Loopback, Custodian]) -> Loopback:
    opened[0].asked.clear()
    return opened[0]


@pytest.fixture
def custodian(opened: tuple[Loopback, Custodian]) -> Custodian:
    opened[1].drain()
    return opened[1]


def put(custodian: Custodian) -> dict[str, Any]:
    described = custodian.ask("key", **KEY).result()
    came: dict[str, Any] = custodian.ask(
        "put", name="example.jp", selector=KEY["selector"], sha256=described["sha256"]
    ).result()
    return came


@pytest.mark.parametrize(
    ("answer", "code", "http", "unclear"),
    [
        (reset, "ConnectionClosedError", 0, True),
        (closed, "ConnectionClosedError", 0, True),
        (status(500), "500", 500, True),
        (status(503, b"<html>"), "503", 503, True),
        (status(400, b"{}", x_amzn_ErrorType="BadRequestException"), "BadRequestException", 400, False),
    ],
    ids=["reset", "closed", "500", "503", "400"],
)
def test_the_write_is_made_once(
    answer: Answer, code: str, http: int, unclear: bool, endpoint: Loopback, custodian: Custodian
) -> None:
    endpoint.answers["PUT"] = [answer]
    error = put(custodian)["error"]
    assert (endpoint.asked["GET"], endpoint.asked["PUT"]) == (0, 1)  # the key has not changed since it was fetched
    assert (error["code"], error["status"], error["request_id"], error["unclear"]) == (code, http, "", unclear)
    (call,) = (call for call in custodian.drain() if call["operation"] == "PutEmailIdentityDkimSigningAttributes")
    assert (call["status"], call["retries"]) == (http, 0)
    assert ("failure" in call) is (http == 0)


def test_a_write_that_was_one_call_too_many_is_made_again(endpoint: Loopback, custodian: Custodian) -> None:
    endpoint.answers["PUT"] = [THROTTLED, THROTTLED, TAKEN]
    with put_where_ses(endpoint, custodian, shows("mail-20260912-1")) as future:
        answer = future.result()["answer"]
    assert (answer["status"], answer["dkim_tokens"], endpoint.asked["PUT"]) == (200, [KEY["selector"]], 3)
    statuses = [call["status"] for call in custodian.drain() if call["operation"].startswith("PutEmail")]
    assert statuses == [429, 429, 200]


def shows(*selectors: str) -> Answer:
    """What SES answers of an identity."""
    origin = "EXTERNAL" if selectors else "AWS_SES"
    signing = {"Tokens": selectors, "Status": "PENDING", "SigningEnabled": True, "SigningAttributesOrigin": origin}
    return status(200, json.dumps({"IdentityType": "DOMAIN", "DkimAttributes": signing}).encode())


@contextmanager
def put_where_ses(
    endpoint: Loopback, custodian: Custodian, *shown: Answer, current: str = "mail-20260912-1"
) -> Iterator[Future[Any]]:
    """The write where ``current`` is to be replaced, and SES shows something by now."""
    described, objects = custodian.ask("key", **KEY).result(), endpoint.answers["GET"]
    endpoint.answers["GET"] = list(shown)
    request = {"name": "example.jp", "selector": KEY["selector"], "sha256": described["sha256"]}
    try:
        yield custodian.ask("put", **request, current=current)
    finally:
        endpoint.answers["GET"] = objects


@pytest.mark.parametrize(("shown", "puts"), [("mail-20260912-1", 2), ("hand-set-1", 1)])
def test_what_somebody_set_meanwhile_is_not_overwritten_by_a_further_try(
    shown: str, puts: int, endpoint: Loopback, custodian: Custodian
) -> None:
    endpoint.answers["PUT"] = [THROTTLED, TAKEN]
    with put_where_ses(endpoint, custodian, shows(shown)) as future:
        if puts == 1:
            with pytest.raises(Refused, match="ChangedMeanwhile"):
                future.result()
        else:
            assert future.result()["answer"]["status"] == 200
    assert endpoint.asked["PUT"] == puts


def test_a_write_that_was_taken_though_it_was_refused_as_one_too_many_is_not_made_again(
    endpoint: Loopback, custodian: Custodian
) -> None:
    endpoint.answers["PUT"] = [THROTTLED, TAKEN]
    with put_where_ses(endpoint, custodian, shows(KEY["selector"])) as future:
        error = future.result()["error"]
    assert (error["code"], error["status"], error["unclear"]) == ("TooManyRequestsException", 429, True)
    assert endpoint.asked["PUT"] == 1


def test_of_a_selector_that_stands_there_is_one_attempt(endpoint: Loopback, custodian: Custodian) -> None:
    """Whether SES took the refused call could not be read: the selector is the same before and after."""
    endpoint.answers["PUT"] = [THROTTLED, TAKEN]
    with put_where_ses(endpoint, custodian, shows(KEY["selector"]), current=KEY["selector"]) as future:
        error = future.result()["error"]
    assert (error["code"], error["status"], error["unclear"]) == ("TooManyRequestsException", 429, False)
    assert endpoint.asked["PUT"] == 1


@pytest.mark.parametrize(
    ("current", "shown", "taken", "good_s", "reads", "puts"),
    [
        ("mail-20260912-1", "mail-20260912-1", 4, 0.4, 1, 1),
        ("mail-20260912-1", "hand-set-1", 4, 0.4, 1, 0),
        ("mail-20260912-1", "mail-20261124-1", 4, 0.4, 1, 0),
        ("mail-20260912-1", "hand-set-1", 0, 60.0, 0, 1),
        ("mail-20260912-1", "hand-set-1", 0, -1.0, 1, 0),  # the machine slept since
        ("", "", 0, -1.0, 1, 1),
        ("", "hand-set-1", 0, -1.0, 1, 0),
        ("mail-20260912-1", "", 0, -1.0, 1, 0),  # Easy DKIM
    ],
)
def test_a_write_that_waited_long_for_its_turn_leaves_only_after_another_look(
    current: str, shown: str, taken: int, good_s: float, reads: int, puts: int, endpoint: Loopback
) -> None:
    """Others have taken so many turns before, at four a second."""
    endpoint.answers["PUT"] = [TAKEN]
    session, objects = Session(), endpoint.answers["GET"]
    try:
        identities.open(session, forms.settings(endpoint.url) | {"requests_per_second": 4})
        request = {"name": "example.jp", "selector": KEY["selector"], "sha256": keys.key(session, **KEY)["sha256"]}
        endpoint.asked.clear()
        endpoint.answers["GET"] = [shows(*filter(None, [shown]))]
        budget = session.clients._budget(session.clients.region)
        assert isinstance(budget, Budget)
        for _ in range(taken):
            budget._take(first=False)
        request |= {"current": current, "look": time.time() + good_s}
        if puts:
            assert identities.put(session, **request)["answer"]["status"] == 200
        else:
            with pytest.raises(DutyError, match="ChangedMeanwhile"):
                identities.put(session, **request)
    finally:
        endpoint.answers["GET"] = objects
        session.pool.shutdown()
    assert (endpoint.asked["GET"], endpoint.asked["PUT"]) == (reads, puts)


@pytest.mark.prove  # its pauses take 15 seconds
def test_a_write_that_is_one_call_too_many_for_good_is_given_up(endpoint: Loopback, custodian: Custodian) -> None:
    endpoint.answers["PUT"] = [THROTTLED]
    with put_where_ses(endpoint, custodian, shows("mail-20260912-1")) as future:
        error = future.result()["error"]
    assert (error["code"], error["status"], error["unclear"]) == ("TooManyRequestsException", 429, False)
    assert endpoint.asked["PUT"] == 5


@each(
    ("body", "http"),
    [
        *((body, 200) for body in (b"<html>sign in</html>", b"", b"{}", b'{"DkimStatus": ""}', b'{"DkimStatus": 5}')),
        *((body, 0) for body in (b"[1]", b'{"DkimStatus": "PENDING", "DkimTokens": 5}')),
    ],
)
def test_a_write_whose_answer_cannot_be_read_may_have_been_applied(
    body: bytes, http: int, endpoint: Loopback, custodian: Custodian
) -> None:
    endpoint.answers["PUT"] = [status(200, body)]
    endpoint.asked.clear()
    error = put(custodian)["error"]
    assert (error["code"], error["status"], error["message"], error["unclear"]) == ("UnreadableAnswer", http, "", True)
    assert endpoint.asked["PUT"] == 1


STS = b"<GetCallerIdentityResponse><GetCallerIdentityResult>%s</GetCallerIdentityResult></GetCallerIdentityResponse>"
SECRET = b'{"VersionId": "v", "SecretString": "{}"%s}'


@pytest.mark.parametrize(
    ("op", "operation", "method", "body"),
    [
        ({"op": "identity", "name": "example.jp"}, "GetEmailIdentity", "GET", b"[1]"),
        ({"op": "identity", "name": "example.jp"}, "GetEmailIdentity", "GET", b'{"IdentityType": 7}'),
        ({"op": "identity", "name": "example.jp"}, "GetEmailIdentity", "GET", b'{"DkimAttributes": {"Tokens": 5}}'),
        ({"op": "caller"}, "GetCallerIdentity", "POST", b"<html>sign in"),
        ({"op": "caller"}, "GetCallerIdentity", "POST", STS % b""),
        ({"op": "caller"}, "GetCallerIdentity", "POST", STS % b"<Account/><Arn/><UserId/>"),
        ({"op": "secret", "secret_id": "dkim"}, "GetSecretValue", "POST", b"{}"),
        ({"op": "secret", "secret_id": "dkim"}, "GetSecretValue", "POST", b"null"),
        ({"op": "secret", "secret_id": "dkim"}, "GetSecretValue", "POST", SECRET % b', "CreatedDate": 1.5'),
        (
            {"op": "secret", "secret_id": "dkim"},
            "GetSecretValue",
            "POST",
            SECRET % b', "VersionStages": ["AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"]',
        ),
        (
            {"op": "inbox", "bucket": "b-1", "prefix": ""},
            "ListObjectsV2",
            "GET",
            b"<_><Contents><Size>much</Size></Contents></_>",
        ),
        (
            {"op": "heads", "bucket": "b-1", "prefix": ""},
            "ListObjectVersions",
            "GET",
            b"<_><Version><Size>much</Size></Version></_>",
        ),
    ],
)
def test_a_read_answered_in_a_form_that_cannot_be_read_is_said_without_the_class_of_an_error(
    op: dict[str, Any], operation: str, method: str, body: bytes
) -> None:
    with (
        serving(**{method: [status(200, body)]}) as loopback,
        forms.opened(loopback.url) as custodian,
        pytest.raises(Refused) as caught,
    ):
        custodian.ask(**op).result()
    assert (caught.value.operation, caught.value.code, caught.value.message) == (operation, "UnreadableAnswer", "")


def test_what_ses_says_of_an_error_of_the_write_is_not_passed_on(endpoint: Loopback, custodian: Custodian) -> None:
    quoted = forms.bare(forms.PKCS8)[300:400]
    endpoint.answers["PUT"] = [
        status(400, b'{"message": "bad: ' + quoted + b'"}', x_amzn_ErrorType="BadRequestException")
    ]
    came = put(custodian)
    assert came["error"]["message"] == ""
    assert quoted.decode() not in str(came)


@pytest.mark.parametrize("answer", [reset, status(500), THROTTLED], ids=["reset", "500", "429"])
def test_a_read_is_tried_again(answer: Answer, endpoint: Loopback, custodian: Custodian) -> None:
    good = status(200, b'{"IdentityType": "DOMAIN", "DkimAttributes": {"Tokens": ["a"], "Status": "SUCCESS"}}')
    endpoint.answers["GET"] = [answer, good]
    seen = custodian.ask("identity", name="example.jp").result()
    assert (seen["selectors"], seen["status"]) == (["a"], "SUCCESS")
    assert endpoint.asked["GET"] == 2
    assert [(call["status"], call["retries"]) for call in custodian.drain()] == [(200, 1)]


@each(
    ("answer", "reason"),
    [
        (reset, "ConnectionClosedError"),
        (status(400, b'{"__type": "DisabledException"}'), "DisabledException"),
        (status(200, b'{"Signature": "AAAA"}'), "UnreadableAnswer"),
    ],
)
def test_a_key_in_kms_that_does_not_sign_is_told_with_the_reason(answer: Answer, reason: str) -> None:
    arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-4000-8000-000000000000"
    with serving(POST=[answer]) as loopback, forms.opened(loopback.url) as custodian, pytest.raises(Refused) as caught:
        custodian.ask("seal", statement="{}", key=arn).result()
    assert (caught.value.operation, caught.value.code, caught.value.message) == ("seal", "make.refused", reason)
