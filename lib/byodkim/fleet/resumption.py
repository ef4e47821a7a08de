"""Which plan a campaign carries out, and what earlier runs of it have done: all by the journals beside its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from byodkim.evidence import fleet_record, folders, journal
from byodkim.evidence.fleet_record import Ended
from byodkim.evidence.journal import Account
from byodkim.evidence.record import ROTATE, Record
from byodkim.evidence.world import World
from byodkim.fleet.execution import Campaign
from byodkim.intent import campaign as campaigns
from byodkim.procedure.run import Run
from byodkim.rotation import fleet, waves
from byodkim.rotation.fleet_plan import FleetPlan


class NoPlan(Exception):
    """There is no plan to carry out. ``defect`` says why, a key of the catalogue ``phrases`` after ``fleet-plan.``."""

    def __init__(self, defect: str, names: tuple[str, ...] = ()) -> None:
        self.defect, self.names = defect, names
        super().__init__(defect)


def named(run: Run) -> str:
    """Return the id of the plan run that ``approved`` names, "" where it names none."""
    return folders.named(run.intent.asked.approved)


def campaign(run: Run) -> Campaign:
    """Return the campaign that the run carries out, with what is done of it by now.

    Raises:
        NoPlan: no plan run is named, it is none, or its files were altered.
    """
    planned = named(run)
    if not planned:
        raise NoPlan("unnamed")
    account = next(_accounts(run.folder, planned), None)
    if account is None:
        raise NoPlan("absent")
    record = Record(account.events)
    plan, surveyed, closed = fleet_record.plan_of(record), record.last("surveyed"), record.closed
    if record.begin["mode"] != "plan" or plan is None or surveyed is None or closed is None:
        raise NoPlan("other")
    try:
        found = fleet_record.Planned(fleet_record.beside(account.path, fleet_record.PLAN), str(surveyed["sha256"]))
    except (OSError, fleet_record.FleetFileError):
        raise NoPlan("altered") from None
    if fleet.planned(found.members, plan.settings, journal.digest) != plan:
        raise NoPlan("altered")
    _same_pace(run, plan)
    made = Campaign(
        found, planned, plan, proofs=fleet_record.proofs(found.ready),
        lane=run.intent.asked.lane, last_wave=run.intent.asked.last_wave,
    )  # fmt: skip
    if run.intent.asked.lane and not made.lanes():
        raise NoPlan("lane", tuple(sorted({"/".join(one.lane[:2]) for one in found.ready})))
    for earlier in _earlier(run, planned):
        earlier_record = Record(earlier.events)
        # In the order of time: what a later run of the campaign knows is newer.
        made.ended |= _ended_before(earlier_record, str(earlier_record.begin["run"]))
        made.left |= {number: dict(event) for number, event in fleet_record.begun(earlier_record).items()}
        over = {*made.ended, *fleet_record.ended(earlier_record)}
        made.left = {number: one for number, one in made.left.items() if number not in over}
    made.ended = _without_later_runs(run, made.ended) if made.ended else {}
    return made


def _without_later_runs(run: Run, ended: Mapping[int, Ended]) -> dict[int, Ended]:
    """Return what has ended, without what a later apply run was about: SES may have another selector since.

    That is run once more, and refused where SES was given something else (PLAN-APPROVED).
    """
    begins = [begin for _, begin in journal.begun(run.folder, _applies)]
    worlds = {str(begin["run"]): World.of(begin) for begin in begins}
    newest: dict[str, list[str]] = {}
    for begin in begins:
        newest.setdefault(str(begin["domain"]), []).append(str(begin["run"]))

    def last(one: Ended) -> bool:
        world = worlds.get(one.run)
        later = (other for other in newest.get(one.domain, ()) if other > one.run)
        return world is None or not any(world.same_identity(worlds[other]) for other in later)

    return {number: one for number, one in ended.items() if last(one)}


def _applies(begin: Mapping[str, Any]) -> bool:
    return begin.get("procedure", ROTATE) == ROTATE and bool(begin["mode"] == "apply")


def earlier_runs(run: Run, planned: str) -> list[str]:
    """Return the ids of the campaign's runs before this one, oldest first."""
    return [str(one.events[0]["run"]) for one in _earlier(run, planned)]


def begun_at(run: Run, planned: str) -> str:
    """Return when the campaign of a plan run began first (ISO 8601); "" where it has not."""
    return next((str(one.events[0]["at"]) for one in _earlier(run, planned)), "")


def _earlier(run: Run, of: str) -> list[Account]:
    """Return the runs that carried out what the plan run ``of`` planned: another one may have planned the same."""
    found = []
    for account in _accounts(run.folder):
        record = Record(account.events)
        planned = record.last("planned")
        mine = planned is not None and planned["of"] == of
        if mine and record.begin["mode"] == "apply" and record.last("laid") and account.path != run.journal.path:
            found.append(account)
    return sorted(found, key=lambda account: str(account.events[0]["run"]))


def plan_runs(run: Run) -> list[Account]:
    """Return the plan runs of campaigns before this one, newest first."""
    found = [one for one in _accounts(run.folder) if one.path != run.journal.path]
    plans = [one for one in found if one.events[0]["mode"] == "plan"]
    return sorted(plans, key=lambda account: str(account.events[0]["run"]), reverse=True)


def _accounts(folder: Path, run: str = "") -> Iterator[Account]:
    """Return the journals of campaigns in the archive of ``folder`` that hold together; of ``run`` alone, if named."""
    return journal.accounts(
        folder, lambda begin: begin.get("procedure") == "fleet" and (not run or begin["run"] == run)
    )


def _same_pace(run: Run, plan: FleetPlan) -> None:
    """Refuse a pace that was given and is not the one that was planned; one that was not given is the plan's."""
    settings = campaigns.of(run.intent.asked, run.intent.language).settings
    given = {name for name, value in run.intent.values.items() if value.source in ("parameter", "cell")}
    differing = tuple(name for name in plan.settings if name in given and settings[name] != plan.settings[name])
    if differing:
        raise NoPlan("settings", differing)


def _ended_before(record: Record, by: str) -> dict[int, Ended]:
    """Return what an earlier run of the campaign knows to have ended.

    What SES had yet to verify, what failed before it wrote (for want of room on the disk, or of AWS) or whose write SES
    refused clearly, and what has no record that closed, is run once more.
    """
    return {number: replace(one, by=one.by or by) for number, one in fleet_record.ended(record).items() if _lasts(one)}


def _lasts(one: Ended) -> bool:
    failed_untouched = one.came is waves.Came.FAILED and not one.touched
    return bool(one.outcome) and not one.again and not failed_untouched and one.came is not waves.Came.PENDING
