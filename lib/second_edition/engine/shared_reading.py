"""Read the identity together with other runs' identities, where a campaign's reader says so in the environment.

Every call of SES that is no write takes a second from one. Where there is no reader, or it knows nothing that is new
enough, the run reads by itself.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import asdict, replace

from second_edition.errors import AccessError
from second_edition.events.run import Closed, Read, Unread
from second_edition.evidence import journal
from second_edition.evidence.exclusive import is_held
from second_edition.evidence.world import World
from second_edition.plain import from_plain, plain
from second_edition.rotation.observation import Identity
from second_edition.rotation.reading import FRESH_S, FULL_CALL, GONE, Reading

if TYPE_CHECKING:
    from second_edition.engine.run import Observer, Run

#: The environment variable that names the folder of the reader's answers, and the file there that it holds a lock on.
VARIABLE: Final = "BYODKIM_READINGS"
LOCK: Final = "lock"
#: Seconds that a run waits for an answer before its write, and at a time for SES to verify.
OBSERVING_S: Final = 30.0
VERIFYING_S: Final = 180.0
TURN_S: Final = 0.5


def fresh_s(folder: Path, world: World | None, now: datetime) -> float:
    """Return how old, in seconds, a reading for several runs may be that this one takes for its own; 0: none.

    None may be older than the end of the identity's run before: that may have written. Of one that never ended nobody
    knows when it wrote.
    """
    if not os.environ.get(VARIABLE) or world is None:
        return 0.0
    earlier = next(journal.earlier(folder, world.same_identity), None)
    if earlier is None:
        return FRESH_S
    if earlier.of(Closed) is None:
        return 0.0
    return max(0.0, min(FRESH_S, (now - earlier.ended).total_seconds()))


def ask(run: Observer, caller: Future[Any]) -> Future[Any]:
    """Ask how the identity stands: the answer is it, or ``identity`` and ``reading``. ``caller``: who is signed in."""
    if not run.fresh_s:
        return run.custodian.ask("identity", name=run.intent.domain)
    return run.pool.submit(_observed, run, caller, _fresh(run))


def _fresh(run: Observer) -> float:
    """Return the moment after which a call was made whose answer may be taken before the write."""
    return max(time.monotonic() - FRESH_S, run.fresh_from)


def _observed(run: Observer, caller: Future[Any], since: float) -> dict[str, Any] | None:
    """Return the identity as the reader knows it, by a call after ``since``; else by a read of the run's own."""
    found = _latest(run, since, OBSERVING_S)
    reading = _relied(run, found, caller, since, "") if found else None
    if reading is None or reading.identity is None:
        own: dict[str, Any] | None = run.custodian.ask("identity", name=run.intent.domain).result()
        return own
    return {"identity": asdict(reading.identity), "reading": plain(reading)}


def known(run: Run, found: Mapping[str, Any] | None) -> Identity:
    """Return the identity that was found; where there is none, write that down.

    Raises:
        AccessError: SES does not know it.
    """
    if found is None:
        run.write(Unread, operation=FULL_CALL, code=GONE)
        raise run.error(AccessError, "steps", "identity-gone", domain=run.intent.domain)
    return from_plain(Identity, found)


def read(run: Run, left: float) -> tuple[Identity, bool]:
    """Write down and return what SES shows, by a call newer than the run's own, and whether it is shared.

    Args:
        run: whose identity it is.
        left: seconds until its time to wait is over.

    Raises:
        Refused: it could not be read.
        AccessError: SES does not know the identity.
    """
    wait = max(min(left, VERIFYING_S), 0.0)
    since = run.since if run.since is not None else _fresh(run)
    found = _latest(run, since, wait)
    wrote = run.intent.selector if run.record.switch is not None else ""
    reading = _relied(run, found, run.caller, since, wrote) if found else None
    if reading is not None and reading.identity is None and run.seen and run.seen.identity and not run.seen.reading:
        # It was otherwise when it was planned: what the run's own full read showed is carried instead.
        reading = replace(reading, full=asdict(run.seen.identity), full_at=run.seen.at)
    shared = reading.identity if reading is not None else None
    seen = shared or known(run, run.custodian.ask("identity", name=run.intent.domain).result())
    run.since = time.monotonic()
    run.write(Read, identity=seen, **({"reading": reading} if shared else {}))
    return seen, shared is not None


def _latest(run: Observer, since: float, wait_s: float) -> dict[str, Any] | None:
    """Return the reader's answer of a call made after ``since``, waiting for a time at most, and while it lives."""
    folder, until = Path(os.environ.get(VARIABLE, "")), time.monotonic() + wait_s
    if not _is_own(folder):
        return None
    while True:
        lives = is_held(folder / LOCK)  # first: what it had written by then is read
        found = _load(folder / run.intent.domain)
        if found is not None and float(found["moment"]) > since:
            return found
        if not lives or time.monotonic() >= until:
            return None
        time.sleep(min(TURN_S, max(until - time.monotonic(), 0.0)))


def _is_own(folder: Path) -> bool:
    """Return whether nobody but this user can put anything into the folder, or lead elsewhere from it."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _load(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return found if isinstance(found["moment"], float) else None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _relied(
    run: Observer, found: Mapping[str, Any], caller: Future[Any] | None, since: float, wrote: str
) -> Reading | None:
    """Return the reading, if it is of this account, Region and endpoint, and of a time that the own clock allows."""
    try:
        own = caller.result() if caller else {}
        if found["place"] != [own["account"], own["region"], own["endpoint"]] or found["reading"] is None:
            return None
        reading = Reading(**found["reading"], wrote=wrote)
        now, at = run.clock(), datetime.fromisoformat(reading.at)
        timely = now - timedelta(seconds=time.monotonic() - since) <= at <= now
        return reading if timely and reading.full["name"] == run.intent.domain and reading.told else None
    except (LookupError, TypeError, ValueError, AttributeError):
        return None
