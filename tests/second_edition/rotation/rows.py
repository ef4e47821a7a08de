"""One row a check and change of the good world: what the check comes to, and what it says."""

from __future__ import annotations

import base64
import dataclasses
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from second_edition.dkim.published import Server
from second_edition.rotation.approval import NO_TERMS, Overtaking, Terms
from second_edition.rotation.checks import Applying, Expected
from second_edition.rotation.findings import Verdict
from second_edition.rotation.lock import Holder, Lock, State
from second_edition.rotation.observation import UNREADABLE, Observation, Used
from second_edition.rotation.readiness import Readiness
from second_edition.rotation.resolution import Delegation, NameServers, Sighting
from tests.second_edition.dkim import keys
from tests.second_edition.rotation import approvals, fleet_rows, world
from tests.second_edition.rotation.world import CURRENT, NEXT, Change, at_every_server, at_one_server, both, unread

PASS, FAIL, UNKNOWN, SKIPPED = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN, Verdict.SKIPPED
GIVEN = Used(NEXT, world.sha256(world.NEXT_BITS), "20261123T020011Z-0000")
KEY = world.dns_value(world.NEXT_BITS)
WEAK = world.dns_value(world.WEAK_BITS)
SAME = world.sha256(world.NEXT_BITS)
PLACEHOLDER = "v=DKIM1; k=rsa; p=customerProvidedPublicKey"
NAME = f"{NEXT}._domainkey.{world.DOMAIN}"
NAMES = ("ns1.example.jp", "ns2.example.jp")
WALKED = Delegation(
    "example.jp", "walk", NAMES, tuple(NameServers(server, NAMES) for server in world.SERVERS), world.SERVERS
)
TWINS = (world.SERVERS[0], replace(world.SERVERS[0], name=NAMES[1]))
TOLD = WALKED.children
APART = replace(WALKED, children=(TOLD[0], NameServers(world.SERVERS[1], NAMES[:1])))
OVER = (NameServers(Server("a.dns.jp", "192.0.2.2"), NAMES),)
NOBODY, MUTE, FAR = (NameServers(Server("b.dns.jp", "192.0.2.3"), failure=word) for word in ("", "timeout", "no-route"))
QUIET = tuple(NameServers(server, failure="timeout") for server in world.SERVERS)
RESOLVED = (world.answer(world.SERVERS[0], NEXT, KEY, authoritative=False),)
HALF = (*RESOLVED, world.answer(world.SERVERS[1], NEXT, authoritative=False))
FAILING = world.answer(world.SERVERS[1], NEXT, rcode="SERVFAIL", authoritative=False)
GONE = replace(FAILING, rcode="NXDOMAIN")
BLOCKED, COUNTED = world.dns(path="blocked"), world.dns(path="blocked", encrypted_counts=True)
SIX, ROUTELESS = world.SERVERS[1], at_one_server(failure="no-route", rcode="")
REFUSING = replace(FAILING, rcode="REFUSED")
NAMELESS = world.answer(replace(SIX, name=""), NEXT, KEY, authoritative=False)
LAPSED = world.identity(status="TEMPORARY_FAILURE")  # SES no longer shows the current selector as verified
UNTOLD = world.identity(identity_type="", signing_origin="", signing_enabled=None)
NEXT_USED = world.used(NEXT, SAME)
OTHERS = world.secret(selectors=("a", "b"), defect="selector-absent")
THIRD = world.answer(Server("ns3.example.jp", "192.0.2.54", 5353), NEXT, KEY)
TESTING = world.answer(SIX, NEXT, f"{KEY}; t=y", authoritative=False)
ELSEWHERE = world.answer(SIX, "5f3c", authoritative=False)
FORGOTTEN = "2026-11-24T03:58:57.000+00:00"  # ten minutes before the good world is seen
BEFORE = Sighting("2026-11-24T00:00:00.000+00:00", False, None, 300)
PLANNED = replace(world.EXPECTED, applies=False)
SINCE = Sighting("2026-11-24T00:00:01.000+00:00", True, 3600, 300)


def lame(failure: str) -> Delegation:
    """The second server answers, but not as one that holds the zone."""
    return replace(WALKED, children=(TOLD[0], NameServers(world.SERVERS[1], failure=failure)))


def too_large(seen: Observation) -> Observation:
    """Key object, secret and every server have one key, which is larger than SES takes."""
    value = f"v=DKIM1; k=rsa; p={base64.b64encode(keys.spki_of(2**4095 + 1)).decode()}"
    return both(world.key(bits=4096), world.secret(dns_value=value), at_every_server(value))(seen)


def silent_first(seen: Observation) -> Observation:
    """The first server does not answer either."""
    return replace(seen, records=(replace(seen.records[0], rcode="", failure="timeout"), *seen.records[1:]))


def sibling_at_one(**changes: Any) -> Change:
    """The second server answers the question for a random name otherwise."""
    return lambda seen: world.dns(siblings=(seen.dns.siblings[0], world.answer(SIX, "5f3c", **changes)))(seen)


def with_third(seen: Observation) -> Observation:
    """There is one server more, with a port of its own."""
    return replace(seen, records=(*seen.records, THIRD))


def six_only(seen: Observation) -> Observation:
    """There is one authoritative server, and it has an IPv6 address only."""
    return replace(seen, records=seen.records[1:])


def another_six(seen: Observation) -> Observation:
    """There is another server, which answers at an IPv6 address."""
    return replace(seen, records=(*seen.records, replace(seen.records[0], server=Server("ns3", "2001:db8:1::53"))))


def retired(seen: Observation) -> Observation:
    return replace(seen, retired="2026-11-20T09:00:00+09:00")


def retired_but_at_work(seen: Observation) -> Observation:
    return replace(retired(seen), unsigned="20261121T040857Z-5f2a")


def first_only(seen: Observation) -> Observation:
    """There is one authoritative server."""
    return replace(seen, records=seen.records[:1])


def current_gone_first(seen: Observation) -> Observation:
    """The first server does not serve the current record."""
    return replace(seen, current_records=(world.answer(world.SERVERS[0], CURRENT), *seen.current_records[1:]))


def current_secret(**changes: Any) -> Change:
    def change(seen: Observation) -> Observation:
        assert seen.current_key is not None
        assert seen.current_key.secret is not None
        secret = replace(seen.current_key.secret, **changes)
        return replace(seen, current_key=replace(seen.current_key, secret=secret))

    return change


