"""Preparing a key pair: what was seen of the key store, and what would be written to it. Pure, with a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from byodkim.rotation.findings import Finding
from byodkim.rotation.naming import Named
from byodkim.rotation.observation import Observation

SELECTOR_ABSENT = "selector-absent"


@dataclass(frozen=True)
class Staged:
    """The versions of the secret by their stages: ids, "" where there is none.

    ``pending_value`` and ``pending_path`` are what AWSPENDING says of the selector, "" where it does not name it.
    """

    current: str = ""
    previous: str = ""
    pending: str = ""
    pending_value: str = ""
    pending_path: str = ""


@dataclass(frozen=True)
class Store:
    """The key store beside what an ``Observation`` holds of it.

    Attributes:
        named: the selector, and how it was found.
        bucket, key: where its private key belongs; where one stands already, that is where it stands.
        kms_key: the key in KMS by which it is encrypted, "" for the bucket's own setting.
        secret_id: the secret.
        staged: its versions.
        unfit: why no entry can be added to the version in force: a code, and the fields' names; "" where one can.
    """

    named: Named
    bucket: str
    key: str
    kms_key: str
    secret_id: str
    staged: Staged
    unfit: str = ""

    @property
    def place(self) -> str:
        """The key object's address."""
        return f"s3://{self.bucket}/{self.key}"

    def plain(self) -> dict[str, Any]:
        """The same as JSON-able values."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Store:
        """The store that ``plain`` gave."""
        named = {**plain["named"], "known": tuple(plain["named"]["known"])}
        return cls(**{**plain, "named": Named(**named), "staged": Staged(**plain["staged"])})


@dataclass(frozen=True)
class Preparation:
    """What a run of prepare saw."""

    seen: Observation
    store: Store

    @property
    def sha256(self) -> str:
        """SHA-256 of the public key that stands already, "" where none does."""
        key = self.seen.next_key.key
        return key.sha256 if key else ""

    @property
    def entered(self) -> bool:
        """Return whether the secret names the selector, in the version in force or in the one before it."""
        secret = self.seen.next_key.secret
        return secret is not None and not secret.defect

    @property
    def pending_is_ours(self) -> bool:
        """Whether AWSPENDING is what a run of prepare put there for this very key, on the version now in force."""
        staged = self.store.staged
        return bool(self.sha256) and staged.pending == self.version(self.sha256, staged.current)

    @property
    def left_behind(self) -> bool:
        """Whether AWSPENDING still stands beside AWSCURRENT on the version that a run of prepare put in force."""
        staged = self.store.staged
        made = self.version(self.sha256, staged.previous) if self.sha256 else ""
        return staged.pending == staged.current == made != ""

    def version(self, sha256: str, base: str) -> str:
        """The id of the secret's version that adds a key to the version ``base``: the same for every attempt."""
        parts = ("byodkim prepare", self.store.secret_id, base, self.store.named.selector, sha256)
        made = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return "-".join((made[:8], made[8:12], made[12:16], made[16:20], made[20:32]))


class Operation(StrEnum):
    """What is written, as AWS spells it; ``PROMOTE`` and ``RELEASE`` are the two uses of one operation."""

    STORE = "PutObject"
    ENTER = "PutSecretValue"
    PROMOTE = "UpdateSecretVersionStage AWSCURRENT"
    RELEASE = "UpdateSecretVersionStage AWSPENDING"


@dataclass(frozen=True)
class Write:
    """One write to the key store: an object, or the secret. It never replaces what stands there."""

    operation: str
    target: str
    selector: str


@dataclass(frozen=True)
class StorePlan:
    """Writes in the order of their execution (none: all stands), and what they rely on.

    ``digest``: SHA-256 in hex over the canonical JSON of both. The same world gives the same digest.
    """

    writes: tuple[Write, ...]
    relies_on: Mapping[str, str]
    digest: str

    def plain(self) -> dict[str, Any]:
        """The same as JSON-able values."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> StorePlan:
        """The plan that ``plain`` gave."""
        return cls(tuple(Write(**write) for write in plain["writes"]), dict(plain["relies_on"]), str(plain["digest"]))


def make(prepared: Preparation, findings: Sequence[Finding], digest: Callable[[Mapping[str, Any]], str]) -> StorePlan:
    """The plan that follows from what was seen. It is made whether or not the checks allow it to be carried out."""
    relies_on, writes = _relies_on(prepared, findings), _writes(prepared)
    plain = {"writes": [asdict(write) for write in writes], "relies_on": relies_on}
    return StorePlan(writes, relies_on, digest(plain))


def _writes(prepared: Preparation) -> tuple[Write, ...]:
    store = prepared.store
    wanted: list[tuple[Operation, str]] = []
    if not prepared.sha256:
        wanted.append((Operation.STORE, store.place))
    if not prepared.entered:
        staged = () if prepared.pending_is_ours else (Operation.ENTER,)
        wanted += [(one, store.secret_id) for one in (*staged, Operation.PROMOTE, Operation.RELEASE)]
    elif prepared.left_behind:
        wanted.append((Operation.RELEASE, store.secret_id))
    return tuple(Write(operation.value, target, store.named.selector) for operation, target in wanted)


def _relies_on(prepared: Preparation, findings: Sequence[Finding]) -> dict[str, str]:
    seen, store, staged = prepared.seen, prepared.store, prepared.store.staged
    caller, identity, key = seen.caller, seen.identity, seen.next_key.key
    facts = {
        "account": caller.account if caller else "",
        "region": caller.region if caller else "",
        "identity.selectors": " ".join(identity.selectors) if identity else "",
        "identity.signing_origin": identity.signing_origin if identity else "",
        "secret.version": staged.current,
        "secret.pending": staged.pending,
        "key.object": store.place,
        "key.kms": store.kms_key,
        "key.version": key.version_id if key else "",
        "key.sha256": prepared.sha256,
    }
    for finding in findings:
        if finding.objects:
            facts[f"check.{finding.id}"] = finding.verdict.value
    return dict(sorted(facts.items()))


def drift(shown: StorePlan, present: StorePlan) -> tuple[tuple[str, str, str], ...]:
    """Return what differs between two plans: (fact, then, now), sorted by fact. Empty where the digests agree."""
    names = sorted({*shown.relies_on, *present.relies_on})
    facts = [(name, shown.relies_on.get(name, ""), present.relies_on.get(name, "")) for name in names]
    return tuple(fact for fact in facts if fact[1] != fact[2])
