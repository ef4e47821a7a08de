"""What became of an identity's own run in a campaign, and whether that run's word counts."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from second_edition.aws.budget import AGAIN
from second_edition.engine.archiving import Keeper
from second_edition.engine.run import Run
from second_edition.events.campaign import Ended
from second_edition.evidence.journal import Account
from second_edition.evidence.record import Record
from second_edition.procedures.fleet.runner import account_of, journals_of
from second_edition.rotation.checks.rollback import NEVER, judged
from second_edition.rotation.findings import by_cause
from second_edition.rotation.fleet import Member
from second_edition.rotation.fleet_plan import FleetPlan


def came_of(number: int, member: Member, record: Path, folder: Path, at: str) -> Ended:
    """Return what became of an identity, by the journal of its run. ``folder``: the campaign's."""
    account, there = account_of(record), bool(journals_of(record))
    place = below(folder, record) if there else ""
    ended = Ended(  # a run writes only what stands in its journal before
        number=number, domain=member.domain, selector=member.selector, record=place, ended_at=at, touched=there,
        outcome="", journal="", run="", head="", why="", by="", again=False, stopped_by="",
    )  # fmt: skip
    if account is None:
        return ended
    journal, run, write = below(folder, account.path), account.begin.run, account.last_write
    ended = replace(
        ended, journal=journal, run=run, head=account.head, again=_throttled(account),
        touched=write is not None and (write.accepted or write.unclear),
        stays=member.current_selector in ("", member.selector) or judged(account.findings).state == NEVER,
    )  # fmt: skip
    if (closed := account.closed) is None:
        return ended
    why, ended_at = closed.error.what if closed.error else "", closed.at.isoformat(timespec="milliseconds")
    return replace(ended, outcome=closed.outcome, ended_at=ended_at, why=why, stopped_by=_stopped_by(account))


def below(folder: Path, path: Path) -> str:
    """Return a path below the campaign's folder, as its journal has it."""
    return path.relative_to(folder).as_posix()


def own_account(
    campaign: FleetPlan, number: int, member: Member, record: Path, run: Run, keeper: Keeper
) -> Account | None:
    """Return the journal of an identity's run where its word counts; ``None`` where it does not, or there is none.

    A key that is trusted has signed it, and it had that identity's place in this very plan: who may write to the folder
    can name any journal, and leave one of any name.

    Args:
        campaign: its plan.
        number: the identity's place in it.
        member: the identity.
        record: of its run.
        run: of the campaign.
        keeper: knows the keys that are trusted.
    """
    own = account_of(record) if record.resolve().is_relative_to(run.folder.resolve()) else None
    counts = own is not None and has_place(own, campaign, number, member) and keeper.vouches(own)
    there, here = (target.partition(":")[0] for target in (own.begin.target if own else "", run.intent.asked.target))
    return own if counts and there == here else None  # in whichever scenario


def has_place(own: Account, campaign: FleetPlan, number: int, member: Member) -> bool:
    """Return whether an identity's run was given the place ``number`` of a campaign's plan, which is ``member``'s.

    A domain may stand there more than once, in several accounts and Regions.
    """
    places = {(one.member.fleet.digest, one.member.index) for one in own.approvals if one.member}
    same = (own.begin.domain, own.begin.selector) == (member.domain, member.selector)
    return same and (campaign.digest, number) in places


def _stopped_by(record: Record) -> str:
    """Return the check that is named first where a run was refused; "" where it was not."""
    first = by_cause(record.findings)[:1]
    return first[0].id if first and record.last_write is None else ""


def _throttled(record: Record) -> bool:
    """Return whether the run's one write came to nothing for SES's pace alone, so that it may be made again.

    SES clearly refused it as one call too many, or its turn did not come in time and it was not sent.
    """
    switch = record.switch
    if switch is None or switch.error is None:
        return False
    return switch.error.code in AGAIN and not switch.unclear and not switch.accepted
