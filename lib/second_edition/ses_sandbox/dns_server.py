"""Authoritative name servers on loopback, over UDP and TCP (RFC 1034, 1035, 6891, 7766); dnspython reads and writes."""

from __future__ import annotations

import contextlib
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataset
import dns.rrset
from dns.name import Name
from dns.rdataclass import IN
from dns.rdataset import Rdataset
from dns.rdatatype import ANY as ANY_TYPE
from dns.rdatatype import AXFR, CNAME, IXFR, SOA, RdataType
from dns.rdtypes.ANY.TXT import TXT

from second_edition.ses_sandbox.errors import TAKEN, SandboxError

HOST: Final = "127.0.0.1"
TTL: Final = 3600
NEGATIVE_TTL: Final = 300
REFRESH: Final = 7200
UDP_SIZE: Final = 1232
IDLE_SECONDS: Final = 10
_ALIASES: Final = 8
RCODES: Final = {"refused": dns.rcode.REFUSED, "servfail": dns.rcode.SERVFAIL}

Key = tuple[Name, RdataType]
#: Held while records change and while an answer is made: no server answers as before a change once another has it.
CHANGING: Final = threading.RLock()


def text_record(value: bytes | Iterable[bytes]) -> TXT:
    """Return a TXT record: bytes are cut into character-strings of at most 255 (RFC 1035 section 3.3.14).

    Raises:
        ValueError, dns.exception.DNSException: there is no character-string, or one is too long.
    """
    if isinstance(value, bytes):
        value = [value[at : at + 255] for at in range(0, len(value), 255)] or [b""]
    return TXT(IN, RdataType.TXT, list(value))


def text_set(value: str) -> Rdataset:
    """Return the record set of one TXT record."""
    return dns.rdataset.from_rdata(TTL, text_record(value.encode()))


@dataclass
class Zone:
    """One zone as one server holds it: servers have copies of their own, so that one can be stale."""

    apex: Name
    serial: int
    primary: str
    records: Mapping[Key, Rdataset] = field(default_factory=dict)
    negative_ttl: int = NEGATIVE_TTL
    refresh: int = REFRESH

    def put(self, changes: Mapping[Key, Rdataset | None]) -> None:
        """Set all records of a type at a name, or take them away (``None``), and count the serial up."""
        merged = {**self.records, **changes}
        self.records = {key: records for key, records in merged.items() if records is not None}
        self.serial += 1

    def copy(self) -> Zone:
        """Return the same content, for another server."""
        return replace(self)

    def find(self, name: Name, kind: RdataType) -> dns.rrset.RRset | None:
        """Return the records of one type at one name, under the name as it is given."""
        if (name, kind) == (self.apex, SOA):
            times = f"{self.refresh} 900 1209600 {self.negative_ttl}"
            start = f"{self.primary}. hostmaster.{self.apex} {self.serial} {times}"
            return dns.rrset.from_rdata(name, TTL, dns.rdata.from_text(IN, SOA, start))
        found = self.records.get((name, kind))
        return dns.rrset.from_rdata_list(name, found.ttl, list(found)) if found else None

    def holds(self, name: Name) -> bool:
        """Return whether the name exists, be it only as the parent of another (RFC 8020)."""
        return name == self.apex or any(owner.is_subdomain(name) for owner, _ in self.records)


