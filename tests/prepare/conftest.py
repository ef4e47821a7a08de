"""A project for each test, with an identity of its own in a sandbox."""

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from byodkim.sandbox.world import World, control
from tests.prepare.preparing import Preparing

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """Start a sandbox that no run can take for one of its own and stop."""
    command = [sys.executable, "-m", "byodkim.sandbox"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        world = msgspec.json.decode(child.stdout.readline(), type=World)
        # Caches forget within a second that there was no record.
        control(world, "dns", servers=["ns1", "ns2", "ns3"], minimum=1, soa_ttl=1)
        yield world
        child.stdin.close()  # which ends it


@pytest.fixture
def project(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Preparing]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    domain = f"p{next(_numbers)}.example.jp"
    control(world, "identity", domain=domain, add=True)
    control(world, "calls", clear=True)
    own = replace(world, domain=domain, secret_id=f"byodkim/{domain}")
    project = Preparing(tmp_path / "project", own, tmp_path / "state")
    project.profile("late_write_seconds = 1\n")
    yield project
    project.stop()
    servers = ["ns1", "ns2", "ns3", "resolver"]
    control(world, "dns", servers=servers, fault="", frozen=False)
