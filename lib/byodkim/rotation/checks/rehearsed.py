"""Whether the change was rehearsed on a twin of what stands now, where the profile requires that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from byodkim.rotation.findings import CheckFailed, CheckSkipped, Compared, Registry, phrase
from byodkim.rotation.outcome import Outcome
from byodkim.rotation.plan import Plan
from byodkim.rotation.rehearsal import Tried, moved

ALL = Registry()
GOOD: Final = (Outcome.SWITCHED, Outcome.UNCHANGED, Outcome.PREPARED, Outcome.RETIRED)


@dataclass(frozen=True)
class RehearsalCase:
    """A plan, and its newest rehearsal.

    ``returning``: an archived run saw SES sign with the selector, verified. ``applies``: the plan is to be carried out.
    """

    plan: Plan
    tried: Tried | None
    returning: bool = False
    applies: bool = True


@ALL(
    "REHEARSED",
    "Make a plan run, start byodkim twin with its record, and rehearse the change there (-p target twin).",
    waivable=False,
)
def rehearsed(case: RehearsalCase) -> Compared:
    """REHEARSED: The change came to a good end on a twin of the identity as it stands now.

    The newest apply run of the same procedure and selector on a twin counts. What the plan that the twin was made of
    relies on must be what the plan relies on now. A plan run, of which a twin is made, needs no rehearsal. Nor does a
    run that writes nothing, or a rollback to a selector that worked.
    """
    expected = phrase("a rehearsal on a twin of what stands now")
    if not case.applies:
        raise CheckSkipped(expected, phrase("plan only: not asked for yet"))
    if not case.plan.writes:
        raise CheckSkipped(expected, phrase("there is nothing to write"))
    if case.returning:
        raise CheckSkipped(expected, phrase("a rollback needs no rehearsal"))
    tried = case.tried
    if tried is None:
        raise CheckFailed(expected, phrase("no rehearsal in the archive"))
    if tried.outcome not in GOOD:
        raise CheckFailed(expected, phrase("run {run} ended {outcome}", run=tried.run, outcome=tried.outcome or "-"))
    facts = ", ".join(fact for fact, _, _ in moved(tried, case.plan)) or ("plan" if tried.plan is None else "")
    if facts:
        said = phrase("run {run} rehearsed another state; changed since: {facts}", run=tried.run, facts=facts)
        raise CheckFailed(expected, said)
    return Compared(expected, phrase("run {run} ended {outcome}", run=tried.run, outcome=tried.outcome))
