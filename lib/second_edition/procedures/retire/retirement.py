"""Retiring a selector that was left: what was seen of it, since when it is out of use, what would be written. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from second_edition.dkim.key_record import KeyRecordInvalid, parse
from second_edition.dkim.published import Judgement, Verdict
from second_edition.rotation.facts import EXPIRE, KEEP, REMOVE, Counted, Facts, ObjectVersion
from second_edition.rotation.findings import Finding
from second_edition.rotation.findings import Verdict as Made
from second_edition.rotation.observation import Observation
from second_edition.rotation.plan import Digest, Plan, Write, objections, place
from second_edition.rotation.timing import LONGEST_CACHED_S, overlap_ends

# Mail in transit is retried for 4 to 5 days (RFC 5321 section 4.5.4.1): a signature that is seen later is a new one.
IN_TRANSIT: Final = timedelta(days=5)


class Retirement(Struct, frozen=True):
    """Hold what a run of retire saw."""

    seen: Observation
    facts: Facts

    @property
    def known(self) -> tuple[str, ...]:
        """Return the SHA-256 of every key the selector is known by: the key object's, the secret's, the archive's.

        What only runs tell that nobody signed is one more key where there is another, and nothing by itself.
        """
        stored, told = self.seen.next_key, [one for one in self.seen.used if one.selector == self.seen.selector]
        found = {one.sha256 for one in told if not one.unsigned}
        if stored.key is not None and stored.key.sha256:
            found.add(stored.key.sha256)
        if stored.secret is not None and stored.secret.dns_value:
            with suppress(KeyRecordInvalid, UnicodeEncodeError):
                found.add(parse((stored.secret.dns_value.encode(),)).public_key.sha256)
        return tuple(sorted(found | {one.sha256 for one in told} if found else ()))

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the one key that it is known by, "" where there is not exactly one."""
        return self.known[0] if len(self.known) == 1 else ""

    @property
    def keyless(self) -> bool:
        """Return whether nothing is left to do about any private key: keys are kept, or its place holds none."""
        facts = self.facts
        held = facts.versions_unread or any(one.sha256 for one in facts.versions)
        return facts.policy.key == KEEP or bool(facts.key and not held)

    @property
    def judged(self) -> tuple[Judgement, ...]:
        """Return what each authoritative server says of its key record."""
        return tuple(one for _, one in self.seen.judged(self.seen.records, self.sha256 or "-"))

    @property
    def withdrawn(self) -> bool:
        """Return whether every authoritative server was seen to serve the record as it is to be: revoked, or none."""
        return bool(self.judged) and all(map(self.suffices, self.judged))

    @property
    def retired(self) -> bool:
        """Return whether it is withdrawn, and known to have been there: by the archive, or as it is revoked."""
        revoked = any(one.verdict is Verdict.REVOKED for one in self.judged)
        return self.withdrawn and (revoked or bool(self.seen.retired))

    def suffices(self, judged: Judgement) -> bool:
        """Return whether a server serves the record as it is to be."""
        enough = {Verdict.ABSENT} if self.facts.policy.by == REMOVE else {Verdict.REVOKED, Verdict.ABSENT}
        return judged.verdict in enough

    @property
    def erasing(self) -> tuple[ObjectVersion, ...]:
        """Return the versions of the key object that are to go: those that hold this key, or the newest of them."""
        own = [one for one in self.facts.versions if one.sha256 and one.sha256 == self.sha256]
        if self.facts.policy.key == EXPIRE:
            own = [one for one in own if one.latest]
        return tuple(own) if self.facts.policy.key != KEEP else ()

    @property
    def erased(self) -> bool:
        """Return whether nothing is left of the private key that is to go."""
        return not self.facts.versions_unread and not self.erasing

    @property
    def done(self) -> bool:
        """Return whether an earlier run retired it, and nothing of it is left to withdraw or to erase."""
        return bool(self.seen.retired) and self.withdrawn and self.erased

    @property
    def ttl(self) -> int:
        """Return the longest TTL with which the key record is served, in seconds; 0 where it is not served."""
        return max((one.ttl for one in self.seen.records if one.ttl is not None and one.records), default=0)

    @property
    def cached_s(self) -> int:
        """Return how long a cache may hold the key record, in seconds: its TTL, which resolvers cap."""
        return min(self.ttl, LONGEST_CACHED_S)

    @property
    def safe_at(self) -> datetime:
        """Return when no mail needs the key record any more: overlap, longest TTL and a margin after the switch."""
        since = datetime.fromisoformat(self.facts.left.verified_at or self.seen.at)
        return overlap_ends(since, self.facts.policy.overlap_days, self.ttl)

    @property
    def fresh_from(self) -> datetime:
        """Return when a signature can no longer be of mail in transit: from then on somebody still signs with it."""
        overlap = timedelta(days=self.facts.policy.overlap_days)
        return datetime.fromisoformat(self.facts.left.verified_at or self.seen.at) + min(IN_TRANSIT, overlap)

    @property
    def fresh(self) -> tuple[Counted, ...]:
        """Return the signatures that were seen from then on."""
        return tuple(one for one in self.facts.reports.counted if datetime.fromisoformat(one.day) >= self.fresh_from)


