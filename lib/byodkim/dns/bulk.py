"""Asking about many names: one thread, a socket a question, as many questions under way as each server bears.

``lookup.ask`` has a thread for each question, which is right for one record. Here thousands of names wait in a line for
each server; every line has its own bound of questions without an answer and its own rate, so that the answers of one
slow server hold up no other. What is sent is what ``exchange`` sends: a question has a socket, and so a port, and a
number of its own, by chance, and the kernel drops what others than the server send.
"""

from __future__ import annotations

import errno
import ipaddress
import secrets
import selectors
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import dns.rdatatype

from byodkim.dkim.published import Answer, Server
from byodkim.dns import exchange, plain_reply
from byodkim.dns.exchange import LARGEST_UDP, QR_AND_TC, TRUNCATED, Clock
from byodkim.dns.lookup import Heard, answer_of

MOST_OPEN: Final = 200  # sockets at once: some systems give a process no more than 256 files
BURST_S: Final = 0.1  # of a line's rate that may be made up for: the loop does not come round at every moment
SILENT_AFTER: Final = 30  # questions in a row without any answer
SILENT_S: Final = 60.0
SWEEP_S: Final = 1.0  # between two looks for lines that are over
TCP_THREADS: Final = 4
TXT: Final = int(dns.rdatatype.TXT)
SOA: Final = int(dns.rdatatype.SOA)
_RD: Final = 0x0100  # of the flags: recursion is asked for
_OPT: Final = b"\0" + struct.pack("!HHIH", plain_reply.OPT, LARGEST_UDP, 0, 0)
_NO_FILES: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


@dataclass(frozen=True)
class Limits:
    """What one server's address is asked: questions a second (0: as many as it answers), and how many at once."""

    per_second: float
    outstanding: int


#: A server elsewhere: half of what name servers that limit at all grant one client (200 a second is NSD's default).
POLITE: Final = Limits(100.0, 20)
#: A server on this machine is one's own.
OWN: Final = Limits(0.0, 64)


def limits_of(server: Server) -> Limits:
    """``OWN`` for loopback, ``POLITE`` for all else."""
    try:
        return OWN if ipaddress.ip_address(server.address).is_loopback else POLITE
    except ValueError:
        return POLITE


@dataclass
class _Pair:
    """What is asked of one server about one name: its TXT records, and the serial of its zone if that is wanted."""

    server: Server
    name: str
    tag: Any
    open: int
    heard: dict[int, Heard] = field(default_factory=dict)


@dataclass(eq=False)
class _Question:
    """One question of a pair. ``asked`` is its section of the message (RFC 1035 section 4.1.2)."""

    pair: _Pair
    kind: int
    asked: bytes
    left: int
    number: bytes = b""
    failure: str = "timeout"
    began: float = 0.0
    socket: socket.socket | None = None


@dataclass
class _Line:
    """The questions for one server: those that wait, how many are under way, and when the next may go."""

    server: Server
    limits: Limits
    waiting: deque[_Question] = field(default_factory=deque)
    outstanding: int = 0
    next: float = 0.0


def _idle(line: _Line, now: float) -> bool:
    """Whether a line can be forgotten: its rate has nothing to remember either."""
    return not line.waiting and not line.outstanding and line.next <= now


