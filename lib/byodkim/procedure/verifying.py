"""Waiting until SES has found the key record."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from byodkim.custody.client import Refused
from byodkim.errors import AccessError
from byodkim.messages import say
from byodkim.procedure import rolling, sharing
from byodkim.procedure.polling import Polling
from byodkim.procedure.run import Run
from byodkim.procedure.writing import read
from byodkim.rotation.observation import SUCCESS, Identity

#: Seconds between readings at first, where nothing limits them, and later; where SES does, at first this many calls'
#: time, and later up to a minute.
FIRST_S: Final = 0.01
LATER_S: Final = 15.0
CALLS: Final = 3
LONGEST_S: Final = 60.0


def wait(run: Run, progress: Callable[[], None]) -> Identity:
    """Reads the identity until SES has verified the selector, has given up, or the time to wait is over.

    SES is read less and less often. After a write of its own the run waits first: at SES's pace the first reading would
    come a second after the write, when SES has not looked for the key record yet, and keep a call from another run.
    ``progress`` is called after each reading. A reading that fails is tried again until the time is over. Where the
    profile says when to go back, and SES has not verified by then, the run goes back.
    """
    seconds = run.intent.wait_minutes * 60.0
    rate = run.intent.requests_per_second
    first = CALLS / rate if rate else FIRST_S
    polling = Polling(seconds, first, LONGEST_S if rate else LATER_S)
    if run.record.intent is not None and not run.fresh_s:
        time.sleep(min(first, seconds))
    seen, final = None, False
    for poll in polling:
        seen, shared = _read(run, seen, poll.left)
        progress()
        final = seen is not None and _final(run, seen)
        poll.paced = not shared  # who reads for several runs has its own pace
        if seen is not None and (final or rolling.due(run)):
            break
    run.write("waited", seconds=polling.passed, ran_out=not final)
    if seen is None:
        raise _unread(run)
    if rolling.due(run):
        rolling.back(run, progress)
    return seen


def _unread(run: Run) -> AccessError:
    """Return what is said where SES could not be read to the end."""
    language, last = run.intent.language, run.record.last("unread") or {}
    means = "unread.written" if run.record.intent is not None else "untouched"
    return AccessError(
        say("steps", "unread", language, code=last.get("code", "-"), minutes=run.intent.wait_minutes),
        say("steps", means, language, selector=run.intent.selector),
        say("steps", "unread.todo", language),
    )


def _final(run: Run, seen: Identity) -> bool:
    """Whether waiting longer could change nothing. SES may for a moment still show what stood before the write."""
    if seen.selectors and seen.selector != run.intent.selector:
        return False
    return seen.status == SUCCESS or run.record.given_up


def _read(run: Run, before: Identity | None, left: float) -> tuple[Identity | None, bool]:
    """Return what SES shows, and whether it was read, or looked for, together with other runs' identities."""
    try:
        if run.fresh_s:
            return sharing.read(run, before, left)
        return read(run), False
    except Refused as refused:  # throttled, or the network is away for a moment: said, and tried again
        run.write("unread", operation=refused.operation, code=refused.code)
        return None, False
