"""How many key records a second are asked for: ``python -m tests.bench.lookups``. Nothing passes or fails.

The server is a real nsd on loopback, with a zone for each identity; beside it on the same cores runs what asks. In
turn: ``bulk.Asker`` for all names, with and without judging what came; ``lookup.ask``, which has a thread a question,
for some of them; and dnsperf, where it is installed, which only counts.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from byodkim.dkim.published import Answer, Server, Verdict, judge
from byodkim.dns.bulk import Asker
from byodkim.dns.lookup import ask
from tests.bench.crowd import domains, names, zones
from tests.bench.table import printed
from tests.dns.daemons import PATH, nsd

LABELS = (
    "key records asked for and judged, of one nsd",
    "the same without judging; judged / this",
    "lookup.ask, a thread a question; judged / this",
    "dnsperf, which only counts; judged / this",
)
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


def rows(rounds: int = 3, identities: int = 10_000) -> list[tuple[str, str, str]]:
    """What is measured, its median, and a ratio where there is one."""
    wanted = names(domains(identities))
    with tempfile.TemporaryDirectory() as place, nsd(Path(place) / "nsd", zones(identities)) as port:
        server = Server("", "127.0.0.1", port)
        judges: tuple[Callable[[], float], ...] = (
            lambda: _all(server, wanted, lambda answer: judge(answer).verdict is Verdict.A_KEY),
            lambda: _all(server, wanted, lambda answer: bool(answer.records)),
            lambda: _threads(server, wanted),
            lambda: _dnsperf(server, wanted, Path(place)),
        )
        rates: list[list[float]] = [[] for _ in judges]
        for _ in range(rounds):
            for found, measure in zip(rates, judges, strict=True):
                found.append(measure())
    judged, *others = (statistics.median(found) for found in rates)
    told = [(f"{judged:,.0f} a second", "(aim 2,500)")]
    absent = ("-", "dnsperf is not here")
    told += [(f"{rate:,.0f} a second", f"{judged / rate:.2f}") if rate else absent for rate in others]
    return [(label, *each) for label, each in zip(LABELS, told, strict=True)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lookups", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--identities", type=int, default=10_000)
    asked = parser.parse_args()
    printed(rows(asked.rounds, asked.identities))
