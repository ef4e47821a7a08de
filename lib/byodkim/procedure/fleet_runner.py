"""Running one identity of a campaign: ``byodkim rotate`` in a process of its own, exactly as a person would run it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final, Protocol

from byodkim.evidence import journal
from byodkim.evidence.journal import SUFFIX, Account, JournalError

LONGEST: Final = 4000  # bytes of what a run said that are kept
RUNNING: Final = ".running"  # where a notebook lies until it is complete, with a lock that its runner holds
BEGUN: Final = ".begun"


@dataclass(frozen=True)
class Ended:
    """How a run's process ended: its exit code, and what it said on standard output and error."""

    code: int
    said: str
    complained: str


class Runner(Protocol):
    """Runs identities."""

    def start(
        self, parameters: Mapping[str, Any], output: Path, *, environment: Mapping[str, str] | None = None
    ) -> Future[Ended]:
        """Begins the run whose record is to be ``output``, and gives its end. ``environment``: what is set besides."""

    def close(self) -> None:
        """Waits for what is under way, and ends what it keeps ready."""


class Cold:
    """A new process for each run. It outlives whoever began it: an interrupted campaign takes its record over later."""

    def __init__(self, at_once: int) -> None:
        self._pool = ThreadPoolExecutor(at_once, "run")

    def start(
        self, parameters: Mapping[str, Any], output: Path, *, environment: Mapping[str, str] | None = None
    ) -> Future[Ended]:
        """Begins the run."""
        words = [word for name, value in parameters.items() for word in ("-r", name, str(value))]
        command = [sys.executable, "-m", "byodkim.launch.command_line", "rotate", *words, "-o", str(output)]
        return self._pool.submit(_run, command, {**os.environ, **(environment or {})}, output)

    def close(self) -> None:
        """Waits for what is under way."""
        self._pool.shutdown(wait=True)


#: Who runs the identities: a class of the protocol above, made with how many it is to run side by side.
RUNNER: Final = "byodkim.fleet.runner:Cold"


def runner(at_once: int) -> Runner:
    """Who runs the identities of a campaign, at most ``at_once`` side by side."""
    module, _, name = RUNNER.partition(":")
    found: Runner = getattr(import_module(module), name)(at_once)
    return found


def _run(command: list[str], environment: Mapping[str, str], record: Path) -> Ended:
    # A session of its own: an interrupt at the terminal is the campaign's, which finishes what is under way. Files in
    # place of pipes: a run that outlives its campaign can go on speaking.
    with _begun(record) as lock, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        done = subprocess.run(
            command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=said, stderr=complained,
            pass_fds=(lock,), start_new_session=True, check=False,
        )  # fmt: skip
        return Ended(done.returncode, _end_of(said), _end_of(complained))


@contextmanager
def _begun(record: Path) -> Iterator[int]:
    """A lock that the run's process holds as long as it lives, from its very beginning, whoever else dies."""
    path = record.parent / RUNNING / f"{record.stem}{BEGUN}"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)
        forget(record)


def forget(record: Path) -> None:
    """Takes away what tells that a run is under way, once it is not."""
    (record.parent / RUNNING / f"{record.stem}{BEGUN}").unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # others are under way
        (record.parent / RUNNING).rmdir()


def _end_of(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - LONGEST, 0))
    return file.read().decode("utf-8", "replace")


def account_of(record: Path) -> Account | None:
    """The journal of the run whose record that is, or is to be; ``None`` where there is none that holds together."""
    found = sorted(record.parent.glob(f"{_literal(record.stem)}.*{SUFFIX}"), key=lambda path: path.name)
    for path in reversed(found):
        try:
            account = journal.read(path)
        except (JournalError, OSError):
            continue
        return account if account.events else None
    return None


def under_way(record: Path) -> bool:
    """Whether the run of a record still goes on, begun by a campaign that is no more."""
    return any(_held(record.parent / RUNNING / f"{record.stem}{ending}") for ending in (BEGUN, ".lock"))


def _held(path: Path) -> bool:
    try:
        lock = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def _literal(stem: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in stem)
