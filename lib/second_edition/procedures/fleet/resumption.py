"""Find which plan a campaign carries out, and what earlier runs of it have done: all by the journals beside its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from second_edition.engine import archiving
from second_edition.engine.run import Run
from second_edition.errors import AccessError, ByodkimError
from second_edition.events.campaign import Ended, Laid, Resumed, Started, Surveyed
from second_edition.events.run import Begin, Planned
from second_edition.evidence import fleet_record, folders, journal
from second_edition.evidence.journal import Account
from second_edition.evidence.predecessors import in_order
from second_edition.intent import campaign as campaigns
from second_edition.messages import say
from second_edition.procedures.fleet import runner as runners
from second_edition.procedures.fleet import standing
from second_edition.procedures.fleet.execution import Campaign
from second_edition.procedures.fleet.member_run import came_of, own_account
from second_edition.procedures.fleet.planning import Surroundings
from second_edition.rotation import fleet, waves
from second_edition.rotation.fleet_plan import FleetPlan
from second_edition.rotation.outcome import Outcome


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
        NoPlan: no plan run is named, it is none, no trusted key signed it, or its files were altered.
    """
    planned = named(run)
    if not planned:
        raise NoPlan("unnamed")
    keeper = archiving.keeper(run, run.custodian)
    found_plans = journal.accounts(run.folder, lambda begin: (begin.procedure, begin.run) == ("fleet", planned))
    account = _by_run(found_plans, keeper).get(planned)
    if account is None:
        raise NoPlan("absent")
    # Whoever may write to the folder shall not choose what is written to SES.
    if not keeper.vouches(account):
        raise NoPlan("unsealed")
    surveyed = account.of(Surveyed)
    plan = fleet_record.plan_of(account) if surveyed and account.closed and account.begin.mode == "plan" else None
    if surveyed is None or plan is None:
        raise NoPlan("other")
    try:
        found = fleet_record.Planned(fleet_record.beside(account.path, fleet_record.PLAN), surveyed.sha256)
    except (OSError, fleet_record.FleetFileError):
        raise NoPlan("altered") from None
    if fleet.planned(found.members, plan.settings, journal.digest) != plan:
        raise NoPlan("altered")
    _same_pace(run, plan)
    proofs, last_wave = fleet_record.proofs(found.ready), run.intent.asked.last_wave
    made = Campaign(found, planned, plan, proofs=proofs, last_wave=last_wave)
    earlier = _by_run((one for one in _runs(run) if _is_of(one, planned)), keeper)
    # What a later run of the campaign knows is newer.
    for name in in_order({name: _resumed(one) for name, one in earlier.items()}):
        made.runs.append(name)
        signed, known = keeper.vouches(earlier[name]), fleet_record.ended(earlier[name])
        known = known if signed else _borne_out(run, made, known, keeper)
        touched = {number: one for number, one in known.items() if one.touched or one.earlier}
        made.touched |= touched
        # One that was killed is not signed: SES says what it did, and nothing says when it began.
        if signed:
            made.began = made.began or earlier[name].begin.at.isoformat(timespec="milliseconds")
            made.signed |= touched.keys()
        # Whatever is run once more is not taken over as ended.
        made.ended |= {number: replace(one, by=one.by or name) for number, one in known.items() if _lasts(one)}
        made.left |= fleet_record.begun(earlier[name])
        over = {*made.ended, *known}
        made.left = {n: one for n, one in made.left.items() if n not in over and _is_own(run, made, one)}
    return made


def _borne_out(run: Run, made: Campaign, told: Mapping[int, Ended], keeper: archiving.Keeper) -> dict[int, Ended]:
    """Return what became of the identities of which a campaign's run tells that nobody signed, by their own records.

    Those must be signed, of runs that were given a place in this very plan, and come to what is told.
    """
    found, ready = {}, made.planned.ready
    for number, one in told.items():
        record = run.folder / one.record
        if not one.record or not 0 <= number < len(ready):
            continue
        if own_account(made.plan, number, ready[number], record, run, keeper):
            came = came_of(number, ready[number], record, run.folder, one.ended_at)
            if came.outcome == one.outcome:
                found[number] = replace(came, touched=came.touched or one.touched, earlier=one.earlier)
    return found


