"""The writes to SES: the switch, and going back where the profile asks for that and SES has not verified in time.

The selector that was left is written again with the stored key, only if every check of a rollback to it passed in this
run (BACK-CHECKS), and only while its key record is still served everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from msgspec.structs import replace

from second_edition.display.words import Words
from second_edition.dkim.matrix import judge_together
from second_edition.dkim.published import Verdict
from second_edition.engine import approving, closing, readiness, resolving, shared_reading, write_ahead
from second_edition.engine.run import Error, Run, RunFailed
from second_edition.engine.stages import Work
from second_edition.engine.write_ahead import PUT, ROLLBACK, Events, Failure, Landed, Write
from second_edition.errors import ByodkimError
from second_edition.events.run import Observed, Read
from second_edition.events.writes import Rollback
from second_edition.evidence.journal import digest
from second_edition.evidence.record import Record
from second_edition.messages import say
from second_edition.rotation import plan as plans
from second_edition.rotation.checks import CHECKS, Applying, Case
from second_edition.rotation.checks.case import SIGN_IN
from second_edition.rotation.checks.rollback import judged
from second_edition.rotation.observation import CHANGED_MEANWHILE, SUCCESS, Identity, KeyObject
from second_edition.rotation.readiness import NOTHING_TRIED
from second_edition.rotation.rollback import has_worked
from second_edition.rotation.timing import LATE_WRITE, MAX_CLOCK_SKEW, deadline

#: Codes with which SES refuses a write for what it holds, however often it is made.
_DECLINED: Final = frozenset({"BadRequestException", "NotFoundException"})


def applying(run: Run, case: Case) -> Applying:
    """Return what is about to be done: the plan as it would be made now, its approvals, and whether it can be kept."""
    made = plans.make(case.seen, CHECKS.evaluate(case, run.intent.waivers), digest)
    given, observed = approving.presented(run), run.record.of(Observed)
    terms = approving.terms(run, observed.at if observed else run.clock())
    tried = readiness.ready(run) if made.writes else NOTHING_TRIED
    return Applying(made, run.intent.approvals, given, run.record.lock, terms, tried)


WORK = Work(
    observation=lambda _, seen: (seen, {}),
    case=Case,
    before=CHECKS,
    after=CHECKS,
    applying=applying,
    plan=lambda _, seen, findings: plans.make(seen, findings, digest),
    writes=lambda run, _, made: (put(run, change) for change in made.writes),
)


def put(run: Run, change: plans.Write, events: Events = PUT, **intent: object) -> Write:
    """Return the write by which SES is given a selector and its key. ``intent``: what the journal says besides."""
    return Write(
        events=events,
        intent={"change": change, **intent},
        operation="put",
        arguments={
            "name": change.target,
            "selector": change.next_selector,
            "sha256": change.key_sha256,
            "current": change.current_selector,
        },
        read_back=lambda: _landed(run, change, read(run)),
        failed=lambda failure: closing.gone(run) or _failed(run, change, failure),
    )


def read(run: Run) -> Identity:
    """Read the identity and write down what SES shows.

    Raises:
        Refused: it could not be read.
        AccessError: SES does not know it.
    """
    seen = shared_reading.known(run, run.custodian.ask("identity", name=run.intent.domain).result())
    run.write(Read, identity=seen)
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
    landed, unclear = failure.landed, failure.unclear
    seconds = run.intent.section.late_write_seconds if unclear else 0
    values = {"code": failure.code, "current": change.current_selector, "next": change.next_selector}
    values["seconds"] = str(seconds)
    if (sent := run.record.perhaps_written_at) is not None:
        values["until"] = Words(run.intent.language, run.intent.zone).time(sent + LATE_WRITE)
    if failure.code == CHANGED_MEANWHILE:
        seen = run.record.after if run.record.of(Read) else None
        values["seen"] = (" ".join(seen.selectors) if seen else "") or "-"
        values |= {"status": seen.status if seen else "-", "origin": seen.signing_origin if seen else "-"}
        return run.error(RunFailed, "steps", "write.overtaken", **values)
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
    if failure.code in SIGN_IN:
        todo = "unread.todo"
    return run.error(RunFailed, "steps", f"write.{key}", "", todo, **values)


class RolledBack(ByodkimError):
    """The selector was not verified in time, and the one before it was written again."""


def rollback_due(run: Run) -> bool:
    """Return whether the time is over in which SES was to verify the selector asked for, or SES has given up on it."""
    hours, after = run.intent.section.rollback_after_hours, run.record.after
    if not hours or not run.intent.applies or after is None or run.record.of(Rollback):
        return False
    if after.selector != run.intent.selector or after.status == SUCCESS or (since := _given_since(run)) is None:
        return False
    return run.record.given_up or run.clock() >= since + timedelta(hours=hours)


def _given_since(run: Run) -> datetime | None:
    """Return since when SES has the selector asked for in place of the one to go back to; ``None`` if not known.

    This run's own write counts, and what SES showed runs that a trusted key signed: who may write to the folder shall
    not make a run write to SES. SES looks for 72 hours: where it still does after them, it was given the selector again
    by somebody of whom this archive does not know.
    """
    switch = run.record.switch
    if switch is not None and switch.accepted:
        return switch.at
    waiting = run.archive.result().waiting if run.archive and run.record.written_before else None
    if waiting is None or waiting.verified:
        return None
    if run.clock() > deadline(waiting.since) + MAX_CLOCK_SKEW and not run.record.given_up:
        return None
    # Where no signed run saw another selector before, that a rollback works is proved all the same.
    same = waiting.selector == run.intent.selector and waiting.left in ("", run.record.left)
    return waiting.since if same else None


def roll_back(run: Run, progress: Callable[[], None]) -> None:
    """Write the selector that was left again, and looks until SES shows it.

    Raises:
        RunFailed: nothing proves that going back would work, or it is not known whether it did.
    """
    left, key = _proved_back(run)
    run.custodian.ask(
        "key", selector=left, path=f"s3://{key.bucket}/{key.key}", bucket=key.bucket, domain=run.intent.domain
    ).result()
    answers, followed = resolving.look_followed(run, left)
    found = {one.verdict for one in judge_together(answers, key.sha256, followed)}
    if found - {Verdict.NO_IPV6} != {Verdict.THE_KEY}:
        raise _not_rolled_back(run, "record", left)
    change = plans.Write(plans.PUT, run.intent.domain, run.intent.selector, left, key.sha256)
    write = put(run, change, ROLLBACK, hours=run.intent.section.rollback_after_hours)

    def read_back() -> Landed:
        try:
            seen = read(run)
            return Landed(seen.selector == left, seen.status, final=seen.status == SUCCESS)
        finally:
            progress()

    def failed(failure: Failure) -> RunFailed:
        other = closing.gone(run) or closing.overruled(run)
        return other or _unsigned(run, RunFailed, left) or _unseen(run, left, failure)

    try:
        write_ahead.make(run, replace(write, read_back=read_back, failed=failed, proved=True))
    finally:
        run.custodian.ask("forget")


def rolled_back(run: Run) -> RolledBack | None:
    """Return what a run that went back ends with: the switch did not come about."""
    change = run.record.rolled_back
    if change is None:
        return None
    left = change.next_selector
    if unsigned := _unsigned(run, RolledBack, left):
        return unsigned
    values = {"selector": run.intent.selector, "left": left, "why": _why(run)}
    return run.error(RolledBack, "rotate", "done", "means", "todo", **values)


def _unsigned(run: Run, kind: type[Error], left: str) -> Error | None:
    """Return the error of a rollback that SES took, where SES does not sign with your key; ``None`` where it does."""
    after, write = run.record.after, run.record.rollback
    if after is None or after.signs or write is None or not write.accepted:
        return None
    values = {"why": _why(run), "left": left, "domain": run.intent.domain, "origin": after.signing_origin or "-"}
    values["signing"] = str(after.signing_enabled).lower()
    todo = "steps/origin-other.todo" if after.signing_enabled else "signing-off.todo"
    return run.error(kind, "rotate", "unsigned", "", todo, **values)


def _unseen(run: Run, left: str, failure: Failure) -> RunFailed:
    """Return the error of a rollback that SES does not show: refused, without a clear answer, or not shown yet."""
    write = run.record.rollback
    if write is not None and write.accepted:
        return _not_rolled_back(run, "unseen", left, todo="not.unseen.todo")
    if failure.unclear:
        return _not_rolled_back(run, "unclear", left, code=failure.code, todo="not.unclear.todo")
    return _not_rolled_back(run, "refused-write", left, code=failure.code)


def _why(run: Run) -> str:
    """Return why the run goes back, as it was known before it did."""
    before = tuple(takewhile(lambda event: not isinstance(event, Rollback), run.record.events))
    key = "why.given-up" if Record(before).given_up else "why.time"
    values = {"selector": run.intent.selector, "hours": run.intent.section.rollback_after_hours}
    return say("rotate", key, run.intent.language, **values)


def _proved_back(run: Run) -> tuple[str, KeyObject]:
    """Return the selector that was left and its key, if every check of a rollback to it has passed in this run.

    What a run that nobody signed says of it is enough for a person's command, and not for a run's own.
    """
    seen, found = run.record.seen, judged(run.record.findings, run.record.after)
    key = seen.current_key.key if seen and seen.current_key else None
    if seen is None or key is None or found.state != "passes" or not has_worked(seen, signed=True):
        left = seen.back_selector if seen else ""
        why = "untold" if found.state == "passes" and seen and key and has_worked(seen) else "unproved"
        raise _not_rolled_back(run, "refused" if found.remedies else why, left or "-", ", ".join(found.remedies))
    return seen.back_selector, key


def _not_rolled_back(
    run: Run, why: str, left: str, ids: str = "", *, code: str = "", todo: str = "not.todo"
) -> RunFailed:  # fmt: skip
    values = {"selector": run.intent.selector, "left": left, "why": _why(run), "ids": ids, "code": code}
    return run.error(RunFailed, "rotate", f"not.{why}", "not.means", todo, **values)
