"""The checks of prepare's own: what each comes to when one thing is changed; and those that it shares with rotate."""

from __future__ import annotations

from datetime import UTC

import pytest

from byodkim.display.words import Words
from byodkim.messages import LANGUAGES
from byodkim.rotation.checks import CHECKS, checks_of
from byodkim.rotation.checks.prepare import AFTER, ALL, BEFORE, OWN
from byodkim.rotation.findings import Finding, Verdict
from tests.each import each
from tests.rotation import world
from tests.rotation.prepare_rows import FAIL, PASS, ROWS, UNKNOWN, PrepareRow, case, entered, stored
from tests.rotation.remedies import special

ONLY_APPLIED = {"PLAN-LOCK", "RECORD-SEALED", "RECORD-COPIED"}
NEVER_WAIVED = {"PLAN-SELECTOR", "SECRET-PENDING", "SECRET-ENTRY", "STORE-PLACE", "KEY-STORED"}

by_row = each("row", ROWS, ids=[f"{row.check}-{row.name}" for row in ROWS])


def found(row: PrepareRow, waivers: dict[str, str] | None = None) -> Finding:
    findings = BEFORE.evaluate(case(row.change, row.shelve), waivers or {})
    return next(finding for finding in findings if finding.id == row.check)


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


@by_row
def test_a_check_comes_to_its_verdict(row: PrepareRow) -> None:
    finding = found(row)
    assert (finding.verdict, special(finding, row.remedy)) == (row.verdict, row.remedy)
    assert finding.stops is (row.verdict in (FAIL, UNKNOWN) and not row.warns)


@by_row
def test_what_a_check_says_can_be_said_in_every_language(row: PrepareRow) -> None:
    finding = found(row)
    for language in LANGUAGES:
        words = Words(language, UTC)
        assert words.phrase(finding.expected)
        assert words.phrase(finding.observed)
        assert words.sentence(finding.claim)
        if finding.objects:
            assert words.phrase(finding.remedy or "")


@by_row
def test_only_a_waivable_check_is_waived(row: PrepareRow) -> None:
    finding = found(row, {row.check: "agreed, CHG-1042"})
    waived = row.verdict in (FAIL, UNKNOWN) and row.check not in NEVER_WAIVED
    assert finding.verdict is (Verdict.WAIVED if waived else row.verdict)


def test_every_check_of_its_own_has_a_row_that_fails_and_one_that_does_not_know() -> None:
    assert {row.check for row in ROWS if row.verdict is FAIL} == set(OWN)
    assert {row.check for row in ROWS if row.verdict is UNKNOWN} == set(OWN)
    assert {check.id for check in ALL.checks.values() if check.id in OWN and not check.waivable} == NEVER_WAIVED


def test_what_it_shares_with_rotate_is_the_same_check() -> None:
    shared = set(ALL.checks) - set(OWN)
    assert {name: ALL.checks[name] for name in shared} == {name: CHECKS.checks[name] for name in shared}
    assert set(ALL.checks) == set(BEFORE.checks) | set(AFTER.checks)
    assert checks_of("prepare") is ALL
    assert checks_of("rotate") is CHECKS
    with pytest.raises(LookupError):
        checks_of("nonsense")


def test_a_docstring_starts_with_its_check_s_id_and_says_the_claim() -> None:
    for name in OWN:
        identifier, _, claim = (ALL.checks[name].make.__doc__ or "").partition(": ")
        assert identifier == name
        assert claim.split("\n")[0].endswith((".", ":")) or "." in claim