def claimed_use(selector: str, sha256: str) -> Change:
    """A run that nobody signed says that it gave SES this pair."""
    return lambda seen: replace(seen, used=(*seen.used, Used(selector, sha256, world.RUN, unsigned=True)))


def pair_at_work(seen: Observation) -> Observation:
    """A run that a trusted key signed saw the next pair at work."""
    return replace(seen, used=(*seen.used, Used(NEXT, SAME, world.RUN, worked=True)))


def known_to_work(seen: Observation) -> Observation:
    """An archived run saw the current selector work."""
    return replace(seen, used=(Used(CURRENT, world.sha256(world.CURRENT_BITS), world.RUN, worked=True),))


def unsigned(seen: Observation) -> Observation:
    """Nobody signed the run that saw it work."""
    return replace(seen, used=tuple(replace(one, unsigned=True) for one in seen.used))


def verified(seen: Observation) -> Observation:
    """SES has verified the selector that it has."""
    return world.identity(status="SUCCESS")(seen)


@dataclass(frozen=True)
class Row:
    """The good world after one change, and what a check comes to there. ``said.txt`` has what it says."""

    check: str
    name: str
    change: Change
    verdict: Verdict
    expected: Expected = world.EXPECTED
    applying: Applying | None = None


ACCOUNT = (
    Row("SES-ACCOUNT", "another", world.caller(account="999999999999"), FAIL),
    Row("SES-ACCOUNT", "unnamed", world.same, FAIL, expected=Expected("", world.REGION)),
    Row("SES-ACCOUNT", "throttled", unread("caller", code="Throttling"), UNKNOWN),
    Row("SES-ACCOUNT", "unnamed-and-unread", unread("caller"), FAIL, expected=Expected("", world.REGION)),
    Row("SES-ACCOUNT", "unreached", unread("caller", code="EndpointConnectionError", message="https://sts/"), UNKNOWN),
    Row("SES-ACCOUNT", "inspected", unread("caller", code="SSLError"), UNKNOWN),
    Row("SES-REGION", "another", world.caller(region="us-east-1"), FAIL),
    Row("SES-REGION", "unnamed", world.same, FAIL, expected=Expected(world.ACCOUNT, "")),
    Row("TIME-CLOCK", "just-within", world.caller(clock_skew_s=300.0), PASS),
    Row("TIME-CLOCK", "ahead", world.caller(clock_skew_s=300.6), FAIL),
    Row("TIME-CLOCK", "behind", world.caller(clock_skew_s=-300.6), FAIL),
    Row("TIME-CLOCK", "no-date", world.caller(clock_skew_s=None), UNKNOWN),
)
IDENTITY = (
    Row("SES-EXISTS", "absent", world.absent_identity, FAIL),
    Row("SES-EXISTS", "an-address", world.identity(identity_type="EMAIL_ADDRESS"), FAIL),
    Row("SES-EXISTS", "signed-out", unread("identity", code="ExpiredTokenException"), UNKNOWN),
    Row("SES-EXISTS", "throttled", unread("identity", code="TooManyRequestsException"), UNKNOWN),
    Row("SES-EXISTS", "unreadable", unread("identity", code="UnreadableAnswer"), UNKNOWN),
    Row("SES-ORIGIN", "easy", world.identity(signing_origin="AWS_SES"), FAIL),
    Row("SES-ORIGIN", "replica", world.identity(signing_origin="AWS_SES_US_EAST_1"), FAIL),
    Row("SES-ORIGIN", "absent", world.absent_identity, UNKNOWN),
    Row("SES-SIGNING", "off", world.identity(signing_enabled=False), FAIL),
    Row("PLAN-CHANGE", "two-tokens", world.identity(selectors=(CURRENT, NEXT)), UNKNOWN),
    Row("PLAN-CHANGE", "rewritten", world.stands("PENDING"), PASS),
    Row("PLAN-CHANGE", "empty-tokens", world.identity(selectors=()), UNKNOWN),
    Row("PLAN-CHANGE", "easy", world.identity(signing_origin="AWS_SES"), UNKNOWN),
    Row("PLAN-CHANGE", "stands", world.stands(), PASS),
    Row("PLAN-CHANGE", "given-up", world.stands("FAILED"), PASS),
    Row("PLAN-REWRITE", "given", both(world.stands("PENDING"), world.given(GIVEN)), PASS),
    Row("PLAN-REWRITE", "replaced", both(world.stands("PENDING"), world.given(replace(GIVEN, worked=True))), PASS),
    Row("PLAN-REWRITE", "unsigned", both(world.stands("PENDING"), world.given(replace(GIVEN, unsigned=True))), UNKNOWN),
    Row("PLAN-REWRITE", "given-by-nobody", world.stands("NOT_STARTED"), PASS),
    Row("PLAN-REWRITE", "given-up", world.stands("FAILED"), SKIPPED),
    Row("PLAN-REWRITE", "damaged", both(world.stands("PENDING"), unread("archive")), UNKNOWN),
    Row("PLAN-REWRITE", "no-key", both(world.stands("PENDING"), world.no_key("absent")), UNKNOWN),
)
SECRET = (
    *(Row("SECRET-SHAPE", defect, world.secret(defect=defect), FAIL) for defect in UNREADABLE),
    Row("SECRET-SHAPE", "fault-of-aws", unread("secret", code="InternalServiceError"), UNKNOWN),
    Row("SECRET-SHAPE", "no-such", unread("secret", code="ResourceNotFoundException"), UNKNOWN),
    Row("SECRET-SHAPE", "another-selector", world.secret(defect="selector-absent"), PASS),
    Row("SECRET-SHAPE", "decryption-failed", unread("secret", code="DecryptionFailure"), UNKNOWN),
    Row("SECRET-SHAPE", "of-the-selector-in-use", both(world.stands(), world.secret(defect="not-json")), SKIPPED),
    Row("SECRET-SHAPE", "no-key", both(world.secret(defect="not-json"), unread("key")), FAIL),
    Row("SECRET-SHAPE", "never-worked", both(world.secret(defect="no-entry"), NEXT_USED), FAIL),
    Row("SECRET-STAGE", "pending", world.secret(pending_version_id="77aa"), FAIL),
    Row("SECRET-STAGE", "not-json", world.secret(defect="not-json"), UNKNOWN),
    Row("SECRET-SELECTOR", "another", world.secret(selectors=(CURRENT,), defect="selector-absent"), FAIL),
    Row("SECRET-SELECTOR", "others", both(OTHERS, unread("key")), FAIL),
    Row("SECRET-SELECTOR", "spelled-twice", world.secret(selectors=(NEXT.upper(), NEXT.title())), FAIL),
    Row("SECRET-SELECTOR", "twice", world.secret(selectors=(NEXT, NEXT), defect="selector-twice"), FAIL),
    Row("SECRET-SELECTOR", "two-values", world.secret(selectors=(NEXT, NEXT), defect="two-values"), FAIL),
    Row("SECRET-SELECTOR", "another-domain-s", world.secret(defect="selector-absent", elsewhere="example.com"), FAIL),
    Row(
        "SECRET-SELECTOR",
        "other-letters",
        world.secret(selectors=(CURRENT, NEXT.upper()), defect="selector-absent"),
        FAIL,
    ),
    Row("SECRET-RECORD", "placeholder", world.secret(dns_value=PLACEHOLDER), FAIL),
    Row("SECRET-RECORD", "cut", world.secret(dns_value=KEY[:-8]), FAIL),
    Row("SECRET-RECORD", "lone-surrogate", world.secret(dns_value="v=DKIM1; p=\udcff"), FAIL),
)
KEYS = (
    Row("KEY-FILES", "left", lambda seen: replace(seen, leftovers=("~/private_key_1.pem",)), FAIL),
    Row("KEY-FILES", "two", lambda seen: replace(seen, leftovers=("~/a.pem", "~/b.pem")), FAIL),
    Row("KEY-FILES", "unlisted", unread("files"), UNKNOWN),
    Row("STORE-OBJECT", "absent", world.no_key("absent"), FAIL),
    Row("STORE-OBJECT", "absent-and-no-path", world.no_key("absent", key=""), FAIL),
    Row("STORE-OBJECT", "ambiguous", world.no_key("ambiguous", candidates=("a.pem", "b.pem")), FAIL),
    Row("STORE-OBJECT", "two-buckets", world.no_key("two-buckets", candidates=("s3://a", "s3://b")), FAIL),
    Row("STORE-OBJECT", "unreadable", world.no_key("unreadable"), PASS),
    Row(
        "STORE-OBJECT",
        "endpoint-without-TLS",
        unread("key", code="Unencrypted", message="http://192.0.2.1 is reached without encryption"),
        UNKNOWN,
    ),
    Row("STORE-OBJECT", "slowed-down", unread("key", code="SlowDown"), UNKNOWN),
    Row("STORE-OBJECT", "kms-disabled", unread("key", code="KMS.DisabledException"), UNKNOWN),
    Row("STORE-VERSION", "none", world.key(version_id=""), FAIL),
    Row("STORE-VERSION", "two-buckets", world.no_key("two-buckets"), UNKNOWN),
    Row("STORE-VERSION", "null", world.key(version_id="null"), FAIL),
    *(
        Row("KEY-FORM", defect, world.no_key(defect), FAIL)
        for defect in ("empty", "too-large", "encrypted", "unreadable", "not-rsa")
    ),
    *(Row("KEY-FORM", defect, world.no_key(defect), UNKNOWN) for defect in ("absent", "ambiguous")),
    Row("STORE-NEWER", "just-within", world.key(last_modified="2026-11-10T02:15:11+00:00"), PASS),
    Row("STORE-NEWER", "just-beyond", world.key(last_modified="2026-11-10T02:15:12+00:00"), FAIL),
    Row("STORE-NEWER", "another-zone", world.key(last_modified="2026-11-10T11:15:11+09:00"), PASS),
    Row("STORE-NEWER", "undated", world.secret(created=""), UNKNOWN),
    Row("KEY-SIZE", "1023", world.key(bits=1023), FAIL),
    Row("KEY-SIZE", "1024", world.key(bits=1024), PASS),
    Row("KEY-SIZE", "2049", world.key(bits=2049), FAIL),
    Row("KEY-STRENGTH", "2047", world.key(bits=2047), FAIL),
    Row("KEY-PAIR", "another-key-in-s3", world.stored_key(world.WEAK_BITS), FAIL),
    Row("KEY-PAIR", "another-key-asked-for", world.secret(dns_value=WEAK), FAIL),
    Row("KEY-PAIR", "placeholder", world.secret(dns_value=PLACEHOLDER), UNKNOWN),
    Row("KEY-PAIR", "no-key", unread("key"), UNKNOWN),
)
REUSE = (
    Row("KEY-REUSED", "an-earlier-run", world.used("mail-20240917-1", SAME), FAIL),
    Row("KEY-REUSED", "the-current-key", world.current_key(sha256=SAME), FAIL),
    Row("KEY-REUSED", "the-current-record", world.current_at_one(KEY), FAIL),
    Row("KEY-REUSED", "another-live-record", world.others_at_one("mail-20261124-2", KEY), FAIL),
    Row("KEY-REUSED", "other-letters", world.used(NEXT.upper(), SAME), FAIL),
    Row("KEY-REUSED", "of-a-pair-that-works,-as-nobody-signed", both(pair_at_work, claimed_use("a", SAME)), PASS),
    Row("KEY-REUSED", "as-nobody-signed", claimed_use("a", SAME), FAIL),
    Row(
        "KEY-SELECTOR", "of-a-pair-that-works,-as-nobody-signed", both(pair_at_work, claimed_use(NEXT, "0" * 64)), PASS
    ),
    Row("KEY-SELECTOR", "as-nobody-signed", claimed_use(NEXT, "0" * 64), FAIL),
    Row("KEY-SELECTOR", "another-key-in-other-letters", world.used(NEXT.upper(), "0" * 64), FAIL),
    Row("KEY-REUSED", "found-though-not-all-was-read", both(world.used("a", SAME), unread("archive")), FAIL),
    Row("KEY-REUSED", "current-key-unread", unread("current-key"), PASS),
    Row("KEY-SELECTOR", "another-key", world.used(NEXT, world.sha256(world.WEAK_BITS)), FAIL),
    Row("KEY-RETIRED", "retired", retired, FAIL),
    Row("KEY-RETIRED", "at-work-by-an-unsigned-run", retired_but_at_work, FAIL),
)
SILENT = {"rcode": "", "authoritative": False, "failure": "timeout"}
ENDS = tuple(
    world.answer(server, NEXT, *values, name="keys.example.com", **how)
    for server, values, how in zip(world.SERVERS, ((KEY,), ()), ({}, SILENT), strict=True)
)
half_silent = both(at_every_server(cname=("keys.example.com",), rcode="NOERROR"), world.dns(followed=ENDS))
PUBLISHED = (
    Row("DNS-ANSWERS", "timeout", at_one_server(**SILENT), UNKNOWN),
    Row("DNS-ANSWERS", "delegated", world.dns(delegation=WALKED), PASS),
    Row("DNS-ANSWERS", "silent-in-two-ways", both(at_one_server(failure="tcp-blocked"), silent_first), UNKNOWN),
    Row("DNS-ANSWERS", "poor", lambda seen: replace(seen, records=(*RESOLVED, FAILING, REFUSING)), FAIL),
    Row("DNS-ANSWERS", "lame", at_one_server(KEY, authoritative=False), FAIL),
    Row("DNS-ANSWERS", "servfail", at_one_server(rcode="SERVFAIL"), FAIL),
    Row("DNS-ANSWERS", "refused", at_one_server(rcode="REFUSED"), FAIL),
    Row("DNS-ANSWERS", "refused-and-silent", both(at_one_server(rcode="REFUSED"), silent_first), FAIL),
    Row("DNS-ANSWERS", "tcp-blocked", at_one_server(failure="tcp-blocked"), UNKNOWN),
    Row("DNS-ANSWERS", "unnamed-server", world.without_names(at_one_server(**SILENT)), UNKNOWN),
    Row("DNS-ANSWERS", "no-ipv6", both(ROUTELESS, world.dual_stack), PASS),  # which DNS-V6 says
    Row("DNS-ANSWERS", "no-ipv6-and-the-server-has-no-other-address", ROUTELESS, UNKNOWN),
    Row("DNS-ANSWERS", "no-route-to-one-of-two-ipv6-addresses", both(ROUTELESS, another_six), UNKNOWN),
    Row("DNS-ANSWERS", "no-ipv6-and-no-other", both(at_every_server(failure="no-route", rcode=""), six_only), UNKNOWN),
    Row("DNS-PUBLISHED", "nowhere", at_every_server(), FAIL),
    Row("DNS-PUBLISHED", "one-stale-server", at_one_server(), FAIL),
    Row("DNS-PUBLISHED", "older-zone", at_one_server(serial=2026112400), FAIL),
    Row("DNS-PUBLISHED", "another-key", at_one_server(WEAK), FAIL),
    Row("DNS-PUBLISHED", "invalid", at_one_server(KEY[:-8]), FAIL),
    Row("DNS-PUBLISHED", "cname", at_one_server(KEY, cname=("other.example.jp",)), FAIL),
    Row("DNS-PUBLISHED", "two-records", at_one_server(KEY, KEY), FAIL),
    Row("DNS-PUBLISHED", "one-silent", at_one_server(**SILENT), PASS),  # which DNS-ANSWERS says
    Row("DNS-PUBLISHED", "retired", both(at_every_server(), at_one_server("v=DKIM1; p="), retired), FAIL),
    Row("DNS-PUBLISHED", "no-key-to-compare-with", unread("key"), UNKNOWN),
    Row("DNS-PUBLISHED", "no-key-and-absent", both(unread("key"), at_one_server()), FAIL),
    Row("DNS-SINGLE", "two", at_one_server(KEY, KEY), FAIL),
    Row("DNS-PLACEHOLDER", "one", at_one_server(PLACEHOLDER), FAIL),
    Row("DNS-CNAME", "unproved", at_one_server(cname=("keys.example.com",), rcode="NOERROR"), FAIL),
    Row("DNS-CNAME", "loop", at_one_server(cname=("keys.example.com", NAME), rcode="NOERROR"), FAIL),
    Row(
        "DNS-CNAME",
        "followed",
        both(
            at_one_server(cname=("keys.example.com",), rcode="NOERROR"),
            world.dns(followed=(world.answer(world.SERVERS[0], NEXT, KEY, name="keys.example.com"),)),
        ),
        PASS,
    ),
    Row(
        "DNS-CNAME",
        "followed-to-any-key",
        both(
            unread("key"),
            at_one_server(cname=("keys.example.com",), rcode="NOERROR"),
            world.dns(followed=(world.answer(world.SERVERS[0], NEXT, KEY, name="keys.example.com"),)),
        ),
        PASS,
    ),
    Row("DNS-WILDCARD", "one", world.dns(siblings=(world.answer(world.SERVERS[0], "5f3c", "x"),)), FAIL),
    Row(
        "DNS-WILDCARD",
        "cname",
        world.dns(siblings=(world.answer(world.SERVERS[0], "5f3c", rcode="NOERROR", cname=("example.com",)),)),
        FAIL,
    ),
    Row("DNS-WILDCARD", "silent", sibling_at_one(**SILENT), UNKNOWN),
    Row("DNS-WILDCARD", "name-without-records", sibling_at_one(rcode="NOERROR"), PASS),
    Row("DNS-WILDCARD", "not-asked", world.dns(siblings=()), UNKNOWN),
    Row("DNS-WILDCARD", "refused", sibling_at_one(rcode="REFUSED"), UNKNOWN),
    Row("DNS-WILDCARD", "all-silent", both(at_every_server(**SILENT), sibling_at_one(**SILENT)), UNKNOWN),
    Row("KEY-FLAGS", "testing", at_one_server(f"{KEY}; t=y"), FAIL),
    Row("KEY-FLAGS", "both-everywhere", at_every_server(f"{KEY}; t=y:s"), FAIL),
    Row("KEY-FLAGS", "encrypted", both(COUNTED, world.dns(encrypted=(TESTING,))), FAIL),
    Row("KEY-FLAGS", "no-subdomains", at_one_server(f"{KEY}; t=s"), FAIL),
    Row("KEY-FLAGS", "flags-without-meaning", at_one_server(f"{KEY}; t=x"), PASS),
    Row(
        "KEY-FLAGS",
        "behind-a-cname",
        both(
            at_one_server(cname=("keys.example.com",), rcode="NOERROR"),
            world.dns(followed=(world.answer(world.SERVERS[0], NEXT, f"{KEY}; t=y", name="keys.example.com"),)),
        ),
        FAIL,
    ),
    Row("KEY-FLAGS", "absent", at_every_server(), SKIPPED),
    Row("DNS-PATH", "blocked", both(at_every_server(**SILENT), BLOCKED), FAIL),
    Row("DNS-PATH", "no-evidence", both(at_every_server(**SILENT), BLOCKED, world.dns(encrypted=RESOLVED)), FAIL),
    Row("DNS-PATH", "evidence", both(at_every_server(**SILENT), COUNTED, world.dns(encrypted=RESOLVED)), PASS),
    Row("DNS-PATH", "half", both(at_every_server(**SILENT), COUNTED, world.dns(encrypted=HALF)), FAIL),
    Row("DNS-PATH", "no-key", both(COUNTED, world.dns(encrypted=RESOLVED), unread("key")), FAIL),
    Row("DNS-PUBLISHED", "encrypted", both(at_every_server(**SILENT), COUNTED, world.dns(encrypted=RESOLVED)), PASS),
    Row("DNS-PUBLISHED", "encrypted-not", both(at_every_server(**SILENT), COUNTED, world.dns(encrypted=HALF)), FAIL),
    Row("DNS-PUBLISHED", "uncounted", both(BLOCKED, world.dns(encrypted=HALF)), PASS),
    Row("DNS-PUBLISHED", "not-blocked", both(COUNTED, world.dns(path="open", encrypted=HALF)), PASS),
    Row("DNS-PUBLISHED", "encrypted-absent", both(COUNTED, world.dns(encrypted=HALF[1:])), FAIL),
    Row("DNS-DELEGATION", "same", world.dns(delegation=WALKED), PASS),
    Row("DNS-DELEGATION", "one-address-for-two-names", world.dns(delegation=replace(WALKED, servers=TWINS)), PASS),
    Row("DNS-DELEGATION", "differs", world.dns(delegation=replace(WALKED, parent=NAMES[:1])), FAIL),
    Row("DNS-DELEGATION", "above-differs", world.dns(delegation=replace(WALKED, above=(*OVER, NOBODY))), FAIL),
    Row("DNS-DELEGATION", "above-one-silent", world.dns(delegation=replace(WALKED, above=(*OVER, MUTE))), PASS),
    Row("DNS-DELEGATION", "above-two-silent", world.dns(delegation=replace(WALKED, above=(*OVER, MUTE, MUTE))), PASS),
    Row("DNS-DELEGATION", "above-silent", world.dns(delegation=replace(WALKED, above=(MUTE,))), UNKNOWN),
    Row("DNS-DELEGATION", "above-no-ipv6", world.dns(delegation=replace(WALKED, above=(*OVER, FAR))), PASS),
    *(
        Row("DNS-DELEGATION", word, world.dns(delegation=lame(word)), FAIL)
        for word in ("lame", "REFUSED", "SERVFAIL", "NXDOMAIN")
    ),
    Row("DNS-DELEGATION", "children-differ", world.dns(delegation=replace(APART, parent=())), FAIL),
    Row("DNS-DELEGATION", "one-silent", world.dns(delegation=replace(WALKED, children=(QUIET[0], TOLD[1]))), UNKNOWN),
    Row(
        "DNS-DELEGATION",
        "one-silent-altogether",
        both(at_one_server(**SILENT), world.dns(delegation=replace(WALKED, children=(TOLD[0], QUIET[1])))),
        PASS,
    ),
    Row("DNS-DELEGATION", "by-resolver", world.dns(delegation=Delegation("example.jp", "resolver")), UNKNOWN),
    Row(
        "DNS-DELEGATION",
        "by-resolver-and-counted",
        both(COUNTED, world.dns(encrypted=RESOLVED, delegation=Delegation("example.jp", "resolver"))),
        SKIPPED,
    ),
    Row("DNS-DELEGATION", "silent", world.dns(delegation=replace(WALKED, children=QUIET)), UNKNOWN),
    Row("DNS-V6", "missing", ROUTELESS, UNKNOWN),
    Row("DNS-V6", "missing-of-a-server-that-was-asked", both(ROUTELESS, world.dual_stack), UNKNOWN),
    Row("DNS-RESOLVERS", "agree", world.dns(resolved=RESOLVED), PASS),
    Row("DNS-RESOLVERS", "one-lags", world.dns(resolved=HALF), FAIL),
    Row("DNS-RESOLVERS", "one-silent", world.dns(resolved=(*RESOLVED, world.answer(SIX, NEXT, **SILENT))), PASS),
    Row("DNS-RESOLVERS", "all-fail", world.dns(resolved=(FAILING,)), FAIL),
    Row("DNS-RESOLVERS", "no-key", both(world.dns(resolved=RESOLVED), unread("key")), FAIL),
    Row("DNS-DNSSEC", "sound", world.dns(resolved=RESOLVED), PASS),
    Row("DNS-DNSSEC", "bogus", world.dns(resolved=(*RESOLVED, FAILING), unvalidated=RESOLVED), FAIL),
    Row("DNS-DNSSEC", "bogus-absence", world.dns(resolved=(FAILING,), unvalidated=(GONE,)), FAIL),
    Row("DNS-DNSSEC", "bogus-at-two", world.dns(resolved=(FAILING,), unvalidated=(*RESOLVED, NAMELESS)), FAIL),
    Row("DNS-DNSSEC", "fails-anyway", world.dns(resolved=(*RESOLVED, FAILING), unvalidated=(FAILING,)), UNKNOWN),
    Row("DNS-DNSSEC", "encrypted", both(COUNTED, world.dns(encrypted=(FAILING,), unvalidated=RESOLVED)), FAIL),
    Row("TIME-ACTIVATE", "seen-absent-before", world.dns(history=(BEFORE,)), FAIL),
    Row("TIME-ACTIVATE", "absurd-ttl", world.dns(history=(replace(BEFORE, ttl=2**31 - 1),)), FAIL),
    Row("TIME-ACTIVATE", "seen-long-since", world.dns(history=(BEFORE, SINCE)), PASS),
    Row("TIME-ACTIVATE", "just-forgotten", world.dns(history=(BEFORE, replace(SINCE, at=FORGOTTEN))), PASS),
    Row("TIME-ACTIVATE", "no-switch", both(world.dns(history=(BEFORE,)), world.stands()), SKIPPED),
    Row("TIME-ACTIVATE", "again", both(world.dns(history=(BEFORE,)), world.stands("FAILED")), FAIL),
    Row("TIME-ACTIVATE", "one-silent", both(world.dns(history=(BEFORE,)), at_one_server(**SILENT)), UNKNOWN),
    Row("TIME-ACTIVATE", "planned, one silent", at_one_server(**SILENT), UNKNOWN, expected=PLANNED),
    Row("TIME-ACTIVATE", "planned, nothing asked", unread("dns"), UNKNOWN, expected=PLANNED),
    Row("TIME-ACTIVATE", "no-key-to-compare-with", both(world.dns(history=(BEFORE,)), unread("key")), UNKNOWN),
    Row("TIME-ACTIVATE", "not-yet-published", both(world.dns(history=(BEFORE,)), at_one_server()), SKIPPED),
)
SIGNATURE = (
    Row("KEY-SIGNS", "one-server-s-record", world.rehearsed("", "", "BadSignature"), FAIL),
    Row("KEY-SIGNS", "the-secret-s-record", world.rehearsed("BadSignature", "", ""), FAIL),
    Row("KEY-SIGNS", "not-published-yet", world.rehearsed(""), PASS),
    Row("KEY-SIGNS", "no-record-at-all", world.rehearsed(), UNKNOWN),
    Row("KEY-SIGNS", "not-signed", unread("signature"), UNKNOWN),
)
BACK = (
    Row("BACK-CHECKS", "never-worked", world.identity(status="FAILED"), SKIPPED),
    Row("BACK-CHECKS", "left-and-never-worked", both(world.left("SUCCESS"), world.never_used), SKIPPED),
    Row("BACK-CHECKS", "left-and-pending", world.left(), PASS),
    Row("BACK-CHECKS", "left-and-gone", both(world.left(), world.current_at_every()), FAIL),
    Row("BACK-CHECKS", "key-gone", world.current_key(defect="absent", sha256=""), FAIL),
    Row("BACK-CHECKS", "secret-unread", unread("secret"), UNKNOWN),
    Row("BACK-CHECKS", "used-with-another-key", world.used(CURRENT, world.sha256(world.WEAK_BITS)), FAIL),
    Row("BACK-CHECKS", "message-fails", lambda seen: replace(seen, back_rehearsal=None), UNKNOWN),
    Row("BACK-CHECKS", "caches-remember", lambda seen: replace(seen, back_history=(BEFORE,)), FAIL),
    Row("BACK-CHECKS", "planned", lambda seen: replace(seen, back_history=(BEFORE,)), FAIL, expected=PLANNED),
    Row("BACK-CHECKS", "retired-since", retired, PASS),
    # What a rollback is checked by without an entry in the secret.
    Row("SES-EXISTS", "rollback-unread", world.returning(unread("identity")), UNKNOWN),
    Row("DNS-RESOLVERS", "rollback", world.returning(world.dns(resolved=RESOLVED)), SKIPPED),
    Row("KEY-REUSED", "rollback", world.returning(world.stored_key(world.CURRENT_BITS)), FAIL),
    Row("SECRET-SHAPE", "rollback", world.returning(current_secret(defect="not-json")), SKIPPED),
    Row("SECRET-SHAPE", "rollback-leak", world.returning(current_secret(defect="private-key-inside")), FAIL),
    Row("SECRET-SELECTOR", "rollback, unsigned", both(world.returning(), unsigned), SKIPPED),
    Row("KEY-PAIR", "rollback-two-keys", world.returning(world.current_at_one(WEAK)), FAIL),
    Row(
        "KEY-PAIR",
        "rollback-several",
        world.returning(world.current_at_one(world.dns_value(world.CURRENT_BITS), WEAK)),
        FAIL,
    ),
    Row("KEY-PAIR", "rollback-alias", world.returning(world.current_at_one(cname=("other.example.jp",))), FAIL),
    Row("KEY-PAIR", "rollback-unpublished", world.returning(world.current_at_every(), known_to_work), UNKNOWN),
    Row("SECRET-SELECTOR", "rollback-never-worked", world.returning(world.identity(status="FAILED")), FAIL),
    Row("SECRET-SELECTOR", "rollback-other-key", world.returning(world.current_key(sha256="0" * 64)), FAIL),
    # A rollback leaves what need not work.
    Row("BACK-RECORD", "rollback-to-the-earlier", both(world.returning(at_one_server()), verified, NEXT_USED), FAIL),
    Row("BACK-RECORD", "rollback-to-the-later", both(world.returning(at_one_server(), NEXT_USED), verified), FAIL),
    Row("BACK-RECORD", "rollback", both(world.returning(world.at_one_server()), verified), FAIL),
    Row("BACK-KEY", "rollback", both(world.returning(world.no_key("absent")), verified), FAIL),
    Row("BACK-RECORD", "another-key-at-one", world.current_at_one(WEAK), FAIL),
    Row("BACK-RECORD", "silent-at-one", world.current_at_one(**SILENT), UNKNOWN),
    Row("BACK-RECORD", "silent-and-gone", both(world.current_at_one(**SILENT), current_gone_first), FAIL),
    Row("BACK-RECORD", "no-token", world.identity(selectors=()), UNKNOWN),
    Row("BACK-RECORD", "newer-zone-lacks-it", world.current_at_one(serial=2026112499), FAIL),
    Row("BACK-RECORD", "lapsed, silent-at-one", both(LAPSED, world.current_at_one(**SILENT)), UNKNOWN),
    Row("BACK-RECORD", "not-asked", unread("dns"), UNKNOWN),
    Row(
        "BACK-RECORD", "nothing-to-go-back-to", both(world.identity(status="FAILED"), world.current_at_every()), SKIPPED
    ),
    Row("BACK-RECORD", "seen-gone", both(world.identity(status="TEMPORARY_FAILURE"), world.current_at_every()), FAIL),
    Row("BACK-KEY", "absent", world.current_key(defect="absent", sha256=""), FAIL),
    Row("BACK-KEY", "two-keys-in-dns", world.current_at_one(WEAK), FAIL),
    Row("BACK-KEY", "lapsed, 1023", both(LAPSED, world.current_key(bits=1023)), FAIL),
    Row("BACK-KEY", "lapsed, unread", both(LAPSED, unread("current-key")), UNKNOWN),
    Row("BACK-KEY", "lapsed, not-published", both(LAPSED, world.current_at_every()), UNKNOWN),
    Row("BACK-KEY", "2048", world.current_key(bits=2048), PASS),
    Row("BACK-KEY", "1024", world.current_key(bits=1024), PASS),
    Row("BACK-KEY", "1023", world.current_key(bits=1023), FAIL),
    Row("BACK-KEY", "2049", world.current_key(bits=2049), FAIL),
    Row("BACK-KEY", "silent-at-one", world.current_at_one(**SILENT), PASS),
    Row("BACK-KEY", "not-looked-for", lambda seen: replace(seen, current_key=None), UNKNOWN),
    Row("BACK-KEY", "not-published", world.current_at_every(), UNKNOWN),
    Row("BACK-KEY", "nothing-to-go-back-to", both(world.identity(status="FAILED"), unread("current-key")), SKIPPED),
)


