"""Ask a name server one question: over UDP with EDNS, then over TCP if the answer is cut."""

import socket
import struct
import time
from typing import Final, NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.query
from dns.rdatatype import RdataType

from byodkim.checks.facts import Server

ATTEMPTS: Final = 2
#: Bytes of a UDP answer that pass every path unfragmented (DNS flag day 2020).
PAYLOAD: Final = 1232
#: Seconds for an attempt.
TIMEOUT_S: Final = 2.0

_UNREADABLE: Final = (dns.exception.DNSException, ValueError, struct.error)


class Reply(NamedTuple):
    """An answer, or why there is none.

    Attributes:
        message: ``None`` without an answer.
        failure: ``timeout``, ``unreachable``, ``malformed`` or ``truncated``; "" with an answer.
        transport: ``udp`` or ``tcp``.
        ms: milliseconds from the question that was answered to its answer.
    """

    message: dns.message.Message | None
    failure: str = ""
    transport: str = "udp"
    ms: int = 0


def ask(
    server: Server,
    name: str,
    rdtype: RdataType,
    *,
    timeout_s: float = TIMEOUT_S,
    recursive: bool = False,
    checking_disabled: bool = False,
) -> Reply:
    """Return a server's answer. Nothing that a server or the network does raises an exception.

    The question is never repeated without EDNS: receivers' resolvers need an answer to it, too.

    Args:
        server: whom to ask.
        name: absolute, with or without a final dot.
        rdtype: TXT, SOA and so on.
        timeout_s: seconds for each of two attempts over UDP, and for TCP.
        recursive: the server is a resolver (RD bit).
        checking_disabled: the resolver should not validate DNSSEC (CD bit).
    """
    query = dns.message.make_query(name, rdtype, use_edns=0, payload=PAYLOAD)
    if not recursive:
        query.flags &= ~dns.flags.RD
    if checking_disabled:
        query.flags |= dns.flags.CD
    reply = _over_udp(server, query, timeout_s)
    for _repeated in range(ATTEMPTS - 1):
        if reply.failure in ("timeout", "malformed"):
            reply = _over_udp(server, query, timeout_s)
    return _over_tcp(server, query, timeout_s) if reply.failure == "truncated" else reply


def _over_udp(server: Server, query: dns.message.Message, timeout_s: float) -> Reply:
    """Ask from a new, connected socket: the kernel drops what any other address sends to it."""
    family = socket.AF_INET6 if ":" in server.address else socket.AF_INET
    began, deadline = time.monotonic(), time.time() + timeout_s
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as udp:
            udp.setblocking(False)
            udp.connect((server.address, server.port))
            dns.query.send_udp(udp, query, None, deadline)
            message = dns.query.receive_udp(udp, None, deadline, raise_on_truncation=True)[0]
    except dns.message.Truncated:
        return Reply(None, "truncated")
    except dns.exception.Timeout:
        return Reply(None, "timeout")
    except OSError:
        return Reply(None, "unreachable")
    except _UNREADABLE:
        return Reply(None, "malformed")
    return _checked(query, message, "udp", began)


def _over_tcp(server: Server, query: dns.message.Message, timeout_s: float) -> Reply:
    began = time.monotonic()
    try:
        message = dns.query.tcp(query, server.address, timeout_s, server.port)
    except (OSError, EOFError, dns.exception.Timeout):
        return Reply(None, "truncated", "tcp")
    except _UNREADABLE:
        return Reply(None, "malformed", "tcp")
    if message.flags & dns.flags.TC:
        return Reply(None, "malformed", "tcp")
    return _checked(query, message, "tcp", began)


def _checked(
    query: dns.message.Message, message: dns.message.Message, transport: str, began: float
) -> Reply:
    """Return the message if it answers the question: same id, question and opcode, QR set."""
    if not query.is_response(message):
        return Reply(None, "malformed", transport)
    return Reply(message, "", transport, round((time.monotonic() - began) * 1000))
