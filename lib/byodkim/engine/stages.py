"""What the steps of every procedure share: evaluate the checks, note the plan, close the record.

To close is to write the journal's last line, the page, and the seal over all files, chained to the
folder's last record.
"""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from byodkim.checks.check import Check, Finding, evaluate
from byodkim.checks.world import Approval, PastRun, Side
from byodkim.engine.kernel import ignore_interrupts
from byodkim.engine.observe import condensed
from byodkim.engine.plan import Plan
from byodkim.engine.request import requested, write_new
from byodkim.engine.run import Run
from byodkim.errors import ByodkimError, RunEnded
from byodkim.record.archive import chain_lock, last_sealed
from byodkim.record.events import (
    Checked,
    Closed,
    Interrupted,
    Planned,
    RowEnded,
    WriteIntended,
)
from byodkim.record.record import Record, tell
from byodkim.record.seal import RunStatement, seal_run
from byodkim.words import Sentence, _

#: The side of a selector that was not seen.
NOTHING: Final = Side("")


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


def close_record(run: Run, outcome: str, headline: Sentence) -> None:
    """Close and sign the record, and end the custodian.

    The folder's lock is held from the choice of the previous record until the seal is there, so
    that the chain has no forks. A run outside papermill leaves no record.

    Raises:
        RecordError: the disk does not take it.
    """
    ignore_interrupts()
    run.note_calls()
    closed = Closed(outcome=outcome, headline=headline)
    if run.launch is None:
        run.journal.write(closed)
    else:
        with chain_lock(run.folder):
            name, head = last_sealed(run.folder)
            run.journal.write(replace(closed, previous_record=name, previous_head=head))
            record = tell(run.journal.events)
            files, folder = [f"{run.name}.journal.jsonl"], run.folder
            if run.campaign is None:  # the pages of a campaign's rows are made on demand
                from byodkim.show.page import page  # loads Jinja2, when nobody waits for it

                files.append(f"{run.name}.html")
                write_new(folder / files[-1], page(record).encode())
            if requested(run) is not None:
                suffixes = (".csv", ".zone", ".txt") if run.procedure == "prepare" else (".csv",)
                request = [f"{run.name}{suffix}" for suffix in suffixes]
                files += [file for file in request if (folder / file).is_file()]
            seal_run(run.folder, RunStatement(past_run(run, record), name, head), files, run.key)
    run.closed = True
    run.release()


def past_run(run: Run, record: Record) -> PastRun:
    """Return what later runs need to know of this one: the predicate of its seal."""
    seen = run.observation
    # Only the selector that SES showed before is known to have been in use; its key belongs to it.
    before = record.before
    was_other = before is not None and seen is not None and before.selector == seen.current.selector
    requested = seen.requested if seen else NOTHING
    previous = seen.current if seen and was_other else NOTHING
    write, sightings = record.ses_write, condensed(run.sightings)
    return PastRun(
        name=run.name,
        run=run.id,
        procedure=record.begun.procedure,
        mode=run.wanted.mode,
        outcome=record.outcome,
        target=record.begun.target,
        account=run.wanted.account,
        region=run.wanted.region,
        domain=run.wanted.domain,
        selector=run.selector,
        opened_at=record.began_at,
        closed_at=record.ended_at,
        previous=previous.selector,
        previous_status=before.status if before and was_other else "",
        key_sha256=requested.key_sha256,
        previous_key_sha256=previous.key_sha256,
        key_place=getattr(requested.key, "place", ""),
        previous_key_place=getattr(previous.key, "place", ""),
        wrote=write is not None and write.state != "not-made",
        written_at=write.intended.at if write else None,
        verified_at=record.verified_at,
        sightings=run.unpublished or ({run.selector: sightings} if sightings else {}),
    )