def applied(
    name: str,
    verdict: Verdict,
    *given: approvals.Presented,
    required: int = 1,
    terms: Terms = approvals.TERMS,
) -> Row:
    """A run that applies the good world's plan with what was ``given`` as approvals."""
    applying = Applying(approvals.PLAN, required, given, terms=terms)
    return Row("PLAN-APPROVED", name, world.same, verdict, applying=applying)


OVERTAKING = Overtaking("20261124T043000Z-7f3a", fleet_rows.AT, CURRENT, taken=True)


def placed(name: str, *given: approvals.Presented, terms: Terms = approvals.TERMS, **changes: Any) -> Row:
    """A run of a campaign that shows its place in the campaign's plan."""
    plan = fleet_rows.plan_of("d00003.example.jp", **({"a": "0"} if "plan" in changes else {}))
    member = approvals.Presented("place.json", member=replace(fleet_rows.placed(3), **changes))
    return Row("PLAN-APPROVED", name, world.same, FAIL, applying=Applying(plan, 0, (member, *given), terms=terms))


HOLDER = Holder(
    "20261124T040001Z-91c0", "arn:aws:sts::123456789012:user/sato", "h", "m", 7, "2026-11-24T04:00:01+00:00", 3
)


def locked(name: str, verdict: Verdict, state: State, **more: Any) -> Row:
    """A run that applies the good world's plan, and what came of taking the lock."""
    applying = Applying(approvals.PLAN, lock=Lock(state, "example.jp.json", **more))
    return Row("PLAN-LOCK", name, world.same, verdict, applying=applying)


