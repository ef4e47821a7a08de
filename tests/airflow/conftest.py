"""One Airflow for all tests of the DAG, and what it calls: a stand-in, or byodkim itself."""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.airflow.server import ROOT, Airflow

STAND_IN = Path(__file__).with_name("command.py")
#: byodkim of this checkout. The DAG passes no PYTHONPATH on.
BYODKIM = f"""#!/bin/sh
PYTHONPATH={ROOT / "lib"} exec {Path(sys.executable).with_name("byodkim")} "$@"
"""


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    folder = tmp_path_factory.mktemp("airflow")
    started = Airflow(folder / "airflow", folder / "project", folder / "byodkim")
    try:
        started.start()
        yield started
    finally:
        started.stop()


def empty(airflow: Airflow) -> Path:
    """Return the project's folder with nothing in it."""
    shutil.rmtree(airflow.project, ignore_errors=True)
    airflow.project.mkdir()
    airflow.command.unlink(missing_ok=True)
    return airflow.project


@pytest.fixture
def project(airflow: Airflow) -> Path:
    """The folder in which the stand-in runs."""
    folder = empty(airflow)
    airflow.command.symlink_to(STAND_IN)
    return folder


@pytest.fixture
def fleet(airflow: Airflow) -> Iterator[Airflow]:
    """A project with six identities in a sandbox. The last one is not ready."""
    empty(airflow)
    airflow.command.write_text(BYODKIM)
    airflow.command.chmod(0o755)
    airflow.byodkim("init")
    profile = airflow.project / "byodkim.toml"
    text = re.sub(r"(?m)^\[default\]", "[default]\nwave_rows = 2", profile.read_text())
    profile.write_text(text)
    airflow.byodkim("sandbox", "start", "fleet", "--identities", "6", "--faulty", "1")
    try:
        (airflow.project / "fleet.csv").write_text(airflow.byodkim("sandbox", "table"))
        yield airflow
    finally:
        airflow.byodkim("sandbox", "stop")
