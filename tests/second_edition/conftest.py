"""A sandbox for all tests that want one to themselves; no test seals with the key of whoever runs it; long proofs."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import settings

from second_edition.sandbox.client import Sandbox
from tests.second_edition.display.archive import Archive
from tests.second_edition.shared import shared

#: In front of the installed package: papermill then finds the second edition's engine.
ENTRY = str(Path(__file__).with_name("papermill"))

# How long an example takes says more of the machine than of the code.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the long proofs: where a module names the ``QUICK`` values of a parameter, every case with another one."""
    for item in items:
        quick = getattr(getattr(item, "module", None), "QUICK", {})
        given = item.callspec.params if hasattr(item, "callspec") else {}
        if any(given[name] not in values for name, values in quick.items() if name in given):
            item.add_marker("prove")


@pytest.fixture(scope="session", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of the user's own state, for all workers and the processes that they start: they seal with one key."""
    folder = shared(tmp_path_factory) / "state"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(folder))
        patched.setenv("PYTHONPATH", os.pathsep.join(filter(None, (ENTRY, os.environ.get("PYTHONPATH")))))
        patched.syspath_prepend(ENTRY)
        yield folder


@pytest.fixture(scope="session", autouse=True)
def models() -> Iterator[None]:
    """Parse each file of botocore's models once in a worker, whose tests make hundreds of sessions."""
    read = functools.cache(functools.partial(JSONFileLoader.load_file, JSONFileLoader()))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
        yield


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Runs to read: whoever tampers with one copies it."""
    return Archive(shared(tmp_path_factory) / "archive")


@pytest.fixture(autouse=True)
def signals() -> None:
    """Signals as they are at a terminal: a shell ignores SIGINT for its background jobs, and nohup SIGHUP.

    For each test: a run that closed in this process ignores them from then on.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@pytest.fixture(scope="session")
def child() -> Iterator[Sandbox]:
    """A sandbox in a child process, reset by whoever uses it."""
    with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(child: Sandbox) -> Sandbox:
    """The world ``ready``, as fresh as after a start."""
    child.reset("ready")
    return child
