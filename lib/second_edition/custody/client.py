"""The kernel's side of the custodian: starts it, asks it, and ends it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import subprocess
import threading
from concurrent.futures import Future
from typing import IO, Any, cast

from second_edition.custody import isolation
from second_edition.custody.isolation import READ_ONLY
from second_edition.errors import CustodyError


class Refused(CustodyError):
    """The custodian answered that it could not: ``operation``, AWS's error ``code``, and a message free of secrets."""

    def __init__(self, operation: str, code: str, message: str) -> None:
        self.operation, self.code, self.message = operation, code, message
        super().__init__(f"{operation}: {code}. {message}".strip())


class Died(CustodyError):
    """The custodian has ended before it answered. Its sentences hold no value from outside."""


class Custodian:
    """A running custodian. Requests go side by side; each gives a future.

    ``read_only``: it is started without any operation that writes, and stays so.
    """

    def __init__(self, *, read_only: bool = False) -> None:
        self._process = _started(read_only=read_only)
        # Both are pipes, as ``_started`` has it.
        self._requests, self._answers = (cast("IO[bytes]", one) for one in (self._process.stdin, self._process.stdout))
        self._waiting: dict[int, Future[Any]] = {}
        self._ids, self._lock, self._ended = itertools.count(1), threading.Lock(), False
        self._calls: list[dict[str, Any]] = []
        self.leaked = False  # whether it ended since key material stood where none may
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Return whether it can still be asked."""
        return not self._ended

    def ask(self, op: str, **arguments: Any) -> Future[Any]:
        """Ask for one of ``operations.OPERATIONS``.

        The future raises ``Refused`` where the custodian could not, and ``CustodyError`` where it has died.
        """
        future: Future[Any] = Future()
        with self._lock:
            if self._ended:  # a write to it may still go well for a moment, and nobody would ever answer
                future.set_exception(_died())
                return future
            number = next(self._ids)
            self._waiting[number] = future
            line = json.dumps({"id": number, "op": op, "arguments": arguments}).encode() + b"\n"
            try:
                self._requests.write(line)
                self._requests.flush()
            except (BrokenPipeError, ConnectionResetError, ValueError):
                del self._waiting[number]
                future.set_exception(_died())
        return future

    def drain(self) -> list[dict[str, Any]]:
        """Return the AWS calls that were reported since the last drain, each once."""
        with self._lock:
            calls, self._calls = self._calls, []
        return calls

    def adopt(self, calls: list[dict[str, Any]], where: str) -> None:
        """Take the calls of another custodian for its own, each as one made there."""
        with self._lock:
            self._calls += [{**call, "region": where} for call in calls]

    def _listen(self) -> None:
        # A socket is reset, where a pipe ends, by one that died before it had read what it was asked.
        with self._answers as answers, contextlib.suppress(ConnectionResetError):
            for line in answers:
                if not line.endswith(b"\n"):  # it died at its last word
                    break
                reply = json.loads(line)
                with self._lock:
                    future = self._waiting.pop(reply["id"])
                    self._calls += reply["calls"]
                # Said before it ends, so that whoever is told that it has died can know why.
                self.leaked |= reply.get("error", {}).get("code") == "LeakStopped"
                if "error" in reply:
                    future.set_exception(Refused(**reply["error"]))
                else:
                    future.set_result(reply["value"])
        with self._lock:
            left, self._waiting, self._ended = self._waiting, {}, True
        for future in left.values():
            future.set_exception(_died())

    def close(self) -> None:
        """End the child; the key is gone with it. May be called twice."""
        # It may have died before it had read what it was asked.
        with self._lock, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._requests.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_ahead: list[Custodian] = []


def start_ahead() -> None:
    """Start the custodian of the next run, so that it loads its libraries while the caller loads its own.

    That takes a quarter of the time of a run otherwise (``tests.second_edition.bench.command``).
    """
    if _ahead and not _ahead[0].alive:
        _ahead.pop().close()
    if not _ahead:
        _ahead.append(Custodian())


def take() -> Custodian:
    """Return the custodian that was started ahead, or else a new one."""
    return _ahead.pop() if _ahead else Custodian()


def _started(*, read_only: bool) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        isolation.command("second_edition.custody.custodian", *([READ_ONLY] if read_only else [])),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=isolation.harmless(os.environ),
        start_new_session=True,  # what a terminal says to those who run there is not meant for it
    )


def _died() -> Died:
    return Died.said("steps", "died", "en")
