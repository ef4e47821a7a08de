"""A real sandbox in a child process, spoken to as any client speaks to AWS and DNS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from second_edition.sandbox.client import Sandbox


@pytest.fixture(scope="session")
def aws(child: Sandbox) -> Iterator[dict[str, Any]]:
    """One boto3 client for each service, which tries each call once and leaves it to the service to judge it."""
    session = boto3.Session("sandbox", "sandbox", region_name=child.facts.region)
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    names = ("sesv2", "s3", "secretsmanager", "sts", "route53")
    clients = {name: session.client(name, endpoint_url=child.facts.endpoint_url, config=config) for name in names}
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture
def ses(sandbox: Sandbox, aws: dict[str, Any]) -> Any:
    """The client of SES, on a fresh world."""
    assert sandbox.facts.scenario == "ready"
    return aws["sesv2"]
