"""What prepare would write: nothing twice, nothing that stands, and the same world gives the same digest."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from byodkim.evidence.journal import digest
from byodkim.plain import from_plain, plain
from byodkim.procedures.prepare.checks import AFTER, BEFORE
from byodkim.procedures.prepare.preparation import Operation, Preparation, make
from byodkim.rotation.checks import CHECKS, checks_of
from byodkim.rotation.findings import Verdict
from byodkim.rotation.outcome import Outcome, decide_made
from byodkim.rotation.plan import Plan, drift
from tests.each import each
from tests.rotation import world
from tests.rotation.prepare_rows import OURS, PASS, STORE, Shelve, case, entered, same_store, staged, stored

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


def test_the_same_world_gives_the_same_digest_and_another_one_another() -> None:
    worlds = [(world.same, same_store), (stored, same_store), (stored, staged(pending=OURS)), (entered, same_store)]
    digests = [plan(*one).digest for one in worlds]
    assert [plan(*one).digest for one in worlds] == digests
    assert len(set(digests)) == len(digests)
    changed = plan(world.same, staged(current="77"))
    assert drift(plan(world.same), changed) == (("secret.version", "5e2b", "77"),)


def test_a_version_is_that_of_one_key_one_selector_and_one_version_before_it() -> None:
    seen = Preparation(stored(world.good()), STORE)
    elsewhere = Preparation(seen.seen, replace(STORE, secret_id="other"))
    named = Preparation(seen.seen, replace(STORE, named=replace(STORE.named, selector="mail-2")))
    made = {seen.version("aa", "1"), seen.version("ab", "1"), seen.version("aa", "2"), elsewhere.version("aa", "1")}
    made.add(named.version("aa", "1"))
    assert len(made) == 5
    assert seen.version("aa", "1") in made
    assert all(32 <= len(version) <= 64 for version in made)  # as PutSecretValue wants its ClientRequestToken


def test_without_a_key_no_version_is_ours() -> None:
    fresh = case().prepared
    assert not fresh.pending_is_ours
    assert not fresh.left_behind


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
    found = checks_of("prepare").checks
    shared = set(found) & set(CHECKS.checks)
    assert {name: found[name] for name in shared} == {name: CHECKS.checks[name] for name in shared}
    assert set(found) == set(BEFORE.checks) | set(AFTER.checks)
    assert checks_of("rotate").checks == CHECKS.checks
    with pytest.raises(LookupError):
        checks_of("nonsense")
