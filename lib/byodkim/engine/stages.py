"""What the steps of every procedure share: evaluate the checks, note the plan, close the record."""

from __future__ import annotations

from collections.abc import Sequence

from byodkim.checks.check import Check, Finding, evaluate
from byodkim.engine.close import close_record
from byodkim.engine.plan import Plan
from byodkim.engine.run import Run
from byodkim.errors import ByodkimError, RunEnded
from byodkim.record.events import Checked, Closed, Interrupted, Planned, WriteIntended
from byodkim.record.record import tell
from byodkim.words import Sentence, _


def evaluate_checks(
    run: Run, checks: Sequence[Check], rollback: Sequence[Finding] = ()
) -> Finding | None:
    """Evaluate every check on the last observation and note the findings in the journal.

    Args:
        run: the run.
        checks: of the procedure.
        rollback: what the rollback's own checks came to.

    Returns:
        The first finding that stops the run; ``None`` where none does.
    """
    run.findings, run.rollback = evaluate(checks, run.seen), list(rollback)
    run.write(Checked(findings=run.findings, rollback=run.rollback))
    return next((finding for finding in run.findings if finding.stops), None)


def note_plan(run: Run, plan: Plan) -> Plan:
    """Note a plan in the journal, and keep it as the one that was shown."""
    run.plan = plan
    run.write(
        Planned(
            digest=plan.digest,
            facts=plan.facts,
            writes=list(plan.writes),
            approvals=list(run.seen.approvals),
        )
    )
    return plan


def shown_plan(run: Run) -> Plan:
    """Return the plan that was shown.

    Raises:
        RunEnded: there is none.
    """
    if run.plan is None:
        raise RunEnded(_("There is no plan yet. Run the cells in order."))
    return run.plan


def close(run: Run, outcome: str, headline: Sentence, finding: Finding | None = None) -> None:
    """Close and sign the record.

    Raises:
        RunEnded: the outcome asks for a person: papermill and the command exit with 1.
    """
    close_record(run, outcome, headline)
    if tell(run.journal.events).exit_code:
        mail = finding.mail if finding else None
        raise RunEnded(headline, mail, finding.todo if finding else None)


def stop_run(
    run: Run,
    error: BaseException,
    untouched: Sentence,
    begun: Sentence,
    *,
    has_written: bool = False,
) -> None:
    """Close the record of a run that an error or an interrupt ended before its last step.

    Args:
        run: the run.
        error: what ended it.
        untouched: the headline where no write was sent.
        begun: the headline where one was.
        has_written: whether something was written that this journal does not tell of.

    Raises:
        RunEnded: always.
    """
    if run.closed or isinstance(run.journal.events[-1], Closed):
        raise RunEnded(
            _("The journal is closed, but the record could not be signed: {reason}",
              reason=str(error)),
        ) from error  # fmt: skip
    what = error.what if isinstance(error, ByodkimError) else _(
        "The run was interrupted ({error}).", error=type(error).__name__
    )  # fmt: skip
    todo = error.todo if isinstance(error, ByodkimError) else None
    run.write(Interrupted(kind=type(error).__name__, what=what, todo=todo))
    if has_written or any(isinstance(event, WriteIntended) for event in run.journal.events):
        close(run, "FAILED", begun)
    close(run, "REFUSED", untouched)
