"""A sandbox that looks take for the standing one, and a project folder to look from.

``world`` is shared and mended after each test; ``alone`` is for what cannot be mended.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from byodkim.sandbox.world import World, control, start
from tests.sandbox.tools import client

#: Operations that tests give a fault.
FAULTY = (
    "ListEmailIdentities",
    "GetIdentityDkimAttributes",
    "GetEmailIdentity",
    "GetObject",
    "HeadObject",
    "GetSecretValue",
)


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    world = start()
    yield world
    world.stop()


@pytest.fixture
def world(shared: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    _stand(shared, tmp_path, monkeypatch)
    secrets = client(shared, "secretsmanager")
    content = secrets.get_secret_value(SecretId=shared.secret_id)["SecretString"]
    control(shared, "forget")
    yield shared
    for operation in FAULTY:
        control(shared, "fault", operation=operation, times=0)
    control(shared, "ses", calls_per_second=0)
    secrets.put_secret_value(SecretId=shared.secret_id, SecretString=content)


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = start()
    _stand(world, tmp_path, monkeypatch)
    yield world
    world.stop()


def _stand(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let looks from a new project find a sandbox."""
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    (folder / "state" / "byodkim").mkdir(parents=True)
    (folder / "state" / "byodkim" / "sandbox.json").write_bytes(msgspec.json.encode(world))
    (folder / "project").mkdir()
    (folder / "project" / "byodkim.toml").write_text('[default]\ntimezone = "Asia/Tokyo"\n')
    monkeypatch.chdir(folder / "project")
