"""Retiring a selector that was left: what was seen, since when it is out of use, and what would be written. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from byodkim.dkim.key_record import KeyRecordInvalid, parse
from byodkim.dkim.published import Judgement, Verdict
from byodkim.rotation.checks.published import judged_in
from byodkim.rotation.findings import Finding
from byodkim.rotation.findings import Verdict as Made
from byodkim.rotation.observation import Identity, Observation, identity_from_plain
from byodkim.rotation.timing import CACHE_MARGIN

# Mail in transit is retried for 4 to 5 days (RFC 5321 section 4.5.4.1): a signature that is seen later is a new one.
IN_TRANSIT: Final = timedelta(days=5)
REVOKE, REMOVE = "revoke", "remove"
KEEP, DELETE, EXPIRE = "keep", "delete", "expire"


@dataclass(frozen=True)
class Policy:
    """What the profile says: see ``byodkim.intent.intent.Retiring``. ``publisher``: who writes the zone."""

    overlap_days: int = 7
    by: str = REVOKE
    key: str = KEEP
    publisher: str = "request"

    @property
    def asks(self) -> bool:
        """Whether other people write the zone."""
        return self.publisher in ("request", "octodns")


@dataclass(frozen=True)
class Elsewhere:
    """The identity in another Region: ``None`` where SES knows none there; ``unread``: why it could not be read."""

    region: str
    identity: Identity | None = None
    unread: str = ""


@dataclass(frozen=True)
class Left:
    """Since when the selector is out of use, as far as anything tells. Times in ISO 8601, "" where nothing does.

    Attributes:
        last_active: when SES was last seen to sign with it.
        verified_at: when SES was first seen, after that, to sign with another one that it had verified.
        run: that saw it; "" where it is the present one.
        source: ``archive``, ``sandbox`` (its scenario says so) or ``now`` (this run is the first to look).
    """

    last_active: str = ""
    verified_at: str = ""
    run: str = ""
    source: str = "now"


@dataclass(frozen=True)
class ObjectVersion:
    """One version of the key object. ``sha256``: of the public key inside, "" where it holds no usable key."""

    version_id: str
    modified: str
    latest: bool
    sha256: str
    defect: str = ""


@dataclass(frozen=True)
class Counted:
    """Messages that bore a signature by the selector: ``day`` is the last one of the report's time, ISO 8601."""

    day: str
    messages: int
    reporter: str


@dataclass(frozen=True)
class Reports:
    """What DMARC aggregate reports tell. ``folder`` is "" where none are read.

    Attributes:
        folder: as the profile names it.
        read: how many reports were read; ``unread``: the names of files that were not.
        counted: by day and reporter, oldest first.
        failure: why the folder could not be read.
    """

    folder: str = ""
    read: int = 0
    unread: tuple[str, ...] = ()
    counted: tuple[Counted, ...] = ()
    failure: str = ""

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Reports:
        """The reports that ``asdict`` gave."""
        counted = tuple(Counted(**one) for one in plain["counted"])
        return cls(**{**plain, "unread": tuple(plain["unread"]), "counted": counted})


