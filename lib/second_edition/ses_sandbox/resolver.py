"""SES's eye on DNS: real queries to configured servers, one after the other until one answers."""

from __future__ import annotations

from typing import Final, TypeVar

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rdtypes.ANY.SOA
import dns.rdtypes.ANY.TXT

from second_edition.ses_sandbox.dkim_state import Look, Soa

TIMEOUT: Final = 2.0
_R = TypeVar("_R")


def look_up(servers: tuple[tuple[str, int], ...], domain: str, name: str) -> Look:
    """Return the TXT records at ``name`` and the start of authority of ``domain``.

    Args:
        servers: address and port of each server that may be asked, in order.
        domain: the signing domain.
        name: the owner name of the key record.
    """
    for server in servers:
        answer = _ask(server, name, "TXT")
        if answer is None or answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            continue
        soa = _soa(answer) or _soa(_ask(server, domain, "SOA"))
        values = tuple(b"".join(record.strings) for record in _records(answer, dns.rdtypes.ANY.TXT.TXT))
        if values:
            return Look(values, soa=soa)
        return Look(error="HOST_NOT_FOUND" if answer.rcode() == dns.rcode.NXDOMAIN else "TYPE_NOT_FOUND", soa=soa)
    return Look(error="DNS_SERVER_ERROR")


def _ask(server: tuple[str, int], name: str, kind: str) -> dns.message.Message | None:
    query = dns.message.make_query(name, kind, use_edns=0, payload=1232)
    try:
        return dns.query.udp_with_fallback(query, server[0], timeout=TIMEOUT, port=server[1])[0]
    except (dns.exception.DNSException, OSError):
        return None


def _records(answer: dns.message.Message, kind: type[_R]) -> list[_R]:
    return [record for rrset in answer.answer for record in rrset if isinstance(record, kind)]


def _soa(answer: dns.message.Message | None) -> Soa | None:
    if answer is None:
        return None
    for rrset in [*answer.answer, *answer.authority]:
        for record in rrset:
            if isinstance(record, dns.rdtypes.ANY.SOA.SOA):
                return Soa(record.mname.to_text(), record.rname.to_text(), record.serial)
    return None
