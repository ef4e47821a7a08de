from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from byodkim.checks.world import Server, Unread, Zone
from byodkim.dns import zone as zone_module
from byodkim.dns.zone import find_zone, parse_server
from byodkim.errors import InputError
from tests.dns.daemons import free_port, nsd, unbound
from tests.dns.faulty import faulty

# An internet on loopback: 127.0.1.1 is the root and jp, 127.0.1.3 to .5 serve zones below.
ROOT = "@ 3600 NS a.root.\na.root. 3600 A 127.0.1.1\njp. 3600 NS a.root.\n"
JP = """\
@ 3600 NS a.root.
example 3600 NS ns1.example
example 3600 NS ns2.example
ns1.example 3600 A 127.0.1.3
ns2.example 3600 A 127.0.1.4
_domainkey.apart 3600 NS ns1.example
apart 3600 NS ns1.example
differs 3600 NS ns1.example
differs 3600 NS gone.example
moved 3600 NS ns.moved
ns.moved 3600 A 127.0.1.3
dead 3600 NS gone.example
lame 3600 NS ns1.example
lame 3600 NS a.root.
split 3600 NS ns1.example
split 3600 NS ns.split
ns.split 3600 A 127.0.1.5
"""
CHILDREN = {
    "example.jp": (
        "@ 3600 NS ns1\n@ 3600 NS NS2\nns1 3600 A 127.0.1.3\nns2 3600 A 127.0.1.4\n"
        "ns2 3600 AAAA ::1\nns2 3600 AAAA fe80::1\n"
    ),
    "apart.jp": "@ 3600 NS ns1.example.jp.\n_domainkey 3600 NS ns1.example.jp.\n",
    "_domainkey.apart.jp": '@ 3600 NS ns2.example.jp.\nkey 3600 TXT "x"\n',
    "differs.jp": "@ 3600 NS ns1.example.jp.\n@ 3600 NS ns3.example.net.\n",
    "lame.jp": "@ 3600 NS ns1.example.jp.\n",
    "split.jp": "@ 3600 NS ns1.example.jp.\n@ 3600 NS ns2.example.jp.\n",
    "moved.jp": "@ 3600 NS ns\nns 3600 A 127.0.1.4\n",
}
SPLIT = {"split.jp": "@ 3600 NS ns1.example.jp.\n@ 3600 NS ns\nns 3600 A 127.0.1.5\n"}
NS1 = Server("ns1.example.jp", "127.0.1.3")
NS2 = Server("ns2.example.jp", "127.0.1.4")
NS2_IPV6 = Server("ns2.example.jp", "::1")


@pytest.fixture(scope="module")
def resolver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("internet")
    with ExitStack() as stack:
        stack.enter_context(nsd(folder / "top", {".": ROOT, "jp": JP}, ["127.0.1.1"], 53))
        stack.enter_context(nsd(folder / "low", CHILDREN, ["127.0.1.3", "127.0.1.4"], 53))
        stack.enter_context(nsd(folder / "split", SPLIT, ["127.0.1.5"], 53))
        stubs = {"split.jp": "127.0.1.5"}
        resolver = unbound(folder / "resolver", root="127.0.1.1", stubs=stubs)
        port = stack.enter_context(resolver)
        yield f"127.0.0.1:{port}"


def found(domain: str, resolver: str) -> Zone:
    zone = find_zone(domain, resolvers=[resolver])
    assert isinstance(zone, Zone), zone
    return zone


def test_servers_of_a_delegated_domain(resolver):
    names = ("ns1.example.jp", "ns2.example.jp")
    assert found("example.jp", resolver) == Zone(
        name="example.jp",
        servers=(NS1, NS2, NS2_IPV6),
        parent=names,
        child=names,
        unasked=(Server("ns2.example.jp", "fe80::1"),),  # a link-local address has no route
    )


