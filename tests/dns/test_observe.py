import re
import subprocess
import time
from collections.abc import Iterator

import dns.message
import dns.rcode
import pytest

from byodkim.checks.world import Answer, Server, Zone
from byodkim.dkim.verdict import judge
from byodkim.dns.observe import ask_resolvers, observe_records
from byodkim.errors import InputError
from tests.dns.daemons import nsd, unbound
from tests.dns.faulty import faulty, reply

RECORDS = {
    "key": '120 TXT "v=DKIM1; k=rsa; p=" "QUFB" "" "QkJC"',
    "two": '120 TXT "first"\ntwo._domainkey 120 TXT "second"',
    "alias": "300 CNAME key.example.net.",
    "bytes": r'300 TXT "p=\226\128\156 \255 \"quoted\" back\\slash"',
    "long": "60 TXT " + " ".join(f'"{letter * 255}"' for letter in "abcdefgh"),
}
ZONE_TEXT = "@ 3600 NS ns1\nns1 3600 A 127.0.0.1\n" + "".join(
    f"{name}._domainkey {record}\n" for name, record in RECORDS.items()
)


def name_of(selector: str) -> str:
    return f"{selector}._domainkey.example.jp"


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zone]:
    folder = tmp_path_factory.mktemp("nsd") / "server"
    with nsd(folder, {"example.jp": ZONE_TEXT}, ["127.0.0.1", "::1"]) as port:
        servers = (Server("ns1.example.jp", "127.0.0.1", port), Server("ns6", "::1", port))
        yield Zone("example.jp", servers)


def dig(server: Server, name: str, rdtype: str = "TXT") -> tuple[str, bool, list[str]]:
    """Return what dig says: rcode, AA bit, and the data of the answer."""
    command = ["dig", "+norec", f"@{server.address}", "-p", str(server.port), name, rdtype]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    status = re.search(r"status: (\w+)", output)
    assert status
    lines = [line for line in output.splitlines() if line and not line.startswith(";")]
    records = [line.split(None, 4) for line in lines]
    data = [f"{ttl} {value}" for _owner, ttl, _class, kind, value in records if kind == rdtype]
    return status[1], bool(re.search(r"flags:[^;]* aa", output)), sorted(data)


def as_dig_writes(answer: Answer) -> list[str]:
    """Return an answer's TXT records in dig's spelling."""

    def spelled(string: str) -> str:
        escaped = re.sub(r"\\x(..)", lambda byte: f"\\{int(byte[1], 16):03d}", string)
        return escaped.replace('"', r"\"")

    return sorted(
        f"{answer.ttl} " + " ".join(f'"{spelled(string)}"' for string in strings)
        for strings in answer.texts
    )


@pytest.mark.parametrize("selector", ["key", "two", "long", "nothing"])
def test_observation_equals_dig(zone, selector):
    name = name_of(selector)
    for answer in observe_records(zone, [name])[name]:
        rcode, authoritative, records = dig(answer.server, name)
        assert (answer.rcode, answer.authoritative) == (rcode, authoritative)
        assert as_dig_writes(answer) == records
        assert (answer.serial, answer.negative_ttl) == (2026112401, 300)
        assert answer.transport == ("tcp" if selector == "long" else "udp")
        assert answer.failure == ""


def test_every_server_and_name_in_order(zone):
    names = [name_of("two"), name_of("key")]
    answers = observe_records(zone, names)
    assert list(answers) == names
    for name in names:
        assert [answer.server for answer in answers[name]] == list(zone.servers)
        assert {answer.name for answer in answers[name]} == {name}
    assert answers[name_of("key")][0].texts == (("v=DKIM1; k=rsa; p=", "QUFB", "", "QkJC"),)


def test_alias_and_bytes_outside_ascii(zone):
    answers = observe_records(zone, [name_of("alias"), name_of("bytes")])
    alias, other = (answers[name_of(selector)][0] for selector in ("alias", "bytes"))
    assert (alias.cname, alias.texts) == ("key.example.net", ())
    assert other.texts == ((r'p=\xe2\x80\x9c \xff "quoted" back' + "\\slash",),)


