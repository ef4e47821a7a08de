"""Closing a run: its outcome from the evidence, the last event, and the end of everything it started."""

from __future__ import annotations

from typing import Final

from byodkim.custody.client import Died
from byodkim.display.failure import failure
from byodkim.errors import ByodkimError
from byodkim.evidence import code_cells
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.procedure import keeping, kernel
from byodkim.procedure.gate import LeakStopped, Unsearched
from byodkim.procedure.run import ProofMissing, Run, RunFailed, RunRefused, WaitRanOut
from byodkim.rotation.outcome import Outcome, decide
from byodkim.rotation.plan import GIVEN_UP, stands

UNWRITABLE: Final = "make.unwritable"


def outcome_of(record: Record, error: BaseException | None) -> Outcome:
    """Return what the run came to, by its events and the error that ended it."""
    if record.rolled_back is not None:
        signs = record.after is not None and record.after.signs
        return Outcome.ROLLED_BACK if signs else Outcome.FAILED
    if error is not None and not isinstance(error, WaitRanOut | ProofMissing):
        # What could not even be planned was refused too: SES has neither been told nor waited for.
        early = isinstance(error, ByodkimError) and record.plan is None
        refused = record.intent is None and (early or isinstance(error, RunRefused))
        return Outcome.REFUSED if refused else Outcome.FAILED
    answer, plan = record.answer, record.plan
    wrote = record.intent is not None and (
        record.last("resolved") is not None or (answer is not None and "error" not in answer)
    )
    if record.after is None or record.before is None or plan is None:
        return Outcome.FAILED
    return decide(
        applies=record.begin["mode"] == "apply",
        wrote=wrote,
        changes=bool(plan.changes) or wrote,
        after=record.after,
        selector=str(record.begin["selector"]),
        given_up=record.given_up,
        stood=stands(record.before),
        completes=_completes(record),
    )


def _completes(record: Record) -> bool:
    earlier = record.begin["previous"] or {}
    pending = earlier.get("rotated", earlier.get("outcome")) != Outcome.SWITCHED and bool(earlier.get("written_at"))
    return pending and earlier["selector"] == record.begin["selector"]


def close(run: Run, error: BaseException | None = None) -> Outcome:
    """Writes the closing event and seals the journal. The caller releases the run when it has shown how it ended."""
    outcome = run.procedure.outcome(run.record, error)
    try:
        # Who kept a run from being searched has no say in others' either.
        if run.gate.alive and (
            error is None or isinstance(error, Exception)
        ):  # who interrupts a run does not wait for others'
            keeping.make_up(run)
        cells = kernel.executed()
        executed = {"cells": len(cells), "code_sha256": code_cells.digest_of(cells)}
        try:
            run.write("closed", outcome=outcome.value, error=_told(run, error), executed=executed)
        except (LeakStopped, Unsearched) as unfit:  # the calls since the last event are left out now
            error = error if is_fixed(error) else unfit
            outcome = run.procedure.outcome(run.record, error)
            run.write_fixed("closed", outcome=outcome.value, error=_told(run, error), executed=executed)
        run.unlock()
        run.sealed = keeping.keep(run)
        _leave_open(run)
    finally:
        run.stage = "closed"
        run.unlock()
    return outcome


def _leave_open(run: Run) -> None:
    """Take back the end of a run whose seal the disk did not take: the run that completes it accounts for it then.

    Raises:
        SealError: the disk did not take it.
    """
    full = [fault for fault in (run.sealed.faults if run.sealed else ()) if getattr(fault, "code", "") == UNWRITABLE]
    if full and run.sealed and run.sealed.seal is None:
        run.sealed = None
        run.journal.withdraw()
        raise full[0]


def is_fixed(error: BaseException | None) -> bool:
    """Return whether an error's sentences are this program's own and hold no value from outside."""
    return isinstance(error, LeakStopped | Unsearched | Died) or not isinstance(error, ByodkimError | None)


def end_spoilt(run: Run) -> None:
    """Ends a run whose journal holds a piece of a private key: it is removed. Nothing was done by then."""
    run.journal.path.unlink(missing_ok=True)
    run.stage = "closed"
    run.release()


def ran_out(run: Run) -> WaitRanOut | None:
    """The error of a wait that ran out, where the run was told to wait at all."""
    waited = run.record.last("waited")
    if not waited or not waited["ran_out"] or not run.intent.wait_minutes or not run.intent.applies:
        return None
    language, after = run.intent.language, run.record.after
    values = {
        "minutes": run.intent.wait_minutes,
        "status": after.status if after else "",
        "selector": run.intent.selector,
    }
    return WaitRanOut(
        say("steps", "ran-out", language, **values),
        say("steps", "ran-out.means", language, **values),
        # FAILED is the status of before the write then: with it, the same command writes again.
        say("steps", "ran-out.stale.todo" if values["status"] == GIVEN_UP else "ran-out.todo", language, **values),
    )


def failed(run: Run, outcome: Outcome) -> RunFailed | None:
    """The error of a run that came to its end without the selector being in use."""
    if outcome is not Outcome.FAILED:
        return None
    return RunFailed(*failure(run.record, run.intent.language))


def unsealed(run: Run) -> ByodkimError | None:
    """The error of a run whose record could not be sealed; its outcome stands."""
    return next(iter(run.sealed.faults), None) if run.sealed else None


def readable(run: Run, error: BaseException) -> ByodkimError:
    """An error that nobody foresaw, as one that a person understands. Its own text may hold anything: dropped."""
    told = _told(run, error) or {"what": "", "means": "", "todo": ""}
    return RunFailed(told["what"], told["means"], told["todo"])


def _told(run: Run, error: BaseException | None) -> dict[str, str] | None:
    if error is None:
        return None
    if isinstance(error, ByodkimError):
        return {"type": type(error).__name__, "what": error.what, "means": error.means, "todo": error.todo}
    # The text of an error that nobody foresaw may hold anything: its type only.
    language, kind = run.intent.language, run.procedure
    key = "interrupted" if isinstance(error, KeyboardInterrupt) else "unforeseen"
    return {
        "type": type(error).__name__,
        "what": say("steps", key, language, type=type(error).__name__),
        "means": say("steps", kind.written if kind.begun(run.record) else kind.untouched, language),
        "todo": say("steps", "again", language),
    }
