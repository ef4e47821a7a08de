"""The writes to SES: the switch, and going back where the profile asks for that and SES has not verified in time.

The selector that was left is written again with the stored key, only if every check of a rollback to it passed in this
run (BACK-CHECKS), and only while its key record is still served everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Final

from byodkim.display.words import Words
from byodkim.dkim.matrix import judge_together
from byodkim.dkim.published import Verdict
from byodkim.errors import ByodkimError
from byodkim.evidence.journal import digest
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.plain import plain
from byodkim.procedure import approving, observing, readiness, resolving, write_ahead
from byodkim.procedure.run import Run, RunFailed
from byodkim.procedure.stages import Work
from byodkim.procedure.write_ahead import PUT, ROLLBACK, Events, Failure, Landed, Write
from byodkim.rotation import plan as plans
from byodkim.rotation.checks import CHECKS, Applying, Case
from byodkim.rotation.checks.rollback import judged
from byodkim.rotation.observation import SUCCESS, Identity, KeyObject, Observation
from byodkim.rotation.plan import Plan
from byodkim.rotation.readiness import NOTHING_TRIED
from byodkim.rotation.timing import LATE_WRITE

#: Codes with which SES refuses a write for what it holds, however often it is made.
_DECLINED: Final = frozenset({"BadRequestException", "NotFoundException"})


def applying(run: Run, case: Case) -> Applying:
    """Return what is about to be done: the plan as it would be made now, its approvals, and whether it can be kept."""
    made = plans.make(case.seen, CHECKS.evaluate(case, run.intent.waivers), digest)
    given = approving.presented(run)
    terms = approving.terms(run, str((run.record.last("observed") or {})["at"]))
    tried = readiness.ready(run) if made.writes else NOTHING_TRIED
    return Applying(made, run.intent.approvals, given, run.record.lock, terms, tried)


def _writes(run: Run, _: Observation, made: Plan) -> Iterator[Write]:
    for change in made.writes:
        yield put(run, change)


WORK = Work(
    observation=lambda _, seen: (seen, {}),
    case=Case,
    before=CHECKS,
    after=CHECKS,
    applying=applying,
    plan=lambda _, seen, findings: plans.make(seen, findings, digest),
    writes=_writes,
)


def put(run: Run, change: plans.Write, events: Events = PUT, **intent: object) -> Write:
    """Return the write by which SES is given a selector and its key. ``intent``: what the journal says besides."""
    return Write(
        events=events,
        intent={"change": plain(change), **intent},
        operation="put",
        arguments={"name": change.target, "selector": change.next_selector, "sha256": change.key_sha256},
        read_back=lambda: _landed(run, change, read(run)),
        failed=lambda failure: _failed(run, change, failure),
    )


def read(run: Run) -> Identity:
    """Read the identity and write down what SES shows.

    Raises:
        Refused: it could not be read.
        AccessError: SES does not know it.
    """
    seen = observing.read_identity(run)
    run.write("read", identity=asdict(seen))
    return seen


def _landed(run: Run, change: plans.Write, seen: Identity) -> Landed:
    """Return whether the write was applied, and the selector that SES shows with its status.

    Where the selector stood before, its status shows it: SUCCESS, or one to which nothing but a write leads. FAILED is
    left only by a write, and NOT_STARTED follows only on one.
    """
    applied = seen.selector == change.next_selector
    if applied and change.resubmit:
        stood = run.seen.identity.status if run.seen and run.seen.identity else ""
        moved = seen.status != stood and (stood == plans.GIVEN_UP or seen.status == "NOT_STARTED")
        applied = moved or seen.status == SUCCESS
    return Landed(applied if seen.selector else None, seen.status)


def _failed(run: Run, change: plans.Write, failure: Failure) -> RunFailed:
    """Return the error of a write that was not applied, or of which it can't be told."""
    language, landed, unclear = run.intent.language, failure.landed, failure.unclear
    seconds = run.intent.section.late_write_seconds if unclear else 0
    values = {"code": failure.code, "current": change.current_selector, "next": change.next_selector}
    values["seconds"] = str(seconds)
    if (sent := run.record.perhaps_written_at) is not None:
        values["until"] = Words(language, run.intent.zone).time(sent + LATE_WRITE)
    if landed.applied is None:
        key = "not-known" if unclear else "refused"
    elif unclear and change.resubmit and landed.found != plans.GIVEN_UP:
        key, values["status"] = "not-told", landed.found
    else:
        key = "not-applied-yet" if unclear else "not-applied"
    denied = failure.code.startswith("AccessDenied") and not unclear
    todo = "write.denied.todo" if denied else "write.not-told.todo" if key == "not-told" else "write.todo"
    if failure.code in _DECLINED and not unclear:
        todo = "write.declined.todo"
    return RunFailed(
        say("steps", f"write.{key}", language, **values),
        say("steps", f"write.{key}.means", language, **values),
        say("steps", todo, language, **values),
    )


