"""One operator at a time."""

from __future__ import annotations

from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Compared, phrase
from byodkim.rotation.lock import Holder, State


@CHECKS(
    "PLAN-LOCK",
    "Wait until the run that is named has closed, or ask its operator; then run again. A lock whose "
    "holder has died is taken over.",
    waivable=False,
)
def lock(case: Case) -> Compared:
    """PLAN-LOCK: Nobody else is applying a plan to this identity now.

    The lock is the operating system's on a file, or an object that S3 writes under a condition; one that is taken over
    gets a higher token, and whose token is no longer the highest is found out right before the write.
    """
    expected = phrase("no other apply run")
    if case.applying is None:
        raise CheckSkipped(expected, phrase("plan only: not asked for yet"))
    found = case.applying.lock
    if found.state is State.UNNEEDED:
        raise CheckSkipped(expected, phrase("a sandbox of the run's own"))
    if found.state is State.UNREAD:
        raise CheckUnknown(expected, phrase("{place}: {why}", place=found.place, why=found.why))
    if found.state is State.OTHER:
        if found.holder is None:
            raise CheckFailed(expected, phrase("another run, which takes it just now ({place})", place=found.place))
        who = _who(found.holder)
        raise CheckFailed(expected, phrase("{operator} since {since} (run {run}; {place})", place=found.place, **who))
    if found.holder is not None:
        return Compared(
            expected,
            phrase(
                "held: {place}, token {token}; {operator} (run {run}, {since}) never released it",
                place=found.place,
                token=found.token,
                **_who(found.holder),
            ),
        )
    return Compared(expected, phrase("held: {place}, token {token}", place=found.place, token=found.token))


def _who(holder: Holder) -> dict[str, str]:
    return {"operator": holder.operator or holder.host, "run": holder.run, "since": holder.at}
