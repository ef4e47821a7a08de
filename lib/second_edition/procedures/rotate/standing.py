"""Tell what SES has by a rotate run's record, and whether a rollback is possible: shared by answers and summary."""

from __future__ import annotations

from datetime import datetime

from second_edition.dkim.published import Verdict
from second_edition.evidence.record import Record
from second_edition.rotation.checks.rollback import Rollback, judged
from second_edition.rotation.lock import State
from second_edition.rotation.observation import SUCCESS, Identity
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.plan import Write


def departed(record: Record) -> bool:
    """Return whether SES has, or may have, the selector asked for in place of another: a rollback is possible.

    After a write of the run's own, or one that an earlier run began, that counts until SES was seen to have another
    selector; without one, what SES was seen to have does, where it is known which one it had before.
    """
    gone = record.rollback is not None and record.rollback.accepted and not stands(record)
    if gone or record.gone_at or record.rolled_back is not None or record.overruled is not None or at_work(record):
        return False
    requested, shown = [record.begin.selector], list(record.after.selectors) if record.after else []
    begun = record.written_at or record.perhaps_written_at
    if record.switch is not None:
        # A request without an answer may land after every reading.
        refused = record.switch.error is not None and not record.switch.error.unclear
        taken_back = refused and bool(record.reads) and shown == [record.current_selector] != requested
        return wrote(record) or (begun is not None and not taken_back)
    return begun is not None if not shown else shown == requested and (begun is not None or bool(record.left))


def at_work(record: Record) -> bool:
    """Return whether another run holds the lock: a rollback is that one's, while it writes or waits."""
    return record.lock.state is State.OTHER


def wrote(record: Record) -> bool:
    """Return whether this run's own write took effect, as far as its events say."""
    return any(write.accepted for write in record.writes if not write.rollback)


def restored(record: Record) -> Write | None:
    """Return the rollback of a run that wrote nothing else: an earlier run had switched. ``None`` for any other run.

    One that SES refused clearly is none.
    """
    back = record.rollback
    if back is None or not (back.accepted or back.unclear) or record.switch is not None:
        return None
    return back.change


def stands(record: Record) -> Identity | None:
    """Return the identity that a refused run saw, where it has the selector asked for; else ``None``."""
    found = record.after
    return found if found is not None and found.selector == record.begin.selector else None


def worked(record: Record) -> bool:
    """Return whether the selector that was left was seen verified: mail signed with it may be on its way."""
    found = record.before.identity if record.before else None
    if found is not None and (found.selector, found.status) == (record.left, SUCCESS):
        return True
    return judged(record.findings).state != "never-worked"


def verified_last(record: Record) -> str:
    """Return a selector besides the run's two that earlier runs saw verified, the one used newest; "" for none."""
    used, beside = record.seen.used if record.seen else (), (record.left, record.begin.selector)
    return next((one.selector for one in reversed(used) if one.worked and one.selector not in beside), "")


def overlap(record: Record) -> datetime | None:
    """Return until when the key record of the selector that was left must stay published; ``None``: none has to.

    That holds for a switch that an earlier run began, too.
    """
    switched = record.outcome is Outcome.SWITCHED and record.left and worked(record)
    return record.overlap_until if switched and not _absent(record) else None


def _absent(record: Record) -> bool:
    """Return whether every server answered that the selector that was left has no key record: there is none to keep."""
    answers = record.before.current_records if record.before else ()
    return bool(answers) and all(one.rcode in ("NOERROR", "NXDOMAIN") and not one.records for one in answers)


def unserved(record: Record) -> bool:
    """Return whether every server denied, when the run looked, the key record of the selector that SES has now."""
    seen, selector = record.seen, record.after.selector if record.after else ""
    if seen is None or not selector:
        return False
    asked = selector == seen.selector
    answers = seen.records if asked else seen.current_records if selector == seen.back_selector else ()
    verdicts = {judgement.verdict for _, judgement in seen.judged(answers, None)}
    return bool(verdicts) and verdicts <= {Verdict.ABSENT, Verdict.REVOKED}


def assessed(record: Record) -> tuple[Rollback, str]:
    """Return how a rollback stands by what the run saw last, and when that was seen; "" where nothing was."""
    found = judged(record.findings, record.after)
    at = record.seen.at if record.seen else ""
    if record.reads and found != judged(record.findings):  # SES was changed after the checks
        at = record.reads[-1].at.isoformat(timespec="milliseconds")
    return found, at
