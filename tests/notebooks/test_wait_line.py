"""A wait as an operator sees it: on a terminal, with papermill and the command, and in JupyterLab."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import termios
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from byodkim.engine import kernel, live_line
from byodkim.engine.polling import Polling
from byodkim.engine.wait_line import WaitLine
from tests.notebooks.runs import PAPERMILL
from tests.notebooks.stage import Stage, Troupe

NEXT = "mail-20261124-1"
LINE = re.compile(
    r"\d:\d\d:\d\d passed, next look in 0:00:\d\d, "
    rf"until \d\d:\d\d:\d\d UTC at most. Waiting for SES to verify {NEXT}: (\w+)"
)


def on_a_terminal(words: list[str], folder: Path, env: dict[str, str]) -> str:
    """Return all that a command writes to its terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (25, 160))
    with subprocess.Popen(words, cwd=folder, env=env, stdout=theirs, stderr=theirs, stdin=theirs) as process:
        os.close(theirs)
        said = b""
        try:
            while part := os.read(ours, 65536):
                said += part
        except OSError:  # Linux's word for a terminal that nobody holds any more
            pass
    os.close(ours)
    assert process.returncode == 0, said
    return said.decode()


COMMANDS = {
    "papermill": [PAPERMILL, "notebooks/rotate.ipynb", "outputs/1.ipynb"],
    "byodkim": [sys.executable, "-m", "byodkim.launch.command_line", "rotate"],
}


QUICK = {"name": ("byodkim",)}


@pytest.mark.parametrize("name", COMMANDS)
def test_on_a_terminal_a_line_tells_how_the_wait_goes(troupe: Troupe, name: str) -> None:
    def wait(stage: Stage) -> str:
        facts = stage.sandbox.facts
        stage.sandbox.set_knobs(check_interval=4)
        words = ["-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url, "-p", "mode", "apply"]
        return on_a_terminal(
            [*COMMANDS[name], *words, "-r", "selector", NEXT], stage.folder, stage.runner.environment()
        )

    said = troupe.begin(name, wait).result()
    assert set(LINE.findall(said)) == {"PENDING"}, said
    assert said.count("SWITCHED") == 1
    assert "Waiting" not in said[said.index("SWITCHED") :]


def test_in_a_log_a_line_tells_after_ten_seconds_and_every_half_a_minute(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    intent = SimpleNamespace(selector=NEXT, zone=UTC, language="en")
    run: Any = SimpleNamespace(intent=intent, waits="", clock=lambda: datetime.now(UTC))
    clock = [0.0]
    monkeypatch.setattr(live_line, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(kernel, "standard_error", lambda: (tmp_path / "log").open("w"))
    polling = Polling(600, 7.0)
    with WaitLine(run, "wait.ses", polling) as line:
        line.show("PENDING", over=False)
        for clock[0] in range(95):
            polling.tick(7)
            if clock[0] == 10:
                assert LINE.search((tmp_path / "log").read_text())
    text = (tmp_path / "log").read_text()
    assert LINE.findall(text) == ["PENDING"] * 3
    narrow = text[:44]  # what a narrow terminal shows of it has the times
    assert re.match(r"\d:\d\d:\d\d passed, next look in 0:00:07", narrow)
