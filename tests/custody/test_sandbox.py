"""The custodian against the sandbox, another implementation of AWS: one switch."""

from collections.abc import Iterator
from itertools import chain

import pytest

from byodkim.checks.world import Caller, Unread
from byodkim.custody.client import Custodian
from byodkim.custody.settings import (
    AwsSettings,
    GetCaller,
    GetIdentity,
    GetKey,
    GetSecret,
    KeyPlace,
    PutSigningKey,
    SignMessage,
)
from byodkim.sandbox.world import World, control, start
from tests.dkim.judges import accepted_by_dkimpy


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    world = start()
    yield world
    world.stop()


@pytest.fixture
def custodian(world: World) -> Iterator[Custodian]:
    settings = AwsSettings(
        world.region, endpoint_url=world.endpoint_url, requests_per_second=100.0, sandbox=True
    )
    with Custodian(settings, writes=True) as custodian:
        yield custodian


def test_switch(world, custodian):
    caller, before = custodian.ask(GetCaller()), custodian.ask(GetIdentity(world.domain))
    stored = custodian.ask(GetSecret(world.secret_id)).result()
    entry = stored.entries[0]
    key = custodian.ask(GetKey(KeyPlace(world.key_bucket, entry.path))).result()
    message = custodian.ask(SignMessage(world.domain, entry.selector, key.sha256)).result()
    assert accepted_by_dkimpy(message.encode(), entry.record)
    assert not accepted_by_dkimpy(message.encode(), stored.entries[1].record)
    assert not accepted_by_dkimpy(message.replace("never sent", "sent").encode(), entry.record)
    answer = custodian.ask(PutSigningKey(world.domain, entry.selector, key.sha256)).result()
    assert answer.result == "accepted"
    after = custodian.ask(GetIdentity(world.domain)).result()
    shown = before.result()
    assert (shown.selector, after.selector) == (stored.entries[1].selector, entry.selector)
    assert isinstance(caller.result(), Caller)
    received = [call["operation"] for call in control(world, "calls")]
    told = [[call["operation"]] * (1 + call["retries"]) for call in custodian.drain_calls()]
    assert sorted(chain(*told)) == sorted(received)


def test_versions(world, custodian):
    stored = custodian.ask(GetSecret(world.secret_id)).result()
    first = KeyPlace(world.key_bucket, stored.entries[0].path)
    key = custodian.ask(GetKey(first)).result()
    assert custodian.ask(GetKey(KeyPlace.at(key.place))).result() == key
    gone = KeyPlace(first.bucket, first.key, "00000000-0000-0000-0000-000000000000")
    assert custodian.ask(GetKey(gone)).result() == Unread("NoSuchVersion")
    assert custodian.ask(GetKey(KeyPlace("another", "x"))).result() == Unread("NoSuchBucket")
    assert custodian.ask(GetSecret("another")).result() == Unread("ResourceNotFoundException")
    assert custodian.ask(GetIdentity("another.jp")).result() == Unread("NotFoundException")
