"""Check whether the change was rehearsed on a twin of what stands now, where the profile requires that."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Said, phrase
from byodkim.rotation.outcome import Outcome
from byodkim.rotation.plan import Plan
from byodkim.rotation.rehearsal import Tried, acts, completed, moved

#: A run that found nothing to write rehearsed no write.
GOOD: Final = (Outcome.SWITCHED, Outcome.PREPARED, Outcome.RETIRED)
#: Why the record of a rehearsal proves none.
UNSOUND: Final = {
    "altered": phrase("the record of run {run} was altered after it was written"),
    "edited": phrase("the twin of run {run} is not what byodkim twin makes of its plan run"),
    "missing": phrase("the archive lacks the plan run that the twin of run {run} was made of"),
    "unsealed": phrase("the record of run {run} has no seal by a key that is trusted"),
}


@CHECKS("PLAN-REHEARSED", phrase("a rehearsal on a twin of what stands now"), waivable=False)
def rehearsed(case: Case) -> Said:
    """PLAN-REHEARSED: The change came to a good end on a twin of the identity as it stands now.

    The newest apply run of the same procedure and selector on a twin counts, if its record is sealed and unaltered.
    It must have made the plan's writes, but for the twin's own keys and versions. What the plan that the twin was made
    of relies on must be what the plan relies on now; a run that completes what an earlier one began by the same
    rehearsal has nothing else to show. A plan run, of which a twin is made, needs no rehearsal. Nor does
    a run that writes nothing, or a rollback to a selector that worked.

    Remedy: Make a plan run, start byodkim twin with its record, and rehearse the change there (-p target twin).
    """
    if case.applying is None:
        raise CheckSkipped(phrase("plan only: not asked for yet"))
    rehearsal = case.applying.rehearsal
    if rehearsal is None:
        raise CheckSkipped(phrase("no rehearsal is required"))
    if not rehearsal.plan.writes:
        raise CheckSkipped(phrase("there is nothing to write"))
    if case.seen.goes_back:
        raise CheckSkipped(phrase("a rollback needs no rehearsal"))
    return judged(rehearsal.plan, rehearsal.tried)


def judged(plan: Plan, tried: Tried | None, good: Collection[str] = GOOD) -> Said:
    """Return what a rehearsal of a plan came to. ``good``: the outcomes that count.

    Raises:
        CheckFailed: there is none, it proves nothing, it came to no good end, or it was of other writes or another
            state.
        CheckUnknown: its record could not be read.
    """
    if tried is None:
        raise CheckFailed(phrase("no rehearsal in the archive"))
    if tried.defect == "unread":
        raise CheckUnknown(phrase("the record of run {run} could not be read", run=tried.run))
    if tried.defect:
        raise CheckFailed(UNSOUND[tried.defect].given(run=tried.run))
    ended = phrase("run {run} ended {outcome}", run=tried.run, outcome=tried.outcome or "-")
    if tried.outcome not in good:
        raise CheckFailed(ended)
    if completed(tried, plan):
        values = {"begun": tried.begun, "run": tried.run}
        return phrase("run {begun} began what run {run} rehearsed; this run completes it", **values)
    made, planned = acts(tried.carried), acts(plan)
    if made != planned:
        values = {"made": "; ".join(made) or "-", "planned": "; ".join(planned)}
        raise CheckFailed(
            phrase("run {run} made other writes ({made}) than planned ({planned})", run=tried.run, **values)
        )
    facts = ", ".join(fact for fact, _, _ in moved(tried, plan)) or ("plan" if tried.plan is None else "")
    if facts:
        said = phrase("run {run} rehearsed another state; changed since: {facts}", run=tried.run, facts=facts)
        raise CheckFailed(said)
    return ended
