"""How much of SES's one call a second a fleet's writes get: ``python -m tests.bench.fleet_reads``. Nothing passes or
fails.

The sandbox's SES enforces the limit, 429s included. Writers stand in for runs, without their notebooks: each asks the
reader before its write, makes the write through the shared budget with a client of its own, and asks until SES has
verified. What is counted is what the sandbox counted.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from byodkim.aws.budget import THROTTLED
from byodkim.aws.identity import put_signing_attributes
from byodkim.aws.session import WRITE, Clients, Settings
from byodkim.custody.duties import Duties
from byodkim.custody.reader_client import VARIABLE
from byodkim.fleet.reader import Reader
from byodkim.sandbox.client import Sandbox
from tests.fleet.readers import BATCH, FULL, NEXT, PRIVATE, PUT, Readers, names, publish

LOOKED_S = 20.0  # from a write to SES's first look at DNS
AHEAD = 120  # names that the reader is told before their runs begin
BEGUN = 12  # runs that are begun and have not written yet: enough for a machine that others use too


@dataclass(frozen=True)
class Fleet:
    """What a fleet took: identities, seconds from its first write to its last, and calls by the sandbox's count."""

    identities: int
    seconds: float
    batch: int
    full: int
    planned: int
    refused: int
    waited: float

    @property
    def share(self) -> float:
        """Writes a second, of the one that is allowed."""
        return (self.identities - 1) / self.seconds

    @property
    def beyond(self) -> float:
        """Calls an identity beside its write, planning included."""
        return (self.planned + self.batch + self.full + self.refused) / self.identities


def switch(duties: Duties, settings: Settings, state: Path, name: str, begun: threading.Semaphore) -> float:
    """One run's calls; the seconds from its write until it knew that SES has verified."""
    with begun:
        for _ in range(2):  # it observes, and observes again when it applies
            seen = duties.lately(name, 120.0, 90.0)
            assert seen["identity"]["status"] == "SUCCESS"
        client = Clients(settings, state=state).get("sesv2", WRITE)
        while not _written(client, name):  # as when a campaign begins the run anew
            continue
        since = written = time.monotonic()
    while True:
        age = time.monotonic() - since
        seen = duties.lately(name, age, 180.0, wrote=NEXT, patient=True, alone=False)
        since = time.monotonic()
        found = seen["identity"] or {"selectors": (), "status": ""}
        if (tuple(found["selectors"]), found["status"]) == ((NEXT,), "SUCCESS"):
            return since - written


def _written(client: Any, name: str) -> bool:
    try:
        put_signing_attributes(client, name, NEXT, PRIVATE)
    except ClientError as error:
        if error.response["Error"]["Code"] not in THROTTLED:
            raise
        return False
    return True


def fleet(identities: int, writers: int, rate: int = 1) -> Fleet:
    """Switches so many identities, with so many runs at a time, at most."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        sandbox = stack.enter_context(Sandbox.start())
        sandbox.set_knobs(identities=identities * 10 // 8 + 10, check_interval=LOOKED_S / rate)
        asked = names(identities)
        publish(sandbox, asked)
        readers = Readers(sandbox, folder, stack)
        seeds = readers.seeds(asked)  # the planning's: before, and without the limit, so that it takes less long
        readers.limit(rate)
        before = len(sandbox.calls())
        reader = readers.reader(every_s=45.0 / rate)
        reader.seed(seeds)
        reader.ahead(asked[:AHEAD])
        waited = _switch_all(readers, reader, asked, writers, rate)
        calls = sandbox.calls()[before:]
    return _counted(identities, calls, waited)


def _switch_all(readers: Readers, reader: Reader, asked: Sequence[str], writers: int, rate: int) -> list[float]:
    facts = readers.sandbox.facts
    settings = Settings(facts.region, "", facts.endpoint_url, sandbox=True, requests_per_second=rate)
    os.environ[VARIABLE] = reader.address
    duties = Duties()
    duties.open(vars(settings))
    state, begun = Path(os.environ["XDG_STATE_HOME"]) / "byodkim", threading.Semaphore(BEGUN)

    def one(number: int) -> float:
        reader.ahead(asked[number + AHEAD : number + AHEAD + 1])
        return switch(duties, settings, state, asked[number], begun)

    try:
        with ThreadPoolExecutor(writers) as pool:
            return list(pool.map(one, range(len(asked))))
    finally:
        del os.environ[VARIABLE]


def _counted(identities: int, calls: Sequence[dict[str, Any]], waited: Sequence[float]) -> Fleet:
    of_ses = [call for call in calls if call["service"] in ("ses", "sesv2")]
    good = [call for call in of_ses if call["status"] == 200]
    written = [datetime.fromisoformat(str(call["at"])) for call in good if call["operation"] == PUT]
    assert len(written) == identities
    return Fleet(
        identities,
        (max(written) - min(written)).total_seconds(),
        sum(call["operation"] == BATCH for call in good),
        sum(call["operation"] == FULL for call in good),
        identities,
        len(of_ses) - len(good),
        sum(waited) / len(waited),
    )


def rows(identities: int = 200, writers: int = 120) -> list[tuple[str, str, str]]:
    """What is measured, its value, and a ratio where there is one."""
    found = fleet(identities, writers)
    return [
        (
            f"a fleet's writes at SES's limit of 1/s, {identities} identities, {found.seconds:.0f} s",
            f"{found.share:.3f}/s",
            f"{found.share:.1%} of the limit",
        ),
        (
            "    calls an identity beside the write, the planning's one read included",
            f"{found.beyond:.3f}",
            f"{found.batch} batches, {found.full} full, {found.refused} refused",
        ),
        ("    from the write until the run knew of SUCCESS, mean", f"{found.waited:.0f} s", f"SES: {LOOKED_S:.0f} s"),
    ]


def main() -> None:
    """Prints the rows."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fleet_reads", description=__doc__)
    parser.add_argument("--identities", type=int, default=200)
    parser.add_argument("--writers", type=int, default=120)
    asked = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores,")
    print(f"Python {platform.python_version()}")
    for label, value, ratio in rows(asked.identities, asked.writers):
        print(f"{label:76}  {value:>10}  {ratio}")
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
