"""What an inventory takes beside the floor that SES's limit sets: ``python -m tests.bench.inventory``. Nothing passes
or fails.

The sandbox's SES enforces the limit; key records are at a real nsd, a zone for each identity. The floor is the number
of SES's calls divided by the limit; what is timed is the whole command, from its start to its end. ``--rate 1`` is what
AWS allows, and takes two minutes for 10,000 identities.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from byodkim.sandbox.client import Sandbox
from tests.bench.crowd import zones
from tests.dns.daemons import nsd

BIN = Path(sys.executable).parent
CALLS = ("ListEmailIdentities", "GetIdentityDkimAttributes", "GetEmailIdentity")


def inventory(folder: Path, sandbox: Sandbox, port: int) -> tuple[float, float]:
    """Seconds that the command takes, and the most memory that it or its custodian had, in MB (Linux)."""
    command = [str(BIN / "byodkim"), "inventory", "--target", "sandbox", "--endpoint-url", sandbox.facts.endpoint_url]
    command += ["--nameservers", f"127.0.0.1:{port}", "--archive", str(folder)]
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return time.perf_counter() - started, used.ru_maxrss / 1024


def main() -> None:
    """Prints one line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.inventory", description=__doc__)
    parser.add_argument("--identities", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=1, help="calls a second that the sandbox's SES allows")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, nsd(Path(place) / "nsd", zones(asked.identities - 1)) as port:
        os.environ["XDG_STATE_HOME"] = f"{place}/state"
        with Sandbox.start() as sandbox:
            # One is the sandbox's own.
            sandbox.set_knobs(identities=asked.identities - 1, requests_per_second=asked.rate)
            taken, memory = inventory(Path(place) / "archive", sandbox, port)
            calls = [call for name in CALLS for call in sandbox.calls(name)]
    refused = sum(call["status"] != 200 for call in calls)
    floor = (len(calls) - refused) / asked.rate
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores,")
    print(f"Python {platform.python_version()}; load now {os.getloadavg()[0]:.1f}")
    print(
        f"{asked.identities} identities, {len(calls)} calls at {asked.rate}/s ({refused} refused): {taken:.1f} s, "
        f"{taken / floor:.3f} x the floor of {floor:.1f} s; at most {memory:.0f} MB"
    )


if __name__ == "__main__":
    main()
