"""The stages that procedures share, and what sets one procedure apart: its steps, its checks, its plan and its writes.

Each stage is written down: observed, checked, planned, carried out, proved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from second_edition.contributions import about
from second_edition.display.failure import refusal
from second_edition.display.notebook import Shown
from second_edition.display.words import Words
from second_edition.engine import observing, readiness, write_ahead
from second_edition.engine.run import Run, RunRefused
from second_edition.engine.write_ahead import Write
from second_edition.errors import ByodkimError
from second_edition.events.run import Checked, Observed, Planned
from second_edition.evidence.record import Record
from second_edition.messages import Language, say
from second_edition.rotation import plan as plans
from second_edition.rotation.checks import Applying, Case, Expected
from second_edition.rotation.findings import Finding, Registry
from second_edition.rotation.observation import Observation
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.plan import Plan
from second_edition.settings import Parameters


class Work(Struct, frozen=True):
    """Hold what a procedure that looks at one identity contributes to the steps that all share (``stages``).

    Attributes:
        observation: the observation in what was seen, and what the event ``observed`` says besides.
        case: what its checks look at.
        before, after: its checks before it writes, and of what it has written.
        plan: makes the plan.
        writes: yields each write of a plan, when the one before it is made.
        applying: what an apply run's checks look at besides.
    """

    observation: Callable[[Run, Any], tuple[Observation, Mapping[str, Any]]]
    case: Callable[[Any, Expected], Case]
    before: Registry
    after: Registry
    plan: Callable[[Run, Any, tuple[Finding, ...]], Plan]
    writes: Callable[[Run, Any, Plan], Iterator[Write]]
    applying: Callable[[Run, Case], Applying] = readiness.applying


class Procedure(Struct, frozen=True):
    """A procedure, as far as its runs differ from other procedures'.

    Attributes:
        name: the notebook's, without its ending.
        steps: by their verbs, in their order.
        gather: what the run looks at first, given what was asked of the custodian already; in a thread of its own.
            Of no identity: given ``None``, at the step.
        outcome: what a run came to, by its events and the error that ended it.
        last_word: the error with which a run ends that came to its end all the same, or none.
        error: with what a run ends whose steps all came to their ends, for the record; or nothing.
        work: what it contributes to shared steps.
        scenario: the sandbox's world where the parameter ``target`` names none.
        of_left: whether the selector that is asked for is the one that was left; a sandbox of the run's own is made so.
        of_many: whether a run is about many identities, and about none by itself.
        locks: whether its runs that apply keep others of the identity out.
        accept: raises ParameterError where its parameters cannot go together.
    """

    name: str
    steps: Mapping[str, Callable[[Run], Shown | None]]
    outcome: Callable[[Record, BaseException | None], Outcome]
    last_word: Callable[[Run, Outcome], ByodkimError | None] = lambda _, __: None
    error: Callable[[Run], ByodkimError | None] = lambda _: None
    gather: Callable[[Run, Any], Any] = lambda _, __: None
    work: Work | None = None
    scenario: str = "ready"
    of_left: bool = False
    of_many: bool = False
    locks: bool = True
    accept: Callable[[Parameters, Language], object] = lambda _, __: None

    @property
    def stages(self) -> tuple[str, ...]:
        """Return what a run goes through."""
        return ("begun", *self.steps, "closed")


#: Seconds for which an answer of SES stands for one that would be asked for now.
JUST_S: Final = 2.0


def observe(run: Run, found: Any = None) -> Any:
    """Read the world, or take what was read already, and write it down."""
    run.state = _gather(run) if found is None else found
    run.seen, more = _work(run).observation(run, run.state)
    run.write(Observed, observation=run.seen, **more)
    return run.state


def check(run: Run) -> tuple[Finding, ...]:
    """Make the checks that stand before a write and write down what each came to."""
    findings = _work(run).before.evaluate(_case(run), run.intent.waivers)
    run.write(Checked, findings=findings)
    return findings


def prove(run: Run) -> tuple[Finding, ...]:
    """Make the checks of what was written, and write them down in the place of those that they repeat."""
    findings = _work(run).after.evaluate(_case(run), run.intent.waivers)
    made = {finding.id for finding in findings}
    before = [finding for finding in run.record.findings if finding.id not in made]
    run.write(Checked, findings=(*before, *findings))
    return findings


def _case(run: Run) -> Case:
    work = _work(run)
    case = work.case(run.state, Expected(run.intent.account, run.intent.expected_region, run.intent.applies))
    return replace(case, applying=work.applying(run, case)) if run.intent.applies else case


def plan(run: Run) -> Plan:
    """Make the plan and write it down."""
    run.plan = made = _work(run).plan(run, run.state, run.record.findings)
    run.write(Planned, plan=made)
    return made


def carry_out(run: Run, shown: Plan) -> None:
    """Carry out the plan, if the world is still the one it was made for.

    Raises:
        RunRefused: a check fails now, or the plan would be another one now.
        RunFailed: a write was refused or not applied, or it cannot be told.
    """
    observe(run, _gather(run, _just_read(run)))
    refuse_if_unsafe(run, check(run))
    made = plan(run)
    if not plans.carries_out(made, shown):
        raise drifted(run, plans.drift(shown, made))
    for write in _work(run).writes(run, run.state, made):
        write_ahead.make(run, write)


def _gather(run: Run, identity: Future[Any] | None = None) -> Any:
    """Return what the procedure looks at. ``identity``: SES's answer, where it need not be asked for."""
    of_identity = about(run.procedure.name).of_identity
    return run.procedure.gather(run, observing.ask(run, identity) if of_identity else None)


def _just_read(run: Run) -> Future[Any] | None:
    """Return SES's answer about the identity where it came just now; ``None``: it is read anew.

    Everything else is looked at anew. SES takes one call a second: a second reading would keep the write back by a
    second, and at the write it would be as old as the first one is when the write follows that at once. So what is
    known of SES at the write is no older for it: ``JUST_S`` and the time until a call is due. A change of that moment
    would be seen by neither. Who pauses between the cells, or waits for DNS, reads anew; so does a run whose calls
    nothing limits.
    """
    paced = bool(run.intent.requests_per_second)
    if run.first_reads is None or not paced or run.fresh_s or time.monotonic() - run.answered > JUST_S:
        return None
    found = run.first_reads.identity
    return found if found.done() and found.exception() is None and found.result() is not None else None


def refuse_if_unsafe(run: Run, findings: tuple[Finding, ...]) -> None:
    """End the run where a check that blocks has not passed.

    Raises:
        RunRefused: names the checks, what was expected and seen, and what to do.
    """
    words = Words(run.intent.language, run.intent.zone)
    if refused := refusal(findings, run.record, words):
        raise RunRefused(refused[0], say(run.procedure.name, "untouched", words.language), refused[1])


def drifted(run: Run, facts: Iterable[tuple[str, str, str]]) -> RunRefused:
    """Return the refusal of a plan that has changed. ``facts``: what differs, as it was shown and as it is."""
    differences = "; ".join(f"{name}: {then or '-'} -> {now or '-'}" for name, then, now in facts)
    return run.refused("steps", "drift", facts=differences)


def _work(run: Run) -> Work:
    if run.procedure.work is None:
        raise TypeError(f"{run.procedure.name} has stages of its own")
    return run.procedure.work
