"""Journals of runs, written by hand, with hostile values wherever others can write."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from byodkim.checks.check import Finding
from byodkim.checks.world import (
    Answer,
    Approval,
    Caller,
    Entry,
    Identity,
    KeyObject,
    Observation,
    Secret,
    Server,
    Side,
    Wanted,
    Zone,
)
from byodkim.procedures import rotate
from byodkim.record.events import (
    AnyEvent,
    Begun,
    Called,
    Checked,
    Closed,
    IdentitySeen,
    Interrupted,
    MessageJudged,
    Observed,
    Planned,
    ReadBack,
    Requested,
    Waiting,
    WriteAnswered,
    WriteIntended,
)
from byodkim.record.record import SES_WRITE
from byodkim.words import _
from tests.dkim.keys import b64, record, sha256, spki

START = datetime(2026, 11, 24, 4, 8, 55, tzinfo=UTC)
OLD, NEW = "mail-20260912-1", "mail-20261124-1"
#: HTML, Markdown, a terminal's escape, a line of its own, text turned around, a template's mark.
HOSTILE = "<script>alert(1)</script>|`x`\x1b[2J\n# SWITCHED\u202e{{7*7}}&'\""
NAMES = [f"ns{n}.example.jp" for n in (1, 2)]
SERVERS = [
    Server(name, f"{net}{n}")
    for n, name in enumerate(NAMES, 53)
    for net in ("192.0.2.", "2001:db8::")
]
SETTINGS = {"overlap_days": "30", "wait_minutes": "10", "profile": "default", "contacts": HOSTILE}


def bits_of(selector: str) -> int:
    return 2048 if selector == NEW else 1024


def record_of(selector: str) -> str:
    return record(bits_of(selector))


def identity(selector: str = OLD, status: str = "SUCCESS", *, enabled: bool = True) -> Identity:
    fields = {
        "VerifiedForSendingStatus": "true",
        "DkimAttributes.Status": status,
        "VerificationInfo.SOARecord.PrimaryNameServer": HOSTILE,
        "ConfigurationSetName": "",
        "Policies": "-" * 300,
    }
    return Identity("example.jp", "DOMAIN", (selector,), status, enabled, "EXTERNAL", fields)


def answers(selector: str, text: str | None = None) -> tuple[Answer, ...]:
    text = record_of(selector) if text is None else text
    texts = ((text,),) if text else ()
    rcode = "NOERROR" if text else "NXDOMAIN"
    return tuple(
        Answer(
            server,
            f"{selector}._domainkey.example.jp",
            rcode=rcode,
            authoritative=True,
            texts=texts,
            ttl=300 if text else None,
            serial=2026112401,
            negative_ttl=60,
            ms=7 + n,
        )
        for n, server in enumerate(SERVERS)
    )


def side(selector: str, text: str | None = None) -> Side:
    bits = bits_of(selector)
    path = f"dkim-keys/example.jp/{selector}/private_key.pem"
    key = KeyObject(
        "example-dkim",
        path,
        "3sL4kqtJlcpXroDTDmJ",
        START,
        "PKCS#8 PEM",
        bits,
        b64(spki(bits)),
        sha256(bits),
    )
    entry = Entry(selector, "example.jp", record_of(selector), "example-dkim", path)
    return Side(selector, entry, key, answers(selector, text))


def observation(ses: Identity, at: datetime = START, **more: object) -> Observation:
    values: dict[str, object] = {
        "wanted": Wanted("example.jp", "123456789012", "ap-northeast-1"),
        "caller": Caller("123456789012", "arn:aws:sts::123456789012:assumed-role/mail-ops/sato"),
        "secret": Secret("arn:aws:secretsmanager:x", "v1", "selectors", ()),
        "requested": side(NEW),
        "current": side(OLD),
        "zone": Zone("example.jp", tuple(SERVERS)),
    } | more
    return Observation(at=at, identity=ses, **values)  # type: ignore[arg-type]


PARAMETERS = {"selector": NEW, "mode": "apply", "profile": "mail jp", "ticket": "CHG-1042"}
PLAN_PARAMETERS = {"selector": NEW, "profile": "mail jp", "reason": "it's due", "ticket": HOSTILE}


def begun(**more: object) -> Begun:
    values: dict[str, object] = {
        "run": "5b1e7c0d9a3f2468",
        "procedure": "rotate",
        "mode": "apply",
        "target": "aws",
        "account": "123456789012",
        "region": "ap-northeast-1",
        "domain": "example.jp",
        "selector": NEW,
        "settings": SETTINGS,
        "operator": "sato@ops1",
        "version": "0.1.0",
        "parameters": PARAMETERS,
        "reason": "yearly rotation",
        "ticket": "CHG-1042",
        "requested_by": "mail-team",
        "code": "5c0ad803",
        "notebook": "CHG-1042.ipynb",
        "timezone": "Asia/Tokyo",
    } | more
    return Begun(**values)  # type: ignore[arg-type]


def finding(check: str, verdict: str = "PASS", **more: object) -> Finding:
    claim = _("All authoritative servers publish the requested key record")
    return Finding(check, verdict, claim, _("Seen: {x}", x=HOSTILE), **more)  # type: ignore[arg-type]


CHECKS = [check.id for check in rotate.CHECKS]
TODO = _("Publish the TXT record from the DNS request on every name server.")


def checked(*changed: Finding, rollback: tuple[Finding, ...] | None = None) -> Checked:
    by_name = {name: finding(name) for name in CHECKS} | {each.check: each for each in changed}
    back = [finding(name) for name in CHECKS[:16]] if rollback is None else list(rollback)
    return Checked(findings=list(by_name.values()), rollback=back)


def planned(*, approved: bool = False) -> Planned:
    facts = {
        "selector": OLD,
        "key": sha256(2048),
        "secret.version": HOSTILE,
    }
    approval = Approval(
        "tanaka", "5b1e" * 16, START - timedelta(minutes=30), "CHG-1042.tanaka.json"
    )
    write = _("Set {selector} in SES for {domain}", selector=NEW, domain="example.jp")
    return Planned(digest="5b1e" * 16, facts=facts, writes=[write], approvals=[approval] * approved)


INTENDED = WriteIntended(
    operation=SES_WRITE,
    target="example.jp",
    before=OLD,
    after=NEW,
    key_sha256="ab" * 32,
    seen=identity(),
)
ACCEPTED = WriteAnswered(
    operation=SES_WRITE,
    result="accepted",
    answer={"DkimStatus": "PENDING"},
    request_id="8d6b1f0e-2222-4b1c-9a0a-111111111111",
)
UNCLEAR = WriteAnswered(operation=SES_WRITE, result="unclear", code="ReadTimeoutError")
VERIFIED = IdentitySeen(identity=identity(NEW))
PENDING = IdentitySeen(identity=identity(NEW, "PENDING"))
CALL = {
    "at": START.isoformat(),
    "service": "sesv2",
    "operation": "GetEmailIdentity",
    "status": 200,
    "code": "",
    "region": "ap-northeast-1",
    "request_id": HOSTILE,
    "ms": 41,
    "retries": 0,
}
CALLS = Called(calls=[CALL] * 8)
READ: list[AnyEvent] = [
    Observed(purpose="plan", observation=observation(identity())),
    checked(),
    planned(),
    CALLS,
]
AGAIN: list[AnyEvent] = [Observed(purpose="write", observation=observation(identity())), checked()]


def closed(outcome: str, headline: str = "example.jp: see below") -> Closed:
    return Closed(outcome=outcome, headline=_("{said} {x}", said=headline, x=HOSTILE))


def timed(*events: AnyEvent, step: float = 1.0) -> list[AnyEvent]:
    """Return events, numbered, each some seconds after the one before."""
    return [
        replace(event, n=n, at=START + timedelta(seconds=n * step))
        for n, event in enumerate(events)
    ]


WAIT = Waiting(what="ses", state="PENDING", until=START + timedelta(minutes=10))
REQUEST = Requested(
    file="CHG-1042.csv",
    sha256="cd" * 32,
    name=f"{NEW}._domainkey.example.jp",
    value=record_of(NEW),
    ttl=3600,
)
MESSAGE = MessageJudged(sha256="ef" * 32, finding=finding("MESSAGE"))
SWITCH: list[AnyEvent] = [*READ, *AGAIN, INTENDED, ACCEPTED, PENDING, WAIT, VERIFIED]
STOPPED = finding("DNS-PUBLISHED", "FAIL", todo=TODO)
SILENT = finding("DNS-ANSWERS", "UNKNOWN", todo=_("Find out why these servers do not answer."))
WAIVED = finding("TIME-ACTIVATE", "FAIL", waived=f"tested by hand {HOSTILE}")
GONE = Observed(purpose="plan", observation=observation(identity(), current=side(OLD, "")))
FAILED = Observed(purpose="plan", observation=observation(identity(status="FAILED")))
DISABLED = IdentitySeen(identity=identity(NEW, enabled=False))
SEEN_NEW = observation(identity(NEW))
COMPLETING = Observed(purpose="plan", observation=observation(identity(NEW, "PENDING")))
ROLLING_BACK = observation(identity(NEW), requested=side(OLD), current=side(NEW))
UNPUBLISHED = observation(identity(), requested=side(NEW, ""))
LATER = ReadBack(operation=SES_WRITE, result="not-known-yet", identity=identity())
BACK = WriteIntended(
    operation=SES_WRITE,
    target="example.jp",
    before=NEW,
    after=OLD,
    key_sha256="ab" * 32,
    seen=identity(NEW),
)
WAS_FAILING = replace(INTENDED, seen=identity(status="FAILED"))
DENIED = Interrupted(
    kind="ByodkimError",
    what=_("The disk is full {x}", x=HOSTILE),
    todo=_("Make room, then run again."),
)

#: Events by the name of the world.
WORLDS: dict[str, list[AnyEvent]] = {
    "planned": timed(
        begun(mode="plan", notebook="CHG-1042-plan.ipynb", parameters=PLAN_PARAMETERS),
        *READ,
        closed("PLANNED"),
    ),
    "refused": timed(
        begun(),
        Observed(purpose="plan", observation=UNPUBLISHED),
        checked(STOPPED),
        planned(),
        closed("REFUSED"),
    ),
    "unknown": timed(begun(), READ[0], checked(SILENT), closed("REFUSED")),
    "switched": timed(
        begun(),
        *READ[:2],
        planned(approved=True),
        CALLS,
        *AGAIN,
        *SWITCH[6:],
        MESSAGE,
        REQUEST,
        closed("SWITCHED"),
        step=2.0,
    ),
    "pending": timed(begun(), *SWITCH[:-1], closed("SWITCHED-PENDING")),
    "unclear": timed(begun(), *READ, INTENDED, UNCLEAR, LATER, closed("FAILED")),
    "landed late": timed(
        begun(),
        *READ,
        INTENDED,
        UNCLEAR,
        ReadBack(operation=SES_WRITE, result="landed", identity=identity(NEW, "PENDING")),
        VERIFIED,
        closed("SWITCHED"),
    ),
    "rejected": timed(
        begun(),
        *READ,
        INTENDED,
        WriteAnswered(operation=SES_WRITE, result="rejected", code="BadRequestException"),
        IdentitySeen(identity=identity()),
        DENIED,
        closed("FAILED"),
    ),
    "unchanged": timed(
        begun(), Observed(purpose="plan", observation=SEEN_NEW), checked(), closed("UNCHANGED")
    ),
    "completed": timed(begun(), COMPLETING, checked(), planned(), VERIFIED, closed("SWITCHED")),
    "rollback": timed(
        begun(selector=OLD, notebook="CHG-1042-back.ipynb"),
        Observed(purpose="plan", observation=ROLLING_BACK),
        checked(rollback=(finding("DNS-PUBLISHED", "FAIL", todo=TODO),)),
        planned(),
        BACK,
        ACCEPTED,
        IdentitySeen(identity=identity(OLD)),
        closed("SWITCHED"),
    ),
    "killed": timed(begun(), *READ, *AGAIN, INTENDED),
    "killed early": timed(begun(), READ[0]),
    "begun": timed(begun()),
    "waived": timed(begun(), READ[0], checked(WAIVED), planned(), *SWITCH[6:], closed("SWITCHED")),
    "sandbox": timed(begun(target="sandbox"), *SWITCH, closed("SWITCHED")),
    "disabled": timed(begun(), *SWITCH, DISABLED, closed("FAILED")),
    "record gone": timed(begun(), GONE, checked(STOPPED), closed("REFUSED")),
    "was failing": timed(begun(), FAILED, *READ[1:], WAS_FAILING, *SWITCH[7:], closed("SWITCHED")),
    "interrupted": timed(begun(), READ[0], DENIED, closed("REFUSED")),
    "prepared": timed(begun(procedure="prepare"), *READ[:2], REQUEST, closed("PREPARED")),
}
