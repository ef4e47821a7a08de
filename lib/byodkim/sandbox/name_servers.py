"""Name servers and a resolver on loopback, each with its own copy of the zone and its own faults.

dnslib reads and writes the messages (RFC 1035); the sockets are plain ``socketserver``.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
import time
from typing import Any, Final, Literal

import dnslib
from dnslib import CNAME, EDNS0, NS, QTYPE, RCODE, RR, SOA, TXT, A, DNSRecord
from msgspec import UNSET, Struct, UnsetType, field

HOST: Final = "127.0.0.1"
RESOLVER: Final = "resolver"
UDP_SIZE: Final = 1232
LONGEST_ALIAS_CHAIN: Final = 8

#: ``lame`` answers without the AA bit. ``nxdomain`` sends the records under NXDOMAIN. ``truncated``
#: cuts every UDP answer and resets TCP. ``bogus``: the resolver finds the zone's DNSSEC data bogus
#: and answers SERVFAIL, unless asked with CD=1.
Fault = Literal["", "servfail", "refused", "lame", "silent", "nxdomain", "truncated", "bogus"]
Transport = Literal["udp", "tcp"]


class DnsChange(Struct, forbid_unknown_fields=True):
    """A change of DNS, as the control interface takes it. What is not given stays as it is.

    Attributes:
        servers: which to change (``ns1``, ``resolver``); empty for all that are not frozen.
        name: owner of the records that ``texts`` or ``cname`` replace; it may begin with ``*.``.
        texts: all TXT records at the name, each one string, which is cut at 255 bytes, or a list
            of character-strings.
        cname: target of a CNAME at the name; "" removes it.
        ttl: of these records, in seconds.
        serial, minimum, soa_ttl: fields of the SOA. Without ``serial``, a change of records adds 1.
        fault: from now on.
        delay_s: seconds that each answer waits.
        frozen: whether later changes for all servers pass this one by: a stale zone, a cache.
    """

    servers: list[str] = []
    name: str = ""
    texts: list[str | list[str]] | UnsetType = UNSET
    cname: str | UnsetType = UNSET
    ttl: int = 300
    serial: int | UnsetType = UNSET
    minimum: int | UnsetType = UNSET
    soa_ttl: int | UnsetType = UNSET
    fault: Fault | UnsetType = UNSET
    delay_s: float | UnsetType = UNSET
    frozen: bool | UnsetType = UNSET


class Zone(Struct):
    """One server's copy of the zone."""

    apex: str
    records: dict[tuple[str, str], list[Any]] = {}
    serial: int = 2026091201
    minimum: int = 300
    soa_ttl: int = 3600

    def soa(self) -> Any:
        """Return the SOA record."""
        names = (f"ns1.{self.apex}", f"hostmaster.{self.apex}")
        times = (self.serial, 7200, 900, 1209600, self.minimum)
        return RR(self.apex, QTYPE.SOA, ttl=self.soa_ttl, rdata=SOA(*names, times))

    def find(self, owner: str, kind: str) -> list[Any]:
        """Return the records of one type at one name."""
        if (owner, kind) == (self.apex, "SOA"):
            return [self.soa()]
        return self.records.get((owner, kind), [])

    def exists(self, name: str) -> bool:
        """Return whether the name, or one below it, has records (RFC 8020)."""
        return any(owner == name or owner.endswith(f".{name}") for owner, _ in self.records)

    def owner_for(self, name: str) -> str:
        """Return whose records answer: the name's or a wildcard's (RFC 4592); "" for none."""
        if self.exists(name):
            return name
        parent = name
        while not self.exists(parent):
            parent = parent.partition(".")[2]
        return f"*.{parent}" if self.exists(f"*.{parent}") else ""


