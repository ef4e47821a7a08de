"""Every check over observations that differ from a good one in one thing."""

from datetime import UTC, datetime, timedelta

import dkim
import pytest
from msgspec.structs import asdict, replace

from byodkim.checks import causes
from byodkim.checks.check import evaluate, read_waivers
from byodkim.checks.facts import (
    Answer,
    Caller,
    Entry,
    Identity,
    KeyObject,
    KeyVersions,
    ResolverAnswer,
    Secret,
    Server,
    Store,
    Unread,
    Zone,
)
from byodkim.checks.retire import dns_withdrawn
from byodkim.checks.retirement import Place, Retirement
from byodkim.checks.secret import entry_of
from byodkim.checks.world import (
    Approval,
    History,
    Lock,
    Observation,
    OpenRun,
    PastRun,
    Side,
    Sighting,
    Wanted,
)
from byodkim.errors import InputError
from byodkim.procedures import prepare, retire, rotate
from tests.dkim.keys import pem, record, sha256

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DOMAIN, ACCOUNT, REGION = "example.jp", "123456789012", "ap-northeast-1"
SERVERS = (Server("ns1.example.jp", "192.0.2.1"), Server("ns2.example.jp", "192.0.2.2"))
MESSAGE = b"From: a@example.jp\r\nSubject: x\r\n\r\nx\r\n"
NEW, OLD = sha256(2048), sha256(1024)
DENIED = Unread("AccessDenied")
DAY = timedelta(days=1)


def answers(text="", server=SERVERS[1], **more):
    """Return the answers of two servers; ``text`` stands at both, but for what is said of one."""
    both = [
        Answer(each, "name", "", "NOERROR", True, ((text,),) if text else ()) for each in SERVERS
    ]
    return tuple(replace(each, **more) if each.server == server else each for each in both)


def side(selector, bits):
    signed = dkim.sign(MESSAGE, selector.encode(), DOMAIN.encode(), pem(bits)) + MESSAGE
    key = KeyObject("b", f"{selector}.pem", "v", NOW, "PKCS#8 PEM", bits, "", sha256(bits))
    entry = Entry(selector, DOMAIN, record(bits))
    return Side(selector, entry, key, answers(record(bits)), signed.decode())


def past(name="run", selector="new", previous="old", **more):
    fixed = {"run": name, "procedure": "rotate", "mode": "apply", "outcome": "SWITCHED"}
    place = {"target": "aws", "account": ACCOUNT, "region": REGION, "domain": DOMAIN}
    times = {"opened_at": NOW - 9 * DAY, "closed_at": NOW - 9 * DAY}
    named = {"name": name, "selector": selector, "previous": previous}
    return PastRun(**{**named, **fixed, **place, **times, **more})


def opened(**more):
    known = {"intended_at": NOW, "key_sha256": NEW}
    return OpenRun("killed", "new", DOMAIN, ACCOUNT, REGION, **{**known, **more})


def here(**more):
    return replace(Identity(DOMAIN, "DOMAIN", ("old",), "SUCCESS", True, "EXTERNAL"), **more)


def good():
    new, old = side("new", 2048), side("old", 1024)
    zone = Zone(DOMAIN, SERVERS, (), ("ns1", "ns2"), ("ns1", "ns2"))
    world = Observation(
        NOW, Wanted(DOMAIN, ACCOUNT, REGION, "apply", {}, 1), Caller(ACCOUNT, "arn"), here(),
        Secret("arn", "1", "selectors", (new.entry, old.entry)), new, old, zone,
        (ResolverAnswer("192.0.2.9", "NOERROR"),), History(), Lock(True, True), "digest",
        (Approval("b", "digest", NOW, "f"),), Store("Enabled"),
    )  # fmt: skip
    return Retirement(
        **asdict(world), elsewhere=(), versions=KeyVersions((new.key,)), unused=answers(),
        overlap_days=7, deletes=True, writer="request",
    )  # fmt: skip


GOOD = good()


def changed(struct, path, value):
    name, _dot, rest = path.partition(".")
    return replace(struct, **{name: changed(getattr(struct, name), rest, value) if rest else value})


