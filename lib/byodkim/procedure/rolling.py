"""Going back by itself, where the profile asks for that: SES has not verified the selector when its time is over.

The selector that was left is written again with the stored key, only if every check of a rollback to it passed in this
run (BACK-CHECKS), and only while its key record is still served everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from byodkim.dkim.matrix import judge_together
from byodkim.dkim.published import Verdict
from byodkim.errors import ByodkimError
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.procedure import resolving, write_ahead, writing
from byodkim.procedure.run import Run, RunFailed
from byodkim.procedure.write_ahead import ROLLBACK, Landed
from byodkim.rotation import plan as plans
from byodkim.rotation.checks.back import judged
from byodkim.rotation.observation import SUCCESS, KeyObject


class RolledBack(ByodkimError):
    """The selector was not verified in time, and the one before it was written again."""


def due(run: Run) -> bool:
    """Return whether the time is over in which SES was to verify the selector asked for, or SES has given up on it."""
    hours, written, after = run.intent.rollback_after_hours, run.record.written_at, run.record.after
    if not hours or not run.intent.applies or written is None or after is None or run.record.last("rollback"):
        return False
    pending = after.selector == run.intent.selector and after.status != SUCCESS
    return pending and (run.record.given_up or run.clock() >= written + timedelta(hours=hours))


def back(run: Run, progress: Callable[[], None]) -> None:
    """Writes the selector that was left again, and looks until SES shows it.

    Raises:
        RunFailed: nothing proves that going back would work, or it is not known whether it did.
    """
    left, key = _proved(run)
    run.custodian.ask(
        "key", selector=left, path=f"s3://{key.bucket}/{key.key}", bucket=key.bucket, domain=run.intent.domain
    ).result()
    answers = resolving.look_again(run, left)
    judged = [one.verdict for one in judge_together(answers, key.sha256, ()) if one.verdict is not Verdict.NO_IPV6]
    if not judged or set(judged) != {Verdict.THE_KEY}:
        raise _failed(run, "record", left)
    change = plans.Write(plans.PUT, run.intent.domain, run.intent.selector, left, key.sha256)
    write = writing.put(run, change, ROLLBACK, hours=run.intent.rollback_after_hours)
    shown = Landed(None)

    def read_back() -> Landed:
        nonlocal shown
        try:
            seen = writing.read(run)
            shown = Landed(seen.selector == left, seen.status, final=seen.status == SUCCESS)
        finally:
            progress()
        return shown

    try:
        write_ahead.make(
            run,
            replace(write, read_back=read_back, failed=lambda _: _failed(run, "unclear", left), proved=True),
        )
    finally:
        run.custodian.ask("forget")


def error(run: Run) -> RolledBack | None:
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
    values = {"selector": run.intent.selector, "hours": run.intent.rollback_after_hours}
    return say("rollback", key, run.intent.language, **values)


def _proved(run: Run) -> tuple[str, KeyObject]:
    """Return the selector that was left and its key, if every check of a rollback to it has passed in this run."""
    seen, found = run.record.seen, judged(run.record.findings, run.record.after)
    key = seen.current_key.key if seen and seen.current_key else None
    if seen is None or key is None or found.state != "passes":
        left = seen.back_selector if seen else ""
        raise _failed(run, "refused" if found.remedies else "unproved", left or "-", ", ".join(found.remedies))
    return seen.back_selector, key


def _failed(run: Run, why: str, left: str, ids: str = "") -> RunFailed:
    values = {"selector": run.intent.selector, "left": left, "why": _why(run), "ids": ids}
    keys = (f"not.{why}", "not.means", "not.todo")
    return RunFailed(*(say("rollback", key, run.intent.language, **values) for key in keys))
