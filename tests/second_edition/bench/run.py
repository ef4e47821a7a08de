"""What a run costs, as ratios measured in turn on one standing sandbox. Nothing passes or fails."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from second_edition.sandbox.client import Sandbox
from tests.second_edition.bench.table import printed

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
LOOKED = 0.001  # seconds from the write to SES's first look at DNS: as good as at once, so that waiting is not measured
AWS_MS, DNS_MS = 80, 30
LABELS = (
    "(a) the run sheet's six AWS CLI commands",
    "(b) plain papermill, checks and verification included",
    "of which the steps, first to last cell",
    "the steps, with 80 ms on each AWS call and 30 ms on each DNS query",
    "their longest chain of dependent calls",
    "what that latency adds to the steps, and to the chain",
)


@dataclass(frozen=True)
class Timed:
    """One papermill run: wall clock, and from the start of the first code cell to the end of the last, in seconds."""

    wall: float
    steps: float
    written: float


def run_sheet(sandbox: Sandbox, folder: Path) -> float:
    """(a) The run sheet by hand: six AWS CLI commands, and the JSON file that they need. Seconds."""
    facts = sandbox.facts
    key, request = folder / "private_key.pem", folder / "request.json"
    place = f"s3://{facts.key_bucket}/dkim-keys/{facts.domain}/{facts.next_selector}/"
    environment = os.environ | {
        "AWS_ENDPOINT_URL": facts.endpoint_url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": facts.region,
    }

    def aws(*words: str) -> None:
        subprocess.run([BIN / "aws", *words], env=environment, check=True, stdout=subprocess.DEVNULL)

    started = time.perf_counter()
    aws("sesv2", "get-email-identity", "--email-identity", facts.domain)
    aws("secretsmanager", "get-secret-value", "--secret-id", facts.secret_id)
    aws("s3", "ls", place)
    aws("s3", "cp", place + key.name, str(key))
    body = "".join(line for line in key.read_text().splitlines() if "-----" not in line)
    request.write_text(json.dumps({"DomainSigningSelector": facts.next_selector, "DomainSigningPrivateKey": body}))
    aws(
        "sesv2", "put-email-identity-dkim-signing-attributes", "--email-identity", facts.domain,
        "--signing-attributes-origin", "EXTERNAL", "--signing-attributes", f"file://{request}",
    )  # fmt: skip
    aws("sesv2", "get-email-identity", "--email-identity", facts.domain)
    return time.perf_counter() - started


def notebook(sandbox: Sandbox, folder: Path) -> Timed:
    """(b) Plain papermill with all that it does besides."""
    facts, out = sandbox.facts, Path(tempfile.mkdtemp(dir=folder)) / "run.ipynb"  # beside no earlier record
    command: list[str | Path] = [
        BIN / "papermill", ROOT / "lib/second_edition/notebooks" / "rotate.ipynb", out, "-r", "selector", facts.next_selector,
        "-p", "mode", "apply", "-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url,
    ]  # fmt: skip
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    wall = time.perf_counter() - started
    cells = [
        cell["metadata"]["papermill"] for cell in json.loads(out.read_text())["cells"] if cell["cell_type"] == "code"
    ]
    first, last = datetime.fromisoformat(cells[0]["start_time"]), datetime.fromisoformat(cells[-1]["end_time"])
    journal = next(out.parent.glob("*.journal.jsonl")).read_text().splitlines()
    return Timed(wall, (last - first).total_seconds(), _chain([json.loads(line) for line in journal]))


def _chain(events: list[Mapping[str, Any]]) -> float:
    """The longest chain of calls that need each other's answers, from the journal's call log, in seconds.

    Twice secret -> key (or identity -> DNS, which is shorter), then the write, then one reading after the other.
    """
    calls = [call for event in events for call in event.get("calls", ())]
    ms = {
        name: sorted((c["ms"] for c in calls if c["operation"] == name), reverse=True)
        for name in {c["operation"] for c in calls}
    }
    observing: float = 2 * ms["GetSecretValue"][0] + ms["GetObject"][0] + ms["HeadObject"][0]
    after = sum(sorted(ms["GetEmailIdentity"])[: len(ms["GetEmailIdentity"]) - 2])
    return float(observing + ms["PutEmailIdentityDkimSigningAttributes"][0] + after) / 1000 + LOOKED


def fresh(sandbox: Sandbox, **knobs: object) -> None:
    """The world anew, with SES looking at DNS as good as at once."""
    sandbox.reset()
    sandbox.set_knobs(check_interval=LOOKED, **knobs)


def rows(rounds: int = 20) -> list[tuple[str, str, str]]:
    """Return what is measured, its median, and a ratio where there is one."""
    by_hand, plain, slow = [], [], []
    with Sandbox.start() as sandbox, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(rounds):
            fresh(sandbox)
            by_hand.append(run_sheet(sandbox, folder))
            fresh(sandbox)
            plain.append(notebook(sandbox, folder))
            fresh(sandbox, aws_latency_ms=AWS_MS, dns_latency_ms=DNS_MS)
            slow.append(notebook(sandbox, folder))
    middle = statistics.median
    a, b = middle(by_hand), middle(run.wall for run in plain)
    p90 = statistics.quantiles((run.wall for run in plain), n=10)[-1]
    steps, steps_slow = middle(run.steps for run in plain), middle(run.steps for run in slow)
    chain, chain_slow = middle(run.written for run in plain), middle(run.written for run in slow)
    added, added_chain = steps_slow - steps, chain_slow - chain
    told = (
        (f"{a:.2f} s", ""),
        (f"{b:.2f} s", f"(b)/(a) = {b / a:.2f} (aim 0.8); p90 {p90 / b:.2f} x the median (aim 1.15)"),
        (f"{steps:.2f} s", "(aim 0.8 s)"),
        (f"{steps_slow:.2f} s", f"{steps_slow / chain_slow:.2f} x that chain (aim 1.3)"),
        (f"{chain_slow:.2f} s", ""),
        (f"{added:.2f} s, {added_chain:.2f} s", f"{added / added_chain:.2f}"),
    )
    return [(label, *each) for label, each in zip(LABELS, told, strict=True)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.second_edition.bench.run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    printed(rows(parser.parse_args().rounds))
