"""Observe key records: what each authoritative server answers, and what resolvers say."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.resolver
from dns.rdataclass import IN
from dns.rdatatype import CNAME, SOA, TXT

from byodkim.checks.facts import Answer, ResolverAnswer, Server, Zone
from byodkim.dns.ask import TIMEOUT_S, Reply, ask
from byodkim.dns.zone import parse_server

#: Questions that are open at once.
THREADS: Final = 32
#: Seconds for each of two attempts: a resolver that does not answer costs twice as long.
RESOLVER_TIMEOUT_S: Final = 1.0


class _ZoneState(NamedTuple):
    """What a server's SOA record says, in the units of ``Answer``."""

    serial: int | None = None
    negative_ttl: int | None = None


def observe_records(
    zone: Zone, names: Sequence[str], *, timeout_s: float = TIMEOUT_S
) -> dict[str, tuple[Answer, ...]]:
    """Return what every server of the zone answers for every name, in the servers' order.

    All questions are asked at once: TXT for each name, and the SOA once per server.

    Args:
        zone: whose servers are asked.
        names: of key records, absolute, without a final dot.
        timeout_s: seconds for each of two attempts over UDP, and for TCP.
    """
    apex = zone.name or (names[0] if names else "")
    with ThreadPoolExecutor(THREADS) as pool:
        states = {
            server: pool.submit(ask, server, apex, SOA, timeout_s=timeout_s)
            for server in zone.servers
        }
        replies = {
            (name, server): pool.submit(ask, server, name, TXT, timeout_s=timeout_s)
            for name in names
            for server in zone.servers
        }
    zone_states = {server: _read_zone_state(reply.result()) for server, reply in states.items()}
    return {
        name: tuple(
            _read_answer(server, name, replies[name, server].result(), zone_states[server])
            for server in zone.servers
        )
        for name in names
    }


def ask_resolvers(name: str, resolvers: Sequence[str] = ()) -> tuple[ResolverAnswer, ...]:
    """Return what each recursive resolver says of a name's TXT records.

    Args:
        name: absolute, without a final dot.
        resolvers: addresses, with a port where it is not 53. The system's where none are given.

    Raises:
        InputError: an entry of ``resolvers`` is no address.
    """
    servers = [parse_server(text) for text in resolvers] if resolvers else system_resolvers()
    with ThreadPoolExecutor(THREADS) as pool:
        return tuple(pool.map(_ask_resolver, servers, [name] * len(servers)))


def system_resolvers() -> list[Server]:
    """Return the resolvers of this machine; none where it has none configured."""
    try:
        addresses = dns.resolver.Resolver().nameservers
    except dns.resolver.NoResolverConfiguration:
        return []
    return [Server("", str(address)) for address in addresses]


def _ask_resolver(server: Server, name: str) -> ResolverAnswer:
    def rcode_of(*, checking_disabled: bool) -> str:
        message = ask(
            server, name, TXT, timeout_s=RESOLVER_TIMEOUT_S, recursive=True,
            checking_disabled=checking_disabled,
        ).message  # fmt: skip
        return dns.rcode.to_text(message.rcode()) if message else ""

    rcode, unchecked = rcode_of(checking_disabled=False), ""
    if rcode == "SERVFAIL":  # because of DNSSEC, or of the name servers?
        unchecked = rcode_of(checking_disabled=True)
    return ResolverAnswer(str(server), rcode, unchecked)


def _read_answer(server: Server, name: str, reply: Reply, zone: _ZoneState) -> Answer:
    if reply.message is None:
        return Answer(server, name, reply.failure, transport=reply.transport)
    message, owner = reply.message, dns.name.from_text(name)
    texts = message.get_rrset(message.answer, owner, IN, TXT)
    cname = message.get_rrset(message.answer, owner, IN, CNAME)
    return Answer(
        server=server,
        name=name,
        rcode=dns.rcode.to_text(message.rcode()),
        authoritative=bool(message.flags & dns.flags.AA),
        texts=tuple(sorted(_strings(rdata.strings) for rdata in texts)) if texts else (),
        cname=cname[0].target.to_text(omit_final_dot=True) if cname else "",
        ttl=texts.ttl if texts else None,
        serial=zone.serial,
        negative_ttl=zone.negative_ttl,
        transport=reply.transport,
        ms=reply.ms,
    )


def _read_zone_state(reply: Reply) -> _ZoneState:
    """Return serial and negative TTL of the SOA in an authoritative answer (RFC 2308 section 5)."""
    if reply.message is None or not reply.message.flags & dns.flags.AA:
        return _ZoneState()
    for rrset in (*reply.message.answer, *reply.message.authority):
        if rrset.rdtype == SOA:
            return _ZoneState(rrset[0].serial, min(rrset.ttl, rrset[0].minimum))
    return _ZoneState()


def _strings(strings: Sequence[bytes]) -> tuple[str, ...]:
    r"""Return character-strings as text. A byte outside ASCII becomes ``\xNN``."""
    return tuple(string.decode("ascii", "backslashreplace") for string in strings)
