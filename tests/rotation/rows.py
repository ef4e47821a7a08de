"""One row a check and change of the good world: what the check comes to, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from byodkim.dkim.published import Server
from byodkim.rotation.approval import NO_TERMS, Terms
from byodkim.rotation.checks import Applying, Expected
from byodkim.rotation.findings import Verdict
from byodkim.rotation.lock import Holder, Lock, State
from byodkim.rotation.observation import Observation, Used
from byodkim.rotation.readiness import Readiness
from byodkim.rotation.resolution import Delegation, NameServers, Sighting
from tests.rotation import approvals, world
from tests.rotation.world import CURRENT, NEXT, Change, at_every_server, at_one_server, both, unread

PASS, FAIL, UNKNOWN, SKIPPED = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN, Verdict.SKIPPED
GIVEN = Used(NEXT, world.sha256(world.NEXT_BITS), "20261123T020011Z-0000")
KEY = world.dns_value(world.NEXT_BITS)
WEAK = world.dns_value(world.WEAK_BITS)
PLACEHOLDER = "v=DKIM1; k=rsa; p=customerProvidedPublicKey"
NAME = f"{NEXT}._domainkey.{world.DOMAIN}"
NAMES = ("ns1.example.jp", "ns2.example.jp")
WALKED = Delegation(
    "example.jp", "walk", NAMES, tuple(NameServers(server, NAMES) for server in world.SERVERS), world.SERVERS
)
TOLD = WALKED.children
APART = replace(WALKED, children=(TOLD[0], NameServers(world.SERVERS[1], NAMES[:1])))
UNNAMED = replace(WALKED, children=(TOLD[0], NameServers(Server("", "198.51.100.53"), failure="lame")))
LAME = replace(WALKED, children=(WALKED.children[0], NameServers(world.SERVERS[1], failure="REFUSED")))
QUIET = tuple(NameServers(server, failure="timeout") for server in world.SERVERS)
RESOLVED = (world.answer(world.SERVERS[0], NEXT, KEY, authoritative=False),)
HALF = (*RESOLVED, world.answer(world.SERVERS[1], NEXT, authoritative=False))
FAILING = world.answer(world.SERVERS[1], NEXT, rcode="SERVFAIL", authoritative=False)
BLOCKED, COUNTED = world.dns(path="blocked"), world.dns(path="blocked", encrypted_counts=True)
SIX = world.SERVERS[1]
ELSEWHERE = world.answer(SIX, "5f3c", authoritative=False)
FORGOTTEN = "2026-11-24T03:03:57.000+00:00"  # an hour and five minutes before the good world is seen
BEFORE = Sighting("2026-11-24T00:00:00.000+00:00", False, None, 300)
SINCE = Sighting("2026-11-24T00:00:01.000+00:00", True, 3600, 300)


def silent_first(seen: Observation) -> Observation:
    """The first server does not answer either."""
    return replace(seen, records=(replace(seen.records[0], rcode="", failure="timeout"), *seen.records[1:]))


def six_only(seen: Observation) -> Observation:
    """There is one authoritative server, and it has an IPv6 address only."""
    return replace(seen, records=seen.records[1:])


def first_only(seen: Observation) -> Observation:
    """There is one authoritative server."""
    return replace(seen, records=seen.records[:1])


AGAIN = "Let the generator write the secret again"
DEFECT = "Let the generator write dns_record.value"
ASK = "Hand the DNS request below to the DNS team and"
PAIR = "Do not have this"
SPELLED = "Ask for the selector as"
LEAK = "Treat that private key"


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


def known_to_work(seen: Observation) -> Observation:
    """An archived run saw the current selector work."""
    return replace(seen, used=(Used(CURRENT, world.sha256(world.CURRENT_BITS), world.RUN, worked=True),))


def verified(seen: Observation) -> Observation:
    """SES has verified the selector that it has."""
    return world.identity(status="SUCCESS")(seen)


@dataclass(frozen=True)
class Row:
    """``remedy`` is the key of a remedy of its own; "" for the check's own."""

    check: str
    change: Change
    verdict: Verdict
    remedy: str = ""
    expected: Expected = world.EXPECTED
    applying: Applying | None = None
    name: str = ""


def row(
    check: str, name: str, change: Change, verdict: Verdict, remedy: str = "", expected: Expected = world.EXPECTED
) -> Row:
    return Row(check, change, verdict, remedy, expected, name=name)


