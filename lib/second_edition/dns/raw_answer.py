"""Read what name servers reply on a key record and its zone: when replies come, and again from their raw messages."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

import dns.exception
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

from second_edition.dkim.published import Answer, Server
from second_edition.dns.exchange import Reply

_LONGEST_CHAIN: Final = 8  # CNAMEs followed within one answer


def facts_of(name: str, txt: dns.message.Message, soa: dns.message.Message | None, recursion: bool) -> dict[str, Any]:
    """Return what the messages tell, whoever sent them."""
    question = dns.name.from_text(f"{name}.")
    cname, records, ttl = _follow(txt, question)
    zone = _authority(soa, question, recursion)
    return {
        "rcode": dns.rcode.to_text(txt.rcode()),
        "authoritative": bool(txt.flags & dns.flags.AA),
        "ttl": ttl,
        "serial": zone[0].serial if zone else None,
        "records": records,
        "cname": cname,
        "negative_ttl": min(zone.ttl, zone[0].minimum) if zone else None,
        "refresh": zone[0].refresh if zone else None,
    }


def described(server: Server, name: str, txt: Reply, soa: Reply | None, *, recursion: bool = False) -> Answer:
    """Return what came back to both questions, or to the first alone, as plain data.

    A resolver's first answer tells of the zone too.
    """
    latency_ms = None if txt.latency_ms is None else round(txt.latency_ms, 1)
    raw = tuple(base64.b64encode(reply.wire if reply is not None else b"").decode() for reply in (txt, soa))
    if txt.message is None:
        return Answer(server, name, transport=txt.transport, latency_ms=latency_ms, failure=txt.failure, raw=raw)
    zone = soa.message if soa is not None else None
    facts = facts_of(name, txt.message, zone or (txt.message if recursion else None), recursion)
    return Answer(server, name, transport=txt.transport, latency_ms=latency_ms, raw=raw, **facts)


def zone_of(answer: Answer) -> str:
    """Return the zone whose SOA came with an answer of an authoritative server; "" where none came."""
    with suppress(dns.exception.DNSException, ValueError):  # none came, or it was written by another hand
        soa = _read(base64.b64decode("".join(answer.raw[1:]))[2:])
        if found := _authority(soa, dns.name.from_text(f"{answer.name}."), recursion=False):
            return found.name.to_text(omit_final_dot=True).lower()
    return ""


def parse_raw(answer: Answer, *, recursion: bool = False) -> Answer:
    """Return what an answer's raw messages tell: the same as it says, unless it was written by another hand.

    Raises:
        ValueError: a raw message is none.
    """
    try:
        return _parse_raw(answer, recursion)
    except dns.exception.DNSException as error:
        raise ValueError(type(error).__name__) from None


def _parse_raw(answer: Answer, recursion: bool) -> Answer:
    # The two bytes before the flags are a number of the question's.
    txt, soa = (wire[2:] if (wire := base64.b64decode(raw, validate=True)) else None for raw in answer.raw)
    latency_ms = None if answer.latency_ms is None else round(answer.latency_ms, 1)
    facts: Mapping[str, Any] = {"failure": answer.failure}
    if txt is not None and not answer.failure:
        facts = _facts(answer.name, txt, soa if soa is not None or not recursion else txt, recursion)
    else:
        for reply in (txt, soa):
            if reply is not None:
                _read(reply)
    return Answer(answer.server, answer.name, transport=answer.transport, latency_ms=latency_ms, **facts)


@lru_cache(64)  # a run looks twice, mostly at the same: ``tests.second_edition.bench.verification`` takes a twentieth more without
def _facts(name: str, txt: bytes, soa: bytes | None, recursion: bool) -> Mapping[str, Any]:
    return facts_of(name, _read(txt), None if soa is None else _read(soa), recursion)


def _read(wire: bytes) -> dns.message.Message:
    """Return the message whose bytes these are from its flags on; the two bytes before them number the question."""
    return dns.message.from_wire(b"\x00\x00" + wire)


def _follow(
    message: dns.message.Message, name: dns.name.Name
) -> tuple[tuple[str, ...], tuple[tuple[bytes, ...], ...], int | None]:
    """Return the CNAMEs from ``name`` on within the answer, the TXT records at their end, and the least TTL of all."""
    chain: list[str] = []
    ttls: list[int] = []
    for _ in range(_LONGEST_CHAIN):
        link = message.get_rrset(message.answer, name, dns.rdataclass.IN, dns.rdatatype.CNAME)
        if link is None:
            break
        ttls.append(link.ttl)
        name = link[0].target
        chain.append(name.to_text(omit_final_dot=True).lower())
    txt = message.get_rrset(message.answer, name, dns.rdataclass.IN, dns.rdatatype.TXT)
    records = tuple(sorted(tuple(one.strings) for one in txt or ()))
    ttls += [txt.ttl] if txt is not None else []
    return tuple(chain), records, min(ttls, default=None)


def _authority(message: dns.message.Message | None, name: dns.name.Name, recursion: bool) -> dns.rrset.RRset | None:
    """Return the SOA of the zone that holds a name, as far as the server is authoritative.

    A resolver is not, and tells what it remembers.
    A SOA stands in the answer at the zone's own name, and beneath it in the authority section.
    """
    if message is not None and (recursion or message.flags & dns.flags.AA):
        for found in (*message.answer, *message.authority):
            kind = (found.rdclass, found.rdtype)
            if kind == (dns.rdataclass.IN, dns.rdatatype.SOA) and name.is_subdomain(found.name):
                return found
    return None
