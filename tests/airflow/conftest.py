"""One Airflow for all tests of the DAG."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.airflow.server import Airflow


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    folder = tmp_path_factory.mktemp("airflow")
    (folder / "project").mkdir()
    started = Airflow(
        folder / "airflow", folder / "project", Path(__file__).with_name("command.py")
    )
    try:
        started.start()
        yield started
    finally:
        started.stop()


@pytest.fixture
def project(airflow: Airflow) -> Path:
    """The folder in which the command runs, empty."""
    for path in airflow.project.iterdir():
        path.unlink()
    return airflow.project
