"""The real notebook, run by the real papermill against a standing sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from second_edition.sandbox.client import Sandbox
from tests.second_edition.notebooks.runs import alone
from tests.second_edition.notebooks.stage import Troupe

# A network of one's own is Linux's, and not every container allows one.
collect_ignore = [] if alone() else ["test_from_the_root.py"]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder without settings."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def troupe(
    child: Sandbox, home: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Troupe:
    """Return who plays a module's stories: papermill with byodkim's engine, in an ipykernel for a ``PLAIN`` one."""
    name = request.module.__name__.rpartition(".")[2]
    plain = getattr(request.module, "PLAIN", False)
    return Troupe(child, tmp_path_factory.mktemp(name), home, plain=plain)


@pytest.fixture
def rehearse(tmp_path: Path) -> Iterator[Callable[[dict[str, Any]], Any]]:
    """Return who makes a production by its description, and twins of its records."""
    from tests.second_edition.notebooks.twins import Rehearsal

    with ExitStack() as stack:
        yield lambda description: Rehearsal(tmp_path, stack, description)
