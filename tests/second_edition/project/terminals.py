"""The READMEs' commands as people give them: shells in a clone, a standing sandbox in a terminal of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.second_edition.project.readme import blocks
from tests.second_edition.sandbox.test_standing import free_ports

# The sandboxes' own ports may be taken on this machine. A second name server has the port after the first one's.
SANDBOXES = {"terminal-1": ("4599", "5354"), "terminal-2": ("4600", "5360")}
END = "-- end of block {} --"
MOST_S = 1200


@dataclass(frozen=True)
class Walk:
    """Hold what was left by commands of a README: the clone, and what each block wrote."""

    folder: Path
    said: list[str]

    def notebook(self, name: str) -> dict[str, Any]:
        """An executed notebook."""
        found: dict[str, Any] = json.loads((self.folder / "outputs" / f"{name}.ipynb").read_text("utf-8"))
        return found

    def headline(self, name: str) -> str:
        """Return what stands at the top of a record, as plain text."""
        return headline(self.notebook(name))

    def events(self, name: str = "*") -> list[dict[str, Any]]:
        """The events of the journals beside records of this name."""
        paths = sorted((self.folder / "outputs").glob(f"{name}.*.journal.jsonl"))
        return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]

    def event(self, name: str, event: str) -> dict[str, Any]:
        """The last event of that kind in the journal of a record."""
        return [one for one in self.events(name) if one["event"] == event][-1]

    def wrote(self, name: str) -> list[str]:
        """The operations by which the run of a record changed anything at AWS, in order."""
        calls = [call["operation"] for one in self.events(name) for call in one.get("calls", ())]
        return [operation for operation in calls if operation.startswith(("Put", "Update", "Delete", "Change"))]


def headline(notebook: dict[str, Any]) -> str:
    """Return what stands at the top of a record, as plain text."""
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    (output,) = (output for output in first["outputs"] if "data" in output)
    return "".join(output["data"]["text/plain"])


def script(text: str) -> str:
    """The blocks to run, each with the exit code that it must have, as one shell session."""
    lines = ["set -e"]
    for number, block in enumerate(block for block in blocks(text) if block.marks[1:2] == ("run",)):
        if block.kind == "run":
            lines.append(block.text)
        else:
            code = block.kind.removeprefix("run exit-")
            lines.append(f"code=0\n{block.text.rstrip()} || code=$?\ntest $code = {code}")
        lines.append(f"echo '{END.format(number)}'")
    return "\n".join(lines)


def parts(said: str) -> list[str]:
    """Return what a shell session wrote, block by block."""
    return re.split(r"-- end of block \d+ --\n", said)


class Ports:
    """Free ports for the sandboxes of one README."""

    def __init__(self) -> None:
        self._free = {terminal: free_ports() for terminal in SANDBOXES}

    def on(self, text: str) -> str:
        """A text with the sandboxes' usual ports replaced, and every sandbox command told about them."""
        (port, dns_port), told = self._free["terminal-1"], dict[str, int]()
        for terminal, (usual, usual_dns) in SANDBOXES.items():
            free, free_dns = self._free[terminal]
            told |= {usual: free, usual_dns: free_dns, str(int(usual_dns) + 1): free_dns + 1}
        text = re.sub(rf"\b({'|'.join(told)})\b", lambda found: str(told[found[0]]), text)
        return text.replace("byodkim sandbox", f"byodkim sandbox --port {port} --dns-port {dns_port}")


def terminal(folder: Path, commands: str, env: dict[str, str]) -> subprocess.Popen[str]:
    """A shell of its own, so that what it has started can be ended with it."""
    return subprocess.Popen(
        ["/bin/sh", "-c", commands],
        cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """Ends a terminal and what runs in it; the rest of what it wrote."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
    return process.communicate(timeout=600)[0]


@contextlib.contextmanager
def standing(folder: Path, commands: str, env: dict[str, str]) -> Iterator[None]:
    """A terminal with a standing sandbox in it, which is ready."""
    process = terminal(folder, commands, env)
    try:
        assert process.stdout is not None
        while (line := process.stdout.readline()) and "Ctrl-C" not in line:
            pass
        yield
    finally:
        ended(process, signal.SIGTERM)


def finished(process: subprocess.Popen[str]) -> str:
    """All that a terminal has written when its commands have ended, each with the exit code that was told."""
    try:
        said = process.communicate(timeout=MOST_S)[0]
    except subprocess.TimeoutExpired:
        said = ended(process, signal.SIGKILL)
    assert process.returncode == 0, said[-4000:]
    return said
