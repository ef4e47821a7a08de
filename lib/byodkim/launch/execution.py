"""Executing a run's notebook so that what it says is true: of a kernel that died, a cell that took too long, a signal.

papermill itself calls every cell completed then, and a signal leaves the kernel at work.
"""

from __future__ import annotations

import ast
import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
from papermill.clientwrap import CellExecutionError, PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.iorw import write_ipynb

from byodkim.errors import ParameterError
from byodkim.evidence.archived import IMPORT, procedure_of
from byodkim.launch import inputs
from byodkim.launch.unfinished import Watch, is_closed, tell

TO_CLOSE_S: Final = 3.0  # how long a kernel may take to close its record when it is interrupted
# A campaign finishes the runs that are under way, each of which may be waiting for SES.
OF_PROCEDURE_S: Final = {"fleet": 80 * 60.0}
SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)
TRACES: Final = "__import__('byodkim.procedure.gate', fromlist=['traces']).traces()"


class InputRefused(ParameterError, click.ClickException):
    """A parameter or the profile is wrong. Nothing was started; papermill's command line shows the paragraph alone."""

    exit_code = 2

    def format_message(self) -> str:
        """What click shows."""
        return str(self)


class Stopped(SystemExit):
    """The run was ended from outside, or a cell ended its kernel. ``code`` is 128 and the signal's number, or 1."""


def execute(
    nb: Any,
    kernel_name: str,
    *,
    output_path: str | None = None,
    progress_bar: Any = True,
    log_output: bool = False,
    autosave_cell_every: int = 30,
    watch: Watch | None = None,
    **options: Any,
) -> Any:
    """Executes ``nb``. The options are papermill's; ``watch`` is told what is known of the run when it has ended.

    Raises:
        InputRefused: a parameter or the profile is wrong. No kernel was started, no file written.
        Stopped: a signal ended it, or a cell called ``exit``. The notebook is complete all the same.
        nbclient's errors: the kernel died, or a cell took longer than it was allowed to.
    """
    watch = watch or Watch(Path(output_path) if output_path and _is_file(output_path) else None).begin()
    if _is_ours(nb):
        _refuse(nb)
    manager = Manager(nb, output_path, log_output, progress_bar, autosave_cell_every)
    manager.notebook_start()
    options.pop("input_path", None)
    timeout, start = options.pop("execution_timeout", None), options.pop("start_timeout", 60)
    client = Client(
        manager, kernel_name=kernel_name, timeout=timeout, startup_timeout=start, log_output=log_output, **options
    )
    client.watch = watch
    try:
        with _stopped_by_signals():
            client.execute()
    finally:
        if _is_ours(nb):
            tell(nb, watch)
        manager.notebook_complete()
    if any(_exited(cell) for cell in nb.cells):  # papermill takes this for a success
        raise Stopped(1)
    return nb


class Manager(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's own, with true statuses, and files that are whole or not there."""

    unsaved: OSError | None = None

    def pass_over(self, cell: Any) -> None:
        """Notes that a cell without code was reached."""
        now = self.now().isoformat()
        cell.metadata.papermill.update(status=self.COMPLETED, exception=False, start_time=now, end_time=now, duration=0)
        if self.pbar:
            self.pbar.update(1)

    def save(self, **_: Any) -> None:
        """Writes the notebook beside its place and moves it there. A full disk ends no run: it is said at the end."""
        self.unsaved = None
        if self.output_path and _is_file(self.output_path):
            path = Path(self.output_path)
            beside = path.with_name(f".{path.stem}.{os.getpid()}.ipynb")
            try:
                write_ipynb(self.nb, str(beside))
                beside.replace(path)
            except OSError as error:
                self.unsaved = error
                beside.unlink(missing_ok=True)
        elif self.output_path:
            write_ipynb(self.nb, self.output_path)
        self.last_save_time = self.now()

    def notebook_complete(self, **_: Any) -> None:
        """Notes the end. A cell that was not reached stays ``pending``."""
        self.end_time = self.now()
        told = self.nb.metadata.papermill
        told["end_time"], told["duration"] = (
            self.end_time.isoformat(),
            (self.end_time - self.start_time).total_seconds(),
        )
        self.cleanup_pbar()
        self.save()
        if self.unsaved:
            raise self.unsaved


class Client(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's own; what stops it from outside is noted in the cell that was running."""

    watch: Watch

    def papermill_execute_cells(self) -> None:
        """Executes cell by cell, up to the first that fails."""
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type != "code":
                self.nb_man.pass_over(cell)
                continue
            try:
                self.nb_man.cell_start(cell, index)
                self.execute_cell(cell, index)
            except CellExecutionError as error:
                self.nb_man.cell_exception(cell, cell_index=index, exception=error)
                break
            except BaseException as error:
                self.nb_man.cell_exception(cell, cell_index=index, exception=error)
                self._wind_down()
                raise
            finally:
                self.nb_man.cell_complete(cell, cell_index=index)
        self._ask_traces()

    def _wind_down(self) -> None:
        """Interrupts the kernel, so that the run closes its record, and waits for that a little."""
        self.shutdown_kernel = "immediate"
        process = getattr(self.km.provisioner, "process", None)
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)
        ends = time.monotonic() + OF_PROCEDURE_S.get(procedure_of(_sources(self.nb)), TO_CLOSE_S)
        while time.monotonic() < ends and process.poll() is None and not is_closed(self.watch):
            time.sleep(0.02)

    def _ask_traces(self) -> None:
        """What the gate looks for, which the kernel knows and no file does; nothing where it cannot tell."""
        if not self.watch.wants_traces:
            return
        asked = self.kc.execute("", silent=True, store_history=False, user_expressions={"traces": TRACES})
        reply = self.wait_for_reply(asked)
        told = (reply or {}).get("content", {}).get("user_expressions", {}).get("traces", {})
        self.watch.traces = str(ast.literal_eval(told.get("data", {}).get("text/plain", "''")))


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the block as Ctrl-C does: in good order. Once it ends, a second one is not heard."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: object) -> None:
        for each in (*SIGNALS, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(128 + number)

    found = {number: signal.signal(number, stop) for number in (*SIGNALS, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in found.items():
            signal.signal(number, handler)


def _refuse(nb: Any) -> None:
    given = nb.metadata.get("papermill", {}).get("parameters", {})
    try:
        inputs.accept(dict(given), Path.cwd(), procedure_of(_sources(nb)))
    except ParameterError as error:
        raise InputRefused(error.what, error.means, error.todo) from None


def _is_ours(nb: Any) -> bool:
    return any(IMPORT in source for source in _sources(nb))


def _sources(nb: Any) -> list[str]:
    return [cell.source for cell in nb.cells if cell.cell_type == "code"]


def _exited(cell: Any) -> bool:
    return any(
        output.output_type == "error" and output.ename == "SystemExit" and output.evalue in ("", "0")
        for output in cell.get("outputs", ())
    )


def _is_file(path: str) -> bool:
    return path != "-" and "://" not in path