ZONES: dict[str, dict[str, Any]] = {
    "mail.example.jp": {"name": "example.jp"},
    "apart.jp": {"name": "_domainkey.apart.jp", "child": ("ns2.example.jp",)},
    "differs.jp": {
        "parent": ("gone.example.jp", "ns1.example.jp"),
        "child": ("ns1.example.jp", "ns3.example.net"),
        "servers": (NS1,),
        "unresolved": ("gone.example.jp", "ns3.example.net"),
    },
    # A server that is not authoritative says nothing of the zone.
    "lame.jp": {"parent": ("a.root", "ns1.example.jp"), "child": ("ns1.example.jp",)},
    # Only one copy of the zone lists a server. The resolver asks the other one.
    "split.jp": {"child": ("ns.split.jp", "ns1.example.jp", "ns2.example.jp")},
    # Only the parent gives an address.
    "moved.jp": {
        "servers": (Server("ns.moved.jp", "127.0.1.3"), Server("ns.moved.jp", "127.0.1.4")),
    },
}


@pytest.mark.parametrize("domain", ZONES)
def test_zones(resolver, domain):
    zone = found(domain, resolver)
    assert {name: getattr(zone, name) for name in ZONES[domain]} == ZONES[domain]


def test_every_listed_server_is_asked(resolver):
    assert NS2 in found("split.jp", resolver).servers


def test_domains_without_a_zone(resolver):
    assert find_zone("absent.jp", resolvers=[resolver]) == Unread("NoZone", "absent.jp")
    assert find_zone("dead.jp", resolvers=[resolver]) == Unread("NoAnswer", "dead.jp")


@pytest.mark.usefixtures("resolver")
def test_a_zone_whose_dnssec_is_bogus(tmp_path):
    anchor = "apart.jp. DS 1 13 2 " + "ab" * 32  # but the zone is not signed
    with unbound(tmp_path / "resolver", root="127.0.1.1", anchor=anchor) as port:
        assert found("apart.jp", f"127.0.0.1:{port}").child == ("ns2.example.jp",)


def test_a_silent_resolver(monkeypatch):
    monkeypatch.setattr(zone_module, "LIFETIME_S", 0.3)
    with faulty(lambda _question, _transport: []) as silent:
        zone = find_zone("example.jp", resolvers=[f"127.0.0.1:{silent.server.port}"])
    assert zone == Unread("Timeout", "example.jp")


@pytest.mark.usefixtures("resolver")
def test_servers_given_by_hand():
    zone = find_zone("mail.example.jp", nameservers=["127.0.1.3", "127.0.1.4", "127.0.1.3:53"])
    servers = (Server("", "127.0.1.3"), Server("", "127.0.1.4"))
    assert zone == Zone("example.jp", servers, given=True)


def test_servers_given_by_hand_that_do_not_answer():
    port = free_port()
    zone = find_zone("example.jp", nameservers=[f"127.0.0.1:{port}"])
    assert zone == Zone("", (Server("", "127.0.0.1", port),), given=True)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.53", Server("", "192.0.2.53")),
        (" 192.0.2.53:5354 ", Server("", "192.0.2.53", 5354)),
        ("2001:DB8:0::53", Server("", "2001:db8::53")),
        ("[2001:db8::53]", Server("", "2001:db8::53")),
        ("[2001:db8::53]:5354", Server("", "2001:db8::53", 5354)),
    ],
)
def test_addresses(text, server):
    assert parse_server(text) == server


@pytest.mark.parametrize(
    "text",
    [
        "",
        "53",
        "ns1.example.jp",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.53:",
        "192.0.2.53:0",
        "192.0.2.53:65536",
        "192.0.2.53:٥٣",
        "[192.0.2.53]",
        "[2001:db8::53",
        "2001:db8::g",
        "fe80::1%eth0",
    ],
)
def test_what_is_no_address(text):
    with pytest.raises(InputError):
        parse_server(text)
