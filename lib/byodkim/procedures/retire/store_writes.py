"""The writes of retire to the key store: of the key object and of the secret, each with how it is read back."""

from __future__ import annotations

from functools import partial

from byodkim.engine.run import Run
from byodkim.engine.store_writes import Made, explain, promoted, stages, unlabelled, version_read
from byodkim.engine.write_ahead import ERASE, Landed, Write
from byodkim.procedures.retire import retirement
from byodkim.procedures.retire.retirement import Retirement
from byodkim.rotation import plan as plans
from byodkim.rotation.secret_entry import CURRENT, PENDING, PREVIOUS


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
            made = "promote", {**secret, "base": base}, partial(promoted, run, **secret)
        case operation.RELEASE:
            made = "release", secret, partial(unlabelled, run, PENDING, **secret)
        case _:
            made = "unlabel", {**secret, **own}, partial(unlabelled, run, PREVIOUS, **secret)
    intent = {"write": write, "sha256": found.sha256}
    duty, arguments, read_back = made
    failed = partial(explain, run, write, means="write.means")
    return Write(ERASE, intent, duty, arguments, read_back, failed, proved=True)


def _erased(run: Run, bucket: str, key: str, version: str) -> Landed:
    versions = run.custodian.ask("versions", bucket=bucket, key=key).result()
    kept = [one for one in versions if (one["version_id"] == version if version else one["latest"])]
    return Landed(not kept, " ".join(one["version_id"] for one in kept))


def _cleared(run: Run, secret_id: str, version: str) -> Landed:
    """See whether the new version is pending and says the same of all other selectors."""
    found = stages(run, secret_id)
    pending, current = found.get(PENDING, {}), found.get(CURRENT, {})
    others = [one for one in current.get("entries", ()) if one["selector"] != run.intent.selector]
    others += current.get("others", ())
    kept = sorted(map(repr, (*pending.get("entries", ()), *pending.get("others", ())))) == sorted(map(repr, others))
    return version_read(PENDING, pending, kept and pending.get("version_id") == version)
