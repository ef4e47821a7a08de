"""A wait as an operator sees it on a terminal, by papermill and by the command; test_jupyterlab_runs.py has more."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.second_edition.notebooks.runs import PAPERMILL
from tests.second_edition.notebooks.stage import Stage, Troupe

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
    "byodkim": [sys.executable, "-m", "second_edition.launch.command_line", "rotate"],
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
