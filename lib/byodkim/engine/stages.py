"""What the steps of every procedure share: evaluate the checks, note the plan, close the record."""

from collections.abc import Sequence

from byodkim.checks.check import Check, Finding, evaluate
from byodkim.checks.world import Approval
from byodkim.engine.close import close_record
from byodkim.engine.plan import Plan
from byodkim.engine.run import Run
from byodkim.errors import ByodkimError, RunEnded
from byodkim.record.events import (
    Checked,
    Closed,
    Interrupted,
    Planned,
    RowEnded,
    WriteIntended,
)
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


def note_plan(run: Run, plan: Plan, approvals: Sequence[Approval]) -> Plan:
    """Note a plan and its approvals in the journal, and keep it as the one that was shown."""
    run.plan = plan
    run.write(
        Planned(
            digest=plan.digest,
            facts=plan.facts,
            writes=list(plan.writes),
            approvals=list(approvals),
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


def require_unchanged(run: Run, shown: Plan, now: Plan) -> None:
    """Refuse the run where a fact of its plan changed after the plan was shown.

    Raises:
        RunEnded: one did. Nothing was written.
    """
    changed = [name for name, value in now.facts.items() if shown.facts[name] != value]
    if changed:
        headline = _("These facts changed after the plan was shown: {facts}. Nothing was written.",
                     facts=changed)  # fmt: skip
        close(run, "REFUSED", headline)


def close(run: Run, outcome: str, headline: Sentence, finding: Finding | None = None) -> None:
    """Close and sign the record.

    Raises:
        RunEnded: the outcome asks for a person: papermill and the command exit with 1.
    """
    close_record(run, outcome, headline)
    if tell(run.journal.events).exit_code:
        mail = finding.mail if finding else None
        raise RunEnded(headline, mail, finding.todo if finding else None)


def stop_run(run: Run, error: BaseException) -> None:
    """Close the record of a run that an error or an interrupt ended before its last step.

    Raises:
        RunEnded: always.
    """
    events = run.journal.events
    if run.closed or isinstance(events[-1], Closed):
        raise RunEnded(
            _("The journal is closed, but the record could not be signed: {reason}",
              reason=str(error)),
        ) from error  # fmt: skip
    kind = type(error).__name__
    what, todo = _("The run was interrupted ({error}).", error=kind), None
    if isinstance(error, ByodkimError):
        what, todo = error.what, error.todo
    run.write(Interrupted(kind=kind, what=what, todo=todo))
    begun = tell(events).begun
    about = begun.domain or begun.parameters.get("table", begun.procedure)
    if has_written(run):
        close(run, "FAILED", _("The run on {about} ended after a write. Run the same command again"
                               ": it reads SES first, and does what is missing.",
                               about=about))  # fmt: skip
    close(run, "REFUSED", _("The run on {about} ended before any write. Nothing was changed.",
                            about=about))  # fmt: skip


def has_written(run: Run) -> bool:
    """Return whether the run, or a row of its campaign, sent a write."""
    return any(
        isinstance(event, WriteIntended) or (isinstance(event, RowEnded) and event.wrote)
        for event in run.journal.events
    )
