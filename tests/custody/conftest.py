"""A custodian as a run starts it, and a sandbox that it speaks to over HTTP as it would to AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from byodkim.custody.client import Custodian
from byodkim.sandbox.client import Sandbox
from tests.custody.forms import settings


@pytest.fixture(scope="session")
def aws(child: Sandbox) -> Iterator[dict[str, Any]]:
    """Clients of the test's own: they plant, and look independently of the custodian."""
    session = boto3.Session("sandbox", "sandbox", region_name=child.facts.region)
    names = ("s3", "secretsmanager", "sesv2")
    clients = {name: session.client(name, endpoint_url=child.facts.endpoint_url) for name in names}
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture(scope="session")
def started(child: Sandbox) -> Iterator[Custodian]:
    custodian = Custodian()
    custodian.ask("open", settings=settings(child.facts.endpoint_url)).result()
    yield custodian
    custodian.close()


@pytest.fixture
def custodian(sandbox: Sandbox, started: Custodian) -> Custodian:
    """Opened for the sandbox, and with no key in hand."""
    assert sandbox.facts.scenario == "ready"
    started.ask("forget").result()
    started.drain()
    return started
