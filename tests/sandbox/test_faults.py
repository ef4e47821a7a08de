"""Faults of AWS calls: errors, delays, cut connections, writes that land late."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from msgspec.structs import replace

from byodkim.errors import InputError
from byodkim.sandbox.world import World, control
from tests.sandbox.tools import (
    CURRENT,
    NEW,
    PUT,
    client,
    eventually,
    for_ses,
    identity,
    put,
    stored_pem,
)


@pytest.fixture(autouse=True)
def faultless_end(shared):
    yield
    for operation in (PUT, "GetEmailIdentity", "GetSecretValue", "GetObject", "*"):
        control(shared, "fault", operation=operation, times=0)


CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "GetEmailIdentity": ("sesv2", "get_email_identity", {"EmailIdentity": "example.jp"}),
    "GetIdentityDkimAttributes": ("ses", "get_identity_dkim_attributes", {"Identities": ["a.jp"]}),
    "GetSecretValue": ("secretsmanager", "get_secret_value", {"SecretId": "byodkim/example.jp"}),
    "GetObject": ("s3", "get_object", {"Bucket": "example-jp-dkim-keys", "Key": "k"}),
    "GetCallerIdentity": ("sts", "get_caller_identity", {}),
    "ListHostedZones": ("route53", "list_hosted_zones", {}),
}


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    ("code", "http_status"),
    [("AccessDenied", 403), ("ExpiredToken", 400), ("Slow", 429), ("InternalFailure", 500)],
)
def test_each_protocol_answers_an_error_once(shared, operation, code, http_status):
    service, method, arguments = CALLS[operation]
    control(shared, "fault", operation=operation, code=code, status=http_status, times=1)
    call = getattr(client(shared, service), method)
    with pytest.raises(ClientError) as failed:
        call(**arguments)
    assert failed.value.response["Error"]["Code"] == code
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == http_status
    last = control(shared, "calls")[-1]
    assert (last["operation"], last["status"]) == (operation, http_status)
    if operation != "GetObject":
        assert call(**arguments)


def test_a_fault_of_every_operation(shared):
    control(shared, "fault", operation="*", code="ExpiredToken", times=2)
    with pytest.raises(ClientError, match="ExpiredToken"):
        identity(shared)
    with pytest.raises(ClientError, match="ExpiredToken"):
        client(shared, "sts").get_caller_identity()
    assert identity(shared)


def test_a_fault_of_one_identity(shared):
    fault = {"operation": "*", "identity": shared.domain, "code": "AccessDenied", "times": 1}
    control(shared, "fault", **fault)
    assert stored_pem(replace(shared, domain="sub.example.jp"), NEW)
    with pytest.raises(ClientError, match="AccessDenied"):
        stored_pem(shared, NEW)


@pytest.mark.parametrize(("cut", "selector"), [("before", CURRENT), ("after", NEW)])
def test_a_connection_is_cut(world, cut, selector):
    key = for_ses(stored_pem(world, NEW))
    control(world, "forget")
    control(world, "fault", operation=PUT, cut=cut, times=1)
    with pytest.raises(ConnectionClosedError):
        put(world, key=key)
    assert identity(world)["DkimAttributes"]["Tokens"] == [selector]
    calls = [(call["operation"], call["status"]) for call in control(world, "calls")]
    assert calls == [(PUT, 0), ("GetEmailIdentity", 200)]


def test_a_write_lands_late(world):
    control(world, "fault", operation=PUT, cut="before", late_s=0.5, times=1)
    with pytest.raises(ConnectionClosedError):
        put(world)
    assert identity(world)["DkimAttributes"]["Tokens"] == [CURRENT]
    eventually(lambda: identity(world)["DkimAttributes"]["Tokens"] == [NEW])


HASTY = """
import sys
sys.setswitchinterval(1e-6)
from byodkim.sandbox.control import main
main("{}")
"""


def test_of_conditional_writers_at_once_one_wins():
    """Threads change places as often as Python can, so that look and write would come apart."""
    child = subprocess.Popen(
        [sys.executable, "-c", HASTY], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    world = msgspec.json.decode(child.stdout.readline(), type=World)
    s3 = client(world, "s3")

    def write(number):
        where = {"Bucket": world.key_bucket, "Key": f"lock-{number // 12}"}
        try:
            s3.put_object(**where, Body=b"%d" % number, IfNoneMatch="*")
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        winners = sum(pool.map(write, range(120)))
    child.communicate()
    assert winners == 10


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("fault", {"operation": PUT, "cutt": "after"}),
        ("fault", {}),
        ("dns", {"servers": ["ns9"], "fault": "silent"}),
        ("dns", {"fault": "gone"}),
        ("dns", {"name": "x.example.jp", "texts": ["あ"]}),
        ("ses", {"advance_h": -1}),
        ("identity", {"domain": "none.jp", "signing_enabled": False}),
        ("nothing", {}),
    ],
)
def test_the_control_interface_refuses(shared, path, body):
    with pytest.raises(InputError, match="refuses"):
        control(shared, path, **body)
