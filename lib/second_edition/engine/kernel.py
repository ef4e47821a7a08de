"""Reach what executes the notebook, a kernel or this project's engine: its namespace, what it shows and keeps.

Imports little: the first cell waits for it.
"""

from __future__ import annotations

import atexit
import gc
import logging
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TextIO, cast

from IPython import get_ipython
from IPython.display import display, update_display

from second_edition.display.placeholder import placeholder
from second_edition.evidence.cells import JOURNAL, RUN
from second_edition.intent import caller
from second_edition.intent.caller import INJECTED, PAPERMILL_PATHS, StartedBy

if TYPE_CHECKING:
    from second_edition.display.notebook import Shown
    from second_edition.engine.run import Run

HEADLINE = "byodkim-headline"
FLUSH_S = 0.1
#: Seconds between two looks for the parent, and for which a run may close its record once the parent is gone.
LOOK_S = 0.25
TO_CLOSE_S = 3.0
AGAIN_S = 0.05  # between an interrupt that was dropped and the next


class Shell(Protocol):
    """Hold what this project's engine executes cells in (``second_edition.launch.shell``)."""

    started_by: StartedBy
    run: Run | None
    on_interrupt: Callable[[], object] | None
    closing: bool


_errors: Any = None  # what standard error is before a run speaks beside it


def standard_error() -> TextIO | None:
    """Return the terminal, or the log, of whoever has papermill, or a command, run the notebook; ``None``: neither."""
    stream: Any = sys.__stderr__ if own_shell() is not None else _errors
    try:
        file = stream.fileno()
        if started_by().kind == "papermill":
            return os.fdopen(os.dup(file), "w", encoding="utf-8", errors="replace")
    except (AttributeError, OSError, ValueError):
        pass
    return None


def harden() -> None:
    """Shorten tracebacks; keep no history and no core dump, hide local variables, and die with papermill."""
    global _errors
    _errors = sys.stderr
    gc.set_threshold(500_000)  # none while libraries load: they take 50 ms (``tests.second_edition.bench.run``)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    shell = get_ipython()
    if own_shell() is None:
        _hold(lambda: getattr(namespace().get("run"), "stage", "closed") != "closed")
        if shell is not None:
            _hear_interrupts_in_cells_alone(shell)
            shell.kernel.log.addFilter(_concerns_someone)
        # ipykernel's end waits that long for its streams, 10 s by itself, when the thread that writes them has ended.
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "flush_timeout"):
                stream.flush_timeout = FLUSH_S
    # Python collects once more as it ends, over all that is loaded: a fifth of the time in ``tests.second_edition.bench.command``.
    atexit.register(gc.freeze)
    if shell is not None:
        shell.InteractiveTB.set_mode("Minimal")
        shell.history_manager.enabled = False


def _concerns_someone(record: logging.LogRecord) -> bool:
    """Return whether a kernel's log line is more than that papermill, interrupted, has closed its sockets already."""
    error = record.exc_info[1] if record.exc_info else None
    return type(error).__name__ != "ZMQError"


def ignore_interrupts() -> None:
    """Ignore interrupts until the cell has ended: a run that closes is finished."""
    shell = own_shell()
    if shell is not None:
        shell.closing = True
    else:
        _on_interrupt(signal.SIG_IGN)


def _hear_interrupts_in_cells_alone(shell: Any) -> None:
    """Ignore interrupts between cells. ipykernel itself hears them while it handles any message.

    papermill interrupts its kernel before it ends it. In time with the reply to its last message, which comes after the
    last cell, that would print an error.
    """
    shell.kernel.pre_handler_hook = shell.kernel.post_handler_hook = lambda: None
    shell.events.register("pre_run_cell", lambda _: _on_interrupt(signal.default_int_handler))
    shell.events.register("post_run_cell", lambda _: _on_interrupt(signal.SIG_IGN))
    sys.unraisablehook = _unraisable