class Asker:
    """Asks about many names. Questions are put in with ``ask``; ``turn`` sends, waits a little, and gives answers.

    A server that has left 30 questions in a row without any answer is not asked for a minute: what it would have been
    asked then is answered at once as one more ``timeout``.

    Args:
        timeout_s: for each attempt over UDP and for the one over TCP, in seconds.
        attempts: how often a question is sent over UDP.
        recursion: the servers are resolvers, which are to look the answers up.
        limits: of each server.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        *,
        timeout_s: float = 2.0,
        attempts: int = 2,
        recursion: bool = False,
        limits: Callable[[Server], Limits] = limits_of,
        clock: Clock = time.monotonic,
    ) -> None:
        self._timeout_s, self._attempts, self._recursion = timeout_s, attempts, recursion
        self._limits, self._clock = limits, clock
        self._flags = struct.pack("!5H", _RD if recursion else 0, 1, 0, 0, 1)
        self._selector = selectors.DefaultSelector()
        self._buffer = memoryview(bytearray(65535))
        self._lines: dict[Server, _Line] = {}
        self._backlog: dict[Server, _Line] = {}  # those of the lines in which questions wait
        self._due: deque[tuple[float, _Question]] = deque()
        self._unanswered: dict[Server, tuple[int, float]] = {}
        self._streams: dict[Future[exchange.Reply], _Question] = {}
        self._threads = ThreadPoolExecutor(TCP_THREADS, "tcp")
        self._ready: list[tuple[Any, Answer]] = []
        self._open, self._most, self._swept = 0, MOST_OPEN, clock()
        self.pending = 0
        self.sent = 0

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of every socket; what is under way is forgotten."""
        for key in list(self._selector.get_map().values()):
            key.data.socket.close()
        self._selector.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def ask(self, server: Server, name: str, tag: Any = None, *, serial: bool = True) -> None:
        """Puts a question into the server's line.

        Args:
            server: whom.
            name: absolute, with or without a closing dot.
            tag: given back with the answer.
            serial: ask for the zone's start of authority too, as ``lookup.ask`` does.
        """
        name = name.removesuffix(".").lower()
        kinds = (TXT, SOA) if serial else (TXT,)
        pair = _Pair(server, name, tag, len(kinds))
        self.pending += 1
        line = self._lines.get(server) or self._lines.setdefault(server, _Line(server, self._limits(server)))
        self._backlog[server] = line
        labels = b"".join(bytes([len(label)]) + label for label in plain_reply.labels_in(name))
        for kind in kinds:
            line.waiting.append(_Question(pair, kind, labels + struct.pack("!BHH", 0, kind, 1), self._attempts))

    def turn(self, wait_s: float = 0.05) -> list[tuple[Any, Answer]]:
        """Sends what may be sent, waits for up to ``wait_s`` seconds, and gives what is answered: tags and answers.

        Nothing that servers or networks do raises.
        """
        later = self._send_all(self._clock())
        if self._ready:
            wait_s = 0.0
        until = min([later, *([self._due[0][0]] if self._due else [])], default=0.0) - self._clock()
        for key, _ in self._selector.select(max(0.0, min(wait_s, until, *([0.005] if self._streams else [])))):
            self._receive(key.data)
        self._expire(self._clock())
        for future in [one for one in self._streams if one.done()]:
            question, reply = self._streams.pop(future), future.result()
            message = None if reply.message is None else plain_reply.plain(reply.message)
            self._end(question, Heard(message, "tcp", reply.latency_ms, reply.failure, reply.wire))
        ready, self._ready = self._ready, []
        self.pending -= len(ready)
        return ready

    def _send_all(self, now: float) -> float:
        """Sends from every line in turn; gives the moment at which one may send again that may not now."""
        later = now + 60.0
        for line in list(self._backlog.values()):
            limits = line.limits
            while line.waiting and line.outstanding < limits.outstanding and self._open < self._most:
                if line.next > now:
                    later = min(later, line.next)
                    break
                if limits.per_second:
                    line.next = max(line.next, now - BURST_S) + 1 / limits.per_second
                if not self._send(line, line.waiting.popleft(), now):
                    break
            if not line.waiting:
                del self._backlog[line.server]
        if now > self._swept + SWEEP_S:
            self._swept = now
            for line in [one for one in self._lines.values() if _idle(one, now)]:
                del self._lines[line.server]
        return later

    def _send(self, line: _Line, question: _Question, now: float) -> bool:
        """Sends one question; not where this machine has no more files, or room, for it just now."""
        line.outstanding += 1
        server, (count, since) = line.server, self._unanswered.get(line.server, (0, 0.0))
        if not server.address or (count >= SILENT_AFTER and now < since + SILENT_S):
            self._end(question, Heard(None, failure="timeout" if server.address else "no-address"), asked=False)
            return True
        try:
            question.socket = udp = socket.socket(exchange.family_of(server), socket.SOCK_DGRAM)
            udp.setblocking(False)
            udp.connect((server.address, server.port))
            question.number, question.began, question.failure = secrets.token_bytes(2), self._clock(), "timeout"
            udp.send(question.number + self._flags + question.asked + _OPT)
        except OSError as error:
            if question.socket is not None:
                question.socket.close()
                question.socket = None
            if (isinstance(error, BlockingIOError) or error.errno in _NO_FILES) and self._open:
                self._most = max(1, self._open)
                self._put_back(line, question)
                return False
            self._end(question, Heard(None, failure=exchange.word_of(error)))
            return True
        self._selector.register(udp, selectors.EVENT_READ, question)
        self._due.append((now + self._timeout_s, question))
        question.left -= 1
        self._open += 1
        self.sent += 1
        return True

    def _receive(self, question: _Question) -> None:
        udp = question.socket
        if udp is None:
            return
        try:
            wire = bytes(self._buffer[: udp.recv_into(self._buffer)])
        except BlockingIOError:
            return
        except OSError as error:
            self._shut(question)
            self._end(question, Heard(None, failure=exchange.word_of(error)))
            return
        latency_ms = (self._clock() - question.began) * 1000
        message, word = self._read(wire, question)
        if message is not None:
            self._shut(question)
            self._end(question, Heard(message, "udp", latency_ms, "", wire))
        elif word == TRUNCATED:
            self._shut(question)
            server, asked = question.pair.server, self._message(question)
            stream = self._threads.submit(exchange.over_tcp, server, asked, self._timeout_s, self._clock)
            self._streams[stream] = question
        else:  # a forged or late datagram is passed over, and the wait goes on
            question.failure = word or question.failure

    def _read(self, wire: bytes, question: _Question) -> tuple[plain_reply.Message | None, str]:
        """As ``exchange.read``: the short way where the message is of the plain shape and repeats the question."""
        if len(wire) < 12 or wire[:2] != question.number:
            return None, ""
        if wire[2] & QR_AND_TC == QR_AND_TC:
            return None, TRUNCATED
        end = 12 + len(question.asked)
        if wire[2] & 0x80 and wire[4:6] == b"\0\1" and wire[12:end].lower() == question.asked:
            found = plain_reply.read_plain(wire)
            if found is not None:
                return found, ""
        message, word = exchange.read(wire, self._message(question))
        return (None if message is None else plain_reply.plain(message)), word

    def _message(self, question: _Question) -> Any:
        kind = dns.rdatatype.RdataType.make(question.kind)
        message = exchange.query(question.pair.name + ".", kind, recursion=self._recursion)
        message.id = int.from_bytes(question.number, "big")
        return message

    def _expire(self, now: float) -> None:
        """What has waited long enough is sent once more, or has no answer."""
        while self._due and (self._due[0][0] <= now or self._due[0][1].socket is None):
            _, question = self._due.popleft()
            if question.socket is None:
                continue
            self._shut(question)
            if question.left > 0:
                self._put_back(self._lines[question.pair.server], question)
            else:
                self._end(question, Heard(None, failure=question.failure))

    def _put_back(self, line: _Line, question: _Question) -> None:
        line.outstanding -= 1
        line.waiting.appendleft(question)
        self._backlog[line.server] = line

    def _shut(self, question: _Question) -> None:
        if question.socket is not None:
            self._selector.unregister(question.socket)
            question.socket.close()
            question.socket = None
            self._open -= 1

    def _end(self, question: _Question, heard: Heard, *, asked: bool = True) -> None:
        """One question is over; with the last one its pair's answer is there."""
        pair = question.pair
        self._lines[pair.server].outstanding -= 1
        if heard.failure == "timeout" and asked:
            self._unanswered[pair.server] = (self._unanswered.get(pair.server, (0, 0.0))[0] + 1, self._clock())
        elif asked:
            self._unanswered.pop(pair.server, None)
        pair.heard[question.kind] = heard
        if len(pair.heard) == pair.open:
            told = answer_of(pair.server, pair.name, pair.heard[TXT], pair.heard.get(SOA), recursion=self._recursion)
            self._ready.append((pair.tag, told))
