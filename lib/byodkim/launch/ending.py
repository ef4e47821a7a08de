"""How plain papermill ends on a terminal: what the run came to, its rollback command, what comes next, its record.

papermill loads the engine's module whenever it starts, which calls ``register``. Only papermill's own command line is
changed: its kernel's connection is encrypted, the kernel's end is noticed at once, and an error of a run is one
paragraph without a traceback.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import gc
import json
import os
import sys
import time
from datetime import UTC, datetime
from functools import partialmethod
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from byodkim.evidence.archived import Archived

PAPERMILL: Final = "papermill"
IMPORTS: Final = b"from byodkim import "
STARTED_AT: Final = time.time()
#: Seconds between two looks whether the kernel has ended. By itself papermill looks each 0.1 s: ``tests.bench.run``.
POLL_S: Final = 0.005


def register() -> None:
    """Have papermill's command line end as a run's should."""
    program = Path(sys.orig_argv[1]) if len(sys.orig_argv) > 1 else Path()
    if program.name != PAPERMILL and sys.orig_argv[1:3] != ["-m", PAPERMILL]:
        return
    gc.set_threshold(500_000)
    from jupyter_client.manager import AsyncKernelManager

    AsyncKernelManager._transport_encryption_default = lambda _: "auto"
    AsyncKernelManager._async_finish_shutdown = partialmethod(
        AsyncKernelManager._async_finish_shutdown, pollinterval=POLL_S
    )
    sys.excepthook = show_error
    atexit.register(gc.freeze)
    atexit.register(show_end)


def show_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show the error that ended papermill: the paragraph of a run that was refused or failed, or a traceback."""
    name = getattr(error, "ename", "")
    if not name or hasattr(builtins, name) or not _ours():
        sys.__excepthook__(kind, error, trace)
        return
    from byodkim.display.blocks import visible

    print(visible(str(getattr(error, "evalue", ""))), file=sys.stderr)


def show_end() -> None:
    """Print what the run came to, if papermill has executed one."""
    archived = _record()
    if archived is None:
        return
    from byodkim.display.blocks import visible
    from byodkim.launch.record import summary

    with contextlib.suppress(OSError):  # a terminal that was closed
        print(visible("\n".join(summary(archived))), flush=True)


def _ours() -> bool:
    return IMPORTS in (_written() or Path(os.devnull)).read_bytes()


def _record() -> Archived | None:
    """Return the run's record that this papermill has written, ``None`` where it has written none."""
    from byodkim.evidence.archived import RecordError, open_record

    path = _written()
    try:
        return open_record(path) if path else None
    except RecordError:
        return None


def _written() -> Path | None:
    """Return the notebook that this papermill has executed, by the time that papermill notes in it."""
    from papermill.cli import papermill

    given = papermill.make_context(PAPERMILL, sys.argv[1:], resilient_parsing=True).params
    path = Path(given.get("output_path") or "-")
    try:
        noted = json.loads(path.read_bytes())["metadata"]["papermill"]["start_time"]
        began = datetime.fromisoformat(noted).replace(tzinfo=UTC).timestamp()
    except (OSError, ValueError, LookupError, TypeError):
        return None  # nothing was executed into it, or it was not written whole
    return path if began >= STARTED_AT and not given.get("prepare_only") else None
