"""Look up thousands of names: a line of questions for each server, and one pool of threads that asks them.

Every line has its own bound of questions without an answer and its own rate, so that the answers of one slow server
hold up no other. Each question is asked as ``exchange`` asks it.
"""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from msgspec import Struct

from second_edition.dkim.names import is_loopback
from second_edition.dkim.published import Answer, Server
from second_edition.dns.exchange import Clock, Reply, exchange
from second_edition.dns.lookup import SOA, TXT, most_open
from second_edition.dns.raw_answer import described

BURST_S: Final = 0.1  # of a line's rate that may be made up for: the loop does not come round at every moment
SILENT_AFTER: Final = 30  # questions in a row without any answer
SILENT_S: Final = 60.0
SWEEP_S: Final = 1.0  # between two looks for lines that are over


class Limits(Struct, frozen=True):
    """Hold what one server's address is asked: questions a second (0: as many as it answers), and how many at once."""

    per_second: float
    outstanding: int


#: A server elsewhere: half of what name servers that limit at all grant one client (200 a second is NSD's default).
POLITE: Final = Limits(100.0, 20)
#: A server on this machine is one's own.
OWN: Final = Limits(0.0, 64)


def limits_of(server: Server) -> Limits:
    """Return ``OWN`` for loopback, ``POLITE`` for all else."""
    return OWN if is_loopback(server.address) else POLITE


class _Question(Struct, frozen=True):
    """Hold what is asked of a server about a name: its TXT records, and its zone's serial if that is wanted."""

    server: Server
    name: str
    tag: Any
    serial: bool


@dataclass
class _Line:
    """The questions for one server: those that wait, how many are under way, and when the next may go.

    ``silent``: how many in a row had no answer, and since when.
    """

    limits: Limits
    waiting: deque[_Question] = field(default_factory=deque)
    outstanding: int = 0
    next: float = 0.0
    silent: tuple[int, float] = (0, 0.0)


class Asker:
    """Asks about many names. Questions are put in with ``ask``; ``turn`` asks them, waits a little, and gives answers.

    A server that has left 30 questions in a row without any answer is not asked for a minute: what it would have been
    asked then is answered at once as one more ``timeout``.

    Args:
        recursion: the servers are resolvers, which are to look the answers up.
        limits: of each server.
        clock: monotonic seconds.
        how: what else ``exchange`` takes.
    """

    def __init__(
        self,
        *,
        recursion: bool = False,
        limits: Callable[[Server], Limits] = limits_of,
        clock: Clock = time.monotonic,
        **how: Any,
    ) -> None:
        self._exchange: Callable[..., Reply] = partial(exchange, recursion=recursion, clock=clock, **how)
        self._described = partial(described, recursion=recursion)
        self._limits, self._clock = limits, clock
        self._most = most_open()
        self._threads = ThreadPoolExecutor(self._most, "bulk")
        self._done: queue.SimpleQueue[tuple[_Line, Any, Future[Answer]]] = queue.SimpleQueue()
        self._lines: dict[Server, _Line] = {}
        self._ready: list[tuple[Any, Answer]] = []
        self._open, self._swept = 0, clock()
        self.pending = 0

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget what is not answered."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def ask(self, server: Server, name: str, tag: Any = None, *, serial: bool = True) -> None:
        """Put a question into the server's line.

        Args:
            server: whom.
            name: absolute, with or without a closing dot.
            tag: given back with the answer.
            serial: ask for the zone's start of authority too.
        """
        self.pending += 1
        line = self._lines.get(server) or self._lines.setdefault(server, _Line(self._limits(server)))
        line.waiting.append(_Question(server, name.removesuffix(".").lower(), tag, serial))

    def turn(self, wait_s: float = 0.05) -> list[tuple[Any, Answer]]:
        """Ask what may be asked, wait for up to ``wait_s`` seconds, and return what is answered: tags and answers.

        Nothing that servers or networks do raises.
        """
        later = self._send_all(self._clock())
        try:
            wait_s = 0.0 if self._ready else min(wait_s, max(later - self._clock(), 0.0))
            self._end(*self._done.get(timeout=wait_s))
            while True:
                self._end(*self._done.get_nowait())
        except queue.Empty:
            pass
        ready, self._ready = self._ready, []
        self.pending -= len(ready)
        return ready

    def _send_all(self, now: float) -> float:
        """Ask from every line in turn; return the moment at which one may ask again that may not now."""
        later = now + 60.0
        for line in self._lines.values():
            while line.waiting and line.outstanding < line.limits.outstanding and self._open < self._most:
                if line.next > now:
                    later = min(later, line.next)
                    break
                self._send(line, now)
        if now > self._swept + SWEEP_S:
            self._swept = now
            self._lines = {server: line for server, line in self._lines.items() if not _idle(line, now)}
        return later

    def _send(self, line: _Line, now: float) -> None:
        one, (count, since) = line.waiting.popleft(), line.silent
        if count >= SILENT_AFTER and now < since + SILENT_S:
            silence = Reply(None, "udp", failure="timeout")
            self._ready.append(
                (one.tag, self._described(one.server, one.name, silence, silence if one.serial else None))
            )
            return
        if line.limits.per_second:
            line.next = max(line.next, now - BURST_S) + (2 if one.serial else 1) / line.limits.per_second
        line.outstanding += 1
        self._open += 1
        sent = self._threads.submit(self._look_up, one)
        sent.add_done_callback(lambda future: self._done.put((line, one.tag, future)))

    def _look_up(self, one: _Question) -> Answer:
        txt = self._exchange(one.server, f"{one.name}.", TXT)
        soa = self._exchange(one.server, f"{one.name}.", SOA) if one.serial else None
        return self._described(one.server, one.name, txt, soa)

    def _end(self, line: _Line, tag: Any, future: Future[Answer]) -> None:
        answer = future.result()
        line.outstanding -= 1
        self._open -= 1
        line.silent = (line.silent[0] + 1, self._clock()) if answer.failure == "timeout" else (0, 0.0)
        self._ready.append((tag, answer))


def _idle(line: _Line, now: float) -> bool:
    """Return whether a line can be forgotten: neither its rate nor its silence has anything to remember."""
    return (
        not line.waiting
        and not line.outstanding
        and line.next <= now
        and (not line.silent[0] or now >= line.silent[1] + SILENT_S)
    )