def test_negative_ttl_is_the_smaller_of_soa_ttl_and_minimum(tmp_path):
    text = "@ 3600 NS ns1.example.net.\n"
    soa = "@ 60 SOA ns1 hostmaster 7 7200 900 1209600 300\n"
    with nsd(tmp_path / "nsd", {"example.jp": text}, soa=soa) as port:
        servers = (Server("", "127.0.0.1", port),)
        answers = observe_records(Zone("", servers, given=True), [name_of("key")])
    (answer,) = answers[name_of("key")]
    assert (answer.rcode, answer.serial, answer.negative_ttl) == ("NXDOMAIN", 7, 60)


def test_a_silent_server_is_named_and_the_others_are_read(zone):
    began = time.monotonic()
    with faulty(lambda _question, _transport: []) as silent:
        servers = (silent.server, zone.servers[0])
        answers = observe_records(
            Zone("example.jp", servers), [name_of("key"), name_of("two")], timeout_s=0.4
        )
    assert [answer.failure for answer in answers[name_of("key")]] == ["timeout", ""]
    assert time.monotonic() - began < 1.6  # all three questions to it were open at once


@pytest.mark.parametrize(
    ("rcode", "authoritative", "records", "kind"),
    [
        (dns.rcode.SERVFAIL, True, (), "error"),
        (dns.rcode.REFUSED, False, (), "error"),
        (dns.rcode.NOERROR, False, ('"v=DKIM1; p=QUFB"',), "lame"),
        (dns.rcode.NXDOMAIN, True, ('"v=DKIM1; p=QUFB"',), "defective"),
        (dns.rcode.NXDOMAIN, True, (), "absent"),
    ],
)
def test_what_a_faulty_server_says_is_kept(rcode, authoritative, records, kind):
    def respond(question, _transport):
        answer = reply(question, *records, rcode=rcode)
        if not authoritative:
            answer.flags &= ~dns.flags.AA
        return [answer.to_wire()]

    with faulty(respond) as running:
        zone = Zone("", (running.server,), given=True)
        (answer,) = observe_records(zone, [name_of("key")])[name_of("key")]
    assert (answer.rcode, answer.authoritative) == (dns.rcode.to_text(rcode), authoritative)
    assert len(answer.texts) == len(records)
    assert judge(answer, "").kind == kind


def test_resolvers_bogus_and_sound(zone, tmp_path):
    stubs = {"example.jp": f"127.0.0.1@{zone.servers[0].port}"}
    anchor = "example.jp. DS 1 13 2 " + "ab" * 32  # the zone is not signed, so this is bogus
    with (
        unbound(tmp_path / "bogus", stubs=stubs, anchor=anchor) as bogus,
        unbound(tmp_path / "sound", stubs=stubs) as sound,
    ):
        addresses = [f"127.0.0.1:{port}" for port in (bogus, sound)]
        answers = ask_resolvers(name_of("key"), addresses)
        absent = ask_resolvers(name_of("nothing"), addresses[1:])
    assert [answer.address for answer in answers] == addresses
    assert [answer.is_bogus for answer in answers] == [True, False]
    assert (answers[1].rcode, absent[0].rcode) == ("NOERROR", "NXDOMAIN")


def test_silent_resolvers_cost_two_seconds_together():
    began = time.monotonic()
    with faulty(lambda _question, _transport: []) as silent:
        answers = ask_resolvers(name_of("key"), [f"127.0.0.1:{silent.server.port}"] * 3)
    assert [answer.rcode for answer in answers] == ["", "", ""]
    assert time.monotonic() - began < 4


def test_a_resolver_that_is_no_address_is_refused():
    with pytest.raises(InputError):
        ask_resolvers(name_of("key"), ["dns.example.jp"])
