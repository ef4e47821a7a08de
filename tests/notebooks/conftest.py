"""The real notebook, run by the real papermill against a standing sandbox; two stories go side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from byodkim.sandbox.client import Sandbox
from tests.notebooks.stage import Troupe

SIDE_BY_SIDE = 2


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder without settings."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def sandboxes() -> Iterator[list[Sandbox]]:
    """The standing sandboxes of the session."""
    started: list[Sandbox] = []
    try:
        for _ in range(SIDE_BY_SIDE):
            started.append(Sandbox.start())
        yield started
    finally:
        for sandbox in started:
            sandbox.close()


@pytest.fixture(scope="module")
def troupe(
    sandboxes: list[Sandbox], home: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Troupe]:
    """Who tells a module's stories."""
    name = request.module.__name__.rpartition(".")[2]
    company = Troupe(sandboxes, tmp_path_factory.mktemp(name), home)
    yield company
    company.close()