def verdicts(seen):
    """Return the verdicts that are not PASS; in lower case where they do not stop."""
    checks = RETIRE if seen.requested.selector == "old" else ROTATE_AND_PREPARE
    findings = evaluate(checks, seen)
    assert not [each for each in findings if "could not evaluate" in each.saw.text]
    return {
        each.check: each.verdict if each.stops else each.verdict.lower()
        for each in findings
        if each.verdict != "PASS"
    }


ROTATE_AND_PREPARE = {each.id: each for each in (*rotate.CHECKS, *prepare.CHECKS)}.values()
RETIRE = (*retire.CHECKS, dns_withdrawn)
ALL = {each.id: each for each in (*ROTATE_AND_PREPARE, *RETIRE)}
#: What does not pass before anything differs.
USUAL = {
    "new": {"SES-HISTORY": "skipped", "KEY-KNOWN": "skipped", "TIME-ACTIVATE": "skipped"},
    "old": {"SES-ELSEWHERE": "skipped", "TIME-OVERLAP": "UNKNOWN", "DNS-WITHDRAWN": "FAIL"},
}
RUNS, KEY, ENTRY = "history.runs", "requested.key", "requested.entry"
ANSWERS, ELSEWHERE = "requested.answers", "elsewhere"
LEFT = past(verified_at=NOW - 8 * DAY)
SEEN = (Sighting(NOW - DAY, "", 60, 900), Sighting(NOW, NEW, 3600))


def switched(**more):
    return {"identity.selectors": ("new",), **more}


def elsewhere(identity, *runs):
    return {ELSEWHERE: (Place("210987654321", "us-east-1", "other", identity, runs),)}


def retiring(*runs, **more):
    """Ask for the selector that SES left."""
    ours = {"requested": GOOD.current, "current": GOOD.requested, RUNS: runs}
    return {**switched(), **ours, **more}


