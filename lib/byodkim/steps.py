"""What the notebooks call: one function for each step. Each shows its result.

The procedure does the work: ``byodkim.procedures.rotate`` for rotate.ipynb.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from byodkim import launch as launching
from byodkim.engine import kernel
from byodkim.engine.run import Run, begin_record, open_run
from byodkim.engine.stages import stop_run
from byodkim.errors import RunEnded
from byodkim.launch import Launch, Settings
from byodkim.procedures.table import procedure_of
from byodkim.record.record import tell
from byodkim.show import first_screen, notebook
from byodkim.words import speak

_kernel = kernel.Kernel()


def headline() -> None:
    """Keep the place of the record's first screen, which is shown when the run ends."""
    _kernel.harden()
    if launching.received() is not None:
        _kernel.leave_quickly()
    kernel.show_headline(notebook.bundle(first_screen.placeholder()))


def parameters() -> dict[str, Any]:
    """Return the parameters that the notebook's cells set."""
    launch = launching.received()
    if launch is not None and launch.settings is not None:
        return {}  # papermill's process read them
    from byodkim.settings_table import SETTINGS

    known = [row.name for row in SETTINGS if row.is_parameter()]
    return kernel.parameters(known, launch.passed if launch else ())


def begin(procedure: str, /, **given: Any) -> Run:
    """Begin a run: read the settings, start the custodian, open the journal, try the lock.

    Raises:
        InputError: a parameter or the profile is wrong. Nothing was read or written.
        RecordError: the record cannot be kept or signed.
    """
    launch = launching.received()
    settings = (launch and launch.settings) or _read(procedure, given, launch)
    speak(settings.language)
    run = open_run(settings, launch, _kernel, procedure, procedure_of(procedure).CHECKS)
    if procedure == "prepare" and not run.selector:
        from byodkim.procedures.prepare import name_selector  # only prepare goes without one

        name_selector(run)
    begin_record(run)
    threading.Thread(target=_load_libraries, daemon=True).start()  # while the custodian starts
    _show(run, "begin")
    return run


def observe(run: Run) -> None:
    """Observe SES, the secret, the key objects and every authoritative server."""
    _step(run, "observe", procedure_of(run.procedure).observe)


def prove(run: Run) -> None:
    """Show the fingerprint of the key at every place. The checks judge it."""
    _step(run, "prove")


def check(run: Run) -> None:
    """Evaluate every check; one that fails or cannot be made ends the run."""
    _step(run, "check", procedure_of(run.procedure).check)


def plan(run: Run) -> None:
    """Show what would be written, and the digest that approvers sign."""
    _step(run, "plan", procedure_of(run.procedure).make_plan)


def apply(run: Run) -> None:
    """Observe again and write the plan, in an apply run."""
    _step(run, "apply", procedure_of(run.procedure).apply)


def verify(run: Run) -> None:
    """Wait until what was written shows, and judge the message that was given."""
    _step(run, "verify", procedure_of(run.procedure).verify)


def compare(run: Run) -> None:
    """Show every field of the identity before and after."""
    _step(run, "compare")


def hand_over(run: Run) -> None:
    """Write the DNS request."""
    _step(run, "hand_over", procedure_of(run.procedure).hand_over)


def close(run: Run) -> None:
    """Decide the outcome, and close and sign the record."""
    _step(run, "close", procedure_of(run.procedure).finish)


def _read(procedure: str, given: Mapping[str, Any], launch: Launch | None) -> Settings:
    """Return what the notebook's cells set. Outside papermill, all of it counts as passed in."""
    from byodkim.settings import read, require

    settings = read(given, launch.passed if launch else given)
    speak(settings.language)
    require(settings, procedure)
    return settings


def _load_libraries() -> None:
    """Load what later steps need: the judge of signatures, and what compares before and after."""
    import dkim  # noqa: F401
    import pandas  # noqa: F401


def _step(run: Run, name: str, act: Callable[[Run], object] | None = None) -> None:
    """Run a step and show its result. Whatever ends it early closes the record first."""
    try:
        try:
            if act is not None:
                act(run)
            _show(run, name)
        except RunEnded:
            raise
        except BaseException as error:  # noqa: BLE001 - an interrupt too must leave a closed record
            stop_run(run, error)
    except RunEnded as ended:
        _show(run, name)
        _show_outcome(run)
        raise ended from None
    if run.closed:
        _show_outcome(run)


def _show(run: Run, name: str) -> None:
    """Show what a step came to, as the journal tells it."""
    record = tell(run.journal.events)
    for section in notebook.sections_of(record, name):
        kernel.show(notebook.bundle(section))


def _show_outcome(run: Run) -> None:
    """Put the outcome into the record's first screen, marked for ``byodkim verify``."""
    record = tell(run.journal.events)
    mark = {"byodkim": {"run": run.id, "outcome": record.outcome}}
    shown = notebook.bundle(notebook.headline(record))
    kernel.show_headline(shown, mark, again=True)
    kernel.show(shown, mark)
