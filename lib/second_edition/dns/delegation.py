"""Find which servers are authoritative for a name: by a walk from the root, else as a resolver tells them.

The walk sees what a resolver hides: which name servers the zone above delegates to, and which of those do not hold the
zone. Where no root server can be asked from here (office networks), a resolver still tells the zone's own names.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

from second_edition.dkim.published import Server
from second_edition.dns.roots import ROOTS
from second_edition.dns.walk import MOST_THREADS, Ask, NoWay, Place, Walk, glue_of, name_servers
from second_edition.errors import AccessError
from second_edition.messages import Language
from second_edition.rotation.resolution import Delegation, NameServers

_WAIT_S: Final = 5.0


def find_servers(
    name: str,
    resolver: dns.resolver.Resolver | None = None,
    *,
    roots: Sequence[Server] = ROOTS,
    ask: Ask | None = None,
    lifetime_s: float = _WAIT_S,
    language: Language = "en",
) -> Delegation:
    """Return the zone that holds ``name``, and every address of every name server that it or the zone above names.

    Args:
        name: the key record's name, or any other; with or without a closing dot.
        resolver: who is asked where no root server can be; the system's resolver if None.
        roots: where the walk begins.
        ask: one question to one server; over plain sockets if None.
        lifetime_s: how long the resolver may take for the zone, for its name servers, and for the addresses of those,
            in seconds. The walk has a bound of its own (``Walk``).
        language: of an error.

    Returns:
        The delegation; its servers in order of name and address, port 53. A name server whose name has no address is
        one too, with the address "", so that it is not forgotten.

    Raises:
        AccessError: the zone or its name servers could not be found.
    """
    walk = Walk(roots, ask)
    try:
        place = walk.find(dns.name.from_text(name))
    except NoWay as stuck:
        if stuck.zone != dns.name.root:
            raise _unknown("no-zone", name, stuck.reason, language) from stuck
        return _by_resolver(name, resolver, lifetime_s, language)
    if len(place.zone.labels) < 3:  # a top-level domain, or the root: nobody was delegated the name
        raise _unknown("no-zone", name, "no SOA", language)
    return _described(walk, place)


def _described(walk: Walk, place: Place) -> Delegation:
    """Return what each server of the zone, and of the one above it, tells of its name servers, and all their addresses.

    Whoever answered the walk first, the outcome is the same: all are asked, and every address that one of them gives.
    """
    zone, above = place.zone, place.above or place
    over = _above(walk, zone, above)
    named = {*place.parent, *(name for one in over for name in one.names)}
    led = {server for one in over for server in led_to(one, above.zone)}
    far = {host for host in named if not dns.name.from_text(host).is_subdomain(zone)}
    servers = {*led, *(place.servers if place.parent else ()), *_flat(walk.addresses(far))}
    children = _tell(walk, zone, servers)
    named |= {name for one in children for name in one.names}
    answering = [one.server for one in children if one.names]
    known = servers | walk.own_addresses(named - far, answering)
    known |= {*_flat(walk.addresses(named - far - {server.name for server in known}))}
    children += _tell(walk, zone, known - servers)
    named |= {name for one in children for name in one.names}
    known |= {Server(host, "") for host in named - {server.name for server in known}}
    return Delegation(
        zone=zone.to_text(omit_final_dot=True).lower(),
        found_by="walk",
        parent=next((one.names for one in over if one.names and one.server not in led), place.parent),
        above=over,
        children=children,
        servers=_sorted(known),
    )


def _above(walk: Walk, zone: dns.name.Name, above: Place) -> tuple[NameServers, ...]:
    """Return what every server of the zone above tells, those among them that the walk had no address of."""
    unknown = {*above.parent} - {server.name for server in above.servers}
    return _tell(walk, zone, {*above.servers, *_flat(walk.addresses(unknown))}, above=True)


def _tell(
    walk: Walk, zone: dns.name.Name, servers: Collection[Server], *, above: bool = False
) -> tuple[NameServers, ...]:
    """Return what each server tells of a zone's name servers; ``above``: the servers are those of the zone above."""
    with ThreadPoolExecutor(MOST_THREADS, "zone") as threads:
        return tuple(threads.map(lambda server: _told_by(walk, zone, server, above), _sorted(servers)))


