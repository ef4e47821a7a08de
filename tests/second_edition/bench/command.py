"""What a run costs by the project's own command, against the run sheet's six AWS CLI commands.

Both in turn on one standing sandbox, whose SES looks at DNS at once. Processor time is that of all processes of a
run; memory is what is a process's own and nobody else's (``Private`` of ``smaps_rollup``) while the run waits for SES.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

from second_edition.sandbox.client import Sandbox
from tests.second_edition.bench.run import BIN, ROOT, fresh, run_sheet
from tests.second_edition.bench.table import Row, printed, stated

AIM, AIM_CPU_S = 0.3, 1.0
LABELS = (
    "(a) once more, in turn with these",
    "(c) byodkim rotate",
    "processor time of all its processes",
    "its private memory while it waits for SES",
)

#: Below it the command finds the second edition's notebooks, and not those in the root.
PROJECT = ROOT / "lib/second_edition"


def place(folder: Path) -> Path:
    """A record's name beside no earlier record."""
    return Path(tempfile.mkdtemp(dir=folder)) / "run.ipynb"


def words(sandbox: Sandbox, output: Path, **more: str) -> list[str | Path]:
    """The command."""
    facts = sandbox.facts
    given = {
        "target": "sandbox", "endpoint_url": facts.endpoint_url, "selector": facts.next_selector, "mode": "apply",
        **more,
    }  # fmt: skip
    parameters = [word for name, value in given.items() for word in ("-p", name, value)]
    return [BIN / "byodkim-second-edition", "rotate", "-o", output, *parameters]


def rotate(sandbox: Sandbox, folder: Path) -> tuple[float, float]:
    """``byodkim rotate``: seconds by the clock, and of processor time of all its processes."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(words(sandbox, place(folder)), check=True, capture_output=True, cwd=PROJECT)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def private_mb(process: psutil.Process) -> float:
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text("ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def waiting_mb(sandbox: Sandbox, folder: Path) -> tuple[float, float]:
    """Private megabytes of command and custodian while their run waits for SES."""
    fresh(sandbox)
    sandbox.unpublish()
    output = place(folder)
    command = words(sandbox, output, waive="DNS-PUBLISHED: a run that waits")
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not any('"event":"read"' in path.read_text("utf-8") for path in output.parent.glob("*.jsonl")):
            time.sleep(0.05)
        (custodian,) = psutil.Process(process.pid).children()
        found = private_mb(psutil.Process(process.pid)), private_mb(custodian)
        process.terminate()
    return found


def rows(rounds: int = 9) -> list[Row]:
    """Label, value, and ratio with what is aimed at."""
    by_hand, by_command, cpu = list[float](), list[float](), list[float]()
    with tempfile.TemporaryDirectory() as name, stated(f"{name}/state"), Sandbox.start() as sandbox:
        folder = Path(name)
        for _ in range(rounds):
            fresh(sandbox)
            by_hand.append(run_sheet(sandbox, folder))
            fresh(sandbox)
            wall, spent = rotate(sandbox, folder)
            by_command.append(wall)
            cpu.append(spent)
        command, custodian = waiting_mb(sandbox, folder)
    a, c = statistics.median(by_hand), statistics.median(by_command)
    told = (
        (f"{a:.2f} s", ""),
        (f"{c:.2f} s", f"(c)/(a) = {c / a:.2f} (aim {AIM})"),
        (f"{statistics.median(cpu):.2f} s", f"(aim {AIM_CPU_S} s)"),
        (f"{command + custodian:.0f} MB", f"command {command:.0f}; custodian {custodian:.0f}"),
    )
    return [(label, *each) for label, each in zip(LABELS, told, strict=True)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.second_edition.bench.command", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    printed(rows(parser.parse_args().rounds))
