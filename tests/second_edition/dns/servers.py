"""Authoritative servers on loopback for tests, each answering by a function over real UDP and TCP sockets."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType

from dnslib import CNAME, QTYPE, RCODE, RR, SOA, TXT, DNSRecord

from second_edition.dkim.published import Answer, Server, Verdict, judge
from second_edition.dns.lookup import ask
from second_edition.dns.raw_answer import parse_raw
from second_edition.plain import from_plain, plain

NAME = "mail-20261124-1._domainkey.example.jp"
ZONE = "example.jp"
SERIAL = 2026112401

Respond = Callable[[DNSRecord, str], "DNSRecord | bytes | list[bytes] | None"]
"""From a question and the transport it came by to an answer, bytes of any kind (or several), or silence."""


class NameServer:
    """A name server that answers as ``respond`` says; over UDP it truncates what the question has no room for.

    Args:
        respond: what to answer.
        address: of loopback.
        tcp: ``serve``, ``closed`` (nothing listens) or ``silent`` (connections are taken, and nothing is said).
        port: 0 for a free one.
    """

    def __init__(self, respond: Respond, address: str = "127.0.0.1", tcp: str = "serve", port: int = 0) -> None:
        self._respond, self._silent = respond, tcp == "silent"
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._udp, self._tcp = _pair(family, address, tcp != "closed", port)
        self.server = Server("", address, self._udp.getsockname()[1])
        self.asked: list[tuple[str, str, str]] = []
        self._threads = [threading.Thread(target=self._serve_udp)]
        if self._tcp is not None:
            self._threads.append(threading.Thread(target=self._serve_tcp))
        self._stopping = False

    def __enter__(self) -> NameServer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopping = True
        for thread in list(self._threads):
            thread.join()
        self._udp.close()
        if self._tcp is not None:
            self._tcp.close()

    def _serve_udp(self) -> None:
        self._udp.settimeout(0.02)
        while not self._stopping:
            try:
                wire, peer = self._udp.recvfrom(65535)
            except TimeoutError:
                continue
            # A thread each, so that an answer that waits holds up no other.
            thread = threading.Thread(target=self._answer_udp, args=(wire, peer))
            self._threads.append(thread)
            thread.start()

    def _answer_udp(self, wire: bytes, peer: tuple[str, int]) -> None:
        for answer in self._answers(wire, "udp"):
            self._udp.sendto(answer, peer)

    def _serve_tcp(self) -> None:
        assert self._tcp is not None
        self._tcp.settimeout(0.02)
        while not self._stopping:
            try:
                stream, _ = self._tcp.accept()
            except TimeoutError:
                continue
            thread = threading.Thread(target=self._answer_tcp, args=(stream,))
            self._threads.append(thread)
            thread.start()

    def _answer_tcp(self, stream: socket.socket) -> None:
        with stream:
            while self._silent and not self._stopping:
                time.sleep(0.01)
            if self._silent:
                return
            stream.settimeout(2)
            (size,) = struct.unpack("!H", stream.recv(2, socket.MSG_WAITALL))
            for answer in self._answers(stream.recv(size, socket.MSG_WAITALL), "tcp"):
                stream.sendall(struct.pack("!H", len(answer)) + answer)

    def _answers(self, wire: bytes, transport: str) -> list[bytes]:
        question = DNSRecord.parse(wire)
        self.asked.append((transport, str(question.q.qname), QTYPE[question.q.qtype]))
        answer = self._respond(question, transport)
        if answer is None:
            return []
        if isinstance(answer, bytes):
            return [answer]
        if isinstance(answer, list):
            return answer
        room = max([record.edns_len for record in question.ar if record.rtype == QTYPE.OPT], default=512)
        packed = bytes(answer.pack())
        if transport == "tcp" or len(packed) <= room:
            return [packed]
        short = question.reply()  # dnslib's own ``truncate`` leaves the question out, and Go's resolver waits on
        short.header.tc = 1
        return [bytes(short.pack())]


def _pair(
    family: socket.AddressFamily, address: str, tcp: bool, port: int = 0
) -> tuple[socket.socket, socket.socket | None]:
    """A UDP and a TCP socket on one port (0: a free one); if ``tcp`` is false, nothing takes the port for TCP."""
    while True:
        udp, stream = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_STREAM)
        udp.bind((address, port))
        try:
            stream.bind((address, udp.getsockname()[1]))
        except OSError:
            udp.close()
            stream.close()
            continue
        if tcp:
            stream.listen(64)
            return udp, stream
        stream.close()
        return udp, None


def reply(question: DNSRecord, *, aa: bool = True, rcode: str = "NOERROR") -> DNSRecord:
    answer = question.reply(ra=0, aa=int(aa))
    answer.header.rcode = getattr(RCODE, rcode)
    return answer


def soa(ttl: int = 300) -> RR:
    times = (SERIAL, 7200, 900, 1209600, 300)
    return RR(ZONE, QTYPE.SOA, rdata=SOA("ns1.example.jp", "hostmaster.example.jp", times), ttl=ttl)


Records = Mapping[str, tuple[tuple[bytes, ...], ...]]
"""The TXT records at each name; one that begins with ``*.`` is of every name beneath it that is not there."""


def holding(records: Records, *, ttl: int = 3600, aa: bool = True, rcode: str = "") -> Respond:
    """A zone of these records, with a SOA."""

    def found(name: str) -> tuple[tuple[bytes, ...], ...]:
        if name in records:
            return records[name]
        return next((held for owner, held in records.items() if owner[0] == "*" and name.endswith(owner[1:])), ())

    def respond(question: DNSRecord, transport: str) -> DNSRecord:
        del transport
        held = found(str(question.q.qname).rstrip(".").lower())
        answer = reply(question, aa=aa, rcode=rcode or ("NOERROR" if held else "NXDOMAIN"))
        if rcode:
            return answer
        if held and question.q.qtype == QTYPE.TXT:
            for strings in held:
                answer.add_answer(RR(question.q.qname, QTYPE.TXT, rdata=TXT(list(strings)), ttl=ttl))
        else:
            answer.add_auth(soa())
        return answer

    return respond


def serving(*records: tuple[bytes, ...], ttl: int = 3600, aa: bool = True, rcode: str = "") -> Respond:
    """TXT records at ``NAME``; nothing at all at any other name."""
    return holding({NAME: records} if records else {}, ttl=ttl, aa=aa, rcode=rcode)


def aliased(*chain: str, strings: tuple[bytes, ...] = (), ttl: int = 3600) -> Respond:
    """CNAMEs from ``NAME`` on, and a TXT record at the last target."""

    def respond(question: DNSRecord, transport: str) -> DNSRecord:
        del transport
        answer = reply(question)
        for owner, target in zip((NAME, *chain), chain, strict=False):
            answer.add_answer(RR(owner, QTYPE.CNAME, rdata=CNAME(target), ttl=ttl))
        if strings:
            answer.add_answer(RR(chain[-1], QTYPE.TXT, rdata=TXT(list(strings)), ttl=60))
        return answer

    return respond


def free_port() -> int:
    """A port that nothing listens on, for UDP and TCP, at both addresses of loopback."""
    while True:
        udp, stream = _pair(socket.AF_INET, "127.0.0.1", tcp=True)
        port: int = udp.getsockname()[1]
        udp.close()
        if stream is not None:
            stream.close()
        try:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                with socket.socket(socket.AF_INET6, kind) as six:
                    six.bind(("::1", port))
        except OSError:
            continue
        return port


def ask_one(respond: Respond, *, timeout_s: float = 10.0, address: str = "127.0.0.1", tcp: str = "serve") -> Answer:
    with NameServer(respond, address, tcp) as server:
        (answer,) = ask([server.server], [NAME], timeout_s=timeout_s)
    assert parse_raw(from_plain(Answer, plain(answer))) == answer
    return answer


def verdict(answer: Answer, expected: str | None = None) -> Verdict:
    """The verdict alone."""
    return judge(answer, expected).verdict
