"""Every check passes in the good world, and fails or does not know when the one thing it is about is changed."""

from __future__ import annotations

from datetime import UTC

from msgspec.structs import replace

from second_edition.display.words import Words
from second_edition.evidence.journal import digest
from second_edition.rotation.approval import Presented
from second_edition.rotation.checks import CHECKS, Applying, activation, checks_of, rollback
from second_edition.rotation.findings import Finding, Level, Verdict, advice, phrase
from second_edition.rotation.fleet_plan import FleetPlan, entry
from second_edition.rotation.observation import Used
from second_edition.rotation.plan import make
from second_edition.rotation.rollback import working
from tests.second_edition.each import each
from tests.second_edition.rotation import world
from tests.second_edition.rotation.fleet_rows import PACE, by, placed
from tests.second_edition.rotation.rows import BEFORE, FAIL, FAILING, FORGOTTEN, PASS, RESOLVED, SINCE, SKIPPED
from tests.second_edition.rotation.world import CURRENT, NEXT, RUN


def test_every_check_passes_in_the_good_world() -> None:
    findings = CHECKS.evaluate(world.case(world.good()), {})
    # Name servers were given, no resolver was asked, SES has verified what it has, and nothing is applied.
    skipped = {"PLAN-REWRITE", "DNS-DELEGATION", "DNS-RESOLVERS", "DNS-DNSSEC", "PLAN-LOCK", "PLAN-APPROVED"}
    skipped |= {"RECORD-SEALED", "RECORD-COPIED"}
    assert {finding.id: finding.verdict for finding in findings} == {
        name: SKIPPED if name in skipped else PASS for name in CHECKS.checks
    }


def test_a_waiver_of_one_check_leaves_the_others() -> None:
    seen = world.both(world.at_one_server(), world.identity(signing_enabled=False))(world.good())
    findings = CHECKS.evaluate(world.case(seen), {"DNS-PUBLISHED": "agreed"})
    verdicts = {finding.id: finding.verdict for finding in findings if finding.objects}
    assert verdicts == {"DNS-PUBLISHED": Verdict.WAIVED, "SES-SIGNING": FAIL}


def test_a_plan_is_made_before_caches_have_forgotten_and_is_the_same_plan_afterwards() -> None:
    seen = world.dns(history=(BEFORE,))(world.good())
    planning = world.case(seen, replace(world.EXPECTED, applies=False))
    early = CHECKS.evaluate(planning, {})
    (finding,) = (finding for finding in early if finding.objects)
    assert (finding.id, finding.verdict, finding.level, finding.stops) == ("TIME-ACTIVATE", FAIL, Level.WARNS, False)
    assert [one.id for one in CHECKS.evaluate(world.case(seen), {}) if one.stops] == ["TIME-ACTIVATE"]
    late = CHECKS.evaluate(world.case(world.good()), {})
    assert make(seen, early, digest).digest == make(world.good(), late, digest).digest


def test_the_time_counts_from_a_campaigns_plan_that_saw_the_record_at_every_server_as_it_is_now() -> None:
    """Where approvals are required, somebody signed that plan: a file without a signature would set the time else."""
    seen = world.dns(history=(BEFORE,))(world.good())
    plan, other = make(seen, (), digest), placed(0).plan
    for shown, at, told, required, people, verdict in (
        (plan, FORGOTTEN, FORGOTTEN, 0, (), PASS),
        (plan, FORGOTTEN, FORGOTTEN, 1, ("tanaka",), PASS),
        (plan, FORGOTTEN, FORGOTTEN, 1, (), FAIL),
        (plan, FORGOTTEN, "", 0, (), FAIL),
        (plan, FORGOTTEN, SINCE.at, 0, (), FAIL),  # another time than that of the campaign's digest
        (other, FORGOTTEN, FORGOTTEN, 0, (), FAIL),
    ):
        campaign = FleetPlan.over([entry(shown.digest, told)], PACE, {}, digest)
        member = replace(placed(0, campaign), proof=(), plan=shown, at=at if told else "")
        given = (Presented("place.json", member=member), *(by(name, campaign) for name in people))
        applying = Applying(plan, required, given)
        findings = CHECKS.evaluate(world.case(seen, applying=applying), {})
        assert [one.verdict for one in findings if one.id == "TIME-ACTIVATE"] == [verdict], (told, required, people)


@each("words", [Words("en", UTC), Words("ja", UTC)], ids=["en", "ja"])
def test_what_has_to_be_done_before_a_rollback_names_the_time_and_the_selector(words: Words) -> None:
    """It stands on a terminal, too, without the table of checks: nothing that it relies on is there."""
    current = world.good().current_selector
    late = replace(world.good(), back_history=(BEFORE,))
    gone = world.both(world.left(), world.current_at_every())(world.good())
    for seen, check, named in ((late, "TIME-ACTIVATE", "2026-"), (gone, "DNS-PUBLISHED", current)):
        found = rollback.judged(CHECKS.evaluate(world.case(seen), {}))
        assert named in words.phrase(found.remedies[check])


