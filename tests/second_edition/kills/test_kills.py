"""A blow at every journal write: SES has one selector or the other, records are true, the next run completes it.

``make kills`` does the same with more of them, and with fifty operators at once.
"""

from __future__ import annotations

import pytest

from second_edition.sandbox.client import Sandbox
from tests.second_edition.kills.killing import Blow, Struck, faults, stories, strike
from tests.second_edition.notebooks.stage import Story

WRITES = 15  # of a run that switches: begin to closed
KINDS = (("kernel", "before"), ("kernel", "torn"), ("kernel", "after"), ("disk", "torn"), ("custodian", "after"))
BLOWS = [Blow(*KINDS[number % 3], number) for number in range(WRITES)]
BLOWS += [Blow("disk", "torn", 9), Blow("disk", "before", 10), Blow("custodian", "after", 9), Blow("stop", "after", 8)]
BLOWS += [Blow("runner-KILL", "after", 9, True), Blow("runner-TERM", "after", 10, True)]
BLOWS += [Blow("runner-HUP", "before", 6, True), Blow("kernel", "torn", "shown"), Blow("disk", "before", "shown")]


QUICK = {"blow": (Blow("custodian", "after", 9), Blow("disk", "torn", 9))}


@pytest.fixture(scope="module")
def struck(child: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[Blow, Story[Struck]]:
    return stories(strike, child, tmp_path_factory.mktemp("kills"), BLOWS)


@pytest.mark.parametrize("blow", BLOWS, ids=str)
def test_whatever_is_struck_the_truth_is_told_and_the_next_run_completes_it(
    struck: dict[Blow, Story[Struck]], blow: Blow
) -> None:
    assert list(faults(struck[blow].result(), "mail-20260912-1", "mail-20261124-1")) == []
