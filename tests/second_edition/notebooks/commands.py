"""``byodkim rotate`` under way, what it came to, and ways to stop it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.second_edition.eventually import eventually
from tests.second_edition.notebooks.kin import kin
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import BYODKIM as BYODKIM
from tests.second_edition.notebooks.stage import Stage

WAIVED = ("-p", "waive", "DNS-PUBLISHED: agreed with the DNS team")
TO_DIE_S = 60.0  # a limit for what never ends; how quickly it ends depends on the machine


def started(stage: Stage, *words: str, start_new_session: bool = False) -> subprocess.Popen[str]:
    """The command under way."""
    facts = stage.sandbox.facts
    given = ("-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url, "-p", "selector", facts.next_selector)
    return subprocess.Popen(
        [BYODKIM, "rotate", *given, "-p", "mode", "apply", *words],
        cwd=stage.folder, env=stage.runner.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=start_new_session,
    )  # fmt: skip


def ended(stage: Stage, process: subprocess.Popen[str]) -> Ran:
    """Return what a command came to, and what lies in the folder of records then."""
    out, err = process.communicate(timeout=600)
    files = frozenset(name for name in stage.runner.listed() if name.startswith("outputs/"))
    path = next((stage.folder / name for name in sorted(files) if name.endswith(".ipynb")), stage.folder)
    return Ran(process.returncode, out, err, path, files, stage.folder)


def statuses(ran: Ran) -> list[str]:
    """Return papermill's word on each code cell."""
    return [cell["metadata"]["papermill"]["status"] for cell in ran.cells]


def written(folder: Path, event: str) -> None:
    """Waits until an event of that name is in a journal."""
    eventually(
        lambda: any(f'"event":"{event}"' in path.read_text("utf-8") for path in folder.glob("*.journal.jsonl")),
        every_s=0.01,
    )


def switched(stage: Stage) -> Ran:
    return ended(stage, started(stage, "-r", "reason", "20261124"))


def stopped_by(stop: Callable[[subprocess.Popen[str]], object], *words: str) -> Callable[[Stage], Ran]:
    """A story: the run waits for SES, and ``stop`` ends it. No process outlives it."""

    def story(stage: Stage) -> Ran:
        stage.sandbox.unpublish()
        with started(stage, *WAIVED, *words) as process:
            written(stage.folder / "outputs", "read")
            relatives = list(kin(process.pid).values())
            stop(process)
            came = ended(stage, process)
        assert psutil.wait_procs(relatives, timeout=TO_DIE_S)[1] == []
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
    kin(process.pid)["custodian"].kill()


def killed_then_again(stage: Stage) -> tuple[Ran, Ran]:
    """The runner is killed; then another run, which only plans."""
    first = stopped_by(lambda process: process.kill())(stage)
    return first, ended(stage, started(stage, "-p", "mode", "plan"))