class RolledBack(ByodkimError):
    """The selector was not verified in time, and the one before it was written again."""


def rollback_due(run: Run) -> bool:
    """Return whether the time is over in which SES was to verify the selector asked for, or SES has given up on it."""
    hours, written, after = run.intent.section.rollback_after_hours, run.record.written_at, run.record.after
    if not hours or not run.intent.applies or written is None or after is None or run.record.last("rollback"):
        return False
    pending = after.selector == run.intent.selector and after.status != SUCCESS
    return pending and (run.record.given_up or run.clock() >= written + timedelta(hours=hours))


def roll_back(run: Run, progress: Callable[[], None]) -> None:
    """Write the selector that was left again, and looks until SES shows it.

    Raises:
        RunFailed: nothing proves that going back would work, or it is not known whether it did.
    """
    left, key = _proved_back(run)
    run.custodian.ask(
        "key", selector=left, path=f"s3://{key.bucket}/{key.key}", bucket=key.bucket, domain=run.intent.domain
    ).result()
    answers = resolving.look_again(run, left)
    judged = [one.verdict for one in judge_together(answers, key.sha256, ()) if one.verdict is not Verdict.NO_IPV6]
    if not judged or set(judged) != {Verdict.THE_KEY}:
        raise _not_rolled_back(run, "record", left)
    change = plans.Write(plans.PUT, run.intent.domain, run.intent.selector, left, key.sha256)
    write = put(run, change, ROLLBACK, hours=run.intent.section.rollback_after_hours)
    shown = Landed(None)

    def read_back() -> Landed:
        nonlocal shown
        try:
            seen = read(run)
            shown = Landed(seen.selector == left, seen.status, final=seen.status == SUCCESS)
        finally:
            progress()
        return shown

    try:
        write_ahead.make(
            run,
            replace(write, read_back=read_back, failed=lambda _: _not_rolled_back(run, "unclear", left), proved=True),
        )
    finally:
        run.custodian.ask("forget")


def rolled_back(run: Run) -> RolledBack | None:
    """Return what a run that went back ends with: the switch did not come about."""
    change = run.record.rolled_back
    if change is None:
        return None
    values = {"selector": run.intent.selector, "left": change["next_selector"], "why": _why(run)}
    return RolledBack(*(say("rollback", key, run.intent.language, **values) for key in ("done", "means", "todo")))


def _why(run: Run) -> str:
    """Return why the run goes back, as it was known before it did."""
    events = run.record.events
    end = next((at for at, event in enumerate(events) if event["event"] == "rollback"), len(events))
    key = "why.given-up" if Record(events[:end]).given_up else "why.time"
    values = {"selector": run.intent.selector, "hours": run.intent.section.rollback_after_hours}
    return say("rollback", key, run.intent.language, **values)


def _proved_back(run: Run) -> tuple[str, KeyObject]:
    """Return the selector that was left and its key, if every check of a rollback to it has passed in this run."""
    seen, found = run.record.seen, judged(run.record.findings, run.record.after)
    key = seen.current_key.key if seen and seen.current_key else None
    if seen is None or key is None or found.state != "passes":
        left = seen.back_selector if seen else ""
        raise _not_rolled_back(run, "refused" if found.remedies else "unproved", left or "-", ", ".join(found.remedies))
    return seen.back_selector, key


def _not_rolled_back(run: Run, why: str, left: str, ids: str = "") -> RunFailed:
    values = {"selector": run.intent.selector, "left": left, "why": _why(run), "ids": ids}
    keys = (f"not.{why}", "not.means", "not.todo")
    return RunFailed(*(say("rollback", key, run.intent.language, **values) for key in keys))
