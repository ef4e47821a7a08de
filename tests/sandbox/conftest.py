"""One sandbox for the tests of a module."""

import itertools
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from byodkim.sandbox.world import World, control, start

VERIFY_AFTER_S = 0.1
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    world = start()
    control(world, "ses", verify_after_s=VERIFY_AFTER_S)
    yield world
    world.stop()


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    """The shared sandbox with an identity of one's own. All faults end with the test."""
    domain = f"d{next(_numbers)}.example.jp"
    control(shared, "identity", domain=domain, add=True)
    yield replace(shared, domain=domain, secret_id=f"byodkim/{domain}")
    control(shared, "dns", servers=["ns1", "ns2", "ns3", "resolver"], fault="", frozen=False)
    control(shared, "ses", calls_per_second=0, verify_after_s=VERIFY_AFTER_S)
