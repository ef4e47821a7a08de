"""Try what a run's record needs before the write: key, folder, disk, timestamp authority, archive, file of heads."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from typing import Final

from byodkim.custody.client import Refused
from byodkim.errors import ByodkimError, CustodyError
from byodkim.evidence import exclusive, timestamp, upload
from byodkim.messages import say
from byodkim.plain import from_plain, plain
from byodkim.procedure.archiving import Keeper
from byodkim.procedure.run import Run
from byodkim.rotation.checks import Applying, Case
from byodkim.rotation.plan import Plan
from byodkim.rotation.readiness import Readiness

ROOM: Final = 512 * 1024  # bytes: notebook, page and journal of a run together
#: What is signed and stamped to see that it can be. It is no JSON, and so the seal of nothing.
TRIAL: Final = "byodkim: whether this can be signed and stamped"


def ready(run: Run) -> Readiness:
    """Return whether the run's record can be kept. It is tried once, and stands in the journal from then on."""
    written = run.record.last("ready")
    if written is None:
        written = run.write("ready", **plain(_tried(run)))
    return from_plain(Readiness, written)


def _tried(run: Run) -> Readiness:
    keeper = Keeper(run.keeping, run.custodian, run.clock, run.intent.language)
    trials: dict[str, Callable[[], object]] = {
        "key": lambda: keeper.sign(TRIAL),
        "folder": lambda: _room(run),
    }
    if not any(one.member for one in run.record.approvals):
        if run.keeping.timestamp_url:
            trials["timestamp"] = lambda: _stamped(run)
        if run.keeping.bucket:
            trials["archive"] = lambda: _uploadable(run)
        if run.keeping.heads_file:
            trials["heads"] = lambda: _appendable(run)
    under_way: dict[str, Future[object]] = {what: run.pool.submit(trial) for what, trial in trials.items()}
    faults, unknown = {}, {}
    for what, trial in under_way.items():
        try:
            trial.result()
        except ByodkimError as error:
            faults[what] = error.what
        except Exception as error:  # noqa: BLE001 - its text may hold anything
            unknown[what] = type(error).__name__
    return Readiness(tuple(trials), faults, unknown)


def _room(run: Run) -> None:
    """Write a file of the size of a record, and remove it again.

    Raises:
        ByodkimError: the folder or the disk does not take it.
    """
    path = run.folder / f".{run.id}.{secrets.token_hex(4)}"
    try:
        exclusive.write(path, bytes(ROOM))
    except OSError as error:
        values = {"folder": _named(run.folder), "room": ROOM // 1024, "reason": error.strerror or str(error)}
        raise ByodkimError(say("steps", "no-room", run.intent.language, **values)) from None
    finally:
        path.unlink(missing_ok=True)


def _named(folder: Path) -> str:
    return f"{folder.name}/"


def _stamped(run: Run) -> None:
    """Ask the timestamp authority for a timestamp over nothing that matters.

    Raises:
        SealError: it gives none that verifies.
    """
    keeping = run.keeping
    if keeping.timestamp_roots is not None:
        timestamp.fetch(keeping.timestamp_url, TRIAL.encode(), keeping.timestamp_roots, run.intent.language)


def _appendable(run: Run) -> None:
    """Open the file of heads as ``keep`` will.

    Raises:
        ByodkimError: it cannot be opened.
    """
    path = run.keeping.heads_file
    try:
        if path is not None:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644))
    except OSError as error:
        values = {"where": path, "reason": error.strerror or str(error)}
        raise ByodkimError(say("seal", "head.refused", run.intent.language, **values)) from None


def _uploadable(run: Run) -> None:
    """Begin an upload where the run's copies will lie, and give it up.

    Raises:
        ByodkimError: S3 refuses.
    """
    keeping, begin = run.keeping, run.record.begin
    until = run.clock() + timedelta(days=keeping.retention_days) if keeping.retention_days else None
    key = f"{keeping.prefix}{upload.below(begin)}/{run.journal.path.name}"
    arguments = {"bucket": keeping.bucket, "key": key}
    try:
        run.custodian.ask(
            "keepable", **arguments, retain_until=until.isoformat(timespec="seconds") if until else ""
        ).result()
    except (Refused, CustodyError) as error:
        reason = f"{error.operation} {error.code}" if isinstance(error, Refused) else "CustodianDied"
        place = f"s3://{keeping.bucket}/{key}"
        raise ByodkimError(say("seal", "archive.refused", run.intent.language, where=place, reason=reason)) from None


def applying(run: Run, _: Case) -> Applying:
    """Return what the checks of an apply run look at besides: its lock, and whether its record can be kept."""
    return Applying(Plan((), {}, ""), lock=run.record.lock, readiness=ready(run))
