"""The custodian against the sandbox, another implementation of AWS: one switch."""

from collections.abc import Iterator
from itertools import chain

import pytest

from byodkim.checks.world import Unread
from byodkim.custody.client import Custodian
from byodkim.custody.settings import (
    AwsSettings,
    GetIdentity,
    GetKey,
    GetSecret,
    KeyPlace,
    PutSigningKey,
    SignMessage,
)
from byodkim.sandbox.world import World, control
from tests.dkim.judges import accepted_by_dkimpy
from tests.sandbox.tools import sandbox


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with sandbox() as world:
        yield world


@pytest.fixture
def custodian(world: World) -> Iterator[Custodian]:
    settings = AwsSettings(
        world.region, endpoint_url=world.endpoint_url, requests_per_second=100, sandbox=True
    )
    with Custodian(settings, writes=True) as custodian:
        yield custodian


def test_switch(world, custodian):
    before = custodian.ask(GetIdentity(world.domain)).result()
    new, current = custodian.ask(GetSecret(world.secret_id)).result().entries
    key = custodian.ask(GetKey(KeyPlace(world.key_bucket, new.path))).result()
    message = custodian.ask(SignMessage(world.domain, new.selector, key.sha256)).result()
    assert accepted_by_dkimpy(message.encode(), new.record)
    assert not accepted_by_dkimpy(message.encode(), current.record)
    assert not accepted_by_dkimpy(message.replace("never sent", "sent").encode(), new.record)
    put = PutSigningKey(world.domain, new.selector, key.sha256)
    assert custodian.ask(put).result().result == "accepted"
    after = custodian.ask(GetIdentity(world.domain)).result()
    assert (before.selector, after.selector) == (current.selector, new.selector)
    pinned = KeyPlace.at(key.place)
    assert custodian.ask(GetKey(pinned)).result() == key
    gone = KeyPlace(pinned.bucket, pinned.key, "00000000-0000-0000-0000-000000000000")
    assert custodian.ask(GetKey(gone)).result() == Unread("NoSuchVersion")
    received = [call["operation"] for call in control(world, "calls")]
    told = [[call["operation"]] * (1 + call["retries"]) for call in custodian.drain_calls()]
    assert sorted(chain(*told)) == sorted(received)