ACCOUNT = (
    row("SES-ACCOUNT", "another", world.caller(account="999999999999"), FAIL),
    row("SES-ACCOUNT", "unread", unread("caller"), UNKNOWN),
    row("SES-ACCOUNT", "unnamed", world.same, FAIL, 'Write account = "<12', expected=Expected("", world.REGION)),
    row("SES-ACCOUNT", "unnamed-unread", unread("caller"), FAIL, 'Write account = "<12', expected=Expected("", "x")),
    row(
        "SES-ACCOUNT",
        "unreached",
        unread("caller", code="EndpointConnectionError"),
        UNKNOWN,
        "AWS could not be reached",
    ),
    row("SES-REGION", "another", world.caller(region="us-east-1"), FAIL),
    row("SES-REGION", "unread", unread("caller"), UNKNOWN),
    row("SES-REGION", "unnamed", world.same, FAIL, 'Write region = "..."', expected=Expected(world.ACCOUNT, "")),
    row("SES-REGION", "unnamed-unread", unread("caller"), FAIL, 'Write region = "..."', expected=Expected("x", "")),
    row("TIME-CLOCK", "just-within", world.caller(clock_skew_s=300.0), PASS),
    row("TIME-CLOCK", "ahead", world.caller(clock_skew_s=300.6), FAIL),
    row("TIME-CLOCK", "behind", world.caller(clock_skew_s=-300.6), FAIL),
    row("TIME-CLOCK", "no-date", world.caller(clock_skew_s=None), UNKNOWN),
    row("TIME-CLOCK", "unread", unread("caller"), UNKNOWN),
)
IDENTITY = (
    row("SES-EXISTS", "absent", world.absent_identity, FAIL),
    row("SES-EXISTS", "an-address", world.identity(identity_type="EMAIL_ADDRESS"), FAIL),
    row("SES-EXISTS", "type-not-said", world.identity(identity_type=""), FAIL),
    row("SES-EXISTS", "unread", unread("identity"), UNKNOWN),
    row(
        "SES-EXISTS",
        "throttled",
        unread("identity", code="TooManyRequestsException"),
        UNKNOWN,
        "SES throttled this read",
    ),
    row("SES-ORIGIN", "easy", world.identity(signing_origin="AWS_SES"), FAIL, "This identity is on"),
    row(
        "SES-ORIGIN",
        "replica",
        world.identity(signing_origin="AWS_SES_US_EAST_1"),
        FAIL,
        "This identity replicates the",
    ),
    row("SES-ORIGIN", "not-said", world.identity(signing_origin=""), FAIL),
    row("SES-ORIGIN", "absent", world.absent_identity, UNKNOWN),
    row("SES-SIGNING", "off", world.identity(signing_enabled=False), FAIL, "Mail goes out unsigned now"),
    row("SES-SIGNING", "not-said", world.identity(signing_enabled=None), FAIL, "Mail goes out unsigned now"),
    row("SES-SIGNING", "unread", unread("identity"), UNKNOWN),
    row("PLAN-CHANGE", "empty-tokens", world.identity(selectors=()), UNKNOWN),
    row("PLAN-CHANGE", "three-tokens", world.identity(selectors=("a", "b", "c")), UNKNOWN),
    row("PLAN-CHANGE", "easy", world.identity(signing_origin="AWS_SES"), UNKNOWN),
    row("PLAN-CHANGE", "unread", unread("identity"), UNKNOWN),
    row("PLAN-CHANGE", "stands", world.stands(), PASS),
    row("PLAN-CHANGE", "given-up", world.stands("FAILED"), PASS),
    row("PLAN-CHANGE", "unverified", world.stands("PENDING"), PASS),
    row("PLAN-REWRITE", "given", both(world.stands("PENDING"), world.given(GIVEN)), PASS),
    row("PLAN-REWRITE", "replaced", both(world.stands("PENDING"), world.given(replace(GIVEN, worked=True))), PASS),
    row("PLAN-REWRITE", "given-by-nobody", world.stands("NOT_STARTED"), PASS),
    row("PLAN-REWRITE", "verified", world.stands(), SKIPPED),
    row("PLAN-REWRITE", "given-up", world.stands("FAILED"), SKIPPED),
    row("PLAN-REWRITE", "damaged", both(world.stands("PENDING"), unread("archive")), UNKNOWN),
    row("PLAN-REWRITE", "no-key", both(world.stands("PENDING"), world.no_key("absent")), UNKNOWN),
    row("PLAN-REWRITE", "unread", unread("identity"), UNKNOWN),
)
SECRET = (
    *(
        row("SECRET-SHAPE", defect, world.secret(defect=defect), FAIL, remedy)
        for defect, remedy in (
            ("not-json", f"{AGAIN}: it must be one JSON document."),
            ("binary", f"{AGAIN}: JSON, in SecretString"),
            ("no-entry", f"{AGAIN}, with selector"),
            ("private-key-inside", LEAK),
        )
    ),
    row("SECRET-SHAPE", "unread", unread("secret"), UNKNOWN),
    row("SECRET-SHAPE", "no-such", unread("secret", code="ResourceNotFoundException"), UNKNOWN, "Correct secret_id"),
    row("SECRET-SHAPE", "another-selector", world.secret(defect="selector-absent"), PASS),
    row("SECRET-STAGE", "pending", world.secret(pending_version_id="77aa"), FAIL),
    row("SECRET-STAGE", "unread", unread("secret"), UNKNOWN),
    row("SECRET-STAGE", "not-json", world.secret(defect="not-json"), UNKNOWN),
    row("SECRET-STAGE", "no-entry", world.secret(defect="no-entry"), UNKNOWN),
    row("SECRET-STAGE", "private-key-inside", world.secret(defect="private-key-inside"), UNKNOWN),
    row("SECRET-SELECTOR", "another", world.secret(selectors=(CURRENT,), defect="selector-absent"), FAIL, PAIR),
    row("SECRET-SELECTOR", "two-others", world.secret(selectors=(CURRENT, "x"), defect="selector-absent"), FAIL, PAIR),
    row("SECRET-SELECTOR", "twice", world.secret(selectors=(NEXT, NEXT), defect="selector-twice"), FAIL),
    row(
        "SECRET-SELECTOR",
        "another-domain-s",
        world.secret(defect="selector-absent", elsewhere="example.com"),
        FAIL,
        "Ask for a selector",
    ),
    row(
        "SECRET-SELECTOR",
        "other-letters",
        world.secret(selectors=(CURRENT, NEXT.upper()), defect="selector-absent"),
        FAIL,
        SPELLED,
    ),
    row("SECRET-SELECTOR", "both-spellings", world.secret(selectors=(NEXT, "Mail" + NEXT[4:])), FAIL, SPELLED),
    row("SECRET-SELECTOR", "unread", unread("secret"), UNKNOWN),
    row("SECRET-RECORD", "placeholder", world.secret(dns_value=PLACEHOLDER), FAIL, DEFECT),
    row("SECRET-RECORD", "cut", world.secret(dns_value=KEY[:-8]), FAIL, DEFECT),
    row("SECRET-RECORD", "lone-surrogate", world.secret(dns_value="v=DKIM1; p=\udcff"), FAIL, DEFECT),
    row("SECRET-RECORD", "another-surrogate", world.secret(dns_value="v=DKIM1; p=\ud800"), FAIL, DEFECT),
    row("SECRET-RECORD", "selector-absent", world.secret(defect="selector-absent"), UNKNOWN),
    row("SECRET-RECORD", "unread", unread("secret"), UNKNOWN),
)
KEYS = (
    row("KEY-FILES", "left", lambda seen: replace(seen, leftovers=("~/private_key_1.pem",)), FAIL),
    row("KEY-FILES", "unlisted", unread("files"), UNKNOWN),
    row("STORE-OBJECT", "absent", world.no_key("absent"), FAIL),
    row(
        "STORE-OBJECT", "ambiguous", world.no_key("ambiguous", candidates=("a.pem", "b.pem")), FAIL,
        "Write the path of",
    ),
    row(
        "STORE-OBJECT", "two-buckets", world.no_key("two-buckets", candidates=("s3://a", "s3://b")), FAIL,
        "Find out which bucket",
    ),
    row("STORE-OBJECT", "unreadable", world.no_key("unreadable"), PASS),
    row("STORE-OBJECT", "unread", unread("key"), UNKNOWN),
    row("STORE-VERSION", "none", world.key(version_id=""), FAIL),
    row("STORE-VERSION", "null", world.key(version_id="null"), FAIL),
    row("STORE-VERSION", "absent", world.no_key("absent"), UNKNOWN),
    row("STORE-VERSION", "unread", unread("key"), UNKNOWN),
    *(
        row("KEY-FORM", defect, world.no_key(defect), FAIL)
        for defect in ("empty", "too-large", "encrypted", "unreadable", "not-rsa")
    ),
    *(row("KEY-FORM", defect, world.no_key(defect), UNKNOWN) for defect in ("absent", "ambiguous")),
    row("KEY-FORM", "unread", unread("key"), UNKNOWN),
    row("STORE-NEWER", "a-minute-later", world.key(last_modified="2026-11-10T02:01:11+00:00"), PASS),
    row("STORE-NEWER", "just-within", world.key(last_modified="2026-11-10T02:15:11+00:00"), PASS),
    row("STORE-NEWER", "just-beyond", world.key(last_modified="2026-11-10T02:15:12+00:00"), FAIL),
    row("STORE-NEWER", "another-zone", world.key(last_modified="2026-11-10T11:15:11+09:00"), PASS),
    row("STORE-NEWER", "undated", world.secret(created=""), UNKNOWN),
    row("STORE-NEWER", "undated-object", world.key(last_modified=""), UNKNOWN),
    row("STORE-NEWER", "selector-absent", world.secret(defect="selector-absent"), UNKNOWN),
    row("STORE-NEWER", "unread", unread("key"), UNKNOWN),
    row("STORE-NEWER", "secret-unread", unread("secret"), UNKNOWN),
    row("KEY-SIZE", "1023", world.key(bits=1023), FAIL),
    row("KEY-SIZE", "1024", world.key(bits=1024), PASS),
    row("KEY-SIZE", "2049", world.key(bits=2049), FAIL),
    row("KEY-SIZE", "unreadable", world.no_key("unreadable"), UNKNOWN),
    row("KEY-SIZE", "unread", unread("key"), UNKNOWN),
    row("KEY-STRENGTH", "2047", world.key(bits=2047), FAIL),
    row("KEY-STRENGTH", "unreadable", world.no_key("unreadable"), UNKNOWN),
    row("KEY-PAIR", "another-key-in-s3", world.stored_key(world.WEAK_BITS), FAIL),
    row("KEY-PAIR", "another-key-asked-for", world.secret(dns_value=WEAK), FAIL),
    row("KEY-PAIR", "placeholder", world.secret(dns_value=PLACEHOLDER), UNKNOWN),
    row("KEY-PAIR", "selector-absent", world.secret(defect="selector-absent"), UNKNOWN),
    row("KEY-PAIR", "no-secret", unread("secret"), UNKNOWN),
    row("KEY-PAIR", "no-key", unread("key"), UNKNOWN),
    row("KEY-PAIR", "unreadable", world.no_key("unreadable"), UNKNOWN),
)  # fmt: skip
SAME = world.sha256(world.NEXT_BITS)
REUSE = (
    row("KEY-REUSED", "an-earlier-run", world.used("mail-20240917-1", SAME), FAIL),
    row("KEY-REUSED", "the-current-key", world.current_key(sha256=SAME), FAIL),
    row("KEY-REUSED", "the-current-record", world.current_at_one(KEY), FAIL),
    row("KEY-REUSED", "another-live-record", world.others_at_one("mail-20261124-2", KEY), FAIL),
    row("KEY-REUSED", "another-live-key", world.others_at_one("mail-20261124-2", WEAK), PASS),
    row("KEY-REUSED", "other-letters", world.used(NEXT.upper(), SAME), FAIL, "Ask for the selector in"),
    row("KEY-SELECTOR", "another-key-in-other-letters", world.used(NEXT.upper(), "0" * 64), FAIL),
    row("KEY-REUSED", "its-own-past", world.used(NEXT, SAME), PASS),
    row("KEY-REUSED", "found-though-not-all-was-read", both(world.used("a", SAME), unread("archive")), FAIL),
    row("KEY-REUSED", "archive-damaged", unread("archive"), UNKNOWN),
    row("KEY-REUSED", "unread", unread("key"), UNKNOWN),
    row("KEY-REUSED", "no-current-selector", world.stands(), PASS),
    row("KEY-REUSED", "current-key-unread", unread("current-key"), PASS),
    row("KEY-REUSED", "current-key-absent", world.current_key(defect="absent", sha256=""), PASS),
    row("KEY-SELECTOR", "another-key", world.used(NEXT, world.sha256(world.WEAK_BITS)), FAIL),
    row("KEY-SELECTOR", "this-key", world.used(NEXT, SAME), PASS),
    row("KEY-SELECTOR", "another-selector", world.used(CURRENT, world.sha256(world.WEAK_BITS)), PASS),
    row("KEY-SELECTOR", "archive-damaged", unread("archive"), UNKNOWN),
    row("KEY-SELECTOR", "unreadable", world.no_key("unreadable"), UNKNOWN),
)
SILENT = {"rcode": "", "authoritative": False, "failure": "timeout"}
PUBLISHED = (
    row("DNS-ANSWERS", "timeout", at_one_server(**SILENT), UNKNOWN),
    row("DNS-ANSWERS", "all-silent", at_every_server(**SILENT), UNKNOWN),
    row("DNS-ANSWERS", "lame", at_one_server(KEY, authoritative=False), FAIL, "Ask the DNS team why that server does"),
    row("DNS-ANSWERS", "servfail", at_one_server(rcode="SERVFAIL"), FAIL, "Ask the DNS team why that server does"),
    row("DNS-ANSWERS", "refused", at_one_server(rcode="REFUSED"), FAIL, "Ask the DNS team why that server does"),
    row("DNS-ANSWERS", "refused-and-silent", both(at_one_server(rcode="REFUSED"), silent_first), FAIL),
    row("DNS-ANSWERS", "tcp-blocked", at_one_server(failure="tcp-blocked"), UNKNOWN, "The answer does not"),
    row("DNS-ANSWERS", "tcp-blocked-and-silent", both(at_one_server(failure="tcp-blocked"), silent_first), UNKNOWN),
    row("DNS-ANSWERS", "unnamed-server", world.without_names(at_one_server(**SILENT)), UNKNOWN),
    row("DNS-ANSWERS", "no-ipv6", at_one_server(failure="no-route", rcode=""), PASS),  # which DNS-V6 says
    row("DNS-ANSWERS", "no-ipv6-and-no-other", both(at_every_server(failure="no-route", rcode=""), six_only), UNKNOWN),
    row("DNS-ANSWERS", "unread", unread("dns"), UNKNOWN),
    row("DNS-ANSWERS", "absent-is-an-answer", at_every_server(), PASS),
    row("DNS-PUBLISHED", "nowhere", at_every_server(), FAIL, ASK),
    row("DNS-PUBLISHED", "no-data", at_every_server(rcode="NOERROR"), FAIL, ASK),
    row("DNS-PUBLISHED", "one-stale-server", at_one_server(), FAIL),
    row("DNS-PUBLISHED", "older-zone", at_one_server(serial=2026112400), FAIL, "Ask the DNS team why that server's"),
    row("DNS-PUBLISHED", "another-key", at_one_server(WEAK), FAIL),
    row("DNS-PUBLISHED", "revoked", at_one_server("v=DKIM1; p="), FAIL),
    row("DNS-PUBLISHED", "invalid", at_one_server(KEY[:-8]), FAIL),
    row("DNS-PUBLISHED", "cname", at_one_server(KEY, cname=("other.example.jp",)), FAIL),
    row("DNS-PUBLISHED", "one-silent", at_one_server(**SILENT), PASS),  # which DNS-ANSWERS says
    row("DNS-PUBLISHED", "all-silent", at_every_server(**SILENT), UNKNOWN),
    row("DNS-PUBLISHED", "unread", unread("dns"), UNKNOWN),
    row("DNS-PUBLISHED", "no-key-to-compare-with", unread("key"), UNKNOWN),
    row("DNS-PUBLISHED", "no-sound-key", world.no_key("unreadable"), UNKNOWN),
    row("DNS-PUBLISHED", "no-key-and-absent", both(unread("key"), at_one_server()), FAIL),
    row("DNS-SINGLE", "two", at_one_server(KEY, KEY), FAIL),
    row("DNS-SINGLE", "absent", at_every_server(), PASS),
    row("DNS-SINGLE", "all-silent", at_every_server(**SILENT), UNKNOWN),
    row("DNS-SINGLE", "unread", unread("dns"), UNKNOWN),
    row("DNS-PLACEHOLDER", "one", at_one_server(PLACEHOLDER), FAIL),
    row("DNS-PLACEHOLDER", "absent", at_every_server(), PASS),
    row("DNS-PLACEHOLDER", "all-silent", at_every_server(**SILENT), UNKNOWN),
    row("DNS-PLACEHOLDER", "unread", unread("dns"), UNKNOWN),
    row("DNS-CNAME", "unproved", at_one_server(cname=("keys.example.com",), rcode="NOERROR"), FAIL),
    row(
        "DNS-CNAME",
        "loop",
        at_one_server(cname=("keys.example.com", NAME), rcode="NOERROR"),
        FAIL,
        "Ask the DNS team to take",
    ),
    row(
        "DNS-CNAME",
        "followed",
        both(
            at_one_server(cname=("keys.example.com",), rcode="NOERROR"),
            world.dns(followed=(world.answer(world.SERVERS[0], NEXT, KEY, name="keys.example.com"),)),
        ),
        PASS,
    ),
    row(
        "DNS-CNAME",
        "followed-to-any-key",
        both(
            unread("key"),
            at_one_server(cname=("keys.example.com",), rcode="NOERROR"),
            world.dns(followed=(world.answer(world.SERVERS[0], NEXT, KEY, name="keys.example.com"),)),
        ),
        PASS,
    ),
    row("DNS-CNAME", "all-silent", at_every_server(**SILENT), UNKNOWN),
    row("DNS-CNAME", "unread", unread("dns"), UNKNOWN),
    row("DNS-WILDCARD", "one", world.dns(siblings=(world.answer(world.SERVERS[0], "5f3c", "x"),)), FAIL),
    row(
        "DNS-WILDCARD",
        "cname",
        world.dns(siblings=(world.answer(world.SERVERS[0], "5f3c", rcode="NOERROR", cname=("example.com",)),)),
        FAIL,
    ),
    row("DNS-WILDCARD", "silent", world.dns(siblings=(world.answer(world.SERVERS[0], "5f3c", **SILENT),)), UNKNOWN),
    row("DNS-WILDCARD", "no-data", world.dns(siblings=(world.answer(SIX, "5f3c", rcode="NOERROR"),)), PASS),
    row("DNS-WILDCARD", "refused", world.dns(siblings=(world.answer(SIX, "5f3c", rcode="REFUSED"),)), UNKNOWN),
    row("DNS-WILDCARD", "unread", unread("dns"), UNKNOWN),
    row("KEY-FLAGS", "testing", at_one_server(f"{KEY}; t=y"), FAIL),
    row("KEY-FLAGS", "testing-everywhere", at_every_server(f"{KEY}; t=s : y"), FAIL),
    row("KEY-FLAGS", "no-subdomains", at_one_server(f"{KEY}; t=s"), FAIL, "Mail that SES signs"),
    row("KEY-FLAGS", "flags-without-meaning", at_one_server(f"{KEY}; t=x"), PASS),
    row(
        "KEY-FLAGS",
        "behind-a-cname",
        both(
            at_one_server(cname=("keys.example.com",), rcode="NOERROR"),
            world.dns(followed=(world.answer(world.SERVERS[0], NEXT, f"{KEY}; t=y", name="keys.example.com"),)),
        ),
        FAIL,
    ),
    row("KEY-FLAGS", "absent", at_every_server(), SKIPPED),
    row("KEY-FLAGS", "all-silent", at_every_server(**SILENT), UNKNOWN),
    row("KEY-FLAGS", "unread", unread("dns"), UNKNOWN),
    row(
        "DNS-PATH",
        "blocked",
        both(at_every_server(**SILENT), BLOCKED),
        FAIL,
        "Run from a network with port 53 open, or name",
    ),
    row(
        "DNS-PATH",
        "no-evidence",
        both(at_every_server(**SILENT), BLOCKED, world.dns(encrypted=RESOLVED)),
        FAIL,
        "Run from a network with port 53 open; or,",
    ),
    row("DNS-PATH", "evidence", both(at_every_server(**SILENT), COUNTED, world.dns(encrypted=RESOLVED)), PASS),
    row("DNS-PATH", "half", both(at_every_server(**SILENT), COUNTED, world.dns(encrypted=HALF)), FAIL),
    row("DNS-PATH", "another-name", both(COUNTED, world.dns(encrypted=(*RESOLVED, ELSEWHERE))), PASS),
    row("DNS-PATH", "one-server", both(COUNTED, world.dns(encrypted=RESOLVED), first_only), PASS),
    row("DNS-PATH", "no-key", both(COUNTED, world.dns(encrypted=RESOLVED), unread("key")), FAIL),
    row("DNS-PATH", "unread", unread("dns"), UNKNOWN),
    row("DNS-PUBLISHED", "encrypted", both(at_every_server(**SILENT), COUNTED, world.dns(encrypted=RESOLVED)), PASS),
    row("DNS-PUBLISHED", "encrypted-not", both(at_every_server(**SILENT), COUNTED, world.dns(encrypted=HALF)), FAIL),
    row("DNS-PUBLISHED", "encrypted-another-name", both(COUNTED, world.dns(encrypted=(*RESOLVED, ELSEWHERE))), PASS),
    row("DNS-PUBLISHED", "encrypted-one-server", both(COUNTED, world.dns(encrypted=RESOLVED), first_only), PASS),
    row("DNS-PUBLISHED", "encrypted-absent", both(COUNTED, world.dns(encrypted=HALF[1:])), FAIL, ASK),
    row("DNS-DELEGATION", "same", world.dns(delegation=WALKED), PASS),
    row("DNS-DELEGATION", "differs", world.dns(delegation=replace(WALKED, parent=NAMES[:1])), FAIL),
    row("DNS-DELEGATION", "lame", world.dns(delegation=LAME), FAIL, "Ask the DNS team to configure"),
    row("DNS-DELEGATION", "lame-unnamed", world.dns(delegation=UNNAMED), FAIL, "Ask the DNS team to configure"),
    row("DNS-DELEGATION", "children-differ", world.dns(delegation=replace(APART, parent=())), FAIL),
    row("DNS-DELEGATION", "one-child-differs", world.dns(delegation=APART), FAIL),
    row("DNS-DELEGATION", "one-silent", world.dns(delegation=replace(WALKED, children=(QUIET[0], TOLD[1]))), PASS),
    row("DNS-DELEGATION", "by-resolver", world.dns(delegation=Delegation("example.jp", "resolver")), UNKNOWN),
    row(
        "DNS-DELEGATION",
        "by-resolver-and-counted",
        both(COUNTED, world.dns(encrypted=RESOLVED, delegation=Delegation("example.jp", "resolver"))),
        SKIPPED,
    ),
    row("DNS-DELEGATION", "silent", world.dns(delegation=replace(WALKED, children=QUIET)), UNKNOWN),
    row("DNS-DELEGATION", "unread", unread("dns"), UNKNOWN),
    row("DNS-V6", "missing", at_one_server(failure="no-route", rcode=""), UNKNOWN),
    row("DNS-V6", "unread", unread("dns"), UNKNOWN),
    row("DNS-RESOLVERS", "agree", world.dns(resolved=RESOLVED), PASS),
    row("DNS-RESOLVERS", "one-lags", world.dns(resolved=HALF), FAIL),
    row("DNS-RESOLVERS", "one-silent", world.dns(resolved=(*RESOLVED, world.answer(SIX, NEXT, **SILENT))), PASS),
    row("DNS-RESOLVERS", "no-key", both(world.dns(resolved=RESOLVED), unread("key")), FAIL),
    row("DNS-RESOLVERS", "silent", world.dns(resolved=(world.answer(world.SERVERS[0], NEXT, **SILENT),)), UNKNOWN),
    row("DNS-DNSSEC", "sound", world.dns(resolved=RESOLVED), PASS),
    row("DNS-DNSSEC", "bogus", world.dns(resolved=(*RESOLVED, FAILING), unvalidated=RESOLVED), FAIL),
    row("DNS-DNSSEC", "fails-anyway", world.dns(resolved=(*RESOLVED, FAILING), unvalidated=(FAILING,)), PASS),
    row("DNS-DNSSEC", "encrypted", both(COUNTED, world.dns(encrypted=(FAILING,), unvalidated=RESOLVED)), FAIL),
    row("DNS-DNSSEC", "silent", world.dns(resolved=(world.answer(world.SERVERS[0], NEXT, **SILENT),)), UNKNOWN),
    row("TIME-ACTIVATE", "seen-absent-before", world.dns(history=(BEFORE,)), FAIL),
    row("TIME-ACTIVATE", "seen-long-since", world.dns(history=(BEFORE, SINCE)), PASS),
    row("TIME-ACTIVATE", "just-forgotten", world.dns(history=(BEFORE, replace(SINCE, at=FORGOTTEN))), PASS),
    row("TIME-ACTIVATE", "no-switch", both(world.dns(history=(BEFORE,)), world.stands()), SKIPPED),
    row("TIME-ACTIVATE", "rewrite", both(world.dns(history=(BEFORE,)), world.stands("PENDING")), FAIL),
    row("TIME-ACTIVATE", "again", both(world.dns(history=(BEFORE,)), world.stands("FAILED")), FAIL),
    row("TIME-ACTIVATE", "not-yet-published", both(world.dns(history=(BEFORE,)), at_one_server()), SKIPPED),
    row("TIME-ACTIVATE", "unread", unread("identity"), UNKNOWN),
)
SIGNATURE = (
    row("KEY-SIGNS", "one-server-s-record", world.rehearsed("", "", "BadSignature"), FAIL),
    row("KEY-SIGNS", "the-secret-s-record", world.rehearsed("BadSignature", "", ""), FAIL),
    row("KEY-SIGNS", "not-published-yet", world.rehearsed(""), PASS),
    row("KEY-SIGNS", "no-record-at-all", world.rehearsed(), UNKNOWN),
    row("KEY-SIGNS", "not-signed", unread("signature"), UNKNOWN),
    row("KEY-SIGNS", "no-key", world.no_key("absent"), UNKNOWN),
)
BACK = (
    row("BACK-CHECKS", "no-switch", world.stands(), SKIPPED),
    row("BACK-CHECKS", "never-worked", world.identity(status="FAILED"), SKIPPED),
    row("BACK-CHECKS", "left-and-pending", world.left(), PASS),
    row("BACK-CHECKS", "left-and-gone", both(world.left(), world.current_at_every()), FAIL),
    row("BACK-CHECKS", "record-gone-at-one", world.current_at_one(), FAIL),
    row("BACK-CHECKS", "silent-at-one", world.current_at_one(**SILENT), UNKNOWN),
    row("BACK-CHECKS", "key-gone", world.current_key(defect="absent", sha256=""), FAIL),
    row("BACK-CHECKS", "another-key", world.current_key(sha256=world.sha256(world.WEAK_BITS)), FAIL),
    row("BACK-CHECKS", "key-unread", unread("current-key"), UNKNOWN),
    row("BACK-CHECKS", "secret-unread", unread("secret"), UNKNOWN),
    row("BACK-CHECKS", "identity-unread", unread("identity"), UNKNOWN),
    row("BACK-CHECKS", "used-with-another-key", world.used(CURRENT, world.sha256(world.WEAK_BITS)), FAIL),
    row("BACK-CHECKS", "message-fails", lambda seen: replace(seen, back_rehearsal=None), UNKNOWN),
    row("BACK-CHECKS", "caches-remember", lambda seen: replace(seen, back_history=(BEFORE,)), FAIL),
    # What a rollback is checked by without an entry in the secret.
    row("SECRET-SELECTOR", "rollback", world.returning(), SKIPPED),
    row("SECRET-RECORD", "rollback", world.returning(), SKIPPED),
    row("SECRET-STAGE", "rollback", world.returning(), SKIPPED),
    row("STORE-NEWER", "rollback", world.returning(), SKIPPED),
    row("SECRET-SHAPE", "rollback", world.returning(current_secret(defect="not-json")), SKIPPED),
    row("SECRET-SHAPE", "rollback-leak", world.returning(current_secret(defect="private-key-inside")), FAIL, LEAK),
    row("KEY-PAIR", "rollback", world.returning(), PASS),
    row("KEY-PAIR", "rollback-two-keys", world.returning(world.current_at_one(WEAK)), FAIL),
    row(
        "KEY-PAIR",
        "rollback-several",
        world.returning(world.current_at_one(world.dns_value(world.CURRENT_BITS), WEAK)),
        FAIL,
    ),
    row("KEY-PAIR", "rollback-alias", world.returning(world.current_at_one(cname=("other.example.jp",))), FAIL),
    row("KEY-PAIR", "rollback-unpublished", world.returning(world.current_at_every(), known_to_work), UNKNOWN),
    row("SECRET-SELECTOR", "rollback-never-worked", world.returning(world.identity(status="FAILED")), FAIL, PAIR),
    row("SECRET-SELECTOR", "rollback-other-key", world.returning(world.current_key(sha256="0" * 64)), FAIL),
    # A rollback leaves what need not work.
    Row("BACK-RECORD", both(world.returning(world.at_one_server()), verified), FAIL, name="rollback"),
    Row("BACK-KEY", both(world.returning(world.no_key("absent")), verified), FAIL, name="rollback"),
    row("BACK-RECORD", "gone-at-one", world.current_at_one(), FAIL),
    row("BACK-RECORD", "withdrawn-at-one", world.current_at_one(serial=2026112402), FAIL),
    row("BACK-RECORD", "another-key-at-one", world.current_at_one(WEAK), FAIL),
    row("BACK-RECORD", "silent-at-one", world.current_at_one(**SILENT), UNKNOWN, "Find out why these"),
    row("BACK-RECORD", "silent-and-gone", both(world.current_at_one(**SILENT), current_gone_first), FAIL),
    row("BACK-RECORD", "not-asked", unread("dns"), UNKNOWN),
    row("BACK-RECORD", "identity-unread", unread("identity"), UNKNOWN),
    row("BACK-RECORD", "easy", world.identity(signing_origin="AWS_SES"), UNKNOWN),
    row("BACK-RECORD", "empty-tokens", world.identity(selectors=()), UNKNOWN),
    row("BACK-RECORD", "stands", world.stands(), SKIPPED),
    row(
        "BACK-RECORD", "nothing-to-go-back-to", both(world.identity(status="FAILED"), world.current_at_every()), SKIPPED
    ),
    row("BACK-KEY", "absent", world.current_key(defect="absent", sha256=""), FAIL),
    row(
        "BACK-KEY",
        "two-buckets",
        world.current_key(defect="two-buckets", candidates=("s3://a", "s3://b"), sha256=""),
        FAIL,
        "Find out which bucket",
    ),
    row("BACK-KEY", "another-key", world.current_key(sha256=world.sha256(world.WEAK_BITS)), FAIL),
    row("BACK-KEY", "two-keys-in-dns", world.current_at_one(WEAK), FAIL),
    row("BACK-KEY", "1024", world.current_key(bits=1024), PASS),
    row("BACK-KEY", "2048", world.current_key(bits=2048), PASS),
    row("BACK-KEY", "1023", world.current_key(bits=1023), FAIL),
    row("BACK-KEY", "2049", world.current_key(bits=2049), FAIL),
    row("BACK-KEY", "silent-at-one", world.current_at_one(**SILENT), PASS),
    row("BACK-KEY", "not-looked-for", lambda seen: replace(seen, current_key=None), UNKNOWN),
    row("BACK-KEY", "not-published", world.current_at_every(), UNKNOWN),
    row("BACK-KEY", "unread", unread("current-key"), UNKNOWN),
    row("BACK-KEY", "identity-unread", unread("identity"), UNKNOWN),
    row("BACK-KEY", "stands", world.stands(), SKIPPED),
    row("BACK-KEY", "nothing-to-go-back-to", both(world.identity(status="FAILED"), unread("current-key")), SKIPPED),
)


