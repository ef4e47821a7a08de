"""Preparing a key pair: what was seen of the key store, and what would be written to it. Pure, with a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from second_edition.rotation.facts import Store
from second_edition.rotation.findings import Finding
from second_edition.rotation.observation import Observation
from second_edition.rotation.plan import Digest, Plan, Write, objections, place

SELECTOR_ABSENT = "selector-absent"


class Preparation(Struct, frozen=True):
    """Hold what a run of prepare saw."""

    seen: Observation
    store: Store

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the public key that stands already, "" where none does."""
        key = self.seen.next_key.key
        return key.sha256 if key else ""

    @property
    def entered(self) -> bool:
        """Return whether the secret names the selector, in the version in force or in the one before it."""
        secret = self.seen.next_key.secret
        return secret is not None and not secret.defect

    @property
    def pending_is_ours(self) -> bool:
        """Return whether a run of prepare made AWSPENDING for this very key, from the version now in force."""
        staged = self.store.staged
        return bool(self.sha256) and staged.pending == self.version(self.sha256, staged.current)

    @property
    def left_behind(self) -> bool:
        """Return whether AWSPENDING still stands beside AWSCURRENT on the version that prepare put in force."""
        staged = self.store.staged
        made = self.version(self.sha256, staged.previous) if self.sha256 else ""
        return staged.pending == staged.current == made != ""

    def version(self, sha256: str, base: str) -> str:
        """Return the id of the secret's version that adds a key to the version ``base``: the same for every attempt."""
        parts = ("byodkim prepare", self.store.secret_id, base, self.store.named.selector, sha256)
        made = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return "-".join((made[:8], made[8:12], made[12:16], made[16:20], made[20:32]))


class Operation(StrEnum):
    """Hold what is written, as AWS spells it; ``PROMOTE`` and ``RELEASE`` are the two uses of one operation."""

    STORE = "PutObject"
    ENTER = "PutSecretValue"
    PROMOTE = "UpdateSecretVersionStage AWSCURRENT"
    RELEASE = "UpdateSecretVersionStage AWSPENDING"


def make(prepared: Preparation, findings: Sequence[Finding], digest: Digest) -> Plan:
    """Return the plan by what was seen. It is made whether or not the checks allow it to be carried out."""
    return Plan.of(_writes(prepared), _relies_on(prepared, findings), digest)


def _writes(prepared: Preparation) -> list[Write]:
    store = prepared.store
    wanted: list[tuple[Operation, str]] = []
    if not prepared.sha256:
        wanted.append((Operation.STORE, store.place))
    if not prepared.entered:
        staged = () if prepared.pending_is_ours else (Operation.ENTER,)
        wanted += [(one, store.secret_id) for one in (*staged, Operation.PROMOTE, Operation.RELEASE)]
    elif prepared.left_behind:
        wanted.append((Operation.RELEASE, store.secret_id))
    return [Write(operation.value, target, next_selector=store.named.selector) for operation, target in wanted]


def _relies_on(prepared: Preparation, findings: Sequence[Finding]) -> dict[str, str]:
    seen, store = prepared.seen, prepared.store
    identity, key = seen.identity, seen.next_key.key
    facts = {
        "identity.selectors": " ".join(identity.selectors) if identity else "",
        "identity.signing_origin": identity.signing_origin if identity else "",
        "secret.version": store.staged.current,
        "secret.pending": store.staged.pending,
        "key.object": store.place,
        "key.kms": store.kms_key,
        "key.version": key.version_id if key else "",
        "key.sha256": prepared.sha256,
    }
    return place(seen.caller) | facts | objections(findings)
