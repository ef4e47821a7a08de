"""Define what writes to the key store share: how a version of the secret is read back, and what a failure says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from byodkim.engine.run import Run, RunFailed
from byodkim.engine.write_ahead import Failure, Landed
from byodkim.rotation import plan as plans
from byodkim.rotation.secret_entry import CURRENT

# The custodian's operation, its arguments, and how it is read back.
Made = tuple[str, Mapping[str, Any], Callable[[], Landed]]
Stage = Mapping[str, Any]


def promoted(run: Run, secret_id: str, version: str) -> Landed:
    """Return whether the secret's version is the current one."""
    found = stages(run, secret_id).get(CURRENT, {})
    return version_read(CURRENT, found, found.get("version_id") == version)


def unlabelled(run: Run, stage: str, secret_id: str, version: str) -> Landed:
    """Return whether the secret's version no longer has a label."""
    found = stages(run, secret_id).get(stage, {})
    return version_read(stage, found, found.get("version_id") != version)


def stages(run: Run, secret_id: str) -> dict[str, Stage]:
    """Return the secret's versions by their labels."""
    found = run.custodian.ask("secret", secret_id=secret_id, domain=run.intent.domain).result()
    return {str(version["stage"]): version for version in found}


def version_read(stage: str, version: Stage, applied: bool) -> Landed:
    """Return whether a write was applied, with the version that was found under a label."""
    return Landed(applied, f"{stage} {version.get('version_id', '-')}")


def explain(run: Run, write: plans.Write, failure: Failure, means: str, *, taken: bool = False) -> RunFailed:
    """Return the error of a write that was not applied, or may not be. ``means``: key of what it means for mail."""
    landed = failure.landed
    key = "taken" if taken else "not-known" if landed.applied is None else "not-applied"
    values = {"operation": write.operation, "target": write.target, "code": failure.code, "found": landed.found or "-"}
    values["selector"] = run.intent.selector
    return run.error(RunFailed, run.procedure.name, f"write.{key}", means, "steps/again", **values)
