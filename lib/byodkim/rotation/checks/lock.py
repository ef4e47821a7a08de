"""One operator at a time."""

from __future__ import annotations

from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Said, phrase
from byodkim.rotation.lock import Holder, State


@CHECKS("PLAN-LOCK", phrase("no other apply run"), waivable=False)
def lock(case: Case) -> Said:
    """PLAN-LOCK: Nobody else is applying a plan to this identity now.

    The lock is the operating system's on a file, or an object that S3 writes under a condition; one that is taken over
    gets a higher token, and whose token is no longer the highest is found out right before the write.

    Remedy: Wait until the run that is named has closed, or ask its operator; then run again. A lock whose holder has
    died is taken over.
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
        who = _who(found.holder)
        raise CheckFailed(phrase("{operator} since {since} (run {run}; {place})", place=found.place, **who))
    if found.holder is not None:
        return phrase(
            "held: {place}, token {token}; {operator} (run {run}, {since}) never released it",
            place=found.place,
            token=found.token,
            **_who(found.holder),
        )
    return phrase("held: {place}, token {token}", place=found.place, token=found.token)


def _who(holder: Holder) -> dict[str, str]:
    return {"operator": holder.operator or holder.host, "run": holder.run, "since": holder.at}
