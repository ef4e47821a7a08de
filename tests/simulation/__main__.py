"""``python -m tests.simulation``: the tables that docs/en/scale.md and docs/ja/scale.md quote; always the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.simulation.campaign import Faults, Fleet, Told, run
from tests.simulation.waves import Plain

MILLION = Fleet(groups=2000, identities=1_000_000)
REGION = Fleet(groups=1, identities=10_000)


def hours() -> Iterator[Sequence[str]]:
    """What it takes where nothing goes wrong but SES's slow ones."""
    yield "identities", "groups", "planning", "writing, one wave", "with canary and waves", "calls an identity"
    for fleet in (REGION, Fleet(20, 10_000), Fleet(200, 100_000), Fleet(100, 1_000_000), MILLION):
        whole = run(fleet, Plain(fleet.identities, canary=1, most=None))
        waves = run(fleet, Plain(fleet.identities, most=None))
        yield (
            f"{fleet.identities:,}", f"{fleet.groups:,}", _h(whole.planned_s), _h(whole.ended_s - whole.planned_s),
            _h(waves.ended_s - waves.planned_s), f"{waves.calls / fleet.identities:.2f}",
        )  # fmt: skip


def faults() -> Iterator[Sequence[str]]:
    """How far a fault gets that shows only after the write, in a million identities."""
    yield "fault hits", "stop after N", "canary", "written", "not verified in time", "stopped"
    for share in (0.001, 0.01, 0.1, 1.0):
        for canary, most in ((0.001, 5), (0.01, 5), (0.01, 500), (0.01, None)):
            told = run(MILLION, Plain(MILLION.identities, canary=canary, most=most), Faults(broken=share))
            name = "never" if most is None else str(most)
            yield f"{share:.1%}", name, f"{canary:.1%}", f"{len(told.writes):,}", f"{told.broken:,}", _yes(told)


def slow() -> Iterator[Sequence[str]]:
    """What a rule of few failures makes of identities that SES verifies too late, without any fault."""
    yield "identities", "stop after N", "written", "not verified in time", "stopped"
    for count in (10_000, 100_000, 1_000_000):
        for most in (0, 5, count // 1000):
            fleet = Fleet(count // 500, count)
            told = run(fleet, Plain(count, most=most))
            yield f"{count:,}", f"{most:,}", f"{len(told.writes):,}", f"{told.broken:,}", _yes(told)


def open_at_once() -> Iterator[Sequence[str]]:
    """What a limit on what is open at once costs a full Region, and what it holds a fault to that hits everything."""
    yield "open at once", "writing 10,000", "a fault that hits all reaches", "of 1 write a second"
    for at_once in (1, 10, 50, 100, 200, 1000):
        fleet = Fleet(1, 10_000, at_once=at_once)
        calm = run(fleet, Plain(10_000, canary=1, most=None))
        hit = run(fleet, Plain(10_000, canary=1, most=5), Faults(broken=1))
        writing = calm.ended_s - calm.planned_s
        yield f"{at_once:,}", _h(writing), f"{hit.broken:,}", f"{10_000 / writing:.0%}"


def troubles() -> Iterator[Sequence[str]]:
    """What goes wrong around it, in a full Region."""
    yield "what goes wrong", "planning and writing", "calls refused", "written", "not verified in time"
    told = {
        "nothing": Faults(),
        "1 in 10 calls refused": Faults(throttled=0.1),
        "an hour in which 9 in 10 are": Faults(storm=(12_000, 15_600, 0.9)),
        "killed 5 times": Faults(kills=(600, 1200, 3000, 6000, 9000)),
        "2 % not ready": Faults(refused=0.02),
    }
    for name, faulty in told.items():
        came = run(REGION, Plain(REGION.identities, most=None), faulty)
        yield name, _h(came.ended_s), f"{came.refused_calls:,}", f"{len(came.writes):,}", f"{came.broken:,}"


def _h(seconds: float) -> str:
    return f"{seconds / 3600:.2f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min"


def _yes(told: Told) -> str:
    return "yes" if told.stopped else "no"


TABLES = {"hours": hours, "faults": faults, "slow": slow, "open": open_at_once, "troubles": troubles}


def markdown(name: str) -> str:
    """A table as the docs have it."""
    head, *rows = TABLES[name]()
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


if __name__ == "__main__":
    for each, table in TABLES.items():
        print(f"{each}: {table.__doc__}\n\n{markdown(each)}\n")
