"""One reader for all runs of a campaign in an account and Region: SES is asked about a hundred identities at a time.

SES allows one call a second, and every call that is no PUT takes a second from one. Runs ask here, over a socket that
only this user can reach; what they are told is by which call, when, and what of it is carried from when (``Reading``).
Where it is gone, or knows nothing that is new enough, a run reads by itself: the reader saves calls, and nothing rests
on it. Nothing secret passes it.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import socket
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from byodkim.aws.budget import THROTTLED
from byodkim.custody.client import Refused
from byodkim.custody.reader_client import same_user
from byodkim.fleet.board import Board, Question, moment_of
from byodkim.rotation.reading import Reading

#: Seconds between two calls for those that wait for SES to verify: with as many identities that are to come, a
#: hundred names are full at about one PUT a second.
EVERY_S: Final = 45.0
#: Bytes that the path of a socket may have: 104 on macOS, 108 on Linux, the last one being none.
LONGEST: Final = 100
LARGEST: Final = 4096  # bytes of a question
SEND_S: Final = 1.0


class Asks(Protocol):
    """The custodian, as far as a reader asks it: for ``hundred`` and ``full``."""

    def ask(self, op: str, **arguments: Any) -> Future[Any]:
        """One operation."""


@dataclass(frozen=True)
class Counts:
    """What a reader did: calls by API v1 (``batch``) and in full, answers given to runs, calls refused as one too many.

    ``refused``: attempts that SES did not take, as far as botocore tells of them.
    """

    batch: int = 0
    full: int = 0
    answered: int = 0
    refused: int = 0


class Reader:
    """Answers the runs of a campaign. A context manager; it works in a thread of its own until it is closed.

    Args:
        custodian: opened; its calls wait for the budget that the runs' own wait for.
        folder: where the socket lies, in a folder that only this user can enter; elsewhere where that path is too long.
        account, region, endpoint: where the custodian acts, as STS and its client tell.
        clock: the time, with its time zone.
        every_s: seconds between two calls for those that wait for SES to verify.

    Raises:
        OSError: the socket cannot be made.
    """

    def __init__(
        self,
        custodian: Asks,
        folder: Path,
        *,
        account: str,
        region: str,
        endpoint: str,
        clock: Callable[[], datetime],
        every_s: float = EVERY_S,
    ) -> None:
        self._custodian, self._clock = custodian, clock
        self._place = {"account": account, "region": region, "endpoint": endpoint}
        self._board, self._counts, self._lock = Board(every_s), Counts(), threading.Lock()
        self._came: deque[Future[Any]] = deque()
        self._lines: dict[Question, socket.socket] = {}
        self._begun: dict[socket.socket, bytes] = {}
        self._closed = False
        self._folder = _private(folder)
        self.address = str(self._folder / "reader")
        self._selector = selectors.DefaultSelector()
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.bind(self.address)
        self._door.listen(512)
        self._bell, self._rung = socket.socketpair()
        for one in (self._door, self._bell, self._rung):
            one.setblocking(False)
        self._selector.register(self._door, selectors.EVENT_READ)
        self._selector.register(self._rung, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name="reader", daemon=True)
        self._thread.start()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def seed(self, identities: Iterable[tuple[Mapping[str, Any], str]]) -> None:
        """Takes full reads: plain ``Identity`` each, and when it was read (ISO 8601). What is none is passed over.

        Those that are to be run, in their order: the next ones go along with calls that are made anyway.
        """
        now = self._clock()
        for identity, at in identities:
            with contextlib.suppress(ValueError, LookupError), self._lock:
                if moment_of(at) <= now:
                    self._board.seed(dict(identity), at)

    def ahead(self, names: Sequence[str]) -> None:
        """Takes names that runs will ask about before all others."""
        with self._lock:
            self._board.ahead(names)

    def busy(self, under_way: int) -> None:
        """Takes how many runs are under way: where all of them wait for SES, it is asked more often."""
        with self._lock:
            self._board.under_way = under_way
        self._ring()

    def counts(self) -> Counts:
        """Return what it did so far."""
        with self._lock:
            return self._counts

    def close(self) -> None:
        """Ends it; runs that wait for an answer read by themselves. May be called twice."""
        self._closed = True
        self._ring()
        self._thread.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # it is full, which is as loud; or closed
            self._bell.send(b"!")

    def _serve(self) -> None:
        try:
            while not self._closed:
                with self._lock:
                    due = self._board.due(time.monotonic())
                for key, _ in self._selector.select(due):
                    self._meet(key.fileobj)
                with self._lock:
                    self._turn()
        finally:
            for line in (*self._begun, *self._lines.values(), self._door, self._bell, self._rung):
                line.close()
            self._selector.close()

    def _meet(self, line: Any) -> None:
        """Somebody comes, says something or goes; or an answer has come."""
        if line is self._rung:
            with contextlib.suppress(OSError):
                line.recv(4096)
        elif line is not self._door:
            self._hear(line)
        else:
            with contextlib.suppress(OSError):
                guest, _ = line.accept()
                guest.setblocking(False)
                if not same_user(guest):
                    guest.close()
                    return
                self._begun[guest] = b""
                self._selector.register(guest, selectors.EVENT_READ)

    def _hear(self, line: socket.socket) -> None:
        try:
            part = line.recv(LARGEST)
        except OSError:
            part = b""
        told = self._begun.get(line, b"") + part
        if not part or line not in self._begun or len(told) > LARGEST:  # it has gone, or says more than it should
            self._part(line)
            return
        self._begun[line] = told
        if told.endswith(b"\n"):
            self._take(line, told)

    def _take(self, line: socket.socket, told: bytes) -> None:
        now = time.monotonic()
        try:
            asked = json.loads(told)
            age, wait = float(asked["age_s"]), float(asked["wait_s"])
            question = Question(
                str(asked["name"]), now - age, now + wait, now, str(asked["wrote"]), bool(asked["patient"])
            )
        except (ValueError, LookupError, TypeError, RecursionError):
            self._part(line)
            return
        del self._begun[line]
        self._lines[question] = line
        with self._lock:
            self._board.ask(question)

    def _part(self, line: socket.socket) -> None:
        """Lets go of a connection, and of what was asked over it."""
        self._begun.pop(line, None)
        for question in [one for one, other in self._lines.items() if other is line]:
            del self._lines[question]
            with self._lock:
                self._board.withdraw(question)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(line)
        line.close()

    def _turn(self) -> None:
        """Takes what has come, answers what can be answered, and makes the next call."""
        dismissed: list[Question] = []
        while self._came:
            dismissed += self._took(self._came.popleft())
        answers: list[tuple[Question, Reading | str]] = [(one, "gone") for one in dismissed]
        answers += self._board.answers(time.monotonic())
        for question, found in answers:
            self._answer(question, found)
        call = self._board.next_call(time.monotonic())
        if call is not None:
            asked = {"name": call.names[0]} if call.full else {"names": list(call.names)}
            future = self._custodian.ask("full" if call.full else "hundred", **asked)
            future.add_done_callback(self._arrived)

    def _arrived(self, future: Future[Any]) -> None:
        self._came.append(future)
        self._ring()

    def _took(self, future: Future[Any]) -> list[Question]:
        """Takes the answer to the call under way; gives the questions that wait in vain."""
        error = future.exception()
        if error is None:
            answer = future.result()
            full, counts = "identity" in answer, self._counts
            self._counts = replace(
                counts,
                batch=counts.batch + (not full),
                full=counts.full + full,
                refused=counts.refused + int(answer["call"]["retries"]),
            )
            self._board.came(answer)
            return []
        refused = isinstance(error, Refused) and error.code in THROTTLED
        self._counts = replace(self._counts, refused=self._counts.refused + refused)
        return self._board.failed(time.monotonic(), refused=refused)

    def _answer(self, question: Question, found: Reading | str) -> None:
        line = self._lines.pop(question, None)
        if line is None:
            return
        self._selector.unregister(line)
        told: dict[str, Any] = dict(self._place)
        if found != "gone":  # an answer without a reading is none: who asked reads by itself
            told["reading"] = found.plain() if isinstance(found, Reading) else None
        with contextlib.suppress(OSError), line:
            line.settimeout(SEND_S)
            line.sendall(json.dumps(told).encode() + b"\n")
            self._counts = replace(self._counts, answered=self._counts.answered + isinstance(found, Reading))


def _private(folder: Path) -> Path:
    """A new folder that only this user can enter, in that one; elsewhere where a socket's path would be too long."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fits = len(os.fsencode(folder.absolute())) + len("/reader-12345678/reader") <= LONGEST
    return Path(
        tempfile.mkdtemp(prefix="reader-" if fits else "byodkim-reader-", dir=folder.absolute() if fits else None)
    )
