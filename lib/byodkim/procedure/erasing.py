"""What retire writes when no server serves the key record: the private key, then the secret, each read back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from byodkim.custody.client import Refused
from byodkim.messages import say
from byodkim.plain import plain
from byodkim.procedure import locking, writing
from byodkim.procedure.run import Run, RunFailed
from byodkim.rotation.plan import Write
from byodkim.rotation.retire_plan import Operation
from byodkim.rotation.retirement import Retirement
from byodkim.rotation.secret_entry import CURRENT, PENDING, PREVIOUS

# What still speaks against a write's having been applied; "" for nothing.
Left = Callable[[Run, Retirement, Write], str]


def carry_out(run: Run, found: Retirement, write: Write) -> None:
    """One write, but for the key record: the intent on the disk before it, the answer after it, then what stands.

    Raises:
        RunFailed: it was refused or not applied, or it cannot be told.
    """
    operation = Operation(write.operation)
    if operation not in _LEFT:
        return
    locking.confirm(run)
    duty, arguments = _asked(operation, found, write)
    run.write("erasing", write=plain(write), sha256=found.sha256)
    came = writing.once(run, "erased", duty, **arguments)
    gone, left = None, ""
    for pause in writing.READ_BACK_PAUSES_S:
        time.sleep(pause)
        try:
            left = _LEFT[operation](run, found, write)
        except Refused as refused:
            left = f"{refused.operation} {refused.code}"
            continue
        gone = not left
        if gone:
            break
    run.write("gone", applied=gone is True, found=left)
    if gone:
        return
    language, code = run.intent.language, came.get("error", {}).get("code", "-")
    key = "write.not-known" if gone is None else "write.not-applied"
    values = {"operation": write.operation, "target": write.target, "code": code, "found": left or "-"}
    raise RunFailed(
        say("retire", key, language, **values),
        say("retire", "write.means", language, selector=run.intent.selector),
        say("steps", "again", language),
    )


def _asked(operation: Operation, found: Retirement, write: Write) -> tuple[str, dict[str, Any]]:
    """The custodian's duty for a write, and its arguments."""
    facts, selector = found.facts, found.seen.selector
    if operation in (Operation.DELETE, Operation.EXPIRE):
        place = {"bucket": facts.bucket, "key": facts.key}
        return "erase", {**place, "version": write.version, "sha256": found.sha256}
    secret = {"secret_id": write.target, "version": write.version}
    entry = {"selector": selector, "domain": found.seen.domain}
    base = facts.secret.at(CURRENT).version_id
    if operation is Operation.CLEAR:
        return "clear", {**secret, **entry, "base": base}
    if operation is Operation.PROMOTE:
        return "promote", {**secret, "base": base}
    if operation is Operation.RELEASE:
        return "release", secret
    return "unlabel", {**secret, **entry}


def _versions(run: Run, found: Retirement, write: Write) -> str:
    place = {"bucket": found.facts.bucket, "key": found.facts.key}
    versions = run.custodian.ask("versions", **place).result()
    kept = [one for one in versions if (one["version_id"] == write.version if write.version else one["latest"])]
    return " ".join(one["version_id"] for one in kept)


def _stages(run: Run, write: Write) -> Mapping[str, Mapping[str, Any]]:
    found = run.custodian.ask("secret", secret_id=write.target, domain=run.intent.domain).result()
    return {str(version["stage"]): version for version in found}


def _pending(run: Run, found: Retirement, write: Write) -> str:
    """The new version is pending, and says of others all that the one in force does."""
    stages = _stages(run, write)
    pending, current = stages.get(PENDING, {}), stages.get(CURRENT, {})
    others = [one for one in current.get("entries", ()) if one["selector"] != found.seen.selector]
    others += current.get("others", ())
    kept = sorted(map(repr, (*pending.get("entries", ()), *pending.get("others", ())))) == sorted(map(repr, others))
    return "" if kept and pending.get("version_id") == write.version else _told(PENDING, pending)


def _in_force(run: Run, _: Retirement, write: Write) -> str:
    current = _stages(run, write).get(CURRENT, {})
    return "" if current.get("version_id") == write.version else _told(CURRENT, current)


def _released(run: Run, _: Retirement, write: Write) -> str:
    pending = _stages(run, write).get(PENDING, {})
    return _told(PENDING, pending) if pending.get("version_id") == write.version else ""


def _unlabelled(run: Run, _: Retirement, write: Write) -> str:
    previous = _stages(run, write).get(PREVIOUS, {})
    return _told(PREVIOUS, previous) if previous.get("version_id") == write.version else ""


def _told(stage: str, version: Mapping[str, Any]) -> str:
    return f"{stage} {version.get('version_id', '-')}"


_LEFT: Final[Mapping[Operation, Left]] = {
    Operation.DELETE: _versions,
    Operation.EXPIRE: _versions,
    Operation.CLEAR: _pending,
    Operation.PROMOTE: _in_force,
    Operation.RELEASE: _released,
    Operation.UNLABEL: _unlabelled,
}
