"""The notebook's kernel: what it keeps to itself, when it ends, and how a cell shows something."""

import atexit
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from IPython import get_ipython
from IPython.display import display, update_display

from byodkim.launch import TO_CLOSE_S
from byodkim.words import Sentence

#: Seconds between two looks for papermill's process.
LOOK_S: Final = 0.25
#: A kernel that shuts down may wait 10 s for its output thread; 0.1 s avoids a stall of 3 s in one
#: run of five.
FLUSH_S: Final = 0.1
HEADLINE: Final = "byodkim-headline"
PROGRESS: Final = "byodkim-progress"


class Kernel:
    """The kernel of one run. ``terminal``: the operator's, ``None`` where there is none."""

    def __init__(self) -> None:
        self.terminal = _terminal()
        self.is_working = False
        self._is_in_cell = False
        self._has_progress = False

    def leave_quickly(self) -> None:
        """End the process without taking it apart, which costs half a second of each run.

        papermill has every output by then, the journal is on the disk, and the custodian ends with
        its input.
        """
        atexit.register(os._exit, 0)

    def harden(self) -> None:
        """Keep tracebacks short and without values, keep no history and no core dump, end with
        papermill.
        """
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        shell = get_ipython()
        if shell is not None:
            shell.InteractiveTB.set_mode("Minimal")
            shell.history_manager.enabled = False
            # papermill interrupts its kernel before it ends it: only a cell hears that. ipykernel
            # would report it as an error between cells.
            shell.kernel.pre_handler_hook = shell.kernel.post_handler_hook = lambda: None
            shell.events.register("pre_run_cell", self._enter_cell)
            shell.events.register("post_run_cell", self._leave_cell)
            _leave_the_end_to_us()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "flush_timeout"):
                stream.flush_timeout = FLUSH_S
        # jupyter_client names itself: it may be gone by now, and the parent another process.
        parent = int(os.environ.get("JPY_PARENT_PID", os.getppid()))
        threading.Thread(target=self._watch, args=(parent,), daemon=True).start()

    def say(self, line: str) -> None:
        """Print a line on the operator's terminal, beside papermill's progress."""
        if self.terminal is not None:
            try:
                # On a screen, papermill's progress bar stands in this line.
                clear = "\r\033[K" if self.terminal.isatty() else ""
                print(f"{clear}{line}", file=self.terminal, flush=True)
            except (OSError, ValueError):
                self.terminal = None

    def show_progress(self, sentence: Sentence) -> None:
        """Show how far a campaign is, on the terminal and below the cell: one line, always anew."""
        line = f"{datetime.now(UTC):%H:%M:%S} UTC  {sentence}"
        self.say(line)
        act = update_display if self._has_progress else display
        self._has_progress = True
        act({"text/plain": line}, raw=True, display_id=PROGRESS)

    def _watch(self, parent: int) -> None:
        """End when papermill is gone: killed, it cannot end its kernel, which would go on
        working.
        """
        while os.getppid() == parent:
            time.sleep(LOOK_S)
        if self._is_in_cell:  # between cells, nobody would ask for the one that closes the record
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            ends = time.monotonic() + TO_CLOSE_S
            while self.is_working and self._is_in_cell and time.monotonic() < ends:
                time.sleep(LOOK_S / 5)
        os._exit(1)

    def _enter_cell(self, _info: object) -> None:
        """Let Ctrl-C and SIGTERM interrupt the cell."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        self._is_in_cell = True

    def _leave_cell(self, _result: object) -> None:
        """Let them interrupt nothing between cells."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._is_in_cell = False


def parameters(known: Iterable[str], passed: Iterable[str]) -> dict[str, Any]:
    """Return what the notebook's parameters cells set: the names that are known, and all that were
    passed in.
    """
    shell = get_ipython()
    names: Mapping[str, Any] = shell.user_ns if shell is not None else {}
    return {name: names[name] for name in (*known, *passed) if name in names}


def show(bundle: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> None:
    """Show a result below the cell."""
    display(dict(bundle), raw=True, metadata=dict(metadata or {}))


def show_headline(
    bundle: Mapping[str, Any], metadata: Mapping[str, Any] | None = None, *, again: bool = False
) -> None:
    """Show the record's first screen in its place at the top, or show it ``again`` with the
    outcome.
    """
    act = update_display if again else display
    act(dict(bundle), raw=True, display_id=HEADLINE, metadata=dict(metadata or {}))


def ignore_interrupts() -> None:
    """Ignore Ctrl-C and SIGTERM from now on: a record that is being closed is closed."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


class _AnyParent(int):
    """A process id that no process id differs from."""

    def __ne__(self, other: object) -> bool:
        """Return false."""
        return False

    __hash__ = int.__hash__


def _leave_the_end_to_us() -> None:
    """Keep ipykernel's own watcher from ending the kernel at once when papermill is gone.

    It compares the parent's process id with the one that it knew, once a second.
    """
    from ipykernel.kernelapp import IPKernelApp

    poller = IPKernelApp.instance().poller if IPKernelApp.initialized() else None
    if poller is not None:
        poller.parent_pid = _AnyParent(1)


def _terminal() -> TextIO | None:
    """Return papermill's standard error, which a kernel inherits; ipykernel keeps it behind its own
    stream.
    """
    try:
        return os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8", errors="replace")
    except (AttributeError, OSError, ValueError):
        return None