class NameServer:
    """One name server with its own copies of the zones.

    Args:
        name: its host name, e.g. ``ns1.example.jp``.
        port: the port for both UDP and TCP; 0 takes any that is free for both.
        delay: how many seconds an answer waits, asked anew for each.

    Attributes:
        fault: ``silent`` (it never answers), ``lame`` (without authority), ``refused`` or ``servfail``; "" for none.
        latency_s: its own share of that, in seconds.
    """

    def __init__(self, name: str, port: int, delay: Callable[[], float]) -> None:
        self.name = name
        self.zones: dict[Name, Zone] = {}
        self.delay, self.fault, self.latency_s = delay, "", 0.0
        self._servers = _bound(self, port)
        self.port = int(self._servers[0].server_address[1])
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True, name=f"dns-{name}").start()

    @property
    def address(self) -> str:
        """Return ``address:port``."""
        return f"{HOST}:{self.port}"

    def stop(self) -> None:
        """Stop answering and free the port."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def respond(self, wire: bytes, *, udp: bool) -> bytes | None:
        """Return the answer to one message, None for what is not worth one."""
        try:
            query = dns.message.from_wire(wire)
            if len(query.question) != 1:
                return None
            response = dns.message.make_response(query, our_payload=UDP_SIZE)
        except (dns.exception.DNSException, ValueError):
            return None
        if self.fault == "silent":
            return None
        time.sleep(self.delay() + self.latency_s)
        if self.fault in RCODES:
            response.set_rcode(RCODES[self.fault])
        else:
            with CHANGING:
                self._answer(query, response)
        if self.fault == "lame":
            response.flags &= ~dns.flags.AA
        limit = (min(max(512, query.payload), UDP_SIZE) if query.edns >= 0 else 512) if udp else 65535
        return response.to_wire(max_size=limit, prefer_truncation=True)

    def _answer(self, query: dns.message.Message, response: dns.message.Message) -> None:
        """Follow a CNAME as far as the server's own zones go (RFC 1034 section 4.3.2)."""
        name, kind = query.question[0].name, query.question[0].rdtype
        zone = self.zone_of(name)
        if query.opcode() != dns.opcode.QUERY:
            response.set_rcode(dns.rcode.NOTIMP)
            return
        if zone is None or query.question[0].rdclass != IN or kind in (ANY_TYPE, AXFR, IXFR):
            response.set_rcode(dns.rcode.REFUSED)
            return
        response.flags |= dns.flags.AA
        for _ in range(_ALIASES):
            if found := zone.find(name, kind):
                response.answer.append(found)
                return
            alias = zone.find(name, CNAME)
            if alias is None:
                break
            response.answer.append(alias)
            name = alias[0].target
            zone = self.zone_of(name)
            if zone is None:
                return
        response.authority += [start for start in [zone.find(zone.apex, SOA)] if start]
        if not zone.holds(name):
            response.set_rcode(dns.rcode.NXDOMAIN)

    def zone_of(self, name: Name) -> Zone | None:
        """Return the zone that holds a name, ``None`` where the server has none."""
        fitting = [apex for apex in self.zones if name.is_subdomain(apex)]
        return self.zones[max(fitting, key=len)] if fitting else None


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    allow_reuse_address = False
    respond: Callable[..., bytes | None]


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    respond: Callable[..., bytes | None]


class _UdpHandler(socketserver.BaseRequestHandler):
    server: _Udp

    def handle(self) -> None:
        wire, sock = self.request
        answer = self.server.respond(wire, udp=True)
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
                answer = self.server.respond(self.rfile.read(struct.unpack("!H", size)[0]), udp=False)
                if answer is None:
                    return
                self.wfile.write(struct.pack("!H", len(answer)) + answer)


def _bound(owner: NameServer, port: int) -> tuple[_Udp, _Tcp]:
    """Bind one port for both; where any will do, try until one is free for both."""
    problem: Any = None
    for _ in range(1 if port else 20):
        try:
            with contextlib.ExitStack() as undone:
                udp = undone.enter_context(_Udp((HOST, port), _UdpHandler))
                tcp = _Tcp((HOST, udp.server_address[1]), _TcpHandler)
                undone.pop_all()
        except OSError as found:
            problem = found
            continue
        udp.respond = tcp.respond = owner.respond
        return udp, tcp
    raise SandboxError(
        "The DNS port {port} on {host} cannot be used ({reason}).",
        TAKEN,
        port=port,
        host=HOST,
        reason=problem.strerror or "",
    )