LOCK = (
    locked("own-sandbox", SKIPPED, State.UNNEEDED),
    locked("held", PASS, State.HELD, token=4),
    locked("taken-over", PASS, State.HELD, token=4, holder=HOLDER),
    locked("another-s", FAIL, State.OTHER, holder=HOLDER),
    locked("another-s-in-s3", FAIL, State.OTHER, holder=replace(HOLDER, expires="2026-11-24T04:40:01+00:00")),
    locked("another-s-whose-name-is-unknown", FAIL, State.OTHER, holder=replace(HOLDER, operator="")),
    locked("somebody-s", FAIL, State.OTHER),
    locked("unread", UNKNOWN, State.UNREAD, why="PutObject AccessDenied"),
)
TANAKA, SATO = approvals.by("tanaka"), approvals.by("sato")
APPROVED = (
    applied("none-asked-for", SKIPPED, required=0),
    applied("one-of-one", PASS, TANAKA),
    applied("two-of-two", PASS, TANAKA, SATO, required=2),
    applied("none", FAIL),
    applied("one-of-two", FAIL, TANAKA, required=2),
    applied("twice-by-one", FAIL, TANAKA, approvals.by("tanaka", comment="once more")),
    *(
        applied(defect, FAIL, TANAKA, approvals.Presented("x.json", defect=defect))
        for defect in ("absent", "malformed", "unknown-key", "forged")
    ),
    applied("nothing-in-it", FAIL, TANAKA, approvals.Presented("x.json")),
    applied("unbegun", FAIL, TANAKA, terms=replace(approvals.TERMS, unbegun="20261124T043000Z-7f3a")),
    placed("overtaken", terms=replace(approvals.TERMS, overtaken=OVERTAKING)),
    placed("of-another-plan", plan=fleet_rows.plan_of("d00003.example.jp", b="1")),
    placed("unproved", index=4),
    placed("another-campaign-approved", fleet_rows.by("tanaka", fleet_rows.OTHER)),
    applied("unread", UNKNOWN, TANAKA, approvals.Presented("x.json", defect="unread")),
    applied("absent-though-none-is-asked-for", FAIL, approvals.Presented("x.json", defect="absent"), required=0),
    applied("unsound-though-none-is-asked-for", FAIL, approvals.Presented("x.json", defect="forged"), required=0),
    *(
        applied(f"another-{name}", FAIL, approvals.by("tanaka", **{name: "another"}))
        for name in ("identity", "selector", "account", "region")
    ),
    applied("drift", FAIL, approvals.by("tanaka", plan=approvals.DRIFTED)),
    applied("warned-then", PASS, approvals.by("tanaka", plan=approvals.WARNED)),
    applied("expired", FAIL, approvals.by("tanaka", at="2026-11-17T04:39:59+00:00")),
    applied("in-its-last-second", PASS, approvals.by("tanaka", at="2026-11-17T04:40:00+00:00")),
    applied("dated-ahead", FAIL, approvals.by("tanaka", at="2026-11-24T04:50:01+00:00")),
    applied("a-clock-a-little-ahead", PASS, approvals.by("tanaka", at="2026-11-24T04:50:00+00:00")),
    applied("used-up", FAIL, TANAKA, terms=approvals.used_up()),
    applied("used-up-under-another-name", FAIL, replace(TANAKA, file="copy.json"), terms=approvals.used_up()),
    applied("used-up-as-an-unsigned-run-says", FAIL, TANAKA, terms=approvals.used_up(unsigned=True)),
    applied("terms-unknown", FAIL, TANAKA, terms=NO_TERMS),
    dataclasses.replace(applied("caller-unread", FAIL, TANAKA), change=unread("caller")),
    dataclasses.replace(applied("nothing-to-write", SKIPPED), applying=Applying(approvals.NOTHING, 2)),
)


