"""An authoritative name server on one loopback port, over UDP and TCP (RFC 1035, RFC 6891, RFC 7766)."""

from __future__ import annotations

import contextlib
import socketserver
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import dnslib
from dnslib import CLASS, EDNS0, QTYPE, RCODE, RR, TXT, DNSError, DNSHeader, DNSRecord

from ses_sandbox import zones
from ses_sandbox.errors import SandboxError
from ses_sandbox.zones import Reply, Row, Zone

HOST: Final = "127.0.0.1"
OUR_UDP_SIZE: Final = 1232
IDLE_SECONDS: Final = 10


class NameServer:
    """One name server with its own copies of the zones.

    Args:
        name: its host name, e.g. ``ns1.example.jp``.
        port: the port for both UDP and TCP; 0 takes any that is free for both.
        delay: how many seconds an answer waits, asked anew for each.
    """

    def __init__(self, name: str, port: int, delay: Callable[[], float]) -> None:
        self.name = name
        self.zones: dict[str, Zone] = {}
        self.delay = delay
        self._udp, self._tcp = _bound(self, port)
        self.port: int = self._udp.server_address[1]
        for server in (self._udp, self._tcp):
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True, name=f"dns-{name}").start()

    @property
    def address(self) -> str:
        """``address:port``, as the parameter ``nameservers`` takes it."""
        return f"{HOST}:{self.port}"

    def stop(self) -> None:
        """Stop answering and free the port."""
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    def respond(self, wire: bytes, *, udp: bool) -> bytes | None:
        """The answer to one message, None for what is not worth one."""
        try:
            request = DNSRecord.parse(wire)
        except (DNSError, UnicodeError, struct.error):
            return None
        if request.header.qr or len(request.questions) != 1:
            return None
        time.sleep(self.delay())
        return _packed(request, self._reply(request), udp=udp)

    def _reply(self, request: Any) -> Reply:
        if request.header.opcode != 0:
            return Reply("NOTIMP", authoritative=False)
        if request.q.qclass != CLASS.IN:
            return Reply("REFUSED", authoritative=False)
        kind = QTYPE.get(request.q.qtype)
        if kind in ("AXFR", "IXFR", "ANY"):
            return Reply("REFUSED", authoritative=False)
        return zones.answer(self.zones, _text(request.q.qname), str(kind))


def _packed(request: Any, reply: Reply, *, udp: bool) -> bytes:
    extended = next((record for record in request.ar if record.rtype == QTYPE.OPT), None)
    limit = 65535 if not udp else min(max(512, extended.rclass), OUR_UDP_SIZE) if extended else 512
    answer = _message(request, reply, with_opt=extended is not None)
    wire = bytes(answer.pack())
    if len(wire) <= limit:
        return wire
    cut = _message(request, Reply(reply.rcode, reply.authoritative), with_opt=extended is not None)
    cut.header.tc = 1
    return bytes(cut.pack())


def _message(request: Any, reply: Reply, *, with_opt: bool) -> Any:
    header = DNSHeader(
        id=request.header.id,
        qr=1,
        opcode=request.header.opcode,
        aa=int(reply.authoritative),
        rd=request.header.rd,
        rcode=getattr(RCODE, reply.rcode),
    )
    answer = DNSRecord(header, q=request.q)
    for row in reply.answers:
        answer.add_answer(_record(row, request.q.qname))
    for row in reply.authority:
        answer.add_auth(_record(row, request.q.qname))
    if with_opt:
        answer.add_ar(EDNS0(udp_len=OUR_UDP_SIZE))
    return answer


def _text(name: Any) -> str:
    """A name off the wire; its bytes are anybody's, and latin-1 reads them all."""
    return b".".join(name.label).decode("latin-1")


def _record(row: Row, asked: Any) -> Any:
    # The owner comes back in the letters it was asked in, as resolvers that vary the case expect.
    owner = asked if zones.plain(_text(asked)) == row.name else row.name
    if isinstance(row.value, tuple):
        return RR(owner, QTYPE.TXT, ttl=row.ttl, rdata=TXT(list(row.value)))
    return RR(owner, getattr(QTYPE, row.kind), ttl=row.ttl, rdata=_rdata(row.kind, row.value))


def _rdata(kind: str, value: str) -> Any:
    if kind == "SOA":
        primary, admin, *times = value.split()
        return dnslib.SOA(primary, admin, tuple(int(number) for number in times))
    return getattr(dnslib, kind)(value)


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    allow_reuse_address = False
    server_of: NameServer


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    server_of: NameServer


class _UdpHandler(socketserver.BaseRequestHandler):
    server: _Udp

    def handle(self) -> None:
        wire, sock = self.request
        answer = self.server.server_of.respond(wire, udp=True)
        if answer is not None:
            with contextlib.suppress(OSError):
                sock.sendto(answer, self.client_address)


class _TcpHandler(socketserver.StreamRequestHandler):
    server: _Tcp
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while len(size := self.rfile.read(2)) == 2:
                answer = self.server.server_of.respond(self.rfile.read(struct.unpack("!H", size)[0]), udp=False)
                if answer is None:
                    return
                self.wfile.write(struct.pack("!H", len(answer)) + answer)


def _bound(owner: NameServer, port: int) -> tuple[_Udp, _Tcp]:
    for _ in range(20):
        try:
            udp = _Udp((HOST, port), _UdpHandler)
        except OSError as problem:
            raise SandboxError(
                f"The DNS port {port} on {HOST} cannot be used: {problem.strerror}.",
                todo="Choose another with --dns-port, or stop what uses it.",
            ) from problem
        try:
            tcp = _Tcp((HOST, udp.server_address[1]), _TcpHandler)
        except OSError as problem:
            udp.server_close()
            if port:
                raise SandboxError(
                    f"The DNS port {port} on {HOST} cannot be used for TCP: {problem.strerror}.",
                    todo="Choose another with --dns-port, or stop what uses it.",
                ) from problem
            continue
        udp.server_of = tcp.server_of = owner
        return udp, tcp
    raise SandboxError("No port of this machine is free for both UDP and TCP.")
