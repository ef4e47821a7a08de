"""What is given as approval of the plan: read once, verified, and written down with its signatures."""

from __future__ import annotations

from byodkim.procedure.run import Run
from byodkim.rotation.approval import Presented


def presented(run: Run) -> tuple[Presented, ...]:
    """The approvals that the run was given. They stand in the journal from then on, whatever becomes of the files."""
    written = run.record.last("approvals")
    if written is not None:
        return run.record.approvals
    found = _found(run) if run.intent.approved else ()
    if found or run.intent.approvals:
        run.write(
            "approvals",
            required=run.intent.approvals,
            approvers=dict(run.intent.approvers),
            presented=[one.plain() for one in found],
        )
    return found


def _found(run: Run) -> tuple[Presented, ...]:
    from byodkim.evidence import approval  # loads what verifies signatures

    paths = approval.find(run.intent.approved, run.journal.path.parent)
    return tuple(approval.present(path, run.intent.approvers) for path in paths)
