"""One question to one name server: UDP first, TCP when the answer did not fit.

dnspython sends, receives and parses. The UDP socket is connected, so that the kernel tells of a closed port, and drops
what others than the server send.
"""

from __future__ import annotations

import errno
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from byodkim.dkim.published import Server

Clock = Callable[[], float]
"""Monotonic seconds."""

LARGEST_UDP: Final = 1232  # bytes: what passes every path unfragmented (DNS flag day 2020)
TRUNCATED: Final = "truncated"
#: What dnspython raises at a message that is none.
UNREADABLE: Final = (dns.exception.DNSException, ValueError, struct.error)
_NO_EDNS: Final = (dns.rcode.FORMERR, dns.rcode.NOTIMP)
_NO_ROUTE: Final = (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EACCES, errno.EPERM)


@dataclass(frozen=True)
class Reply:
    """What came back: a message, or why none did (the words of ``Answer.failure``)."""

    message: dns.message.Message | None
    transport: str
    latency_ms: float | None = None
    failure: str = ""

    @property
    def wire(self) -> bytes:
        """Return the message as it came."""
        return (self.message.wire or b"") if self.message is not None else b""


def exchange(
    server: Server,
    name: str,
    kind: dns.rdatatype.RdataType,
    *,
    timeout_s: float = 2.0,
    attempts: int = 2,
    recursion: bool = False,
    checking_disabled: bool = False,
    clock: Clock = time.monotonic,
) -> Reply:
    """Ask one server one question, for at most ``timeout_s * (attempts + 2)`` seconds.

    Args:
        server: whom.
        name: absolute name, with or without its closing dot.
        kind: TXT, SOA, ...
        timeout_s: how long each attempt over UDP, and the one over TCP, may take, in seconds.
        attempts: how often the question is sent over UDP; after silence, once more without EDNS.
        recursion: it is a resolver, which is to look the answer up.
        checking_disabled: it is to answer without DNSSEC validation (the CD bit).
        clock: monotonic seconds.

    Returns:
        A reply, always: nothing that a server or a network does raises.
    """
    if not server.address:
        return Reply(None, "udp", failure="no-address")
    question = query(name, kind, recursion=recursion, checking_disabled=checking_disabled)
    reply = Reply(None, "udp", failure="timeout")
    for _ in range(attempts):
        reply = _over_udp(server, question, timeout_s, clock)
        if reply.failure not in ("timeout", "malformed"):
            break
    if reply.failure == "timeout" or (reply.message is not None and reply.message.rcode() in _NO_EDNS):
        # An old server or a firewall refuses or drops EDNS, not the question (RFC 6891 section 6.2.2).
        question.use_edns(False)
        reply = _over_udp(server, question, timeout_s, clock)
    return _over_tcp(server, question, timeout_s, clock) if reply.failure == TRUNCATED else reply


def query(
    name: str, kind: dns.rdatatype.RdataType, *, recursion: bool, checking_disabled: bool = False
) -> dns.message.Message:
    """The question as a message."""
    question = dns.message.make_query(name, kind, use_edns=0, payload=LARGEST_UDP)
    if not recursion:
        question.flags &= ~dns.flags.RD  # the server itself is asked, not what it might look up elsewhere
    if checking_disabled:
        question.flags |= dns.flags.CD
    return question


def family_of(server: Server) -> socket.AddressFamily:
    """The family of a server's address."""
    return socket.AF_INET6 if ":" in server.address else socket.AF_INET


def word_of(error: OSError) -> str:
    """Return why a server could not be asked, in a word of ``Answer.failure``."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return "port-closed"
    return "no-route" if error.errno in _NO_ROUTE else "unreachable"


def _over_udp(server: Server, question: dns.message.Message, timeout_s: float, clock: Clock) -> Reply:
    failure, until = "timeout", time.time() + timeout_s  # by the clock that dnspython goes by
    try:
        with socket.socket(family_of(server), socket.SOCK_DGRAM) as udp:
            udp.setblocking(False)
            udp.connect((server.address, server.port))  # so the kernel drops what others send
            began = clock()
            dns.query.send_udp(udp, question, None, until)
            while time.time() < until:
                message, word = _received(udp, question, until)
                if message is not None:
                    return Reply(None if word else message, "udp", (clock() - began) * 1000, word)
                failure = word or failure  # a forged or late datagram is passed over, and the wait goes on
    except dns.exception.Timeout:
        return Reply(None, "udp", failure=failure)
    except OSError as error:
        return Reply(None, "udp", failure=word_of(error))
    return Reply(None, "udp", failure=failure)


def _received(
    udp: socket.socket, question: dns.message.Message, until: float
) -> tuple[dns.message.Message | None, str]:
    """Return the next datagram if it answers the question, and what is wrong with it or with what came in its place."""
    try:
        message = dns.query.receive_udp(udp, None, until, raise_on_truncation=True)[0]
    except dns.message.Truncated as cut:
        message = cut.message()  # type: ignore[no-untyped-call]
    except dns.exception.Timeout:
        raise
    except UNREADABLE:
        return None, "malformed"
    if message.id != question.id:
        return None, ""
    if message.flags & dns.flags.QR and message.flags & dns.flags.TC:
        return message, TRUNCATED  # what else it holds does not count: some servers leave out the question
    return (message, "") if question.is_response(message) else (None, "malformed")


def _over_tcp(server: Server, question: dns.message.Message, timeout_s: float, clock: Clock) -> Reply:
    """Ask over TCP, after a truncated answer over UDP."""
    began = clock()
    try:
        message = dns.query.tcp(question, server.address, timeout_s, server.port)
    except (OSError, EOFError, dns.exception.Timeout):
        # The server said over UDP that it has more to say, so it is there: the way to it is not.
        return Reply(None, "tcp", failure="tcp-blocked")
    except UNREADABLE:
        return Reply(None, "tcp", (clock() - began) * 1000, "malformed")
    return whole(message, "tcp", (clock() - began) * 1000)


def whole(message: dns.message.Message, transport: str, latency_ms: float) -> Reply:
    """Return the reply that came over a stream: there is no reason for it to be cut off."""
    if message.flags & dns.flags.TC:
        return Reply(None, transport, latency_ms, "malformed")
    return Reply(message, transport, latency_ms)
