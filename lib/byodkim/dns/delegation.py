"""Which servers are authoritative for a domain.

Kept apart from ``lookup``, since a resolver is imported only when no name servers were given.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from byodkim.dkim.published import Server
from byodkim.errors import AccessError
from byodkim.messages import Language, say

_WAIT_S: Final = 5.0
_MOST_THREADS: Final = 32
_KINDS: Final = ("A", "AAAA")


class Resolver(Protocol):
    """What is needed of ``dns.resolver.Resolver``."""

    def resolve(
        self,
        qname: dns.name.Name | str,
        rdtype: dns.rdatatype.RdataType | str,
        *,
        raise_on_no_answer: bool,
        lifetime: float,
    ) -> dns.resolver.Answer:
        """The answer to one question, NODATA included; raises ``dns.exception.DNSException`` otherwise."""


def find_servers(
    domain: str, resolver: Resolver | None = None, *, lifetime_s: float = _WAIT_S, language: Language = "en"
) -> tuple[Server, ...]:
    """Every address of every name server of the zone that holds ``domain``, as a resolver tells them.

    Args:
        domain: the signing domain, or any name beneath it.
        resolver: who is asked; the system's resolver if None.
        lifetime_s: how long one question may take, in seconds. There are three rounds of questions at most, after
            one for each label of ``domain``.
        language: of an error.

    Returns:
        Servers in order of name and address, port 53. A name server whose name has no address is one too, with
        the address "", so that it is not forgotten.

    Raises:
        AccessError: the zone or its name servers could not be found.
    """
    try:
        asked = resolver or dns.resolver.Resolver()
        zone = _zone(domain, asked, lifetime_s)
    except (dns.exception.DNSException, OSError) as error:
        raise _unknown("no-zone", domain, error, language) from error
    if zone is None:
        raise _unknown("no-zone", domain, None, language)
    try:
        answer = asked.resolve(zone, "NS", raise_on_no_answer=True, lifetime=lifetime_s)
        hosts = sorted(record.target.to_text(omit_final_dot=True).lower() for record in answer)
        with ThreadPoolExecutor(_MOST_THREADS, "find") as threads:
            found = threads.map(
                lambda host, kind: _addresses(host, kind, asked, lifetime_s),
                [host for host in hosts for _ in _KINDS],
                [kind for _ in hosts for kind in _KINDS],
            )
            addresses = [pair for pairs in found for pair in pairs]
    except (dns.exception.DNSException, OSError) as error:
        raise _unknown("no-servers", domain, error, language) from error
    known = {host for host, _ in addresses}
    return tuple(
        Server(host, address) for host, address in [*addresses, *((host, "") for host in hosts if host not in known)]
    )


def _zone(domain: str, resolver: Resolver, lifetime_s: float) -> dns.name.Name | None:
    """The nearest name, from ``domain`` upwards, that has a SOA of its own, short of a top-level domain."""
    name = dns.name.from_text(domain)
    while len(name.labels) > 2:
        try:
            answer = resolver.resolve(name, "SOA", raise_on_no_answer=False, lifetime=lifetime_s)
            if answer.rrset is not None and answer.rrset.name == name:
                return name
        except dns.resolver.NXDOMAIN:
            pass  # a name that does not exist can still lie in a zone that does
        name = name.parent()
    return None


def _addresses(host: str, kind: str, resolver: Resolver, lifetime_s: float) -> list[tuple[str, str]]:
    try:
        answer = resolver.resolve(host + ".", kind, raise_on_no_answer=False, lifetime=lifetime_s)
    except dns.resolver.NXDOMAIN:
        return []
    return sorted((host, record.address) for record in answer.rrset or ())


def _unknown(key: str, domain: str, error: Exception | None, language: Language) -> AccessError:
    reason = type(error).__name__ if error else "no SOA"
    return AccessError(
        say("lookup", key, language, domain=ascii(domain), reason=reason),
        say("lookup", "unasked.means", language),
        say("lookup", "unasked.todo", language),
    )
