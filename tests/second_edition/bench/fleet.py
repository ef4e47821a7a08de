"""What a campaign makes of SES's one call a second: ``python -m tests.second_edition.bench.fleet``. Nothing passes or fails.

The sandbox's SES enforces the limit. Timed are the waves: from the first run that was begun to the last that ended. Of
SES's calls within that time, PUTs are what a campaign is there for; all others are what it spends beside them. What is
sustained is seen from the wave's first PUT to its last. An identity that has failed before is read in full once more,
which ``--failed`` shows: then one of six is such.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from second_edition.sandbox.client import Sandbox
from second_edition.ses_sandbox.crowd import EASY, FAILED, TENTHS, THERE, UNPREPARED, UNPUBLISHED
from tests.second_edition.bench.table import printed

ROOT = Path(__file__).resolve().parents[3]
BYODKIM = str(Path(sys.executable).with_name("byodkim-second-edition"))
PUT, CONTROL = "PutEmailIdentityDkimSigningAttributes", ("ses", "sesv2")
LACKING = (UNPUBLISHED, UNPREPARED, THERE, EASY)


@dataclass(frozen=True)
class Measured:
    """Of one campaign: identities, seconds of planning and of the waves, calls, 429s, and processor seconds of all."""

    identities: int
    rate: int
    planned_s: float
    waves_s: float
    puts_s: float
    puts: int
    others: int
    plan_others: int
    refused: int
    cpu_s: float

    @property
    def share(self) -> float:
        """Of the PUTs that SES would have allowed in the waves' time."""
        return self.puts / (self.waves_s * self.rate) if self.rate else 0.0

    @property
    def sustained(self) -> float:
        """The same, from the wave's first PUT to its last."""
        return (self.puts - 2) / (self.puts_s * self.rate) if self.rate else 0.0


def measure(identities: int, rate: int, at_once: int, *, failed: bool = False) -> Measured:
    """Plans and switches a crowd, in one wave after a canary of one."""
    with tempfile.TemporaryDirectory() as place, Sandbox.start("fleet") as sandbox:
        folder = Path(place)
        shutil.copytree(ROOT / "lib/second_edition/notebooks", folder / "notebooks")
        (folder / "outputs").mkdir()
        without = LACKING if failed else (*LACKING, FAILED)
        numbers = [number for number in range(identities * 2 + TENTHS) if number % TENTHS not in without][:identities]
        sandbox.set_knobs(identities=max(numbers) + 1)
        rows = [f"d{number:05}.{sandbox.facts.domain},{sandbox.facts.next_selector}" for number in numbers]
        (folder / "table.csv").write_text("\n".join(["domain,selector", *rows]) + "\n")
        sandbox.set_knobs(requests_per_second=rate)
        asked = {"identities": "table.csv", "canary": "1", "wave": identities, "pause_minutes": 0, "at_once": at_once}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = datetime.now(UTC)
        plan = _fleet(folder, sandbox, asked)
        planned = (datetime.now(UTC) - started).total_seconds()
        events = _fleet(folder, sandbox, {**asked, "mode": "apply", "approved": plan[0]["run"]})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = min(event["at"] for event in events if event["event"] == "started")
        ended = max(event["at"] for event in events if event["event"] == "ended")
        calls = [call for call in sandbox.calls() if call["service"] in CONTROL]
    made = [call for call in calls if began <= call["at"] <= ended]
    done = [call for call in made if call["status"] == 200]
    puts = sorted(call["at"] for call in done if call["operation"] == PUT)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(
        identities, rate, planned, _seconds(began, ended), _seconds(puts[1], puts[-1]), len(puts),
        len(done) - len(puts), sum(call["at"] < began for call in calls), len(made) - len(done), cpu,
    )  # fmt: skip


def _seconds(since: str, until: str) -> float:
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()


def _fleet(folder: Path, sandbox: Sandbox, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """One run of the command; its journal's events."""
    known = set(folder.glob("outputs/*/*-fleet.*.journal.jsonl"))
    where = {"target": "sandbox", "endpoint_url": sandbox.facts.endpoint_url, **asked}
    words = [word for name, value in where.items() for word in ("-r", name, str(value))]
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
    done = subprocess.run(
        [BYODKIM, "fleet", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = list(set(folder.glob("outputs/*/*-fleet.*.journal.jsonl")) - known)
    return [json.loads(line) for line in found[0].read_text("utf-8").splitlines()]


LABELS = (
    "a campaign's writes where SES allows 1 a second, sustained",
    "the same, from the first run's begin to the last one's end",
    "calls of SES an identity beside its write, planning included",
    "processor time an identity, planning included",
    "planning",
)


def told(found: Measured) -> list[tuple[str, str, str]]:
    """Return what was measured, its value, and what is aimed at."""
    each = found.puts or 1
    beside = (found.others + found.plan_others) / each
    figures = (
        (f"{found.sustained:.3f} of it", f"{found.identities} identities (aim 0.95)"),
        (f"{found.share:.3f} of it", f"{found.refused} calls refused"),
        (f"{beside:.3f} calls", "(aim 1.05)"),
        (f"{found.cpu_s / found.identities:.2f} s", ""),
        (f"{found.identities / found.planned_s:.2f} a second", ""),
    )
    return [(label, *each) for label, each in zip(LABELS, figures, strict=True)]


def rows(identities: int = 240, rate: int = 1, at_once: int = 0) -> list[tuple[str, str, str]]:
    """The same, measured."""
    return told(measure(identities, rate, at_once))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.second_edition.bench.fleet", description=__doc__)
    parser.add_argument("--identities", type=int, default=240)
    parser.add_argument("--rate", type=int, default=1, help="calls a second that the sandbox's SES allows")
    parser.add_argument("--at-once", type=int, default=0, help="0: as many as the pace needs")
    parser.add_argument("--failed", action="store_true", help="one of six has failed before")
    asked = parser.parse_args()
    printed(told(measure(asked.identities, asked.rate, asked.at_once, failed=asked.failed)))
