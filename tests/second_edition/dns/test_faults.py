"""DNS faults at real name servers: the check that must refuse does, by name, and no other gets in its way."""

from __future__ import annotations

import errno
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from dns.rdatatype import RdataType
from dnslib import DNSRecord
from msgspec.structs import replace

from second_edition.dkim.matrix import judge_together
from second_edition.dkim.published import Server
from second_edition.dns.delegation import find_servers
from second_edition.dns.exchange import Reply
from second_edition.dns.lookup import ask
from second_edition.dns.walk import Ask
from second_edition.plain import from_plain, plain
from second_edition.rotation.findings import Verdict as Found
from second_edition.rotation.observation import Observation
from second_edition.rotation.resolution import Delegation, Sighting
from tests.second_edition.dns import internet
from tests.second_edition.dns.daemons import Daemon, bind, knot, nsd, unbound
from tests.second_edition.dns.internet import Internet, delegation, serve, zone
from tests.second_edition.dns.observed import DOMAIN, KEY, NAME, RECORD, STRINGS, findings, looked, stopping
from tests.second_edition.dns.servers import NameServer, free_port, reply
from tests.second_edition.rotation.remedies import special

OTHER = f'{NAME}. 3600 TXT "v=spf1 -all"\n'
BASE = zone(DOMAIN, {f"ns1.{DOMAIN}": "192.0.2.53"}, serial=7)
WITH, OLDER = BASE + RECORD, BASE.replace(" 7 7200", " 6 7200")
KINDS: dict[str, Daemon] = {"nsd": nsd, "knot": knot, "bind": bind}
QUICK = {"kind": ("knot",), "flag": ("y",)}


@contextmanager
def at(folder: Path, *machines: tuple[Daemon, str]) -> Iterator[list[Server]]:
    """Servers of example.jp, each a program with a zone text; "" for a zone that it could not load."""
    zones = [
        (daemon, {DOMAIN: text, "example.org": zone("example.org", {"ns.example.org": "192.0.2.99"})})
        for daemon, text in machines
    ]
    with serve(folder, *((daemon, texts, f"192.0.2.{number}") for number, (daemon, texts) in enumerate(zones))) as net:
        yield [Server("", "127.0.0.1", port) for port in net.ports.values()]


def words(seen: Observation) -> list[str]:
    return [judgement.verdict.value for judgement in judge_together(seen.records, KEY.sha256, seen.dns.followed)]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_refuses_where_all_is_as_it_should_be(kind: str, tmp_path: Path):
    with at(tmp_path, (KINDS[kind], WITH), (nsd, WITH)) as servers:
        six = [Server("", "::1", server.port) for server in servers]
        seen = looked([*servers, *six])
    assert words(seen) == ["the-key"] * 4
    assert stopping(seen) == set()
    assert from_plain(Observation, plain(seen)) == seen


