"""A campaign at SES's pace, the memory of a large plan, and large archives.

Alone: ``python -m tests.bench.fleet``.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from byodkim.record.events import Called, WriteAnswered, WriteIntended
from byodkim.record.journal_file import read_journal
from byodkim.sandbox.world import World, control, table
from tests.bench.figures import Figure, at_most, table as shown
from tests.bench.project import BIN, Project
from tests.record.archives import Archive

SES = ("ses", "sesv2")


def figures(folder: Path, identities: int = 60, planned: int = 10_000) -> list[Figure]:
    """Return the figures of a campaign, and of archives."""
    return [*campaign(folder, identities), memory(folder, planned), *archives(folder)]


def campaign(folder: Path, identities: int) -> list[Figure]:
    """Plan and switch a fleet in a sandbox that has SES's pace."""
    project = Project(folder / "fleet")
    with project.standing("fleet", identities=identities, throttled=True) as world:
        (project.folder / "fleet.csv").write_text(table(world))
        planning = _calls(project, world, "plan")
        cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
        applying = _calls(project, world, "apply")
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = spent.ru_utime + spent.ru_stime - cpu.ru_utime - cpu.ru_stime
    return [
        at_least(
            "Share of SES's pace that a campaign uses while it writes",
            _used(project),
            0.95,
        ),
        at_most(
            "SES calls for each identity, plan",
            planning / identities,
            1.1,
            "{:.2f}",
        ),
        at_most(
            "SES calls for each identity, apply",
            applying / identities,
            2.1,
            "{:.2f}",
        ),
        at_most(
            "Processor seconds for each identity, apply, papermill included",
            seconds / identities,
            0.15,
            "{:.2f}",
        ),
    ]


def memory(folder: Path, rows: int) -> Figure:
    """Plan many rows with simulated answers, and return the most memory that it took."""
    place = folder / "memory"
    place.mkdir()
    command = [sys.executable, "-m", "tests.bench.planned", str(rows)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    megabytes = int(done.stdout.split()[-1]) / 1024
    return at_most(
        f"Memory of the process that plans {rows:,} rows (MB)",
        megabytes,
        300,
    )


def archives(folder: Path) -> list[Figure]:
    """Verify 1,000 signed runs, and index 10,000."""
    small, large = Archive(folder / "small"), Archive(folder / "large")
    for archive, runs in ((small, 1_000), (large, 10_000)):
        archive.folder.mkdir()
        archive.fill(runs)
    began = time.perf_counter()
    assert len(small.verify(approvals_required=0).runs) == 1_000
    verified = time.perf_counter() - began
    project = Project(folder / "index")
    indexed = project.time([BIN / "byodkim", "index", large.folder])
    return [
        at_most("verify of 1,000 signed runs", verified, 3.0, "{:.1f} s"),
        at_most("index of 10,000 signed runs", indexed, 30.0, "{:.0f} s"),
    ]


def at_least(label: str, value: float, bound: float) -> Figure:
    """Return a figure that must not be below its bound."""
    return Figure(label, f"{value:.2f}", f"≥ {bound:.2f}", value >= bound)


def _calls(project: Project, world: World, mode: str) -> int:
    """Run the campaign, and return how many calls SES received."""
    control(world, "forget")
    words = ["-r", "table", "fleet.csv", "-r", "target", "sandbox", "-r", "mode", mode]
    words += ["-r", "pause_minutes", "0", "-r", "wave_rows", "1000"]
    project.time([BIN / "byodkim", "fleet", "-o", f"outputs/{mode}.ipynb", *words])
    return sum(call["service"] in SES for call in control(world, "calls"))


def _used(project: Project) -> float:
    """Return how many SES calls a second were made from the first write of wave 2 to the last."""
    answers = list[float]()
    for path in sorted((project.folder / "outputs").glob("apply*.journal.jsonl")):
        events = read_journal(path).events
        answers += [e.at.timestamp() for e in events if isinstance(e, WriteIntended) and e.at]
        answers += [e.at.timestamp() for e in events if isinstance(e, WriteAnswered) and e.at]
    calls = _ses_calls(project)
    first, last = sorted(answers)[2], max(answers)
    return sum(first < at <= last for at in calls) / (last - first)


def _ses_calls(project: Project) -> Sequence[float]:
    times = list[float]()
    for path in (project.folder / "outputs").glob("apply*.journal.jsonl"):
        for event in read_journal(path).events:
            if isinstance(event, Called):
                times += [
                    datetime.fromisoformat(call["at"]).timestamp()
                    for call in event.calls
                    if call["service"] in SES
                ]
    return times


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="byodkim-bench-") as name:
        print(shown(figures(Path(name))))
