"""The run's side of the custodian: start it, ask it, end it."""

from __future__ import annotations

import collections
import contextlib
import copy
import itertools
import subprocess
import threading
from concurrent.futures import Future
from typing import IO, Any, Final, Self, TypeAlias, cast

import msgspec

from byodkim.custody import start
from byodkim.custody.settings import (
    LEAKED,
    AwsSettings,
    Message,
    Operation,
    PutAnswer,
    Reply,
    Request,
    Result,
    Write,
)
from byodkim.errors import CustodyError
from byodkim.words import _

#: Seconds within which it ends.
END_S: Final = 5.0

#: AWS calls, as ``record.events.Called`` has them.
Calls: TypeAlias = "collections.deque[dict[str, Any]]"

_replies = msgspec.json.Decoder(Reply)


class Connection:
    """A custodian's process, and who waits for which of its answers.

    Attributes:
        writes: whether the process has operations that write.
    """

    def __init__(self, settings: AwsSettings, *, writes: bool) -> None:
        self._process = start.take(writes=writes)
        self._input = cast("IO[bytes]", self._process.stdin)
        self._output = cast("IO[bytes]", self._process.stdout)
        self.writes = writes
        self._waiting: dict[int, tuple[Future[Any], Calls]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._is_dead = False
        self._send(settings)
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._process.pid

    def ask(self, operation: Operation[Any], calls: Calls) -> Future[Any]:
        """Send an operation and return the future of its answer.

        ``calls``: takes the AWS calls that were made for it, before the future has its result.
        """
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()  # what was asked cannot be taken back
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = (future, calls)
        raw = msgspec.Raw(msgspec.json.encode(operation))
        if not self._send(Request(number, raw)) or self._is_dead:
            self._abandon()
        return future

    def close(self) -> None:
        """End the process, and with it the private key. May be called twice."""
        with contextlib.suppress(OSError):
            self._input.close()
        try:
            self._process.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, line: msgspec.Struct) -> bool:
        """Return whether the custodian took a line."""
        try:
            with self._lock:
                self._input.write(msgspec.json.encode(line) + b"\n")
                self._input.flush()
        except (OSError, ValueError):
            return False
        return True

    def _listen(self) -> None:
        with self._output as lines, contextlib.suppress(OSError, msgspec.MsgspecError):
            for line in lines:
                reply = _replies.decode(line)
                with self._lock:
                    future, calls = self._waiting.pop(reply.id)
                calls.extend(reply.calls)
                answer = reply.answer
                future.set_result(answer.text if isinstance(answer, Message) else answer)
        self._is_dead = True
        self._process.kill()  # one that is no longer listened to has nothing more to do
        self._abandon()

    def _abandon(self) -> None:
        """Tell everybody who waits that the custodian died."""
        with self._lock:
            abandoned, self._waiting = self._waiting, {}
        if not abandoned:
            return
        has_leaked = self._process.wait() == LEAKED
        for future, _calls in abandoned.values():
            future.set_exception(_leaked() if has_leaked else _died())


class Custodian:
    """A running custodian. Requests go side by side; each returns a future.

    A future raises ``CustodyError`` where the custodian died before it answered. Without ``writes``
    the process has no operation that writes, as long as it lives.
    """

    def __init__(self, settings: AwsSettings, *, writes: bool = False) -> None:
        """Start the process. It loads its libraries while the caller goes on."""
        self._connection = Connection(settings, writes=writes)
        self._calls: Calls = collections.deque()

    def shared(self) -> Custodian:
        """Return the same custodian with a list of calls of its own, for one row of a campaign."""
        shared = copy.copy(self)
        shared._calls = collections.deque()
        return shared

    def __enter__(self) -> Self:
        """Return the custodian."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.close()

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._connection.pid

    def ask(self, operation: Operation[Result]) -> Future[Result]:
        """Send an operation; without ``writes``, one that writes is refused here."""
        if isinstance(operation, Write) and not self._connection.writes:
            refused: Future[Any] = Future()
            refused.set_result(PutAnswer("rejected", "ReadOnlyCustodian"))
            return refused
        return self._connection.ask(operation, self._calls)

    def drain_calls(self) -> list[dict[str, Any]]:
        """Return the AWS calls since the last drain, as ``record.events.Called`` has them."""
        return [self._calls.popleft() for _n in range(len(self._calls))]

    def close(self) -> None:
        """End the process, and with it the private key. May be called twice."""
        self._connection.close()


def _died() -> CustodyError:
    return CustodyError(
        "CustodianDied",
        _("The custodian, the process that holds the private key, ended before it answered."),
        _("Run the same command again: it reads SES first."),
    )


def _leaked() -> CustodyError:
    return CustodyError(
        "LeakStopped",
        _("The custodian ended because an answer from AWS contained part of the private key."),
        _("Find out what answers at this endpoint, and replace the key: something quotes it."),
    )
