"""Running one identity of a campaign: ``byodkim rotate`` in a process of its own, exactly as a person would run it."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import glob
import io
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from multiprocessing import forkserver, reduction, resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from second_edition.evidence import journal
from second_edition.evidence.exclusive import is_held
from second_edition.evidence.journal import SUFFIX, Account, JournalError

RUNNING: Final = ".running"  # where a notebook lies until it is complete, with a lock that its runner holds
BEGUN: Final = ".begun"
KILLED: Final = 137
SAFE_PATH: Final = "PYTHONSAFEPATH"
#: What a terminal sends to all that run there at Ctrl-C, and when it is closed.
OF_TERMINAL: Final = (signal.SIGINT, signal.SIGHUP)
COMMAND, PROCEDURE = "second_edition.launch.command_line", "second_edition.launch.rotate"  # what a person would run
#: By how much a run stands back behind what all of them wait for: the campaign and its reader.
STANDS_BACK: Final = 5
#: What a run loads, loaded once in the process of which those of runs are forked.
PRELOADED: Final = (
    COMMAND, PROCEDURE, "second_edition.launch.notebook",
    "second_edition.launch.execution", "second_edition.steps", "second_edition.procedures.rotate.steps", "second_edition.evidence.dsse",
    "dns.query", "dns.resolver", "dkim", "pandas",
)  # fmt: skip


class Ended(Struct, frozen=True):
    """Hold what a run came to: the exit code of ``byodkim rotate``, its standard output and its standard error."""

    code: int
    said: str
    complained: str


class Runner:
    """Runs identities, each as ``byodkim rotate`` does, in a process of its own that has loaded what it needs.

    A run outlives whoever began it, and whoever kills one of them: an interrupted campaign takes its record over later.
    So each run is a process, not a task of ``ProcessPoolExecutor``, which ends them all when one was killed.

    Args:
        at_once: how many side by side, at most.
    """

    def __init__(self, at_once: int) -> None:
        _start_server()
        self._context = multiprocessing.get_context("forkserver")
        self._pool = ThreadPoolExecutor(at_once, "runner")

    def start(
        self, parameters: Mapping[str, Any], output: Path, *, environment: Mapping[str, str] | None = None
    ) -> Future[Ended]:
        """Begin the run whose record is to be ``output``, and return its end. ``environment``: what is set besides."""
        lock = _begun(output)
        given = {name: str(value) for name, value in parameters.items()}
        run = self._pool.submit(self._run, given, output, {**os.environ, **(environment or {})}, lock)

        def over(_: Future[Ended]) -> None:
            os.close(lock)
            forget(output)

        run.add_done_callback(over)
        return run

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown()

    def _run(self, parameters: dict[str, str], output: Path, environment: dict[str, str], lock: int) -> Ended:
        here, there = self._context.Pipe(duplex=False)
        given = (there, parameters, output, environment, Path.cwd(), _Held(lock))
        process = self._context.Process(target=_carry_out, args=given)
        process.start()
        there.close()
        with here, contextlib.suppress(EOFError):
            ended: Ended = here.recv()
            process.join()
            return ended
        process.join()
        return Ended(KILLED, "", "")


def _start_server() -> None:
    """Start the process of which those of runs are forked: deaf to the terminal, and to files of the working folder."""
    multiprocessing.set_forkserver_preload(list(PRELOADED))
    before = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    resource_tracker.ensure_running()  # before signals are blocked: it unblocks them
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, OF_TERMINAL)  # which a process inherits
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        del os.environ[SAFE_PATH]
        os.environ |= {SAFE_PATH: before} if before is not None else {}


class _Held:
    """A file descriptor that a process gets when it is begun, and keeps to its end."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __getstate__(self) -> Any:
        return reduction.DupFd(self._number)

    def __setstate__(self, given: Any) -> None:
        self._number = given.detach()


def _carry_out(
    connection: Connection,
    parameters: Mapping[str, str],
    output: Path,
    environment: Mapping[str, str],
    folder: Path,
    _: _Held,
) -> None:
    """Run an identity's run in its own process. The terminal's signals are not for it; nobody may hear its end."""
    os.setsid()
    for number in OF_TERMINAL:
        signal.signal(number, signal.SIG_IGN)  # drops those that came while they were blocked
    signal.pthread_sigmask(signal.SIG_UNBLOCK, OF_TERMINAL)
    os.nice(STANDS_BACK)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    nothing: dict[str, Any] = {"parameters_raw": [], "parameters_file": [], "notebook": None, "execution_timeout": None}
    given = argparse.Namespace(command="rotate", parameters=list(parameters.items()), output=output, **nothing)
    said, complained = io.StringIO(), io.StringIO()
    # Nothing of it reaches the campaign's terminal, on which many would write at once.
    vars(sys).update(stdout=said, __stdout__=said, stderr=complained, __stderr__=complained)
    try:
        code: int = import_module(COMMAND).carry_out(lambda: import_module(PROCEDURE).run(given, of_campaign=True))
    except BaseException:  # noqa: BLE001 - told as the interpreter would tell it
        traceback.print_exc()
        code = 1
    with contextlib.suppress(OSError):
        connection.send(Ended(code, said.getvalue(), complained.getvalue()))


def _begun(record: Path) -> int:
    """Take a lock that the run's process holds as long as it lives, from its very beginning, whoever else dies."""
    path = record.parent / RUNNING / f"{record.stem}{BEGUN}"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def forget(record: Path) -> None:
    """Take away what tells that a run is under way, once it is not."""
    (record.parent / RUNNING / f"{record.stem}{BEGUN}").unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # others are under way
        (record.parent / RUNNING).rmdir()


def unused(folder: Path, stem: str) -> Path:
    """Return a record's name that none has, nor had: an earlier run of the campaign may have begun one."""
    name, number = stem, 1
    while any(any(place.glob(f"{glob.escape(name)}.*")) for place in (folder, folder / RUNNING)):
        number += 1
        name = f"{stem}-{number}"
    return folder / f"{name}.ipynb"


def journals_of(record: Path) -> list[Path]:
    """Return the journals of a record's name, oldest first."""
    return sorted(record.parent.glob(f"{glob.escape(record.stem)}.*{SUFFIX}"), key=lambda path: path.name)


def account_of(record: Path) -> Account | None:
    """Return the journal of that record's run, or ``None`` where there is none that holds together."""
    for path in reversed(journals_of(record)):
        try:
            account = journal.read(path)
        except (JournalError, OSError):
            continue
        return account if account.events else None
    return None


def under_way(record: Path) -> bool:
    """Return whether the run of a record still goes on, begun by a campaign that is no more."""
    return any(is_held(record.parent / RUNNING / f"{record.stem}{ending}") for ending in (BEGUN, ".lock"))
