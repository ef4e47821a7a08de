"""Finding the authoritative servers: a walk over real name servers, and what it does where nothing is as it should."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dns.message
import dns.name
import dns.resolver
import pytest
from dnslib import AAAA, NS, QTYPE, RR, A, DNSRecord

from second_edition.dkim.published import Server
from second_edition.dns.delegation import find_servers, led_to, parse_raw
from second_edition.dns.walk import Walk
from second_edition.errors import AccessError
from second_edition.plain import from_plain, plain
from second_edition.rotation.observation import Observation, Stored
from second_edition.rotation.resolution import Delegation, NameServers
from tests.second_edition.dns import internet
from tests.second_edition.dns.daemons import bind, knot, nsd
from tests.second_edition.dns.internet import Internet, above, delegation, serve, zone
from tests.second_edition.dns.servers import NAME, NameServer, Respond, free_port, reply, serving, soa
from tests.second_edition.each import each
from tests.second_edition.evidence.raw import contradictions

BOTH = {"ns1.example.jp": "192.0.2.53 2001:db8::53", "ns2.example.com": ""}
NS1_V4, NS1_V6 = Server("ns1.example.jp", "192.0.2.53"), Server("ns1.example.jp", "2001:db8::53")
NS2 = Server("ns2.example.com", "198.51.100.53")
KEY = f'{NAME}. 300 TXT "v=DKIM1; p="'

OURS = zone("example.jp", BOTH, KEY, "cname.example.jp. 300 CNAME ns1.example.jp.")
THEIRS = zone("example.com", {"ns.example.com": "198.51.100.54"}, "ns2.example.com. 300 A 198.51.100.53")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Internet]:
    """example.jp at BIND and nsd, below jp and com at nsd, below a root at Knot DNS; one name server lies elsewhere."""
    root, top = above(BOTH)
    with serve(
        tmp_path_factory.mktemp("world"),
        (knot, root, "192.0.2.1"),
        (nsd, top, "192.0.2.2"),
        (bind, {"example.jp": OURS}, "192.0.2.53 2001:db8::53"),
        (nsd, {"example.jp": OURS}, "198.51.100.53"),
        (nsd, {"example.com": THEIRS}, "198.51.100.54"),
    ) as made:
        yield made


def find(name: str, world: Internet, **options: object) -> Delegation:
    world.asked.clear()
    with nobody() as refusing:
        found = find_servers(name, roots=internet.ROOTS, ask=world.ask, resolver=refusing, **options)  # type: ignore[arg-type]
    for child in from_plain(Delegation, as_json(found)).children:
        assert bool(child.raw) == bool(child.names or child in found.lame)
        assert not child.raw or parse_raw(child, found.zone) == child
    assert all(parse_raw(one, found.zone, above=True) == one for one in found.above if one.raw)
    return found


@contextmanager
def nobody() -> Iterator[dns.resolver.Resolver]:
    """A resolver that refuses: a walk must not lean on one."""
    with NameServer(serving(rcode="REFUSED")) as server:
        yield resolver(server.server.port)


@each("name", [NAME, "example.jp", "no.such.sub.example.jp", "cname.example.jp", "EXAMPLE.JP."])
def test_every_address_of_every_name_server_is_found(name: str, world: Internet):
    found = find(name, world)
    assert (found.zone, found.found_by) == ("example.jp", "walk")
    assert found.parent == ("ns1.example.jp", "ns2.example.com")
    assert found.servers == (NS1_V4, NS1_V6, NS2)
    assert {(child.server, child.names, child.failure) for child in found.children} == {
        (server, found.parent, "") for server in found.servers
    }
    assert (found.differing, found.lame) == ((), ())
    assert from_plain(Delegation, as_json(found)) == found


def as_json(found: Delegation) -> dict[str, object]:
    data: dict[str, object] = json.loads(json.dumps(plain(found)))
    return data


def test_names_that_no_server_told_and_servers_left_out_contradict_the_messages(world: Internet):
    found = as_json(find(NAME, world))
    seen = Observation("2026-11-24T04:12:00+00:00", NAME, "s", None, None, Stored("s"), None, (), ())
    about = {"n": 7, "at": "2026-11-24T04:12:01+00:00", "previous_line": "0" * 64, "event": "observed"}
    event: dict[str, Any] = {**about, "observation": {**plain(seen), "dns": {"delegation": found}}}
    left_out = [(7, "records"), (7, "siblings")]  # this run asked none of these servers
    assert contradictions([event]) == left_out
    for change in (
        lambda told: told["children"][0]["names"].__setitem__(0, "ns9.example.jp"),
        lambda told: told["above"][0]["names"].__setitem__(0, "ns9.example.jp"),
        lambda told: told["children"].pop(),
        lambda told: told["servers"].pop(),
    ):
        altered = copy.deepcopy(event)
        change(altered["observation"]["dns"]["delegation"])
        assert contradictions([altered]) == [(7, "delegation"), *left_out]


@each("name", ["no-such.jp", "a.b.no-such.jp", "jp", "no-such-top"])
def test_a_name_that_nobody_was_delegated(name: str, world: Internet):
    with pytest.raises(AccessError, match="No zone was found") as caught:
        find(name, world)
    assert "Nothing is known about the key record" in str(caught.value)


def test_a_delegation_to_nobody_is_shown_and_not_an_error(tmp_path: Path):
    """Both servers are silent, one has no address at all: the look-ups will say so, server by server."""
    root, top = above({"ns1.example.jp": "192.0.2.53", "ns9.example.com": ""})
    with serve(tmp_path, (knot, root, "192.0.2.1"), (nsd, top, "192.0.2.2")) as world:
        found = find(NAME, world)
    assert found.servers == (NS1_V4, Server("ns9.example.com", ""))
    assert [child.failure for child in found.children] == ["timeout"]


def test_name_servers_that_need_each_other_end(tmp_path: Path):
    """ns.example.com lies in example.com, which ns.example.net serves, which lies in example.net, and back again."""
    root = zone(
        ".",
        {"a.root-servers.net": "192.0.2.1"},
        delegation("jp", {"a.dns.jp": "192.0.2.2"}),
        "example.com. 300 NS ns.example.net.",
        "example.net. 300 NS ns.example.com.",
    )
    jp = zone("jp", {"a.dns.jp": "192.0.2.2"}, "example.jp. 300 NS ns.example.com.\nexample.jp. 300 NS ns.example.net.")
    with serve(tmp_path, (knot, {".": root}, "192.0.2.1"), (nsd, {"jp": jp}, "192.0.2.2")) as world:
        found = find(NAME, world)
    assert found.servers == (Server("ns.example.com", ""), Server("ns.example.net", ""))
    assert len(world.asked) < 400


def referring(owner: str, host: str, address: str) -> Respond:
    """A server that refers every question to the same place."""

    def respond(question: DNSRecord, transport: str) -> DNSRecord:
        del transport
        answer = reply(question, aa=False)
        answer.add_auth(RR(owner, QTYPE.NS, rdata=NS(host)))
        answer.add_ar(RR(host, QTYPE.A, rdata=A(address)))
        return answer

    return respond


@each("owner", [".", "example.com", "jp"])
def test_referrals_that_lead_nowhere_end(owner: str):
    """Up, aside, or to itself: not strictly deeper towards the name."""
    with NameServer(referring(owner, "ns.example.jp", "192.0.2.1")) as server:
        world = Internet({"192.0.2.1": server.server.port})
        with pytest.raises(AccessError, match=r"could not be found|No zone was found"):
            find(NAME, world)
    assert len(world.asked) < 40


# Where no root server can be asked: by way of a resolver.

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


def find_by_resolver(domain: str, *hosts: str) -> Delegation:
    with NameServer(telling(*hosts)) as server:
        return find_servers(domain, resolver(server.server.port), roots=internet.ROOTS, ask=Internet().ask)


@each("domain", ["example.jp", "empty.example.jp", "no.such.sub.example.jp", "EXAMPLE.JP."])
def test_a_resolver_tells_the_servers_where_no_root_server_answers(domain: str):
    found = find_by_resolver(domain, "ns2.example.com", "ns1.example.jp")
    assert (found.zone, found.found_by, found.parent, found.children) == ("example.jp", "resolver", (), ())
    assert found.servers == (
        Server("ns1.example.jp", "192.0.2.53"),
        Server("ns1.example.jp", "2001:db8::53"),
        Server("ns2.example.com", "198.51.100.53"),
        Server("ns2.example.com", "198.51.100.54"),
    )


def test_a_middle_box_that_answers_in_the_roots_place_is_no_root():
    """Office networks that answer port 53 themselves: without authority, and with no referral."""
    with NameServer(telling("ns1.example.jp")) as server:
        world = Internet({"192.0.2.1": server.server.port})
        found = find_servers(NAME, resolver(server.server.port), roots=internet.ROOTS, ask=world.ask)
    assert found.found_by == "resolver"


def test_a_resolver_that_is_not_there():
    def ask(language: str) -> Delegation:
        options = {"roots": internet.ROOTS, "ask": Internet().ask, "lifetime_s": 0.3, "language": language}
        return find_servers("example.jp", resolver(free_port()), **options)  # type: ignore[arg-type]

    with pytest.raises(AccessError, match=r"LifetimeTimeout|NoNameservers"):
        ask("en")
    with pytest.raises(AccessError, match="ゾーンが DNS で見つかりません"):
        ask("ja")


REFERRAL = ";AUTHORITY\nexample.jp. 300 IN NS ns1.example.jp.\n;ADDITIONAL\nns1.example.jp. 300 IN A 192.0.2.53"
TELLING, ITSELF, GLUE = ("ns1.example.jp",), {Server("a.dns.jp", "192.0.2.2")}, {NS1_V4}


@each(
    ("text", "names", "failure", "leads_to"),
    [
        (f"flags QR\n{REFERRAL}", TELLING, "", GLUE),
        (f"flags QR AA\n{REFERRAL}", TELLING, "", GLUE),
        ("flags QR AA\n;ANSWER\nexample.jp. 300 IN NS ns1.example.jp.", TELLING, "", ITSELF),
        ("flags QR\n;ANSWER\nexample.jp. 300 IN NS ns1.example.jp.", TELLING, "", set()),
        ("flags QR AA\nrcode NXDOMAIN", (), "", set()),
        ("flags QR AA", (), "", set()),
        ("flags QR", (), "lame", set()),
        ("flags QR\nrcode REFUSED", (), "REFUSED", set()),
    ],
)
def test_what_a_server_of_the_zone_above_tells(
    text: str, names: tuple[str, ...], failure: str, leads_to: set[Server]
) -> None:
    message = dns.message.from_text(f"id 7\nopcode QUERY\n{text}\n")
    asked = NameServers(Server("a.dns.jp", "192.0.2.2"), raw=base64.b64encode(message.to_wire()).decode())
    told = parse_raw(asked, "example.jp", above=True)
    assert (told.names, told.failure) == (names, failure)
    assert led_to(told, dns.name.from_text("jp")) == leads_to


def test_questions_are_bounded(world: Internet):
    world.asked.clear()
    walk = Walk(internet.ROOTS, world.ask, questions=3)
    walk.find(dns.name.from_text("example.jp"))
    assert walk.addresses(["ns2.example.com"]) == {"ns2.example.com": ()}
    assert walk.own_addresses(["ns1.example.jp"], [NS1_V4]) == set()
    assert len(world.asked) == 3


@each("domain", ["example.com", "a.b.example.net", "jp"])
def test_a_domain_that_no_zone_holds(domain: str):
    with pytest.raises(AccessError, match="No zone was found") as caught:
        find_by_resolver(domain, "ns1.example.jp")
    assert "Nothing is known about the key record" in str(caught.value)


def test_a_zone_without_name_servers():
    with pytest.raises(AccessError, match=r"name servers of 'example.jp' could not be found"):
        find_by_resolver("example.jp")


def test_one_server_that_holds_a_zone_and_the_one_above_it(tmp_path: Path):
    ours = zone("example.jp", {"ns1.example.jp": "192.0.2.53"})
    root, top = above({"ns1.example.jp": "192.0.2.53"})
    both = {**top, "example.jp": ours}
    with serve(tmp_path, (knot, root, "192.0.2.1"), (nsd, both, "192.0.2.2 192.0.2.53")) as world:
        found = find(NAME, world)
    assert (found.zone, found.parent, found.differing) == ("example.jp", (), ())
    assert Server("ns1.example.jp", "192.0.2.53") in found.servers
