"""Asking every authoritative server of a domain, at every address, side by side.

Threads rather than an event loop: a notebook kernel already runs one, and twelve threads start in about a millisecond.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import Any, Final

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype

# What answers hold. Loaded here, as the first answer would otherwise wait for it.
import dns.rdtypes.ANY.CNAME
import dns.rdtypes.ANY.OPT
import dns.rdtypes.ANY.SOA
import dns.rdtypes.ANY.TXT
import dns.rrset

from byodkim.dkim.published import Answer as Answer
from byodkim.dkim.published import Server as Server
from byodkim.dns.exchange import Clock, Reply, exchange
from byodkim.errors import ParameterError
from byodkim.messages import Language, say

_MOST_THREADS: Final = 64
_LONGEST_CHAIN: Final = 8  # CNAMEs followed within one answer
# [IPv6]:port, or an address alone, or IPv4:port: an IPv6 address without brackets has more than one colon.
_ENTRY = re.compile(r"(?:\[([^\]]*)\]|([^\[\]:]*|[^\[\]:]*:[^\[\]]*:[^\[\]]*))(?::([^:]*))?\Z")


def system_resolvers() -> tuple[Server, ...]:
    """The recursive resolvers that this machine uses; none where it has no such settings."""
    import dns.resolver

    try:
        addresses = dns.resolver.Resolver().nameservers
    except dns.resolver.NoResolverConfiguration:
        return ()
    return tuple(Server("", str(address)) for address in addresses)


def parse_nameservers(text: str, language: Language = "en", *, where: str = "nameservers") -> tuple[Server, ...]:
    """Read the ``nameservers`` parameter: ``127.0.0.1:5354,[::1]:5354,192.0.2.53``; the port defaults to 53.

    ``where`` says in an error what was read: ``nameservers``, or the profile's ``resolvers``.

    Raises:
        ParameterError: an entry is empty, no IP address, has no sound port, or stands twice.
    """
    servers: list[Server] = []
    for entry in (piece.strip() for piece in text.split(",")):
        server = _parse_entry(entry)
        if isinstance(server, str) or server in servers:
            key = server if isinstance(server, str) else "twice"
            raise ParameterError(
                say("lookup", key, language, entry=ascii(entry[:80]), where=say("lookup", f"where.{where}", language)),
                say("lookup", "means", language),
                say("lookup", "todo", language),
            )
        servers.append(server)
    return tuple(servers)


def _parse_entry(entry: str) -> Server | str:
    """The server, or what is wrong with the entry."""
    if not entry:
        return "empty"
    found = _ENTRY.match(entry)
    if not found:
        return "address"
    try:
        address = ipaddress.IPv6Address(found[1]) if found[1] else ipaddress.ip_address(found[2])
    except ValueError:
        return "address"
    port = "53" if found[3] is None else found[3]
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        return "port"
    return Server("", str(address), int(port))


def ask(
    servers: Sequence[Server],
    names: Sequence[str],
    *,
    timeout_s: float = 2.0,
    attempts: int = 2,
    recursion: bool = False,
    clock: Clock = time.monotonic,
) -> tuple[Answer, ...]:
    """Ask every server for the TXT records at every name, and for the serial of the zone that holds it, all at once.

    Args:
        servers: whom to ask.
        names: absolute names, with or without a closing dot.
        timeout_s: for each attempt over UDP and for the one over TCP, in seconds.
        attempts: how often a question is sent over UDP.
        recursion: they are resolvers, which are to look the answer up.
        clock: monotonic seconds.

    Returns:
        One answer for each server and name: the servers in order, and for each the names in order. It takes at most
        about ``timeout_s * (attempts + 1)`` seconds (for up to 32 pairs of server and name), and nothing that servers
        or networks do raises.
    """
    pairs = [(server, name.removesuffix(".").lower()) for server in servers for name in names]
    if not pairs:
        return ()

    def one(server: Server, name: str, kind: dns.rdatatype.RdataType) -> Reply:
        return exchange(
            server, name + ".", kind, timeout_s=timeout_s, attempts=attempts, recursion=recursion, clock=clock
        )

    with ThreadPoolExecutor(min(2 * len(pairs), _MOST_THREADS), "ask") as threads:
        replies: list[tuple[Future[Reply], Future[Reply]]] = [
            (
                threads.submit(one, server, name, dns.rdatatype.TXT),
                threads.submit(one, server, name, dns.rdatatype.SOA),
            )
            for server, name in pairs
        ]
        return tuple(
            described(server, name, txt.result(), soa.result(), recursion=recursion)
            for (server, name), (txt, soa) in zip(pairs, replies, strict=True)
        )


def described(server: Server, name: str, txt: Reply, soa: Reply, *, recursion: bool = False) -> Answer:
    """The replies to both questions, as plain data."""
    latency_ms = None if txt.latency_ms is None else round(txt.latency_ms, 1)
    raw = (_base64(txt), _base64(soa) if soa is not txt else "")
    if txt.message is None:
        return Answer(server, name, transport=txt.transport, latency_ms=latency_ms, failure=txt.failure, raw=raw)
    facts = _facts(name, txt.message, soa.message, recursion)
    return Answer(server, name, transport=txt.transport, latency_ms=latency_ms, raw=raw, **facts)


def _facts(name: str, txt: dns.message.Message, soa: dns.message.Message | None, recursion: bool) -> dict[str, Any]:
    """What the messages tell, whoever sent them."""
    asked = _name(name + ".")
    cname, records, ttl = _follow(txt, asked)
    serial, negative_ttl, refresh = _zone_times(soa, asked, recursion)
    return {
        "rcode": dns.rcode.to_text(txt.rcode()),
        "authoritative": bool(txt.flags & dns.flags.AA),
        "ttl": ttl,
        "serial": serial,
        "records": records,
        "cname": cname,
        "negative_ttl": negative_ttl,
        "refresh": refresh,
    }


@lru_cache(64)
def _name(text: str) -> dns.name.Name:
    return dns.name.from_text(text)


def told_again(answer: Answer, *, recursion: bool = False) -> Answer:
    """What an answer's raw messages tell: the same as it says, unless it was written by another hand.

    Raises:
        dns.exception.DNSException, ValueError: a raw message is none.
    """
    # The two bytes before the flags are a number of the question's.
    txt, soa = (wire[2:] if (wire := base64.b64decode(raw, validate=True)) else None for raw in answer.raw)
    for told in (txt, soa):
        if told is not None:
            _read(told)
    latency_ms = None if answer.latency_ms is None else round(answer.latency_ms, 1)
    facts: Mapping[str, Any] = {"failure": answer.failure}
    if txt is not None and not answer.failure:
        facts = _read_facts(answer.name, txt, soa if soa is not None or not recursion else txt, recursion)
    return Answer(answer.server, answer.name, transport=answer.transport, latency_ms=latency_ms, **facts)


@lru_cache(64)  # a run looks before its checks and again before its write, mostly at the same
def _read_facts(name: str, txt: bytes, soa: bytes | None, recursion: bool) -> Mapping[str, Any]:
    return _facts(name, _read(txt), None if soa is None else _read(soa), recursion)


@lru_cache(128)  # the same answer comes again within a run
def _read(wire: bytes) -> dns.message.Message:
    """The message whose bytes these are from its flags on: the two before them are a number of the question's."""
    return dns.message.from_wire(b"\x00\x00" + wire)


