"""The checks of prepare's own: what each comes to when one thing is changed; and those that it shares with rotate."""

from __future__ import annotations

import pytest

from byodkim.rotation.checks import CHECKS, checks_of
from byodkim.rotation.checks.prepare import AFTER, ALL, BEFORE, OWN
from byodkim.rotation.findings import Verdict
from tests.each import each
from tests.rotation import world
from tests.rotation.prepare_rows import PASS, case, entered, stored

ONLY_APPLIED = {"PLAN-LOCK", "PLAN-REHEARSED", "RECORD-SEALED", "RECORD-COPIED"}


@each(
    ("change", "skipped"),
    [
        (world.same, {"SECRET-ENTRY", "KEY-STORED", *ONLY_APPLIED}),
        (stored, {"SECRET-ENTRY", *ONLY_APPLIED}),
        (entered, ONLY_APPLIED),
    ],
    ids=["nothing stands", "the key stands", "all stands"],
)
def test_every_check_passes_in_its_worlds(change: world.Change, skipped: set[str]) -> None:
    findings = BEFORE.evaluate(case(change), {})
    assert {one.id: one.verdict for one in findings} == {
        name: Verdict.SKIPPED if name in skipped else PASS for name in BEFORE.checks
    }


def test_what_is_prepared_passes_rotate_s_own_checks() -> None:
    findings = AFTER.evaluate(case(entered), {})
    assert {finding.id: finding.verdict for finding in findings} == dict.fromkeys(AFTER.checks, PASS)
    unproved = AFTER.evaluate(case(stored), {})
    assert {finding.id for finding in unproved if finding.stops} >= {"KEY-PAIR", "SECRET-SELECTOR"}


def test_what_it_shares_with_rotate_is_the_same_check() -> None:
    shared = set(ALL.checks) - set(OWN)
    assert {name: ALL.checks[name] for name in shared} == {name: CHECKS.checks[name] for name in shared}
    assert set(ALL.checks) == set(BEFORE.checks) | set(AFTER.checks)
    assert checks_of("prepare") is ALL
    assert checks_of("rotate") is CHECKS
    with pytest.raises(LookupError):
        checks_of("nonsense")