LONG_WAY = f"{NAME}. 300 CNAME keys.{DOMAIN}.\n"
# Fault, the zone at the first server and at the second, what each says, the checks that refuse.
FAULTS: dict[str, tuple[str, str, list[str], set[str]]] = {
    "15 placeholder": (
        BASE + f'{NAME}. 300 TXT "p=customerProvidedPublicKey"\n', WITH,
        ["placeholder", "the-key"], {"DNS-PUBLISHED", "DNS-PLACEHOLDER"},
    ),
    "16 NXDOMAIN at one server": (WITH, BASE, ["the-key", "absent"], {"DNS-PUBLISHED"}),
    "16 NXDOMAIN at every server": (BASE, BASE, ["absent", "absent"], {"DNS-PUBLISHED"}),
    "17 one stale server": (WITH, OLDER, ["the-key", "stale"], {"DNS-PUBLISHED"}),
    "22 wildcard": (
        BASE + RECORD.replace(NAME, f"*._domainkey.{DOMAIN}"), WITH, ["the-key", "the-key"], {"DNS-WILDCARD"},
    ),
    "23 two TXT records": (
        WITH + OTHER, WITH, ["several-records", "the-key"], {"DNS-SINGLE", "DNS-PUBLISHED"},
    ),
    "24 CNAME loop": (
        BASE + f"{LONG_WAY}keys.{DOMAIN}. 300 CNAME {NAME}.\n", WITH,
        ["cname", "the-key"], {"DNS-CNAME", "DNS-PUBLISHED"},
    ),
    "CNAME to nowhere": (BASE + LONG_WAY, WITH, ["cname", "the-key"], {"DNS-CNAME", "DNS-PUBLISHED"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_zone_is_refused_by_name(fault: str, kind: str, tmp_path: Path):
    first, second, said, refusing = FAULTS[fault]
    if (fault, kind) == ("24 CNAME loop", "bind"):  # it notices by itself, and answers so
        said, refusing = ["servfail", "the-key"], {"DNS-ANSWERS", "TIME-ACTIVATE", "DNS-CNAME"}
    with at(tmp_path, (KINDS[kind], first), (KINDS[kind], second)) as servers:
        seen = looked(servers)
    assert words(seen) == said
    assert stopping(seen) == refusing


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("flag", ["y", "s"])
def test_a_flag_in_the_record_is_named_with_its_server_and_stops_nothing(flag: str, kind: str, tmp_path: Path):
    flagged = RECORD.replace('"v=DKIM1; ', f'"v=DKIM1; t={flag}" "; ')
    assert flagged != RECORD
    with at(tmp_path, (nsd, WITH), (KINDS[kind], BASE + flagged)) as servers:
        seen = looked(servers)
    assert words(seen) == ["the-key"] * 2
    assert stopping(seen) == set()
    found = findings(seen)["KEY-FLAGS"]
    assert (found.verdict, found.observed) == (Found.FAIL, f"{servers[1]} t={flag}")
    remedy = {"y": "", "s": "Mail that SES signs"}[flag]
    assert special(found, remedy) == remedy


@pytest.mark.parametrize("kind", KINDS)
def test_18_a_lame_server(kind: str, tmp_path: Path):
    with (
        at(tmp_path, (nsd, WITH)) as good,
        serve(
            tmp_path / "lame",
            (KINDS[kind], {"example.org": zone("example.org", {"ns.example.org": "192.0.2.99"})}, "192.0.2.9"),
        ) as lame,
    ):
        seen = looked([*good, Server("", "127.0.0.1", lame.ports["192.0.2.9"])])
    assert words(seen) == ["the-key", "refused"]
    assert (stopping(seen), findings(seen)["DNS-ANSWERS"].verdict) == ({"DNS-ANSWERS", "TIME-ACTIVATE"}, Found.FAIL)
    assert special(findings(seen)["DNS-ANSWERS"]).startswith("Ask the DNS team why that server does not hold")


@pytest.mark.parametrize("kind", ["nsd", "knot"])
def test_19_a_server_that_could_not_load_its_zone(kind: str, tmp_path: Path):
    with at(tmp_path, (nsd, WITH), (KINDS[kind], "")) as servers:
        seen = looked(servers)
    assert words(seen) == ["the-key", "servfail"]
    assert stopping(seen) == {"DNS-ANSWERS", "TIME-ACTIVATE"}


def cut_short(question: DNSRecord, transport: str) -> DNSRecord:
    del transport
    answer = reply(question)
    answer.header.tc = 1
    return answer


def test_20_a_truncated_answer_where_tcp_is_blocked(tmp_path: Path):
    with at(tmp_path, (nsd, WITH)) as servers, NameServer(cut_short, tcp="closed") as cut:
        seen = looked([*servers, cut.server])
    assert words(seen) == ["the-key", "tcp-blocked"]
    answers = findings(seen)["DNS-ANSWERS"]
    assert (stopping(seen), answers.verdict) == ({"DNS-ANSWERS", "TIME-ACTIVATE"}, Found.UNKNOWN)
    assert special(answers).startswith("The answer does not fit into UDP")


def test_a_cname_is_followed_to_its_targets_own_servers_and_shown(tmp_path: Path):
    """The target lies in another zone; the server of the name does not know what it holds."""
    away = "keys.example.org"
    theirs = zone("example.org", {"ns.example.org": ""}) + RECORD.replace(NAME, away)
    with serve(
        tmp_path,
        (nsd, {DOMAIN: BASE + f"{NAME}. 300 CNAME {away}.\n"}, "192.0.2.1"),
        (knot, {"example.org": theirs}, "192.0.2.2"),
    ) as net:
        ours, other = (Server("", "127.0.0.1", net.ports[f"192.0.2.{number}"]) for number in (1, 2))
        known = {name: Delegation(name, "walk", servers=(server,)) for name, server in ((NAME, ours), (away, other))}
        seen = walked(known)
        assert words(seen) == ["the-key"]
        assert [(answer.name, answer.server) for answer in seen.dns.followed] == [(away, other)]
        assert stopping(seen) == {"DNS-DELEGATION"}  # as nothing was walked here
        found = findings(seen)["DNS-CNAME"]
        assert (found.verdict, found.values["chain"]) == (Found.PASS, f"{NAME} -> {away}")
        # Asked of the name's own server alone, the target is not proved.
        assert {"DNS-CNAME", "DNS-PUBLISHED"} <= stopping(looked([ours]))


def walked(known: Mapping[str, Delegation]) -> Observation:
    """Return what a run sees at the servers of delegations that it knows, by name; its resolver is not there."""
    return looked(known=known, resolvers=(Server("", "127.0.0.1", free_port()),))


# 25: parent and child.


def delegated(net: Internet, ask_: Ask | None = None) -> Delegation:
    """The walk's delegation, its addresses turned into where they really are."""
    found = find_servers(NAME, roots=internet.ROOTS, ask=ask_ or net.ask)
    return replace(found, servers=tuple(net.at(server) for server in found.servers))


def top(parent: Mapping[str, str]) -> dict[str, str]:
    """A root and a jp that one server holds."""
    jp = {"a.dns.jp": "192.0.2.1"}
    return {".": zone(".", jp, delegation("jp", jp)), "jp": zone("jp", jp, delegation(DOMAIN, parent))}


NS1, NS2, NS3 = ({f"ns{number}.{DOMAIN}": f"192.0.2.5{number}"} for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("parent", "child", "refusing", "remedy"),
    [
        (NS1 | NS2, NS1 | NS2, set(), ""),
        (NS1 | NS2, NS1, {"DNS-DELEGATION"}, ""),
        (NS1, NS1 | NS2, {"DNS-DELEGATION"}, ""),
        (NS1 | NS3, NS1 | NS3, {"DNS-DELEGATION", "DNS-ANSWERS", "TIME-ACTIVATE"}, "Ask the DNS team to configure"),
    ],
    ids=["same", "the zone dropped one", "the zone gained one", "lame"],
)
def test_25_parent_and_child_ns_sets(
    parent: Mapping[str, str], child: Mapping[str, str], refusing: set[str], remedy: str, tmp_path: Path
):
    ours = zone(DOMAIN, child) + RECORD
    with serve(
        tmp_path,
        (knot, top(parent), "192.0.2.1"),
        (bind, {DOMAIN: ours}, "192.0.2.51"),
        (nsd, {DOMAIN: ours}, "192.0.2.52"),
        (nsd, {"example.org": zone("example.org", {"ns.example.org": "192.0.2.99"})}, "192.0.2.53"),
    ) as net:
        found = delegated(net)
        seen = walked({NAME: found})
    assert {server.name for server in found.servers} == parent.keys() | child.keys()
    assert stopping(seen) == refusing
    assert special(findings(seen)["DNS-DELEGATION"], remedy) == remedy


JP = {"a.dns.jp": "192.0.2.2", "b.dns.jp": "192.0.2.3"}
OURS = NS1 | NS2
KEYLESS, KEYED = {DOMAIN: zone(DOMAIN, OURS)}, zone(DOMAIN, OURS) + RECORD
MOVED = zone(DOMAIN, NS1 | {f"ns2.{DOMAIN}": "192.0.2.53"}) + RECORD


def jp(delegated: Mapping[str, str]) -> dict[str, str]:
    return {"jp": zone("jp", JP, delegation(DOMAIN, delegated))}


# What the second server of jp holds, ns2's own zone, and the checks that refuse. 192.0.2.53 lacks the key.
DISAGREEING: dict[str, tuple[Mapping[str, str], str, set[str]]] = {
    "other name servers": (jp(OURS | NS3), KEYED, {"DNS-DELEGATION", "DNS-PUBLISHED"}),
    "no delegation": ({"jp": zone("jp", JP)}, KEYED, {"DNS-DELEGATION"}),
    "a stale copy of the zone": (jp(OURS) | KEYLESS, KEYED, {"DNS-PUBLISHED"}),
    "another address": (jp(NS1 | {f"ns2.{DOMAIN}": "192.0.2.53"}), KEYED, {"DNS-PUBLISHED"}),
    "the zone itself another address": (jp(OURS), MOVED, {"DNS-PUBLISHED"}),
}


# Where the quicker one knows of no delegation, no zone is found at all.
LATE = [(fault, late) for fault in DISAGREEING for late in (1, 0) if late or fault != "no delegation"]


@pytest.mark.parametrize(("fault", "late"), LATE)
def test_25_what_servers_of_one_zone_say_apart_counts_whoever_answers_first(fault: str, late: int, tmp_path: Path):
    second, of_ns2, refusing = DISAGREEING[fault]
    root = zone(".", {"a.root-servers.net": "192.0.2.1"}, delegation("jp", JP))
    with serve(
        tmp_path,
        (knot, {".": root}, "192.0.2.1"),
        (nsd, jp(OURS), "192.0.2.2"),
        (nsd, second, "192.0.2.3"),
        (nsd, {DOMAIN: KEYED}, "192.0.2.51"),
        (nsd, {DOMAIN: of_ns2}, "192.0.2.52"),
        (nsd, KEYLESS, "192.0.2.53"),
    ) as net:
        seen = walked({NAME: delegated(net, after(net, [f"192.0.2.{2 + late}", f"192.0.2.{51 + late}"]))})
    assert stopping(seen) == refusing


def after(net: Internet, late: Sequence[str]) -> Ask:
    """Asks an internet; the servers at ``late`` tell where a name lies once the walk has gone on without them."""
    gone_on = Event()

    def ask_(server: Server, name: str, kind: RdataType) -> Reply:
        if kind is not RdataType.SOA:
            gone_on.set()
        elif server.address in late:
            gone_on.wait(10)
        return net.ask(server, name, kind)

    return ask_


# The way from here.


def test_no_ipv6_here_is_told_apart_and_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family == socket.AF_INET6:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    with at(tmp_path, (nsd, WITH)) as servers:
        (by_ipv4,) = servers
        unnamed = Server("", "::1", by_ipv4.port)
        assert words(looked([by_ipv4, unnamed])) == ["the-key", "no-answer"]  # it may be another server
        named = (Server("ns1.example.jp", one, by_ipv4.port) for one in (by_ipv4.address, "::1"))
        seen = looked([*named])
    assert words(seen) == ["the-key", "no-ipv6"]
    assert stopping(seen) == set()
    found = findings(seen)["DNS-V6"]
    assert (found.verdict, found.values["count"]) == (Found.UNKNOWN, 1)


def test_21_a_negative_cache_says_until_when(tmp_path: Path):
    """Two resolvers: one was asked before the record was published, by somebody else; the other never."""
    with at(tmp_path, (nsd, BASE)) as servers:
        (server,) = servers
        stubs = {DOMAIN: server.port}
        with unbound(tmp_path / "early", stubs) as early, unbound(tmp_path / "late", stubs) as late:
            one, two = Server("", "127.0.0.1", early), Server("", "127.0.0.1", late)
            ask([one], [NAME], recursion=True)
            before = looked(servers, resolvers=(two,))
            publish(tmp_path / "0", server)
            history = (Sighting(before.at, False, None, before.records[0].negative_ttl),)
            after = looked(servers, resolvers=(one, two), history=history)
    # A run asks no resolver before every authoritative server serves the key, and so leaves none with "none".
    assert (before.dns.resolved, words(before)) == ((), ["absent"])
    assert words(after) == ["the-key"]
    primed, fresh = after.dns.resolved
    assert (primed.rcode, fresh.records) == ("NXDOMAIN", (STRINGS,))
    assert primed.negative_ttl is not None
    assert 0 < primed.negative_ttl <= 300
    assert stopping(after) == {"TIME-ACTIVATE"}
    assert findings(after)["DNS-RESOLVERS"].verdict is Found.FAIL
    found = findings(after)["TIME-ACTIVATE"]
    assert (found.verdict, found.values["seconds"]) == (Found.FAIL, 300)
    # What was seen absent and is seen published ten minutes on, and again after that, may be relied on.
    later = replace(after, at="2026-11-24T04:19:00.000+00:00")
    kept = (*history, Sighting("2026-11-24T04:08:58.000+00:00", True, 3600, 300))
    assert stopping(replace(later, dns=replace(later.dns, history=kept))) == set()
    assert stopping(later) == {"TIME-ACTIVATE"}


def publish(folder: Path, server: Server) -> None:
    """Writes the record into nsd's zone and has it read again."""
    (folder / f"{DOMAIN}.zone").write_text(WITH.replace(" 7 7200", " 8 7200"))
    os.kill(int((folder / "pid").read_text()), signal.SIGHUP)
    for _ in range(500):
        if ask([server], [NAME])[0].records:
            return
        time.sleep(0.02)
    raise AssertionError((folder / "server.log").read_text())
