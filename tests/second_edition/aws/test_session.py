"""Pacing, the log of calls, and which calls are tried again, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, CredentialRetrievalError, HTTPClientError
from botocore.loaders import Loader

from second_edition.aws import identity
from second_edition.aws.budget import Pace
from second_edition.aws.hosts import SIGN_IN, Apart, Elsewhere, NoAddress, Unencrypted, Unsent, UserPart
from second_edition.aws.session import WRITE, Clients, Settings
from second_edition.rotation.checks.case import UNSENT
from tests.second_edition.aws.test_budget import Clock
from tests.second_edition.custody.loopback import Loopback, closed, serving, status
from tests.second_edition.each import each

GOOD = b'{"IdentityType": "DOMAIN", "DkimAttributes": {"Tokens": ["a"], "Status": "PENDING", "SigningEnabled": true}}'
ROLE = b"""<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey>
<SessionToken>c</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""
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


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>sign in</html>", b'{"DkimAttributes": null}'])
def test_an_answer_without_the_attributes_of_dkim_is_none_of_ses(endpoint: Loopback, body: bytes) -> None:
    endpoint.answers["GET"] = [status(200, body)]
    with pytest.raises(ValueError, match="DkimAttributes"):
        identity.read_identity(clients(endpoint).get("sesv2"), "example.jp")


class Asked(Exception):
    """A request was about to leave."""


def _stop(**_: object) -> None:
    raise Asked


@each(
    ("endpoints", "asked"),
    [
        ({}, True),
        ({"STS": "https://sts.eu-west-1.amazonaws.com"}, True),
        ({"STS": "https://vpce-0a1b-2c3d.sts.ap-northeast-1.vpce.amazonaws.com"}, True),
        ({"SESV2": "https://ses.example.jp", "STS": "https://ses.example.jp:8443"}, True),
        ({"SESV2": "http://127.0.0.1:4566", "STS": "http://127.0.0.1:4567"}, True),
        ({"STS": "http://127.0.0.1:4566"}, False),
        ({"STS": "https://sts.example.jp"}, False),
        ({"STS": "https://sts.amazonaws.com.example.jp"}, False),
        ({"STS": r"https://sts.example.jp\@sts.us-east-1.amazonaws.com"}, False),
        ({"STS": "https://vpce-0a1b.sts-fips.us-east-1.vpce.amazonaws.com"}, True),
        ({"SESV2": "https://ses.example.jp", "STS": "https://sts.example.jp"}, False),
    ],
)
def test_the_account_is_told_by_aws_or_where_ses_is(endpoints: dict[str, str], asked: bool) -> None:
    """Else one variable makes the account of other credentials the one that the profile names."""
    with pytest.MonkeyPatch.context() as patched:
        for service, url in endpoints.items():
            patched.setenv(f"AWS_ENDPOINT_URL_{service}", url)
        clients = Clients(Settings(region="ap-northeast-1", sandbox=True))
        clients.get("sts").meta.events.register_last("before-send", _stop)
        with pytest.raises(Asked if asked else Apart):
            clients.caller()


@each(
    ("endpoints", "refusal"),
    [
        ({"AWS_ENDPOINT_URL_STS": "http://192.0.2.1"}, Unencrypted),
        ({"AWS_ENDPOINT_URL_STS": "https://sts.example.jp"}, Apart),
        ({"AWS_ENDPOINT_URL_STS": "HERE"}, Apart),
        ({"AWS_ENDPOINT_URL": "HERE"}, None),
        ({"AWS_ENDPOINT_URL": "HERE", "HTTP_PROXY": "http://192.0.2.1:3128"}, None),
        ({"AWS_ENDPOINT_URL": "HERE", "http_proxy": "http://192.0.2.1:3128"}, None),
    ],
)
def test_a_token_that_stands_for_a_role_goes_where_the_account_is_told(
    endpoints: dict[str, str], refusal: type[Exception] | None
) -> None:
    """botocore exchanges it by a client of its own, whichever call comes first."""
    with serving(POST=[status(200, ROLE)]) as here, pytest.MonkeyPatch.context() as patched:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "NO_PROXY", "no_proxy"):
            patched.delenv(name, raising=False)
        patched.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/rotator")
        patched.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", __file__)
        for name, url in endpoints.items():
            patched.setenv(name, url.replace("HERE", here.url))
        secrets = Clients(Settings(region="ap-northeast-1")).get("secretsmanager")
        secrets.meta.events.register_last("before-send", _stop)
        with pytest.raises(refusal or Asked):
            secrets.get_secret_value(SecretId="byodkim/example.jp")
        assert here.asked["POST"] == (refusal is None)


