"""The walk down the delegations, from the root to the zone that holds a name.

Each step takes the first useful answer of a few servers asked side by side. A referral must lead strictly deeper, and
the number of questions and the time are bounded, so that whatever servers answer, a walk ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import product
from typing import Final

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.NS
import dns.rdtypes.ANY.SOA
import dns.rdtypes.IN.A
import dns.rdtypes.IN.AAAA
import dns.rrset
from msgspec import Struct

from second_edition.dkim.published import Server
from second_edition.dns.exchange import Clock, Reply, exchange

Ask = Callable[[Server, str, dns.rdatatype.RdataType], Reply]
"""One question to one server; nothing that a server or a network does raises."""

AT_ONCE: Final = 4  # servers of one zone that are asked side by side
MOST_CUTS: Final = 16  # delegations in one walk
FEW: Final = 3  # name servers of a zone on the way whose addresses have to be found: one of them will do
DEEPEST: Final = 4  # walks within walks, for the addresses of name servers that lie elsewhere
MOST_THREADS: Final = 32
KINDS: Final = (dns.rdatatype.A, dns.rdatatype.AAAA)

Hosts = Mapping[str, tuple[Server, ...]]


class Place(Struct, frozen=True):
    """The zone that holds a name, by the walk, and the zone above it.

    ``parent``: to which hosts that one refers; empty where no referral was seen, as one server may hold both zones.
    """

    zone: dns.name.Name
    servers: tuple[Server, ...]
    parent: tuple[str, ...]
    above: Place | None


class NoWay(Exception):
    """No server of a zone gave a useful answer. ``zone`` is the root where nothing at all can be asked from here."""

    def __init__(self, zone: dns.name.Name, reason: str) -> None:
        self.zone, self.reason = zone, reason
        super().__init__(reason)


class Walk:
    """One walk, or several that share what they learn.

    Args:
        roots: where it begins.
        ask: one question to one server.
        clock: monotonic seconds.
        within_s: how long it may take in all, in seconds; a question under way then is still waited for.
        questions: how many may be asked in all.
    """

    def __init__(
        self,
        roots: Sequence[Server],
        ask: Ask | None = None,
        *,
        clock: Clock = time.monotonic,
        within_s: float = 12.0,
        questions: int = 400,
    ) -> None:
        self.ask = ask or quick
        self._clock, self._until, self._left = clock, clock() + within_s, questions
        self._lock = threading.Lock()
        self._known: dict[dns.name.Name, Place] = {dns.name.root: Place(dns.name.root, tuple(roots), (), None)}
        self._under_way = threading.local()

    def find(self, name: dns.name.Name) -> Place:
        """Return the zone that holds ``name``, the servers that were referred to, and the names its parent gives them.

        Raises:
            NoWay: the servers of a zone on the way, this one's not among them, give no useful answer.
        """
        place = self._nearest(name)
        for _ in range(MOST_CUTS):
            message = self._first(place, name)
            if message is None and place.zone == dns.name.root:
                raise NoWay(place.zone, "unreachable")
            if message is None:  # delegated, and nobody there answers: what each says is for the look-ups to show
                return place
            below = self._referral(message, place, name)
            if below is None:
                return self._at(message, place, name)
            self._known[below.zone] = place = below
        raise NoWay(place.zone, "too-deep")

    def addresses(self, hosts: Iterable[str]) -> dict[str, tuple[Server, ...]]:
        """Return every address of each host, as the first server of its own zone to answer tells."""
        questions = [(host, kind) for host in sorted(set(hosts)) for kind in KINDS]
        depth = getattr(self._under_way, "depth", 0)
        found: dict[str, set[str]] = {host: set() for host, _ in questions}
        if questions and depth < DEEPEST:
            with ThreadPoolExecutor(min(len(questions), MOST_THREADS), "address") as threads:
                results = threads.map(lambda one: self._address(one[0], one[1], depth + 1), questions)
                for (host, _), addresses in zip(questions, results, strict=True):
                    found[host].update(addresses)
        return {
            host: tuple(Server(host, address) for address in sorted(addresses, key=lambda one: (":" in one, one)))
            for host, addresses in found.items()
        }

    def own_addresses(self, hosts: Iterable[str], servers: Iterable[Server]) -> set[Server]:
        """Return the addresses of hosts within a zone, as each of its servers tells."""
        asked = [one for one in product(servers, sorted(hosts), KINDS) if self._may_ask()]
        with ThreadPoolExecutor(MOST_THREADS, "address") as threads:
            replies = threads.map(lambda one: self.ask(one[0], f"{one[1]}.", one[2]), asked)
            return {
                Server(host, address)
                for (_, host, kind), reply in zip(asked, replies, strict=True)
                for address in _told(reply, host, kind) or ()
            }

    def _nearest(self, name: dns.name.Name) -> Place:
        """Return the deepest known zone that ``name`` lies in."""
        while name not in self._known:
            name = name.parent()
        return self._known[name]

    def _address(self, host: str, kind: dns.rdatatype.RdataType, depth: int) -> list[str]:
        self._under_way.depth = depth
        name = dns.name.from_text(host + ".")
        try:
            place = self.find(name)
        except NoWay:
            return []
        for reply in self._replies(place.servers, name, kind):
            if (told := _told(reply, host, kind)) is not None:
                return told
        return []

    def _first(self, place: Place, name: dns.name.Name) -> dns.message.Message | None:
        """Return the first answer with authority, or referral that leads deeper."""
        for reply in self._replies(place.servers, name, dns.rdatatype.SOA):
            message = reply.message
            if message is None or message.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                continue
            if message.flags & dns.flags.AA or _cut(message, place.zone, name) is not None:
                return message
        return None

    def _replies(
        self, servers: Sequence[Server], name: dns.name.Name, kind: dns.rdatatype.RdataType
    ) -> Iterator[Reply]:
        """Yield the replies of servers, a few at a time, the quickest first."""
        for start in range(0, len(servers), AT_ONCE):
            batch = [server for server in servers[start : start + AT_ONCE] if self._may_ask()]
            if not batch:
                return
            threads = ThreadPoolExecutor(len(batch), "walk")
            try:
                futures = [threads.submit(self.ask, server, name.to_text(), kind) for server in batch]
                yield from (future.result() for future in as_completed(futures))
            finally:
                threads.shutdown(wait=False)  # who is slow is not waited for once another has answered

    def _may_ask(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0 and self._clock() < self._until

    def _referral(self, message: dns.message.Message, place: Place, name: dns.name.Name) -> Place | None:
        cut = None if message.flags & dns.flags.AA else _cut(message, place.zone, name)
        if cut is None:
            return None
        hosts = name_servers(message, message.authority, cut)
        glue = {host: servers for host in hosts if (servers := glue_of(message, host, place.zone))}
        # Where the parent gives no address of any, the walk has to find them before it can go on.
        found = glue or self.addresses(hosts[:FEW])
        return Place(cut, _spread(found), hosts, place)

    def _at(self, message: dns.message.Message, place: Place, name: dns.name.Name) -> Place:
        """Return the place of ``name`` by an answer with authority. One server may hold a zone and the one above it."""
        for found in (*message.answer, *message.authority):
            if found.rdtype == dns.rdatatype.SOA and name.is_subdomain(found.name) and found.name != place.zone:
                if found.name.is_subdomain(place.zone):
                    return Place(found.name, place.servers, (), place)
            elif found.rdtype == dns.rdatatype.SOA and found.name == place.zone:
                return place
        # No SOA where a CNAME answers: no zone begins at such a name, so the one above it tells.
        above = self._first(place, name.parent()) if name != place.zone else None
        return self._at(above, place, name.parent()) if above is not None else place


def quick(server: Server, name: str, kind: dns.rdatatype.RdataType) -> Reply:
    """Ask a question as a walk does: others are asked too, so that none is waited for long."""
    return exchange(server, name, kind, timeout_s=1.5, attempts=1)


def name_servers(message: dns.message.Message, section: list[dns.rrset.RRset], zone: dns.name.Name) -> tuple[str, ...]:
    """Return the host names that a section of an answer, or of a referral, names as a zone's servers."""
    found = message.get_rrset(section, zone, dns.rdataclass.IN, dns.rdatatype.NS)
    return tuple(sorted({record.target.to_text(omit_final_dot=True).lower() for record in found or ()}))


