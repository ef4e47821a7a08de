"""Name servers and a resolver on loopback, each with a copy of the zone and faults of its own."""

import socketserver
from typing import Any, Final, Literal

from dnslib import CNAME, EDNS0, NS, QTYPE, RCODE, RR, SOA, TXT, A, DNSError, DNSRecord
from dnslib.server import DNSHandler, DNSLogger, DNSServer, TCPServer
from msgspec import UNSET, Struct, UnsetType

HOST: Final = "127.0.0.1"
AUTHORITATIVE: Final = ("ns1", "ns2", "ns3")
RESOLVER: Final = "resolver"
UDP_SIZE: Final = 1232
LONGEST_CHAIN: Final = 8

#: ``lame`` answers without the AA bit. ``nxdomain`` sends the records under NXDOMAIN. ``truncated``
#: cuts every UDP answer and gives none over TCP. ``bogus``: the resolver finds the zone's DNSSEC
#: data bogus and answers SERVFAIL, unless asked with CD=1.
Fault = Literal["", "servfail", "refused", "lame", "silent", "nxdomain", "truncated", "bogus"]


class DnsChange(Struct, forbid_unknown_fields=True):
    """A change of DNS, as the control interface takes it. What is not given stays as it is.

    Attributes:
        servers: which to change (``ns1``, ``resolver``); empty for all that are not frozen.
        name: owner of the records that ``texts`` or ``cname`` replace; it may begin with ``*.``.
        texts: all TXT records at the name, each one string, which is cut at 255 bytes, or a list
            of character-strings.
        cname: target of a CNAME at the name; "" removes it.
        ttl: of these records, in seconds.
        minimum, soa_ttl: of the SOA. A change of records adds 1 to its serial.
        fault: from now on.
        frozen: whether later changes for all servers pass this one by: a stale zone, a cache.
    """

    servers: list[str] = []
    name: str = ""
    texts: list[str | list[str]] | UnsetType = UNSET
    cname: str | UnsetType = UNSET
    ttl: int = 300
    minimum: int | UnsetType = UNSET
    soa_ttl: int | UnsetType = UNSET
    fault: Fault | UnsetType = UNSET
    frozen: bool | UnsetType = UNSET


class NameServer:
    """One server, on one port for UDP and TCP. Its settings are named as in ``DnsChange``."""

    def __init__(self, name: str, apex: str, port: int) -> None:
        self.apex = apex
        self.is_recursive = name == RESOLVER
        self.serial, self.minimum, self.soa_ttl = 2026091201, 300, 3600
        self.fault, self.frozen = "", False
        hosts = [f"{each}.{apex}" for each in AUTHORITATIVE]
        self.records = {(host, "A"): [_record(host, "A", 3600, A(HOST))] for host in hosts}
        self.records[apex, "NS"] = [_record(apex, "NS", 3600, NS(host)) for host in hosts]
        self.port = _listen(self, port)

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        """Return the answer to a message that dnslib's handler has read.

        Raises:
            DNSError: there is none; dnslib's handler then stays silent.
        """
        limit = next((r.rclass for r in request.ar if r.rtype == QTYPE.OPT), 512)
        reply = self.answer(request, handler.protocol)
        is_long = len(reply.pack()) > min(max(512, limit), UDP_SIZE) or self.fault == "truncated"
        if handler.protocol == "udp" and is_long:
            reply.rr, reply.auth, reply.header.tc = [], [], 1
        return reply

    def answer(self, request: DNSRecord, transport: str) -> DNSRecord:
        """Return the answer to a message, in full.

        Raises:
            DNSError: the server stays silent.
        """
        if self.fault == "silent" or (self.fault == "truncated" and transport == "tcp"):
            raise DNSError
        reply = request.reply(ra=int(self.is_recursive), aa=int(not self.is_recursive))
        reply.header.ad = 0
        if any(record.rtype == QTYPE.OPT for record in request.ar):
            reply.add_ar(EDNS0(udp_len=UDP_SIZE))
        if self.fault == "refused" or not _is_within(str(reply.q.qname), self.apex):
            reply.header.rcode, reply.header.aa = RCODE.REFUSED, 0
        elif self.fault == "servfail" or (self.fault == "bogus" and not request.header.cd):
            reply.header.rcode, reply.header.aa = RCODE.SERVFAIL, 0
        else:
            self._fill(reply)
        if self.fault == "lame":
            reply.header.aa = 0
        if self.fault == "nxdomain":
            reply.header.rcode = RCODE.NXDOMAIN
        return reply

    def _fill(self, reply: DNSRecord) -> None:
        """Answer from the zone and follow a CNAME within it (RFC 1034 section 4.3.2)."""
        name, kind = str(reply.q.qname), QTYPE[reply.q.qtype]
        for _ in range(LONGEST_CHAIN):
            owner = self._owner_for(_lower(name))
            records = self._find(owner, kind)
            aliases = [] if records else self._find(owner, "CNAME")
            for record in records or aliases:
                reply.add_answer(RR(name, record.rtype, ttl=record.ttl, rdata=record.rdata))
            if not records and not aliases:
                reply.add_auth(self._soa())
                reply.header.rcode = RCODE.NOERROR if owner else RCODE.NXDOMAIN
            if not aliases or not _is_within(str(aliases[0].rdata), self.apex):
                return
            name = str(aliases[0].rdata)

    def _find(self, owner: str, kind: str) -> list[RR]:
        is_soa = (owner, kind) == (self.apex, "SOA")
        return [self._soa()] if is_soa else self.records.get((owner, kind), [])

    def _soa(self) -> RR:
        names = [f"{host}.{self.apex}" for host in (AUTHORITATIVE[0], "hostmaster")]
        times = (self.serial, 7200, 900, 1209600, self.minimum)
        return _record(self.apex, "SOA", self.soa_ttl, SOA(*names, times))

    def _owner_for(self, name: str) -> str:
        """Return whose records answer: the name's or a wildcard's (RFC 4592); "" for none."""
        closest = name
        while not self._exists(closest):
            closest = closest.partition(".")[2]
        wildcard = f"*.{closest}" if self._exists(f"*.{closest}") else ""
        return name if closest == name else wildcard

    def _exists(self, name: str) -> bool:
        """Return whether the name, or one below it, has records (RFC 8020)."""
        return any(_is_within(owner, name) for owner, _ in self.records)

    def change(self, change: DnsChange) -> None:
        """Change this server's zone or behaviour."""
        name, records = _lower(change.name), dict(self.records)
        if change.texts is not UNSET:
            texts = [TXT(strings_of(text)) for text in change.texts]
            records[name, "TXT"] = [_record(name, "TXT", change.ttl, text) for text in texts]
        if change.cname is not UNSET:
            alias = _record(name, "CNAME", change.ttl, CNAME(change.cname))
            records[name, "CNAME"] = [alias] if change.cname else []
        records = {key: values for key, values in records.items() if values}
        self.serial += records != self.records
        self.records = records
        set_given(self, change, "minimum", "soa_ttl", "fault", "frozen")


