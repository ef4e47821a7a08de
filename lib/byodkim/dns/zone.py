"""Find the zone that holds a domain's key records, and every address of its name servers."""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple, TypeVar

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.nameserver
import dns.resolver
from dns.rdataclass import IN
from dns.rdatatype import AAAA, NS, SOA, A

from byodkim.checks.facts import Server, Unread, Zone
from byodkim.dns.ask import ask
from byodkim.errors import InputError
from byodkim.words import _

#: Seconds for each question to the resolver.
LIFETIME_S: Final = 5.0
#: Servers of the parent zone that are asked for the delegation.
PARENTS: Final = 6
_THREADS: Final = 16
#: 192.0.2.53, 192.0.2.53:5354, [2001:db8::53], [2001:db8::53]:5354
_SERVER: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::([0-9]{1,5}))?")

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Delegation(NamedTuple):
    """What the parent zone says: the names of the name servers, and addresses of some (glue)."""

    names: set[str]
    glue: set[Server]


def find_zone(
    domain: str, *, nameservers: Sequence[str] = (), resolvers: Sequence[str] = ()
) -> Zone | Unread:
    """Return the zone of ``_domainkey.<domain>``, which may be delegated apart from the domain.

    An address of a family that this machine cannot use is not among ``servers``: IPv6 on a machine
    without IPv6 would never answer. It is listed in ``unasked``.

    Args:
        domain: the signing domain, in ASCII.
        nameservers: addresses of the servers to ask; nothing is looked up then.
        resolvers: addresses of recursive resolvers; the system's where none are given.

    Returns:
        The zone, or ``Unread`` with one of the codes ``NoResolver``, ``Timeout``, ``NoAnswer`` (the
        resolver answers with an error), ``NoZone`` (the domain is not delegated), or ``NoServers``.

    Raises:
        InputError: an entry is no address.
    """
    name = dns.name.from_text(f"_domainkey.{domain}")
    if nameservers:
        servers = tuple(dict.fromkeys(parse_server(text) for text in nameservers))
        return Zone(_zone_at(servers, name), servers, given=True)
    try:
        return _look_up(name, _make_resolver([parse_server(text) for text in resolvers]))
    except dns.resolver.NoResolverConfiguration:
        return Unread("NoResolver", domain)
    except dns.exception.Timeout:
        return Unread("Timeout", domain)
    except dns.exception.DNSException:
        return Unread("NoAnswer", domain)


def parse_server(text: str) -> Server:
    """Return the server of an address, with its port where it is not 53.

    Raises:
        InputError: the text is no address.
    """
    stripped = text.strip()
    is_bare_ipv6 = stripped.count(":") > 1 and not stripped.startswith("[")
    match = _SERVER.fullmatch(f"[{stripped}]" if is_bare_ipv6 else stripped)
    try:
        if not match or not 0 < (port := int(match[3] or 53)) < 65536:
            raise ValueError
        address = ipaddress.IPv6Address(match[1]) if match[1] else ipaddress.IPv4Address(match[2])
    except ValueError:
        raise InputError(
            _("“{entry}” is not the address of a name server.", entry=text),
            todo=_("Write an address, for example 192.0.2.53, or [2001:db8::53]:5354 with a port."),
        ) from None
    return Server("", str(address), port)


def _make_resolver(servers: Sequence[Server]) -> dns.resolver.Resolver:
    """Return a resolver without DNSSEC validation (CD): a bogus zone is reported by its answers."""
    resolver = dns.resolver.Resolver(configure=not servers)
    if servers:
        resolver.nameservers = [
            dns.nameserver.Do53Nameserver(server.address, server.port) for server in servers
        ]
    resolver.lifetime = LIFETIME_S
    resolver.set_flags(dns.flags.RD | dns.flags.CD)
    return resolver


