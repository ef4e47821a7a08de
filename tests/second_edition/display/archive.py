"""Real runs, made once by papermill on the embedded sandbox, and ways to tamper with what they leave."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from second_edition.evidence.journal import SUFFIX
from tests.second_edition.notebooks.runs import PORT_TAKEN, execute
from tests.second_edition.project.tracked import ROOT
from tests.second_edition.shared import once
from tests.second_edition.verification.made import write

NEXT = "mail-20261124-1"
RUNS: Mapping[str, Mapping[str, str]] = {
    "switched": {"target": "sandbox", "mode": "apply", "ticket": "CHG-1042", "reason": "yearly rotation"},
    "japanese": {"target": "sandbox", "mode": "apply", "language": "ja"},
    "refused": {"target": "sandbox:dns-absent", "mode": "apply"},
    "mismatch": {"target": "sandbox:secret-mismatch", "mode": "apply"},
    "pending": {
        "target": "sandbox:dns-absent",
        "mode": "apply",
        "wait_minutes": "0",
        "waive": "DNS-PUBLISHED: agreed with the DNS team",
    },
    "unbegun": {"target": "sandbox", "mode": "applly"},
    "killed": {"target": "sandbox:dns-absent", "mode": "apply", "waive": "DNS-PUBLISHED: agreed", "wait_minutes": "10"},
}


class Archive:
    """A folder of runs. Each is made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str) -> Path:
        """The notebook of the run ``name``, in a folder of its own."""

        def make(folder: Path) -> None:
            _run(folder / f"{name}.ipynb", RUNS[name], kill=name == "killed")

        return once(self.folder / name, make) / f"{name}.ipynb"

    def copy(self, name: str, folder: Path) -> Path:
        """A copy of the run to tamper with."""
        source = self(name).parent
        shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("*.html"))
        return folder / name / f"{name}.ipynb"


def _run(notebook: Path, parameters: Mapping[str, str], *, kill: bool) -> None:
    command = [sys.executable, "-m", "papermill", str(ROOT / "lib/second_edition/notebooks/rotate.ipynb"), str(notebook)]
    command += ["-r", "selector", NEXT, "--no-progress-bar"]
    for name, value in parameters.items():
        command += ["-p", name, value]
    if not kill:
        execute(command, notebook.parent)
        return
    for _ in range(3):
        with (notebook.parent / "papermill.log").open("w+") as log:
            child = subprocess.Popen(command, cwd=notebook.parent, stdout=log, stderr=log)
            began = _wait_for(lambda: b'"event":"read"' in journal_of(notebook).read_bytes(), child)
            if began and _wait_for(lambda: b"vnd.byodkim.run+json" in notebook.read_bytes(), child):
                break
            log.seek(0)
            said = log.read()
        assert PORT_TAKEN in said, said
    for process in [psutil.Process(child.pid), *psutil.Process(child.pid).children(recursive=True)]:
        process.kill()
    child.wait(120)


def _wait_for(seen: Callable[[], bool], child: subprocess.Popen[bytes]) -> bool:
    """Wait until something is seen, or return False when the process ends first."""
    while True:
        try:
            if seen():
                return True
        except (OSError, StopIteration):
            pass
        if child.poll() is not None:
            return False
        time.sleep(0.05)


def journal_of(notebook: Path) -> Path:
    """The journal beside a notebook."""
    return next(notebook.parent.glob(f"*{SUFFIX}"))


def events_of(notebook: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal_of(notebook).read_text().splitlines()]


def rewrite(notebook: Path, events: list[dict[str, Any]], *, copy: bool = True) -> None:
    """Write other events, correctly chained, over the journal and over the notebook's copy."""
    write(journal_of(notebook), events)
    if copy:
        told = events_of(notebook)
        change(notebook, lambda data: data.update({"application/vnd.byodkim.journal+json": told}))


def change(notebook: Path, act: Callable[[dict[str, Any]], object]) -> None:
    """Acts on the output that holds the notebook's copy of the journal."""
    content = json.loads(notebook.read_text())
    for cell in content["cells"]:
        for output in cell.get("outputs", ()):
            if "application/vnd.byodkim.journal+json" in output.get("data", {}):
                act(output["data"])
    notebook.write_text(json.dumps(content))