def _unraisable(lost: sys.UnraisableHookArgs) -> None:
    """Interrupt once more where Python drops an interrupt, as it does in a finalizer: the run would go on."""
    if lost.exc_type is KeyboardInterrupt:
        threading.Timer(AGAIN_S, os.kill, (os.getpid(), signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(lost)


def _on_interrupt(act: Any) -> None:
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, act)


def speak_beside() -> None:
    """Have whatever is written to standard output or error from now on go to the terminal, and not below a cell.

    The journal has the digest of all that a step shows. What others say meanwhile is nothing that the run has shown: a
    library that warns, a thread that fails, ipykernel on a busy machine ("IOStream.flush timed out").
    """
    streams: tuple[Any, ...] = (sys.stdout, sys.stderr)
    for stream in streams:
        if hasattr(stream, "register_hook"):  # ipykernel's, which also takes what comes by file descriptors 1 and 2
            stream.pub_thread.schedule(partial(stream.register_hook, lambda _: None))  # hooks are its thread's own
    sys.stdout = sys.stderr = sys.__stderr__


def _hold(at_work: Callable[[], bool]) -> None:
    """Watch over the parent of this process from now on; ``at_work`` tells whether a run is under way.

    A kernel ends with whoever started it: killed, papermill cannot end its kernel, which would keep working. When the
    parent is gone, the kernel is interrupted, as by Ctrl-C, so that the run closes its record, and then ends.
    """
    parent = os.getppid()
    if parent > 1:  # started by init: nothing to be told by
        threading.Thread(target=_watch, args=(parent, at_work), name="lifeline", daemon=True).start()


def _watch(parent: int, at_work: Callable[[], bool]) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    if at_work():
        os.kill(os.getpid(), signal.SIGINT)
        ends = time.monotonic() + TO_CLOSE_S
        while at_work() and time.monotonic() < ends:
            time.sleep(LOOK_S / 5)
    os._exit(1)


def own_shell() -> Shell | None:
    """Return the shell of this project's engine, which executes cells in its own process; ``None`` in a kernel."""
    shell = get_ipython()
    return cast("Shell", shell) if hasattr(shell, "started_by") else None


def started_by() -> StartedBy:
    """Return what runs the notebook, and from and to which file."""
    shell = own_shell()
    return caller.find(namespace()) if shell is None else shell.started_by


def note(run: Run) -> None:
    """Let the engine know of the run, which it ends."""
    shell = own_shell()
    if shell is not None:
        shell.run = run


@contextmanager
def interrupts(act: Callable[[], object]) -> Iterator[None]:
    """Call ``act`` at an interrupt within the block in place of ending it."""
    shell = own_shell()
    if shell is not None:
        shell.on_interrupt = act
        try:
            yield
        finally:
            shell.on_interrupt = None
    elif threading.current_thread() is not threading.main_thread():
        yield
    else:
        before = signal.signal(signal.SIGINT, lambda *_: act())
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def load_ahead() -> None:
    """Loads, while AWS is waited for, what is needed later and takes long: what shows tables, what seals, pages."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's threads for large matrices take time to start

    def load() -> None:
        for name in ("pandas", "second_edition.evidence.dsse"):
            import_module(name)
        if own_shell() is not None:  # which makes the record's page in this process
            import_module("second_edition.display.html").load_ahead()

    threading.Thread(target=load, name="imports", daemon=True).start()


def namespace() -> dict[str, Any]:
    """Return the notebook's own names; nothing outside a kernel."""
    shell = get_ipython()
    return shell.user_ns if shell is not None else {}


def parameters(known: Iterable[str]) -> dict[str, Any]:
    """Return what the parameters cell and papermill's cell set: the ``known`` names, and whatever else was injected."""
    names = [*known, *caller.injected(cells())]
    return {name: namespace()[name] for name in names if name in namespace() and name not in PAPERMILL_PATHS}


def present() -> bool:
    """Return whether this is a notebook's kernel, which shows what it is given to show."""
    return bool(cells())


def cells() -> list[str]:
    """Return the text of the cells executed so far."""
    return [cell for cell in namespace().get("In", ()) if isinstance(cell, str)]


def executed() -> list[str]:
    """Return the notebook's own code as it was executed so far: without the cell that papermill injects."""
    return [cell for cell in cells()[1:] if not cell.startswith(INJECTED)]  # IPython's In starts with an empty entry


def injected() -> list[str]:
    """Return the cell that papermill injects, as it was executed; none where there is none."""
    return [cell for cell in cells()[1:] if cell.startswith(INJECTED)]


def show_placeholder() -> None:
    """Show what stands in the headline's place until the run ends, in both languages."""
    display(placeholder(), raw=True, display_id=HEADLINE)


def show(shown: Shown, run: Run | None = None) -> None:
    """Show a result below the cell, with the run's id and its journal's name where the run begins."""
    bundle: dict[str, Any] = shown.bundle()
    if run is not None:
        bundle[RUN] = {"run": run.id, "journal": run.journal.path.name}
    display(bundle, raw=True)


def picture(svg: str, caption: str) -> dict[str, str]:
    """Return a picture by MIME type, of which a reader without pictures gets the caption."""
    return {"image/svg+xml": str(svg), "text/plain": caption}


def show_picture(svg: str, caption: str) -> None:
    """Show a picture, of which a reader without pictures gets the caption."""
    display(picture(svg, caption), raw=True)


def show_headline(shown: Shown, run: Run | None = None) -> None:
    """Fill the headline in, with a copy of the journal where there is a run."""
    bundle: dict[str, Any] = shown.bundle()
    if run is not None:
        bundle[JOURNAL] = run.journal.as_json
    update_display(bundle, raw=True, display_id=HEADLINE)


def show_again(shown: Shown, place: Any) -> Any:
    """Show a result, in the ``place`` of the one before it; ``None`` for a new place. Return the place."""
    bundle = shown.bundle()
    if place is None:
        return display(bundle, raw=True, display_id=True)
    place.update(bundle, raw=True)
    return place
