"""Whatever starts a custodian, nothing that the caller's variables or folders name is loaded by it. Real commands."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from second_edition.sandbox.client import Sandbox
from tests.second_edition.custody import spies
from tests.second_edition.notebooks.fleets import BYODKIM, fleet, ready
from tests.second_edition.notebooks.runs import PAPERMILL
from tests.second_edition.notebooks.stage import Stage, project
from tests.second_edition.project.tracked import ROOT

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
CUSTODY = "second_edition.custody."


class Spied:
    """A project whose library, folder and variables hold what tells of whoever loads it."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        (folder / "home").mkdir(parents=True)
        self.stage, self.seen = Stage(sandbox, project(folder / "project", folder / "home")), folder / "seen"
        self.library = spies.library(folder, self.seen)
        lib = self.stage.folder / "lib"
        shutil.copytree(ROOT / "lib/second_edition", lib / "second_edition", ignore=shutil.ignore_patterns("__pycache__"))
        spies.modules(lib, self.seen, "sitecustomize", "usercustomize", "spy")
        spies.modules(self.stage.folder, self.seen, "sitecustomize", "usercustomize", "botocore")

    @property
    def environment(self) -> dict[str, str]:
        lib = str(self.stage.folder / "lib")
        variables = {"PYTHONPATH": lib, "PYTHONSTARTUP": f"{lib}/spy.py", "PYTHONUSERBASE": lib}
        variables["LD_PRELOAD"] = str(self.library)
        state = {"XDG_STATE_HOME": str(self.stage.folder / "state")}
        return self.stage.runner.environment(**variables, **state)

    def run(self, *command: str) -> tuple[int, str]:
        """Return how many custodians a command had, and what it said."""
        custodians: set[int] = set()
        with subprocess.Popen(
            command, cwd=self.stage.folder, env=self.environment, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            looker = threading.Thread(target=self._look, args=(process, custodians))
            looker.start()
            said, _ = process.communicate(timeout=600)
            looker.join()
        return len(custodians), said

    def _look(self, process: subprocess.Popen[str], custodians: set[int]) -> None:
        while process.poll() is None:
            try:
                below = psutil.Process(process.pid).children(recursive=True)
                custodians |= {one.pid for one in below if CUSTODY in " ".join(one.cmdline())}
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                pass
            time.sleep(0.01)

    def loaded(self) -> list[str]:
        """Return what was loaded since the last look, and by whom."""
        lines = self.seen.read_text().splitlines() if self.seen.exists() else []
        self.seen.unlink(missing_ok=True)
        return lines


@pytest.fixture(scope="module")
def spied(child: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Spied:
    return Spied(child, tmp_path_factory.mktemp("spied"))


def where(spied: Spied, scenario: str) -> tuple[str, ...]:
    spied.stage.sandbox.reset(scenario)
    return ("-p", "target", "sandbox", "-p", "endpoint_url", spied.stage.sandbox.facts.endpoint_url)


def by_papermill(spied: Spied) -> tuple[str, ...]:
    words = (*where(spied, "ready"), "-p", "mode", "apply", "-r", "selector", NEXT)
    return (PAPERMILL, "notebooks/rotate.ipynb", "outputs/switched.ipynb", "--no-progress-bar", *words)


def by_prepare(spied: Spied) -> tuple[str, ...]:
    return (BYODKIM, "prepare", "-o", "outputs/prepared.ipynb", *where(spied, "unprepared"))


def by_retire(spied: Spied) -> tuple[str, ...]:
    words = (*where(spied, "overlap"), "-r", "selector", CURRENT)
    return (PAPERMILL, "notebooks/retire.ipynb", "outputs/retired.ipynb", "--no-progress-bar", *words)


def by_publish(spied: Spied) -> tuple[str, ...]:
    words = (*where(spied, "dns-absent"), "-r", "selector", NEXT)
    spied.run(BYODKIM, "rotate", "-o", "outputs/absent.ipynb", *words)
    return (BYODKIM, "publish", "outputs/absent.ipynb")


def by_fleet(spied: Spied) -> tuple[str, ...]:
    words = (*where(spied, "fleet"), "-r", "selector", NEXT, "-r", "identities", ready(spied.stage, 0))
    plan = fleet(spied.stage, *words)
    return (BYODKIM, "fleet", *words, "-p", "mode", "apply", "-r", "approved", plan.run)


QUICK = {"path": (by_papermill, by_publish)}
PATHS = (by_papermill, by_prepare, by_retire, by_publish, by_fleet)

if sys.platform == "linux":  # whose LD_PRELOAD it is

    @pytest.mark.parametrize("path", PATHS)
    def test_nothing_of_the_callers_is_loaded_into_a_custodian(
        spied: Spied, path: Callable[[Spied], tuple[str, ...]]
    ) -> None:
        command = path(spied)
        spied.loaded()  # what led there
        custodians, said = spied.run(*command)
        loaded = spied.loaded()
        assert custodians >= 1, said
        assert {"library", "sitecustomize"} <= {line.split()[0] for line in loaded}  # they work where they get to
        assert [line for line in loaded if CUSTODY in line] == []
