"""Wait, with a visible line: for DNS to publish the record, for SES to verify it, for a write that
may still arrive.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from byodkim.checks.check import Check, evaluate
from byodkim.checks.dns import dns_answers, dns_published
from byodkim.checks.time import time_activate
from byodkim.checks.world import History, Identity
from byodkim.custody.settings import GetIdentity
from byodkim.engine.observe import observe_dns
from byodkim.engine.run import Run
from byodkim.record.events import IdentitySeen, Waiting
from byodkim.record.record import state_of
from byodkim.words import _

#: Seconds between two readings, at first and at most.
FIRST_S: Final = 1.0
LONGEST_S: Final = 15.0
#: What a run must see before it goes on after a wait for DNS.
DNS_READY: Final = (dns_answers, dns_published, time_activate)


def wait_for_dns(run: Run, ready: Sequence[Check] = DNS_READY) -> bool:
    """Wait until every server publishes the key record and caches have forgotten what stood there.

    Args:
        run: the run.
        ready: the checks that are waited for.

    Returns:
        Whether it waited, for ``wait_dns_minutes`` at most. The record may still not be ready.
    """
    until = run.now() + timedelta(minutes=run.settings.number("wait_dns_minutes"))
    has_waited = False
    for is_first in _readings(run, until):
        if not is_first:
            observe_dns(run)
            has_waited = True
        waiting_for = [each for each in evaluate(ready, run.seen) if not each.is_met]
        if not waiting_for or not run.seen.requested.key_sha256:
            break
        _note(run, "dns", str(waiting_for[0].saw), until)
    return has_waited


def wait_for_ses(run: Run, until: datetime) -> Identity | None:
    """Read the identity until SES verified the selector or gave it up, or the time is over.

    Returns:
        The identity as SES showed it last; ``None`` where it could not be read at all.
    """
    last = None
    # SES may show its former state for a moment after it has accepted a write.
    grace = run.now() + timedelta(seconds=run.settings.number("late_write_seconds"))
    for _is_first in _readings(run, until):
        identity = run.custodian.ask(GetIdentity(run.wanted.domain)).result()
        if not isinstance(identity, Identity):
            continue
        if last is None or state_of(identity) != state_of(last):
            run.write(IdentitySeen(identity=identity))
        last = identity
        is_former = identity.selector == run.seen.current.selector and run.now() < grace
        if identity.selector != run.selector and not is_former:
            break
        if identity.selector == run.selector and identity.status in ("SUCCESS", "FAILED"):
            break
        _note(run, "ses", identity.status, until)
    return last


def settle_late_write(run: Run) -> bool:
    """Wait for as long as an earlier run's write may still arrive, unless SES shows it already.

    Returns:
        Whether it waited.
    """
    seen = run.seen
    shown = seen.identity.selector if isinstance(seen.identity, Identity) else ""
    until = late_until(run, seen.history, shown)
    if until <= run.now():
        return False
    for _is_first in _readings(run, until):
        _note(run, "late-write", shown, until)
        identity = run.custodian.ask(GetIdentity(run.wanted.domain)).result()
        if isinstance(identity, Identity) and identity.selector != shown:
            break
    return True


def late_until(run: Run, past: History, shown: str) -> datetime:
    """Return until when an earlier run's write may still arrive; a time that is over where none
    may.

    That is the write of a killed run, or of a signed one that ended FAILED without knowing. A
    killed run tells nothing else: it stops this one and permits nothing.

    Args:
        run: this run.
        past: the earlier runs.
        shown: the selector that SES shows.
    """
    patience = timedelta(seconds=run.settings.number("late_write_seconds"))
    ends = [
        each.intended_at + patience
        for each in past.unfinished
        if each.intended_at is not None and not each.answered and each.selector != shown
    ]
    ends += [
        each.written_at + patience
        for each in past.runs
        if each.wrote and each.written_at and each.outcome == "FAILED" and each.selector != shown
    ]
    # A clock that was ahead when that run was killed must not stop this one for longer.
    return min(max(ends, default=run.now()), run.now() + patience)


def _readings(run: Run, until: datetime) -> Iterator[bool]:
    """Yield at once (true), then after each pause (false) until a time is over."""
    yield True
    pause = FIRST_S
    while run.now() < until:
        rest = (until - run.now()).total_seconds()
        time.sleep(max(0.0, min(pause, rest)))
        pause = min(pause * 1.5, LONGEST_S)
        yield False


def _note(run: Run, what: str, state: str, until: datetime) -> None:
    """Note in the journal, once for each state, and on the terminal, each time, what the run waits
    for.
    """
    waited = [each for each in run.journal.events if isinstance(each, Waiting)]
    if (what, state) not in [(each.what, each.state) for each in waited]:
        run.write(Waiting(what=what, state=state, until=until))
    now, ends = (each.astimezone(run.settings.zone) for each in (run.now(), until))
    line = _("{now}  waiting for {name}: {state} (until {until})", now=f"{now:%H:%M:%S}",
             name="DNS" if what == "dns" else "SES", state=state,
             until=f"{ends:%Y-%m-%d %H:%M:%S %Z}")  # fmt: skip
    run.kernel.say(str(line))