def _told_by(walk: Walk, zone: dns.name.Name, server: Server, above: bool) -> NameServers:
    reply = walk.ask(server, zone.to_text(), dns.rdatatype.NS)
    if reply.message is None:
        return NameServers(server, failure=reply.failure)
    return _name_servers_of(server, zone, reply.message, base64.b64encode(reply.wire).decode(), above)


def _name_servers_of(
    server: Server, zone: dns.name.Name, message: dns.message.Message, raw: str, above: bool
) -> NameServers:
    authority = bool(message.flags & dns.flags.AA)
    names = name_servers(message, message.answer, zone)
    if above and not names:  # a referral; some servers set the AA bit there too
        names = name_servers(message, message.authority, zone)
    # A server of the zone above that knows of no such zone delegates it to nobody: that is told too.
    if above and authority and message.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return NameServers(server, names, "", raw)
    if message.rcode() != dns.rcode.NOERROR:
        return NameServers(server, (), dns.rcode.to_text(message.rcode()), raw)
    if not names or not (authority or above):
        return NameServers(server, (), "lame", raw)
    return NameServers(server, names, "", raw)


def parse_raw(told: NameServers, zone: str, *, above: bool = False) -> NameServers:
    """Return what the raw message of a zone's server, or of one of the zone ``above``, tells of its name servers.

    Raises:
        dns.exception.DNSException, ValueError: the raw message is none.
    """
    return _name_servers_of(told.server, dns.name.from_text(zone), _message(told), told.raw, above)


def led_to(told: NameServers, above: dns.name.Name) -> set[Server]:
    """Return to whom a server of the zone ``above`` sends resolvers: to itself, where it holds the zone below too."""
    if not told.names:
        return set()
    message = _message(told)
    if message.flags & dns.flags.AA and message.answer:
        return {told.server}
    return {server for host in told.names for server in glue_of(message, host, above)}


def _message(told: NameServers) -> dns.message.Message:
    return dns.message.from_wire(base64.b64decode(told.raw, validate=True))


def _flat(hosts: Mapping[str, Iterable[Server]]) -> list[Server]:
    return [server for servers in hosts.values() for server in servers]


def _sorted(servers: Iterable[Server]) -> tuple[Server, ...]:
    return tuple(sorted(servers, key=lambda one: (one.name, ":" in one.address, one.address)))


def _by_resolver(
    name: str, resolver: dns.resolver.Resolver | None, lifetime_s: float, language: Language
) -> Delegation:
    key = "no-zone"
    try:
        chosen = resolver or dns.resolver.Resolver()
        zone = dns.resolver.zone_for_name(name, resolver=chosen, lifetime=lifetime_s)
        if len(zone.labels) < 3:
            raise _unknown(key, name, "no SOA", language)
        key = "no-servers"
        answer = chosen.resolve(zone, "NS", lifetime=lifetime_s)
        hosts = sorted(record.target.to_text(omit_final_dot=True).lower() for record in answer)
        with ThreadPoolExecutor(MOST_THREADS, "find") as threads:
            found = list(threads.map(lambda host: _addresses(host, chosen, lifetime_s), hosts))
    except (dns.exception.DNSException, OSError) as error:
        raise _unknown(key, name, type(error).__name__, language) from error
    servers = [Server(host, address) for host, addresses in zip(hosts, found, strict=True) for address in addresses]
    return Delegation(zone.to_text(omit_final_dot=True).lower(), "resolver", servers=tuple(servers))


def system_resolvers() -> tuple[Server, ...]:
    """Return the recursive resolvers that this machine uses; none where it has no such settings."""
    try:
        addresses = dns.resolver.Resolver().nameservers
    except dns.resolver.NoResolverConfiguration:
        return ()
    return tuple(Server("", str(address)) for address in addresses)


def _addresses(host: str, resolver: dns.resolver.Resolver, lifetime_s: float) -> list[str]:
    """Return the addresses of a host, IPv4 first; "" alone where it has none, so that it is not forgotten."""
    try:
        found = resolver.resolve_name(f"{host}.", lifetime=lifetime_s).addresses()
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return [""]
    return sorted(found, key=lambda address: (":" in address, address)) or [""]


def _unknown(key: str, name: str, reason: str, language: Language) -> AccessError:
    return AccessError.said("lookup", key, language, "unasked.means", "unasked.todo", domain=ascii(name), reason=reason)