def _base64(reply: Reply) -> str:
    return base64.b64encode(reply.wire).decode() if reply.message is not None else ""


def _follow(
    message: dns.message.Message, name: dns.name.Name
) -> tuple[tuple[str, ...], tuple[tuple[bytes, ...], ...], int | None]:
    """The CNAMEs from ``name`` on within the answer, the TXT records at their end, and the least TTL of all."""
    chain: list[str] = []
    ttls: list[int] = []
    for _ in range(_LONGEST_CHAIN):
        found = message.get_rrset(message.answer, name, dns.rdataclass.IN, dns.rdatatype.CNAME)
        if found is None:
            break
        ttls.append(found.ttl)
        name = found[0].target
        chain.append(name.to_text(omit_final_dot=True).lower())
    txt = message.get_rrset(message.answer, name, dns.rdataclass.IN, dns.rdatatype.TXT)
    records = tuple(sorted(tuple(record.strings) for record in txt)) if txt is not None else ()
    ttls += [txt.ttl] if txt is not None else []
    return tuple(chain), records, min(ttls, default=None)


def _zone_times(
    message: dns.message.Message | None, name: dns.name.Name, recursion: bool
) -> tuple[int | None, int | None, int | None]:
    """The zone's serial, negative-cache time and refresh interval, as far as the server told them with authority.

    A resolver has none, and tells what it remembers.
    A SOA stands in the answer at the zone's own name, and beneath it in the authority section.
    """
    if message is not None and (recursion or message.flags & dns.flags.AA):
        for found in _start_of_authority(message):
            if name.is_subdomain(found.name):
                return int(found[0].serial), min(int(found.ttl), int(found[0].minimum)), int(found[0].refresh)
    return None, None, None


def _start_of_authority(message: dns.message.Message) -> Iterator[dns.rrset.RRset]:
    for found in (*message.answer, *message.authority):
        if found.rdtype == dns.rdatatype.SOA and len(found):
            yield found
