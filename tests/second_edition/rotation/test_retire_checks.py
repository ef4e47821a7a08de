"""The checks of retire's own: what each comes to when one thing is changed; and what follows from them all."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from second_edition.evidence.journal import digest
from second_edition.procedures.retire import retirement
from second_edition.procedures.retire.checks import AFTER, BEFORE
from second_edition.procedures.retire.retirement import Advice, advice
from second_edition.rotation.facts import Left
from second_edition.rotation.findings import Verdict
from second_edition.rotation.plan import Plan
from tests.second_edition.each import each
from tests.second_edition.rotation import world
from tests.second_edition.rotation.retire_rows import (
    FACTS,
    OTHER,
    PASS,
    case,
    counted,
    elsewhere,
    erased,
    facts,
    gone,
    left,
    policy,
    revoked,
    same_facts,
)  # fmt: skip


def test_every_check_passes_in_its_worlds() -> None:
    before = BEFORE.evaluate(case(), {})
    # No reports were given; nothing is applied.
    skipped = {"TIME-SEEN", "PLAN-LOCK", "RECORD-SEALED", "RECORD-COPIED"}
    assert {one.id: one.verdict for one in before} == {
        name: Verdict.SKIPPED if name in skipped else PASS for name in BEFORE.checks
    }
    after = AFTER.evaluate(case(revoked, erased), {})
    assert {finding.id: finding.verdict for finding in after} == dict.fromkeys(AFTER.checks, PASS)


def test_the_day_on_which_it_is_safe() -> None:
    seen = case().found
    assert seen.safe_at == datetime(2026, 11, 21, 1, 5, tzinfo=UTC)  # 14th, 7 days, a TTL of 3600 s, 5 minutes
    assert replace(seen, facts=left(verified_at="")(FACTS)).safe_at == datetime(2026, 12, 1, 5, 13, 57, tzinfo=UTC)
    assert case(gone).found.safe_at == datetime(2026, 11, 21, 0, 5, tzinfo=UTC)


@each(
    ("change", "lay", "waivers", "expected"),
    [
        (world.same, same_facts, {}, (Advice.NOW, "")),
        (world.same, facts(left=Left()), {}, (Advice.LATER, "TIME-OVERLAP")),
        (world.same, facts(left=Left()), {"TIME-OVERLAP": "agreed"}, (Advice.NOW, "")),
        # What failed is named before what could not be looked at, as in the run's error.
        (world.same, facts(left=Left(), versions=(), versions_unread="403"), {}, (Advice.KEEP, "TIME-OVERLAP")),
        (world.identity(status="PENDING"), facts(left=Left()), {}, (Advice.KEEP, "BACK-ACTIVE")),
        (world.same, counted("2026-11-20T23:59:59+00:00"), {}, (Advice.KEEP, "TIME-SEEN")),
        (world.same, elsewhere(world.NEXT), {}, (Advice.KEEP, "SES-UNUSED")),
    ],
)
def test_the_verdict(change: world.Change, lay: object, waivers: dict[str, str], expected: tuple[Advice, str]) -> None:
    assert advice(BEFORE.evaluate(case(change, lay), waivers)) == expected  # type: ignore[arg-type]


def made(change: world.Change = world.same, lay: object = same_facts, zone: str = "d1") -> Plan:
    looked = case(change, lay)  # type: ignore[arg-type]
    return retirement.plan(looked.found, BEFORE.evaluate(looked, {}), "x._domainkey.example.jp", zone, digest)


def test_the_record_goes_first_and_then_each_version_that_holds_the_key() -> None:
    writes = [(one.operation, one.version) for one in made().writes]
    keys = [("DeleteObject versionId", "v3Kx"), ("DeleteObject versionId", "v1Hv")]
    assert writes == [("revoke", ""), *keys]
    assert OTHER not in str(made().writes)
    expired = made(lay=policy(key="expire", by="remove"))
    assert [one.operation for one in expired.writes] == ["remove", "DeleteObject"]
    assert [one.operation for one in made(lay=policy(key="keep")).writes] == ["revoke"]
    assert made(revoked, erased, zone="").writes == ()


def test_where_others_write_the_zone_they_are_asked_and_nothing_is_written() -> None:
    asked = made(lay=policy(publisher="request"))
    assert (asked.writes, asked.requested) == ((), "revoke")
    rest = made(revoked, policy(publisher="request"), zone="")
    assert (len(rest.writes), rest.requested) == (2, "")
