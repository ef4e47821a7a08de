"""What retire would write, in order, and what that relies on. Pure, with a digest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from byodkim.rotation import secret_entry
from byodkim.rotation.findings import Finding
from byodkim.rotation.retirement import EXPIRE, KEEP, Retirement


class Operation(StrEnum):
    """What is written: at the key record's name, of the key object, or to the secret."""

    REVOKE = "revoke"
    REMOVE = "remove"
    DELETE = "DeleteObject versionId"
    EXPIRE = "DeleteObject"
    CLEAR = secret_entry.CLEAR
    PROMOTE = secret_entry.PROMOTE
    RELEASE = secret_entry.RELEASE
    UNLABEL = secret_entry.UNLABEL


@dataclass(frozen=True)
class Write:
    """One write. ``version``: of the key object or of the secret; "" for a delete marker, and for a record."""

    operation: str
    target: str
    version: str = ""


@dataclass(frozen=True)
class RetirePlan:
    """Writes in the order of their execution, and what they rely on.

    Attributes:
        writes: none where all is as it is to be, or other people are to write the zone first.
        asked: what they are asked for, ``revoke`` or ``remove``; "" where nothing is.
        relies_on: the facts.
        digest: SHA-256 in hex over the canonical JSON of all that.
    """

    writes: tuple[Write, ...]
    asked: str
    relies_on: Mapping[str, str]
    digest: str

    def plain(self) -> dict[str, Any]:
        """The same as JSON-able values."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> RetirePlan:
        """The plan that ``plain`` gave."""
        writes = tuple(Write(**write) for write in plain["writes"])
        return cls(writes, str(plain["asked"]), dict(plain["relies_on"]), str(plain["digest"]))


def make(
    found: Retirement, findings: Sequence[Finding], name: str, zone: str, digest: Callable[[Mapping[str, Any]], str]
) -> RetirePlan:
    """The plan that follows from what was seen.

    Args:
        found: what was seen.
        findings: the checks.
        name: of the key record.
        zone: digest of the change at that name; "" where there is none to make.
        digest: of canonical JSON.
    """
    policy = found.facts.policy
    asked = policy.by if zone and policy.asks else ""
    writes = [Write(Operation(policy.by).value, name)] if zone and not asked else []
    if not asked:
        place = f"s3://{found.facts.bucket}/{found.facts.key}"
        expires = policy.key == EXPIRE
        operation = Operation.EXPIRE if expires else Operation.DELETE
        writes += [Write(operation.value, place, "" if expires else one.version_id) for one in found.erasing]
        # Last: until then the secret says where the private key is.
        writes += [Write(Operation(name).value, found.facts.secret.name, version) for name, version in found.clearing]
    relies_on = _relies_on(found, findings, zone)
    plain = {"writes": [asdict(write) for write in writes], "asked": asked, "relies_on": relies_on}
    return RetirePlan(tuple(writes), asked, relies_on, digest(plain))


def _relies_on(found: Retirement, findings: Sequence[Finding], zone: str) -> dict[str, str]:
    seen, facts = found.seen, found.facts
    caller, identity, current = seen.caller, seen.identity, seen.current_key
    told = {
        "account": caller.account if caller else "",
        "region": caller.region if caller else "",
        "identity.selectors": " ".join(identity.selectors) if identity else "",
        "identity.status": identity.status if identity else "",
        "current.sha256": current.key.sha256 if current and current.key else "",
        "retired.sha256": found.sha256,
        "zone.change": zone,
        "key.object": f"s3://{facts.bucket}/{facts.key}" if facts.key else "",
        "key.versions": " ".join(one.version_id for one in found.erasing),
        "policy": " ".join((str(facts.policy.overlap_days), facts.policy.by, facts.policy.key, facts.policy.publisher)),
    }
    if facts.policy.secret != KEEP:
        told |= {"policy.secret": facts.policy.secret, "secret.versions": facts.secret.told}
    for one in facts.elsewhere:
        selectors = " ".join(one.identity.selectors) if one.identity else ""
        told[f"identity.selectors {one.region}"] = selectors
    for finding in findings:
        if finding.objects:
            told[f"check.{finding.id}"] = finding.verdict.value
    return dict(sorted(told.items()))


def drift(shown: RetirePlan, present: RetirePlan) -> tuple[tuple[str, str, str], ...]:
    """Return what differs between two plans: (fact, then, now), sorted by fact. Empty where the digests agree."""
    names = sorted({*shown.relies_on, *present.relies_on})
    facts = [(name, shown.relies_on.get(name, ""), present.relies_on.get(name, "")) for name in names]
    return tuple(fact for fact in facts if fact[1] != fact[2])
