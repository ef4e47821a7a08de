"""The steps as they are carried out: each does its part, writes it down, and shows what the journal then tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any

from byodkim.custody.client import Custodian
from byodkim.display import opening, telling, words
from byodkim.display.blocks import Block
from byodkim.display.dns import waiting
from byodkim.display.notebook import Shown
from byodkim.display.picture import matrix_picture
from byodkim.display.sealed import sealed
from byodkim.display.verified import verified
from byodkim.errors import ByodkimError
from byodkim.evidence.record import Record
from byodkim.intent import caller
from byodkim.intent.parameters import FIELDS, PAPERMILL_PATHS
from byodkim.messages import say
from byodkim.procedure import awaiting, beginning, closing, handing, kernel, locking, rolling, verifying, writing
from byodkim.procedure.gate import LeakStopped
from byodkim.procedure.run import Run

Tell = Callable[[Record, words.Words], list[Block]]


def parameters() -> dict[str, Any]:
    """The values of the known parameters, and of whatever else papermill injected."""
    namespace = kernel.namespace()
    names = [*FIELDS, *caller.injected(kernel.cells())]
    return {name: namespace[name] for name in names if name in namespace and name not in PAPERMILL_PATHS}


def begin(given: Mapping[str, Any], custodian: Custodian) -> Run:
    """Starts the run, or ends the custodian and says in the headline why there is none."""
    injected = frozenset(caller.injected(kernel.cells()))
    started = beginning.Started(injected, caller.find(kernel.namespace()))
    try:
        run = beginning.begin(given, started, custodian)
    except BaseException as error:
        custodian.close()
        text = error.diagnostics() if isinstance(error, ByodkimError) else type(error).__name__
        kernel.show_headline(Shown(opening.not_begun(text)))
        raise
    with _closing(run):
        kernel.load_ahead(explored=started.by.kind != "papermill")
        beginning.reach(run)
        run.write("caller", caller=beginning.caller_of(run))
        if run.intent.applies:
            locking.take(run)
    kernel.show(shown(run, telling.who_and_where), run)
    return run


def observe(run: Run) -> Shown:
    """The world as it stands: what ``begin`` set under way, now written down; after a wait for DNS, all of it anew."""
    with _step(run, "observed"):
        assert run.observing is not None  # noqa: S101 - begin set it
        seen = run.observing.result()
        run.gate.renew(run.custodian)
        run.gate.check_past(run.record.events, kernel.cells())
        writing.observe(run, seen)
        if awaiting.due(run):
            awaiting.wait(run, kernel.Progress(lambda: shown(run, waiting)))
            writing.observe(run)
        assert run.seen is not None  # noqa: S101 - observed just now
        run.custodian.ask("warm")
        if (picture := matrix_picture(run.seen)) is not None:
            kernel.show_picture(picture, say("record", "dns.picture", run.intent.language))
    return shown(run, telling.current_state)


def prove(run: Run) -> Shown:
    """The key pair, link by link."""
    with _step(run, "proved"):
        return shown(run, telling.proof)


def check(run: Run) -> Shown | None:
    """Every check. Where the run is refused, the table is shown before the error is raised."""
    with _step(run, "checked"):
        assert run.seen is not None  # noqa: S101 - observe set it
        findings = writing.check(run, run.seen)
        if not any(finding.stops for finding in findings):
            return shown(run, telling.checks)
        # What the DNS team needs is needed most where DNS is what is missing, and no later cell will run.
        handing.hand_over(run)
        kernel.show(Shown((*shown(run, telling.checks).blocks, *shown(run, telling.handing).blocks)))
        writing.refuse_if_unsafe(run, findings)
    return None


def plan(run: Run) -> Shown:
    """What would change."""
    with _step(run, "planned"):
        assert run.seen is not None  # noqa: S101 - observe set it
        run.plan = writing.plan(run, run.seen, run.record.findings)
    return shown(run, telling.plan)


def apply(run: Run) -> Shown:
    """The write, in apply mode and where there is one to make."""
    with _step(run, "applied"):
        if run.proving is not None:
            _proving().prepare(run)
        if run.intent.applies and run.plan is not None and run.plan.changes:
            writing.apply(run, run.plan)
        run.custodian.ask("forget")
    return shown(run, telling.writing)


def verify(run: Run) -> Shown | None:
    """What SES shows, again and again in the same place until it is final; then what a message proves, if one is to."""
    with _step(run, "verified"):
        if not run.intent.applies and run.proving is None:
            return shown(run, verified)
        progress = kernel.Progress(lambda: shown(run, verified))
        if run.intent.applies:
            verifying.wait(run, progress if run.proving is None else _proving().during(run, progress))
        if run.proving is not None:
            _proving().prove(run, progress)
            progress()
    return None


def compare(run: Run) -> Shown:
    """Before and after."""
    with _step(run, "compared"):
        return shown(run, telling.comparison)


def hand_over(run: Run) -> Shown:
    """What the DNS team needs."""
    with _step(run, "handed over"):
        handing.hand_over(run)
    return shown(run, telling.handing)


def close(run: Run) -> Shown | None:
    """The end: the verdict here and at the top; then the error, where there is one, for the exit code."""
    run.enter("closed")
    error: ByodkimError | None = rolling.error(run)
    if run.proving is None:
        error = error or closing.ran_out(run)
    else:
        error = error or _proving().failed(run) or closing.ran_out(run) or _proving().missing(run)
    outcome = closing.close(run, error)
    end = Shown((*shown(run, opening.verdict).blocks, *shown(run, telling.timeline).blocks))
    kernel.show_headline(_opening(run), run)
    _show_seal(run)
    error = error or closing.failed(run, outcome) or closing.unsealed(run)
    if error is None:
        return end
    kernel.show(end)
    raise error


def _proving() -> ModuleType:
    return import_module("byodkim.procedure.proving_message")  # only where a message is to prove something


def shown(run: Run, tell: Tell) -> Shown:
    """What the run's journal tells so far, by ``tell``."""
    record = run.record
    return _passed(run, tell(record, words.of(record.begin)))


