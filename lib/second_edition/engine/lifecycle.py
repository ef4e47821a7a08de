"""Define what the steps of all procedures share: each is made in its turn, writes down what it did, and shows it.

A step that cannot go on closes the record first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from second_edition.custody.client import Custodian, Died
from second_edition.display import identity, sections, summary, words
from second_edition.display.blocks import Block, Paragraph
from second_edition.display.notebook import Shown
from second_edition.engine import closing, kernel, locking, run_start, stages, write_ahead
from second_edition.engine.gate import LeakStopped, Unsearched, stopped
from second_edition.engine.run import Run, RunFailed, RunRefused
from second_edition.engine.stages import Procedure
from second_edition.errors import ByodkimError
from second_edition.events.run import Caller
from second_edition.evidence.cells import sources_of
from second_edition.evidence.record import Record
from second_edition.intent import caller, templates
from second_edition.intent.profile_file import spoken
from second_edition.messages import say
from second_edition.rotation.findings import Finding

Tell = Callable[[Record, words.Words], list[Block]]


def begin(given: Mapping[str, Any], custodian: Custodian, procedure: Procedure) -> Run:
    """Start the run, or end the custodian and say in the headline why there is none."""
    cells = kernel.cells()
    by = kernel.started_by()
    # What stands in the template itself was not injected, whatever its first line says.
    own = [cell.split() for cell in sources_of(by.template)] if by.template else []
    injected = frozenset(caller.injected([cell for cell in cells if cell.split() not in own]))
    started = run_start.Started(injected, by, cells[1:])
    try:
        run = run_start.begin(given, started, custodian, procedure)
    except BaseException as error:
        custodian.close()
        if isinstance(error, KeyboardInterrupt):
            error = RunFailed.said("steps", "interrupted", spoken(given.get("language")), "untouched", "again")
        text = error.diagnostics() if isinstance(error, ByodkimError) else type(error).__name__
        kernel.show_headline(Shown(summary.not_begun(text)))
        raise error from None
    kernel.note(run)
    with closing_at_an_error(run):
        kernel.load_ahead()
        run_start.reach(run)
        run.write(Caller, caller=run_start.caller_of(run))
        if run.intent.applies and run.procedure.locks:
            locking.take(run)
    show(run, shown(run, identity.who_and_where), named=True)
    return run


def close(run: Run, error: ByodkimError | None = None) -> Shown | None:
    """Close the run: show the verdict here and at the top; then raise the error, if any, for the exit code.

    ``error``: what the run came to its end with, for the record.
    """
    run.enter("closed")
    kernel.ignore_interrupts()
    with _released(run):
        with closing_at_an_error(run):
            run.gate.check("cells", *kernel.cells())
        ended = closing.close(run, error, last=True)
        _show_headline(run, ended)
        error = ended.error or closing.unkept(run)
        if error is None:
            return ended.end
        if ended.end is not None:
            kernel.show(ended.end)
        raise error


@contextmanager
def _released(run: Run) -> Iterator[None]:
    """Release the run at the end, whatever it is; until then its custodian searches what is shown.

    Where this project's engine executes the notebook, the custodian signs that, too, and is left to the engine.
    """
    try:
        yield
    finally:
        run.release(custodian=kernel.own_shell() is None)


def take(run: Run, name: str) -> Shown | None:
    """Take a step of the run's procedure, and return its result; the last one closes the record.

    Raises:
        StepError: it is not its turn, or no step of this procedure. The run is as it was.
    """
    if name == "close":
        return close(run, run.procedure.error(run))
    with step(run, name):
        return run.procedure.steps[name](run)


def observed(run: Run) -> Any:
    """Write down, and return, what was observed since the run began.

    Raises:
        LeakStopped: what was written before the keys were known holds a piece of one.
        RunRefused: a write of an earlier run may still land.
    """
    found = run.observing.result() if run.observing is not None else None
    run.gate.rely_on(run.custodian)
    run.gate.check_past(run.journal.as_json, kernel.cells())
    state = stages.observe(run, found)
    write_ahead.refuse_while_landing(run)
    return state


def observe(run: Run) -> Shown:
    """Write down what ``begin`` set under way, and show it."""
    observed(run)
    return shown(run)


def check(run: Run) -> Shown:
    """Make every check that stands before a write. Where one refuses the run, the table is shown before the error."""
    return checked(run, stages.check(run))


def plan(run: Run) -> Shown:
    """Return what would be written."""
    stages.plan(run)
    return shown(run)


def apply(run: Run) -> Shown:
    """Make the writes, in apply mode and where there are any. Where one fails, they are shown before the error."""
    try:
        if run.intent.applies and run.plan is not None and run.plan.writes:
            stages.carry_out(run, run.plan)
    except ByodkimError:
        if run.begun and run.gate.alive:
            show(run, shown(run))
        raise
    return shown(run)


def prove(run: Run) -> Shown:
    """Read anew what this run has written, and show it; while a write is still missing, nothing is proved."""
    wrote, made = run.begun, run.plan
    if not wrote and made is not None and (made.writes or made.requested):
        return shown(run)
    if wrote:
        stages.observe(run)
    findings = stages.prove(run)
    run.custodian.ask("forget")
    return checked(run, findings)


#: The steps with which a procedure begins that writes no selector to SES.
STEPS: Final = {"observe": observe, "check": check, "plan": plan, "apply": apply}


def shown(run: Run, tell: Tell | str = "") -> Shown:
    """Return what the run's journal tells so far, by ``tell``.

    The name of a step stands for the step's sections; "" for those of the step that the run is at.
    """
    record = run.record
    render = sections.shown_by(run.procedure.name, tell or run.step) if isinstance(tell, str) else tell
    output = Shown(render(record, words.of(record.begin)))
    with closing_at_an_error(run):  # what does not pass the gate ends the run
        run.gate.check_bundle(output.bundle())
    return output


def checked(run: Run, findings: tuple[Finding, ...]) -> Shown:
    """Return what checks came to, by ``tell``. Where they stop the run, it is shown before the error.

    Raises:
        RunRefused: one stops the run, which has written nothing.
        RunFailed: one stops a run that has begun to write.
    """
    output = shown(run)
    if not any(finding.stops for finding in findings):
        return output
    show(run, output)
    try:
        stages.refuse_if_unsafe(run, findings)
    except RunRefused as refused:
        if not run.begun:
            raise
        raise RunFailed(refused.what, say(run.procedure.name, run.stands, run.intent.language), refused.todo) from None
    return output


def show(run: Run, output: Shown, *, named: bool = False) -> None:
    """Show a result below the step's cell, with the run's name where that is asked for: its digest is written first."""
    with closing_at_an_error(run):
        run.note(output.bundle())
        kernel.show(output, run if named else None)
        run.unsure.clear()


def show_picture(run: Run, svg: str, caption: str, result: Shown) -> None:
    """Show a picture before the step's result; the digests of both are written first, at once."""
    run.note(kernel.picture(svg, caption), result.bundle())
    run.announced = result
    kernel.show_picture(svg, caption)


