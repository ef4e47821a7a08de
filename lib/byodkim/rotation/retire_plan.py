"""What retire would write, in order, and what that relies on. Pure, with a digest."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from byodkim.rotation import secret_entry
from byodkim.rotation.findings import Finding
from byodkim.rotation.plan import Digest, Plan, Write, objections, place
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


def make(found: Retirement, findings: Sequence[Finding], name: str, zone: str, digest: Digest) -> Plan:
    """Return the plan by what was seen. It has no writes where other people are to write the zone first.

    Args:
        found: what was seen.
        findings: the checks.
        name: of the key record.
        zone: digest of the change at that name; "" where there is none to make.
        digest: of canonical JSON.
    """
    policy = found.facts.policy
    asked = policy.by if zone and policy.asks else ""
    writes = [] if asked else [*_withdrawing(found, name if zone else ""), *_erasing(found)]
    return Plan.of(writes, _relies_on(found, zone) | {"asked": asked} | objections(findings), digest)


def _withdrawing(found: Retirement, name: str) -> list[Write]:
    return [Write(Operation(found.facts.policy.by).value, name)] if name else []


def _erasing(found: Retirement) -> list[Write]:
    facts = found.facts
    expires = facts.policy.key == EXPIRE
    operation = Operation.EXPIRE if expires else Operation.DELETE
    versions = ["" if expires else one.version_id for one in found.erasing]
    objects = [Write(operation.value, f"s3://{facts.bucket}/{facts.key}", version=version) for version in versions]
    # Last: until then the secret says where the private key is.
    entries = [Write(Operation(name).value, facts.secret.name, version=version) for name, version in found.clearing]
    return objects + entries


def _relies_on(found: Retirement, zone: str) -> dict[str, str]:
    seen, facts, policy = found.seen, found.facts, found.facts.policy
    identity, current = seen.identity, seen.current_key
    told = place(seen.caller) | {
        "identity.selectors": " ".join(identity.selectors) if identity else "",
        "identity.status": identity.status if identity else "",
        "current.sha256": current.key.sha256 if current and current.key else "",
        "retired.sha256": found.sha256,
        "zone.change": zone,
        "key.object": f"s3://{facts.bucket}/{facts.key}" if facts.key else "",
        "key.versions": " ".join(one.version_id for one in found.erasing),
        "policy": " ".join((str(policy.overlap_days), policy.by, policy.key, policy.publisher)),
    }
    if policy.secret != KEEP:
        told |= {"policy.secret": policy.secret, "secret.versions": facts.secret.told}
    for one in facts.elsewhere:
        told[f"identity.selectors {one.region}"] = " ".join(one.identity.selectors) if one.identity else ""
    return told
