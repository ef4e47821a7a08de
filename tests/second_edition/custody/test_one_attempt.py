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
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from second_edition.aws.budget import Budget
from second_edition.custody import identities, keys
from second_edition.custody.client import Custodian, Refused
from second_edition.custody.operations import OPERATIONS
from second_edition.custody.refusal import DutyError
from second_edition.custody.session import Session
from second_edition.evidence.dsse import PAYLOAD, pae
from tests.second_edition.custody import forms
from tests.second_edition.custody.loopback import Loopback, closed, reset, serving, status
from tests.second_edition.custody.test_windows import b64
from tests.second_edition.each import each
from tests.second_edition.evidence.test_sealing_key import spki

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
            with pytest.raises(Refused, match="put: ChangedMeanwhile"):
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
            with pytest.raises(DutyError, match="put: ChangedMeanwhile"):
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
LABELS = b', "VersionStages": ["AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"]'
MUCH = b"<_><Contents><Size>much</Size></Contents><Version><Size>much</Size></Version></_>"
WHERE = {"bucket": "b-1", "domain": "example.jp"}
LOCK = {**WHERE, "account": "123456789012"}
OBJECT = {"bucket": "b-1", "key": "k"}
NAMED = {"secret_id": "dkim", "selector": "s"}
UPDATE = {"publisher": "rfc2136", "hosted_zone_id": "", "update_server": None, "tsig_secret_id": "tsig"}


@pytest.mark.parametrize(
    ("op", "asked", "operation", "body"),
    [
        ("identity", {"name": "example.jp"}, "GetEmailIdentity", b"[1]"),
        ("identity", {"name": "example.jp"}, "GetEmailIdentity", b'{"IdentityType": 7}'),
        ("identity", {"name": "example.jp"}, "GetEmailIdentity", b'{"DkimAttributes": {"Tokens": 5}}'),
        ("caller", {}, "GetCallerIdentity", b"<html>sign in"),
        ("caller", {}, "GetCallerIdentity", STS % b""),
        ("caller", {}, "GetCallerIdentity", STS % b"<Account/><Arn/><UserId/>"),
        ("page", {"following": ""}, "ListEmailIdentities", b"[1]"),
        ("batch", {"names": ["example.jp"]}, "GetIdentityDkimAttributes", b"[1]"),
        ("secret", {"secret_id": "dkim"}, "GetSecretValue", b"{}"),
        ("secret", {"secret_id": "dkim"}, "GetSecretValue", b"null"),
        ("secret", {"secret_id": "dkim"}, "GetSecretValue", SECRET % b', "CreatedDate": 1.5'),
        ("secret", {"secret_id": "dkim"}, "GetSecretValue", SECRET % LABELS),
        ("enterable", {**NAMED, **WHERE, "path": "k"}, "GetSecretValue", b"[1]"),
        ("zone_read", {"way": UPDATE, "name": "s._domainkey.example.jp"}, "GetSecretValue", b"[1]"),
        ("key", {**WHERE, "selector": "s", "path": "k"}, "GetObject", b"<_/>"),
        ("key", {**WHERE, "selector": "s", "path": ""}, "ListObjectsV2", MUCH),
        ("dated", {**WHERE, "selector": "s", "path": "k"}, "HeadObject", b"<_/>"),
        ("listed", {**WHERE, "layout": ""}, "ListObjectsV2", MUCH),
        ("versions", OBJECT, "ListObjectVersions", b"<_><Version/></_>"),
        ("inbox", {"bucket": "b-1", "prefix": ""}, "ListObjectsV2", MUCH),
        ("heads", {"bucket": "b-1", "prefix": ""}, "ListObjectVersions", MUCH),
        ("locked", LOCK, "GetObject", b"<_/>"),
        ("lock", {**LOCK, "body": "", "etag": ""}, "PutObject", b"<_/>"),
        ("keep", {**OBJECT, "path": "", "retain_until": ""}, "PutObject", b"<_/>"),
        ("keepable", {**OBJECT, "retain_until": ""}, "CreateMultipartUpload", b"<_/>"),
        ("post", {"sender": "a@example.jp", "recipient": "b@example.jp", "token": "t"}, "SendEmail", b"{}"),
    ],
)
def test_an_answer_in_a_form_that_cannot_be_read_is_said_without_the_class_of_an_error(
    op: str, asked: dict[str, Any], operation: str, body: bytes
) -> None:
    assert refused(op, asked, status(200, body)) == (operation, "UnreadableAnswer", "")


def told(op: str, asked: dict[str, Any], answer: Answer) -> Any:
    """What comes of an operation that AWS answers so, whatever it calls."""
    session = Session()
    with serving(GET=[answer], HEAD=[answer], POST=[answer], PUT=[answer]) as loopback:
        identities.open(session, forms.settings(loopback.url))
        try:
            return OPERATIONS[op](session, **asked)
        finally:
            session.pool.shutdown()


def refused(op: str, asked: dict[str, Any], answer: Answer) -> tuple[str, str, str]:
    with pytest.raises(DutyError) as caught:
        told(op, asked, answer)
    return caught.value.operation, caught.value.code, caught.value.message.partition(":")[0]


def test_a_write_that_could_not_see_what_stands_was_not_made() -> None:
    op, asked = "enter", {**NAMED, **WHERE, "value": "v", "path": "k", "base": "b", "version": "v"}
    denied = status(400, b'{"__type": "AccessDeniedException"}', x_amzn_RequestId="r")
    error = {"code": "AccessDeniedException", "message": "", "status": 400, "request_id": "r", "unclear": False}
    assert told(op, asked, denied) == {"error": {**error, "operation": "GetSecretValue"}}
    error |= {"code": "UnreadableAnswer", "status": 0, "request_id": ""}
    assert told(op, asked, status(200, b"[1]")) == {"error": error}


def test_a_refusal_without_a_code_and_a_connection_that_broke_off_are_told_as_such() -> None:
    assert refused("caller", {}, status(400, b"<_/>")) == ("GetCallerIdentity", "", "")
    closed_early = "Connection was closed before we received a valid response from endpoint URL"
    lock = {**LOCK, "body": "", "etag": ""}
    assert refused("lock", lock, reset) == ("PutObject", "ConnectionClosedError", closed_early)


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


ONE, ANOTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
BY_ANOTHER = ANOTHER.sign(pae(PAYLOAD, b"{}"), ec.ECDSA(SHA256()))
SIGNED_BY_ANOTHER = {"Signature": b64(BY_ANOTHER), "PublicKey": b64(spki(ONE))}


@each(
    ("answer", "reason"),
    [
        (reset, "ConnectionClosedError"),
        (status(400, b'{"__type": "DisabledException"}'), "DisabledException"),
        (status(200, b'{"Signature": "AAAA"}'), "UnreadableAnswer"),
        (status(200, json.dumps(SIGNED_BY_ANOTHER).encode()), "the signature does not verify"),
    ],
)
def test_a_key_in_kms_that_does_not_sign_is_told_with_the_reason(answer: Answer, reason: str) -> None:
    arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-4000-8000-000000000000"
    with serving(POST=[answer]) as loopback, forms.opened(loopback.url) as custodian, pytest.raises(Refused) as caught:
        custodian.ask("seal", statement="{}", key=arn).result()
    assert (caught.value.operation, caught.value.code, caught.value.message) == ("seal", "make.refused", reason)
