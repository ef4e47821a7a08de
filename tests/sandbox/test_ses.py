"""SES's DKIM states and refusals, as boto3 sees them."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.serialization import PrivateFormat

from byodkim.sandbox.world import World, control
from tests.aws.keys import bare, elliptic, pem
from tests.sandbox.tools import (
    CURRENT,
    NEW,
    client,
    entries,
    eventually,
    for_ses,
    identity,
    key_name,
    put,
    status,
    stored_pem,
)


def withdraw(world: World, selector: str) -> None:
    control(world, "dns", name=key_name(world, selector), texts=[])


def publish(world: World, selector: str) -> None:
    record = entries(world)[selector]["dns_record"]["value"]
    control(world, "dns", name=key_name(world, selector), texts=[record])


def test_the_identity_at_the_start(shared):
    answer = identity(shared)
    assert answer["DkimAttributes"] == {
        "SigningEnabled": True,
        "Status": "SUCCESS",
        "Tokens": [CURRENT],
        "SigningAttributesOrigin": "EXTERNAL",
    }
    assert (answer["IdentityType"], answer["VerificationStatus"]) == ("DOMAIN", "SUCCESS")
    assert answer["VerifiedForSendingStatus"]
    assert answer["FeedbackForwardingStatus"]
    last_success = answer["VerificationInfo"]["LastSuccessTimestamp"]
    assert datetime.now(UTC) - last_success < timedelta(minutes=1)


def test_put_then_pending_then_success(world):
    control(world, "ses", verify_after_s=60)
    answer = put(world)
    assert (answer["DkimStatus"], answer["DkimTokens"]) == ("NOT_STARTED", [NEW])
    assert status(world) == "PENDING"
    control(world, "ses", advance_h=0.02)
    assert status(world) == "SUCCESS"


def test_a_missing_record_fails_after_72_hours(world):
    withdraw(world, NEW)
    put(world)
    control(world, "ses", advance_h=71.9)
    assert identity(world)["VerificationInfo"]["ErrorType"] == "HOST_NOT_FOUND"
    assert status(world) == "PENDING"
    assert identity(world)["VerifiedForSendingStatus"]
    control(world, "ses", advance_h=0.2)
    answer = identity(world)
    assert answer["DkimAttributes"]["Status"] == answer["VerificationStatus"] == "FAILED"
    assert not answer["VerifiedForSendingStatus"]
    publish(world, NEW)
    control(world, "ses", advance_h=2)
    assert status(world) == "FAILED"
    put(world)
    eventually(lambda: status(world) == "SUCCESS")


def test_a_lost_record_is_a_temporary_failure_at_first(world):
    withdraw(world, CURRENT)
    control(world, "ses", advance_h=2)
    assert status(world) == "TEMPORARY_FAILURE"
    publish(world, CURRENT)
    eventually(lambda: status(world) == "SUCCESS")
    withdraw(world, CURRENT)
    control(world, "ses", advance_h=72)
    assert status(world) == "TEMPORARY_FAILURE"
    control(world, "ses", advance_h=2)
    assert status(world) == "FAILED"


@pytest.mark.parametrize("fault", ["servfail", "silent", "lame", "truncated"])
def test_servers_without_an_answer_are_a_dns_error(world, fault):
    control(world, "dns", servers=["ns1", "ns2", "ns3"], fault=fault)
    put(world)
    control(world, "ses", advance_h=1)
    assert identity(world)["VerificationInfo"]["ErrorType"] == "DNS_SERVER_ERROR"
    control(world, "dns", servers=["ns3"], fault="")
    eventually(lambda: status(world) == "SUCCESS")


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_both_forms_of_the_key_verify(world, form):
    put(world, key=for_ses(stored_pem(world, NEW), form))
    eventually(lambda: status(world) == "SUCCESS")


UNUSABLE: dict[str, Callable[[bytes], str]] = {
    "another key": lambda _pem: bare(pem()),
    "base64 of the PEM file": lambda pem: base64.b64encode(pem).decode(),
    "cut short": lambda pem: bare(pem)[:800],
    "an elliptic curve": lambda _pem: bare(elliptic()),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_other_base64_is_taken_and_never_verifies(world, kind):
    key = UNUSABLE[kind](stored_pem(world, NEW))
    assert put(world, key=key)["DkimStatus"] == "NOT_STARTED"
    control(world, "ses", advance_h=1)
    assert status(world) == "PENDING"
    assert identity(world)["VerificationInfo"]["ErrorType"] == "INVALID_VALUE"


@pytest.mark.parametrize("selector", ["-a", "a-", "a_b", "a.b", "x" * 64, "あ"])
def test_a_selector_that_ses_refuses(shared, selector):
    before = identity(shared)["DkimAttributes"]
    with pytest.raises(ClientError, match="BadRequestException"):
        put(shared, selector, key="AAAA")
    assert identity(shared)["DkimAttributes"] == before


@pytest.mark.parametrize("key", ["AA AA", "AAAA\n", "-----BEGIN", "A" * 20481, "===="])
def test_a_key_that_ses_refuses(shared, key):
    with pytest.raises(ClientError, match="BadRequestException") as refused:
        put(shared, key=key)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert key.strip() not in str(refused.value)


def test_signing_is_switched_off_and_stays_off_with_a_put(world):
    ses = client(world, "sesv2")
    ses.put_email_identity_dkim_attributes(EmailIdentity=world.domain, SigningEnabled=False)
    assert not identity(world)["DkimAttributes"]["SigningEnabled"]
    put(world)
    assert not identity(world)["DkimAttributes"]["SigningEnabled"]
    ses.put_email_identity_dkim_attributes(EmailIdentity=world.domain, SigningEnabled=True)
    assert identity(world)["DkimAttributes"]["SigningEnabled"]


def test_easy_dkim_waits_for_its_own_records(world):
    control(world, "identity", domain=world.domain, origin="AWS_SES")
    control(world, "ses", advance_h=1)
    shown = identity(world)["DkimAttributes"]
    assert (shown["SigningAttributesOrigin"], shown["Status"]) == ("AWS_SES", "PENDING")
    assert len(shown["Tokens"]) == 3


def test_the_first_api_shows_100_identities_a_call(world):
    ses = client(world, "ses")
    control(world, "ses", verify_after_s=60)
    put(world)
    names = [world.domain, "sub.example.jp", *(f"x{number}.jp" for number in range(99))]
    shown = ses.get_identity_dkim_attributes(Identities=names[:100])["DkimAttributes"]
    statuses = [shown[name]["DkimVerificationStatus"] for name in names[:3]]
    assert statuses == ["Pending", "Success", "NotStarted"]
    assert shown[world.domain]["DkimTokens"] == [NEW]
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        ses.get_identity_dkim_attributes(Identities=names)


def test_the_pace_is_one_call_a_second_in_each_region(world):
    control(world, "ses", calls_per_second=1)
    identity(world)
    with pytest.raises(ClientError, match="TooManyRequestsException") as refused:
        identity(world)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    with pytest.raises(ClientError, match="Throttling"):
        client(world, "ses").get_identity_dkim_attributes(Identities=[world.domain])
    client(world, "sesv2", "us-west-2").list_email_identities()
    client(world, "sts").get_caller_identity()

    def is_admitted():
        try:
            return bool(identity(world))
        except ClientError:
            return False

    eventually(is_admitted)


def test_the_clock_moves_the_date_header(world):
    before = datetime.now(UTC) + timedelta(seconds=control(world, "world")["clock_offset_s"])
    control(world, "ses", advance_h=100)
    headers = identity(world)["ResponseMetadata"]["HTTPHeaders"]
    shown = datetime.strptime(headers["date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert abs(shown - before - timedelta(hours=100)) < timedelta(minutes=1)
