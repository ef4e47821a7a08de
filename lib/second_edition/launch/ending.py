"""End plain papermill on a terminal: what the run came to, its rollback command, what comes next, its record.

papermill loads the engine's module whenever it starts, which calls ``register``. Only papermill's own command line is
changed: its kernel's connection is encrypted, the kernel's start is noticed at once, and an error of a run is one
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
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from second_edition.launch import escape_unencodable

if TYPE_CHECKING:
    from second_edition.evidence.archived import Archived
    from second_edition.launch.unfinished import Watch

PAPERMILL: Final = "papermill"
IMPORTS: Final = b"from second_edition import "
STARTED_AT: Final = time.time()
STARTED_IN: Final = os.getcwd()  # noqa: PTH109 - papermill goes elsewhere with its --cwd
#: Seconds without a message after which a kernel that has answered is ready; by itself 0.2 (``tests.second_edition.bench.run``).
#: That drops what a kernel says of its start, and papermill passes over what belongs to no cell in any case.
QUIET_S: Final = 0.02


def register() -> None:
    """Have papermill's command line end as a run's should."""
    program = Path(sys.argv[0]).name
    if program != PAPERMILL and not (program == "-m" and PAPERMILL in sys.orig_argv):
        return
    gc.set_threshold(500_000)
    from jupyter_client.asynchronous import AsyncKernelClient
    from jupyter_client.manager import AsyncKernelManager

    AsyncKernelClient.wait_for_ready = _wait_for_kernel
    AsyncKernelManager._transport_encryption_default = _start
    escape_unencodable()
    sys.excepthook = show_error
    atexit.register(gc.freeze)
    atexit.register(show_end)


def _start(_: object) -> str:
    """Return a kernel's transport encryption, and tell the kernel who starts it."""
    from second_edition.intent.caller import NOTED

    paths = [_given()[name] or "" for name in ("notebook_path", "output_path")]
    os.environ[NOTED] = json.dumps({"process": os.getpid(), "folder": STARTED_IN, "paths": paths})
    return "auto"


async def _wait_for_kernel(client: Any, timeout: float | None = None) -> None:
    """Wait until a kernel has answered, and has nothing more to say."""
    channel = client.iopub_channel
    get = channel.get_msg
    channel.get_msg = lambda **_: get(timeout=QUIET_S)
    try:
        await client._async_wait_for_ready(timeout)
    finally:
        del channel.get_msg


def show_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show the error that ended papermill: the paragraph of a run that was refused or failed, or a traceback."""
    if isinstance(error, OSError) and (told := _cut_off(error)):
        print(told, file=sys.stderr)
        return
    if told := _unstarted(error):
        print(told, file=sys.stderr)
        return
    name = getattr(error, "ename", "")
    if not name or hasattr(builtins, name) or not _ours():
        sys.__excepthook__(kind, error, trace)
        return
    from second_edition.display.blocks import visible

    print(visible(str(getattr(error, "evalue", ""))), file=sys.stderr)


def show_end() -> None:
    """Print what the run came to, if papermill has executed one."""
    archived, watch = _record(), _unwritten()
    if watch is None and (archived is None or archived.unexecuted):
        return
    from second_edition.display.blocks import visible
    from second_edition.launch.record import explained, summary, summary_of_journal

    lines = summary(archived) if archived else summary_of_journal(watch) if watch else []
    with contextlib.suppress(OSError):  # a terminal that was closed
        print(visible("\n".join(lines)), flush=True)
        if archived and not hasattr(sys, "last_value"):  # click says of an interrupt no more than "Aborted!"
            print(visible(explained(archived)), end="", file=sys.stderr)


def _unwritten() -> Watch | None:
    """Return the run whose journal stands beside a notebook that papermill could not write; ``None`` for none."""
    from second_edition.launch.unfinished import Watch

    path = _output()
    if path is None or _written() is not None:
        return None
    watch = Watch(path, since=STARTED_AT)
    return watch if watch.journal else None


def _cut_off(error: OSError) -> str:
    """Return what is said where papermill could not write a run's notebook; "" for any other error."""
    from second_edition.intent.profile_file import spoken
    from second_edition.messages import say

    values = {"path": _output(), "reason": str(error.strerror or error).rstrip(".")}
    if watch := _unwritten():
        return say("launch", "cut-off", spoken(), **values, journal=watch.journal)
    with contextlib.suppress(OSError):
        given, path = Path(_given()["notebook_path"] or "-"), _output()
        # papermill writes the notebook before it starts the kernel.
        if path and IMPORTS in given.read_bytes() and not (path.is_file() and path.stat().st_size):
            return say("launch", "not-begun", spoken(), **values)
    return ""


def _unstarted(error: BaseException) -> str:
    """Return what is said where the kernel did not start, so that papermill executed no cell; "" for any other error.

    What is awaited longer than papermill's --start-timeout, or dies before it answers, is a RuntimeError of papermill.
    """
    from second_edition.display.blocks import visible
    from second_edition.messages import say

    archived = _record() if isinstance(error, RuntimeError) else None
    if archived is None or not archived.unexecuted:
        return ""
    reason = str(error).rstrip(".")
    return visible(say("launch", "unstarted", archived.language, path=archived.path, reason=reason))


def _ours() -> bool:
    return IMPORTS in (_written() or Path(os.devnull)).read_bytes()


def _record() -> Archived | None:
    """Return the run's record that this papermill has written, ``None`` where it has written none."""
    from second_edition.evidence.archived import RecordError, open_record

    path = _written()
    try:
        return open_record(path) if path else None
    except RecordError:
        return None


def _written() -> Path | None:
    """Return the notebook that this papermill has executed, by the time that papermill notes in it."""
    path = _output()
    try:
        if path is None or not path.is_file():  # a device may never end
            return None
        noted = json.loads(path.read_bytes())["metadata"]["papermill"]["start_time"]
        began = datetime.fromisoformat(noted).replace(tzinfo=UTC).timestamp()
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None  # nothing was executed into it, or it was not written whole
    return path if began >= STARTED_AT else None


def _output() -> Path | None:
    """Return the notebook that papermill's command line names to write; ``None`` where it executes none."""
    given = _given()
    path = given.get("output_path")
    return Path(path) if path and not given.get("prepare_only") else None


def _given() -> dict[str, Any]:
    from papermill.cli import papermill

    given: dict[str, Any] = papermill.make_context(PAPERMILL, sys.argv[1:], resilient_parsing=True).params
    return given