def progress(run: Run, tell: Tell | str = "") -> Callable[[], None]:
    """Return what shows by ``tell`` how things stand, in one place of the step's cell, whenever it is called."""
    number: int | None = None
    place: Any = None

    def again() -> None:
        nonlocal number, place
        output = shown(run, tell)
        output = Shown((*output.blocks, Paragraph(run.waits))) if run.waits else output
        number = run.note(output.bundle(), at=number)
        place = kernel.show_again(output, place)
        run.unsure.clear()

    return again


def result(run: Run, output: Shown | None) -> Shown | None:
    """Return the result of a step, which its cell shows: its digest is written first. The last one's is already."""
    if output is not None and run.stage != "closed" and output is not run.announced:
        with closing_at_an_error(run):
            run.note(output.bundle())
    return output


def _show_headline(run: Run, ended: closing.Ended) -> None:
    if ended.headline is not None:
        kernel.show_headline(ended.headline, run)


@contextmanager
def closing_at_an_error(run: Run) -> Iterator[None]:
    """Close the record when the block raises; the error then goes on, as one that a person understands."""
    try:
        yield
    except BaseException as error:
        if run.stage == "closed":
            raise
        kernel.ignore_interrupts()
        known = _let_pass(run, error)
        leaked = isinstance(known, LeakStopped) or run.custodian.leaked
        spoilt = isinstance(known, LeakStopped) and known.spoilt
        if leaked and not spoilt and not run.gate.searched:  # what stands in the journal stays unsearched
            known = stopped("event", run.intent.language)
            known.spoilt = True
        if isinstance(known, LeakStopped) and known.spoilt:
            closing.end_spoilt(run)
            kernel.show_headline(Shown(summary.not_begun(str(known))))
        else:
            with _released(run):
                ended = closing.close(run, known)
                _show_headline(run, ended)
            known = ended.error or known
        raise known from None


def _let_pass(run: Run, error: BaseException) -> BaseException:
    """Return the error, or the one to raise instead where its text holds key material or cannot be searched."""
    if isinstance(error, Died):
        return Died.said("steps", "died", run.intent.language)
    if closing.is_fixed(error) and isinstance(error, ByodkimError):
        return error
    try:
        run.gate.check("error", str(error))
    except (LeakStopped, Unsearched) as unfit:
        return unfit if isinstance(error, ByodkimError) or isinstance(unfit, LeakStopped) else error
    return error


def _refuse_foreign_cells(run: Run) -> None:
    """Refuse a run that is to apply, and has not begun to, once a cell was executed that is none of its notebook.

    Likewise one that was executed again, or out of order.

    Raises:
        RunRefused: there is one.
    """
    if not run.intent.applies or run.begun:
        return
    name = run.procedure.name
    if (number := templates.foreign(name, kernel.cells()[1:])) is not None:
        raise run.refused("steps", "foreign-cell", number=number, procedure=name)
    if (number := templates.misplaced(name, kernel.executed())) is not None:
        raise run.refused("steps", "misplaced-cell", number=number, procedure=name)


@contextmanager
def step(run: Run, stage: str) -> Iterator[None]:
    """Make a step by which ``stage`` is reached.

    Raises:
        StepError: it is not its turn. The run is as it was.
    """
    run.enter(stage)  # raises outside the block: a step out of its order does not end the run
    with closing_at_an_error(run):
        _refuse_foreign_cells(run)
        yield
    run.stage = stage
