"""The name servers, asked by dig and dnspython over real sockets."""

from __future__ import annotations

import random
import socket
import struct
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

from second_edition.sandbox.client import Sandbox
from second_edition.ses_sandbox.dns_server import NameServer
from tests.second_edition.sandbox.outside import CURRENT, DOMAIN, NEXT, ask, dig, servers, txt

NAME = f"{NEXT}._domainkey.{DOMAIN}"


@pytest.fixture
def server(sandbox: Sandbox) -> tuple[str, int]:
    return servers(sandbox.facts)[0]


def test_a_key_record_is_two_character_strings_with_its_ttl(server: tuple[str, int]) -> None:
    shown = dig(server, "+noall", "+answer", "TXT", NAME).split(None, 4)
    assert shown[:4] == [f"{NAME}.", "3600", "IN", "TXT"]
    assert [len(part) for part in shown[4].strip().strip('"').split('" "')] == [255, 155]


@pytest.mark.parametrize(
    ("name", "kind", "rcode"),
    [
        (f"absent._domainkey.{DOMAIN}", "TXT", dns.rcode.NXDOMAIN),
        (f"a.{NAME}", "TXT", dns.rcode.NXDOMAIN),
        (f"_domainkey.{DOMAIN}", "TXT", dns.rcode.NOERROR),
        (NAME, "A", dns.rcode.NOERROR),
        (DOMAIN, "MX", dns.rcode.NOERROR),
    ],
)
def test_what_is_not_there_comes_with_the_soa(server: tuple[str, int], name: str, kind: str, rcode: int) -> None:
    answer = ask(server, name, kind)
    assert (answer.rcode(), answer.answer) == (rcode, [])
    assert [rrset.rdtype for rrset in answer.authority] == [dns.rdatatype.SOA]


@pytest.mark.parametrize("name", ["example.com", "jp", f"not{DOMAIN}", "."])
def test_what_lies_outside_is_refused(server: tuple[str, int], name: str) -> None:
    answer = ask(server, name)
    assert answer.rcode() == dns.rcode.REFUSED
    assert not answer.flags & dns.flags.AA


def test_a_record_can_be_changed_at_one_server_and_counts_its_serial_up(sandbox: Sandbox) -> None:
    first, second = servers(sandbox.facts)
    before = [one["serial"] for one in sandbox.state()["name_servers"]]
    sandbox.unpublish(server="ns2")
    assert (len(txt(first, NAME)), len(txt(second, NAME))) == (1, 0)
    sandbox.unpublish(CURRENT, server=f"ns1.{DOMAIN}")
    assert txt(first, f"{CURRENT}._domainkey.{DOMAIN}") == []
    assert [one["serial"] for one in sandbox.state()["name_servers"]] == [number + 1 for number in before]


def test_records_of_every_kind(sandbox: Sandbox, server: tuple[str, int]) -> None:
    sandbox.set_record(NAME, "TXT", [["one", "two"], "three"], ttl=300)
    assert sorted(txt(server, NAME)) == [b"onetwo", b"three"]
    assert ask(server, NAME).answer[0].ttl == 300
    sandbox.set_record(f"bytes.{DOMAIN}", "TXT", ["\xff\x00“".encode().decode("latin-1")])
    assert txt(server, f"bytes.{DOMAIN}") == ["\xff\x00“".encode()]
    sandbox.set_record(f"alias.{DOMAIN}", "CNAME", [NAME])
    kinds = [rrset.rdtype for rrset in ask(server, f"alias.{DOMAIN}").answer]
    assert kinds == [dns.rdatatype.CNAME, dns.rdatatype.TXT]
    sandbox.set_record(f"loop.{DOMAIN}", "CNAME", [f"loop.{DOMAIN}."])
    assert ask(server, f"loop.{DOMAIN}").answer
    sandbox.set_record(f"six.{DOMAIN}", "AAAA", ["2001:db8::1"])
    assert dig(server, "+short", "AAAA", f"six.{DOMAIN}").strip() == "2001:db8::1"


@pytest.fixture
def lone() -> Iterator[NameServer]:
    server = NameServer("ns1.example.jp", 0, lambda: 0.0)
    yield server
    server.stop()


def test_no_message_can_bring_it_down(lone: NameServer) -> None:
    chance = random.Random(6376)
    good = dns.message.make_query(NAME, "TXT", use_edns=0).to_wire()
    for number in range(4000):
        wire = bytearray(good if number % 2 else chance.randbytes(chance.randrange(80)))
        for _ in range(chance.randrange(6)):
            if wire:
                wire[chance.randrange(len(wire))] = chance.randrange(256)
        lone.respond(bytes(wire), udp=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.sendto(b"\x00" * 5, ("127.0.0.1", lone.port))
    with socket.create_connection(("127.0.0.1", lone.port), timeout=600) as connection:
        connection.sendall(struct.pack("!H", 9) + b"nonsense!")
        assert connection.recv(1) == b""
    assert ask(("127.0.0.1", lone.port), NAME).rcode() == dns.rcode.REFUSED


def test_an_answer_too_large_for_udp_is_cut_and_whole_over_tcp(sandbox: Sandbox, server: tuple[str, int]) -> None:
    plain = dns.message.make_query(NAME, "TXT", use_edns=False)
    cut = dns.query.udp(plain, server[0], timeout=600, port=server[1])
    whole = ask(server, NAME)
    assert (len(whole.to_wire()) > 512, whole.flags & dns.flags.TC, bool(whole.answer)) == (False, 0, True)
    assert (cut.flags & dns.flags.TC, len(cut.answer)) == (0, 1)
    sandbox.set_record(NAME, "TXT", ["a" * 600])
    cut = dns.query.udp(plain, server[0], timeout=600, port=server[1])
    assert (bool(cut.flags & dns.flags.TC), cut.answer) == (True, [])
    assert ask(server, NAME).answer
    sandbox.set_record(NAME, "TXT", ["a" * 2000])
    assert ask(server, NAME).flags & dns.flags.TC
    assert not ask(server, NAME, tcp=True).flags & dns.flags.TC
    assert "a" * 255 in dig(server, "+short", "TXT", NAME)