class NameServer:
    """One server, on one port for UDP and TCP."""

    def __init__(self, name: str, zone: Zone, port: int) -> None:
        self.name, self.zone = name, zone
        self.fault: Fault = ""
        self.delay_s = 0.0
        self.frozen = False
        tcp, udp = _bind(port)
        self.port = int(tcp.server_address[1])
        for server in (tcp, udp):
            server.name_server = self
            threading.Thread(target=server.serve_forever, daemon=True).start()

    @property
    def is_recursive(self) -> bool:
        """Return whether this is the resolver."""
        return self.name == RESOLVER

    def answer(self, wire: bytes, transport: Transport) -> bytes | None:
        """Return the answer to one message; ``None`` for silence."""
        request = DNSRecord.parse(wire)
        is_cut_off = self.fault == "truncated" and transport == "tcp"
        if self.fault == "silent" or is_cut_off:
            return None
        reply = request.reply(ra=int(self.is_recursive), aa=int(not self.is_recursive))
        reply.header.ad = 0
        options = [record for record in request.ar if record.rtype == QTYPE.OPT]
        if self.fault in ("servfail", "refused") or (
            self.fault == "bogus" and not request.header.cd
        ):
            reply.header.rcode = RCODE.REFUSED if self.fault == "refused" else RCODE.SERVFAIL
            reply.header.aa = 0
        else:
            self._fill(reply)
        if self.fault == "lame":
            reply.header.aa = 0
        if self.fault == "nxdomain":
            reply.header.rcode = RCODE.NXDOMAIN
        if options:
            reply.add_ar(EDNS0(udp_len=UDP_SIZE))
        limit = min(max(512, options[0].rclass if options else 512), UDP_SIZE)
        packed: bytes = reply.pack()
        if transport == "udp" and (len(packed) > limit or self.fault == "truncated"):
            short = request.reply(ra=int(self.is_recursive), aa=reply.header.aa)
            short.header.tc = 1
            packed = short.pack()
        return packed

    def _fill(self, reply: Any) -> None:
        """Answer from the zone and follow a CNAME within it (RFC 1034 section 4.3.2)."""
        zone, kind, shown = self.zone, QTYPE[reply.q.qtype], str(reply.q.qname)
        if not _is_within(_lower(shown), zone.apex):
            reply.header.rcode, reply.header.aa = RCODE.REFUSED, 0
            return
        for _ in range(LONGEST_ALIAS_CHAIN):
            owner = zone.owner_for(_lower(shown))
            aliases = zone.find(owner, "CNAME")
            records = zone.find(owner, kind) or aliases
            for record in records:
                reply.add_answer(RR(shown, record.rtype, ttl=record.ttl, rdata=record.rdata))
            if not records:
                reply.add_auth(zone.soa())
                reply.header.rcode = RCODE.NOERROR if owner else RCODE.NXDOMAIN
            if records is not aliases or not aliases:
                return
            shown = str(aliases[0].rdata.label)
            if not _is_within(_lower(shown), zone.apex):
                return

    def change(self, change: DnsChange) -> None:
        """Change this server's zone or behaviour."""
        zone, name = self.zone, _lower(change.name)
        before = dict(zone.records)
        if change.texts is not UNSET:
            texts = [TXT(_strings(text)) for text in change.texts]
            zone.records[name, "TXT"] = [
                RR(name, QTYPE.TXT, ttl=change.ttl, rdata=text) for text in texts
            ]
        if change.cname is not UNSET:
            targets = [change.cname] if change.cname else []
            zone.records[name, "CNAME"] = [
                RR(name, QTYPE.CNAME, ttl=change.ttl, rdata=CNAME(target)) for target in targets
            ]
        zone.records = {key: records for key, records in zone.records.items() if records}
        if zone.records != before:
            zone.serial += 1
        zone.serial = zone.serial if change.serial is UNSET else change.serial
        zone.minimum = zone.minimum if change.minimum is UNSET else change.minimum
        zone.soa_ttl = zone.soa_ttl if change.soa_ttl is UNSET else change.soa_ttl
        self.fault = self.fault if change.fault is UNSET else change.fault
        self.delay_s = self.delay_s if change.delay_s is UNSET else change.delay_s
        self.frozen = self.frozen if change.frozen is UNSET else change.frozen


class Look(Struct):
    """What SES saw at a name: TXT records, or an error in SES's spelling; and the zone's SOA."""

    texts: list[bytes] = []
    error: str = ""
    soa: dict[str, str | int] = field(default_factory=dict)


