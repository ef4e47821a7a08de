"""Journals of an identity's past, written by the journal itself: what each run asked for, found, wrote and saw."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import asdict, replace

from second_edition.events import EVENTS
from second_edition.evidence import approval
from second_edition.evidence.archive import runs
from second_edition.evidence.journal import SUFFIX, digest, read
from second_edition.evidence.past import Trace
from second_edition.evidence.record import Record
from second_edition.evidence.seal import seal
from second_edition.plain import plain
from second_edition.rotation import plan as plans
from second_edition.rotation.checks import CHECKS
from second_edition.rotation.findings import Finding, Verdict
from second_edition.rotation.observation import KeyObject, Observation, Stored
from second_edition.rotation.resolution import Sighting
from tests.second_edition.events.noted import record_of
from tests.second_edition.evidence import answered
from tests.second_edition.evidence.journals import Log
from tests.second_edition.rotation import world
from tests.second_edition.rotation.world import CURRENT, NEXT
from tests.second_edition.verification.made import signer

START = datetime(2026, 11, 10, 2, 0, 11, tzinfo=UTC)
MADE = {CURRENT: "2025-09-17T00:00:00+00:00", NEXT: "2026-11-01T00:00:00+00:00"}
REFUSED = {"type": "RunRefused", "what": "DNS-PUBLISHED failed.", "means": "SES was not touched.", "todo": "Wait."}
SATO = "arn:aws:sts::123456789012:assumed-role/mail-ops/sato"


@dataclass(frozen=True)
class Told:
    """A run to be written down; times are from ``START`` on."""

    day: float = 0
    asked: str = NEXT
    before: str = CURRENT
    status: str = "SUCCESS"
    outcome: str = "SWITCHED"
    writes: bool = True
    verified_s: float | None = 38
    served: bool = True
    requested: bool = False
    waived: tuple[str, ...] = ()
    approved: tuple[str, ...] = ()
    unclear: bool = False
    rolled: bool = False
    domain: str = world.DOMAIN
    target: str = "aws"
    endpoint: str = "https://e"
    sandbox: str = ""
    arn: str = SATO
    language: str = "en"
    key_sha256: str = ""  # of the keys that it saw, where they are not those of the world
    ahead_s: float = 0  # how far ahead of AWS's clock the run's was
    back_s: float = 0  # how far it is set back once the selector is written
    absent: bool = False  # no server serves the record asked for
    known: tuple[Sighting, ...] = ()  # what the run remembers of the record
    shows: dict[str, Any] | None = field(default_factory=dict)  # what SES shows besides; None: no such identity

    @property
    def at(self) -> datetime:
        return START + timedelta(days=self.day)

    @property
    def run(self) -> str:
        return f"{self.at + timedelta(seconds=self.ahead_s):%Y%m%dT%H%M%SZ}-7f3a"


def write(folder: Path, told: Told, name: str = "record", previous: Path | None = None) -> Path:
    """The journal of a run, sealed if the run closed."""
    clock = [told.at]
    path = folder / f"{name}.{told.run}{SUFFIX}"
    journal = Log(path, lambda: clock[0])
    for seconds, event, content in _events(told, _previous(previous)):
        clock[0] = told.at + timedelta(seconds=seconds + told.ahead_s - (told.back_s if seconds > 6 else 0))
        journal.write(EVENTS[event], **{**content, "calls": list(_calls(content, clock[0]))})
    journal.close()
    if told.outcome:
        seal(read(path), signer())
    return path


def write_all(folder: Path, past: Sequence[Told]) -> list[Path]:
    """A chain of runs for each identity."""
    written: dict[tuple[str, str], Path] = {}
    for told in sorted(past, key=lambda told: told.day):
        world = (told.domain, told.target)
        written[world] = write(folder, told, previous=written.get(world))
    return sorted(folder.glob(f"*{SUFFIX}"))


def traces(folder: Path, past: Sequence[Told]) -> list[Trace]:
    """Return what the archive tells of a chain of runs for each identity."""
    write_all(folder, past)
    return [one.trace for one in runs(folder) if one.trace]


def _calls(content: dict[str, Any], at: datetime) -> Iterator[dict[str, Any]]:
    """The calls that an event's facts rest on."""
    seen = content.get("observation", content)
    if seen.get("caller"):
        yield answered.caller(seen["caller"], at)
    if seen.get("identity"):
        yield answered.identity(seen["identity"], at)
    if content.get("answer"):
        yield answered.write(content["answer"], at)


def _previous(path: Path | None) -> dict[str, str] | None:
    if path is None:
        return None
    account = read(path)
    first, closed = account.begin, account.closed
    outcome = closed.outcome if closed else ""
    names = {"run": first.run, "head": account.head, "outcome": outcome, "selector": first.selector}
    return {**names, "left_selector": "", "written_at": ""}


def begin(told: Told, previous: dict[str, str] | None) -> dict[str, Any]:
    values = {"selector": told.asked, "mode": "apply" if told.writes else "plan", "endpoint_url": told.endpoint}
    return {
        "run": told.run, "domain": told.domain, "selector": told.asked, "mode": values["mode"], "target": told.target,
        "sandbox": told.sandbox,
        "profile": "default", "language": told.language, "zone": {"name": "JST", "offset_s": 32400},
        "parameters": {name: {"value": value, "source": "parameter"} for name, value in values.items()},
        "reason": "yearly rotation", "ticket": "CHG-1042", "requested_by": "mail-team",
        "waivers": dict.fromkeys(told.waived, "agreed"), "approvals": 0,
        "approvals_valid_days": 7,
        "ttl": 3600, "overlap_days": 7,
        "wait_minutes": 10, "wait_dns_minutes": 0, "started_by": "papermill", "record": "record.ipynb",
        "format": 1, "template": "rotate.ipynb", "template_sha256": "a" * 64, "python": "3.11.7", "previous": previous,
        "code": {"version": "0.1.0", "commit": "3c9d21e", "dirty": False},
    }  # fmt: skip


