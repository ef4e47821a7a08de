"""The write to SES: what it is made of, and how SES shows that it was applied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from byodkim.display.words import Words
from byodkim.evidence.journal import digest
from byodkim.messages import say
from byodkim.plain import plain
from byodkim.procedure import approving, observing, readiness
from byodkim.procedure.procedure import Work
from byodkim.procedure.run import Run, RunFailed
from byodkim.procedure.write_ahead import PUT, Events, Failure, Landed, Write
from byodkim.rotation import plan as plans
from byodkim.rotation.checks import CHECKS, Applying, Case
from byodkim.rotation.observation import SUCCESS, Identity, Observation
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
    told=lambda _, seen: (seen, {}),
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
    """Reads the identity and writes down what SES shows.

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
    seconds = run.intent.late_write_seconds if unclear else 0
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
