"""The shared budget as botocore's clients keep to it: every attempt counts, and refusals are told to all."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from second_edition.aws import identity
from second_edition.aws.budget import MARGIN
from second_edition.aws.session import WRITE, Clients, Settings
from tests.second_edition.custody.loopback import serving, status

GOOD = b'{"IdentityType": "DOMAIN", "DkimAttributes": {"Tokens": ["a"], "Status": "PENDING", "SigningEnabled": true}}'


def clients(url: str, state: Path | None, **changes: Any) -> Clients:
    settings = {"region": "ap-northeast-1", "endpoint_url": url, "sandbox": True, "requests_per_second": 10.0}
    return Clients(Settings(**{**settings, **changes}), state=state)


def test_two_sessions_share_and_every_attempt_counts(tmp_path: Path) -> None:
    with serving(GET=[status(500), status(500), status(200, GOOD)]) as endpoint:
        one, other = (clients(endpoint.url, tmp_path) for _ in range(2))
        started = time.monotonic()
        identity.read_identity(one.get("sesv2"), "example.jp")  # three attempts
        identity.read_identity(other.get("sesv2"), "example.jp")
        assert endpoint.asked["GET"] == 4
        assert time.monotonic() - started >= 3 * (1 + MARGIN) / 10
        assert len(list(tmp_path.glob("*.budget"))) == 1
        (call,) = other.log.drain()
        assert call["ms"] < 300  # the wait is no part of the call


@pytest.mark.parametrize(
    "refusal",
    [
        status(429, b"{}", x_amzn_ErrorType="TooManyRequestsException"),
        status(400, b'{"message": "Rate exceeded"}', x_amzn_ErrorType="ThrottlingException"),
    ],
)
def test_what_ses_refuses_as_one_too_many_slows_the_next_process_down(tmp_path: Path, refusal: Any) -> None:
    with serving(PUT=[refusal], GET=[status(200, GOOD)]) as endpoint:
        started = time.monotonic()
        with pytest.raises(ClientError):
            identity.put_signing_attributes(
                clients(endpoint.url, tmp_path).get("sesv2", WRITE), "example.jp", "b", "a2V5"
            )
        assert endpoint.asked["PUT"] == 1
        (path,) = tmp_path.glob("*.budget")
        assert json.loads(path.read_bytes())["slow"] == 2.0
        identity.read_identity(clients(endpoint.url, tmp_path).get("sesv2"), "example.jp")
        assert time.monotonic() - started >= 2 / 10  # a pause of twice the usual time follows the refusal


def test_other_refusals_and_other_services_slow_nothing_down(tmp_path: Path) -> None:
    with serving(GET=[status(404, b"{}", x_amzn_ErrorType="NotFoundException")], POST=[status(429)]) as endpoint:
        made = clients(endpoint.url, tmp_path)
        with pytest.raises(ClientError):
            identity.read_identity(made.get("sesv2"), "example.jp")
        with pytest.raises(ClientError):
            made.get("secretsmanager", WRITE).get_secret_value(SecretId="s")
        content = {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}}
        with pytest.raises(ClientError):  # messages have a rate of their own
            made.get("sesv2", WRITE).send_email(
                FromEmailAddress="a@example.jp", Destination={"ToAddresses": ["b@example.jp"]}, Content=content
            )
    (path,) = tmp_path.glob("*.budget")
    assert json.loads(path.read_bytes())["slow"] == 1.0


def test_each_region_has_a_budget_of_its_own(tmp_path: Path) -> None:
    with serving(GET=[status(200, GOOD)]) as endpoint:
        made = clients(endpoint.url, tmp_path)
        for region in ("", "eu-central-1"):
            identity.read_identity(made.get("sesv2", region=region), "example.jp")
    assert len(list(tmp_path.glob("*.budget"))) == 2
