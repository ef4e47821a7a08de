"""The writes of retire to the key store, each with how it is read back."""

from __future__ import annotations

from functools import partial

from second_edition.engine.run import Run
from second_edition.engine.store_writes import explain
from second_edition.engine.write_ahead import ERASE, Landed, Write
from second_edition.procedures.retire.retirement import Retirement
from second_edition.rotation import plan as plans


def erasing(run: Run, found: Retirement, write: plans.Write) -> Write:
    """Return a write of retire: a version of the key object that goes, or the marker that hides it."""
    place = {"bucket": found.facts.bucket, "key": found.facts.key, "version": write.version}
    intent = {"write": write, "sha256": found.sha256}
    arguments, read_back = {**place, "sha256": found.sha256}, partial(_erased, run, **place)
    failed = partial(explain, run, write, means="write.means")
    return Write(ERASE, intent, "erase", arguments, read_back, failed, proved=True)


def _erased(run: Run, bucket: str, key: str, version: str) -> Landed:
    versions = run.custodian.ask("versions", bucket=bucket, key=key).result()
    kept = [one for one in versions if (one["version_id"] == version if version else one["latest"])]
    return Landed(not kept, " ".join(one["version_id"] for one in kept))
