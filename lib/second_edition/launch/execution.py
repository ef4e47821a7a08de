"""Executing a run's notebook in this process, so that what it says is true: of a failed cell, a time limit, a signal.

Plain papermill starts a kernel for it. It calls every cell completed where that dies, and a signal leaves it at work.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final

from second_edition.engine.gate import holds_key
from second_edition.evidence.archived import IMPORT, procedure_of
from second_edition.intent.caller import StartedBy
from second_edition.launch import inputs
from second_edition.launch.progress import Progress, is_file
from second_edition.launch.shell import LANGUAGE, STREAMS, Outputs, Shell, shell_of
from second_edition.launch.unfinished import Watch, tell

TO_CLOSE_S: Final = 3.0  # how long a run may take to close its record when it is interrupted
SOON_S: Final = 0.02  # after which a cell is interrupted that begins when its run is to stop
# A campaign finishes the runs that are under way, each of which may be waiting for SES.
OF_PROCEDURE_S: Final = {"fleet": 80 * 60.0}
SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
CLOSE: Final = "steps.close("


class Stopped(SystemExit):
    """The run was ended from outside, or a cell called ``exit``. ``code`` is 128 and the signal's number, or 1."""


class TimedOut(RuntimeError):
    """A cell took longer than it was allowed to."""


def execute(
    nb: Any,
    *,
    input_path: str | None = None,
    output_path: str | None = None,
    progress_bar: Any = True,
    log_output: bool = False,
    autosave_cell_every: int = 30,
    execution_timeout: int | None = None,
    watch: Watch | None = None,
    **options: Any,
) -> Any:
    """Execute ``nb``. The options are papermill's; ``watch`` is told what is known of the run when it has ended.

    Who watches releases the run, whose custodian is still there for that.

    Raises:
        ParameterError: a parameter or the profile is wrong. Nothing was executed, no file written.
        Stopped: a signal ended it, or a cell called ``exit``. The notebook is complete all the same.
        TimedOut: a cell took longer than ``execution_timeout`` seconds.
        ValueError: a time limit is asked for elsewhere than in the process's main thread.
    """
    ours = _is_ours(nb)
    if ours and watch is None:  # who watches has looked through them
        given = nb.metadata.get("papermill", {}).get("parameters", {})
        inputs.accept(dict(given), Path.cwd(), procedure_of(_sources(nb)))
    watched, watch = watch is not None, watch or Watch(_local(output_path))
    files = {name: options.get(f"{name}_file") for name in STREAMS}
    progress = Progress(nb, output_path, logs=log_output, bar=progress_bar, autosave_s=autosave_cell_every, files=files)
    record = watch.record.resolve() if watch.record else None
    started_by = StartedBy("papermill", _local(input_path), record, watch.of_campaign)
    to_close_s = OF_PROCEDURE_S.get(procedure_of(_sources(nb)), TO_CLOSE_S)
    try:
        with (
            shell_of(progress.outputs, started_by) as shell,
            Interrupts(shell, execution_timeout, to_close_s, to_the_end=watched) as stop,
        ):
            with progress.saving():
                try:
                    _execute(nb, shell, progress, stop, watch if ours else None)
                finally:
                    watch.run = shell.run
            nb.metadata["language_info"] = LANGUAGE
    finally:
        if watch.run is not None and not watched:
            watch.run.release()
        if ours:
            tell(nb, watch)
        progress.close()
    if stop.why is not None:
        raise stop.why
    if shell.left or any(_exited(cell) for cell in nb.cells):  # papermill takes this for a success
        raise Stopped(1)
    return nb


def _execute(nb: Any, shell: Shell, progress: Progress, stop: Interrupts, watch: Watch | None) -> None:
    """Execute cell by cell, up to the first that fails or is interrupted."""
    for index, cell in enumerate(nb.cells):
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or "skip-execution" in tags:
            progress.pass_over(cell)
            continue
        if watch and watch.searches and CLOSE in cell.source:
            # What cells showed by themselves above all: what the last one shows passes the gate in its step.
            progress.save_now()
            watch.leaks = holds_key(str(Path(progress.path or "").absolute()))
        progress.begin(cell, index)
        error = _execute_cell(cell, shell, progress.outputs, stop)
        if watch and type(error).__name__ == "LeakStopped" and watch.journal is None:
            watch.leaks = (
                True  # one that took the journal with it stands in the notebook too: in a parameter, or a cell
            )
        ends = stop.struck or shell.left or (error is not None and "raises-exception" not in tags)
        progress.end(cell, index, failed=stop.struck or (error is not None and ends))
        if ends:
            break