def _look_up(name: dns.name.Name, resolver: dns.resolver.Resolver) -> Zone | Unread:
    zone = dns.resolver.zone_for_name(name, resolver=resolver)
    zone_text = zone.to_text(omit_final_dot=True).lower()
    if len(zone.labels) < 3:  # the root or a top-level domain
        return Unread("NoZone", name.parent().to_text(omit_final_dot=True))
    delegation = _ask_parent(zone, resolver)
    names = delegation.names | _resolve_names(zone, resolver)
    resolved = _addresses(names, resolver)
    child = _ask_child(zone, delegation.glue | resolved)
    resolved |= _addresses(child - names, resolver)
    servers = sorted(delegation.glue | resolved, key=_order)
    reachable = tuple(server for server in servers if _has_route(server))
    unresolved = (names | child) - {server.name for server in resolved}
    if not reachable:
        return Unread("NoServers", zone_text)
    return Zone(
        name=zone_text,
        servers=reachable,
        unresolved=tuple(sorted(unresolved)),
        parent=tuple(sorted(delegation.names)),
        child=tuple(sorted(child)),
        unasked=tuple(server for server in servers if server not in reachable),
    )


def _ask_parent(zone: dns.name.Name, resolver: dns.resolver.Resolver) -> _Delegation:
    """Return what servers of the parent zone say; nothing where none of them answers."""
    try:
        parent = dns.resolver.zone_for_name(zone.parent(), resolver=resolver)
        hosts = sorted(_resolve_names(parent, resolver))[:PARENTS]
    except dns.exception.DNSException:
        return _Delegation(set(), set())
    servers = sorted(filter(_has_route, _addresses(hosts, resolver)), key=_order)[:PARENTS]
    names: set[str] = set()
    glue: set[Server] = set()
    for message in _ask_all(servers, zone):
        names |= _listed_names(message, zone)
        glue |= {
            Server(_text(rrset.name), rdata.address)
            for rrset in message.additional
            if rrset.rdtype in (A, AAAA)
            for rdata in rrset
        }
    return _Delegation(names, {server for server in glue if server.name in names})


def _ask_child(zone: dns.name.Name, servers: Iterable[Server]) -> set[str]:
    """Return the NS names that the zone's own servers give."""
    names: set[str] = set()
    for message in _ask_all(filter(_has_route, servers), zone):
        if message.flags & dns.flags.AA:
            names |= _listed_names(message, zone)
    return names


def _ask_all(servers: Iterable[Server], zone: dns.name.Name) -> list[dns.message.Message]:
    def ask_for_names(server: Server) -> dns.message.Message | None:
        return ask(server, zone.to_text(), NS).message

    return [message for message in _concurrently(ask_for_names, servers) if message]


def _listed_names(message: dns.message.Message, zone: dns.name.Name) -> set[str]:
    """Return the zone's NS names, from an answer or a referral."""
    for section in (message.answer, message.authority):
        if rrset := message.get_rrset(section, zone, IN, NS):
            return {_text(rdata.target) for rdata in rrset}
    return set()


def _resolve_names(zone: dns.name.Name, resolver: dns.resolver.Resolver) -> set[str]:
    return {_text(rdata.target) for rdata in resolver.resolve(zone, NS)}


def _addresses(hosts: Iterable[str], resolver: dns.resolver.Resolver) -> set[Server]:
    """Return every address of every host. A host whose look-up fails in part is left out."""

    def addresses_of(host: str) -> list[Server]:
        try:
            answers = resolver.resolve_name(dns.name.from_text(host))
            return [Server(host, address) for address in answers.addresses()]
        except dns.exception.DNSException:
            return []

    return {server for servers in _concurrently(addresses_of, hosts) for server in servers}


def _zone_at(servers: Iterable[Server], name: dns.name.Name) -> str:
    """Return the zone's name by the SOA that a server gives with its answer; "" where none does."""

    def zone_of(server: Server) -> str:
        message = ask(server, name.to_text(), SOA).message
        sections = (*message.answer, *message.authority) if message else ()
        owners = (rrset.name for rrset in sections if rrset.rdtype == SOA)
        return next((_text(owner) for owner in owners if name.is_subdomain(owner)), "")

    return next(filter(None, _concurrently(zone_of, servers)), "")


def _has_route(server: Server) -> bool:
    """Return whether this machine can send to an address. Nothing is sent.

    IPv6 with none but local addresses (RFC 4193, RFC 4291 section 2.5.6) reaches no public server.
    """
    address = ipaddress.ip_address(server.address)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as udp:
            udp.connect((server.address, server.port))
            source = ipaddress.ip_address(udp.getsockname()[0].partition("%")[0])
    except OSError:
        return False
    return address.version == 4 or source.is_global or not address.is_global


def _concurrently(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(function, items))


def _order(server: Server) -> tuple[str, bool, str]:
    """Sort by name, IPv4 first."""
    return server.name, ":" in server.address, server.address


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
