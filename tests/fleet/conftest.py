"""A campaign of three rows for each test, in a sandbox that a module shares."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from byodkim.procedures import waves
from byodkim.sandbox.world import World, control
from tests.fleet.fleet import Fleet
from tests.rotate.project import PUT

FAULTY = (PUT, "GetEmailIdentity", "GetIdentityDkimAttributes", "GetSecretValue", "GetObject")


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with sandbox() as world:
        yield world


@contextlib.contextmanager
def sandbox(*options: str) -> Iterator[World]:
    """Start a sandbox that no run can take for one of its own and stop."""
    command = [sys.executable, "-m", "byodkim.sandbox", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        yield msgspec.json.decode(child.stdout.readline(), type=World)
        child.stdin.close()  # which ends it


@pytest.fixture
def fleet(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Fleet]:
    """Have three identities, or with a parameter (sandbox options) all of an own sandbox."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(waves, "IDLE_S", 0.5)  # seconds between two looks at SES, of 5
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    with contextlib.ExitStack() as stack:
        if options := getattr(request, "param", ()):
            world, count = stack.enter_context(sandbox(*options)), 0
        else:
            world, count = request.getfixturevalue("shared"), 3
            control(world, "ses", verify_after_s=0.1)
        fleet = Fleet(tmp_path / "project", world, tmp_path / "state", count)
        yield fleet
        fleet.stop()
        for operation in FAULTY:
            for domain in ("", *fleet.domains):
                control(world, "fault", operation=operation, identity=domain, times=0)
