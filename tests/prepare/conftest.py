"""A project for each test, with an identity of its own in a sandbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from byodkim.sandbox.world import World, control
from tests.prepare.preparing import Preparing
from tests.sandbox.tools import mend_servers, own_identity, sandbox


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with sandbox() as world:
        # Caches forget within a second that there was no record.
        control(world, "dns", servers=["ns1", "ns2", "ns3"], minimum=1, soa_ttl=1)
        yield world


@pytest.fixture
def project(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Preparing]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    project = Preparing(tmp_path / "project", own_identity(world), tmp_path / "state")
    project.profile("late_write_seconds = 1\n")
    yield project
    project.stop()
    mend_servers(world)