def kept(check: str, name: str, verdict: Verdict, **faults: str) -> Row:
    """A run that applies, and of what its record needs some was tried, and failed as ``faults`` say."""
    applying = Applying(approvals.PLAN, readiness=Readiness(("key", "folder", "timestamp", "archive", "heads"), faults))
    return Row(check, name, world.same, verdict, applying=applying)


RECORD = (
    dataclasses.replace(kept("RECORD-SEALED", "nothing-tried", SKIPPED), applying=Applying(approvals.PLAN)),
    kept("RECORD-SEALED", "ready", PASS, timestamp="no answer", archive="no bucket"),
    kept("RECORD-SEALED", "no-key", FAIL, key="The key cannot be made."),
    kept("RECORD-SEALED", "no-room", FAIL, folder="The disk is full."),
    dataclasses.replace(
        kept("RECORD-SEALED", "key-not-tried", UNKNOWN),
        applying=Applying(approvals.PLAN, readiness=Readiness(("key", "folder"), {}, {"key": "RuntimeError"})),
    ),
    dataclasses.replace(
        kept("RECORD-COPIED", "none-asked-for", SKIPPED),
        applying=Applying(approvals.PLAN, readiness=Readiness(("key", "folder"), {"key": "none"})),
    ),
    dataclasses.replace(
        kept("RECORD-COPIED", "authority-not-tried", UNKNOWN),
        applying=Applying(approvals.PLAN, readiness=Readiness(("timestamp",), {}, {"timestamp": "RuntimeError"})),
    ),
    kept("RECORD-COPIED", "ready", PASS, key="none", folder="full"),
    kept("RECORD-COPIED", "no-authority", FAIL, timestamp="It gave no answer."),
    kept("RECORD-COPIED", "no-bucket", FAIL, archive="S3 refused it."),
    kept("RECORD-COPIED", "no-heads", FAIL, heads="No such folder."),
)