def _execute_cell(cell: Any, shell: Shell, outputs: Outputs, stop: Interrupts) -> BaseException | None:
    """Return the error with which a cell has ended, ``None`` where it has not."""
    outputs.begin(cell)
    cell.metadata["execution"] = {"iopub.status.busy": _now(), "iopub.execute_input": _now()}
    cell.execution_count = shell.execution_count
    error: BaseException | None
    try:
        with stop.within():
            result = shell.run_cell(cell.source, store_history=True)  # type: ignore[no-untyped-call]
        error = result.error_before_exec or result.error_in_exec
    except KeyboardInterrupt as interrupt:  # between IPython's own lines
        error = interrupt
    outputs.flush()
    cell.metadata["execution"] |= {"shell.execute_reply": _now(), "iopub.status.idle": _now()}
    return error


class Interrupts:
    """SIGTERM, SIGHUP, Ctrl-C and a cell's time limit interrupt the cell, so that its run closes its record.

    The run has ``to_close_s`` seconds to begin with that, then it is interrupted once more. A second signal is not
    heard, and none once the run closes: it is finished. In another thread than the main one there are neither signals
    nor limits. ``to_the_end``: whether signals stay unheard afterwards, until the process ends.

    Attributes:
        why: with what the execution is to end.
        struck: whether a cell was interrupted for it.
    """

    def __init__(self, shell: Shell, limit_s: int | None, to_close_s: float, *, to_the_end: bool) -> None:
        self.why: BaseException | None = None
        self.struck = False
        self._shell, self._limit_s, self._to_close_s, self._within = shell, limit_s or 0, to_close_s, False
        self._to_the_end = to_the_end
        self._main = threading.current_thread() is threading.main_thread()
        if limit_s and not self._main:
            raise ValueError("A time limit for cells is kept in the main thread only.")

    def __enter__(self) -> Interrupts:
        if self._main:
            self._before = {number: signal.signal(number, self._signalled) for number in SIGNALS}
            self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._rang)
        return self

    def __exit__(self, *_: object) -> None:
        if self._main:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in self._before.items():
                unheard = self._to_the_end and number in SIGNALS
                signal.signal(number, signal.SIG_IGN if unheard else handler)

    @contextlib.contextmanager
    def within(self) -> Iterator[None]:
        """Run a cell, which is interrupted soon where the execution is to end already."""
        if self._main:
            signal.setitimer(signal.ITIMER_REAL, SOON_S if self.why else self._limit_s, self._to_close_s)
        self._within = True
        try:
            yield
        finally:
            self._within = False
            if self._main:
                signal.setitimer(signal.ITIMER_REAL, 0)

    def _signalled(self, number: int, _: FrameType | None) -> None:
        if self._shell.closing:
            return
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        self._stop(Stopped(128 + number))

    def _rang(self, _: int, __: FrameType | None) -> None:
        if self._shell.closing:
            return
        if self.why is None:
            self._stop(TimedOut(f"The cell took longer than {self._limit_s} seconds."))
        elif self._within:
            self._strike()

    def _stop(self, why: BaseException) -> None:
        self.why = why
        if self._within:
            signal.setitimer(signal.ITIMER_REAL, self._to_close_s, 1)
            self._strike()

    def _strike(self) -> None:
        again, self.struck = self.struck, True
        if self._shell.on_interrupt is not None and not again:
            self._shell.on_interrupt()
        else:
            raise KeyboardInterrupt


def _is_ours(nb: Any) -> bool:
    return any(IMPORT in source for source in _sources(nb))


def _sources(nb: Any) -> list[str]:
    return [cell.source for cell in nb.cells if cell.cell_type == "code"]


def _exited(cell: Any) -> bool:
    return any(
        output.output_type == "error" and output.ename == "SystemExit" and output.evalue in ("", "0")
        for output in cell.get("outputs", ())
    )


def _local(path: str | None) -> Path | None:
    return Path(path).resolve() if path and is_file(path) else None


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
