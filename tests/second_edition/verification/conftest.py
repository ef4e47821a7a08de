"""A chain of four real runs of one identity, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.second_edition.shared import once, shared
from tests.second_edition.verification.judged import copied, make_chain


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chain as it was left: for reading only."""
    return once(shared(tmp_path_factory) / "chain", make_chain)


@pytest.fixture
def chain(untouched: Path, tmp_path: Path) -> Path:
    """A copy of the chain to tamper with."""
    return copied(untouched, tmp_path / "runs")
