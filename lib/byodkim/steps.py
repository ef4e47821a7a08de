"""The steps of the notebooks: all that a notebook imports. One function a step; its result shows itself.

A step that cannot go on closes the record, then raises one error that a person understands; later cells don't run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from byodkim.custody.client import Custodian
from byodkim.display import opening, telling, words
from byodkim.display.blocks import Block
from byodkim.display.notebook import Shown
from byodkim.errors import ByodkimError
from byodkim.procedure import beginning, closing, handing, kernel, verifying, writing
from byodkim.procedure.run import Run

__all__ = [
    "apply", "begin", "check", "close", "compare", "hand_over",
    "headline", "observe", "parameters", "plan", "prove", "verify",
]  # fmt: skip

_waiting: list[Custodian] = []


def headline() -> None:
    """The record's first lines: the outcome, once there is one. Until then they say that the run has not ended."""
    kernel.harden()
    kernel.show_headline(Shown(opening.unfinished()))
    if not _waiting:
        _waiting.append(Custodian())  # started early, so that it costs no time


def parameters() -> dict[str, Any]:
    """What the parameters cell and papermill's injected cell set, unknown names included: ``begin`` refuses those."""
    return kernel.parameters()


def begin(**given: Any) -> Run:
    """Starts a run: parameters checked, journal opened, operator and account known; reads are under way.

    Raises:
        ParameterError: a parameter or the profile is wrong. Nothing was read or written.
        AccessError, SandboxError: AWS or the sandbox can't be reached.
    """
    custodian = _waiting.pop() if _waiting else Custodian()
    try:
        run = beginning.begin(given, kernel.started(), custodian)
    except BaseException as error:
        custodian.close()
        kernel.show_refusal(error)
        raise
    with _closing(run):
        run.write("caller", caller=beginning.caller_of(run))
    kernel.show(_shown(run, telling.who_and_where), run)
    return run


def observe(run: Run) -> Shown:
    """Looks at the identity, the secret, the key object and the key records of both selectors at every server."""
    with _step(run, "observed"):
        assert run.observing is not None  # noqa: S101 - begin set it
        writing.observe(run, run.observing.result())
    return _shown(run, telling.current_state)


def prove(run: Run) -> Shown:
    """Shows the SHA-256 of the public key at every place where the key pair must stand."""
    with _step(run, "proved"):
        return _shown(run, telling.proof)


def check(run: Run) -> None:
    """Makes every check and shows the table.

    Raises:
        RunRefused: one that blocks has not passed and was not waived.
    """
    with _step(run, "checked"):
        assert run.seen is not None  # noqa: S101 - observe set it
        findings = writing.check(run, run.seen)
        kernel.show(_shown(run, telling.checks))
        if any(finding.stops for finding in findings):
            handing.hand_over(run)  # what the DNS team needs is needed most when DNS is what is missing
        writing.refuse_if_unsafe(run, findings)


def plan(run: Run) -> Shown:
    """What would change, and nothing else."""
    with _step(run, "planned"):
        assert run.seen is not None  # noqa: S101 - observe set it
        run.plan = writing.plan(run, run.seen, run.record.findings)
    return _shown(run, telling.plan)


def apply(run: Run) -> Shown:
    """Observes, checks and plans again, and makes the one write. In plan mode: nothing.

    Raises:
        RunRefused: the world has changed since the plan was shown.
        RunFailed: SES did not take the write.
    """
    with _step(run, "applied"):
        if run.intent.applies and run.plan is not None and run.plan.changes:
            writing.apply(run, run.plan)
    return _shown(run, telling.writing)


def verify(run: Run) -> None:
    """Waits until SES has verified the selector, or the time to wait is over. In plan mode: what SES shows now."""
    with _step(run, "verified"):
        progress = kernel.Progress(lambda: _shown(run, telling.verification))
        if run.intent.applies:
            verifying.wait(run, progress)
        else:
            progress()


def compare(run: Run) -> Shown:
    """Before and after, field by field."""
    with _step(run, "compared"):
        return _shown(run, telling.comparison)


def hand_over(run: Run) -> Shown:
    """What the DNS team needs."""
    with _step(run, "handed over"):
        handing.hand_over(run)
    return _shown(run, telling.handing)


def close(run: Run) -> None:
    """Closes the record and shows it: outcome, way back, what comes next, every AWS call.

    Raises:
        WaitRanOut, RunFailed: after the record is complete, so that the papermill run ends with a non-zero exit.
    """
    run.enter("closed")
    error: ByodkimError | None = closing.ran_out(run)
    outcome = closing.close(run, error)
    shown = _shown(run, opening.verdict)
    kernel.show_headline(_shown(run, opening.opening), run)
    kernel.show(Shown((*shown.blocks, *_shown(run, telling.timeline).blocks)))
    if error or (error := closing.failed(run, outcome)):
        raise error


class _closing:  # noqa: N801 - used like a function
    """Closes the run's record when the block raises; the error then goes on, as one that a person understands."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or self.run.stage == "closed":
            return
        closing.close(self.run, error)
        kernel.show_headline(_shown(self.run, opening.opening), self.run)
        if not isinstance(error, ByodkimError):
            raise closing.readable(self.run, error) from None


class _step(_closing):  # noqa: N801
    def __init__(self, run: Run, stage: str) -> None:
        super().__init__(run)
        run.enter(stage)  # raises outside the block: a step out of order does not end the run
        self.stage = stage

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        super().__exit__(kind, error, trace)
        if error is None:
            self.run.leave(self.stage)


def _shown(run: Run, tell: Callable[[Any, words.Words], list[Block]]) -> Shown:
    record = run.record
    return Shown(tell(record, words.of(record.begin)))
