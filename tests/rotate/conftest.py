"""A project for each test, with an identity of its own in a sandbox."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from byodkim.sandbox.world import World, control
from tests.rotate.project import Project
from tests.sandbox.tools import PUT, sandbox

FAULTY = (PUT, "GetEmailIdentity", "GetSecretValue", "GetObject", "GetCallerIdentity")
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with sandbox() as world:
        yield world


@pytest.fixture
def project(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Project]:
    """Share the module's sandbox, or have one alone: ``project.alone``."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    if scenario := getattr(request, "param", ""):
        with sandbox("--scenario", scenario) as alone:
            project = Project(tmp_path / "project", alone, tmp_path / "state")
            yield project
            project.stop()
        return
    world: World = request.getfixturevalue("shared")
    domain = f"d{next(_numbers)}.example.jp"
    control(world, "identity", domain=domain, add=True)
    control(world, "calls", clear=True)
    own = replace(world, domain=domain, secret_id=f"byodkim/{domain}")
    project = Project(tmp_path / "project", own, tmp_path / "state")
    yield project
    project.stop()
    control(world, "dns", servers=["ns1", "ns2", "ns3", "resolver"], fault="", frozen=False)
    control(world, "ses", verify_after_s=1, calls_per_second=0)
    for operation in FAULTY:
        control(world, "fault", operation=operation, times=0)
