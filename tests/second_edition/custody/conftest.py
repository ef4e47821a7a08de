"""A custodian as a run starts it, and a sandbox that it speaks to over HTTP as it would to AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from second_edition.custody.client import Custodian
from second_edition.sandbox.client import Sandbox
from tests.second_edition.custody.forms import settings


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
def started() -> Iterator[list[Custodian]]:
    """The custodian that tests share; another one in its place where it has ended."""
    custodians: list[Custodian] = []
    yield custodians
    for custodian in custodians:
        custodian.close()


@pytest.fixture
def custodian(sandbox: Sandbox, started: list[Custodian]) -> Custodian:
    """Opened for the sandbox, and with no key in hand."""
    assert sandbox.facts.scenario == "ready"
    if not started or not started[-1].alive:
        started.append(Custodian())
        started[-1].ask("open", settings=settings(sandbox.facts.endpoint_url)).result()
    started[-1].ask("forget").result()
    started[-1].drain()
    return started[-1]
