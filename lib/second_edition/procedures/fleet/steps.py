"""The steps of fleet as they are carried out: many identities planned, and switched in waves by runs of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from second_edition.display.notebook import Shown
from second_edition.engine import approving, archiving, closing, lifecycle, readiness, twin
from second_edition.engine.lifecycle import shown
from second_edition.engine.run import Run, RunFailed, WaitRanOut
from second_edition.engine.stages import Procedure
from second_edition.errors import AccessError, ByodkimError
from second_edition.events.campaign import Filed, Halted, Looked, Recalled, Resumed, Surveyed
from second_edition.events.run import Caller, Checked, Planned
from second_edition.evidence import approval, fleet_record, rehearsals
from second_edition.evidence.decided import begun
from second_edition.evidence.journal import digest
from second_edition.evidence.record import Record
from second_edition.intent import campaign as campaigns
from second_edition.messages import say
from second_edition.procedures.fleet import checks, planning, resumption
from second_edition.procedures.fleet.campaign import goes_on, not_again, standing, to_be_planned
from second_edition.procedures.fleet.campaign_line import CampaignLine
from second_edition.procedures.fleet.execution import MOST, STOP_REQUESTED, Campaign, Execution
from second_edition.procedures.fleet.reader import Readers
from second_edition.procedures.fleet.resumption import NoPlan
from second_edition.procedures.fleet.runner import RUNNING, Runner
from second_edition.rotation import fleet, waves
from second_edition.rotation.checks.case import Applying, Expected
from second_edition.rotation.observation import Observation, Stored
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.plan import Plan
from second_edition.rotation.rehearsal import Rehearsal


class CampaignStopped(RunFailed):
    """The campaign ended before every identity of its plan was switched."""


class CampaignPending(WaitRanOut):
    """SES has yet to verify an identity, and later waves wait for that."""


def outcome_of(record: Record, error: BaseException | None) -> Outcome:
    """Return what the campaign came to, by its events and the error that ended it."""
    own = isinstance(error, CampaignStopped | CampaignPending)
    plan = fleet_record.plan_of(record)
    if (error is not None and not own) or plan is None:
        return closing.of_early_end(error, begun=begun(record), planned=plan is not None)
    return fleet_record.outcome_of(record)


def _observe(run: Run) -> None:
    """Read and plan every identity; in apply mode, show what was planned, and what of it is done by now."""
    with _progress(run) as progress:
        if run.intent.applies:
            _recall(run)
        else:
            _survey(run, progress)


@contextmanager
def _progress(run: Run) -> Iterator[Callable[[], None]]:
    """Yield what shows how far the campaign is: in the step's cell, and on the terminal or in the log."""
    table, line = lifecycle.progress(run), CampaignLine(run)
    now_and_then = planning.seldom(table)

    def show() -> None:
        line.show()
        now_and_then()

    try:
        yield show
    finally:
        line.close()
        table()


def _plan(run: Run) -> Shown:
    """Return the plan for all that are ready; its one digest."""
    found: Campaign | NoPlan = run.own
    if not isinstance(found, NoPlan):
        run.write(Planned, plan=found.plan, of=found.run)
    return shown(run)


def _check(run: Run) -> Shown:
    """Check whose plan is carried out, who agreed to it, and that nobody else does so."""
    findings = checks.BEFORE.evaluate(_case(run), {})
    run.write(Checked, findings=findings)
    return lifecycle.checked(run, findings)


def _apply(run: Run) -> Shown | None:
    """Make wave after wave, in apply mode."""
    if not run.intent.applies:
        return shown(run)
    campaign: Campaign = run.own
    if campaign.runs:
        run.write(Resumed, of=campaign.runs, ended=list(campaign.ended.values()), left=sorted(campaign.left))
    at_once = (campaign.at_once or MOST) * max(len(campaign.lanes()), 1)
    with _progress(run) as progress, _writing(run):
        around = _around(run)
        with Readers(campaign.planned, around, run.folder / RUNNING, campaign.lanes()) as readers:
            Execution(run, campaign, progress, Runner(at_once), readers).carry_out()
    if (halted := run.record.of(Halted)) is not None and halted.why == STOP_REQUESTED:
        # Who was told to stop runs no further cell: what they would do is done here.
        _file(run)
        raise _error(run) or CampaignStopped("")
    return None


def _hand_over(run: Run) -> Shown:
    """Return the tables: what became of each identity, and the rollback for all."""
    _file(run)
    return shown(run)


def _around(run: Run) -> planning.Surroundings:
    return planning.Surroundings(run.folder, Path.cwd(), run.intent.language)


