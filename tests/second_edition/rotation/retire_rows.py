"""The world in which retire ends a selector, and one row a check of its own and change of that world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from second_edition.dkim.published import Answer
from second_edition.procedures.retire.checks import Retiring
from second_edition.rotation.checks import Applying
from second_edition.rotation.facts import Counted, Elsewhere, Facts, Left, ObjectVersion, Policy, Reports
from second_edition.rotation.findings import Verdict
from second_edition.rotation.plan import Plan
from second_edition.rotation.publication import REVOKED_VALUE
from tests.second_edition.rotation import world
from tests.second_edition.rotation.rows import retired
from tests.second_edition.rotation.world import CURRENT, NEXT, Change, at_every_server, at_one_server, both, unread

PASS, FAIL, UNKNOWN, SKIPPED = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN, Verdict.SKIPPED
SHA256, OTHER = world.sha256(world.NEXT_BITS), world.sha256(world.WEAK_BITS)
KEY, OTHER_KEY = world.dns_value(world.NEXT_BITS), world.dns_value(world.WEAK_BITS)
VERSIONS = (
    ObjectVersion("v3Kx", "2026-11-10T02:00:11+00:00", True, SHA256),
    ObjectVersion("v2Jw", "2026-11-09T02:00:11+00:00", False, OTHER),
    ObjectVersion("v1Hv", "2026-11-08T02:00:11+00:00", False, SHA256),
)
FACTS = Facts(
    policy=Policy(7, "revoke", "delete", "route53"),
    left=Left("2026-11-12T00:00:00+00:00", "2026-11-14T00:00:00+00:00", "20261114T000000Z-91c0", "archive"),
    bucket="byodkim-keys",
    key=f"dkim-keys/{world.DOMAIN}/{NEXT}/private_key.pem",
    versions=VERSIONS,
)
Lay = Callable[[Facts], Facts]


def facts(**changes: Any) -> Lay:
    return lambda found: replace(found, **changes)


def policy(**changes: Any) -> Lay:
    return lambda found: replace(found, policy=replace(found.policy, **changes))


def left(**changes: Any) -> Lay:
    return lambda found: replace(found, left=replace(found.left, **changes))


def elsewhere(selector: str = "", **told: Any) -> Lay:
    """The identity in another Region; without a selector SES shows none there."""
    identity = replace(world.found(), selectors=(selector,) if selector else ())
    return facts(elsewhere=(Elsewhere("us-east-1", **{"identity": identity, **told}),))


SES = ("abc.dkim.amazonses.com", "DEF.dkim.ap-northeast-1.amazonses.com", "ghi.dkim.amazonses.com")


def reports(**told: Any) -> Lay:
    return facts(reports=Reports(**{"folder": "reports", "read": 3, **told}))


def counted(day: str) -> Lay:
    return reports(counted=(Counted(day, 12, "mail.example.net"),))


def easy(*targets: str, **told: Any) -> tuple[Change, Lay]:
    """The identity went over to Easy DKIM, and each server has these targets, or none, at its selectors' names."""
    tokens = ("abc", "def", "ghi")
    answers = [
        replace(one, name=f"{token}._domainkey.{world.DOMAIN}", records=(), cname=(target,) if target else (), **told)
        for token, target in zip(tokens, targets, strict=True)
        for one in world.good().records
    ]
    change = world.identity(selectors=tokens, signing_origin="AWS_SES")
    return both(change, lambda seen: replace(seen, current_key=None)), facts(signing=tuple(answers))


def without_ipv6(name: str = "") -> tuple[Change, Lay]:
    """The same of a server that has an IPv6 address too, or of two, which this machine has no route to."""
    change, lay = easy(*SES)

    def six(one: Answer) -> Answer:
        server = replace(one.server, address="2001:db8::53", name=name or one.server.name)
        return replace(one, server=server, failure="no-route", rcode="", cname=(), authoritative=False)

    def both_families(found: Facts) -> Facts:
        four = [one for one in lay(found).signing if ":" not in one.server.address]
        return replace(found, signing=(*four, *map(six, four)))

    return change, both_families


def same_facts(found: Facts) -> Facts:
    return found


@dataclass(frozen=True)
class RetireRow:
    """The world of retire after one change, and what a check comes to there."""

    check: str
    name: str
    verdict: Verdict
    change: Change = world.same
    lay: Lay = same_facts


def case(change: Change = world.same, lay: Lay = same_facts) -> Retiring:
    """The world of retire after a change."""
    return Retiring(change(world.good()), world.EXPECTED, Applying(Plan((), {}, "")), facts=lay(FACTS))


