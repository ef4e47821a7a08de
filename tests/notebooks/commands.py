"""``byodkim rotate`` under way, what it came to, and ways to stop it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from byodkim.evidence.archived import Archived, open_record
from tests.notebooks.kin import kin
from tests.notebooks.stage import BYODKIM as BYODKIM
from tests.notebooks.stage import Stage

WAIVED = ("-p", "waive", "DNS-PUBLISHED: agreed with the DNS team")
TO_DIE_S = 60.0  # a limit for what never ends; how quickly it ends depends on the machine


@dataclass
class Came:
    """Hold what a command came to, and what lies in the folder of records then."""

    code: int
    out: str
    err: str
    folder: Path
    files: list[str] = field(default_factory=list)
    lived_s: float = 0.0

    def __post_init__(self) -> None:
        self.files = sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())

    def named(self, ending: str) -> Path:
        """The one file whose name ends so."""
        (name,) = (name for name in self.files if name.endswith(ending))
        return self.folder / name

    @property
    def notebook(self) -> dict[str, Any]:
        notebook: dict[str, Any] = json.loads(self.named(".ipynb").read_text("utf-8"))
        return notebook

    @property
    def archived(self) -> Archived:
        return open_record(self.named(".ipynb"))

    @property
    def statuses(self) -> list[str]:
        """papermill's word on each code cell."""
        return [
            cell["metadata"]["papermill"]["status"] for cell in self.notebook["cells"] if cell["cell_type"] == "code"
        ]

    @property
    def headline(self) -> str:
        cell = next(cell for cell in self.notebook["cells"] if "steps.headline()" in "".join(cell["source"]))
        return "".join(cell["outputs"][0]["data"]["text/plain"])

    @property
    def events(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.named(".journal.jsonl").read_text("utf-8").splitlines()]


def started(stage: Stage, *words: str, start_new_session: bool = False) -> subprocess.Popen[str]:
    """The command under way."""
    facts = stage.sandbox.facts
    given = ("-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url, "-p", "selector", facts.next_selector)
    return subprocess.Popen(
        [BYODKIM, "rotate", *given, "-p", "mode", "apply", *words],
        cwd=stage.folder, env=stage.runner.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=start_new_session,
    )  # fmt: skip


def ended(stage: Stage, process: subprocess.Popen[str]) -> Came:
    out, err = process.communicate(timeout=600)
    return Came(process.returncode, out, err, stage.folder / "outputs")


def written(folder: Path, event: str) -> None:
    """Waits until an event of that name is in a journal."""
    ends = time.monotonic() + 600
    while time.monotonic() < ends:
        if any(f'"event":"{event}"' in path.read_text("utf-8") for path in folder.glob("*.journal.jsonl")):
            return
        time.sleep(0.01)
    raise AssertionError("the run did not come so far")


def family(process: subprocess.Popen[str]) -> dict[str, psutil.Process]:
    return kin(process.pid)


def switched(stage: Stage) -> Came:
    return ended(stage, started(stage, "-r", "reason", "20261124"))


def stopped_by(stop: Callable[[subprocess.Popen[str]], object], *words: str) -> Callable[[Stage], Came]:
    """A story: the run waits for SES, and ``stop`` ends it."""

    def story(stage: Stage) -> Came:
        stage.sandbox.unpublish()
        with started(stage, *WAIVED, *words) as process:
            written(stage.folder / "outputs", "read")
            relatives = list(family(process).values())
            stop(process)
            since = time.monotonic()
            psutil.wait_procs(relatives, timeout=TO_DIE_S)
            lived = time.monotonic() - since
            came = ended(stage, process)
        came.lived_s = lived
        return came

    return story


def stopped_at_its_end(number: int, later: float) -> Callable[[Stage], tuple[int, str, int]]:
    """A story: a run's whole process group is stopped from when its journal says that it closed, sooner or later.

    The exit code, the first word that it said, and the exit code of verifying it then.
    """

    def story(stage: Stage) -> tuple[int, str, int]:
        process = started(stage, start_new_session=True)
        written(stage.folder / "outputs", "closed")
        time.sleep(later)
        os.killpg(process.pid, number)
        out, _ = process.communicate(timeout=600)
        return process.returncode, out.split()[0], stage.byodkim("verify", "outputs").returncode

    return story


def custodian_killed(process: subprocess.Popen[str]) -> None:
    family(process)["custodian"].kill()


def killed_then_again(stage: Stage) -> tuple[Came, Came]:
    """The runner is killed; then another run, which only plans."""
    first = stopped_by(lambda process: process.kill())(stage)
    return first, ended(stage, started(stage, "-p", "mode", "plan"))
