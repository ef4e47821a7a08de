"""A sandbox in a child process, for all tests of a session that want one to themselves, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from byodkim.sandbox.client import Sandbox


@pytest.fixture(scope="session")
def child() -> Iterator[Sandbox]:
    """It is reset by whoever uses it."""
    with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(child: Sandbox) -> Sandbox:
    """The world ``ready``, as fresh as after a start."""
    child.reset("ready")
    return child