def test_the_machine_s_own_credentials_pass_no_proxy() -> None:
    """Its metadata service is asked without TLS: who stands in between has the role."""
    keys = {
        "Code": "Success",
        "AccessKeyId": "a",
        "SecretAccessKey": "b",
        "Token": "c",
        "Expiration": "2099-01-01T00:00:00Z",
    }
    answers = {"PUT": [status(200, b"token")], "GET": [status(200, b"role"), status(200, json.dumps(keys).encode())]}
    with serving(**answers) as machine, serving() as proxy, pytest.MonkeyPatch.context() as patched:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_EC2_METADATA_DISABLED"):
            patched.delenv(name, raising=False)
        patched.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", machine.url)
        patched.setenv("HTTP_PROXY", proxy.url)
        secrets = Clients(Settings(region="ap-northeast-1")).get("secretsmanager")
        secrets.meta.events.register_last("before-send", _stop)
        with pytest.raises(Asked):
            secrets.get_secret_value(SecretId="byodkim/example.jp")
        assert (machine.asked["PUT"], machine.asked["GET"], dict(proxy.asked)) == (1, 2, {})


@each(
    ("place", "fits"),
    [
        ("http://169.254.170.23/v1/credentials", True),
        ("http://[fd00:ec2::23]/v1/credentials", True),
        ("http://127.0.0.1:1338/latest", True),
        (r"http://192.0.2.1:8080\@127.0.0.1/v1/credentials", False),
        ("https://credentials.example.jp/", False),
        ("http://[::1", False),
    ],
)
def test_a_container_s_token_goes_to_this_machine_or_to_aws_s_address_for_it(place: str, fits: bool) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", place)
        with nullcontext() if fits else pytest.raises(Elsewhere, match="AWS_CONTAINER_CREDENTIALS_FULL_URI names"):
            Clients(Settings(region="ap-northeast-1"))
        Clients(Settings(region="ap-northeast-1", sandbox=True))  # whose credentials are fixed


def test_a_program_that_gives_no_credentials_is_not_taken_for_an_endpoint(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\ncredential_process = echo Session expired\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("AWS_ACCESS_KEY_ID", raising=False)
        patched.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        with pytest.raises(CredentialRetrievalError) as caught:
            Clients(Settings(region="ap-northeast-1")).get("sts")
    assert "Session" not in str(caught.value)


def test_sts_may_be_asked_by_a_vpc_endpoint_in_every_partition() -> None:
    partitions = Loader().load_data("partitions")["partitions"]
    hosts = [f"vpce-0a-1b.sts.us-x-1.vpce.{one['outputs']['dnsSuffix']}" for one in partitions]
    assert len(hosts) >= 8
    assert [host for host in hosts if not SIGN_IN["sts"].fullmatch(host)] == []


@each("region", ["us-gov-west-1", "cn-north-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1"])
def test_where_nothing_names_an_endpoint_botocore_s_own_of_any_partition_tells_the_account(region: str) -> None:
    for variable in ("", "AWS_USE_FIPS_ENDPOINT"):
        with pytest.MonkeyPatch.context() as patched:
            if variable:
                patched.setenv(variable, "true")
            clients = Clients(Settings(region=region, sandbox=True))
            clients.get("sts").meta.events.register_last("before-send", _stop)
            with pytest.raises(Asked):
                clients.caller()


def test_an_endpoint_with_a_password_is_refused_before_a_record_could_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", "https://operator:word@ses.example.jp")
    with pytest.raises(UserPart, match=r"the endpoint at ses\.example\.jp is given with a user name") as caught:
        Clients(Settings(region="ap-northeast-1", sandbox=True)).get("sesv2")
    assert "word@" not in str(caught.value)


@each("endpoint", ["https://operator:word@ses_gw.example.jp:99999", "https://[::1", "https://ses gw.example.jp"])
def test_an_endpoint_that_is_no_address_is_refused_by_its_service(endpoint: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL_SESV2", endpoint)
        with pytest.raises(NoAddress) as caught:
            Clients(Settings(region="ap-northeast-1", sandbox=True)).get("sesv2")
    assert str(caught.value) == "the endpoint given for sesv2 is no address"


def test_what_was_not_sent_is_told_so_whatever_was_to_be_read() -> None:
    assert {one.__name__ for one in Unsent.__subclasses__()} == UNSENT | {"TooLate"}  # which only writes can be
