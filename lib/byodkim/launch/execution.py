"""Executing a run's notebook so that what it says is true: of a kernel that died, a cell that took too long, a signal.

papermill itself calls every cell completed then, and a signal leaves the kernel at work.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from jupyter_core.utils import run_sync
from papermill.clientwrap import CellExecutionError, PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.iorw import write_ipynb

from byodkim.errors import ParameterError
from byodkim.evidence.archived import IMPORT, procedure_of
from byodkim.launch import inputs, notebook_file
from byodkim.launch.unfinished import Watch, is_closed, tell

if TYPE_CHECKING:
    from byodkim.launch.forked_kernel import Kernel

SETTLED_S: Final = 0.3  # the notebook's file is never further behind than this
#: Seconds that what a cell shows may come after it has ended: on a busy machine more than the 4 of nbclient, which goes
#: on without it. Then a record would not show what its journal tells.
SHOWN_S: Final = 60
TO_CLOSE_S: Final = 3.0  # how long a kernel may take to close its record when it is interrupted
# A campaign finishes the runs that are under way, each of which may be waiting for SES.
OF_PROCEDURE_S: Final = {"fleet": 80 * 60.0}
SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)
SEARCH: Final = "__import__('byodkim.procedure.gate', fromlist=['holds_key']).holds_key({path!r})"
CLOSE: Final = "steps.close("


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
    kernel: Kernel | None = None,
    **options: Any,
) -> Any:
    """Executes ``nb``. The options are papermill's; ``watch`` is told what is known of the run when it has ended.

    ``kernel``: one that was forked already; papermill's way of starting one where there is none.

    Raises:
        InputRefused: a parameter or the profile is wrong. No kernel was started, no file written.
        Stopped: a signal ended it, or a cell called ``exit``. The notebook is complete all the same.
        nbclient's errors: the kernel died, or a cell took longer than it was allowed to.
    """
    ours = _is_ours(nb)
    if ours and watch is None:  # who watches has looked through them
        _refuse(nb)
    watch = watch or Watch(Path(output_path) if output_path and _is_file(output_path) else None).begin()
    manager = Manager(nb, output_path, log_output, progress_bar, autosave_cell_every)
    manager.notebook_start()
    options.pop("input_path", None)
    timeout, start = options.pop("execution_timeout", None), options.pop("start_timeout", 60)
    client = Client(
        manager, kernel_name=kernel_name, timeout=timeout, startup_timeout=start, log_output=log_output, **options
    )
    client.iopub_timeout = SHOWN_S
    client.watch, client.forked, client.ours = watch, kernel, ours
    try:
        with _stopped_by_signals():
            client.execute()
    finally:
        if ours:
            tell(nb, watch)
        manager.notebook_complete()
    if any(_exited(cell) for cell in nb.cells):  # papermill takes this for a success
        raise Stopped(1)
    return nb


class Manager(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's own, with true statuses, and files that are whole or not there."""

    unsaved: OSError | None = None
    saved_at, behind = float("-inf"), False

    def pass_over(self, cell: Any) -> None:
        """Notes that a cell without code was reached."""
        now = self.now().isoformat()
        cell.metadata.papermill.update(status=self.COMPLETED, exception=False, start_time=now, end_time=now, duration=0)
        if self.pbar:
            self.pbar.update(1)

    def save(self, **_: Any) -> None:
        """Writes the notebook, unless that was done just now: ``catch_up`` does it then, should nothing else follow.

        papermill writes it twice a cell, and each time whole.
        """
        self.behind = True
        if time.monotonic() - self.saved_at > SETTLED_S:
            self.catch_up()

    def catch_up(self) -> None:
        """Writes what has not been written, beside its place, and moves it there.

        A full disk ends no run: it is said at the end.
        """
        if not self.behind:
            return
        self.unsaved, self.behind, self.saved_at = None, False, time.monotonic()
        if self.output_path and _is_file(self.output_path):
            try:
                notebook_file.write(self.nb, self.output_path)
            except OSError as error:
                self.unsaved = error
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
        self.behind = True
        self.catch_up()
        if self.unsaved:
            raise self.unsaved


class Client(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's own; what stops it from outside is noted in the cell that was running."""

    watch: Watch
    forked: Kernel | None = None
    ours = False

    def create_kernel_manager(self) -> Any:
        """Of the kernel that is there, or of one to be started."""
        if self.forked is None:
            return super().create_kernel_manager()
        from byodkim.launch.forked_kernel import Manager

        self.km = Manager(self.forked, kernel_name=self.kernel_name, config=self.config)
        return self.km

    async def async_execute_cell(self, cell: Any, cell_index: int, **options: Any) -> Any:
        """Executes one cell; where it takes longer than a moment, what was there before it is on the disk by then."""
        saving = asyncio.ensure_future(self._save_soon())
        try:
            return await super().async_execute_cell(cell, cell_index, **options)
        finally:
            saving.cancel()

    execute_cell = run_sync(async_execute_cell)

    async def _save_soon(self) -> None:
        await asyncio.sleep(SETTLED_S)
        self.nb_man.catch_up()

    def papermill_execute_cells(self) -> None:
        """Executes cell by cell, up to the first that fails."""
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type != "code":
                self.nb_man.pass_over(cell)
                continue
            try:
                if CLOSE in cell.source:
                    self._search()
                self.nb_man.cell_start(cell, index)
                self.execute_cell(cell, index)
            except CellExecutionError as error:
                # A leak that took the journal with it stands in the notebook too: in a parameter, or a cell's text.
                self.watch.leaks |= error.ename == "LeakStopped" and self.watch.journal is None
                self.nb_man.cell_exception(cell, cell_index=index, exception=error)
                break
            except BaseException as error:
                self.nb_man.cell_exception(cell, cell_index=index, exception=error)
                self._wind_down()
                raise
            finally:
                self.nb_man.cell_complete(cell, cell_index=index)
        else:
            if self.forked is not None and self.ours:
                self.shutdown_kernel = "immediate"  # its record is closed and sealed: there is nothing left to end well

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

    def _search(self) -> None:
        """Has the kernel's custodian search the notebook, while it is there: what cells showed by themselves above all.

        What the last cell shows passes the gate in the kernel.
        """
        if not self.watch.searches or not self.ours:
            return
        self.nb_man.behind = True
        self.nb_man.catch_up()
        question = {"leaks": SEARCH.format(path=str(Path(self.nb_man.output_path).absolute()))}
        asked = self.kc.execute("", silent=True, store_history=False, user_expressions=question)
        reply = self.wait_for_reply(asked)
        told = (reply or {}).get("content", {}).get("user_expressions", {}).get("leaks", {})
        self.watch.leaks = told.get("data", {}).get("text/plain", "") == "True"


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
