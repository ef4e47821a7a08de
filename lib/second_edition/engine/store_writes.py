"""Define what writes to the key store share: what a failure says."""

from __future__ import annotations

from second_edition.engine.run import Run, RunFailed
from second_edition.engine.write_ahead import Failure
from second_edition.rotation import plan as plans


def explain(run: Run, write: plans.Write, failure: Failure, means: str, *, taken: bool = False) -> RunFailed:
    """Return the error of a write that was not applied, or may not be. ``means``: key of what it means for mail."""
    landed = failure.landed
    key = "taken" if taken else "not-known" if landed.applied is None else "not-applied"
    values = {"operation": write.operation, "target": write.target, "code": failure.code, "found": landed.found or "-"}
    values["selector"] = run.intent.selector
    return run.error(RunFailed, run.procedure.name, f"write.{key}", means, "steps/again", **values)
