"""One question to one name server over plain sockets: UDP first, TCP when the answer did not fit.

dnspython writes and reads the messages; its own socket code is not used, since it would cost another import and
reports a closed port, a blocked path and a broken answer as one kind of error.
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
import dns.rcode
import dns.rdatatype

from byodkim.dkim.published import Server

Clock = Callable[[], float]
"""Monotonic seconds."""

LARGEST_UDP: Final = 1232  # bytes: what passes every path unfragmented (DNS flag day 2020)
QR_AND_TC: Final = 0x82  # of the header's third octet
TRUNCATED: Final = "truncated"
_NO_EDNS: Final = (dns.rcode.FORMERR, dns.rcode.NOTIMP)
_NO_ROUTE: Final = (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EACCES, errno.EPERM)


@dataclass(frozen=True)
class Reply:
    """What came back: a message (and its bytes), or why none did (the words of ``Answer.failure``)."""

    message: dns.message.Message | None
    transport: str
    latency_ms: float | None = None
    failure: str = ""
    wire: bytes = b""


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
    return over_tcp(server, question, timeout_s, clock) if reply.failure == TRUNCATED else reply


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
    """Why a server could not be asked, in a word of ``Answer.failure``."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return "port-closed"
    return "no-route" if error.errno in _NO_ROUTE else "unreachable"


def _over_udp(server: Server, question: dns.message.Message, timeout_s: float, clock: Clock) -> Reply:
    failure = "timeout"
    try:
        with socket.socket(family_of(server), socket.SOCK_DGRAM) as udp:
            udp.connect((server.address, server.port))  # so the kernel drops what others send
            began = clock()
            udp.send(question.to_wire())
            while (left := began + timeout_s - clock()) > 0:
                udp.settimeout(left)
                wire = udp.recv(65535)
                latency_ms = (clock() - began) * 1000
                message, word = read(wire, question)
                if message is not None or word == TRUNCATED:
                    return Reply(message, "udp", latency_ms, word, wire)
                failure = word or failure  # a forged or late datagram is passed over, and the wait goes on
    except TimeoutError:
        return Reply(None, "udp", failure=failure)
    except OSError as error:
        return Reply(None, "udp", failure=word_of(error))
    return Reply(None, "udp", failure=failure)


def over_tcp(server: Server, question: dns.message.Message, timeout_s: float, clock: Clock) -> Reply:
    """Ask over TCP, after a truncated answer over UDP."""
    began = clock()
    try:
        with socket.socket(family_of(server), socket.SOCK_STREAM) as tcp:
            tcp.settimeout(timeout_s)
            tcp.connect((server.address, server.port))
            wire = question.to_wire()
            tcp.sendall(struct.pack("!H", len(wire)) + wire)
            (size,) = struct.unpack("!H", receive(tcp, 2, began + timeout_s, clock))
            wire = receive(tcp, size, began + timeout_s, clock)
    except OSError:
        # The server said over UDP that it has more to say, so it is there: the way to it is not.
        return Reply(None, "tcp", failure="tcp-blocked")
    latency_ms = (clock() - began) * 1000
    message, _ = read(wire, question)
    return Reply(message, "tcp", latency_ms, "" if message is not None else "malformed", wire)


def receive(tcp: socket.socket, size: int, until: float, clock: Clock) -> bytes:
    """Exactly ``size`` bytes before ``until``, however slowly they drip in."""
    data = b""
    while len(data) < size:
        left = until - clock()
        if left <= 0:
            raise TimeoutError
        tcp.settimeout(left)
        piece = tcp.recv(size - len(data))
        if not piece:
            raise ConnectionResetError
        data += piece
    return data


def read(wire: bytes, question: dns.message.Message) -> tuple[dns.message.Message | None, str]:
    """The message, if it answers the question; else None, and why it is none if it seems to have meant to."""
    if len(wire) < 12 or wire[:2] != struct.pack("!H", question.id):
        return None, ""
    if wire[2] & QR_AND_TC == QR_AND_TC:
        return None, TRUNCATED  # what else it holds does not count: some servers leave out the question
    try:
        message = dns.message.from_wire(wire)
    except (dns.exception.DNSException, ValueError, struct.error):
        return None, "malformed"
    return (message, "") if question.is_response(message) else (None, "malformed")
