"""Approvals given to a run: read once, verified, and written down with their signatures.

Which of it earlier runs used up is looked up with the identity's lock in hand, and written down too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from second_edition.engine import archiving, kernel
from second_edition.engine.run import Run
from second_edition.events.run import Approvals
from second_edition.evidence import approval, folders, journal, served
from second_edition.evidence.journal import Account
from second_edition.evidence.predecessors import in_order, named
from second_edition.evidence.record import ROTATE
from second_edition.intent.profile import archive_of
from second_edition.rotation.approval import Overtaking, Presented, Terms, Use


def presented(run: Run) -> tuple[Presented, ...]:
    """Return the approvals given to the run. The journal holds them from then on, whatever becomes of the files."""
    written = run.record.of(Approvals)
    if written is not None:
        return run.record.approvals
    named = run.intent.asked.approved
    paths = approval.find(named, run.folder) if named else []
    found = tuple(approval.present(path, run.intent.section.approvers) for path in paths)
    if found or run.intent.approvals:
        earlier = _earlier(run, paths) if run.procedure.name == ROTATE and found else []
        needed = {"required": run.intent.approvals, "approvers": run.intent.section.approvers}
        used = _used(run, earlier, found)
        of_campaign = _overtaken(run, earlier, found) | _unbegun(found)
        run.write(Approvals, **needed, presented=found, used=used, **of_campaign)
    return found


def terms(run: Run, now: datetime) -> Terms:
    """Return which approvals are in force.

    Args:
        run: that is about to write.
        now: when the world was observed that its plan is made of.
    """
    event, days = run.record.of(Approvals), run.intent.section.approvals_valid_days
    return Terms(now, days, event.used, event.overtaken or None, event.unbegun or "") if event else Terms(now, days)


def _earlier(run: Run, paths: list[Path]) -> list[Account]:
    """Return the identity's runs so far, oldest first.

    They are looked for beside this run's journal, beside the approvals' files, and in the profile's archive with all
    folders below it. Of one that is there more than once each counts: a copy that was cut short hides no write.
    """
    if run.world is None:  # a sandbox of the run's own: nothing else is in it
        return []
    archive, ours = archive_of(run.intent.section).resolve(), run.world.same_identity
    beside = {folders.root(one.resolve()) for one in (run.folder, *(path.parent for path in paths))}
    elsewhere = (
        one for folder in beside if not folder.is_relative_to(archive) for one in journal.earlier(folder, ours)
    )
    found = (*elsewhere, *journal.earlier(archive, ours, folders.everywhere))
    by_run = defaultdict[str, list[Account]](list)
    for one in found:
        by_run[one.begin.run].append(one)
    by_run.pop(run.id, None)
    order = in_order({run: [one.run for copy in copies for one in named(copy.begin)] for run, copies in by_run.items()})
    return [copy for run in order for copy in by_run[run]]


def _used(run: Run, earlier: Sequence[Account], presented: Iterable[Presented]) -> dict[str, Use]:
    """Return the approvals that are used up, and by which run: by the runs' own word, and by that of signed runs.

    Signed runs tell of a run whose own journal may be gone.
    """
    keeper, asked = archiving.keeper(run, run.custodian), {one.statement for one in presented}
    own, told = served.used(map(served.of, earlier)), dict[str, Use]()
    for one in earlier:
        event = one.of(Approvals)
        if event and (mentioned := asked & event.used.keys()) and keeper.vouches(one):
            told |= {statement: event.used[statement] for statement in mentioned}

    def signed(statement: str, use: Use) -> bool:
        """Return whether a signed journal tells of that very use: a file that nobody signed may bear any run's id."""
        copies = [one for one in earlier if one.begin.run == use.run]
        return any(served.of(one).uses(statement, use.at) and keeper.vouches(one) for one in copies)

    return {**told, **{one: replace(use, unsigned=not signed(one, use)) for one, use in own.items()}}


def _overtaken(run: Run, earlier: Sequence[Account], presented: Iterable[Presented]) -> dict[str, Any]:
    """Return who else gave SES a selector, or may have, since the campaign was planned; {} where nobody did.

    That is the newest run of another origin, or whoever set what SES shows in place of what the campaign's own run was
    seen to have set. What the plan run itself could see is no matter; {} too for a run that is none of a campaign.
    """
    planned = next((one.member.planned for one in presented if one.member), "")
    gave = [(one, given) for one in earlier if (given := [w for w in one.writes if w.accepted or w.unclear])]
    own = [any(one.member and one.member.planned == planned for one in record.approvals) for record, _ in gave]
    for place in reversed(range(len(gave))) if planned else ():
        record, write = gave[place][0], gave[place][1][-1]
        at, by = write.at.isoformat(timespec="milliseconds"), record.begin.run
        if own[place]:
            if place == len(gave) - 1 and (shown := _replaced(run, record, write.selector)):
                return {"overtaken": Overtaking(by, at, shown, taken=True, own=True)}
        elif any(own[:place]) or f"{write.at.astimezone(UTC):%Y%m%dT%H%M%SZ}" > planned:
            return {"overtaken": Overtaking(by, at, write.selector, write.accepted)}
    return {}


def _unbegun(presented: Iterable[Presented]) -> dict[str, Any]:
    """Return the campaign that did not begin this run, although a place in its plan was given; {} for none."""
    given = [one.member.campaign for one in presented if one.member]
    return {"unbegun": given[0]} if given and not kernel.started_by().of_campaign else {}


def _replaced(run: Run, record: Account, selector: str) -> str:
    """Return the selector that SES shows in place of the one that an earlier run saw there after its write, if so."""
    shown = run.record.seen.current_selector if run.record.seen else ""
    stood = record.after.selector if record.after else ""
    return shown if stood == selector and shown not in ("", selector) else ""
