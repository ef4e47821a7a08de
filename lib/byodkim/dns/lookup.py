"""Asking every authoritative server of a domain, at every address, side by side.

Threads rather than an event loop: a notebook kernel already runs one, and twelve threads start in about a millisecond.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import dns.rdatatype
import dns.resolver

from byodkim.dkim.published import Answer as Answer
from byodkim.dkim.published import Server as Server
from byodkim.dns.answered import facts_of
from byodkim.dns.exchange import Clock, Reply, exchange
from byodkim.errors import ParameterError
from byodkim.messages import Language, say

_MOST_THREADS: Final = 64
# [IPv6]:port, or an address alone, or IPv4:port: an IPv6 address without brackets has more than one colon.
_ENTRY = re.compile(r"(?:\[([^\]]*)\]|([^\[\]:]*|[^\[\]:]*:[^\[\]]*:[^\[\]]*))(?::([^:]*))?\Z")


def system_resolvers() -> tuple[Server, ...]:
    """The recursive resolvers that this machine uses; none where it has no such settings."""
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
    checking_disabled: bool = False,
    clock: Clock = time.monotonic,
) -> tuple[Answer, ...]:
    """Ask every server for the TXT records at every name, and for the serial of the zone that holds it, all at once.

    Args:
        servers: whom to ask.
        names: absolute names, with or without a closing dot.
        timeout_s: for each attempt over UDP and for the one over TCP, in seconds.
        attempts: how often a question is sent over UDP; after silence, once more without EDNS.
        recursion: they are resolvers, which are to look the answer up.
        checking_disabled: they are to answer without DNSSEC validation.
        clock: monotonic seconds.

    Returns:
        One answer for each server and name: the servers in order, and for each the names in order. It takes at most
        about ``timeout_s * (attempts + 2)`` seconds (for up to 32 pairs of server and name), and nothing that servers
        or networks do raises.
    """
    pairs = [(server, name.removesuffix(".").lower()) for server in servers for name in names]
    if not pairs:
        return ()

    def one(server: Server, name: str, kind: dns.rdatatype.RdataType) -> Reply:
        return exchange(
            server, name + ".", kind, timeout_s=timeout_s, attempts=attempts, recursion=recursion,
            checking_disabled=checking_disabled, clock=clock,
        )  # fmt: skip

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


def described(server: Server, name: str, txt: Reply, soa: Reply | None, *, recursion: bool = False) -> Answer:
    """Return what came back to both questions, or to the first alone, as plain data."""
    latency_ms = None if txt.latency_ms is None else round(txt.latency_ms, 1)
    raw = (_base64(txt), _base64(soa) if soa is not None and soa is not txt else "")
    if txt.message is None:
        return Answer(server, name, transport=txt.transport, latency_ms=latency_ms, failure=txt.failure, raw=raw)
    facts = facts_of(name, txt.message, soa.message if soa is not None else None, recursion)
    return Answer(server, name, transport=txt.transport, latency_ms=latency_ms, raw=raw, **facts)


def _base64(reply: Reply) -> str:
    return base64.b64encode(reply.wire).decode()
