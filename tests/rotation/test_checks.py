"""Every check passes in the good world, and fails or does not know when the one thing it is about is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from byodkim.display.words import Words
from byodkim.evidence.journal import digest
from byodkim.evidence.record import findings_in
from byodkim.messages import LANGUAGES
from byodkim.plain import plain
from byodkim.rotation.checks import CHECKS, FAMILIES, rollback
from byodkim.rotation.findings import Finding, Level, Verdict
from byodkim.rotation.plan import make
from tests.each import each
from tests.rotation import world
from tests.rotation.remedies import REGISTRIES, special
from tests.rotation.rows import BEFORE, FAIL, FAILING, PASS, RESOLVED, ROWS, SKIPPED, UNKNOWN, Row

# Without these, mail would be signed with a key that nobody can verify, or in the wrong place: no reason waives them.
NEVER_WAIVED = {
    *("SES-ACCOUNT", "SES-REGION", "SES-EXISTS", "SES-ORIGIN", "SECRET-SHAPE", "SECRET-SELECTOR", "SECRET-RECORD"),
    *("STORE-OBJECT", "KEY-FORM", "KEY-SIZE", "KEY-PAIR", "PLAN-APPROVED", "PLAN-LOCK", "RECORD-SEALED"),
}
WARNS = {"BACK-CHECKS", "STORE-VERSION", "KEY-STRENGTH", "DNS-V6", "DNS-RESOLVERS", "KEY-FLAGS", "KEY-FILES"}


def found(row: Row, waivers: dict[str, str] | None = None) -> Finding:
    findings = CHECKS.evaluate(world.case(row.change(world.good()), row.expected, row.applying), waivers or {})
    return next(finding for finding in findings if finding.id == row.check)


by_row = each("row", ROWS, ids=[f"{row.check}-{row.name}" for row in ROWS])


def test_every_check_passes_in_the_good_world() -> None:
    findings = CHECKS.evaluate(world.case(world.good()), {})
    # Name servers were given, no resolver was asked, SES has verified what it has, and nothing is applied.
    skipped = {"PLAN-REWRITE", "DNS-DELEGATION", "DNS-RESOLVERS", "DNS-DNSSEC", "PLAN-LOCK", "PLAN-APPROVED"}
    skipped |= {"RECORD-SEALED", "RECORD-COPIED"}
    assert {finding.id: finding.verdict for finding in findings} == {
        name: SKIPPED if name in skipped else PASS for name in CHECKS.checks
    }


@by_row
def test_a_check_comes_to_its_verdict(row: Row) -> None:
    finding = found(row)
    assert (finding.verdict, special(finding, row.remedy)) == (row.verdict, row.remedy)
    # Where no resolver answers, the key record is still read from the authoritative servers.
    unanswered = (row.check, row.verdict) == ("DNS-DNSSEC", UNKNOWN)
    warns = row.check in WARNS or row.name == "rollback" or unanswered
    blocks = not warns and row.verdict in (FAIL, UNKNOWN)
    assert finding.stops is blocks


@by_row
def test_what_a_check_says_can_be_said_in_every_language(row: Row) -> None:
    finding = found(row)
    for language in LANGUAGES:
        words = Words(language, UTC)
        assert words.phrase(finding.expected)
        assert words.phrase(finding.observed)
        assert words.sentence(finding.claim)
        if finding.objects:
            assert words.phrase(finding.remedy or "")


@by_row
def test_only_a_waivable_check_is_waived_and_only_where_it_has_not_passed(row: Row) -> None:
    finding = found(row, {row.check: "agreed, CHG-1042"})
    waived = row.verdict in (FAIL, UNKNOWN) and row.check not in NEVER_WAIVED
    assert finding.verdict is (Verdict.WAIVED if waived else row.verdict)
    assert finding.reason == ("agreed, CHG-1042" if waived else "")
    if waived:
        assert not finding.stops


def test_every_check_has_a_row_that_fails_and_one_that_does_not_know() -> None:
    assert {row.check for row in ROWS if row.verdict is UNKNOWN} == set(CHECKS.checks)
    # The selector in use is known or not, and so are IPv6 and who gave SES its key: nothing about them can be wrong.
    known = {"PLAN-CHANGE", "PLAN-REWRITE", "DNS-V6"}
    assert {row.check for row in ROWS if row.verdict is FAIL} == set(CHECKS.checks) - known


def test_a_waiver_of_one_check_leaves_the_others() -> None:
    seen = world.both(world.at_one_server(), world.identity(signing_enabled=False))(world.good())
    findings = CHECKS.evaluate(world.case(seen), {"DNS-PUBLISHED": "agreed"})
    verdicts = {finding.id: finding.verdict for finding in findings if finding.objects}
    assert verdicts == {"DNS-PUBLISHED": Verdict.WAIVED, "SES-SIGNING": FAIL}


def test_which_checks_can_never_be_waived_and_which_only_warn() -> None:
    assert {check.id for check in CHECKS.checks.values() if not check.waivable} == NEVER_WAIVED
    assert {check.id for check in CHECKS.checks.values() if check.level is Level.WARNS} == WARNS


def test_every_check_has_a_claim_and_a_remedy() -> None:
    for registry in REGISTRIES:
        for check in registry.checks.values():
            assert check.claim[0].isupper()
            assert not check.claim.endswith(".")
            assert check.remedy.text.endswith(".")


def test_checks_stand_in_the_order_of_their_families() -> None:
    modules = [check.make.__module__ for check in CHECKS.checks.values()]
    names = [family.__name__ for family in FAMILIES]
    assert modules == sorted(modules, key=names.index)
    assert set(modules) == set(names)


def test_a_docstring_starts_with_its_check_s_id_and_says_the_claim() -> None:
    for check in CHECKS.checks.values():
        identifier, _, claim = (check.make.__doc__ or "").partition(": ")
        assert identifier == check.id
        assert claim.split("\n")[0].endswith((".", ")."))


def test_a_plan_is_made_before_caches_have_forgotten_and_is_the_same_plan_afterwards() -> None:
    seen = world.dns(history=(BEFORE,))(world.good())
    planning = world.case(seen, replace(world.EXPECTED, applies=False))
    early = CHECKS.evaluate(planning, {})
    (finding,) = (finding for finding in early if finding.objects)
    assert (finding.id, finding.verdict, finding.level, finding.stops) == ("TIME-ACTIVATE", FAIL, Level.WARNS, False)
    assert [one.id for one in CHECKS.evaluate(world.case(seen), {}) if one.stops] == ["TIME-ACTIVATE"]
    late = CHECKS.evaluate(world.case(world.good()), {})
    assert make(seen, early, digest).digest == make(world.good(), late, digest).digest


def test_signatures_that_resolvers_reject_would_refuse_a_rollback_too() -> None:
    """DNSSEC is the zone's: where its check was waived for the switch, the rollback would be refused."""
    bogus = world.dns(resolved=(FAILING,), unvalidated=RESOLVED)(world.good())
    for seen, waivers, remedies in (
        (world.good(), {}, {}),
        (bogus, {"DNS-DNSSEC": "agreed, CHG-1042"}, {"DNS-DNSSEC": CHECKS.checks["DNS-DNSSEC"].remedy}),
    ):
        found = rollback.judged(CHECKS.evaluate(world.case(seen), waivers))
        assert (found.state, found.remedies) == ("refused" if remedies else "passes", remedies)


