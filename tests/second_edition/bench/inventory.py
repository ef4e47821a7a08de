"""What an inventory takes beside the floor that SES's limit sets: ``python -m tests.second_edition.bench.inventory``. Nothing passes
or fails.

The sandbox's SES enforces the limit; key records are at a real nsd, a zone for each identity. The floor is the number
of SES's calls divided by the limit; what is timed is the whole command, from its start to its end. ``--rate 1`` is what
AWS allows, and takes two minutes for 10,000 identities.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from second_edition.sandbox.client import Sandbox
from tests.second_edition.bench.crowd import zones
from tests.second_edition.bench.table import printed, stated
from tests.second_edition.dns.daemons import nsd

BIN = Path(sys.executable).parent
LABELS = (
    "inventory of an account and Region, against a sandbox that allows one call a second",
    "calls of SES in it",
    "most memory of the inventory",
)
CALLS = ("ListEmailIdentities", "GetIdentityDkimAttributes", "GetEmailIdentity")


def inventory(folder: Path, sandbox: Sandbox, port: int) -> tuple[float, float]:
    """Seconds that the command takes, and the most memory that it or its custodian had, in MB (Linux)."""
    command = [str(BIN / "byodkim-second-edition"), "inventory", "--target", "sandbox", "--endpoint-url", sandbox.facts.endpoint_url]
    command += ["--nameservers", f"127.0.0.1:{port}", "--archive", str(folder)]
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return time.perf_counter() - started, used.ru_maxrss / 1024


def rows(identities: int = 10_000, rate: int = 1) -> list[tuple[str, str, str]]:
    """Return what is measured, its value, and a ratio where there is one. ``rate``: calls a second that SES allows."""
    with (
        tempfile.TemporaryDirectory() as place,
        nsd(Path(place) / "nsd", zones(identities - 1)) as port,
        stated(f"{place}/state"),
        Sandbox.start() as sandbox,
    ):
        # One is the sandbox's own.
        sandbox.set_knobs(identities=identities - 1, requests_per_second=rate)
        taken, memory = inventory(Path(place) / "archive", sandbox, port)
        calls = [call for name in CALLS for call in sandbox.calls(name)]
    refused = sum(call["status"] != 200 for call in calls)
    floor = (len(calls) - refused) / rate
    told = (
        (f"{taken:.1f} s", f"{taken / floor:.3f} x the floor of {floor:.1f} s (aim 1.05)"),
        (f"{len(calls):,} calls, {refused} refused", ""),
        (f"{memory:.0f} MB", "(aim 300 MB)"),
    )
    return [(label, *each) for label, each in zip(LABELS, told, strict=True)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.second_edition.bench.inventory", description=__doc__)
    parser.add_argument("--identities", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=1, help="calls a second that the sandbox's SES allows")
    asked = parser.parse_args()
    printed(rows(asked.identities, asked.rate))
