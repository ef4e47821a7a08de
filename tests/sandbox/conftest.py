"""One sandbox for the tests of a module."""

from collections.abc import Iterator

import pytest

from byodkim.sandbox.world import World, control, start
from tests.sandbox.tools import mend_servers, own_identity

VERIFY_AFTER_S = 0.1


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    world = start()
    control(world, "ses", verify_after_s=VERIFY_AFTER_S)
    yield world
    world.stop()


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    """The shared sandbox with an identity of one's own. All faults end with the test."""
    yield own_identity(shared)
    mend_servers(shared)
    control(shared, "ses", calls_per_second=0, verify_after_s=VERIFY_AFTER_S)
