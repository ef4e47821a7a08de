"""Finding the authoritative servers of a domain, by way of a resolver on loopback."""

from __future__ import annotations

import dns.resolver
import pytest
from dnslib import AAAA, NS, QTYPE, RR, A, DNSRecord

from byodkim.dkim.published import Server
from byodkim.dns.delegation import find_servers
from byodkim.errors import AccessError
from tests.dns.servers import NameServer, Respond, free_port, reply, soa

ADDRESSES = {
    ("ns1.example.jp.", "A"): [A("192.0.2.53")],
    ("ns1.example.jp.", "AAAA"): [AAAA("2001:db8::53")],
    ("ns2.example.com.", "A"): [A("198.51.100.54"), A("198.51.100.53")],
}


def telling(*hosts: str) -> Respond:
    """A resolver that knows example.jp, with these name servers, and that sub.example.jp is in it."""

    def respond(question: DNSRecord, transport: str) -> DNSRecord:
        del transport
        name, kind = str(question.q.qname).lower(), QTYPE[question.q.qtype]
        found = [RR(name, question.q.qtype, rdata=data) for data in ADDRESSES.get((name, kind), [])]
        if (name, kind) == ("example.jp.", "SOA"):
            found = [soa()]
        if (name, kind) == ("example.jp.", "NS"):
            found = [RR(name, QTYPE.NS, rdata=NS(host)) for host in hosts]
        exists = found or name in ("example.jp.", "ns1.example.jp.", "ns2.example.com.", "empty.example.jp.")
        answer = reply(question, aa=False, rcode="NOERROR" if exists else "NXDOMAIN")
        answer.header.ra = 1
        answer.add_answer(*found)
        return answer

    return respond


def resolver(port: int, lifetime_s: float = 2.0) -> dns.resolver.Resolver:
    local = dns.resolver.Resolver(configure=False)
    local.nameservers, local.port, local.lifetime = ["127.0.0.1"], port, lifetime_s
    return local


def find(domain: str, *hosts: str) -> tuple[Server, ...]:
    with NameServer(telling(*hosts)) as server:
        return find_servers(domain, resolver(server.server.port))


@pytest.mark.parametrize("domain", ["example.jp", "empty.example.jp", "no.such.sub.example.jp", "EXAMPLE.JP."])
def test_every_address_of_every_name_server_is_found(domain: str):
    assert find(domain, "ns2.example.com", "ns1.example.jp") == (
        Server("ns1.example.jp", "192.0.2.53"),
        Server("ns1.example.jp", "2001:db8::53"),
        Server("ns2.example.com", "198.51.100.53"),
        Server("ns2.example.com", "198.51.100.54"),
    )


def test_a_name_server_without_an_address_is_not_forgotten():
    assert find("example.jp", "ns1.example.jp", "ns9.example.jp")[-1] == Server("ns9.example.jp", "")


@pytest.mark.parametrize("domain", ["example.com", "a.b.example.net", "jp"])
def test_a_domain_that_no_zone_holds(domain: str):
    with pytest.raises(AccessError, match="No zone was found") as caught:
        find(domain, "ns1.example.jp")
    assert "Nothing is known about the key record" in str(caught.value)


def test_a_zone_without_name_servers():
    with pytest.raises(AccessError, match=r"name servers of 'example.jp' could not be found"):
        find("example.jp")


def test_a_resolver_that_is_not_there():
    with pytest.raises(AccessError, match=r"LifetimeTimeout|NoNameservers"):
        find_servers("example.jp", resolver(free_port()), lifetime_s=0.3)
    with pytest.raises(AccessError, match="ゾーンが DNS で見つかりません"):
        find_servers("example.jp", resolver(free_port()), lifetime_s=0.3, language="ja")
