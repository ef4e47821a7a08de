"""A sandbox with many identities whose SES enforces its limit, a reader for them, and custodians that ask it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from second_edition.sandbox.client import Sandbox
from tests.second_edition.fleet.readers import Readers


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path is short enough for a socket's."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def readers(sandbox: Sandbox, short: Path) -> Iterator[Readers]:
    """Starts readers and custodians, and ends them."""
    with ExitStack() as stack:
        yield Readers(sandbox, short, stack)