#: What differs, and what the checks say then and did not say before.
ROWS = [
    ({}, ""),
    # identity and caller
    ({"caller.account": "210987654321"}, "ROLLBACK-CHECKS FAIL, SES-ACCOUNT FAIL"),
    ({"wanted.account": "", "wanted.mode": "plan"}, "PLAN-APPROVED skipped, SES-ACCOUNT fail"),
    ({"caller.clock_ahead_s": 300.0}, ""),
    ({"caller.clock_ahead_s": -301.0}, "ROLLBACK-CHECKS FAIL, TIME-CLOCK FAIL"),
    (
        {"identity": Unread("NotFoundException")},
        "KEY-KNOWN unknown, PLAN-CHANGE UNKNOWN, ROLLBACK-CHECKS skipped, SES-EXISTS FAIL, "
        "SES-HISTORY unknown, SES-ORIGIN UNKNOWN, SES-SIGNING UNKNOWN, SES-UNUSED UNKNOWN",
    ),
    ({"identity.kind": "EMAIL_ADDRESS"}, "ROLLBACK-CHECKS FAIL, SES-EXISTS FAIL"),
    ({"identity.origin": "AWS_SES"}, "ROLLBACK-CHECKS fail, SES-ORIGIN FAIL"),
    (
        {"identity.signing_enabled": False, "wanted.waivers": {"SES-SIGNING": "x"}},
        "SES-SIGNING fail",
    ),
    (
        {"identity.selectors": ()},
        "PLAN-CHANGE UNKNOWN, ROLLBACK-CHECKS skipped, SES-UNUSED UNKNOWN",
    ),
    ({"identity.status": "PENDING"}, "ROLLBACK-CHECKS skipped"),
    (
        switched(**{"identity.status": "PENDING", RUNS: (past(wrote=True, key_sha256=NEW),)}),
        "KEY-KNOWN pass, SES-UNUSED FAIL",
    ),
    (
        switched(**{"identity.status": "PENDING", RUNS: (past(key_sha256=NEW),)}),
        "KEY-KNOWN fail, SES-UNUSED FAIL",
    ),
    (
        switched(**{"identity.status": "NOT_STARTED", "history.unfinished": (opened(),)}),
        "KEY-KNOWN pass, SES-UNUSED FAIL",
    ),
    (
        switched(**{"identity.status": "PENDING", "history.unfinished": (opened(key_sha256=OLD),)}),
        "KEY-KNOWN fail, SES-UNUSED FAIL",
    ),
    # history
    ({RUNS: (past(outcome="RETIRED", procedure="retire", previous=""),)}, "KEY-REUSED FAIL"),
    (
        {RUNS: (past(selector="old", outcome="RETIRED", procedure="retire", previous=""),)},
        "ROLLBACK-CHECKS skipped",
    ),
    (
        {RUNS: (past(selector="old", previous="new", previous_key_sha256=OLD, wrote=True),)},
        "KEY-REUSED FAIL, ROLLBACK-CHECKS FAIL, SES-HISTORY pass",
    ),
    # rollback
    ({"current.entry": None, "secret.entries": (GOOD.requested.entry,)}, ""),
    (switched(**{"current.key": None}), "ROLLBACK-CHECKS fail, SES-UNUSED FAIL"),
    (
        {RUNS: (past(verified_at=NOW),), ENTRY: None, "secret": DENIED},
        "KEY-PAIR skipped, ROLLBACK-CHECKS fail, SECRET-ENTRY skipped, SECRET-FIT UNKNOWN, "
        "SECRET-PENDING UNKNOWN, SECRET-STAGE skipped, SES-HISTORY fail",
    ),
    (
        {RUNS: (past(selector="x", previous="new", previous_status="SUCCESS"),), ENTRY: None},
        "KEY-PAIR skipped, SECRET-ENTRY skipped, SECRET-STAGE skipped, SES-HISTORY fail",
    ),
    ({"current.answers": answers(record(2048))}, "ROLLBACK-CHECKS fail"),
    # secret
    (
        {"secret": DENIED},
        "ROLLBACK-CHECKS FAIL, SECRET-ENTRY UNKNOWN, SECRET-FIT UNKNOWN, SECRET-PENDING "
        "UNKNOWN, SECRET-STAGE UNKNOWN",
    ),
    (
        {"secret": Unread("Malformed", "selector"), ENTRY: None},
        "KEY-PAIR UNKNOWN, ROLLBACK-CHECKS FAIL, SECRET-ENTRY FAIL, SECRET-FIT FAIL, "
        "SECRET-PENDING UNKNOWN, SECRET-STAGE UNKNOWN",
    ),
    ({"secret.pending": "2"}, "ROLLBACK-CHECKS FAIL, SECRET-PENDING FAIL, SECRET-STAGE FAIL"),
    (
        {"secret.pending": "2", "store.pending": GOOD.requested.entry},
        "ROLLBACK-CHECKS FAIL, SECRET-STAGE FAIL",
    ),
    ({"secret.holds_private_key": True}, "ROLLBACK-CHECKS FAIL, SECRET-ENTRY FAIL"),
    ({"secret.layout": "profile"}, "SECRET-FIT FAIL"),
    (
        {ENTRY: None, "store.misfit": "domain"},
        "KEY-PAIR UNKNOWN, SECRET-ENTRY FAIL, SECRET-FIT FAIL",
    ),
    (
        {"requested.entry.record": "v=DKIM1; p="},
        "KEY-PAIR UNKNOWN, SECRET-ENTRY FAIL, SECRET-FIT FAIL",
    ),
    # key
    (
        {KEY: Unread("NoSuchKey")},
        "DNS-FREE FAIL, DNS-PUBLISHED UNKNOWN, KEY-FORM UNKNOWN, KEY-OBJECT FAIL, KEY-PAIR "
        "UNKNOWN, KEY-SIGNS UNKNOWN, KEY-STRENGTH unknown, SECRET-FIT FAIL, TIME-ACTIVATE "
        "UNKNOWN",
    ),
    (
        {KEY: Unread("NoSuchVersion")},
        "DNS-FREE FAIL, DNS-PUBLISHED UNKNOWN, KEY-FORM UNKNOWN, KEY-OBJECT FAIL, KEY-PAIR "
        "UNKNOWN, KEY-SIGNS UNKNOWN, KEY-STRENGTH unknown, SECRET-FIT FAIL, STORE-PLACE "
        "UNKNOWN, TIME-ACTIVATE UNKNOWN",
    ),
    (
        {"requested.key.defect": "encrypted", "requested.key.sha256": ""},
        "DNS-FREE FAIL, DNS-PUBLISHED UNKNOWN, KEY-FORM FAIL, KEY-PAIR UNKNOWN, KEY-SIGNS "
        "UNKNOWN, KEY-STRENGTH unknown, SECRET-FIT FAIL, STORE-PLACE FAIL, TIME-ACTIVATE "
        "UNKNOWN",
    ),
    ({"requested.key.bits": 1023}, "KEY-FORM FAIL, KEY-STRENGTH fail, STORE-PLACE FAIL"),
    (
        {"requested.key.sha256": OLD},
        "DNS-FREE FAIL, DNS-PUBLISHED FAIL, KEY-PAIR FAIL, KEY-REUSED "
        "FAIL, ROLLBACK-CHECKS FAIL, SECRET-FIT FAIL, TIME-ACTIVATE UNKNOWN",
    ),
    ({"store": None}, "SECRET-FIT UNKNOWN, STORE-VERSIONING UNKNOWN"),
    ({"store.versioning": ""}, "STORE-VERSIONING FAIL"),
    # name servers
    ({"zone.given": True}, "DNS-DELEGATION skipped"),
    ({"zone.unresolved": ("ns3",)}, "DNS-DELEGATION FAIL, ROLLBACK-CHECKS FAIL"),
    ({"zone.parent": ()}, "DNS-DELEGATION UNKNOWN, ROLLBACK-CHECKS FAIL"),
    ({"zone.parent": ("ns1",)}, "DNS-DELEGATION FAIL, ROLLBACK-CHECKS FAIL"),
    ({"zone.unasked": SERVERS}, ""),
    (
        {ANSWERS: ()},
        "DNS-ANSWERS UNKNOWN, DNS-FREE UNKNOWN, DNS-PUBLISHED UNKNOWN, "
        "KEY-SIGNS UNKNOWN, TIME-ACTIVATE UNKNOWN",
    ),
    (
        {ANSWERS: answers(failure="timeout")},
        "DNS-ANSWERS UNKNOWN, DNS-FREE UNKNOWN, DNS-PUBLISHED FAIL, "
        "KEY-SIGNS UNKNOWN, TIME-ACTIVATE UNKNOWN",
    ),
    (
        {ANSWERS: (Answer(SERVERS[0], "name", rcode="NOERROR"),)},
        "DNS-ANSWERS UNKNOWN, DNS-FREE UNKNOWN, DNS-PUBLISHED UNKNOWN, "
        "KEY-SIGNS UNKNOWN, TIME-ACTIVATE UNKNOWN",
    ),
    (
        {ANSWERS: answers(texts=((record(1024),),))},
        "DNS-FREE FAIL, DNS-PUBLISHED FAIL, KEY-SIGNS FAIL, TIME-ACTIVATE UNKNOWN",
    ),
    ({"resolvers": ()}, "DNS-DNSSEC skipped"),
    (
        {"resolvers": (*GOOD.resolvers, ResolverAnswer("192.0.2.8", "SERVFAIL", "NOERROR"))},
        "DNS-DNSSEC FAIL, ROLLBACK-CHECKS FAIL",
    ),
    ({"resolvers": (ResolverAnswer("192.0.2.8", "SERVFAIL", "SERVFAIL"),)}, ""),
    # time
    ({"requested.sightings": SEEN}, "TIME-ACTIVATE FAIL"),
    (
        {"requested.sightings": (*SEEN[:1], replace(SEEN[1], at=NOW - timedelta(seconds=900)))},
        "TIME-ACTIVATE pass",
    ),
    # plan
    ({"lock.held": False, "wanted.waivers": {"PLAN-LOCK": "x"}}, "PLAN-LOCK FAIL"),
    ({"lock.held": False}, "PLAN-LOCK FAIL"),
    ({"lock": Lock()}, "PLAN-LOCK skipped"),
    ({"wanted.approvals": 0}, "PLAN-APPROVED skipped"),
    ({"wanted.approvals": 2}, "PLAN-APPROVED FAIL"),
    (
        {"identity.selectors": ("old", "new")},
        "PLAN-CHANGE UNKNOWN, ROLLBACK-CHECKS skipped, SES-UNUSED FAIL",
    ),
    ({RUNS: (past(selector="x", previous="old", outcome="REFUSED"),)}, "SES-HISTORY pass"),
    ({RUNS: (past(selector="x", previous="y", outcome="REFUSED"),)}, "SES-HISTORY fail"),
    ({RUNS: (past(selector="x", previous="y", procedure="prepare"),)}, ""),
    (
        {KEY: None},
        "DNS-FREE FAIL, DNS-PUBLISHED UNKNOWN, KEY-FORM UNKNOWN, KEY-OBJECT UNKNOWN, KEY-PAIR "
        "UNKNOWN, KEY-SIGNS UNKNOWN, KEY-STRENGTH unknown, SECRET-FIT FAIL, STORE-PLACE "
        "UNKNOWN, TIME-ACTIVATE UNKNOWN",
    ),
    ({"requested.key.bits": 2049}, "KEY-FORM FAIL, STORE-PLACE FAIL"),
    ({"requested.key.bits": 1024}, "KEY-STRENGTH fail"),
    (
        {ANSWERS: answers()},
        "DNS-PUBLISHED FAIL, KEY-SIGNS UNKNOWN, TIME-ACTIVATE UNKNOWN",
    ),
    # retirement
    (retiring(past(verified_at=NOW - 7 * DAY)), "TIME-OVERLAP pass"),
    (
        retiring(
            past(verified_at=NOW - 7 * DAY), **{"requested.sightings": (Sighting(NOW, OLD, 1),)}
        ),
        "TIME-OVERLAP FAIL",
    ),
    (
        retiring(
            past("1", "old", "x", wrote=True), past("2", "new", "x", verified_at=NOW - 8 * DAY)
        ),
        "TIME-OVERLAP pass",
    ),
    (retiring(**{ANSWERS: answers(record(1024), cname="x.example")}), "DNS-OURS FAIL"),
    (retiring(unused=answers(record(1024))), "DNS-OURS FAIL"),
    (retiring(**{ANSWERS: answers("x"), "unused": answers("x")}), "DNS-WITHDRAWN pass"),
    (retiring(**{ENTRY: None, KEY: None}), "DNS-OURS UNKNOWN, KEY-VERSIONS UNKNOWN"),
    (retiring(deletes=False), "KEY-VERSIONS skipped"),
    (retiring(**elsewhere(DENIED)), "SES-ELSEWHERE UNKNOWN"),
    (retiring(**elsewhere(here(selectors=("x",), status="PENDING"))), "SES-ELSEWHERE pass"),
    (
        retiring(LEFT, **elsewhere(here(selectors=("x",), status="PENDING"), past(selector="x"))),
        "SES-ELSEWHERE pass, SES-SETTLED FAIL",
    ),
    (retiring(LEFT, past("2", "x", "new", verified_at=NOW - DAY)), "TIME-OVERLAP pass"),
    (
        retiring(LEFT, **elsewhere(here(selectors=("x",)), past("1", "x", "y", wrote=True))),
        "SES-ELSEWHERE pass, TIME-OVERLAP pass",
    ),
    (
        retiring(**{ANSWERS: answers(record(2048)), "unused": answers(record(2048))}),
        "DNS-WITHDRAWN pass",
    ),
    (
        retiring(**{ANSWERS: answers("x", texts=()), "unused": answers("x", texts=())}),
        "DNS-WITHDRAWN pass",
    ),
    (retiring(**{ANSWERS: answers("x"), "unused": answers("y")}), "DNS-OURS FAIL"),
    (retiring(**{"identity.status": "PENDING"}), "SES-SETTLED FAIL"),
    (retiring(**{"identity.selectors": ("old", "new")}), "SES-LEFT FAIL"),
    (retiring(**{"identity.selectors": ()}), "SES-ELSEWHERE UNKNOWN"),
    (retiring(versions=DENIED), "KEY-VERSIONS UNKNOWN"),
    (retiring(**{ANSWERS: answers("v=DKIM1; p=")}), "DNS-WITHDRAWN pass"),
    (retiring(**{ANSWERS: answers(record(1024), failure="timeout")}), "DNS-ANSWERS UNKNOWN"),
    (retiring(**{ANSWERS: answers(record(1024), texts=((record(1024) + ";",),))}), "DNS-OURS FAIL"),
    (retiring(**{ANSWERS: answers(record(2048))}), "DNS-OURS FAIL"),
    (retiring(**elsewhere(here())), "SES-ELSEWHERE pass, SES-LEFT FAIL"),
    (retiring(**elsewhere(here(selectors=()))), "SES-ELSEWHERE UNKNOWN"),
    (retiring(**elsewhere(here(selectors=(), origin="AWS_SES"))), "SES-ELSEWHERE pass"),
    (retiring(**elsewhere(Unread("NotFoundException"))), "SES-ELSEWHERE pass"),
]