def observation(told: Told) -> Observation:
    good = world.at_every_server()(_good()) if told.absent else _good()

    def stored(selector: str, like: Stored) -> Stored:
        assert isinstance(like.key, KeyObject)
        at, sha256 = MADE.get(selector, MADE[NEXT]), told.key_sha256 or like.key.sha256
        return replace(like, selector=selector, key=replace(like.key, last_modified=at, sha256=sha256))

    assert good.identity is not None
    assert good.caller is not None
    assert good.current_key is not None
    identity = replace(good.identity, **{"selectors": (told.before,), "status": told.status, **(told.shows or {})})
    return replace(
        good, at=(told.at + timedelta(seconds=1 + told.ahead_s)).isoformat(timespec="milliseconds"),
        domain=told.domain, selector=told.asked, dns=replace(good.dns, history=told.known), back_history=told.known,
        caller=replace(good.caller, arn=told.arn, endpoint=told.endpoint, clock_skew_s=told.ahead_s),
        identity=None if told.shows is None else identity, identity_absent=told.shows is None,
        next_key=stored(told.asked, good.next_key), current_key=stored(told.before, good.current_key),
    )  # fmt: skip


@cache
def _good() -> Observation:
    return world.good()


@cache
def _findings() -> tuple[Finding, ...]:
    return CHECKS.evaluate(world.case(world.good()), {})


def findings(told: Told) -> list[dict[str, Any]]:
    found = []
    for one in _findings():
        verdict, reason = one.verdict, ""
        if one.id == "DNS-PUBLISHED" and not told.served:
            verdict = Verdict.FAIL
        if one.id in told.waived:
            verdict, reason = Verdict.WAIVED, "agreed"
        remedy = None if verdict is one.verdict else CHECKS.checks[one.id].remedy
        found.append(plain(replace(one, verdict=verdict, reason=reason, remedy=remedy)))
    return found


def _events(told: Told, previous: dict[str, str] | None) -> list[tuple[float, str, dict[str, Any]]]:
    seen = observation(told)
    assert seen.caller is not None
    events: list[tuple[float, str, dict[str, Any]]] = [
        (0, "begin", begin(told, previous)),
        (0.5, "caller", {"caller": asdict(seen.caller)}),
        (1, "observed", {"observation": plain(seen)}),
        (2, "checked", {"findings": findings(told)}),
    ]
    plan = plans.make(seen, _findings(), digest)
    if told.approved:
        record = record_of(*({"event": event, **content} for _, event, content in events))
        events.append((2, "approvals", {**_approved(told, record, plan)}))
    if told.outcome not in ("REFUSED", ""):
        events.append((3, "planned", {"plan": plain(plan)}))
    if told.writes and told.outcome != "REFUSED":
        events += _write(told)
    if told.requested:
        handed = {
            "name": f"{told.asked}._domainkey.{told.domain}",
            "value": "v=DKIM1; p=",
            "ttl": 3600,
            "sha256": "a" * 64,
        }
        events.append((60, "handed", {**handed, "files": ["record.dns-request.csv"]}))
    if told.outcome:
        error = REFUSED if told.outcome == "REFUSED" else None  # nothing else ends a run so
        events.append((61, "closed", {"outcome": told.outcome, "error": error}))
    return events


def _approved(told: Told, record: Record, plan: plans.Plan) -> dict[str, Any]:
    """Approvals of the plan, each signed with a key of its approver's own."""
    presented, approvers = [], {}
    for name in told.approved:
        key = Ed25519PrivateKey.generate()
        approvers[name] = base64.b64encode(key.public_key().public_bytes_raw()).decode()
        envelope = json.loads(approval.sign(approval.statement(record, plan, name, "", told.at), key))
        presented.append(plain(approval.weigh(f"{name}.json", envelope, approvers)))
    return {"presented": presented, "approvers": approvers}


def _write(told: Told) -> list[tuple[float, str, dict[str, Any]]]:
    change = {
        "operation": "PutEmailIdentityDkimSigningAttributes", "target": told.domain, "version": "", "resubmit": False,
        "current_selector": told.before, "next_selector": told.asked, "key_sha256": world.sha256(world.NEXT_BITS),
    }  # fmt: skip
    answer: dict[str, Any] = {
        "answer": {"dkim_status": "NOT_STARTED", "dkim_tokens": [told.asked], "request_id": "6b2f", "status": 200}
    }
    if told.unclear:
        answer = {"error": {"code": "ReadTimeoutError", "message": "", "unclear": True}}
    events: list[tuple[float, str, dict[str, Any]]] = [
        (4, "intent", {"change": change}),
        (5, "answer", {**answer}),
    ]
    if not told.unclear:
        events.append((6, "read", _read(told, "PENDING")))
        if told.verified_s is not None:
            events.append((4 + told.verified_s, "read", _read(told, "SUCCESS")))
    if told.rolled:
        back = {**change, "current_selector": told.asked, "next_selector": told.before}
        events.append((50, "rollback", {"change": back}))
        events.append((51, "rolled", {**answer}))
        events.append((54, "read", _read(dataclasses.replace(told, asked=told.before), "SUCCESS")))
    return events


def _read(told: Told, status: str) -> dict[str, Any]:
    identity = {**asdict(world.found()), "selectors": [told.asked], "status": status}
    return {"identity": identity}