def _cut(message: dns.message.Message, zone: dns.name.Name, name: dns.name.Name) -> dns.name.Name | None:
    """Return where a referral leads: to a zone below ``zone`` in which ``name`` lies."""
    for found in message.authority:
        if found.rdtype == dns.rdatatype.NS and found.name != zone and found.name.is_subdomain(zone):
            return found.name if name.is_subdomain(found.name) else None
    return None


def _told(reply: Reply, host: str, kind: dns.rdatatype.RdataType) -> list[str] | None:
    """Return the addresses of a host that a reply gives with authority; ``None`` where it says nothing with that."""
    message = reply.message
    if message is None or not message.flags & dns.flags.AA:
        return None
    found = message.get_rrset(message.answer, dns.name.from_text(f"{host}."), dns.rdataclass.IN, kind)
    return [str(record.address) for record in found or ()]


def glue_of(message: dns.message.Message, host: str, zone: dns.name.Name) -> tuple[Server, ...]:
    """Return the addresses that a referral gives of a host; a zone has no say on hosts that do not lie beneath it."""
    name = dns.name.from_text(host + ".")
    if not name.is_subdomain(zone):
        return ()
    found = [message.get_rrset(message.additional, name, dns.rdataclass.IN, kind) for kind in KINDS]
    return tuple(Server(host, str(record.address)) for rrset in found for record in rrset or ())


def _spread(hosts: Hosts) -> tuple[Server, ...]:
    """Return the addresses in the order in which they are tried: another host each time, IPv4 first."""
    ranked = [(place, server) for servers in hosts.values() for place, server in enumerate(servers)]
    return tuple(server for _, server in sorted(ranked, key=lambda one: (":" in one[1].address, one[0])))
