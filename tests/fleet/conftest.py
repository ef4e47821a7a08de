"""A campaign of three rows for each test, in a sandbox that a module shares."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from byodkim.procedures import waves
from byodkim.sandbox.world import World, control
from tests.fleet.fleet import Fleet
from tests.sandbox.tools import PUT, sandbox

FAULTY = (PUT, "GetEmailIdentity", "GetIdentityDkimAttributes", "GetSecretValue", "GetObject")


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with sandbox() as world:
        yield world


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
        if options := getattr(request, "param", {}):
            world, count = stack.enter_context(sandbox(**options)), 0
        else:
            world, count = request.getfixturevalue("shared"), 3
            control(world, "ses", verify_after_s=0.1)
        fleet = Fleet(tmp_path / "project", world, tmp_path / "state", count)
        yield fleet
        fleet.stop()
        for operation in FAULTY:
            for domain in ("", *fleet.domains):
                control(world, "fault", operation=operation, identity=domain, times=0)
