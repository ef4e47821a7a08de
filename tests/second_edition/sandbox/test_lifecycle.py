"""The same life cycle over real HTTP and real DNS, with the sandbox's clock moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from second_edition.sandbox.client import Sandbox
from tests.second_edition.sandbox.outside import DOMAIN, NEXT, dkim, put, stored_key

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def put_next(sandbox: Sandbox, aws: dict[str, Any], ses: Any) -> Callable[[], dict[str, Any]]:
    return lambda: put(ses, NEXT, stored_key(aws, sandbox.facts, NEXT))


def info(ses: Any) -> dict[str, Any]:
    found: dict[str, Any] = ses.get_email_identity(EmailIdentity=DOMAIN)["VerificationInfo"]
    return found


def test_verification_says_what_was_seen(sandbox: Sandbox, ses: Any, put_next: Callable[[], dict[str, Any]]) -> None:
    sandbox.unpublish()
    put_next()
    sandbox.advance(DAY)
    seen = info(ses)
    checked: datetime = seen["LastCheckedTimestamp"]
    assert abs(checked - sandbox.now()) < MINUTE
    assert seen["LastSuccessTimestamp"] < checked - DAY + MINUTE
    assert seen["ErrorType"] == "HOST_NOT_FOUND"
    assert seen["SOARecord"]["PrimaryNameServer"] == "ns1.example.jp."
    assert seen["SOARecord"]["SerialNumber"] == sandbox.state()["name_servers"][0]["serial"]
    sandbox.publish()
    sandbox.advance(DAY)
    seen = info(ses)
    assert seen["LastSuccessTimestamp"] == seen["LastCheckedTimestamp"] > checked
    assert "ErrorType" not in seen


@pytest.mark.parametrize(
    ("kind", "values", "error"),
    [
        ("A", ["192.0.2.1"], "TYPE_NOT_FOUND"),
        ("TXT", ["v=DKIM1; k=rsa; p=customerProvidedPublicKey"], "INVALID_VALUE"),
        ("TXT", ["v=DKIM1; k=rsa; p="], "INVALID_VALUE"),
        ("CNAME", ["elsewhere.example.com."], "TYPE_NOT_FOUND"),
    ],
)
def test_each_way_not_to_find_it_has_its_word(
    sandbox: Sandbox, ses: Any, put_next: Callable[[], dict[str, Any]], kind: str, values: list[str], error: str
) -> None:
    sandbox.unpublish()
    sandbox.set_record(f"{NEXT}._domainkey.{DOMAIN}", kind, values)
    put_next()
    sandbox.advance(MINUTE)
    assert (dkim(ses)["Status"], info(ses)["ErrorType"]) == ("PENDING", error)


def test_signing_switched_off_stays_off_over_a_put(ses: Any, put_next: Callable[[], dict[str, Any]]) -> None:
    ses.put_email_identity_dkim_attributes(EmailIdentity=DOMAIN, SigningEnabled=False)
    put_next()
    assert dkim(ses)["SigningEnabled"] is False
