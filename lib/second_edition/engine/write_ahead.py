"""The one way to write: the intent is on the disk before it, the answer after it, and what stands is read back.

A procedure gives a ``Write`` for each change of its plan: what the journal says of it, which operation of the custodian
makes it, and how it is read back. There is one attempt. An answer that is not clear is followed up for as long as the
write can still land; where a run was stopped before that, the next one waits (``refuse_while_landing``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, NamedTuple

from msgspec import Struct

from second_edition.custody.client import Refused
from second_edition.engine import locking
from second_edition.engine.polling import Polling
from second_edition.engine.run import Run, RunFailed, RunRefused
from second_edition.errors import AccessError, ByodkimError
from second_edition.events import writes, zone
from second_edition.events.parts import Event
from second_edition.evidence import journal
from second_edition.evidence.journal import Account
from second_edition.rotation.reading import FRESH_S

READ_S: Final = 10.0  # how old a run's own reading of SES may be when it writes
SENT_S: Final = 120.0  # within which a call that waits for its turn has to leave: far less than a lock lasts
SETTLE_S: Final = 4.0  # for which a write that was answered may not be seen yet
RUNS: Final = 5  # how many of the newest are looked at for a write that may still land
DIED: Final = "CustodianDied"


class Events(NamedTuple):
    """Hold the events of a kind of write: before it, after it, and when it was read back (``None``: not said)."""

    intent: type[Event]
    answer: type[writes.Answer | writes.Stored | zone.ZoneAnswer]
    resolved: type[writes.Resolved | writes.Settled | zone.ZoneResolved] | None


PUT: Final = Events(writes.Intent, writes.Answer, writes.Resolved)
ROLLBACK: Final = Events(writes.Rollback, writes.Rolled, None)
STORE: Final = Events(writes.Storing, writes.Stored, writes.Settled)
ERASE: Final = Events(writes.Erasing, writes.Erased, writes.Gone)
ZONE: Final = Events(zone.ZoneIntent, zone.ZoneAnswer, zone.ZoneResolved)


class Landed(Struct, frozen=True):
    """Hold what was read back.

    Attributes:
        applied: whether the write is; ``None``: it could not be read.
        found: what stands, or why it could not be read.
        final: there is nothing more to wait for.
    """

    applied: bool | None
    found: str = ""
    final: bool = True


class Failure(Struct, frozen=True):
    """Why a write came to nothing, or nobody can say what it came to.

    Attributes:
        code: AWS's error, or a name server's.
        message: what was said with it.
        unclear: the write may be applied later.
        landed: what was read back last.
    """

    code: str
    message: str
    unclear: bool
    landed: Landed


class Write(Struct, frozen=True):
    """One change to the outside world.

    Attributes:
        events: what the journal calls it.
        intent: what the journal says of it before it is made.
        operation, arguments: what the custodian is asked for.
        read_back: reads what stands.
        failed: the error of a write that is not known to be applied.
        proved: it is read back after a good answer too.
    """

    events: Events
    intent: Mapping[str, Any]
    operation: str
    arguments: Mapping[str, Any]
    read_back: Callable[[], Landed]
    failed: Callable[[Failure], RunFailed]
    proved: bool = False


def make(run: Run, write: Write) -> dict[str, Any]:
    """Make a write and return its answer; it is known to be applied then.

    Raises:
        RunRefused: the lock was lost. Nothing was written.
        RunFailed: it was refused or not applied, or it cannot be told.
        ByodkimError: the custodian died with it under way: the next run finds out what stands.
    """
    locking.confirm(run)
    run.write(write.events.intent, **write.intent)
    came = _attempt(run, write)
    run.since = time.monotonic()  # what was read before does not tell of it
    error = came.get("error")
    if error is None and not write.proved:
        return came
    error = error or {"code": "-", "unclear": False}
    landed = _followed(run, write, unclear=error["unclear"])
    of_zone = write.events is ZONE and landed.applied is not None
    if write.events.resolved and (landed.applied or write.proved or of_zone):
        run.write(write.events.resolved, applied=bool(landed.applied), found=landed.found)
    if not landed.applied:
        raise write.failed(Failure(error["code"], error.get("message", ""), error["unclear"], landed))
    return came


def _attempt(run: Run, write: Write) -> dict[str, Any]:
    error = {"message": "", "status": 0, "request_id": "", "unclear": False}
    try:
        times = _times(run) if write.operation == "put" else {}
        came: dict[str, Any] = run.custodian.ask(write.operation, **write.arguments, **times).result()
    except Refused as refused:
        message = refused.message if write.events is ZONE else ""
        came = {"error": {**error, "code": refused.code, "message": message}}
    except ByodkimError:
        run.write_fixed(write.events.answer, error={**error, "code": DIED, "unclear": True})
        raise
    run.write(write.events.answer, **came)
    return came


def _times(run: Run) -> dict[str, float]:
    """Return until when a write to SES has to leave, and until when it needs no further reading of SES.

    A reading that a campaign's runs share may be older (``FRESH_S``) than one of the run's own.
    """
    now, seen = time.time(), run.seen
    reading = seen.reading if seen else {}
    read_at = str(reading["at"]) if reading else seen.at if seen else ""
    age = (run.clock() - datetime.fromisoformat(read_at)).total_seconds() if read_at else READ_S
    return {"until": now + SENT_S, "look": now + (FRESH_S if reading else READ_S) - age}


def _followed(run: Run, write: Write, *, unclear: bool) -> Landed:
    """Read back until the write is seen applied, once at least, and at most until it can no longer land.

    A request whose connection was cut may still be on its way: one reading that shows what stood before says nothing
    about it. The last reading is made when the time is over.
    """
    seconds = run.intent.section.late_write_seconds if unclear else SETTLE_S if write.proved else 0.0
    landed = Landed(None)
    for _ in Polling(seconds, 1.0, 8.0):
        try:
            landed = write.read_back()
        except Refused as refused:
            landed = Landed(None, f"{refused.operation} {refused.code}")
        except AccessError as error:
            landed = Landed(None, type(error).__name__)
        if landed.applied and landed.final:
            break
    return landed


def refuse_while_landing(run: Run) -> None:
    """Refuse an apply run while an earlier one's write without a clear answer may still land.

    The run that wrote reads back for ``late_write_seconds``. Where it was stopped before, what stood before may stand
    now and the other a moment later.

    Raises:
        RunRefused: names that run, and the time from which the command can be run again.
    """
    if not run.intent.applies or run.world is None:
        return
    for account in islice(journal.earlier(run.folder, run.world.same_identity), RUNS):
        found = [_lands_until(account, events) for events in (STORE, ERASE, ZONE)]
        until = max(filter(None, (*found, _ses_until(run, account))), default=None)
        if until is not None and run.clock() < until:
            values = {"run": account.begin.run, "until": until.isoformat(timespec="seconds")}
            raise run.error(RunRefused, "steps", "landing", **values)


def _ses_until(run: Run, account: Account) -> datetime | None:
    """Return until when a run's last write to SES may land, if nothing tells what became of it.

    Where run or custodian died, nobody had an answer. It has landed then where SES shows its selector. A run that has
    nothing to write goes on, and says that it is open; one to the same selector may write at once: whichever write
    lands last, SES has that one.
    """
    write = account.last_write
    if write is None or not write.unclear:
        return None
    seconds = timedelta(seconds=account.begin.late_write_seconds)
    if write.answered_at is not None and write.error is not None and write.error.code != DIED:
        return write.answered_at + seconds
    stands = run.seen.identity.selector if run.seen is not None and run.seen.identity is not None else ""
    if stands == write.selector or run.intent.selector in (write.selector, stands):
        return None
    return write.at + seconds


def _lands_until(account: Account, events: Events) -> datetime | None:
    """Return until when a run's last write of a kind may land, if nothing tells what became of it."""
    answer, resolved = account.of(events.answer), account.of(events.resolved) if events.resolved else None
    # A custodian that died says nothing of a request on its way: what stands is read, as ever.
    if answer is None or not answer.error or not answer.error.unclear or answer.error.code == DIED:
        return None
    if resolved is not None and resolved.n > answer.n and resolved.applied:
        return None
    return answer.at + timedelta(seconds=account.begin.late_write_seconds)