def is_own(found: Judgement) -> bool:
    """Return whether a server has the very key, its revocation or nothing, now or in an older copy of the zone."""
    older = found.verdict is Verdict.STALE and found.detail.startswith((Verdict.ABSENT, Verdict.REVOKED))
    return older or found.verdict in (Verdict.THE_KEY, Verdict.REVOKED, Verdict.ABSENT)


class Advice(StrEnum):
    """Hold what is to become of the selector, in a word."""

    NOW = "now"
    LATER = "later"
    KEEP = "keep"


def advice(findings: Sequence[Finding]) -> tuple[Advice, str]:
    """Return whether it may be retired now, and the check that speaks against it ("": none).

    ``LATER`` where time alone does: all else that blocks has passed.
    """
    against = sorted((one for one in findings if one.stops), key=lambda one: one.verdict is not Made.FAIL)
    if not against:
        return Advice.NOW, ""
    if [one.id for one in against] == ["TIME-OVERLAP"]:
        return Advice.LATER, "TIME-OVERLAP"
    return Advice.KEEP, against[0].id


class Operation(StrEnum):
    """Hold what is written: at the key record's name, or of the key object."""

    REVOKE = "revoke"
    REMOVE = "remove"
    DELETE = "DeleteObject versionId"
    EXPIRE = "DeleteObject"


def plan(found: Retirement, findings: Sequence[Finding], name: str, zone: str, digest: Digest) -> Plan:
    """Return the plan by what was seen. It has no writes where other people are to write the zone first.

    Args:
        found: what was seen.
        findings: the checks.
        name: of the key record.
        zone: digest of the change at that name; "" where there is none to make.
        digest: of canonical JSON.
    """
    policy = found.facts.policy
    requested = policy.by if zone and policy.asks else ""
    writes = [] if requested else [*_withdrawing(found, name if zone else ""), *_erasing(found)]
    return Plan.of(writes, _relies_on(found, zone) | {"asked": requested} | objections(findings), digest)


def _withdrawing(found: Retirement, name: str) -> list[Write]:
    return [Write(Operation(found.facts.policy.by).value, name)] if name else []


def _erasing(found: Retirement) -> list[Write]:
    facts = found.facts
    expires = facts.policy.key == EXPIRE
    operation = Operation.EXPIRE if expires else Operation.DELETE
    versions = ["" if expires else one.version_id for one in found.erasing]
    return [Write(operation.value, f"s3://{facts.bucket}/{facts.key}", version=version) for version in versions]


def _relies_on(found: Retirement, zone: str) -> dict[str, str]:
    seen, facts, policy = found.seen, found.facts, found.facts.policy
    identity, current = seen.identity, seen.current_key
    relied = place(seen.caller) | {
        "identity.selectors": " ".join(identity.selectors) if identity else "",
        "identity.status": identity.status if identity else "",
        "current.sha256": current.key.sha256 if current and current.key else "",
        "retired.sha256": found.sha256,
        "zone.change": zone,
        "key.object": f"s3://{facts.bucket}/{facts.key}" if facts.key else "",
        "key.versions": " ".join(one.version_id for one in found.erasing),
        "policy": " ".join((str(policy.overlap_days), policy.by, policy.key, policy.publisher)),
    }
    for one in facts.elsewhere:
        relied[f"identity.selectors {one.region}"] = " ".join(one.identity.selectors) if one.identity else ""
    return relied