def test_signatures_that_resolvers_reject_would_refuse_a_rollback_too() -> None:
    """DNSSEC is the zone's: where its check was waived for the switch, the rollback would be refused."""
    bogus = world.dns(resolved=(FAILING,), unvalidated=RESOLVED)(world.good())
    for seen, waivers, remedies in (
        (world.good(), {}, {}),
        (bogus, {"DNS-DNSSEC": "agreed, CHG-1042"}, {"DNS-DNSSEC": CHECKS.checks["DNS-DNSSEC"].remedy}),
    ):
        found = rollback.judged(CHECKS.evaluate(world.case(seen), waivers))
        assert (found.state, found.remedies) == ("refused" if remedies else "passes", remedies)


def test_one_answer_that_aws_did_not_give_is_one_thing_to_do_before_a_rollback() -> None:
    """The checks that follow from it say nothing of keys: those are as they were."""
    for what, check in (("secret", "SECRET-SHAPE"), ("current-key", "STORE-OBJECT"), ("caller", "SES-ACCOUNT")):
        seen = world.unread(what, code="SlowDown")(world.good())
        found = rollback.judged(CHECKS.evaluate(world.case(seen), {}))
        assert (found.state, [*found.remedies]) == ("refused", [check])
        assert found.remedies[check].text.startswith("AWS did not answer {operation} as it should")


def test_what_somebody_changed_after_the_write_would_refuse_a_rollback() -> None:
    findings, seen = CHECKS.evaluate(world.case(world.good()), {}), world.good().identity
    off = {"SES-SIGNING": advice("SES-SIGNING.off", domain=world.DOMAIN)}
    other = {"SES-ORIGIN": CHECKS.checks["SES-ORIGIN"].remedy}
    assert seen is not None
    for changes, refused in (
        ({}, {}),
        ({"signing_enabled": False}, off),
        ({"signing_origin": "AWS_SES"}, other),
        ({"signing_enabled": False, "signing_origin": "AWS_SES"}, other | off),
    ):
        found = rollback.judged(findings, replace(seen, **changes))
        assert (found.state, found.remedies) == ("refused" if refused else "passes", refused)


def test_a_rollback_that_nobody_judged_neither_passes_nor_is_refused() -> None:
    for change, state in ((world.identity(status="FAILED"), "never-worked"), (world.stands(), "unevaluated")):
        assert rollback.judged(CHECKS.evaluate(world.case(change(world.good())), {})) == rollback.Rollback(state)
    assert rollback.judged(()).state == "unevaluated"


def test_an_apply_run_that_is_refused_as_too_early_names_the_last_of_the_times() -> None:
    until = "2026-11-24T05:00:00+00:00"
    rows = (
        ("TIME-ACTIVATE", Verdict.WAIVED, "2026-11-25T00:00:00+00:00"),
        ("TIME-OVERLAP", FAIL, "2026-11-26T00:00:00+00:00"),
        ("TIME-ACTIVATE", FAIL, until),
        ("TIME-ACTIVATE", FAIL, "2026-11-24T06:00:00+09:00"),
    )
    found = [Finding(one, "", Level.BLOCKS, verdict, "", phrase("{until}", until=at)) for one, verdict, at in rows]
    assert (activation.early(found), activation.early(found[:2])) == (until, "")


# The record in use is a CNAME, whose target's server has the key.
ALIASED = world.both(
    world.current_at_every(cname=("keys.example.com",), rcode="NOERROR"),
    world.dns(
        followed=(
            world.answer(world.SERVERS[0], CURRENT, world.dns_value(world.CURRENT_BITS), name="keys.example.com"),
        )
    ),
)


def test_what_ses_was_seen_to_sign_with_is_remembered_with_the_key_that_dns_served() -> None:
    place = f"s3://byodkim-keys/dkim-keys/{world.DOMAIN}/{{}}/private_key.pem".format
    for change, selector, bits, at in (
        (world.same, CURRENT, world.CURRENT_BITS, place(CURRENT)),
        (world.current_at_every(world.dns_value(world.WEAK_BITS)), CURRENT, world.WEAK_BITS, ""),
        (lambda seen: replace(seen, current_key=None), CURRENT, world.CURRENT_BITS, ""),
        (world.stands(), NEXT, world.NEXT_BITS, place(NEXT)),
        (ALIASED, CURRENT, world.CURRENT_BITS, place(CURRENT)),
    ):
        assert {*working(change(world.good()), RUN)} == {Used(selector, world.sha256(bits), RUN, worked=True, place=at)}
    for change in (world.stands("PENDING"), world.absent_identity):
        assert not [*working(change(world.good()), RUN)]


def test_the_checks_of_a_procedure_are_those_before_its_write_and_those_after_it() -> None:
    assert {"SES-ACCOUNT", "DNS-FREE", "DNS-SERVED"} < checks_of("publish").checks.keys()
