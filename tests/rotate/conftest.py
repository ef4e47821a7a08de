"""A project for each test, with an identity of its own in a sandbox."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from byodkim.sandbox.world import World, control
from tests.rotate.project import Project
from tests.sandbox.tools import PUT, mend_servers, own_identity, sandbox

FAULTY = (PUT, "GetEmailIdentity", "GetSecretValue", "GetObject", "GetCallerIdentity")


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
    with contextlib.ExitStack() as stack:
        if scenario := getattr(request, "param", ""):
            world = stack.enter_context(sandbox(scenario=scenario))
        else:
            world = own_identity(request.getfixturevalue("shared"))
        project = Project(tmp_path / "project", world, tmp_path / "state")
        yield project
        project.stop()
        mend_servers(world)
        control(world, "ses", verify_after_s=1, calls_per_second=0)
        for operation in FAULTY:
            control(world, "fault", operation=operation, times=0)
