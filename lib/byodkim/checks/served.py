"""What name servers and resolvers answered."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct


class Server(Struct, frozen=True, order=True):
    """One address of an authoritative name server."""

    name: str
    address: str
    port: int = 53

    def __str__(self) -> str:
        """Return name and address, e.g. ``ns1.example.jp (192.0.2.53)``."""
        address = f"[{self.address}]" if ":" in self.address and self.port != 53 else self.address
        place = address if self.port == 53 else f"{address}:{self.port}"
        return place if self.name in ("", self.address) else f"{self.name} ({place})"


class Answer(Struct, frozen=True):
    r"""What one server said of one name's TXT records.

    Attributes:
        server: who was asked.
        name: the name asked for, without a final dot.
        failure: why there is no usable answer: ``timeout``, ``unreachable``, ``malformed``,
            ``truncated`` (TCP gave no answer); "" where there is one.
        rcode: ``NOERROR``, ``NXDOMAIN``, ``SERVFAIL``, ``REFUSED`` and so on; "" without an answer.
        authoritative: whether the AA bit is set.
        texts: the TXT records at the name, each as its character-strings. A byte outside ASCII is
            spelled ``\xNN``.
        cname: the target of a CNAME at the name; "" for none.
        ttl: of the TXT records, in seconds.
        serial: of the zone's SOA at this server.
        negative_ttl: seconds for which "no such record" may be cached: min(SOA TTL, SOA MINIMUM),
            RFC 2308 section 5.
        transport: ``udp`` or ``tcp``.
        ms: milliseconds until the answer.
    """

    server: Server
    name: str
    failure: str = ""
    rcode: str = ""
    authoritative: bool = False
    texts: tuple[tuple[str, ...], ...] = ()
    cname: str = ""
    ttl: int | None = None
    serial: int | None = None
    negative_ttl: int | None = None
    transport: str = "udp"
    ms: int = 0


class Zone(Struct, frozen=True, tag=True):
    """The zone that holds the signing domain's key records, and who serves it.

    Attributes:
        name: of the zone, without a final dot; "" where the name servers were given by hand.
        servers: every address of every name server.
        unresolved: name servers without an address.
        parent: the NS names that the parent zone gives; child: those that the zone itself gives.
        given: whether ``nameservers`` of the profile or a parameter named the servers.
        unasked: addresses that this machine has no route to, such as IPv6 without IPv6. They are
            not in ``servers``.
    """

    name: str
    servers: tuple[Server, ...]
    unresolved: tuple[str, ...] = ()
    parent: tuple[str, ...] = ()
    child: tuple[str, ...] = ()
    given: bool = False
    unasked: tuple[Server, ...] = ()


class ResolverAnswer(Struct, frozen=True):
    """What one recursive resolver said of the requested key record.

    It informs; authoritative servers decide.

    Attributes:
        address: of the resolver.
        rcode: with DNSSEC checked, "" without an answer.
        rcode_unchecked: asked again with CD=1 after a SERVFAIL: NOERROR then means that the DNSSEC
            data are bogus.
        texts: as in ``Answer``.
    """

    address: str
    rcode: str = ""
    rcode_unchecked: str = ""
    texts: tuple[tuple[str, ...], ...] = ()

    @property
    def is_bogus(self) -> bool:
        """Return whether the resolver rejects the DNSSEC data of a name that exists (RFC 4035
        section 5.5).
        """
        return self.rcode == "SERVFAIL" and self.rcode_unchecked in ("NOERROR", "NXDOMAIN")


def names(servers: Iterable[Server]) -> list[str]:
    """Return servers as text, each once, in order."""
    return list(dict.fromkeys(str(server) for server in servers))
