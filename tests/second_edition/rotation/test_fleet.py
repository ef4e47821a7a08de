"""A campaign's checks row by row; an identity's place in its plan; and in which group an identity stands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from second_edition.evidence.journal import digest
from second_edition.procedures.fleet.checks import BEFORE
from second_edition.rotation import fleet
from second_edition.rotation.approval import Overtaking, Presented, Terms, Use
from second_edition.rotation.checks import CHECKS, Applying, Case, Expected
from second_edition.rotation.findings import Finding, Level, Phrase, Verdict, phrase
from second_edition.rotation.fleet import Group
from second_edition.rotation.fleet_plan import FleetPlan
from second_edition.rotation.observation import Unread
from second_edition.rotation.plan import Plan
from tests.second_edition.each import each
from tests.second_edition.rotation import world
from tests.second_edition.rotation.fleet_rows import AT, MEMBERS, PLAN, ROWS, TERMS, by, member, placed, plan_of
from tests.second_edition.rotation.remedies import special

FAIL, UNKNOWN, PASS, SKIPPED = Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS, Verdict.SKIPPED
SEEN = world.good()


def test_every_own_check_has_rows() -> None:
    own = {row.check for row in ROWS}
    assert own == {"FLEET-PLAN", "FLEET-APPROVED", "FLEET-REHEARSED"}
    assert set(BEFORE.checks) == {*own, "TIME-CLOCK", "PLAN-LOCK", "RECORD-SEALED", "RECORD-COPIED"}


def approved(presented: tuple[Presented, ...], plan: Plan, required: int = 1, terms: Terms = TERMS) -> Finding:
    applying = Applying(plan, required, presented, terms=terms)
    case = Case(SEEN, Expected("123456789012", "ap-northeast-1"), applying)
    (found,) = [one for one in CHECKS.evaluate(case, {}) if one.id == "PLAN-APPROVED"]
    return found


def placed_as(number: int, **changes: Any) -> Presented:
    return Presented("place.json", member=replace(placed(number), **changes), envelope={})


NOTHING = Plan((), {}, "00" * 32)
OWN_PLAN = plan_of("d00003.example.jp")
DRIFTED = plan_of("d00003.example.jp", **{"key.version": "v9"})
WARNS = plan_of("d00003.example.jp", **{"warning.BACK-CHECKS": "FAIL"})
UNPROVED = placed_as(3, proof=placed(4).proof)
ELSEWHERE = placed_as(3, fleet=FleetPlan.of((), {**PLAN.relies_on, "pace.wave": "9"}, digest))


@each(
    ("presented", "plan", "required", "verdict", "remedy"),
    [
        ((by("tanaka"), placed_as(3)), OWN_PLAN, 1, PASS, ""),
        ((placed_as(3),), OWN_PLAN, 1, FAIL, ""),
        ((by("tanaka"),), OWN_PLAN, 1, FAIL, "Name only the good"),
        ((by("tanaka"), placed_as(4)), OWN_PLAN, 1, FAIL, "Look at what has"),
        ((by("tanaka"), placed_as(3)), DRIFTED, 1, FAIL, "Look at what has"),
        ((by("tanaka"), placed_as(3)), WARNS, 1, FAIL, "Look at what has"),
        ((by("tanaka"), UNPROVED), OWN_PLAN, 1, FAIL, "Name only the good"),
        ((by("tanaka"), ELSEWHERE), OWN_PLAN, 1, FAIL, "Name only the good"),
        ((by("tanaka"), by("tanaka"), placed_as(3)), OWN_PLAN, 1, FAIL, "Give one approval of"),
        ((by("tanaka"), by("sato"), placed_as(3)), OWN_PLAN, 2, PASS, ""),
        ((by("tanaka"), placed_as(3)), NOTHING, 1, SKIPPED, ""),
    ],
    ids=[
        "approved and placed", "placed alone", "no place", "another's place",
        "changed since", "a warning since", "no proof",
        "of another pace", "one person twice", "two people", "nothing to write",
    ],
)  # fmt: skip
def test_a_run_of_a_campaign_is_held_to_the_plan_that_was_approved(
    presented: tuple[Presented, ...], plan: Plan, required: int, verdict: Verdict, remedy: str
) -> None:
    found = approved(presented, plan, required)
    assert (found.verdict, special(found, remedy)) == (verdict, remedy)


def test_a_campaign_s_approval_serves_its_campaign_alone_and_each_identity_once() -> None:
    earlier, place = "20261101T040849Z-7f3a", placed_as(3)
    assert special(approved((by("tanaka", run=earlier), place), OWN_PLAN)).startswith("Make a plan run and")
    signed = replace(by("tanaka"), envelope={"payload": "e30="})
    used = replace(TERMS, used={signed.statement: Use(earlier, AT)})
    found = approved((signed, place), OWN_PLAN, terms=used)
    assert (found.verdict, found.values["run"]) == (FAIL, earlier)
    # It is the campaign that judges whether it has expired: one that goes on for weeks is one change.
    late = replace(TERMS, now=datetime(2027, 3, 1, tzinfo=UTC))
    assert approved((by("tanaka"), place), OWN_PLAN, terms=late).verdict is PASS
    given = by("tanaka").approval
    assert given
    said = [late.late(given, begins=False), late.late(given, begins=True), TERMS.late(given, begins=True)]
    assert said == ["", "expired", ""]


@each(("taken", "said"), [(True, "gave SES"), (False, "may have given SES")])
def test_a_plan_that_another_run_has_overtaken_is_refused_with_or_without_approvals(taken: bool, said: str) -> None:
    terms = replace(TERMS, overtaken=Overtaking("20261124T043000Z-7f3a", AT, "mail-20260912-1", taken))
    for presented, required in (((placed_as(3),), 0), ((by("tanaka"), placed_as(3)), 1)):
        found = approved(presented, OWN_PLAN, required, terms)
        assert (found.verdict, special(found)[:24]) == (FAIL, "Read in that run's recor")
        assert isinstance(found.observed, Phrase)
        assert f"which is not of this campaign, {said} {{selector}} on" in found.observed.text
        assert found.values == {"run": "20261124T043000Z-7f3a", "selector": "mail-20260912-1", "at": AT}
    assert approved((placed_as(3),), NOTHING, 0, terms).verdict is SKIPPED


def test_what_somebody_set_in_place_of_what_the_campaign_gave_ses_is_not_overwritten() -> None:
    by_campaign = Overtaking("20261124T043000Z-7f3a", AT, "mail-20260912-1", taken=True, own=True)
    found = approved((placed_as(3),), OWN_PLAN, 0, replace(TERMS, overtaken=by_campaign))
    assert (found.verdict, special(found)[:20]) == (FAIL, "Find out who set it,")
    assert isinstance(found.observed, Phrase)
    assert found.observed.text.startswith("SES shows {selector}: somebody has set it since run {run}")


@each("number", range(7))
def test_every_member_s_place_is_proved_and_no_other(number: int) -> None:
    assert placed(number).holds
    assert not replace(placed(number), index=(number + 1) % 7).holds
    assert not replace(placed(number), fleet=FleetPlan.of((), {**PLAN.relies_on, "root": "00" * 32}, digest)).holds
    assert not replace(placed(number), fleet=FleetPlan.of((), {**PLAN.relies_on, "count": "64"}, digest)).holds
    assert not replace(placed(number), proof=("nonsense",)).holds


def test_the_plan_s_digest_is_over_all_plans_in_their_order_and_the_pace() -> None:
    assert fleet.planned(tuple(reversed(MEMBERS)), PLAN.settings, digest) == PLAN
    assert fleet.planned(MEMBERS[:-1], PLAN.settings, digest).digest != PLAN.digest
    assert fleet.planned(MEMBERS, {**PLAN.settings, "stop_after": "9"}, digest).digest != PLAN.digest
    left_out = replace(MEMBERS[0], group=Group.DNS)
    assert fleet.planned((left_out, *MEMBERS), PLAN.settings, digest) == PLAN
    assert PLAN.places == {"123456789012 ap-northeast-1": 7}


def test_a_row_whose_domain_s_earlier_row_is_not_ready_is_left_out_as_that_one_is() -> None:
    first, second, third = (replace(MEMBERS[0], region=f"r{turn}", turn=turn) for turn in range(3))
    assert fleet.settled((third, second, first)) == [third, second, first]
    for group in (Group.DNS, Group.SES, Group.UNREAD):
        found = fleet.settled((third, replace(first, group=group), second))
        assert [(one.group, one.stopping) for one in found] == [
            (group, ("EARLIER",)),
            (group, ()),
            (group, ("EARLIER",)),
        ]
    there = replace(first, group=Group.THERE)
    assert fleet.settled((there, second)) == [there, second]
    # In a lane before others by its name, a later row still comes last, after the one that it waits for.
    ready = fleet.ready((replace(second, account="0"), MEMBERS[1], first))
    assert [(one.domain, one.turn) for one in ready] == [(MEMBERS[1].domain, 0), (first.domain, 0), (first.domain, 1)]
    assert fleet.after(ready) == {2: 1}


def finding(name: str, verdict: Verdict, level: Level = Level.BLOCKS) -> Finding:
    return Finding(
        name, "", level, verdict, phrase("plan only: not asked for yet"), phrase("plan only: not asked for yet")
    )


@each(
    ("found", "plan", "group"),
    [
        ([], OWN_PLAN, Group.READY),
        ([finding("DNS-V6", FAIL, Level.WARNS)], OWN_PLAN, Group.READY),
        ([finding("DNS-PUBLISHED", FAIL)], OWN_PLAN, Group.DNS),
        ([finding("TIME-ACTIVATE", FAIL)], OWN_PLAN, Group.DNS),
        ([finding("SECRET-SELECTOR", FAIL), finding("KEY-PAIR", UNKNOWN)], NOTHING, Group.GENERATOR),
        ([finding("STORE-OBJECT", FAIL), finding("DNS-PUBLISHED", FAIL)], NOTHING, Group.GENERATOR),
        ([finding("SES-ORIGIN", FAIL), finding("DNS-PUBLISHED", FAIL)], NOTHING, Group.WRONG),
        ([finding("BACK-KEY", FAIL)], OWN_PLAN, Group.WRONG),
        ([finding("SES-EXISTS", UNKNOWN)], NOTHING, Group.UNREAD),
    ],
)
def test_an_identity_stands_where_who_has_to_act_is_known(found: list[Finding], plan: Plan, group: Group) -> None:
    assert fleet.grouped(SEEN, found, plan)[0] is group


def test_one_without_its_secret_waits_for_the_key_pair_and_not_for_dns() -> None:
    gone = replace(SEEN, unread=(Unread("secret", "GetSecretValue", "ResourceNotFoundException", ""),))
    found = [finding("SECRET-SHAPE", UNKNOWN), finding("DNS-PUBLISHED", FAIL)]
    assert fleet.grouped(gone, found, NOTHING) == (Group.GENERATOR, (fleet.ABSENT, "DNS-PUBLISHED"))


def test_one_with_nothing_to_write_is_there_or_waits_for_ses_and_what_could_not_be_checked_is_named() -> None:
    assert fleet.grouped(world.stands()(SEEN), [], NOTHING) == (Group.THERE, ())
    assert fleet.grouped(world.stands("PENDING")(SEEN), [], NOTHING) == (Group.SES, ())
    assert fleet.grouped(SEEN, [finding("SES-EXISTS", UNKNOWN)], NOTHING) == (Group.UNREAD, ("SES-EXISTS",))


def test_waivers_and_what_stands_against_members_are_counted_the_most_frequent_first_and_no_list_is_long() -> None:
    texts = ["agreed", "agreed", *(f"agreed {number}" for number in range(50))]
    ready = [*(replace(member(number), parameters={"waive": text}) for number, text in enumerate(texts)), member(99)]
    told = fleet.waived(ready)
    assert told[:2] == [("agreed", 2, "d00000.example.jp"), ("agreed 0", 1, "d00002.example.jp")]
    assert (len(told), told[-1], fleet.waived(ready[:2])) == (51, ("", 1, ""), told[:1])
    stopping = [(f"DNS-{max(number, 1)}", "KEY-PAIR") for number in range(14)]
    members = [*(replace(member(9), group=Group.DNS, stopping=one) for one in stopping), member(99)]
    assert fleet.waiting(members) == [("dns", "DNS-1", 2), *(("dns", f"DNS-{number}", 1) for number in range(2, 13))]
    assert fleet.counts(members) == {**{group.value: 0 for group in Group}, "ready": 1, "dns": 14}
    sandboxed = replace(member(9), parameters={"endpoint_url": "http://127.0.0.1:1"})
    assert [one.lane[2] for one in (sandboxed, member(9))] == ["http://127.0.0.1:1", ""]
