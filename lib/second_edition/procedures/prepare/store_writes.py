"""The writes of prepare to the key store: the private key and the secret's versions, each with how it is read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from msgspec import Struct

from second_edition.engine.run import Run, RunFailed
from second_edition.engine.store_writes import explain
from second_edition.engine.write_ahead import STORE, Failure, Landed, Write
from second_edition.procedures.prepare import preparation
from second_edition.procedures.prepare.preparation import Preparation
from second_edition.rotation import plan as plans

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"

# The custodian's operation, its arguments, and how it is read back.
Made = tuple[str, Mapping[str, Any], Callable[[], Landed]]


class Pair(Struct, frozen=True):
    """The key pair under way: SHA-256 of its public key, the value of its key record, and where the private key is.

    ``path`` is how the secret says that: a key of the usual bucket, or an ``s3://`` address.
    """

    sha256: str
    value: str
    bucket: str
    key: str
    path: str


def storing(run: Run, prepared: Preparation, write: plans.Write, pair: Pair) -> Write:
    """Return a write of prepare: the private key, the secret's new version, or a label of that."""
    operation, store = preparation.Operation(write.operation), prepared.store
    # What is only released was put in force by an earlier run, in the place of what is the previous version now.
    base = store.staged.previous if prepared.entered else store.staged.current
    version = "" if operation is operation.STORE else prepared.version(pair.sha256, base)
    secret, own = {"secret_id": store.secret_id, "version": version}, {"selector": run.intent.selector}
    made: Made
    match operation:
        case operation.STORE:
            place = {"bucket": pair.bucket, "key": pair.key, "kms_key": store.kms_key}
            made = "store", {**own, "sha256": pair.sha256, **place}, partial(_stored, run, pair)
        case operation.ENTER:
            place = {"domain": run.intent.domain, "bucket": pair.bucket, "path": pair.path}
            fields = {**secret, **own, **place, "value": pair.value, "base": base}
            made = "enter", fields, partial(_entered, run, **secret, value=pair.value)
        case operation.PROMOTE:
            made = "promote", {**secret, "base": base}, partial(_promoted, run, **secret)
        case _:
            made = "release", secret, partial(_released, run, **secret)

    def failed(failure: Failure) -> RunFailed:
        taken = operation is operation.STORE and failure.landed.applied is False and failure.landed.found
        return explain(run, write, failure, f"means.{operation.name}", taken=bool(taken))

    intent = {"write": write, "sha256": pair.sha256, "version": version}
    duty, arguments, read_back = made
    return Write(STORE, intent, duty, arguments, read_back, failed, proved=True)


def _stored(run: Run, pair: Pair) -> Landed:
    fields = {"selector": run.intent.selector, "path": f"s3://{pair.bucket}/{pair.key}", "bucket": pair.bucket}
    found = run.custodian.ask("key", **fields, domain=run.intent.domain).result()
    what = "" if found["defect"] == "absent" else str(found["sha256"] or found["defect"])
    return Landed(found["sha256"] == pair.sha256, what)


def _entered(run: Run, secret_id: str, version: str, value: str) -> Landed:
    """Return whether the secret's version is pending and names the selector once, with this value."""
    pending = _version(run, secret_id, PENDING)
    own = [one["dns_value"] for one in pending.get("entries", ()) if one["selector"] == run.intent.selector]
    return _landed(PENDING, pending, (pending.get("version_id"), own) == (version, [value]))


def _promoted(run: Run, secret_id: str, version: str) -> Landed:
    """Return whether the secret's version is the current one."""
    found = _version(run, secret_id, CURRENT)
    return _landed(CURRENT, found, found.get("version_id") == version)


def _released(run: Run, secret_id: str, version: str) -> Landed:
    """Return whether the secret's version is no longer pending."""
    found = _version(run, secret_id, PENDING)
    return _landed(PENDING, found, found.get("version_id") != version)


def _version(run: Run, secret_id: str, stage: str) -> Mapping[str, Any]:
    found = run.custodian.ask("secret", secret_id=secret_id, domain=run.intent.domain).result()
    return next((version for version in found if version["stage"] == stage), {})


def _landed(stage: str, version: Mapping[str, Any], applied: bool) -> Landed:
    return Landed(applied, f"{stage} {version.get('version_id', '-')}")
