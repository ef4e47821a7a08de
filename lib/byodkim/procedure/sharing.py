"""Reading the identity together with other runs' identities, where a campaign's reader says so in the environment.

Every call of SES that is no write takes a second from one. Where there is no reader, or it knows nothing that is new
enough, the run reads by itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from byodkim.custody.reader_client import VARIABLE
from byodkim.errors import AccessError
from byodkim.evidence import journal
from byodkim.evidence.world import World
from byodkim.messages import say
from byodkim.rotation.observation import Identity, identity_from_plain
from byodkim.rotation.reading import FRESH_S

if TYPE_CHECKING:
    from byodkim.procedure.looking import Looks
    from byodkim.procedure.run import Run

#: Seconds that a run waits for a reading before its write, whose call waits for its turn as the writes do.
OBSERVING_S: Final = 90.0
#: Seconds that it waits at a time for SES to verify, before it looks whether its time is over.
VERIFYING_S: Final = 180.0


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
    if earlier.last("closed") is None:
        return 0.0
    ended = datetime.fromisoformat(earlier.events[-1]["at"])
    return max(0.0, min(FRESH_S, (now - ended).total_seconds()))


def ask(run: Looks) -> Future[Any]:
    """Asks how the identity stands; ``parts`` takes the answer apart."""
    name = run.intent.domain
    if not run.fresh_s:
        return run.custodian.ask("identity", name=name)
    return run.custodian.ask("lately", name=name, age_s=run.fresh_s, wait_s=OBSERVING_S)


def parts(found: Mapping[str, Any] | None) -> tuple[Mapping[str, Any] | None, Mapping[str, Any]]:
    """Identity and reading of an answer, the latter empty where the run read by itself."""
    if found is None or "reading" not in found:
        return found, {}
    return found["identity"], found["reading"] or {}


def known(run: Looks, found: Mapping[str, Any] | None) -> Identity:
    """The identity that was found.

    Raises:
        AccessError: SES does not know it.
    """
    if found is None:
        language = run.intent.language
        gone = say("steps", "identity-gone", language, domain=run.intent.domain)
        raise AccessError(gone, todo=say("steps", "identity-gone.todo", language))
    return identity_from_plain(found)


def read(run: Run, before: Identity | None, left: float) -> tuple[Identity | None, bool]:
    """What SES shows, by a call newer than what the run did and read before, written down; and whether it is shared.

    Args:
        run: whose identity it is.
        before: what it read last, which stays the newest where nothing newer comes in time.
        left: seconds until its time to wait is over.

    Raises:
        Refused: it could not be read.
        AccessError: SES does not know the identity.
    """
    wait = max(min(left, VERIFYING_S), 0.0)
    age = run.fresh_s if run.since is None else time.monotonic() - run.since
    wrote = run.intent.selector if run.record.intent is not None else ""
    # At the end of its time a run that has read nothing reads by itself: its record says what SES shows.
    alone = before is None and wait >= left
    found = run.custodian.ask(
        "lately", name=run.intent.domain, age_s=age, wait_s=wait, wrote=wrote, patient=True, alone=alone
    ).result()
    if found["late"]:
        return before, True
    identity, reading = parts(found)
    seen = known(run, identity)
    run.since = time.monotonic()
    run.write("read", identity=asdict(seen), **({"reading": reading} if reading else {}))
    return seen, bool(reading)
