"""The plan is pure data: the same world gives the same digest, and another world says what differs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from msgspec.structs import replace

from second_edition.dkim.published import Server
from second_edition.evidence.journal import digest
from second_edition.plain import plain
from second_edition.rotation import plan as plans
from second_edition.rotation.checks import CHECKS
from second_edition.rotation.findings import Finding, Level, Verdict, phrase
from second_edition.rotation.observation import Observation, Used
from tests.second_edition.each import each
from tests.second_edition.rotation import world
from tests.second_edition.rotation.rows import KEY
from tests.second_edition.rotation.world import ACCOUNT, CURRENT, DOMAIN, NEXT, NEXT_BITS, REGION, Change, answer, both, given


def made(seen: Observation, waivers: Mapping[str, str] | None = None) -> plans.Plan:
    return plans.make(seen, CHECKS.evaluate(world.case(seen), waivers or {}), digest)


GOOD = made(world.good())


def test_the_one_change_is_named() -> None:
    (change,) = GOOD.writes
    assert plain(change) == {
        "operation": "PutEmailIdentityDkimSigningAttributes",
        "target": DOMAIN,
        "current_selector": CURRENT,
        "next_selector": NEXT,
        "key_sha256": world.sha256(NEXT_BITS),
        "version": "",
        "resubmit": False,
    }


def test_it_relies_on_all_of_this_and_on_nothing_else() -> None:
    assert list(GOOD.relies_on) == sorted(GOOD.relies_on)
    served = f"a-key sha256:{hashlib.sha256(KEY.encode()).hexdigest()}"
    assert dict(GOOD.relies_on) == {
        "account": ACCOUNT,
        "region": REGION,
        "identity.selectors": CURRENT,
        "identity.status": "SUCCESS",
        "identity.signing_enabled": "true",
        "identity.signing_origin": "EXTERNAL",
        "secret.version": "5e2b",
        "key.object": f"s3://byodkim-keys/dkim-keys/example.jp/{NEXT}/private_key.pem",
        "key.version": "v3Kx",
        "key.sha256": world.sha256(NEXT_BITS),
        **{f"dns.{place}": served for place in world.PLACES},
    }


GIVEN = Used(NEXT, world.sha256(NEXT_BITS), "run 1")
OTHERWISE = {
    "by nobody": None,
    "another key": replace(GIVEN, sha256=world.sha256(world.WEAK_BITS)),
    "another selector since": replace(GIVEN, selector=CURRENT),
}


@each("status", ["SUCCESS", "PENDING", "NOT_STARTED", "TEMPORARY_FAILURE"])
def test_what_stands_already_is_not_written_again(status: str) -> None:
    assert made(both(world.stands(status), given(GIVEN))(world.good())).writes == ()


@each("status", ["SUCCESS", "TEMPORARY_FAILURE"])
def test_what_ses_has_verified_is_not_written_again_whoever_gave_it(status: str) -> None:
    assert made(world.stands(status)(world.good())).writes == ()


@each("status", ["PENDING", "NOT_STARTED"])
@each("who", OTHERWISE)
def test_a_key_that_no_run_gave_is_written_again_while_ses_looks_for_its_record(who: str, status: str) -> None:
    plan = made(both(world.stands(status), given(OTHERWISE[who]))(world.good()))
    (change,) = plan.writes
    assert (change.resubmit, change.key_sha256) == (True, world.sha256(NEXT_BITS))
    assert plan.relies_on["identity.key_given_by"] == ""
    waits = made(both(world.stands(status), given(GIVEN))(world.good()))
    assert plans.drift(plan, waits) == (("identity.key_given_by", "", "run 1"),)


@each("status", ["PENDING", "NOT_STARTED", "TEMPORARY_FAILURE", "SUCCESS"])
def test_a_key_that_ses_had_verified_was_replaced_where_ses_looks_for_its_record_again(status: str) -> None:
    plan = made(both(world.stands(status), given(replace(GIVEN, worked=True)))(world.good()))
    looks = status in plans.LOOKS
    assert [change.resubmit for change in plan.writes] == [True] * looks
    told = ("true", "plan.replaced") if looks else (None, "plan.rewrite")
    assert (plan.relies_on.get("identity.key_replaced"), plan.again) == told


def test_what_ses_gave_up_on_is_written_again_and_said_so() -> None:
    plan = made(world.stands("FAILED")(world.good()))
    (change,) = plan.writes
    assert (change.resubmit, plan.again, plan.requested) == (True, "plan.again", "")
    assert change.current_selector == change.next_selector == NEXT


UNIMPORTANT: dict[str, Change] = {
    "ttl": world.at_every_server(KEY, ttl=17),
    "latency": world.at_every_server(KEY, latency_ms=900.0),
    "serial": world.at_every_server(KEY, serial=2026112499),
    "transport": world.at_every_server(KEY, transport="tcp"),
    "time": lambda seen: replace(seen, at="2026-11-24T05:00:00.000+00:00"),
    "skew": world.caller(clock_skew_s=-2.5),
    "last-checked": world.identity(last_checked="2026-11-24T05:00:00+00:00"),
}


@each("name", UNIMPORTANT)
def test_what_counts_down_or_passes_does_not_change_the_digest(name: str) -> None:
    assert made(UNIMPORTANT[name](world.good())).digest == GOOD.digest


STANDING = answer(world.SERVERS[0], CURRENT, world.dns_value(world.CURRENT_BITS), authoritative=False)
RELIED_ON: dict[str, tuple[Change, set[str]]] = {
    "account": (world.caller(account="999999999999"), {"account", "check.SES-ACCOUNT"}),
    "selector": (world.identity(selectors=("mail-20250917-2",)), {"identity.selectors"}),
    "status": (world.identity(status="TEMPORARY_FAILURE"), {"identity.status"}),
    "signing": (world.identity(signing_enabled=False), {"identity.signing_enabled", "check.SES-SIGNING"}),
    "secret": (world.secret(version_id="6f00"), {"secret.version"}),
    "object-version": (world.key(version_id="v4"), {"key.version"}),
    "dns-gone": (world.at_one_server(), {"dns.ns2.example.jp [2001:db8::53]:53", "check.DNS-PUBLISHED"}),
    "dns-spelling": (world.at_one_server(f"{KEY};"), {"dns.ns2.example.jp [2001:db8::53]:53"}),
    "one-server-more": (
        lambda seen: replace(seen, records=(*seen.records, answer(Server("", "198.51.100.53"), NEXT, KEY))),
        {"dns.198.51.100.53:53", "check.DNS-WILDCARD"},  # which was not asked for a random name
    ),
    "followed": (
        world.dns(followed=(answer(world.SERVERS[0], NEXT, KEY, name="keys.example.com"),)),
        {"dns.ns1.example.jp 192.0.2.53:53 keys.example.com"},
    ),
    "way-back": (world.current_at_one(), {"check.BACK-RECORD", "warning.BACK-CHECKS"}),
}


@each("name", RELIED_ON)
def test_what_is_relied_on_changes_the_digest_and_is_named(name: str) -> None:
    change, names = RELIED_ON[name]
    present = made(change(world.good()))
    assert present.digest != GOOD.digest
    drifted = plans.drift(GOOD, present)
    assert {fact for fact, _, _ in drifted} == names
    for fact, then, now in drifted:
        assert (then, now) == (GOOD.relies_on.get(fact, ""), present.relies_on.get(fact, ""))
        assert then != now
    assert {(fact, now, then) for fact, then, now in drifted} >= {*plans.drift(present, GOOD)}


@each(
    ("shown", "present", "carries_out"),
    [
        ({"warning.BACK-CHECKS": "FAIL"}, {}, True),
        ({"warning.BACK-CHECKS": "FAIL", "warning.DNS-V6": "UNKNOWN"}, {"warning.DNS-V6": "UNKNOWN"}, True),
        ({}, {"warning.BACK-CHECKS": "FAIL"}, False),
        ({"warning.BACK-CHECKS": "UNKNOWN"}, {"warning.BACK-CHECKS": "FAIL"}, False),
        ({"warning.BACK-CHECKS": "FAIL"}, {"key.version": "v9"}, False),
        ({"check.DNS-PUBLISHED": "FAIL"}, {}, False),
        ({"check.TIME-ACTIVATE": "WAIVED: early; a reason"}, {}, True),
        ({}, {"check.TIME-ACTIVATE": "WAIVED: early; a reason"}, False),
        ({"check.SECRET-STAGE": "WAIVED: one; a reason"}, {"check.SECRET-STAGE": "WAIVED: another; a reason"}, False),
        ({"check.SECRET-STAGE": "WAIVED: one; a reason"}, {"check.SECRET-STAGE": "WAIVED: one; another"}, False),
    ],
)
def test_a_warning_that_has_passed_since_does_not_stop_what_was_shown_and_nothing_else_may_change(
    shown: dict[str, str], present: dict[str, str], carries_out: bool
) -> None:
    then, now = (plans.Plan.of(GOOD.writes, {**GOOD.relies_on, **facts}, digest) for facts in (shown, present))
    assert plans.carries_out(now, then) is carries_out
    assert bool(plans.drift(then, now)) is not carries_out
    for other in (plans.Plan.of((), now.relies_on, digest), None):
        assert not plans.carries_out(other, then)
        assert not plans.carries_out(now, other)


def test_what_could_not_be_read_is_relied_on_as_nothing_and_nothing_is_written() -> None:
    unread = {one: world.unread(one) for one in ("caller", "identity", "secret", "key", "dns")}
    for change in unread.values():
        plan = plans.make(change(world.good()), (), digest)
        assert bool(plan.writes) == (change in (unread["caller"], unread["dns"]))
    blind = plans.make(both(*unread.values())(world.good()), (), digest)
    assert (blind.writes, {*blind.relies_on.values()}) == ((), {""})


def test_answers_are_relied_on_by_who_gave_them_and_only_where_they_count() -> None:
    resolved = (answer(world.SERVERS[0], NEXT, KEY, authoritative=False),)
    by_key = f"sha256:{hashlib.sha256(KEY.encode()).hexdigest()}"
    elsewhere = (answer(world.SERVERS[0], NEXT, KEY, name="keys.example.com"),)
    for change, facts in (
        (world.dns(encrypted=resolved), {}),
        (world.dns(encrypted=resolved, path="blocked", encrypted_counts=True),
         {f"dns.ns1.example.jp {NEXT}._domainkey.{DOMAIN}": f"a-key {by_key}"}),
        (world.at_one_server(KEY, authoritative=False), {f"dns.{world.PLACES[1]}": f"lame {by_key}"}),
        (world.at_one_server(cname=("a.jp",), rcode="NOERROR"), {f"dns.{world.PLACES[1]}": "cname (a.jp)"}),
        (world.dns(followed=elsewhere), {f"dns.{world.PLACES[0]} keys.example.com": f"a-key {by_key}"}),
        (world.identity(selectors=("a", "b")), {"identity.selectors": "a b"}),
    ):  # fmt: skip
        plan = plans.make(change(world.good()), (), digest)
        assert dict(plan.relies_on) == {**GOOD.relies_on, **facts}


def test_files_of_one_machine_the_record_and_a_rollback_from_no_switch_are_no_facts_of_a_plan() -> None:
    names = ("BACK-CHECKS", "DNS-V6", "KEY-FILES", "RECORD-COPIED")
    found = [Finding(name, "", Level.WARNS, Verdict.FAIL, "", "") for name in names]
    for change, relied in ((world.same, {"BACK-CHECKS", "DNS-V6"}), (world.stands(), {"DNS-V6"})):
        facts = plans.make(change(world.good()), found, digest).relies_on
        assert {name for name in names if f"warning.{name}" in facts} == relied


def test_a_selector_stands_where_ses_signs_with_it_verified() -> None:
    off = both(world.stands(), world.identity(signing_enabled=False))
    for change in (off, world.stands("PENDING"), world.same, world.absent_identity):
        seen = change(world.good())
        assert not plans.stands(seen)
        assert not plans.rewrites(seen) or seen.current_selector == NEXT
    assert plans.stands(world.stands()(world.good()))


def test_a_waiver_is_agreed_to_in_a_plan_and_applied_alike() -> None:
    """TIME-ACTIVATE warns in a plan run and blocks in an apply run."""
    plan, apply = (
        plans.make(world.good(), [Finding("TIME-ACTIVATE", "", level, Verdict.WAIVED, "", said, None, "why")], digest)
        for level, said in (
            (Level.WARNS, phrase("for {seconds} s", seconds=3)),
            (Level.BLOCKS, phrase("for {seconds} s", seconds=2)),
        )
    )
    assert plan.relies_on["check.TIME-ACTIVATE"] == "WAIVED: for … s; why"
    assert plan.digest == apply.digest
    inner = phrase("{which} and {lacking}", which="{one}")
    waived = Finding("DNS-V6", "", Level.WARNS, Verdict.WAIVED, "", phrase("{told}", told=inner), None, "why")
    assert plans.objections([waived]) == {"check.DNS-V6": "WAIVED: {one} and {lacking}; why"}


def test_a_server_that_is_silent_in_another_way_is_the_same_fact() -> None:
    """A dead server whose port is closed at one look and that says nothing at the next, waived both times."""
    timeout, closed, refused = (
        made(world.at_one_server(**change)(world.good()), {"DNS-ANSWERS": "ns2 is being replaced"})
        for change in (
            {"failure": "timeout", "rcode": ""},
            {"failure": "unreachable", "rcode": ""},
            {"rcode": "REFUSED"},
        )
    )
    assert timeout.relies_on["dns.ns2.example.jp [2001:db8::53]:53"] == "no-answer"
    assert timeout.relies_on["check.DNS-ANSWERS"] == (
        "WAIVED: 1 of 2 not known; ns2.example.jp [2001:db8::53]:53: no answer; ns2 is being replaced"
    )
    assert plans.drift(timeout, closed) == ()
    assert {fact for fact, _, _ in plans.drift(timeout, refused)} >= {"check.DNS-ANSWERS"}


def test_a_waiver_shows_in_what_the_plan_relies_on() -> None:
    seen = world.at_every_server()(world.good())
    assert made(seen).relies_on["check.DNS-PUBLISHED"] == "FAIL"
    waived = made(seen, {"DNS-PUBLISHED": "agreed"}).relies_on["check.DNS-PUBLISHED"]
    assert waived == "WAIVED: 2 of 2 differ; ns1.example.jp 192.0.2.53:53: no key record; agreed"
