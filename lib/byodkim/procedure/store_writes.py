"""The writes to the key store: of a private key and of the secret's versions, each with how it is read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from byodkim.procedure.run import Run, RunFailed
from byodkim.procedure.write_ahead import ERASE, STORE, Failure, Landed, Write
from byodkim.rotation import plan as plans
from byodkim.rotation import preparation, retirement
from byodkim.rotation.preparation import Preparation
from byodkim.rotation.retirement import Retirement
from byodkim.rotation.secret_entry import CURRENT, PENDING, PREVIOUS

# The custodian's operation, its arguments, and how it is read back.
Made = tuple[str, Mapping[str, Any], Callable[[], Landed]]
Stage = Mapping[str, Any]


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
            made = "release", secret, partial(_unlabelled, run, PENDING, **secret)

    def failed(failure: Failure) -> RunFailed:
        taken = operation is operation.STORE and failure.landed.applied is False and failure.landed.found
        return _failed(run, write, failure, f"means.{operation.name}", taken=bool(taken))

    intent = {"write": write, "sha256": pair.sha256, "version": version}
    duty, arguments, read_back = made
    return Write(STORE, intent, duty, arguments, read_back, failed, proved=True)


def erasing(run: Run, found: Retirement, write: plans.Write) -> Write:
    """Return a write of retire: a version of the key object, the secret's new version, or a label."""
    operation, facts = retirement.Operation(write.operation), found.facts
    own = {"selector": run.intent.selector, "domain": run.intent.domain}
    secret, base = {"secret_id": write.target, "version": write.version}, facts.secret.at(CURRENT).version_id
    made: Made
    match operation:
        case operation.DELETE | operation.EXPIRE:
            place = {"bucket": facts.bucket, "key": facts.key, "version": write.version}
            made = "erase", {**place, "sha256": found.sha256}, partial(_erased, run, **place)
        case operation.CLEAR:
            made = "clear", {**secret, **own, "base": base}, partial(_cleared, run, **secret)
        case operation.PROMOTE:
            made = "promote", {**secret, "base": base}, partial(_promoted, run, **secret)
        case operation.RELEASE:
            made = "release", secret, partial(_unlabelled, run, PENDING, **secret)
        case _:
            made = "unlabel", {**secret, **own}, partial(_unlabelled, run, PREVIOUS, **secret)
    intent = {"write": write, "sha256": found.sha256}
    duty, arguments, read_back = made
    failed = partial(_failed, run, write, means="write.means")
    return Write(ERASE, intent, duty, arguments, read_back, failed, proved=True)


def _stored(run: Run, pair: Pair) -> Landed:
    fields = {"selector": run.intent.selector, "path": f"s3://{pair.bucket}/{pair.key}", "bucket": pair.bucket}
    found = run.custodian.ask("key", **fields, domain=run.intent.domain).result()
    what = "" if found["defect"] == "absent" else str(found["sha256"] or found["defect"])
    return Landed(found["sha256"] == pair.sha256, what)


def _erased(run: Run, bucket: str, key: str, version: str) -> Landed:
    versions = run.custodian.ask("versions", bucket=bucket, key=key).result()
    kept = [one for one in versions if (one["version_id"] == version if version else one["latest"])]
    return Landed(not kept, " ".join(one["version_id"] for one in kept))


def _entered(run: Run, secret_id: str, version: str, value: str) -> Landed:
    pending = _stages(run, secret_id).get(PENDING, {})
    own = [one["dns_value"] for one in pending.get("entries", ()) if one["selector"] == run.intent.selector]
    return _version(PENDING, pending, (pending.get("version_id"), own) == (version, [value]))


def _promoted(run: Run, secret_id: str, version: str) -> Landed:
    found = _stages(run, secret_id).get(CURRENT, {})
    return _version(CURRENT, found, found.get("version_id") == version)


def _cleared(run: Run, secret_id: str, version: str) -> Landed:
    """See whether the new version is pending and says the same of all other selectors."""
    stages = _stages(run, secret_id)
    pending, current = stages.get(PENDING, {}), stages.get(CURRENT, {})
    others = [one for one in current.get("entries", ()) if one["selector"] != run.intent.selector]
    others += current.get("others", ())
    kept = sorted(map(repr, (*pending.get("entries", ()), *pending.get("others", ())))) == sorted(map(repr, others))
    return _version(PENDING, pending, kept and pending.get("version_id") == version)


def _unlabelled(run: Run, stage: str, secret_id: str, version: str) -> Landed:
    found = _stages(run, secret_id).get(stage, {})
    return _version(stage, found, found.get("version_id") != version)


def _stages(run: Run, secret_id: str) -> dict[str, Stage]:
    found = run.custodian.ask("secret", secret_id=secret_id, domain=run.intent.domain).result()
    return {str(version["stage"]): version for version in found}


def _version(stage: str, version: Stage, applied: bool) -> Landed:
    return Landed(applied, f"{stage} {version.get('version_id', '-')}")


def _failed(run: Run, write: plans.Write, failure: Failure, means: str, *, taken: bool = False) -> RunFailed:
    landed = failure.landed
    key = "taken" if taken else "not-known" if landed.applied is None else "not-applied"
    values = {"operation": write.operation, "target": write.target, "code": failure.code, "found": landed.found or "-"}
    values["selector"] = run.intent.selector
    return run.error(RunFailed, run.procedure.name, f"write.{key}", means, "steps/again", **values)
