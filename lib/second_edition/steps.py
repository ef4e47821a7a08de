"""The steps of the notebooks: all that a notebook imports. One function a step; its result shows itself.

The verbs are those of every procedure. What is said of them here is rotate's; another procedure leaves out what it does
not need and does with the rest what its own package says (``procedures``).

A step that cannot go on closes the record, then raises one error that a person understands; later cells don't run.
What a step needs is imported when the first cell is already done: the custodian's start must not wait for it.
"""

from __future__ import annotations

import contextlib
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

from second_edition.custody import client

if TYPE_CHECKING:
    from types import ModuleType

    from second_edition.display.notebook import Shown
    from second_edition.engine.run import Run

__all__ = [
    "apply", "begin", "check", "close", "compare", "hand_over",
    "headline", "observe", "parameters", "plan", "prove", "verify",
]  # fmt: skip

_loading: list[threading.Thread] = []


def headline() -> None:
    """Show the record's first lines: the outcome, once there is one. Until then they say that the run has not ended."""
    client.start_ahead()
    from second_edition.engine import kernel

    kernel.harden()
    kernel.speak_beside()
    kernel.show_placeholder()
    _loading.append(threading.Thread(target=_load, name="imports", daemon=True))
    _loading[-1].start()


def parameters() -> dict[str, Any]:
    """Return what the parameters cell and papermill's cell set, unknown names included, which ``begin`` refuses."""
    return dict(_imported("second_edition.engine.kernel").parameters(_imported("second_edition.settings").FIELDS))


def begin(procedure: str = "rotate", /, **given: Any) -> Run:
    """Start a run of a procedure: parameters checked, journal opened, operator and account known; reads are under way.

    Raises:
        ParameterError: a parameter or the profile is wrong. Nothing was read or written.
        AccessError, SandboxError: AWS or the sandbox can't be reached.
    """
    found = _imported("second_edition.contributions").contributed(procedure, "steps").PROCEDURE
    run: Run = _imported("second_edition.engine.lifecycle").begin(given, client.take(), found)
    return run


def observe(run: Run) -> Shown:
    """Read the identity, the secret, the key object and the key records of both selectors at every server."""
    return _shown("observe", run)


def prove(run: Run) -> Shown:
    """Show the SHA-256 of the public key at every place where the key pair must stand."""
    return _shown("prove", run)


def check(run: Run) -> Shown:
    """Make every check.

    Raises:
        RunRefused: one that blocks has not passed and was not waived. The table is shown all the same.
    """
    return _shown("check", run)


def plan(run: Run) -> Shown:
    """Return what would change, and nothing else."""
    return _shown("plan", run)


def apply(run: Run) -> Shown:
    """Observes, checks and plans again, and makes the one write. In plan mode: nothing.

    Raises:
        RunRefused: the world has changed since the plan was shown.
        RunFailed: SES did not take the write.
    """
    return _shown("apply", run)


def verify(run: Run) -> Shown:
    """Wait until SES has verified the selector, or the time to wait is over; then let a message prove it, if asked.

    In plan mode: what SES shows now.
    """
    return _shown("verify", run)


def compare(run: Run) -> Shown:
    """Show before and after, field by field."""
    return _shown("compare", run)


def hand_over(run: Run) -> Shown:
    """Return what the DNS team needs."""
    return _shown("hand_over", run)


def close(run: Run) -> Shown:
    """Close the record: outcome, rollback, what comes next, every AWS call.

    Raises:
        WaitRanOut, RunFailed: after the record is complete, so that the papermill run ends with a non-zero exit.
    """
    return _shown("close", run)


def _shown(step: str, run: Run) -> Shown:
    lifecycle = _imported("second_edition.engine.lifecycle")
    shown: Shown = lifecycle.result(run, lifecycle.take(run, step))
    return shown


def _imported(name: str) -> ModuleType:
    """Import a module, once what is loaded beside the first cells is there.

    Two threads that load modules of one package may each wait for a module that the other has begun with; Python then
    ends one of the two, in the middle of a record.
    """
    while _loading:
        _loading.pop().join()
    return import_module(name)


def _load() -> None:
    with contextlib.suppress(Exception):  # who needs it will meet it
        import_module("second_edition.engine.lifecycle")
