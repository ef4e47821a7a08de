"""Who runs a campaign's identities: each in a process of its own that depends on no other's life."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from second_edition.procedures.fleet.runner import Runner, under_way
from second_edition.sandbox.client import Sandbox
from tests.second_edition.eventually import eventually
from tests.second_edition.notebooks.stage import project


def running(record: Path) -> int:
    """The process that holds the lock of a record's notebook."""
    lock = str(record.parent / ".running" / f"{record.stem}.lock")
    for one in psutil.Process().children(recursive=True):
        if any(file.path == lock for file in one.open_files()):
            return int(one.pid)
    return 0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "home").mkdir()
    folder = project(tmp_path / "project", tmp_path / "home").folder
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return folder


def test_who_kills_one_run_ends_no_other(sandbox: Sandbox, folder: Path) -> None:
    records = [folder / "outputs" / name for name in ("killed.ipynb", "told.ipynb")]
    waits = {"target": "sandbox", "mode": "apply", "waive": "DNS-PUBLISHED: a run that waits"}
    runner = Runner(2)
    with Sandbox.start() as another:
        runs = []
        for one, record in zip((sandbox, another), records, strict=True):
            one.unpublish()
            given = waits | {"endpoint_url": one.facts.endpoint_url, "selector": one.facts.next_selector}
            runs.append(runner.start(given, record))
        eventually(lambda: all(map(running, records)))
        assert all(map(under_way, records))
        os.kill(running(records[0]), signal.SIGKILL)
        assert runs[0].result(600).code == 137
        eventually(lambda: not under_way(records[0]))
        assert under_way(records[1])
        eventually(
            lambda: any('"event":"read"' in path.read_text("utf-8") for path in folder.glob("outputs/told.*.jsonl"))
        )
        os.kill(running(records[1]), signal.SIGTERM)
        ended = runs[1].result(600)
        assert (ended.code, ended.said.split()[0]) == (128 + signal.SIGTERM, "FAILED")
    runner.close()
    notebook = json.loads(records[1].read_text("utf-8"))
    assert notebook["metadata"]["papermill"]["output_path"] == "outputs/told.ipynb"


ONE = """
from pathlib import Path
from second_edition.procedures.fleet.runner import Runner
runner = Runner(1)
print(runner.start({"selector": "_", "target": "sandbox"}, Path("outputs/1.ipynb")).result(600).complained)
runner.close()
"""


INTERRUPTED = """
import os, signal, time
from pathlib import Path
from second_edition.procedures.fleet.runner import Runner
signal.signal(signal.SIGINT, lambda *_: None)
runner = Runner(1)
run = runner.start({"selector": "_", "target": "sandbox"}, Path("outputs/1.ipynb"))
while not run.done():
    os.killpg(0, signal.SIGINT)
    time.sleep(0.01)
print(run.result().complained)
runner.close()
"""


def test_an_interrupt_of_the_terminal_ends_no_run_that_starts(folder: Path) -> None:
    words = [sys.executable, "-P", "-c", INTERRUPTED]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, start_new_session=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The selector '_' is not one that SES takes")


def test_a_file_of_the_working_folder_is_not_imported(folder: Path) -> None:
    (folder / "dns.py").write_text("raise SystemExit('imported from the working folder')")
    done = subprocess.run([sys.executable, "-P", "-c", ONE], cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The selector '_' is not one that SES takes")
