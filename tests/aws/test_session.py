"""How AWS is reached: which endpoint, profile and credentials count, and at which pace."""

import ssl
import time
from pathlib import Path
from typing import Any

import pytest

from byodkim.checks.world import Caller, Unread
from byodkim.custody.client import Custodian
from byodkim.custody.settings import (
    AwsSettings,
    GetCaller,
    GetIdentity,
    GetKey,
    PutAnswer,
    PutSigningKey,
)
from tests.aws.conftest import PLACE
from tests.aws.fake_aws import PUT, FakeAws
from tests.aws.keys import openssl, pem

REGION = "ap-northeast-1"
STATIC = "aws_access_key_id = a\naws_secret_access_key = b\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An AWS configuration of one's own, with a profile ``static``."""
    config = tmp_path / "config"
    config.write_text(f"[profile static]\n{STATIC}")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    return config


def caller(settings: AwsSettings) -> Any:
    with Custodian(settings) as custodian:
        return custodian.ask(GetCaller()).result()


def test_clock(aws, custodian):
    answer = custodian.ask(GetCaller()).result()
    assert answer.account == "123456789012"
    assert 0 <= answer.clock_ahead_s < 3
    ahead = caller(aws.settings(clock_offset_s=600.0))
    assert 600 <= ahead.clock_ahead_s < 603


@pytest.mark.usefixtures("home")
def test_profiles(aws):
    reached = aws.settings(sandbox=False, aws_profile="static")
    assert isinstance(caller(reached), Caller)
    assert caller(aws.settings(sandbox=False)) == Unread("NoCredentials")
    missing = aws.settings(sandbox=False, aws_profile="mail")
    assert caller(missing) == Unread("ProfileNotFound", "mail")


def test_credentials_that_end_before_the_write(aws, home):
    """Only the store's profile gives credentials: SES gets no request."""
    script = home.with_name("credentials.sh")
    script.write_text("#!/bin/sh\nexit 1\n")
    script.chmod(0o755)
    home.write_text(f"[profile own]\ncredential_process = {script}\n[profile store]\n{STATIC}")
    settings = aws.settings(sandbox=False, aws_profile="own", store_profile="store")
    with Custodian(settings, writes=True) as custodian:
        key: Any = custodian.ask(GetKey(PLACE)).result()
        answer = custodian.ask(PutSigningKey("example.jp", "mail-2", key.sha256)).result()
    assert answer == PutAnswer("rejected", "CredentialRetrievalError")
    assert aws.count(PUT) == 0


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_endpoint_of_the_environment(aws, monkeypatch, name):
    monkeypatch.setenv(name, f"http://127.0.0.1:{aws.port}")
    assert caller(AwsSettings(REGION, "static")) == Unread("EndpointInEnvironment", name)
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert isinstance(caller(aws.settings(sandbox=False, aws_profile="static")), Caller)
    assert isinstance(caller(aws.settings()), Caller)


@pytest.mark.parametrize("line", ["endpoint_url = {}", "services = own"])
def test_endpoint_of_the_configuration(aws, home, line):
    there = line.format(f"http://127.0.0.1:{aws.port}")
    home.write_text(f"[profile static]\n{STATIC}{there}\n[services own]\n")
    refused = Unread("EndpointInEnvironment", line.partition(" ")[0])
    assert caller(AwsSettings(REGION, "static")) == refused
    assert aws.received == []


@pytest.mark.parametrize(
    "endpoint",
    ["http://192.0.2.1:1", "http://127.0.0.1.example.jp", "http://192.0.2.1\\@localhost"],
)
def test_no_tls(endpoint):
    answer = caller(AwsSettings(REGION, endpoint_url=endpoint, sandbox=True))
    assert answer.code in ("PlainHttp", "ValueError")


@pytest.mark.usefixtures("home")
def test_sandbox_knows_nothing_of_this_machine(aws, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "missing")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "REAL")
    monkeypatch.setenv("HTTPS_PROXY", "http://192.0.2.1:1")
    assert isinstance(caller(aws.settings()), Caller)


def test_own_models_do_not_count(aws, tmp_path, monkeypatch):
    """A service model in the home folder could send the key anywhere."""
    model = tmp_path / ".aws" / "models" / "sts" / "2011-06-15" / "service-2.json"
    model.parent.mkdir(parents=True)
    model.write_text("{}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path / ".aws" / "models"))
    assert isinstance(caller(aws.settings()), Caller)


@pytest.fixture
def own_authority(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that signs itself, with its key, in one file."""
    key, certificate = tmp_path / "key.pem", tmp_path / "ca.pem"
    key.write_bytes(pem())
    names = ("-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1")
    certificate.write_bytes(openssl("req", "-x509", "-key", str(key), *names) + pem())
    return certificate


def test_only_public_authorities(own_authority, home, monkeypatch):
    """Who may name a CA could read the private key on its way."""
    home.write_text(f"[profile static]\n{STATIC}ca_bundle = {own_authority}\n")
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(own_authority))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(own_authority)
    fake = FakeAws(tls)
    answer = caller(fake.settings(sandbox=False, aws_profile="static"))
    fake.close()
    assert answer == Unread("SSLError")
    assert fake.received == []


def test_pace(aws):
    with Custodian(aws.settings(requests_per_second=10)) as custodian:
        custodian.ask(GetIdentity("example.jp")).result()
        started = time.monotonic()
        for future in [custodian.ask(GetIdentity("example.jp")) for _ in range(4)]:
            future.result()
        assert time.monotonic() - started > 0.35
