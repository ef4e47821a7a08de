"""Running one identity of a campaign: ``byodkim rotate`` in a process of its own, exactly as a person would run it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

from byodkim.evidence import journal
from byodkim.evidence.journal import SUFFIX, Account, JournalError
from byodkim.fleet.warm import Ended, Warm

RUNNING: Final = ".running"  # where a notebook lies until it is complete, with a lock that its runner holds
BEGUN: Final = ".begun"


class Runner:
    """Runs identities, each as ``byodkim rotate`` does, on machinery that is kept ready.

    A run outlives whoever began it: an interrupted campaign takes its record over later.

    Args:
        at_once: how many side by side, at most.
    """

    def __init__(self, at_once: int) -> None:
        self._warm = Warm(at_once, finishes=True)

    def start(
        self, parameters: Mapping[str, Any], output: Path, *, environment: Mapping[str, str] | None = None
    ) -> Future[Ended]:
        """Begins the run whose record is to be ``output``, and gives its end. ``environment``: what is set besides."""
        lock = _begun(output)
        run = self._warm.start(parameters, output, environment=environment, held=lock)

        def over(_: Future[Ended]) -> None:
            os.close(lock)
            forget(output)

        run.add_done_callback(over)
        return run

    def close(self) -> None:
        """Waits for what is under way, and ends all that is kept ready."""
        self._warm.close()


def _begun(record: Path) -> int:
    """A lock that the run's process holds as long as it lives, from its very beginning, whoever else dies."""
    path = record.parent / RUNNING / f"{record.stem}{BEGUN}"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def forget(record: Path) -> None:
    """Takes away what tells that a run is under way, once it is not."""
    (record.parent / RUNNING / f"{record.stem}{BEGUN}").unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # others are under way
        (record.parent / RUNNING).rmdir()


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