def _survey(run: Run, show: Callable[[], None]) -> None:
    intent, intended = run.intent, campaigns.of(run.intent.asked, run.intent.language)
    passed, sha256 = dict(intended.passed), ""
    around = _around(run)
    if run.sandbox is not None:
        passed |= {"target": intent.asked.target.partition(":")[0], "endpoint_url": intent.endpoint_url}
    if run.sandbox is not None and not intended.identities:
        rows = planning.crowd(run.sandbox, passed)
    else:
        path = Path(intended.identities)
        rows, sha256 = campaigns.read(path, _with_secret(run, passed), intent.language)
        planning.confirm(rows, around, path.name, intent.language)
        planning.agree(rows, around, intent)
    latest, members = planning.Progress(len(rows)), list[fleet.Member]()
    with _writing(run), fleet_record.PlanFile(fleet_record.beside(run.journal.path, fleet_record.PLAN)) as file:
        for member in _planned(run, rows, around, file, latest, show):
            file.add(member)
            members.append(member)
    members = fleet.settled(members)
    early = [one.until for one in fleet.ready(members) if one.until]
    table = {"table": Path(intended.identities).name, "table_sha256": sha256, "rows": latest.all}
    found = {"counts": fleet.counts(members), "whom": [list(one) for one in fleet.waiting(members)]}
    found |= {"waived": fleet.waived(members), "made": dict(sorted(latest.calls.items()))}
    until = max(early, key=datetime.fromisoformat, default="")
    run.write(Surveyed, **table, **found, file=file.path.name, sha256=file.sha256, early=len(early), until=until)
    _write(run, fleet_record.TABLE, "table", fleet_record.table(fleet.ordered(members)))
    planned = fleet_record.Planned(file.path, file.sha256)
    run.own = Campaign(planned, run.id, fleet.planned(members, intended.settings, digest))


def _planned(
    run: Run,
    rows: list[campaigns.Row],
    around: planning.Surroundings,
    file: fleet_record.PlanFile,
    latest: planning.Progress,
    show: Callable[[], None],
) -> Iterator[fleet.Member]:
    """Yield each identity as it is planned, for ``file``."""
    seen = set[tuple[str, ...]]()

    def once(member: fleet.Member) -> fleet.Member:
        key = (*member.place, *member.lane)
        one = replace(member, group=fleet.Group.WRONG, stopping=("TWICE",)) if key in seen else member
        seen.add(key)
        return one

    def write() -> None:
        left = None if latest.left_s is None else round(latest.left_s, 1)
        run.write(Looked, known=latest.known, all=latest.all, sha256=file.sha256, left_s=left)
        show()

    for member in planning.survey(rows, around, run.intent.asked.at_once, latest, planning.seldom(write)):
        yield once(member)


def _with_secret(run: Run, passed: dict[str, str]) -> dict[str, str]:
    """Return what rows of a sandbox's table have where they say no other: its secrets' names, as its own has them."""
    if run.sandbox is None or passed.get("secret_id"):
        return passed
    facts = run.sandbox.facts
    return {**passed, "secret_id": facts.secret_id.replace(facts.domain, campaigns.DOMAIN)}


def _recall(run: Run) -> None:
    """Read the plan that is carried out, and what of it is done; where there is none, the checks say so."""
    planned = resumption.named(run)
    known: dict[str, Any] = {"counts": {}, "left": 0, "waived": [], "began": ""}
    try:
        run.own = found = resumption.campaign(run)
        around = _around(run)
        planning.agree(found.planned.ready, around, run.intent)
        resumption.set_aside(run, found, around)
        waived = fleet.waived(found.planned.members)
        known = {"counts": fleet_record.counts(found.ended), "left": len(found.left), "waived": waived}
        known["began"] = found.began
    except NoPlan as none:
        run.own = none
    known["began"] = known["began"] or run.clock().isoformat(timespec="milliseconds")
    run.write(Recalled, of=planned, **known)


def _case(run: Run) -> checks.FleetCase:
    at, who = run.clock().isoformat(timespec="milliseconds"), run.record.of(Caller)
    seen = Observation(at, "", "", who.caller if who else None, None, Stored(""), None, (), ())
    case = checks.FleetCase(seen, Expected(run.intent.account, run.intent.expected_region, run.intent.applies))
    found: Campaign | NoPlan = run.own
    if not isinstance(found, NoPlan):
        case = replace(case, rehearsals=_rehearsals(run, found))
    if not run.intent.applies:
        return case
    case = replace(case, planned=resumption.named(run), required=run.intent.approvals)
    applying = Applying(Plan((), {}, ""), lock=run.record.lock)
    if isinstance(found, NoPlan):
        return replace(case, defect=found.defect, names=found.names, applying=applying)
    found.approvals = tuple(path for path in approval.find(run.intent.asked.approved, run.folder) if path.exists())
    # Where none is needed, that there is none is no defect.
    given = approving.presented(run) if found.approvals or run.intent.approvals else ()
    recalled = run.record.of(Recalled)
    terms = approving.terms(run, datetime.fromisoformat(recalled.began) if recalled else run.clock())
    applying = replace(applying, terms=terms, readiness=readiness.ready(run))
    return replace(case, plan=found.plan, approvals=given, applying=applying)


