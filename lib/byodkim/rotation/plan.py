"""The plan: what would change, and what that relies on. Pure, sorted, with a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from byodkim.dkim.published import Answer, judge
from byodkim.rotation.findings import Finding, Verdict
from byodkim.rotation.observation import SUCCESS, Observation

PUT = "PutEmailIdentityDkimSigningAttributes"
# FAILED is terminal until the next PUT (Amazon SES Developer Guide, "Verifying a DKIM domain identity").
GIVEN_UP = "FAILED"
LOOKS = ("NOT_STARTED", "PENDING")


@dataclass(frozen=True)
class Change:
    """One write to SES: ``identity`` signs with ``next_selector`` instead of ``current_selector``."""

    operation: str
    identity: str
    current_selector: str
    next_selector: str
    key_sha256: str
    resubmit: bool = False


@dataclass(frozen=True)
class Plan:
    """Changes in the order of their execution (none: SES stands as asked), and what they rely on.

    ``digest``: SHA-256 in hex over the canonical JSON of both. The same world gives the same digest.
    """

    changes: tuple[Change, ...]
    relies_on: Mapping[str, str]
    digest: str

    @property
    def again(self) -> str:
        """Return why a selector that stands is written again: a key of the catalogue ``record``."""
        if self.relies_on.get("identity.status") == GIVEN_UP:
            return "plan.again"
        return "plan.replaced" if "identity.key_replaced" in self.relies_on else "plan.rewrite"

    def plain(self) -> dict[str, Any]:
        """The same as JSON-able values."""
        return asdict(self)


def make(seen: Observation, findings: Sequence[Finding], digest: Callable[[Mapping[str, Any]], str]) -> Plan:
    """The plan that follows from what was seen. It is made whether or not the checks allow it to be applied."""
    relies_on = _relies_on(seen, findings)
    changes = _changes(seen)
    return Plan(changes, relies_on, digest({"changes": [asdict(change) for change in changes], "relies_on": relies_on}))


def _changes(seen: Observation) -> tuple[Change, ...]:
    identity, key = seen.identity, seen.next_key.key
    if identity is None or key is None or not key.sha256:
        return ()
    stands = identity.selector == seen.selector
    if stands and not rewrites(seen):
        return ()
    return (Change(PUT, seen.domain, identity.selector, seen.selector, key.sha256, resubmit=stands),)


def rewrites(seen: Observation) -> bool:
    """Return whether the selector asked for is written again although SES has it.

    SES has given up on it, or has not verified it, and no archived run gave SES this key, or somebody gave SES another
    one since: GetEmailIdentity never tells which key SES was given, and a wrong one is looked for in vain for 72 hours.
    """
    identity = seen.identity
    if identity is None or identity.selector != seen.selector:
        return False
    return identity.status == GIVEN_UP or (identity.status in LOOKS and (replaced(seen) or not given_by(seen)))


def given_by(seen: Observation) -> str:
    """Return the archived run that gave SES this selector with this key, "" where none is known to have."""
    given, key = seen.given, seen.next_key.key
    known = given is not None and key is not None and (given.selector, given.sha256) == (seen.selector, key.sha256)
    return given.run if given is not None and known else ""


def replaced(seen: Observation) -> bool:
    """Return whether SES, where it looks for the key record, was given another key after an archived run gave this one.

    SES was seen to have verified the selector after the run's write, and only another write ends that: SES says
    TEMPORARY_FAILURE or FAILED where the key record vanishes.
    """
    return seen.given is not None and seen.given.worked and bool(given_by(seen))


def _relies_on(seen: Observation, findings: Sequence[Finding]) -> dict[str, str]:
    caller, identity, stored = seen.caller, seen.identity, seen.next_key
    facts = {
        "account": caller.account if caller else "",
        "region": caller.region if caller else "",
        "identity.selectors": " ".join(identity.selectors) if identity else "",
        "identity.status": identity.status if identity else "",
        "identity.signing_enabled": str(identity.signing_enabled).lower() if identity else "",
        "identity.signing_origin": identity.signing_origin if identity else "",
        "secret.version": stored.secret.version_id if stored.secret else "",
        "key.object": f"s3://{stored.key.bucket}/{stored.key.key}" if stored.key else "",
        "key.version": stored.key.version_id if stored.key else "",
        "key.sha256": stored.key.sha256 if stored.key else "",
    }
    if identity and identity.selector == seen.selector and identity.status in LOOKS:
        facts["identity.key_given_by"] = given_by(seen)
        if replaced(seen):
            facts["identity.key_replaced"] = "true"
    # Of DNS, what every server answered: TTLs count down at some servers, so they are shown and not relied on.
    for answer in seen.records:
        # By name too: servers whose names have no address would else be one and the same.
        server = f"{answer.server.name} {answer.server}".strip()
        facts[f"dns.{server}"] = _answered(answer)
    for answer in seen.dns.followed:
        facts[f"dns.{answer.server.name} {answer.server} {answer.name}"] = _answered(answer)
    for answer in seen.dns.encrypted if seen.dns.by_encrypted else ():
        facts[f"dns.{answer.server.name} {answer.name}"] = _answered(answer, recursive=True)
    for finding in findings:
        # A time that is not over yet when a plan is made is over when it is carried out: both are one plan.
        waits = finding.id == "TIME-ACTIVATE" and finding.verdict is Verdict.FAIL
        # Where nothing is switched, a rollback is told of and not relied on.
        told = finding.id == "BACK-CHECKS" and seen.current_selector == seen.selector
        # What lies on a machine is no fact of the plan: another machine, or a tidied one, carries out the same.
        told = told or finding.id == "KEY-FILES"
        # Only an apply run tries whether its record can be kept.
        tried = finding.id.startswith("RECORD-")
        if finding.objects and not (waits or told or tried):
            facts[f"check.{finding.id}"] = finding.verdict.value
    return dict(sorted(facts.items()))


def _answered(answer: Answer, *, recursive: bool = False) -> str:
    """Return what a server said, short: the verdict, and a hash over every byte of its TXT records."""
    said = str(judge(answer, recursive=recursive))
    for record in answer.records:
        said += f" sha256:{hashlib.sha256(b''.join(record)).hexdigest()}"
    return said


def drift(approved: Plan, present: Plan) -> tuple[tuple[str, str, str], ...]:
    """Return what differs between two plans: (fact, then, now), sorted by fact. Empty where the digests agree."""
    names = sorted({*approved.relies_on, *present.relies_on})
    facts = [(name, approved.relies_on.get(name, ""), present.relies_on.get(name, "")) for name in names]
    return tuple(fact for fact in facts if fact[1] != fact[2])


def stands(seen: Observation) -> bool:
    """Return whether SES already signs with the selector asked for: all four rows of the run sheet are as required."""
    identity = seen.identity
    if identity is None or not identity.signs:
        return False
    return identity.selector == seen.selector and identity.status == SUCCESS


def plan_from_plain(data: Mapping[str, Any]) -> Plan:
    """The plan of a JSON object.

    Raises:
        KeyError, TypeError: it is no plan.
    """
    return Plan(tuple(Change(**change) for change in data["changes"]), dict(data["relies_on"]), str(data["digest"]))
