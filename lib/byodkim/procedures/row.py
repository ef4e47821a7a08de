"""One row of a campaign: rotate's own steps, with the row's part of the campaign's plan."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from byodkim.checks.world import Identity
from byodkim.engine.observe import read_history
from byodkim.engine.plan import Plan, switch
from byodkim.engine.polling import late_until
from byodkim.engine.rows import Row
from byodkim.engine.run import Campaign, Run
from byodkim.engine.stages import note_plan, require_unchanged, stop_run
from byodkim.errors import RunEnded
from byodkim.procedures import rotate
from byodkim.record.events import IdentitySeen, RowPlanned, WriteIntended
from byodkim.record.record import state_of
from byodkim.words import Sentence


@dataclass
class Begun:
    """A row under way. ``until``: when the wait for SES ends; ``None`` before the write."""

    row: Row
    planned: RowPlanned
    run: Run
    until: datetime | None = None
    shown: Identity | None = None


def shown_campaign(run: Run, planned: RowPlanned) -> Campaign:
    """Return what a row's run knows of its campaign."""
    digest = run.plan.digest if run.plan else ""
    return Campaign(run.plan_name, digest, planned.facts["rollback selector"], run.approvals)


def switch_row(run: Run, planned: RowPlanned, shown: Identity | None) -> None:
    """Do what rotate does, with the row's part of the campaign's plan.

    Where SES shows the selector in use as planned, no run of this identity was killed, and no
    earlier write may still arrive, the row is observed once, directly before its write. Otherwise
    it is observed first, as rotate does.

    Raises:
        RunEnded: the row is refused or failed.
    """
    plan = Plan(planned.facts, _writes_of(planned))
    past = read_history(run)
    may_look_once = (
        plan.writes
        and shown is not None
        and shown.selector == planned.facts["selector in use"]
        and not past.unfinished
        and late_until(run, past, shown.selector) <= run.now()
    )
    if not may_look_once:
        rotate.observe(run)
        rotate.check(run)
        now = rotate.make_plan(run)
        if now.writes:
            require_unchanged(run, plan, now)
    else:
        note_plan(run, plan, run.campaign.approvals if run.campaign else ())
    rotate.apply(run)


def finish(begun: Begun) -> None:
    """Close a row's record by what SES showed last."""
    rotate.finish(begun.run)


def guarded(step: Callable[[Begun], None], begun: Begun) -> None:
    """Run a step of a row; whatever ends it early closes the row's record."""
    with suppress(RunEnded):
        try:
            step(begun)
        except RunEnded:
            raise
        except BaseException as error:  # noqa: BLE001 - one row must not end the others
            stop_run(begun.run, error)


def signs(identity: Identity | None, selector: str) -> bool:
    """Return whether SES signs with a selector, verified."""
    return (
        identity is not None
        and identity.signs
        and identity.selector == selector
        and identity.status == "SUCCESS"
    )


def note_state(begun: Begun, identity: Identity) -> None:
    """Note what SES shows of a row, where that is news."""
    if begun.shown is None or state_of(identity) != state_of(begun.shown):
        begun.run.write(IdentitySeen(identity=identity))
    begun.shown = identity


def is_decided(begun: Begun) -> bool:
    """Return whether SES decided about a row, or the wait for it is over."""
    run, shown = begun.run, begun.shown
    if begun.until is None or run.now() >= begun.until:
        return True
    if shown is None:
        return False
    if shown.selector == run.selector:
        return shown.status in ("SUCCESS", "FAILED")
    if shown.selector != begun.planned.facts["selector in use"]:
        return True
    grace = timedelta(seconds=run.settings.number("late_write_seconds"))
    written = [e.at for e in run.journal.events if isinstance(e, WriteIntended) and e.at]
    return not written or run.now() >= written[-1] + grace


def _writes_of(planned: RowPlanned) -> tuple[Sentence, ...]:
    facts = planned.facts
    if not facts["write"]:  # SES has the selector, and is waited for
        return ()
    return (switch(facts["domain"], facts["selector"], facts["key"]),)