def _rehearsals(run: Run, campaign: Campaign) -> tuple[tuple[str, Rehearsal], ...] | None:
    """Return the rehearsal of each canary whose section, or the campaign's own, requires it; on a twin none does."""
    numbers = (number for laid in campaign.lanes().values() for number in laid[0])
    canaries, around = map(campaign.planned.ready.__getitem__, numbers), _around(run)
    asked = [one for one in canaries if "canary" in (run.intent.section.rehearsal, around.section(one).rehearsal)]
    if not asked or run.intent.asked.target == twin.TWIN:
        return None
    found = [one for one in asked if not one.goes_back]
    changes = [(one.domain, one.selector, one.account, one.region) for one in found]
    tried = rehearsals.of(run.folder, changes, {**twin.trusted(run.intent), **archiving.key_in_kms(run)})
    return tuple(
        (one.domain, Rehearsal(one.plan, newest))
        for one, newest in zip(found, tried, strict=True)
        if one.plan is not None  # as it is ready
    )


def _write(run: Run, ending: str, what: str, text: str) -> None:
    """Write a table for people; its SHA-256 stands in the journal."""
    path = fleet_record.beside(run.journal.path, ending)
    with _writing(run):
        run.write(Filed, file=path.name, sha256=fleet_record.write(path, text), what=what)


def _file(run: Run) -> None:
    """Write what became of each identity, and the table that takes back those that are switched."""
    campaign: Campaign = run.own
    if not run.intent.applies:
        return
    ready, ended = campaign.planned.ready, fleet_record.ended(run.record)
    came = {number: (one.outcome, one.record, one.head) for number, one in ended.items()}
    written = [(number, one) for number, one in sorted(ended.items()) if one.written]
    back = [ready[number] for number, one in written if not one.stays]
    _write(run, fleet_record.TABLE, "table", fleet_record.table(ready, came))
    _write(run, fleet_record.BACK, "back", fleet_record.way_back(back))


def _error(run: Run) -> ByodkimError | None:
    """Return the error of a campaign that was not carried out to its end."""
    record, language = run.record, run.intent.language
    halted = record.of(Halted)
    if halted is None:
        return None
    if halted.why != STOP_REQUESTED and outcome_of(record, None) is Outcome.SWITCHED:
        return None
    count, came = fleet_record.reach(record)
    plan = fleet_record.plan_of(record)
    values: dict[str, object] = {**fleet_record.counts(came), "all": count, "left": count - len(came)}
    values |= {"most": plan.settings["stop_after"], "planned": plan.count} if plan else {}
    key = "halted.done" if halted.why == "failures" and not values["left"] else f"halted.{halted.why}"
    stuck = halted.why in ("failures", "done") and not goes_on(record)
    what, todo = (
        say("fleet", one, language, **values) for one in (key, "halted.stuck.todo" if stuck else f"{key}.todo")
    )
    more = [*not_again(record, language), *to_be_planned(record, language)]
    failed = [one for one in came.values() if one.came is waves.Came.FAILED]
    named = [] if failed and all(one.aside for one in failed) else [todo]  # no record says what to mend
    todo = ("" if language == "ja" else " ").join([*named, *more])
    means = standing(record, language)
    return (CampaignPending if halted.why == "pending" else CampaignStopped)(what, means, todo)


@contextmanager
def _writing(run: Run) -> Iterator[None]:
    """Say it in words where the disk does not take what the block writes."""
    try:
        yield
    except OSError as error:
        values = {"path": Path(str(error.filename or run.folder)).name, "reason": error.strerror or str(error)}
        raise run.error(AccessError, "fleet", "unwritable", run.stands, **values) from error


PROCEDURE: Final = Procedure(
    name="fleet",
    steps={"observe": _observe, "plan": _plan, "check": _check, "apply": _apply, "hand_over": _hand_over},
    outcome=outcome_of,
    error=_error,
    scenario="fleet",
    of_many=True,
    accept=campaigns.of,
)
