"""Find which servers are authoritative for a name: by a walk from the root, else as a resolver tells them.

The walk sees what a resolver hides: which name servers the zone above delegates to, and which of those do not hold the
zone. Where no root server can be asked from here (office networks), a resolver still tells the zone's own names.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

from byodkim.dkim.published import Server
from byodkim.dns.roots import ROOTS
from byodkim.dns.walk import MOST_THREADS, Ask, NoWay, Place, Walk, name_servers
from byodkim.errors import AccessError
from byodkim.messages import Language
from byodkim.rotation.resolution import Delegation, NameServers

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
    """Return the zone's own words on its name servers, and all addresses of those it and its parent name."""
    addresses = walk.addresses(place.parent, place.glue) if place.parent else {}
    servers = [server for found in addresses.values() for server in found] or list(place.servers)
    children = _children(walk, place.zone, servers)
    more = {host for child in children for host in child.names} - addresses.keys()
    found = addresses | walk.addresses(more, place.glue)
    known = [server for host in sorted(found) for server in found[host] or (Server(host, ""),)]
    queried = {(server.name, server.address) for server in servers}
    others = [server for server in known if server.address and (server.name, server.address) not in queried]
    return Delegation(
        zone=place.zone.to_text(omit_final_dot=True).lower(),
        found_by="walk",
        parent=place.parent,
        children=(*children, *_children(walk, place.zone, others)),
        servers=tuple(known),
    )


def _children(walk: Walk, zone: dns.name.Name, servers: Sequence[Server]) -> tuple[NameServers, ...]:
    if not servers:
        return ()
    with ThreadPoolExecutor(min(len(servers), MOST_THREADS), "zone") as threads:
        return tuple(threads.map(lambda server: _child(walk, zone, server), servers))


def _child(walk: Walk, zone: dns.name.Name, server: Server) -> NameServers:
    reply = walk.ask(server, zone.to_text(), dns.rdatatype.NS)
    if reply.message is None:
        return NameServers(server, failure=reply.failure)
    return _name_servers_of(server, zone, reply.message, base64.b64encode(reply.wire).decode())


def _name_servers_of(server: Server, zone: dns.name.Name, message: dns.message.Message, raw: str) -> NameServers:
    if message.rcode() != dns.rcode.NOERROR:
        return NameServers(server, (), dns.rcode.to_text(message.rcode()), raw)
    names = name_servers(message, message.answer, zone)
    if not message.flags & dns.flags.AA or not names:
        return NameServers(server, (), "lame", raw)
    return NameServers(server, names, "", raw)


def parse_raw(child: NameServers, zone: str) -> NameServers:
    """Return what the raw message of a zone's server tells of its name servers.

    Raises:
        dns.exception.DNSException, ValueError: the raw message is none.
    """
    message = dns.message.from_wire(base64.b64decode(child.raw, validate=True))
    return _name_servers_of(child.server, dns.name.from_text(zone), message, child.raw)


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