revoked = at_every_server(REVOKED_VALUE)
gone = at_every_server()
erased = facts(versions=VERSIONS[1:2])
DONE_EARLY = facts(versions=VERSIONS[1:2], left=Left())
silent = at_one_server(rcode="", failure="timeout")
no_entry = world.secret(selectors=(CURRENT,), defect="selector-absent", dns_value="", key_path="")
unknown_key = both(no_entry, world.no_key("absent"))
done_before = both(unknown_key, retired)

ROWS = (
    RetireRow("SES-UNUSED", "in use", FAIL, world.identity(selectors=(NEXT,))),
    RetireRow("SES-UNUSED", "in use in another Region", FAIL, lay=elsewhere(NEXT)),
    RetireRow("SES-UNUSED", "no identity in another Region", PASS, lay=elsewhere(identity=None)),
    RetireRow(
        "SES-UNUSED", "another Region unread", UNKNOWN, lay=elsewhere(identity=None, unread="GetEmailIdentity Denied")
    ),
    RetireRow("SES-UNUSED", "just arriving", UNKNOWN, lay=facts(arriving="2026-11-24T04:09:00+00:00")),
    RetireRow("SES-UNUSED", "no longer arriving", PASS, lay=facts(arriving="2026-11-24T04:08:57+00:00")),
    RetireRow("SES-UNUSED", "SES does not say", UNKNOWN, world.identity(selectors=())),
    RetireRow("SES-UNUSED", "identity unread", UNKNOWN, unread("identity")),
    RetireRow("BACK-ACTIVE", "PENDING", FAIL, world.identity(status="PENDING")),
    RetireRow(
        "BACK-ACTIVE",
        "PENDING in another Region",
        FAIL,
        lay=elsewhere(identity=replace(world.found(), selectors=("mail-3",), status="PENDING")),
    ),
    RetireRow("BACK-ACTIVE", "signing switched off", FAIL, world.identity(signing_enabled=False)),
    RetireRow("BACK-ACTIVE", "its record gone at one server", FAIL, world.current_at_one()),
    RetireRow("BACK-ACTIVE", "its key gone", FAIL, world.current_key(defect="absent", sha256="")),
    RetireRow("BACK-ACTIVE", "its key unread", UNKNOWN, unread("current-key")),
    RetireRow("BACK-ACTIVE", "it is the one in use", UNKNOWN, world.identity(selectors=(NEXT,))),
    RetireRow("BACK-ACTIVE", "identity unread", UNKNOWN, unread("identity")),
    RetireRow("KEY-KNOWN", "key object and secret differ", FAIL, world.secret(dns_value=OTHER_KEY)),
    RetireRow("KEY-KNOWN", "used with another key", FAIL, world.used(NEXT, OTHER)),
    RetireRow("KEY-KNOWN", "used with this key", PASS, world.used(NEXT, SHA256)),
    RetireRow("KEY-KNOWN", "the key in use", FAIL, world.current_key(sha256=SHA256)),
    RetireRow("KEY-KNOWN", "by the archive alone", PASS, both(unknown_key, world.used(NEXT, SHA256))),
    RetireRow("KEY-KNOWN", "by nothing", UNKNOWN, unknown_key),
    RetireRow("KEY-KNOWN", "by nothing, and all is done", SKIPPED, both(done_before, gone), policy(key="keep")),
    RetireRow("KEY-KNOWN", "by nothing, and revoked", SKIPPED, both(unknown_key, revoked), policy(key="keep")),
    RetireRow("KEY-KNOWN", "by nothing at all, as misspelled", UNKNOWN, both(unknown_key, gone), policy(key="keep")),
    RetireRow("KEY-KNOWN", "by nothing, and a key is there", UNKNOWN, both(done_before, gone)),
    RetireRow(
        "KEY-KNOWN",
        "by nothing, and its place unread",
        UNKNOWN,
        both(done_before, gone),
        facts(versions=(), versions_unread="ListObjectVersions 403"),
    ),
    RetireRow("DNS-OWN", "revoked", PASS, revoked),
    RetireRow("DNS-OWN", "gone", PASS, gone),
    RetireRow("DNS-OWN", "revoked at one server", PASS, at_one_server(REVOKED_VALUE)),
    RetireRow("DNS-OWN", "another key at one server", FAIL, at_one_server(OTHER_KEY)),
    RetireRow("DNS-OWN", "something else", FAIL, at_every_server("hello")),
    RetireRow("DNS-OWN", "several records", FAIL, at_one_server(KEY, OTHER_KEY)),
    RetireRow("DNS-OWN", "one server silent", UNKNOWN, silent),
    RetireRow("DNS-OWN", "not looked at", UNKNOWN, unread("dns")),
    RetireRow("STORE-OWN", "kept", SKIPPED, lay=policy(key="keep")),
    RetireRow("STORE-OWN", "another selector's too", FAIL, lay=facts(named_by=(CURRENT,))),
    RetireRow(
        "STORE-OWN", "versions unread", UNKNOWN, lay=facts(versions=(), versions_unread="ListObjectVersions 403")
    ),
    RetireRow("STORE-OWN", "place unknown", UNKNOWN, lay=facts(bucket="", key="", versions=())),
    RetireRow("BACK-ACTIVE", "Easy DKIM", PASS, *easy(*SES)),
    RetireRow("BACK-ACTIVE", "Easy DKIM, one CNAME lacks", FAIL, *easy(SES[0], "", SES[2])),
    RetireRow("BACK-ACTIVE", "Easy DKIM, one CNAME elsewhere", FAIL, *easy(SES[0], SES[2], SES[2])),
    RetireRow("BACK-ACTIVE", "Easy DKIM, a server silent", UNKNOWN, *easy(*SES, rcode="", failure="timeout")),
    RetireRow("BACK-ACTIVE", "Easy DKIM, no IPv6 here", PASS, *without_ipv6()),
    RetireRow("BACK-ACTIVE", "Easy DKIM, a server of IPv6 alone, none here", UNKNOWN, *without_ipv6("ns9.example.jp.")),
    RetireRow("BACK-ACTIVE", "Easy DKIM, nobody asked", UNKNOWN, easy(*SES)[0]),
    RetireRow("TIME-OVERLAP", "Easy DKIM", PASS, *easy(*SES)),
    RetireRow("SES-UNUSED", "Easy DKIM", PASS, *easy(*SES)),
    RetireRow("TIME-OVERLAP", "a day short", FAIL, lay=left(verified_at="2026-11-18T00:00:00+00:00")),
    RetireRow("TIME-OVERLAP", "just past", PASS, lay=left(verified_at="2026-11-17T03:03:00+00:00")),
    RetireRow("TIME-OVERLAP", "a TTL beyond what caches keep", FAIL, at_every_server(KEY, ttl=2**31 - 1)),
    RetireRow(
        "TIME-OVERLAP", "seen only later", FAIL, lay=left(verified_at="2026-11-23T00:00:00+00:00", source="seen")
    ),
    RetireRow("TIME-OVERLAP", "never seen before", FAIL, lay=facts(left=Left())),
    RetireRow("TIME-OVERLAP", "retired, nothing is left", SKIPPED, both(retired, revoked), DONE_EARLY),
    RetireRow("TIME-OVERLAP", "retired, its key is left", FAIL, both(retired, revoked), facts(left=Left())),
    RetireRow("TIME-OVERLAP", "SES does not say", UNKNOWN, world.identity(selectors=())),
    RetireRow("TIME-OVERLAP", "identity unread", UNKNOWN, unread("identity")),
    RetireRow("TIME-OVERLAP", "a journal that cannot be read", UNKNOWN, unread("archive", "journal", "Damaged")),
    RetireRow("TIME-SEEN", "no reports", SKIPPED),
    RetireRow("TIME-SEEN", "seen later", FAIL, lay=counted("2026-11-20T23:59:59+00:00")),
    RetireRow("TIME-SEEN", "no such folder", UNKNOWN, lay=reports(failure="NotADirectory")),
    RetireRow("TIME-SEEN", "a file that is none", UNKNOWN, lay=reports(unread=("bomb.xml",))),
    RetireRow("DNS-WITHDRAWN", "revoked", PASS, revoked),
    RetireRow("DNS-WITHDRAWN", "removed", PASS, gone),
    RetireRow("DNS-WITHDRAWN", "still served", FAIL),
    RetireRow("DNS-WITHDRAWN", "still served at one server", FAIL, both(revoked, at_one_server(KEY))),
    RetireRow("DNS-WITHDRAWN", "revoked where it was to be removed", FAIL, revoked, policy(by="remove")),
    RetireRow("DNS-WITHDRAWN", "one server silent", UNKNOWN, both(revoked, silent)),
    RetireRow("STORE-ERASED", "only another key is left", PASS, lay=erased),
    RetireRow("STORE-ERASED", "kept", SKIPPED, lay=policy(key="keep")),
    RetireRow("STORE-ERASED", "a version is left", FAIL),
    RetireRow("STORE-ERASED", "the newest is to expire", FAIL, lay=policy(key="expire")),
    RetireRow("STORE-ERASED", "unread", UNKNOWN, lay=facts(versions=(), versions_unread="ListObjectVersions 403")),
)
