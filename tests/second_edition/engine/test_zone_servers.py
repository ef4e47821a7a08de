"""Name servers of many names: what a resolver told is remembered for as long as it says, and shared."""

from __future__ import annotations

import time
from collections import Counter

import dns.resolver
import dnslib
import pytest
from dnslib import QTYPE, RR, SOA, A, DNSRecord

from second_edition.dkim.published import Server
from second_edition.engine.zone_servers import REMEMBERED, ZoneServers
from second_edition.errors import AccessError
from tests.second_edition.dns.servers import NameServer, reply

TTL = 60  # of what a zone tells; a provider's addresses live longer


def answer(question: DNSRecord, _: str) -> DNSRecord:
    """Two zones at one provider, each with its own SOA and NS; no other names but the provider's."""
    name, kind = str(question.q.qname).rstrip(".").lower(), QTYPE[question.q.qtype]
    told = reply(question, aa=False)
    zone = next((zone for zone in ("a.example.jp", "b.example.jp") if name == zone or name.endswith("." + zone)), "")
    times = (1, 7200, 900, 1209600, TTL)
    soa = RR(zone or "example.jp", QTYPE.SOA, rdata=SOA("ns1.example.net", "h.example.jp", times), ttl=TTL)
    if name == zone and kind == "SOA":
        told.add_answer(soa)
    elif name == zone and kind == "NS":
        told.add_answer(RR(zone, QTYPE.NS, rdata=dnslib.NS("ns1.example.net"), ttl=TTL))
    elif name == "ns1.example.net" and kind == "A":
        told.add_answer(RR(name, QTYPE.A, rdata=A("192.0.2.53"), ttl=300))
    else:
        told.add_auth(soa)
        told.header.rcode = 0 if zone == name or name == "ns1.example.net" else 3
    return told


def asked(server: NameServer) -> Counter[tuple[str, str]]:
    return Counter((kind, name) for _, name, kind in server.asked)


def test_names_of_a_zone_and_zones_of_a_provider_share_what_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with NameServer(answer) as server:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [server.server.address], server.server.port
        resolver.cache = dns.resolver.LRUCache(REMEMBERED)
        finder = ZoneServers((), "en", resolver)
        expected = (Server("ns1.example.net", "192.0.2.53"),)
        for name in ("s1._domainkey.a.example.jp", "s2._domainkey.a.example.jp", "s1._domainkey.b.example.jp"):
            assert finder.of(name).result() == expected
        counted = asked(server)
        assert counted["NS", "a.example.jp."] == counted["NS", "b.example.jp."] == 1
        assert sum(count for (kind, _), count in counted.items() if kind == "SOA") == 3  # one for each name
        assert counted["A", "ns1.example.net."] == 1
        later = time.time() + TTL + 1  # what the zone told has run out, what the provider told has not
        monkeypatch.setattr(time, "time", lambda: later)
        assert finder.of("s1._domainkey.a.example.jp").result() == expected
        counted = asked(server)
        assert (counted["NS", "a.example.jp."], counted["A", "ns1.example.net."]) == (2, 1)
        with pytest.raises(AccessError):
            finder.of("s1._domainkey.c.example.org").result()
        finder.close()
