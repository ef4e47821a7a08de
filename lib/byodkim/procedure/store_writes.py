"""The writes to the key store: of a private key and of the secret's versions, each with how it is read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from byodkim.messages import say
from byodkim.plain import plain
from byodkim.procedure.run import Run, RunFailed
from byodkim.procedure.write_ahead import ERASE, STORE, Failure, Landed, Write
from byodkim.rotation import plan as plans
from byodkim.rotation import preparation, retirement
from byodkim.rotation.preparation import Preparation
from byodkim.rotation.retirement import Retirement
from byodkim.rotation.secret_entry import CURRENT, PENDING, PREVIOUS

ReadBack = Callable[[], Landed]
Made = tuple[str, Mapping[str, Any], ReadBack]  # the custodian's operation, its arguments, and how it is read back
Stage = Mapping[str, Any]


@dataclass(frozen=True)
class Pair:
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
    version = prepared.version(pair.sha256, base)
    made: Made
    if operation is operation.STORE:
        version, place = "", {"bucket": pair.bucket, "key": pair.key, "kms_key": store.kms_key}
        made = ("store", {"selector": run.intent.selector, "sha256": pair.sha256, **place}, _stored(run, pair))
    elif operation is operation.ENTER:
        place = {"domain": run.intent.domain, "bucket": pair.bucket, "path": pair.path}
        fields = {"selector": run.intent.selector, "value": pair.value, "base": base, **place}
        made = ("enter", {**_secret(store.secret_id, version), **fields}, _entered(run, store.secret_id, version, pair))
    elif operation is operation.PROMOTE:
        made = _promote(run, store.secret_id, base, version)
    else:
        made = _release(run, store.secret_id, version)

    def failed(failure: Failure) -> RunFailed:
        taken = operation is operation.STORE and failure.landed.applied is False and failure.landed.found
        key = "taken" if taken else "not-known" if failure.landed.applied is None else "not-applied"
        means = say("prepare", f"means.{operation.name}", run.intent.language, selector=write.next_selector)
        return _failed(run, "prepare", write, failure, key, means)

    intent = {"write": plain(write), "sha256": pair.sha256, "version": version}
    duty, arguments, read_back = made
    return Write(STORE, intent, duty, arguments, read_back, failed, proved=True)


def erasing(run: Run, found: Retirement, write: plans.Write) -> Write:
    """Return a write of retire: a version of the key object, the secret's new version, or a label."""
    operation, facts = retirement.Operation(write.operation), found.facts
    entry = {"selector": run.intent.selector, "domain": run.intent.domain}
    base = facts.secret.at(CURRENT).version_id
    made: Made
    if operation in (operation.DELETE, operation.EXPIRE):
        place = {"bucket": facts.bucket, "key": facts.key}
        made = ("erase", {**place, "version": write.version, "sha256": found.sha256}, _erased(run, place, write))
    elif operation is operation.CLEAR:
        fields = {**_secret(write.target, write.version), **entry, "base": base}
        made = ("clear", fields, _cleared(run, write.target, write.version))
    elif operation is operation.PROMOTE:
        made = _promote(run, write.target, base, write.version)
    elif operation is operation.RELEASE:
        made = _release(run, write.target, write.version)
    else:
        fields = {**_secret(write.target, write.version), **entry}
        made = ("unlabel", fields, _left(run, write.target, PREVIOUS, write.version))

    def failed(failure: Failure) -> RunFailed:
        key = "not-known" if failure.landed.applied is None else "not-applied"
        means = say("retire", "write.means", run.intent.language, selector=run.intent.selector)
        return _failed(run, "retire", write, failure, key, means)

    intent = {"write": plain(write), "sha256": found.sha256}
    duty, arguments, read_back = made
    return Write(ERASE, intent, duty, arguments, read_back, failed, proved=True)


def _promote(run: Run, secret_id: str, base: str, version: str) -> Made:
    def read_back() -> Landed:
        found = _stage(run, secret_id, CURRENT)
        return Landed(found.get("version_id") == version, _version_text(CURRENT, found))

    return "promote", {**_secret(secret_id, version), "base": base}, read_back


def _release(run: Run, secret_id: str, version: str) -> Made:
    return "release", _secret(secret_id, version), _left(run, secret_id, PENDING, version)


def _secret(secret_id: str, version: str) -> dict[str, str]:
    return {"secret_id": secret_id, "version": version}


def _stored(run: Run, pair: Pair) -> ReadBack:
    def read_back() -> Landed:
        fields = {"selector": run.intent.selector, "path": f"s3://{pair.bucket}/{pair.key}", "bucket": pair.bucket}
        found = run.custodian.ask("key", **fields, domain=run.intent.domain).result()
        what = "" if found["defect"] == "absent" else str(found["sha256"] or found["defect"])
        return Landed(found["sha256"] == pair.sha256, what)

    return read_back


def _erased(run: Run, place: Mapping[str, str], write: plans.Write) -> ReadBack:
    def read_back() -> Landed:
        versions = run.custodian.ask("versions", **place).result()
        kept = [one for one in versions if (one["version_id"] == write.version if write.version else one["latest"])]
        return Landed(not kept, " ".join(one["version_id"] for one in kept))

    return read_back


def _entered(run: Run, secret_id: str, version: str, pair: Pair) -> ReadBack:
    def read_back() -> Landed:
        pending = _stage(run, secret_id, PENDING)
        own = [one for one in pending.get("entries", ()) if one["selector"] == run.intent.selector]
        stands = (pending.get("version_id"), [one["dns_value"] for one in own]) == (version, [pair.value])
        return Landed(stands, _version_text(PENDING, pending))

    return read_back


def _cleared(run: Run, secret_id: str, version: str) -> ReadBack:
    """Return a read that sees whether the new version is pending and says the same of all other selectors."""

    def read_back() -> Landed:
        stages = _stages(run, secret_id)
        pending, current = stages.get(PENDING, {}), stages.get(CURRENT, {})
        others = [one for one in current.get("entries", ()) if one["selector"] != run.intent.selector]
        others += current.get("others", ())
        kept = sorted(map(repr, (*pending.get("entries", ()), *pending.get("others", ())))) == sorted(map(repr, others))
        return Landed(kept and pending.get("version_id") == version, _version_text(PENDING, pending))

    return read_back


def _left(run: Run, secret_id: str, stage: str, version: str) -> ReadBack:
    """Return a read that sees whether the version no longer has the label."""

    def read_back() -> Landed:
        found = _stage(run, secret_id, stage)
        return Landed(found.get("version_id") != version, _version_text(stage, found))

    return read_back


def _stages(run: Run, secret_id: str) -> dict[str, Stage]:
    found = run.custodian.ask("secret", secret_id=secret_id, domain=run.intent.domain).result()
    return {str(version["stage"]): version for version in found}


def _stage(run: Run, secret_id: str, stage: str) -> Stage:
    return _stages(run, secret_id).get(stage, {})


def _version_text(stage: str, version: Stage) -> str:
    return f"{stage} {version.get('version_id', '-')}"


def _failed(run: Run, catalogue: Any, write: plans.Write, failure: Failure, key: str, means: str) -> RunFailed:
    language = run.intent.language
    values = {"operation": write.operation, "target": write.target, "code": failure.code}
    what = say(catalogue, f"write.{key}", language, **values, found=failure.landed.found or "-")
    return RunFailed(what, means, say("steps", "again", language))