@dataclass(frozen=True)
class Facts:
    """What was seen besides an ``Observation``.

    Attributes:
        policy: the profile's.
        elsewhere: the identity in the profile's other Regions.
        left: since when the selector is out of use.
        bucket, key: where its private key is, or would be; "" where that is not known.
        named_by: other selectors that the secret names with that very place.
        versions: of the key object; ``versions_unread``: why they could not be looked at.
        reports: what DMARC aggregate reports tell.
    """

    policy: Policy = Policy()
    elsewhere: tuple[Elsewhere, ...] = ()
    left: Left = Left()
    bucket: str = ""
    key: str = ""
    named_by: tuple[str, ...] = ()
    versions: tuple[ObjectVersion, ...] = ()
    versions_unread: str = ""
    reports: Reports = field(default_factory=Reports)

    def plain(self) -> dict[str, Any]:
        """The same as JSON-able values."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Facts:
        """The facts that ``plain`` gave."""
        elsewhere = tuple(
            Elsewhere(one["region"], identity_from_plain(one["identity"]) if one["identity"] else None, one["unread"])
            for one in plain["elsewhere"]
        )
        return cls(
            policy=Policy(**plain["policy"]), elsewhere=elsewhere, left=Left(**plain["left"]),
            bucket=plain["bucket"], key=plain["key"], named_by=tuple(plain["named_by"]),
            versions=tuple(ObjectVersion(**one) for one in plain["versions"]),
            versions_unread=plain["versions_unread"], reports=Reports.from_plain(plain["reports"]),
        )  # fmt: skip


@dataclass(frozen=True)
class Retirement:
    """What a run of retire saw."""

    seen: Observation
    facts: Facts

    @property
    def known(self) -> tuple[str, ...]:
        """SHA-256 of every key that the selector is known by: the key object's, the secret's, and the archive's."""
        stored = self.seen.next_key
        found = {used.sha256 for used in self.seen.used if used.selector == self.seen.selector}
        if stored.key is not None and stored.key.sha256:
            found.add(stored.key.sha256)
        if stored.secret is not None and stored.secret.dns_value:
            with suppress(KeyRecordInvalid, UnicodeEncodeError):
                found.add(parse((stored.secret.dns_value.encode(),)).public_key.sha256)
        return tuple(sorted(found))

    @property
    def sha256(self) -> str:
        """SHA-256 of the one key that it is known by, "" where there is not exactly one."""
        return self.known[0] if len(self.known) == 1 else ""

    @property
    def judged(self) -> tuple[Judgement, ...]:
        """What each authoritative server says of its key record."""
        return tuple(one for _, one in judged_in(self.seen, self.seen.records, self.sha256 or "-"))

    @property
    def withdrawn(self) -> bool:
        """Whether every authoritative server was seen to serve the record as it is to be: revoked, or none."""
        enough = {Verdict.ABSENT} if self.facts.policy.by == REMOVE else {Verdict.REVOKED, Verdict.ABSENT}
        return bool(self.judged) and all(one.verdict in enough for one in self.judged)

    @property
    def erasing(self) -> tuple[ObjectVersion, ...]:
        """The versions of the key object that are to go: those that hold this key, or the newest of them."""
        own = [one for one in self.facts.versions if one.sha256 and one.sha256 == self.sha256]
        if self.facts.policy.key == EXPIRE:
            own = [one for one in own if one.latest]
        return tuple(own) if self.facts.policy.key != KEEP else ()

    @property
    def erased(self) -> bool:
        """Whether nothing is left of the private key that is to go."""
        return not self.facts.versions_unread and not self.erasing

    @property
    def ttl(self) -> int:
        """The longest TTL with which the key record is served, in seconds; 0 where it is not served."""
        return max((one.ttl for one in self.seen.records if one.ttl is not None and one.records), default=0)

    @property
    def safe_at(self) -> datetime:
        """From when on no mail needs the key record: overlap, the longest TTL and a margin after the switch away."""
        since = datetime.fromisoformat(self.facts.left.verified_at or self.seen.at)
        return since + timedelta(days=self.facts.policy.overlap_days, seconds=self.ttl) + CACHE_MARGIN

    @property
    def fresh_from(self) -> datetime:
        """From when on a signature with it can be none of mail in transit: somebody still signs with it."""
        overlap = timedelta(days=self.facts.policy.overlap_days)
        return datetime.fromisoformat(self.facts.left.verified_at or self.seen.at) + min(IN_TRANSIT, overlap)

    @property
    def fresh(self) -> tuple[Counted, ...]:
        """Signatures that were seen from then on."""
        return tuple(one for one in self.facts.reports.counted if datetime.fromisoformat(one.day) >= self.fresh_from)


class Advice(StrEnum):
    """What is to become of the selector, in a word."""

    NOW = "now"
    LATER = "later"
    KEEP = "keep"


def advice(findings: Sequence[Finding]) -> tuple[Advice, str]:
    """Whether it may be retired now, and the check that speaks against it ("": none).

    ``LATER`` where time alone does: all else that blocks has passed.
    """
    against = sorted((one for one in findings if one.stops), key=lambda one: one.verdict is not Made.FAIL)
    if not against:
        return Advice.NOW, ""
    if [one.id for one in against] == ["TIME-OVERLAP"]:
        return Advice.LATER, "TIME-OVERLAP"
    return Advice.KEEP, next((one.id for one in against if one.id != "TIME-OVERLAP"), "")


class Operation(StrEnum):
    """What is written: at the key record's name, or of the key object."""

    REVOKE = "revoke"
    REMOVE = "remove"
    DELETE = "DeleteObject versionId"
    EXPIRE = "DeleteObject"


@dataclass(frozen=True)
class Write:
    """One write. ``version``: of the key object; "" for a delete marker, and for a record."""

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
    for one in facts.elsewhere:
        selectors = " ".join(one.identity.selectors) if one.identity else ""
        told[f"identity.selectors {one.region}"] = selectors
    for finding in findings:
        if finding.verdict is not Made.PASS:
            told[f"check.{finding.id}"] = finding.verdict.value
    return dict(sorted(told.items()))


def drift(shown: RetirePlan, present: RetirePlan) -> tuple[tuple[str, str, str], ...]:
    """What differs between two plans: (fact, then, now), sorted by fact. Empty where the digests agree."""
    names = sorted({*shown.relies_on, *present.relies_on})
    facts = [(name, shown.relies_on.get(name, ""), present.relies_on.get(name, "")) for name in names]
    return tuple(fact for fact in facts if fact[1] != fact[2])