def _by_run(found: Iterable[Account], keeper: archiving.Keeper) -> dict[str, Account]:
    """Return runs by their ids; where an id is there more than once, the one that a trusted key signed, if any."""
    runs: dict[str, Account] = {}
    for one in found:
        if one.begin.run not in runs or not keeper.vouches(runs[one.begin.run]):
            runs[one.begin.run] = one
    return runs


def _is_of(account: Account, planned: str) -> bool:
    """Return whether a campaign's run began to carry out that plan; another one may have planned the same."""
    own = account.of(Planned)
    return own is not None and own.of == planned and account.of(Laid) is not None


def _resumed(account: Account) -> tuple[str, ...]:
    """Return the ids of the runs that a campaign's run takes up."""
    resumed = account.of(Resumed)
    return resumed.of if resumed else ()


def set_aside(run: Run, made: Campaign, around: Surroundings) -> None:
    """Take an identity for one that is not done where SES does not show the selector that an earlier run says it has.

    It is run once more, and refused (PLAN-APPROVED) where a run has set SES since. Where an earlier run that a trusted
    key signed wrote to it, and its own record is not there to tell, it is not run: SES shows again what stood before
    the plan, which its run would take for that. Asked of SES are the identities that this run is for, and those that
    have to be switched before them; that others are switched is not said of them.

    Raises:
        AccessError: SES could not be asked.
    """
    mine = {number for lane in made.lanes().values() for wave in lane for number in wave}
    for number, before in reversed(fleet.after(made.planned.ready).items()):  # the last rows of each domain first
        mine |= {before} if number in mine else set()
    told = (*made.touched.items(), *made.ended.items())
    switched = {number for number, one in told if one.came is not waves.Came.FAILED}
    switched |= {number for number, one in made.left.items() if _is_switched(run, made, one)}
    made.ended = {n: one for n, one in made.ended.items() if n in mine or one.came is waves.Came.FAILED}
    try:
        for number in standing.overruled(((n, made.planned.ready[n]) for n in sorted(mine & switched)), around):
            made.ended.pop(number, None)
            made.left.pop(number, None)
            one = made.touched.get(number) if number in made.signed else None
            if one is not None and runners.account_of(run.folder / one.record) is None:
                why = say("fleet", "overruled", run.intent.language)
                aside = replace(one, outcome=Outcome.REFUSED.value, stopped_by="PLAN-APPROVED", why=why)
                made.ended[number] = replace(aside, touched=True, earlier=False)
    except ByodkimError as error:
        raise run.error(AccessError, "fleet", "unasked", "steps/untouched", why=error.what) from None


def _is_own(run: Run, made: Campaign, one: Started) -> bool:
    """Return whether what is said to have been begun can be of the campaign: its number and its record's place."""
    below = (run.folder / one.record).resolve().is_relative_to(run.folder.resolve())
    return below and 0 <= one.number < len(made.planned.ready)


def _is_switched(run: Run, made: Campaign, started: Started) -> bool:
    """Return whether an identity's run, whose end the campaign did not write down, has ended so by now."""
    member, keeper = made.planned.ready[started.number], archiving.keeper(run, run.custodian)
    account = own_account(made.plan, started.number, member, run.folder / started.record, run, keeper)
    closed = account.closed if account else None
    return closed is not None and waves.came(closed.outcome) is waves.Came.SWITCHED


def _runs(run: Run) -> Iterator[Account]:
    """Yield the apply runs of campaigns before this one in the archive, newest first, those that hold together."""

    def fits(begin: Begin) -> bool:
        return begin.procedure == "fleet" and begin.mode == "apply" and begin.run != run.id

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
    failed_untouched = one.came is waves.Came.FAILED and not (one.touched or one.earlier)
    return bool(one.outcome) and not one.again and not failed_untouched and one.came is not waves.Came.PENDING