class Dns:
    """All servers of the sandbox: ``ns1`` to ``ns3`` of the zone, and ``resolver``."""

    def __init__(self, apex: str, ports: list[int]) -> None:
        self.lock = threading.Lock()
        names = ["ns1", "ns2", "ns3", RESOLVER]
        self.servers = {
            name: NameServer(name, _new_zone(apex), port)
            for name, port in zip(names, ports or [0] * len(names), strict=True)
        }

    def addresses(self, *, recursive: bool) -> tuple[str, ...]:
        """Return ``address:port`` of the authoritative servers, or of the resolver."""
        servers = self.servers.values()
        return tuple(f"{HOST}:{each.port}" for each in servers if each.is_recursive == recursive)

    def change(self, change: DnsChange) -> None:
        """Make a change at the servers that it names, or at all that are not frozen.

        Raises:
            KeyError: it names a server that there is none of.
        """
        named = [self.servers[name] for name in change.servers]
        with self.lock:
            for server in named or [each for each in self.servers.values() if not each.frozen]:
                server.change(change)

    def look(self, name: str) -> Look:
        """Return what SES sees: the answer of the first authoritative server that gives one."""
        query = DNSRecord.question(name, "TXT").pack()
        for server in self.servers.values():
            wire = None if server.is_recursive else server.answer(query, "tcp")
            answer = DNSRecord.parse(wire) if wire else None
            if answer is None or not answer.header.aa:
                continue
            soa: dict[str, str | int] = {
                "PrimaryNameServer": f"ns1.{server.zone.apex}",
                "AdminEmail": f"hostmaster.{server.zone.apex}",
                "SerialNumber": server.zone.serial,
            }
            if answer.header.rcode == RCODE.NXDOMAIN:
                return Look(error="HOST_NOT_FOUND", soa=soa)
            texts = [
                b"".join(record.rdata.data) for record in answer.rr if record.rtype == QTYPE.TXT
            ]
            return Look(texts, "" if texts else "TYPE_NOT_FOUND", soa)
        return Look(error="DNS_SERVER_ERROR")


def _new_zone(apex: str) -> Zone:
    hosts = [f"ns{number}.{apex}" for number in (1, 2, 3)]
    zone = Zone(apex)
    zone.records[apex, "NS"] = [RR(apex, QTYPE.NS, ttl=3600, rdata=NS(host)) for host in hosts]
    for host in hosts:
        zone.records[host, "A"] = [RR(host, QTYPE.A, ttl=3600, rdata=A(HOST))]
    return zone


def _strings(text: str | list[str]) -> list[bytes]:
    """Return a TXT record's character-strings; characters up to U+00FF stand for bytes."""
    if isinstance(text, list):
        return [string.encode("latin-1") for string in text]
    raw = text.encode("latin-1")
    return [raw[start : start + 255] for start in range(0, len(raw), 255)] or [b""]


def _lower(name: str) -> str:
    return name.lower().rstrip(".")


def _is_within(name: str, apex: str) -> bool:
    return name == apex or name.endswith(f".{apex}")


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    name_server: NameServer


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    name_server: NameServer


class _UdpHandler(socketserver.BaseRequestHandler):
    server: _Udp

    def handle(self) -> None:
        wire, sock = self.request
        time.sleep(self.server.name_server.delay_s)
        with contextlib.suppress(dnslib.DNSError, OSError):
            if answer := self.server.name_server.answer(wire, "udp"):
                sock.sendto(answer, self.client_address)


class _TcpHandler(socketserver.StreamRequestHandler):
    server: _Tcp

    def handle(self) -> None:
        with contextlib.suppress(dnslib.DNSError, OSError, struct.error):
            (length,) = struct.unpack("!H", self.rfile.read(2))
            time.sleep(self.server.name_server.delay_s)
            answer = self.server.name_server.answer(self.rfile.read(length), "tcp")
            if answer is None:
                linger_for_0_s = struct.pack("ii", 1, 0)  # closes with a reset
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_0_s)
            else:
                self.wfile.write(struct.pack("!H", len(answer)) + answer)


def _bind(port: int) -> tuple[_Tcp, _Udp]:
    """Return servers on one port for both transports. Port 0 takes one that is free for both."""
    while True:
        tcp = _Tcp((HOST, port), _TcpHandler)
        try:
            return tcp, _Udp((HOST, tcp.server_address[1]), _UdpHandler)
        except OSError:
            tcp.server_close()
            if port:
                raise