def test_what_somebody_changed_after_the_write_would_refuse_a_rollback() -> None:
    findings, seen = CHECKS.evaluate(world.case(world.good()), {}), world.good().identity
    assert seen is not None
    for changes, refused in (
        ({}, []),
        ({"signing_enabled": False}, ["SES-SIGNING"]),
        ({"signing_origin": "AWS_SES"}, ["SES-ORIGIN"]),
        ({"signing_enabled": False, "signing_origin": "AWS_SES"}, ["SES-ORIGIN", "SES-SIGNING"]),
    ):
        found = rollback.judged(findings, replace(seen, **changes))
        assert (found.state, [*found.remedies]) == ("refused" if refused else "passes", refused)


def test_a_finding_survives_the_journal() -> None:
    for row in ROWS:
        finding = found(row, {row.check: "agreed"})
        assert findings_in({"findings": [plain(finding)]}) == (finding,)


def test_the_path_names_the_ports_that_were_asked() -> None:
    seen = world.good()
    records = [
        replace(one, server=replace(one.server, port=6301 + number % 2)) for number, one in enumerate(seen.records)
    ]
    found = CHECKS.evaluate(world.case(replace(seen, records=tuple(records))), {})
    (path,) = [one for one in found if one.id == "DNS-PATH"]
    assert path.values["ports"] == "6301, 6302"