def applied(
    name: str, verdict: Verdict, remedy: str = "", *given: approvals.Presented, required: int = 1,
    terms: Terms = approvals.TERMS,
) -> Row:  # fmt: skip
    """A run that applies the good world's plan with what was ``given`` as approvals."""
    applying = Applying(approvals.PLAN, required, given, terms=terms)
    return Row("PLAN-APPROVED", world.same, verdict, remedy, applying=applying, name=name)


HOLDER = Holder(
    "20261124T040001Z-91c0", "arn:aws:sts::123456789012:user/sato", "h", "m", 7, "2026-11-24T04:00:01+00:00", 3
)


def locked(name: str, verdict: Verdict, state: State, **more: Any) -> Row:
    """A run that applies the good world's plan, and what came of taking the lock."""
    applying = Applying(approvals.PLAN, lock=Lock(state, "example.jp.json", **more))
    return Row("PLAN-LOCK", world.same, verdict, applying=applying, name=name)


LOCK = (
    row("PLAN-LOCK", "plan-only", world.same, SKIPPED),
    locked("own-sandbox", SKIPPED, State.UNNEEDED),
    locked("held", PASS, State.HELD, token=4),
    locked("taken-over", PASS, State.HELD, token=4, holder=HOLDER),
    locked("another-s", FAIL, State.OTHER, holder=HOLDER),
    locked("another-s-whose-name-is-unknown", FAIL, State.OTHER, holder=replace(HOLDER, operator="")),
    locked("somebody-s", FAIL, State.OTHER),
    locked("unread", UNKNOWN, State.UNREAD, why="PutObject AccessDenied"),
)
TANAKA, SATO = approvals.by("tanaka"), approvals.by("sato")
PLAN = (
    row("PLAN-APPROVED", "plan-only", world.same, SKIPPED),
    applied("none-asked-for", SKIPPED, required=0),
    applied("one-of-one", PASS, "", TANAKA),
    applied("two-of-two", PASS, "", TANAKA, SATO, required=2),
    applied("one-more", PASS, "", TANAKA, SATO),
    applied("none", FAIL),
    applied("one-of-two", FAIL, "", TANAKA, required=2),
    applied("twice-by-one", FAIL, "Give one approval of", TANAKA, approvals.by("tanaka", comment="once more")),
    *(
        applied(defect, FAIL, "Name only the good", TANAKA, approvals.Presented("x.json", defect=defect))
        for defect in ("absent", "malformed", "unknown-key", "forged")
    ),
    applied("unread", UNKNOWN, "", TANAKA, approvals.Presented("x.json", defect="unread")),
    applied("unsound-though-none-is-asked-for", FAIL, "Name only the good",
            approvals.Presented("x.json", defect="forged"), required=0),
    *(
        applied(f"another-{name}", FAIL, "Give the approval of", approvals.by("tanaka", **{name: "another"}))
        for name in ("identity", "selector", "account", "region")
    ),
    applied("drift", FAIL, "Look at what has", approvals.by("tanaka", plan=approvals.DRIFTED)),
    applied("drift-of-several", FAIL, "Look at what has", approvals.by("tanaka", plan=approvals.FAR)),
    applied("expired", FAIL, "Make a plan run and", approvals.by("tanaka", at="2026-11-17T04:39:59+00:00")),
    applied("in-its-last-second", PASS, "", approvals.by("tanaka", at="2026-11-17T04:40:00+00:00")),
    applied("expired-in-another-zone", FAIL, "Make a plan run and",
            approvals.by("tanaka", at="2026-11-17T13:39:59+09:00")),
    applied("expired-though-none-is-asked-for", FAIL, "Make a plan run and",
            approvals.by("tanaka", at="2025-11-24T03:40:00+00:00"), required=0),
    applied("dated-ahead", FAIL, "Find out whose clock", approvals.by("tanaka", at="2026-11-24T04:50:01+00:00")),
    applied("a-clock-a-little-ahead", PASS, "", approvals.by("tanaka", at="2026-11-24T04:49:59+00:00")),
    applied("used-up", FAIL, "Make a plan run and", TANAKA, terms=approvals.USED),
    applied("used-up-under-another-name", FAIL, "Make a plan run and", replace(TANAKA, file="copy.json"),
            terms=approvals.USED),
    applied("terms-unknown", FAIL, "Find out whose clock", TANAKA, terms=NO_TERMS),
    replace(applied("caller-unread", FAIL, "Give the approval of", TANAKA), change=unread("caller")),
    replace(applied("nothing-to-write", SKIPPED), applying=Applying(approvals.NOTHING, 2)),
)  # fmt: skip


