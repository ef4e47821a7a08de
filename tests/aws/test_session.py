"""Pacing, the log of calls, and which calls are tried again, over real HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, HTTPClientError

from byodkim.aws import identity
from byodkim.aws.budget import Pace
from byodkim.aws.session import WRITE, Clients, Settings
from tests.aws.test_budget import Clock
from tests.custody.loopback import Loopback, closed, reset, serving, status
from tests.each import each

GOOD = b'{"IdentityType": "DOMAIN", "DkimAttributes": {"Tokens": ["a"], "Status": "PENDING", "SigningEnabled": true}}'
PUT = b'{"DkimStatus": "NOT_STARTED", "DkimTokens": ["b"]}'


def test_calls_are_kept_apart() -> None:
    clock = Clock()
    pace = Pace(2.0, clock, clock.sleep)
    for _ in range(3):
        pace.wait()
    assert (clock.slept, clock.now) == ([0.5, 0.5], 1001.0)
    clock.now += 0.2
    pace.wait()
    assert clock.slept == [0.5, 0.5, 0.3]
    clock.now += 60
    pace.wait()
    pace.wait()
    assert clock.slept == [0.5, 0.5, 0.3, 0.5]  # time that was not used is not saved up


@pytest.fixture
def endpoint() -> Iterator[Loopback]:
    with serving(GET=[status(200, GOOD, x_amzn_RequestId="6b2f")], PUT=[status(200, PUT)]) as loopback:
        yield loopback


def clients(endpoint: Loopback, **changes: Any) -> Clients:
    unpaced = {"requests_per_second": 0} | changes
    return Clients(Settings(region="ap-northeast-1", endpoint_url=endpoint.url, sandbox=True, **unpaced))


def test_a_call_is_logged_with_what_identifies_it_and_its_answer(endpoint: Loopback) -> None:
    made = clients(endpoint)
    before = datetime.now(UTC).replace(microsecond=0)
    seen = identity.read_identity(made.get("sesv2"), "example.jp")
    assert (seen.selectors, seen.status, seen.signing_enabled) == (("a",), "PENDING", True)
    (call,) = made.log.drain()
    assert {name: call[name] for name in ("service", "operation", "request_id", "status", "retries")} == {
        "service": "sesv2", "operation": "GetEmailIdentity", "request_id": "6b2f", "status": 200, "retries": 0,
    }  # fmt: skip
    assert before <= datetime.fromisoformat(call["at"]) <= datetime.now(UTC)
    assert isinstance(call["ms"], int)
    assert set(call) == {"at", "service", "operation", "request_id", "status", "ms", "retries", "raw"}
    assert call["raw"] == {"body": GOOD.decode()}
    assert made.log.drain() == []


def test_a_call_that_fails_is_logged_too(endpoint: Loopback) -> None:
    made = clients(endpoint)
    endpoint.answers["GET"] = [status(404, b"{}", x_amzn_ErrorType="NotFoundException", x_amzn_RequestId="77aa")]
    with pytest.raises(ClientError):
        identity.read_identity(made.get("sesv2"), "example.jp")
    endpoint.answers["PUT"] = [closed]
    with pytest.raises(HTTPClientError):
        identity.put_signing_attributes(made.get("sesv2", WRITE), "example.jp", "b", "a2V5")
    first, second = made.log.drain()
    assert (first["status"], first["request_id"]) == (404, "77aa")
    assert (second["status"], second["request_id"], second["failure"]) == (0, "", "ConnectionClosedError")
    assert second["operation"] == "PutEmailIdentityDkimSigningAttributes"
    assert "a2V5" not in str((first, second))


@pytest.mark.parametrize("ahead", [-400, 0, 400])
@pytest.mark.parametrize("shifted", [0.0, 72 * 3600.0])
def test_the_clocks_difference_is_taken_from_the_date_of_the_answer(
    ahead: int, shifted: float, endpoint: Loopback
) -> None:
    made = clients(endpoint, clock_offset_s=shifted)
    assert made.log.skew_s is None

    def answer(handler: Any) -> None:
        theirs = datetime.now(UTC) + timedelta(seconds=shifted - ahead)
        handler.date_time_string = lambda: format_datetime(theirs.replace(microsecond=0), usegmt=True)
        status(200, GOOD)(handler)

    endpoint.answers["GET"] = [answer]
    identity.read_identity(made.get("sesv2"), "example.jp")
    assert made.log.skew_s is not None
    assert ahead <= made.log.skew_s < ahead + 30


@each(
    ("dates", "read"),
    [
        (("Sat, 28 Nov 2026 03:00:00 GMT", "Sat, 28 Nov 2026 03:00:01 GMT"), True),
        (("Sat, never", "Sat, 28 Nov 2026 03:00:00 GMT"), True),
        (("never",), False),
    ],
)
def test_a_date_that_is_doubled_or_none_is_no_reason_to_fail(
    dates: tuple[str, ...], read: bool, endpoint: Loopback
) -> None:
    made = clients(endpoint)

    def answer(handler: Any) -> None:
        handler.date_time_string = lambda: ", ".join(dates)
        status(200, GOOD)(handler)

    endpoint.answers["GET"] = [answer]
    identity.read_identity(made.get("sesv2"), "example.jp")
    expected = (datetime.now(UTC) - datetime(2026, 11, 28, 3, tzinfo=UTC)).total_seconds()
    assert (made.log.skew_s is not None) is read
    assert made.log.skew_s is None or abs(made.log.skew_s - expected) < 30


def test_reads_are_tried_again_and_writes_are_not(monkeypatch: pytest.MonkeyPatch, endpoint: Loopback) -> None:
    made = clients(endpoint)
    monkeypatch.setattr(time, "sleep", lambda _: None)  # botocore's pauses between attempts
    endpoint.answers["GET"] = [status(500), reset, status(500), status(200, GOOD)]
    identity.read_identity(made.get("sesv2"), "example.jp")
    assert endpoint.asked["GET"] == 4
    endpoint.answers["GET"] = [status(500)]
    with pytest.raises(ClientError):
        identity.read_identity(made.get("sesv2"), "example.jp")
    assert endpoint.asked["GET"] == 8  # and not without end
    endpoint.answers["PUT"] = [status(500), status(200, PUT)]
    with pytest.raises(ClientError):
        identity.put_signing_attributes(made.get("sesv2", WRITE), "example.jp", "b", "a2V5")
    assert endpoint.asked["PUT"] == 1
    assert [call["retries"] for call in made.log.drain()] == [3, 3, 0]


def test_the_sandbox_is_never_signed_in_to_with_real_credentials(
    monkeypatch: pytest.MonkeyPatch, endpoint: Loopback
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    credentials = clients(endpoint)._session.get_credentials().get_frozen_credentials()
    assert (credentials.access_key, credentials.secret_key, credentials.token) == ("sandbox", "sandbox", None)


@pytest.mark.parametrize("key", [b"a2V5", None, 7])
def test_a_key_that_is_no_text_never_reaches_botocore_which_would_print_it(key: Any, endpoint: Loopback) -> None:
    with pytest.raises(TypeError, match=r"^the private key must be text$"):
        identity.put_signing_attributes(clients(endpoint).get("sesv2", WRITE), "example.jp", "b", key)
    assert endpoint.asked["PUT"] == 0


def test_calls_that_come_at_once_are_each_given_their_own_moment() -> None:
    clock, waited = Clock(), []  # type: ignore[var-annotated]
    pace = Pace(1.0, clock, waited.append)  # all look at the clock before any of them has slept
    for _ in range(4):
        pace.wait()
    assert waited == [1.0, 2.0, 3.0]


def test_an_identity_of_which_ses_says_little_has_empty_fields(endpoint: Loopback) -> None:
    endpoint.answers["GET"] = [status(200, b'{"DkimAttributes": {"SigningAttributesOrigin": "EXTERNAL"}}')]
    seen = identity.read_identity(clients(endpoint).get("sesv2"), "example.jp")
    assert (seen.selectors, seen.selector, seen.status, seen.signing_enabled) == ((), "", "", None)


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>sign in</html>", b'{"DkimAttributes": null}'])
def test_an_answer_without_the_attributes_of_dkim_is_none_of_ses(endpoint: Loopback, body: bytes) -> None:
    endpoint.answers["GET"] = [status(200, body)]
    with pytest.raises(ValueError, match="DkimAttributes"):
        identity.read_identity(clients(endpoint).get("sesv2"), "example.jp")
