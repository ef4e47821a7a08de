"""Which plan a campaign carries out, and what earlier runs of it have done: all by the journals beside its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from byodkim.events.campaign import Ended, Laid, Started, Surveyed
from byodkim.evidence import fleet_record, folders, journal
from byodkim.evidence.journal import Account, JournalError
from byodkim.evidence.record import ROTATE
from byodkim.evidence.world import World
from byodkim.fleet import runner as runners
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
    account = next(
        journal.accounts(run.folder, lambda begin: (begin.get("procedure"), begin["run"]) == ("fleet", planned)), None
    )
    if account is None:
        raise NoPlan("absent")
    surveyed = account.of(Surveyed)
    plan = fleet_record.plan_of(account) if surveyed and account.closed and account.begin["mode"] == "plan" else None
    if surveyed is None or plan is None:
        raise NoPlan("other")
    try:
        found = fleet_record.Planned(fleet_record.beside(account.path, fleet_record.PLAN), surveyed.sha256)
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
    # In the order of time: what a later run of the campaign knows is newer.
    for earlier in reversed([*runs(run, "apply")]):
        if (earlier.last("planned") or {}).get("of") != planned or earlier.of(Laid) is None:
            continue  # another one may have planned the same
        made.runs.append(str(earlier.begin["run"]))
        made.began = made.began or str(earlier.begin["at"])
        known = fleet_record.ended(earlier)
        # Whatever is run once more is not taken over as ended.
        made.ended |= {number: replace(one, by=one.by or made.runs[-1]) for number, one in known.items() if _lasts(one)}
        made.left |= fleet_record.begun(earlier)
        made.left = {number: one for number, one in made.left.items() if number not in {*made.ended, *known}}
    if made.runs:
        overtaken = _overtaken(run)
        made.ended = {n: one for n, one in made.ended.items() if not overtaken(one.run, one.domain, one.selector)}
        made.left = {
            n: one for n, one in made.left.items() if not overtaken(_closed(run, one), one.domain, one.selector)
        }
    return made


def _closed(run: Run, started: Started) -> str:
    """Return the id of an identity's run that has closed by now; "" for any other."""
    account = runners.account_of(run.folder / started.record)
    return str(account.begin["run"]) if account and account.closed else ""


def _overtaken(run: Run) -> Callable[[str, str, str], bool]:
    """Return a test of one run, by its id, domain and selector: has a later run given SES another selector since?

    Such an identity is run once more, and refused (PLAN-APPROVED).
    """
    worlds, later = dict[str, World | None](), dict[str, list[tuple[str, Path]]]()
    for path, begin in journal.begun(run.folder, _applies):  # newest first
        worlds[str(begin["run"])] = World.of(begin)
        later.setdefault(str(begin["domain"]), []).append((str(begin["run"]), path))

    def overtaken(of: str, domain: str, selector: str) -> bool:
        world = worlds.get(of)
        for other, path in later.get(domain, ()):
            if world is None or other <= of or not world.same_identity(worlds[other]):
                continue
            with suppress(JournalError, OSError):
                if writes := [one for one in journal.read(path).writes if one.accepted or one.unclear]:
                    return writes[-1].selector != selector
        return False

    return overtaken


def _applies(begin: Mapping[str, Any]) -> bool:
    return begin.get("procedure", ROTATE) == ROTATE and bool(begin["mode"] == "apply")


def runs(run: Run, mode: str) -> Iterator[Account]:
    """Yield the runs of campaigns before this one in the archive, newest first, those that hold together."""

    def fits(begin: Mapping[str, Any]) -> bool:
        return begin.get("procedure") == "fleet" and begin["mode"] == mode and begin["run"] != run.id

    return journal.accounts(run.folder, fits)


def _same_pace(run: Run, plan: FleetPlan) -> None:
    """Refuse a pace that was given and is not the one that was planned; one that was not given is the plan's."""
    settings = campaigns.of(run.intent.asked, run.intent.language).settings
    given = {name for name, value in run.intent.values.items() if value.source in ("parameter", "cell")}
    differing = tuple(name for name in plan.settings if name in given and settings[name] != plan.settings[name])
    if differing:
        raise NoPlan("settings", differing)


def _lasts(one: Ended) -> bool:
    """Return whether what an identity's run came to stands.

    What SES had yet to verify, what failed before it wrote (for want of room on the disk, or of AWS) or whose write SES
    refused clearly, and what has no record that closed, is run once more.
    """
    failed_untouched = one.came is waves.Came.FAILED and not one.touched
    return bool(one.outcome) and not one.again and not failed_untouched and one.came is not waves.Came.PENDING
