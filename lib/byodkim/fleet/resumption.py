"""Which plan a campaign carries out, and what earlier runs of it have done: all by the journals beside its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from byodkim.evidence import fleet_file, fleet_record, folders, journal
from byodkim.evidence.journal import SUFFIX, Account, JournalError
from byodkim.evidence.record import Record
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
    account = next(_accounts(run.folder, f"*{planned}{SUFFIX}"), None)
    if account is None:
        raise NoPlan("absent")
    record = Record(account.events)
    plan, surveyed, closed = fleet_record.plan_of(record), record.last("surveyed"), record.closed
    if record.begin["mode"] != "plan" or plan is None or surveyed is None or closed is None:
        raise NoPlan("other")
    try:
        found = fleet_file.Planned(fleet_file.beside(account.path, fleet_file.PLAN), str(surveyed["sha256"]))
    except (OSError, fleet_file.FleetFileError):
        raise NoPlan("altered") from None
    if fleet.planned(found.members, plan.settings, journal.digest) != plan:
        raise NoPlan("altered")
    _same_pace(run, plan)
    made = Campaign(
        found, planned, plan, proofs=fleet_file.proofs(found.ready),
        lane=run.intent.asked.lane, last_wave=run.intent.asked.last_wave,
    )  # fmt: skip
    if run.intent.asked.lane and not made.lanes():
        raise NoPlan("lane", tuple(sorted({"/".join(one.lane[:2]) for one in found.ready})))
    for earlier in _earlier(run, planned):
        earlier_record = Record(earlier.events)
        # In the order of time: what a later run of the campaign knows is newer.
        made.ended |= _ended_before(earlier_record, str(earlier_record.begin["run"]))
        made.left |= {number: dict(event) for number, event in fleet_record.begun(earlier_record).items()}
        pending = {number for number, one in fleet_record.ended(earlier_record).items() if number not in made.ended}
        made.left = {number: one for number, one in made.left.items() if number not in made.ended}
        made.left = {number: one for number, one in made.left.items() if number not in pending}
    return made


def earlier_runs(run: Run, planned: str) -> list[str]:
    """Return the ids of the campaign's runs before this one, oldest first."""
    return [str(one.events[0]["run"]) for one in _earlier(run, planned)]


def begun_at(run: Run, planned: str) -> str:
    """Return when the campaign of a plan run began first (ISO 8601); "" where it has not."""
    return next((str(one.events[0]["at"]) for one in _earlier(run, planned)), "")


def _earlier(run: Run, of: str) -> list[Account]:
    """Return the runs that carried out what the plan run ``of`` planned: another one may have planned the same."""
    found = []
    for account in _accounts(run.folder, f"*{SUFFIX}"):
        record = Record(account.events)
        planned = record.last("planned")
        mine = planned is not None and planned["of"] == of
        if mine and record.begin["mode"] == "apply" and record.last("laid") and account.path != run.journal.path:
            found.append(account)
    return sorted(found, key=lambda account: str(account.events[0]["run"]))


def plan_runs(run: Run) -> list[Account]:
    """Return the plan runs of campaigns before this one, newest first."""
    found = [one for one in _accounts(run.folder, f"*{SUFFIX}") if one.events[0]["mode"] == "plan"]
    found = [one for one in found if one.path != run.journal.path]
    return sorted(found, key=lambda account: str(account.events[0]["run"]), reverse=True)


def _accounts(folder: Path, pattern: str) -> Iterator[Account]:
    """Yield the journals of campaigns in the archive of ``folder`` that hold together."""
    for path in sorted(folders.files(folder, pattern)):
        try:
            begin = journal.first(path)
            if begin is not None and begin.get("procedure") == "fleet":
                yield journal.read(path)
        except (JournalError, OSError, ValueError, LookupError, TypeError, AttributeError):
            continue


def _same_pace(run: Run, plan: FleetPlan) -> None:
    """Refuse a pace that was given and is not the one that was planned; one that was not given is the plan's."""
    settings = campaigns.of(run.intent.asked, run.intent.language).settings
    given = {name for name, value in run.intent.values.items() if value.source in ("parameter", "cell")}
    differing = tuple(name for name in plan.settings if name in given and settings[name] != plan.settings[name])
    if differing:
        raise NoPlan("settings", differing)


def _ended_before(record: Record, by: str) -> dict[int, fleet_record.Ended]:
    """Return what an earlier run of the campaign knows to have ended.

    What SES had yet to verify, what failed before it wrote (for want of room on the disk, or of AWS) or whose write SES
    refused clearly, and what has no record that closed, is run once more.
    """
    found = fleet_record.ended(record)
    lasting = {number: one for number, one in found.items() if one.outcome and not one.again}
    lasting = {number: one for number, one in lasting.items() if one.touched or one.came is not waves.Came.FAILED}
    kept = {number: one for number, one in lasting.items() if one.came is not waves.Came.PENDING}
    return {number: fleet_record.Ended(**{**asdict(one), "by": one.by or by}) for number, one in kept.items()}
