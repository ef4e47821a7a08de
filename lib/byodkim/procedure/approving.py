"""Approvals given to a run: read once, verified, and written down with their signatures.

Which of it earlier runs used up is looked up with the identity's lock in hand, and written down too.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from byodkim.evidence import approval, folders, journal, served
from byodkim.evidence.record import ROTATE
from byodkim.plain import plain
from byodkim.procedure.observing import archive
from byodkim.procedure.run import Run
from byodkim.rotation.approval import Presented, Terms, Use


def presented(run: Run) -> tuple[Presented, ...]:
    """Return the approvals given to the run. The journal holds them from then on, whatever becomes of the files."""
    written = run.record.last("approvals")
    if written is not None:
        return run.record.approvals
    paths, found = _found(run) if run.intent.asked.approved else ([], ())
    if found or run.intent.approvals:
        used = _used(run, paths) if run.procedure.name == ROTATE and found else {}
        run.write(
            "approvals",
            required=run.intent.approvals,
            approvers=dict(run.intent.section.approvers),
            presented=[plain(one) for one in found],
            used={statement: asdict(use) for statement, use in used.items()},
        )
    return found


def terms(run: Run, now: str) -> Terms:
    """Return which approvals are in force.

    Args:
        run: that is about to write.
        now: when the world was observed that its plan is made of (ISO 8601).
    """
    event = run.record.last("approvals") or {}
    used = {statement: Use(**use) for statement, use in event.get("used", {}).items()}
    return Terms(datetime.fromisoformat(now), run.intent.section.approvals_valid_days, used)


def _found(run: Run) -> tuple[list[Path], tuple[Presented, ...]]:
    paths = approval.find(run.intent.asked.approved, run.folder)
    return paths, tuple(approval.present(path, run.intent.section.approvers) for path in paths)


def _used(run: Run, paths: list[Path]) -> dict[str, Use]:
    """Return what the identity's runs so far used up, by what was signed.

    They are looked for beside this run's journal, beside the approvals' files, and in the profile's archive.
    """
    if run.world is None:  # a sandbox of the run's own: nothing else is in it
        return {}
    beside = (path.parent for path in paths)
    archives = {folders.root(one.resolve()) for one in (run.folder, archive(run.intent), *beside)}
    accounts = [one for folder in archives for one in journal.earlier(folder, run.world.same_identity)]
    by_run = {str(one.events[0]["run"]): served.of(journal.read(one.path)) for one in accounts}
    by_run.pop(run.id, None)
    return served.used(by_run[name] for name in sorted(by_run))
