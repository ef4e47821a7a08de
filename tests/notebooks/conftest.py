"""The real notebook, run by the real papermill against a standing sandbox; two stories go side by side."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from byodkim.sandbox.client import Sandbox
from tests.notebooks.runs import Ran, alone
from tests.notebooks.stage import Stage, Troupe

SIDE_BY_SIDE = 2
# A network of one's own is Linux's, and not every container allows one.
collect_ignore = [] if alone() else ["test_from_the_root.py"]


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


@pytest.fixture(scope="session", autouse=True)
def one_minute(
    request: pytest.FixtureRequest, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Future[tuple[Ran, int]] | None]:
    """A run that waits a minute for a record that does not come; it is begun first, and others go on beside it."""
    if not any("ran_out" in test.name for test in request.session.items):
        yield None
        return
    with Sandbox.start("dns-absent") as sandbox:
        company = Troupe([sandbox], tmp_path_factory.mktemp("minute"), home)
        yield company.begin("one-minute", _wait, "dns-absent")
        company.close()


def _wait(stage: Stage) -> tuple[Ran, int]:
    waived = ("-p", "waive", "DNS-PUBLISHED: agreed with the DNS team")
    return stage.apply(*waived, "-p", "wait_minutes", "1"), len(stage.puts)


@pytest.fixture(scope="module")
def troupe(
    sandboxes: list[Sandbox], home: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Troupe]:
    """Who tells a module's stories."""
    name = request.module.__name__.rpartition(".")[2]
    company = Troupe(sandboxes, tmp_path_factory.mktemp(name), home)
    yield company
    company.close()