# What several checks come to alike: the change of the good world, the verdict, and the checks.
ALIKE: tuple[tuple[str, Change, Verdict, str], ...] = (
    ("unread", unread("caller"), UNKNOWN, "SES-ACCOUNT SES-REGION TIME-CLOCK"),
    ("unread", unread("identity"), UNKNOWN, "SES-EXISTS SES-SIGNING PLAN-CHANGE PLAN-REWRITE TIME-ACTIVATE"),
    ("unread", unread("secret"), UNKNOWN, "SECRET-SHAPE SECRET-STAGE SECRET-SELECTOR SECRET-RECORD"),
    ("unread", unread("key"), UNKNOWN, "STORE-OBJECT STORE-VERSION KEY-FORM STORE-NEWER KEY-SIZE KEY-REUSED"),
    (
        "unread",
        unread("dns"),
        UNKNOWN,
        "DNS-ANSWERS DNS-PUBLISHED DNS-SINGLE DNS-PLACEHOLDER DNS-CNAME DNS-WILDCARD DNS-PATH DNS-DELEGATION DNS-V6 "
        "KEY-FLAGS",
    ),
    ("unread", unread("current-key"), UNKNOWN, "BACK-KEY"),
    ("half-of-a-target-silent", half_silent, UNKNOWN, "DNS-CNAME DNS-PUBLISHED DNS-ANSWERS"),
    ("stands", world.stands(), SKIPPED, "PLAN-REWRITE BACK-CHECKS BACK-RECORD BACK-KEY"),
    ("selector-absent", world.secret(defect="selector-absent"), UNKNOWN, "SECRET-RECORD STORE-NEWER"),
    ("no-key", world.no_key("absent"), UNKNOWN, "STORE-VERSION KEY-SIGNS"),
    ("unreadable", world.no_key("unreadable"), UNKNOWN, "KEY-SIZE KEY-STRENGTH KEY-PAIR KEY-SELECTOR DNS-PUBLISHED"),
    ("too-large", too_large, FAIL, "SECRET-RECORD KEY-SIZE DNS-PUBLISHED"),
    ("too-large", too_large, UNKNOWN, "KEY-PAIR KEY-SIGNS"),
    ("its-own-past", world.used(NEXT, SAME), PASS, "KEY-REUSED KEY-SELECTOR"),
    ("archive-damaged", unread("archive"), UNKNOWN, "KEY-REUSED KEY-SELECTOR KEY-RETIRED"),
    (
        "all-silent",
        at_every_server(**SILENT),
        UNKNOWN,
        "DNS-ANSWERS DNS-PUBLISHED DNS-SINGLE DNS-PLACEHOLDER DNS-CNAME KEY-FLAGS",
    ),
    ("absent", at_every_server(), PASS, "DNS-ANSWERS DNS-SINGLE DNS-PLACEHOLDER"),
    (
        "silent",
        world.dns(resolved=(world.answer(world.SERVERS[0], NEXT, **SILENT),)),
        UNKNOWN,
        "DNS-RESOLVERS DNS-DNSSEC",
    ),
    ("gone-at-one", world.current_at_one(), FAIL, "BACK-CHECKS BACK-RECORD"),
    ("another-key", world.current_key(sha256=world.sha256(world.WEAK_BITS)), FAIL, "BACK-CHECKS BACK-KEY"),
    ("identity-unread", unread("identity"), UNKNOWN, "BACK-CHECKS BACK-RECORD BACK-KEY"),
    ("rollback", world.returning(), SKIPPED, "SECRET-SELECTOR SECRET-RECORD SECRET-STAGE STORE-NEWER BACK-RECORD"),
    ("rollback", world.returning(), PASS, "SECRET-SHAPE KEY-PAIR"),
    ("unlooked", world.returning(lambda seen: replace(seen, current_key=None)), UNKNOWN, "SECRET-SHAPE STORE-OBJECT"),
    ("untold", UNTOLD, FAIL, "SES-EXISTS SES-ORIGIN SES-SIGNING"),
    ("lapsed, another-key-at-one", both(LAPSED, world.current_at_one(WEAK)), FAIL, "BACK-RECORD BACK-KEY"),
    ("one-of-three-answers", both(at_every_server(**SILENT), with_third), PASS, "DNS-PUBLISHED DNS-PATH"),
    ("plan-only", world.same, SKIPPED, "PLAN-LOCK PLAN-APPROVED RECORD-SEALED RECORD-COPIED"),
)
ROWS = (
    *(Row(check, name, change, verdict) for name, change, verdict, checks in ALIKE for check in checks.split()),
    *ACCOUNT,
    *IDENTITY,
    *SECRET,
    *KEYS,
    *REUSE,
    *PUBLISHED,
    *SIGNATURE,
    *BACK,
    *LOCK,
    *APPROVED,
    *RECORD,
)