def kept(check: str, name: str, verdict: Verdict, remedy: str = "", **faults: str) -> Row:
    """A run that applies, and of what its record needs some was tried, and failed as ``faults`` say."""
    applying = Applying(approvals.PLAN, readiness=Readiness(("key", "folder", "timestamp", "archive", "heads"), faults))
    return Row(check, world.same, verdict, remedy, applying=applying, name=name)


RECORD = (
    row("RECORD-SEALED", "plan-only", world.same, SKIPPED),
    replace(kept("RECORD-SEALED", "nothing-tried", SKIPPED), applying=Applying(approvals.PLAN)),
    kept("RECORD-SEALED", "ready", PASS, timestamp="no answer", archive="no bucket"),
    kept("RECORD-SEALED", "no-key", FAIL, "Where the sealing", key="The key cannot be made."),
    kept("RECORD-SEALED", "no-room", FAIL, "Make room in the", folder="The disk is full."),
    replace(
        kept("RECORD-SEALED", "key-not-tried", UNKNOWN),
        applying=Applying(approvals.PLAN, readiness=Readiness(("key", "folder"), {}, {"key": "RuntimeError"})),
    ),
    row("RECORD-COPIED", "plan-only", world.same, SKIPPED),
    replace(
        kept("RECORD-COPIED", "none-asked-for", SKIPPED),
        applying=Applying(approvals.PLAN, readiness=Readiness(("key", "folder"), {"key": "none"})),
    ),
    replace(
        kept("RECORD-COPIED", "authority-not-tried", UNKNOWN),
        applying=Applying(approvals.PLAN, readiness=Readiness(("timestamp",), {}, {"timestamp": "RuntimeError"})),
    ),
    kept("RECORD-COPIED", "ready", PASS, key="none", folder="full"),
    kept(
        "RECORD-COPIED",
        "no-authority",
        FAIL,
        "Check timestamp_url, timestamp_roots and",
        timestamp="It gave no answer.",
    ),
    kept("RECORD-COPIED", "no-bucket", FAIL, "Check archive_s3 and the", archive="S3 refused it."),
    kept("RECORD-COPIED", "no-heads", FAIL, "Mount the disk of", heads="No such folder."),
)

ROWS = (*ACCOUNT, *IDENTITY, *SECRET, *KEYS, *REUSE, *PUBLISHED, *SIGNATURE, *BACK, *LOCK, *PLAN, *RECORD)
