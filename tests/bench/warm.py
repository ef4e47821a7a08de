"""What a run costs on warm machinery, and by the project's own command, against the run sheet's six AWS CLI commands.

All three in turn on one standing sandbox, whose SES looks at DNS at once. Processor time is that of all processes of a
run; memory is what is a process's own and nobody else's (``Private`` of ``smaps_rollup``) while the run waits for SES.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil

from byodkim.fleet.warm import Warm
from byodkim.sandbox.client import Sandbox
from tests.bench.run import BIN, ROOT, fresh, run_sheet

Row = tuple[str, str, str]
AT_ONCE = 8
SUSTAINED = 24  # runs
WARM, COLD = 0.15, 0.5  # what is aimed at
LABELS = (
    "(a) once more, in turn with these",
    "(c) byodkim rotate",
    "(d) the same run on warm machinery",
    "processor time of all its processes",
    "its private memory while it waits for SES",
    f"plan runs on warm machinery, {AT_ONCE} at once",
)


def given(sandbox: Sandbox, mode: str = "apply", **more: str) -> dict[str, str]:
    facts = sandbox.facts
    return {
        "target": "sandbox", "endpoint_url": facts.endpoint_url, "selector": facts.next_selector, "mode": mode, **more,
    }  # fmt: skip


def place(folder: Path) -> Path:
    """A record's name beside no earlier record."""
    return Path(tempfile.mkdtemp(dir=folder)) / "run.ipynb"


def cold(sandbox: Sandbox, folder: Path) -> float:
    """``byodkim rotate``. Seconds."""
    words = [word for name, value in given(sandbox).items() for word in ("-p", name, value)]
    started = time.perf_counter()
    subprocess.run([BIN / "byodkim", "rotate", "-o", place(folder), *words], check=True, capture_output=True, cwd=ROOT)
    return time.perf_counter() - started


def warmly(warm: Warm, sandbox: Sandbox, folder: Path) -> float:
    """The same run on machinery that is kept ready. Seconds."""
    started = time.perf_counter()
    ended = warm.start(given(sandbox), place(folder)).result()
    assert ended.code == 0, ended
    return time.perf_counter() - started


def spent(warm: Warm) -> float:
    """Processor seconds so far of all processes that the machinery has waited for, and of those that it has."""
    assert warm._zygote is not None
    assert warm._nursery is not None
    kept = (psutil.Process(warm._zygote.pid), psutil.Process(warm._nursery.process.pid))
    alive = [process for one in kept for process in (one, *one.children(recursive=True))]
    total = 0.0
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total


def private_mb(process: psutil.Process) -> float:
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text("ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def waiting_mb(sandbox: Sandbox, folder: Path) -> dict[str, float]:
    """Private megabytes of runner, kernel and custodian while their run waits for SES."""
    fresh(sandbox)
    sandbox.unpublish()
    with Warm(1) as warm:
        waived = given(sandbox, waive="DNS-PUBLISHED: a run that waits")
        output = place(folder)
        run = warm.start(waived, output)
        while not any('"event":"read"' in path.read_text("utf-8") for path in output.parent.glob("*.jsonl")):
            time.sleep(0.05)
        time.sleep(0.5)
        found = {}
        assert warm._zygote is not None
        assert warm._nursery is not None
        for runner in psutil.Process(warm._zygote.pid).children():
            if any(file.path.endswith(".lock") for file in runner.open_files()):
                found = {"runner": private_mb(runner), "kernel": private_mb(runner.children()[0])}
        found["custodian"] = private_mb(psutil.Process(warm._nursery.process.pid).children()[0])
    assert run.done()
    return found


def sustained(folder: Path) -> tuple[float, float]:
    """Plan runs a second with eight at once, and processor seconds a run, the sandbox's left out."""
    with Sandbox.start() as sandbox, Warm(AT_ONCE) as warm:
        fresh(sandbox)
        warmly(warm, sandbox, folder)
        fresh(sandbox)
        before, started = spent(warm), time.perf_counter()
        runs = [warm.start(given(sandbox, "plan"), place(folder)) for _ in range(SUSTAINED)]
        for run in runs:
            assert run.result().code == 0, run.result()
        return SUSTAINED / (time.perf_counter() - started), (spent(warm) - before) / SUSTAINED


@contextlib.contextmanager
def _state(folder: Path) -> Iterator[None]:
    """No bench seals with the key of whoever runs it."""
    known = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    try:
        yield
    finally:
        os.environ.pop("XDG_STATE_HOME")
        if known is not None:
            os.environ["XDG_STATE_HOME"] = known


def rows(rounds: int = 9) -> list[Row]:
    """Label, value, and ratio with what is aimed at."""
    by_hand, by_command, by_warm, cpu = [], [], [], []
    with tempfile.TemporaryDirectory() as name, _state(Path(name)), Sandbox.start() as sandbox:
        folder = Path(name)
        with Warm(1) as warm:
            fresh(sandbox)
            warmly(warm, sandbox, folder)
            for _ in range(rounds):
                fresh(sandbox)
                by_hand.append(run_sheet(sandbox, folder))
                fresh(sandbox)
                by_command.append(cold(sandbox, folder))
                fresh(sandbox)
                before = spent(warm)
                by_warm.append(warmly(warm, sandbox, folder))
                cpu.append(spent(warm) - before)
        memory = waiting_mb(sandbox, folder)
        rate, cpu_planned = sustained(folder)
    a, c, d = map(statistics.median, (by_hand, by_command, by_warm))
    each = "; ".join(f"{kind} {mb:.0f}" for kind, mb in memory.items())
    told = (
        (f"{a:.2f} s", ""),
        (f"{c:.2f} s", f"(c)/(a) = {c / a:.2f} (aim {COLD})"),
        (f"{d:.2f} s", f"(d)/(a) = {d / a:.2f} (aim {WARM})"),
        (f"{statistics.median(cpu):.2f} s", ""),
        (f"{sum(memory.values()):.0f} MB", each),
        (f"{rate:.2f} a second", f"{cpu_planned:.2f} s of processor time each"),
    )
    return [(label, *each) for label, each in zip(LABELS, told, strict=True)]


def main() -> None:
    """Prints one table."""
    if sys.platform != "linux":
        sys.exit("Processes are forked on Linux only.")
    parser = argparse.ArgumentParser(prog="python -m tests.bench.warm", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    found = rows(parser.parse_args().rounds)
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores,")
    print(f"Python {platform.python_version()}; load {os.getloadavg()[0]:.1f} before the last round\n")
    width = max(len(label) for label, _, _ in found)
    for label, value, ratio in found:
        print(f"{label:{width}}  {value:>8}  {ratio}")


if __name__ == "__main__":
    main()
