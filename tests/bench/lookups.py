"""How many key records a second are asked for: ``python -m tests.bench.lookups``. Nothing passes or fails.

The server is a real nsd on loopback, with a zone for each identity; beside it on the same cores runs what asks. In
turn: ``bulk.Asker`` for all names, with and without judging what came; ``lookup.ask``, which has a thread a question,
for some of them; and dnsperf, where it is installed, which only counts. Processor time is this process's own.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from byodkim.dkim.published import Answer, Server, Verdict, judge
from byodkim.dns.bulk import Asker
from byodkim.dns.lookup import ask
from tests.bench.crowd import domains, names, zones
from tests.dns.daemons import PATH, nsd

FEW = 300  # names that ``lookup.ask`` is given: it takes a TXT and a SOA question for each


def _all(server: Server, asked: Sequence[str], look: Callable[[Answer], bool]) -> float:
    """TXT questions a second, each answered."""
    started, sound = time.perf_counter(), 0
    with Asker() as asker:
        waiting = iter(asked)
        left = len(asked)
        while left or asker.pending:
            while left and asker.pending < 500:
                asker.ask(server, next(waiting), serial=False)
                left -= 1
            sound += sum(look(answer) for _, answer in asker.turn())
    assert sound == len(asked)
    return len(asked) / (time.perf_counter() - started)


def _threads(server: Server, asked: Sequence[str]) -> float:
    started = time.perf_counter()
    answers = ask([server], asked[:FEW])
    assert all(answer.records for answer in answers)
    return 2 * FEW / (time.perf_counter() - started)


def _dnsperf(server: Server, asked: Sequence[str], folder: Path) -> float:
    found = shutil.which("dnsperf", path=PATH)
    if found is None:
        return 0.0
    (folder / "queries").write_text("".join(f"{name} TXT\n" for name in asked))
    command = [found, "-s", server.address, "-p", str(server.port), "-d", str(folder / "queries"), "-n", "1", "-e"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(next(line.split()[-1] for line in said.splitlines() if "Queries per second" in line))


def main() -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lookups", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--identities", type=int, default=10_000)
    asked = parser.parse_args()
    wanted = names(domains(asked.identities))
    with tempfile.TemporaryDirectory() as place, nsd(Path(place) / "nsd", zones(asked.identities)) as port:
        server = Server("", "127.0.0.1", port)
        judges: dict[str, Callable[[], float]] = {
            "bulk, judged": lambda: _all(server, wanted, lambda answer: judge(answer).verdict is Verdict.A_KEY),
            "bulk, answers alone": lambda: _all(server, wanted, lambda answer: bool(answer.records)),
            "lookup.ask, threads": lambda: _threads(server, wanted),
            "dnsperf": lambda: _dnsperf(server, wanted, Path(place)),
        }
        rates: dict[str, list[float]] = {name: [] for name in judges}
        own: dict[str, list[float]] = {name: [] for name in judges}
        for _ in range(asked.rounds):
            for name, measure in judges.items():
                before = time.process_time()
                rates[name].append(measure())
                questions = 2 * FEW if "threads" in name else len(wanted)
                own[name].append((time.process_time() - before) / questions * 1e6)
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores,")
    print(
        f"Python {platform.python_version()}; {asked.identities} zones at one nsd; medians of {asked.rounds} rounds in "
        f"turn; load now {os.getloadavg()[0]:.1f}; this process at most "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB (Linux)"
    )
    first = statistics.median(rates["bulk, judged"])
    for name, found in rates.items():
        middle = statistics.median(found)
        ratio = f"{first / middle:.2f}" if middle else "-"
        print(
            f"{name:22} {middle:8.0f} questions/s   bulk, judged / this = {ratio}   "
            f"{statistics.median(own[name]):6.0f} µs of processor each"
        )


if __name__ == "__main__":
    main()
