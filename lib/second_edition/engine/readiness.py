"""Try what a run's record needs before the write: key, folder, disk, timestamp authority, archive, file of heads."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from second_edition.engine.archiving import TRIAL, Keeper
from second_edition.engine.run import Run
from second_edition.errors import ByodkimError
from second_edition.events.run import Ready
from second_edition.evidence import exclusive
from second_edition.plain import plain
from second_edition.rotation.checks import Applying, Case
from second_edition.rotation.plan import Plan
from second_edition.rotation.readiness import Readiness

ROOM: Final = 512 * 1024  # bytes: notebook, page and journal of a run together


def ready(run: Run) -> Readiness:
    """Return whether the run's record can be kept. It is tried once, and stands in the journal from then on."""
    written = run.record.of(Ready)
    if written is None:
        written = run.write(Ready, **plain(_tried(run)))
    return Readiness(written.tried, written.faults, written.unknown)


def _tried(run: Run) -> Readiness:
    keeper = Keeper(run.keeping, run.custodian, run.clock, run.intent.language)
    trials: dict[str, Callable[[], object]] = {"key": lambda: keeper.sign(TRIAL), "folder": lambda: _room(run)}
    if not run.record.placed:
        trials |= keeper.trials(run.record.begin, run.journal.path.name)
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
        values = {"folder": f"{run.folder.name}/", "room": ROOM // 1024, "reason": error.strerror or str(error)}
        raise run.error(ByodkimError, "steps", "no-room", **values) from None
    finally:
        path.unlink(missing_ok=True)


def applying(run: Run, _: Case) -> Applying:
    """Return what the checks of an apply run look at besides: its lock, and whether its record can be kept."""
    return Applying(Plan((), {}, ""), lock=run.record.lock, readiness=ready(run))