def _passed(run: Run, blocks: Sequence[Block]) -> Shown:
    """A result that has passed the gate; one that does not pass ends the run."""
    told = Shown(blocks)
    with _closing(run):
        run.gate.check_bundle(told.bundle())
    return told


def _opening(run: Run) -> Shown:
    return shown(run, partial(opening.opening, kept=run.sealed is None or not run.sealed.faults))


def _show_seal(run: Run) -> None:
    if run.sealed is not None:
        kernel.show(_passed(run, sealed(run.sealed, words.of(run.record.begin))))


@contextmanager
def _closing(run: Run) -> Iterator[None]:
    """Closes the record when the block raises; the error then goes on, as one that a person understands."""
    try:
        yield
    except BaseException as error:
        if run.stage == "closed":
            raise
        known = _let_pass(run, error)
        if isinstance(known, LeakStopped) and known.spoilt:
            closing.end_spoilt(run)
            kernel.show_headline(Shown(opening.not_begun(str(known))))
        else:
            closing.close(run, known)
            kernel.show_headline(_opening(run), run)
            _show_seal(run)
        if isinstance(known, ByodkimError):
            raise known from None
        raise closing.readable(run, known) from None


def _let_pass(run: Run, error: BaseException) -> BaseException:
    """The error, unless its text holds a piece of a private key: then the one that says so."""
    try:
        run.gate.check("error", str(error))
    except LeakStopped as leak:
        return leak
    return error


@contextmanager
def _step(run: Run, stage: str) -> Iterator[None]:
    run.enter(stage)  # raises outside the block: a step out of its order does not end the run
    with _closing(run):
        yield
    run.stage = stage
