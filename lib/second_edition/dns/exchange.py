"""One question to one name server: UDP first, TCP when the answer did not fit; to some resolvers, HTTPS or TLS.

dnspython sends, receives and parses. The UDP socket is connected, so that the kernel tells of a closed port, and drops
what others than the server send. HTTPS (RFC 8484) and TLS (RFC 7858) are for networks that let nothing else through:
certificates are verified against the machine's trust store; SSL_CERT_FILE names another, as everywhere in Python.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import struct
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
from msgspec import Struct

from second_edition.dkim.published import Server

Clock = Callable[[], float]
"""Monotonic seconds."""

LARGEST_UDP: Final = 1232  # bytes: what passes every path unfragmented (DNS flag day 2020)
TRUNCATED: Final = "truncated"
ENCRYPTED: Final = ("https:", "tls:")  # how the names of such resolvers begin
_MEDIA_TYPE: Final = "application/dns-message"
_LARGEST: Final = 65535  # bytes of a DNS message
#: What dnspython raises at a message that is none.
UNREADABLE: Final = (dns.exception.DNSException, ValueError, struct.error)
_NO_EDNS: Final = (dns.rcode.FORMERR, dns.rcode.NOTIMP)
_NO_ROUTE: Final = (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EACCES, errno.EPERM)


class Reply(Struct, frozen=True):
    """Hold what came back: a message, or why none did (the words of ``Answer.failure``)."""

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
    context: ssl.SSLContext | None = None,
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
        context: whose certificates to trust; the machine's trust store if None.
        clock: monotonic seconds.

    Returns:
        A reply, always: nothing that a server or a network does raises.
    """
    if not server.address:
        return Reply(None, "udp", failure="no-address")
    question = _query(name, kind, recursion=recursion, checking_disabled=checking_disabled)
    if server.name.startswith(ENCRYPTED):
        return _encrypted(server, question, timeout_s, context or ssl.create_default_context(), clock)
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


def _query(
    name: str, kind: dns.rdatatype.RdataType, *, recursion: bool, checking_disabled: bool = False
) -> dns.message.Message:
    """Return the question as a message."""
    question = dns.message.make_query(name, kind, use_edns=0, payload=LARGEST_UDP)
    if not recursion:
        question.flags &= ~dns.flags.RD  # the server itself is asked, not what it might look up elsewhere
    if checking_disabled:
        question.flags |= dns.flags.CD
    return question


def _word_of(error: Exception) -> str:
    """Return why a server could not be asked, in a word of ``Answer.failure``."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "untrusted"
    if isinstance(error, TimeoutError | dns.exception.Timeout):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return "port-closed"
    return "no-route" if isinstance(error, OSError) and error.errno in _NO_ROUTE else "unreachable"


def _over_udp(server: Server, question: dns.message.Message, timeout_s: float, clock: Clock) -> Reply:
    failure, until = "timeout", time.time() + timeout_s  # by the clock that dnspython goes by
    family = socket.AF_INET6 if ":" in server.address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as udp:
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
        return Reply(None, "udp", failure=_word_of(error))
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
    return _whole(message, "tcp", (clock() - began) * 1000)


def _whole(message: dns.message.Message, transport: str, latency_ms: float) -> Reply:
    """Return the reply that came over a stream: there is no reason for it to be cut off."""
    if message.flags & dns.flags.TC:
        return Reply(None, transport, latency_ms, "malformed")
    return Reply(message, transport, latency_ms)


def _encrypted(
    resolver: Server, question: dns.message.Message, timeout_s: float, context: ssl.SSLContext, clock: Clock
) -> Reply:
    over_https = resolver.name.startswith("https:")
    transport = "https" if over_https else "tls"
    question.id = question.id if not over_https else 0  # so that caches of HTTP can serve (RFC 8484 section 4.1)
    began = clock()
    try:
        message = (_post if over_https else _send)(resolver, question, timeout_s, context)
    except (dns.exception.Timeout, OSError, EOFError, http.client.HTTPException) as error:
        return Reply(None, transport, failure=_word_of(error))
    except UNREADABLE:
        return Reply(None, transport, (clock() - began) * 1000, "malformed")
    return _whole(message, transport, (clock() - began) * 1000)


def _post(
    resolver: Server, question: dns.message.Message, timeout_s: float, context: ssl.SSLContext
) -> dns.message.Message:
    """Return the answer over HTTPS. dnspython's own way needs two more packages, an HTTP client and HTTP/2."""
    connection = http.client.HTTPSConnection(resolver.address, resolver.port, timeout=timeout_s, context=context)
    try:
        headers = {"Content-Type": _MEDIA_TYPE, "Accept": _MEDIA_TYPE}
        connection.request("POST", urlsplit(resolver.name).path, question.to_wire(), headers)
        response = connection.getresponse()
        body = response.read(_LARGEST + 1)
        if response.status != http.HTTPStatus.OK or response.getheader("Content-Type", "") != _MEDIA_TYPE:
            raise dns.exception.FormError
        message = dns.message.from_wire(body)
        if not question.is_response(message):
            raise dns.query.BadResponse
        return message
    finally:
        connection.close()


def _send(
    resolver: Server, question: dns.message.Message, timeout_s: float, context: ssl.SSLContext
) -> dns.message.Message:
    """Return the answer over TLS."""
    with (
        socket.create_connection((resolver.address, resolver.port), timeout_s) as stream,
        context.wrap_socket(stream, server_hostname=resolver.address) as tls,
    ):
        tls.setblocking(False)
        return dns.query.tls(question, resolver.address, timeout_s, sock=tls)