class Dns:
    """All servers of the sandbox. Ports: of ns1, ns2, ns3 and resolver; 0 for a free one."""

    def __init__(self, apex: str, ports: tuple[int, ...]) -> None:
        places = zip((*AUTHORITATIVE, RESOLVER), ports, strict=True)
        self.apex = apex
        self.servers = {name: NameServer(name, apex, port) for name, port in places}

    def change(self, change: DnsChange) -> None:
        """Make a change at the servers that it names, or at all that are not frozen.

        Raises:
            KeyError: there is no server of that name.
            ValueError: the name is not in the zone.
        """
        if change.name and not _is_within(change.name, self.apex):
            raise ValueError(f"{change.name} is not in the zone {self.apex}")
        named = [self.servers[name] for name in change.servers]
        for server in named or [each for each in self.servers.values() if not each.frozen]:
            server.change(change)

    def look_up(self, name: str) -> tuple[list[bytes], str]:
        """Return what SES sees: TXT records, and an error in SES's spelling.

        It is the answer of the first authoritative server that gives one.
        """
        for server in (self.servers[name] for name in AUTHORITATIVE):
            try:
                answer = server.answer(DNSRecord.question(name, "TXT"), "tcp")
            except DNSError:
                continue
            if not answer.header.aa:
                continue
            if answer.header.rcode == RCODE.NXDOMAIN:
                return [], "HOST_NOT_FOUND"
            texts = [b"".join(each.rdata.data) for each in answer.rr if each.rtype == QTYPE.TXT]
            return texts, "" if texts else "TYPE_NOT_FOUND"
        return [], "DNS_SERVER_ERROR"


def set_given(target: object, change: Struct, *names: str) -> None:
    """Set the attributes that a change gives a value for."""
    for name in names:
        if (value := getattr(change, name)) is not UNSET:
            setattr(target, name, value)


def _record(owner: str, kind: str, ttl: int, data: Any) -> RR:
    return RR(owner, getattr(QTYPE, kind), ttl=ttl, rdata=data)


def strings_of(text: str | list[str]) -> list[bytes]:
    """Return a TXT record's character-strings; characters up to U+00FF stand for bytes."""
    if isinstance(text, list):
        return [string.encode("latin-1") for string in text]
    raw = text.encode("latin-1")
    return [raw[start : start + 255] for start in range(0, len(raw), 255)] or [b""]


def _lower(name: str) -> str:
    return name.lower().rstrip(".")


def _is_within(name: str, apex: str) -> bool:
    return f".{_lower(name)}".endswith(f".{apex}")


class _Udp(socketserver.ThreadingUDPServer):
    """dnslib's UDP server would share a port with another process's."""

    daemon_threads = True


def _listen(server: NameServer, port: int) -> int:
    """Answer on a port, over UDP and TCP. Port 0 takes one that is free for both."""
    silent = DNSLogger("nothing")
    tcp = DNSServer(server, HOST, port, logger=silent, server=TCPServer)
    free = int(tcp.server.server_address[1])
    try:
        udp = DNSServer(server, HOST, free, logger=silent, server=_Udp)
    except OSError:
        tcp.server.server_close()
        if port:
            raise
        return _listen(server, 0)
    for each in (tcp, udp):
        each.start_thread()
    return free
