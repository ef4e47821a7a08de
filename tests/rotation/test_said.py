"""What every check says in every row of the table, as a person reads it.

It stands in ``said.txt``, to be read over as a whole; ``python -m tests.rotation.test_said`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from itertools import zip_longest
from pathlib import Path

from byodkim.display.words import Words
from byodkim.rotation.checks import CHECKS, Case
from byodkim.rotation.findings import Registry
from tests.rotation import approvals, world
from tests.rotation.remedies import special
from tests.rotation.rows import ROWS

SAID = Path(__file__).with_name("said.txt")
# Keys are made anew for each run of the tests, and with them every digest.
NAMES = {
    world.sha256(world.NEXT_BITS): "<next key>",
    world.sha256(world.CURRENT_BITS): "<current key>",
    world.sha256(world.WEAK_BITS): "<weak key>",
    approvals.PLAN.digest: "<plan>",
    approvals.DRIFTED.digest: "<drifted plan>",
    approvals.FAR.digest: "<another plan>",
}


def line(check: str, name: str, case: Case) -> str:
    """What one check comes to and does, the remedy where it is not the usual one, what it expected, and what it saw."""
    alone, words = Registry(), Words("en", UTC)
    alone.checks = {check: CHECKS.checks[check]}
    (finding,) = alone.evaluate(case, {})
    does = f"{finding.verdict} {finding.level} {special(finding)}".rstrip()
    told = f"{does} | {words.phrase(finding.expected)} | {words.phrase(finding.observed)}"
    for digest, named in NAMES.items():
        told = told.replace(digest, named)
    # Keys are told in the order of their digests.
    return f"{check} {name} | {told}".replace("<weak key> <current key>", "<current key> <weak key>")


def said() -> Iterator[str]:
    """Each check in the good world, then each row."""
    for check in CHECKS.checks:
        yield line(check, "good", world.case(world.good()))
    for row in ROWS:
        yield line(row.check, row.name, world.case(row.change(world.good()), row.expected, row.applying))


def test_each_check_says_what_it_is_known_to_say() -> None:
    for told, known in zip_longest(said(), SAID.read_text("utf-8").splitlines()):
        assert told == known


if __name__ == "__main__":
    SAID.write_text("".join(f"{told}\n" for told in said()), "utf-8")
