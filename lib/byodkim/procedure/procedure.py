"""What sets one procedure apart from another: its steps, what it looks at, its checks, its plan and its writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from byodkim.display.notebook import Shown
    from byodkim.errors import ByodkimError
    from byodkim.evidence.record import Record
    from byodkim.procedure.observing import Asked
    from byodkim.procedure.run import Run
    from byodkim.procedure.write_ahead import Write
    from byodkim.rotation.checks import Applying, Case, Expected
    from byodkim.rotation.findings import Finding, Registry
    from byodkim.rotation.observation import Observation
    from byodkim.rotation.outcome import Outcome
    from byodkim.rotation.plan import Plan


@dataclass(frozen=True)
class Work:
    """What a procedure that looks at one identity contributes to the steps that all share (``stages``).

    Attributes:
        told: the observation in what was seen, and what the event ``observed`` says besides.
        case: what its checks look at.
        before, after: its checks before it writes, and of what it has written.
        applying: what an apply run's checks look at besides.
        plan: makes the plan.
        writes: yields each write of a plan, when the one before it is made.
    """

    told: Callable[[Run, Any], tuple[Observation, Mapping[str, Any]]]
    case: Callable[[Any, Expected], Case]
    before: Registry
    after: Registry
    applying: Callable[[Run, Case], Applying]
    plan: Callable[[Run, Any, tuple[Finding, ...]], Plan]
    writes: Callable[[Run, Any, Plan], Iterator[Write]]


@dataclass(frozen=True)
class Procedure:
    """A procedure, as far as its runs differ from other procedures'.

    Attributes:
        name: the notebook's, without its ending.
        steps: by their verbs, in their order.
        gather: what the run looks at first, given what was asked of the custodian already; in a thread of its own.
        outcome: what a run came to, by its events and the error that ended it.
        begun: whether a run has begun to write anything, by its events.
        untouched: what to say where it has not, a key of the catalogue ``steps``; ``written``: where it has.
        last_word: the error with which a run ends that came to its end all the same, or none.
        error: with what a run ends whose steps all came to their ends, for the record; or nothing.
        work: what it contributes to shared steps.
        scenario: the sandbox's world where the parameter ``target`` names none.
        of_left: whether the selector that is asked for is the one that was left; a sandbox of the run's own is made so.
        of_many: whether a run is about many identities, and about none by itself.
    """

    name: str
    steps: Mapping[str, Callable[[Run], Shown | None]]
    gather: Callable[[Run, Asked | None], Any]
    outcome: Callable[[Record, BaseException | None], Outcome]
    begun: Callable[[Record], bool]
    untouched: str
    written: str
    last_word: Callable[[Run, Outcome], ByodkimError | None] = lambda _, __: None
    error: Callable[[Run], ByodkimError | None] = lambda _: None
    work: Work | None = None
    scenario: str = "ready"
    of_left: bool = False
    of_many: bool = False

    @property
    def stages(self) -> tuple[str, ...]:
        """Return what a run goes through."""
        return ("begun", *self.steps, "closed")
