"""The write is made once, unless it was one call too many; reads are tried again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from byodkim.custody.client import Custodian, Refused
from tests.custody import forms
from tests.custody.loopback import Loopback, closed, reset, serving, status

KEY = {"selector": "mail-20261124-1", "path": "key.pem", "bucket": "keys", "domain": "example.jp"}
THROTTLED = status(429, b'{"message": "Rate exceeded"}', x_amzn_ErrorType="TooManyRequestsException")
Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture(scope="module")
def opened() -> Iterator[tuple[Loopback, Custodian]]:
    """S3 that has the key, SES that answers as each test says, and a custodian opened for both."""
    object_ = status(200, forms.pem(forms.PKCS8), Last_Modified="Tue, 10 Nov 2026 02:00:11 GMT")
    with serving(GET=[object_], HEAD=[object_], PUT=[closed]) as loopback:
        custodian = Custodian()
        custodian.ask("open", settings=forms.settings(loopback.url)).result()
        custodian.ask("key", **KEY).result()
        yield loopback, custodian
        custodian.close()


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
    assert endpoint.asked["PUT"] == 1
    assert (error["code"], error["status"], error["unclear"]) == (code, http, unclear)
    (call,) = (call for call in custodian.drain() if call["operation"] == "PutEmailIdentityDkimSigningAttributes")
    assert (call["status"], call["retries"]) == (http, 0)
    assert ("failure" in call) is (http == 0)


def test_a_write_that_was_one_call_too_many_is_made_again(endpoint: Loopback, custodian: Custodian) -> None:
    taken = status(200, b'{"DkimStatus": "NOT_STARTED", "DkimTokens": ["mail-20261124-1"]}')
    endpoint.answers["PUT"] = [THROTTLED, THROTTLED, taken]
    answer = put(custodian)["answer"]
    assert (answer["status"], answer["dkim_tokens"], endpoint.asked["PUT"]) == (200, [KEY["selector"]], 3)
    statuses = [call["status"] for call in custodian.drain() if call["operation"].startswith("PutEmail")]
    assert statuses == [429, 429, 200]


def test_a_write_that_is_one_call_too_many_for_good_is_given_up(endpoint: Loopback, custodian: Custodian) -> None:
    endpoint.answers["PUT"] = [THROTTLED]
    error = put(custodian)["error"]
    assert (error["code"], error["status"], error["unclear"]) == ("TooManyRequestsException", 429, False)
    assert endpoint.asked["PUT"] == 5


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b"", b"{}", b'{"DkimStatus": ""}'])
def test_an_answer_that_does_not_tell_the_status_is_unclear(
    body: bytes, endpoint: Loopback, custodian: Custodian
) -> None:
    endpoint.answers["PUT"] = [status(200, body)]
    error = put(custodian)["error"]
    assert (error["code"], error["status"], error["unclear"]) == ("UnreadableAnswer", 200, True)
    assert endpoint.asked["PUT"] == 1


def test_an_answer_of_the_wrong_type_is_an_error_of_which_only_the_type_is_told(
    endpoint: Loopback, custodian: Custodian
) -> None:
    endpoint.answers["PUT"] = [status(200, b"[1]")]
    with pytest.raises(Refused) as caught:
        put(custodian)
    assert (caught.value.operation, caught.value.message) == ("put", "")
    assert caught.value.code
    assert endpoint.asked["PUT"] == 1


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
