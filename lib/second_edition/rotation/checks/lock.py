"""One operator at a time."""

from __future__ import annotations

from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Phrase, Said, advice, phrase
from second_edition.rotation.lock import Holder, State


@CHECKS("PLAN-LOCK", phrase("no other apply run"), waivable=False)
def lock(case: Case) -> Said:
    """PLAN-LOCK: Nobody else is applying a plan to this identity now.

    The lock is the operating system's on a file, or an object that S3 writes under a condition; one that is taken over
    gets a higher token, and whose token is no longer the highest is found out right before the write.

    Remedy: Wait until the run that is named has closed, or ask its operator; then run again. If that run has died, the
    next one takes the lock over.
    """
    if case.applying is None:
        raise CheckSkipped(phrase("plan only: not asked for yet"))
    found = case.applying.lock
    if found.state is State.UNNEEDED:
        raise CheckSkipped(phrase("a sandbox of the run's own"))
    if found.state is State.UNREAD:
        raise CheckUnknown(phrase("{place}: {why}", place=found.place, why=found.why))
    if found.state is State.OTHER:
        if found.holder is None:
            raise CheckFailed(phrase("another run, which takes it just now ({place})", place=found.place))
        seen = phrase("{operator} since {since} (run {run}; {place})", place=found.place, **_who(found.holder))
        raise CheckFailed(seen, advice("PLAN-LOCK.object", until=found.holder.until) if found.holder.expires else None)
    if found.holder is not None:
        return phrase(
            "held: {place}, token {token}; {operator} (run {run}, {since}) never released it",
            place=found.place,
            token=found.token,
            **_who(found.holder),
        )
    return phrase("held: {place}, token {token}", place=found.place, token=found.token)


def _who(holder: Holder) -> dict[str, str | Phrase]:
    at_host = phrase("{operator} on {host}", operator=holder.operator, host=holder.host)
    return {"operator": at_host if holder.operator else holder.host, "run": holder.run, "since": holder.at}
