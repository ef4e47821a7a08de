"""What prepare would write: nothing twice, nothing that stands, and the same world gives the same digest."""

from __future__ import annotations

from second_edition.evidence.journal import digest
from second_edition.plain import from_plain, plain
from second_edition.procedures.prepare.checks import AFTER, BEFORE
from second_edition.procedures.prepare.preparation import Operation, Preparation, make
from second_edition.rotation.findings import Verdict
from second_edition.rotation.outcome import Outcome, decide_made
from second_edition.rotation.plan import Plan
from tests.second_edition.each import each
from tests.second_edition.rotation import world
from tests.second_edition.rotation.prepare_rows import OURS, PASS, STORE, Shelve, case, entered, same_store, staged, stored

STORE_, ENTER, PROMOTE, RELEASE = Operation
LEFT = Preparation(stored(world.good()), STORE).version(world.sha256(world.NEXT_BITS), "4d1a")


def plan(change: world.Change, shelve: Shelve = same_store) -> Plan:
    seen = case(change, shelve)
    return make(seen.prepared, BEFORE.evaluate(seen, {}), digest)


@each(
    ("change", "shelve", "operations"),
    [
        (world.same, same_store, [STORE_, ENTER, PROMOTE, RELEASE]),
        (stored, same_store, [ENTER, PROMOTE, RELEASE]),
        (stored, staged(pending=OURS), [PROMOTE, RELEASE]),
        (entered, same_store, []),
        (entered, staged(current=LEFT, pending=LEFT), [RELEASE]),
        # A label that somebody else left on the version in force is none of prepare's.
        (entered, staged(pending="5e2b"), []),
    ],
    ids=["nothing stands", "the key stands", "the entry waits", "all stands", "a label is left", "another's label"],
)
def test_only_what_is_missing_is_written(change: world.Change, shelve: Shelve, operations: list[Operation]) -> None:
    made = plan(change, shelve)
    assert [write.operation for write in made.writes] == operations
    targets = {write.target for write in made.writes if write.operation != STORE_}
    assert targets <= {"byodkim/example.jp"}
    assert from_plain(Plan, plain(made)) == made


@each(
    ("applies", "changes", "wrote", "proved", "outcome"),
    [
        (False, True, False, False, Outcome.PLANNED),
        (False, False, False, True, Outcome.UNCHANGED),
        (True, False, False, True, Outcome.UNCHANGED),
        (True, False, False, False, Outcome.FAILED),
        (True, True, True, True, Outcome.PREPARED),
        (True, True, True, False, Outcome.FAILED),
    ],
)
def test_what_a_run_comes_to(*, applies: bool, changes: bool, wrote: bool, proved: bool, outcome: Outcome) -> None:
    assert decide_made(Outcome.PREPARED, applies=applies, changes=changes, wrote=wrote, proved=proved) is outcome
    asked = decide_made(Outcome.RETIRED, applies=applies, changes=changes, wrote=wrote, proved=proved, requested=True)
    assert asked is Outcome.PLANNED


ONLY_APPLIED = {"PLAN-LOCK", "RECORD-SEALED", "RECORD-COPIED"}


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