@pytest.mark.parametrize(("changes", "expected"), ROWS, ids=map(str, range(len(ROWS))))
def test_verdicts(changes, expected):
    seen = GOOD
    for path, value in changes.items():
        seen = changed(seen, path, value)
    now = verdicts(seen)
    usual = USUAL["old" if seen.requested.selector == "old" else "new"]
    names = sorted(name for name in {*now, *usual} if now.get(name) != usual.get(name))
    assert ", ".join(f"{name} {now.get(name, 'pass')}" for name in names) == expected


def test_check_that_breaks_is_unknown():
    fields = {name: getattr(GOOD, name) for name in Observation.__struct_fields__}
    broken = evaluate([ALL["SES-LEFT"]], Observation(**fields))[0]
    assert broken.stops
    assert broken.saw.values == {"error": "ValueError"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ""),
        (" DNS-FREE : x:y ;", "DNS-FREE"),
        ("DNS-FREE: x; DNS-ANSWERS: y", "DNS-FREE DNS-ANSWERS"),
        ("DNS-FREE:", None),
        ("DNS-NONE: x", None),
        ("KEY-PAIR: x", None),
    ],
)
def test_waivers(text, names):
    if names is None:
        with pytest.raises(InputError):
            read_waivers(text, ALL.values())
    else:
        assert list(read_waivers(text, ALL.values())) == names.split()


