"""Real runs, made once: some of each outcome, and a chain of four of one identity."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.display.archive import Archive, shared_archive
from tests.verification.judged import copied, make_chain


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return shared_archive(tmp_path_factory)


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chain as it was left: for reading only."""
    return make_chain(tmp_path_factory.mktemp("chain"))


@pytest.fixture
def chain(untouched: Path, tmp_path: Path) -> Path:
    """A copy of the chain to tamper with."""
    return copied(untouched, tmp_path / "runs")
