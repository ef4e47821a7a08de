"""How many key records a second an inventory looks up and judges: ``python -m tests.second_edition.bench.lookups``. Nothing passes or
fails.

The server is a real nsd on loopback, with a zone for each identity; beside it on the same cores runs what asks.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from second_edition.dkim.published import Server, Verdict, judge
from second_edition.dns.bulk import Asker
from tests.second_edition.bench.crowd import domains, names, zones
from tests.second_edition.bench.table import printed
from tests.second_edition.dns.daemons import nsd

LABELS = ("key records asked for and judged, of one nsd",)


def _all(server: Server, asked: Sequence[str]) -> float:
    """TXT questions a second, each answered with a key."""
    started, sound = time.perf_counter(), 0
    with Asker() as asker:
        waiting = iter(asked)
        left = len(asked)
        while left or asker.pending:
            while left and asker.pending < 500:
                asker.ask(server, next(waiting), serial=False)
                left -= 1
            sound += sum(judge(answer).verdict is Verdict.A_KEY for _, answer in asker.turn())
    assert sound == len(asked)
    return len(asked) / (time.perf_counter() - started)


def rows(rounds: int = 3, identities: int = 10_000) -> list[tuple[str, str, str]]:
    """Return what is measured, its median, and what it should be."""
    wanted = names(domains(identities))
    with tempfile.TemporaryDirectory() as place, nsd(Path(place) / "nsd", zones(identities)) as port:
        rate = statistics.median(_all(Server("", "127.0.0.1", port), wanted) for _ in range(rounds))
    return [(LABELS[0], f"{rate:,.0f} a second", "(aim 1,000)")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.second_edition.bench.lookups", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--identities", type=int, default=10_000)
    asked = parser.parse_args()
    printed(rows(asked.rounds, asked.identities))