def test_which_checks_cannot_be_waived():
    kept = sorted(name for name, each in ALL.items() if not each.waivable)
    assert " ".join(kept) == (
        "DNS-WITHDRAWN KEY-FORM KEY-OBJECT KEY-PAIR PLAN-APPROVED PLAN-CHANGE PLAN-LOCK "
        "SECRET-ENTRY SECRET-FIT SECRET-PENDING SES-ACCOUNT SES-EXISTS SES-LEFT "
        "SES-ORIGIN SES-SETTLED SES-UNUSED STORE-PLACE"
    )


@pytest.mark.parametrize(
    ("server", "text"),
    [
        (Server("ns1", "192.0.2.1"), "ns1 (192.0.2.1)"),
        (Server("", "192.0.2.1", 54), "192.0.2.1:54"),
        (Server("192.0.2.1", "192.0.2.1"), "192.0.2.1"),
        (Server("ns1", "2001:db8::1"), "ns1 (2001:db8::1)"),
        (Server("ns1", "2001:db8::1", 54), "ns1 ([2001:db8::1]:54)"),
    ],
)
def test_servers_as_text(server, text):
    assert str(server) == text


@pytest.mark.parametrize(
    ("code", "detail", "what", "todo"),
    [
        ("AccessDenied", "", "AWS denied the read (AccessDenied)", "Allow a:B for this role"),
        ("AccessDenied", "kms", "AWS denied the read (AccessDenied, kms)", "Allow kms:Decrypt"),
        ("AccessDenied", "c:D", "AWS denied the read (AccessDenied, c:D)", "Allow c:D for"),
        ("SlowDown", "", "AWS throttled the read (SlowDown)", "Other programs"),
        (
            "OtherAccount",
            "1",
            "AWS answered OtherAccount, 1",
            "These credentials are of account 1.",
        ),
        ("New", "", "AWS answered New", "Run again."),
    ],
)
def test_remedies(code, detail, what, todo):
    cause = Unread(code, detail)
    assert str(causes.unread(cause)) == what
    assert todo in str(causes.todo(cause, "a:B"))


def test_entry_of():
    new, old, secret = GOOD.requested.entry, GOOD.current.entry, GOOD.secret
    foreign, any_domain = replace(new, domain="example.com"), replace(old, domain="")
    secret = replace(secret, entries=(foreign, any_domain, new))
    assert entry_of(secret, DOMAIN, "new") == new
    assert entry_of(secret, DOMAIN, "old") == any_domain
    assert entry_of(secret, DOMAIN, "none") is None
    assert entry_of(DENIED, DOMAIN, "new") is None


def test_place():
    key = GOOD.requested.key
    assert key.place == "s3://b/new.pem?versionId=v"
    assert replace(key, version="").place == "s3://b/new.pem"
