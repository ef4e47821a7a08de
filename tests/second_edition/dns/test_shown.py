"""What a reader is shown of DNS: tables and sentences in both languages, and the picture of the matrix."""

from __future__ import annotations

from datetime import timedelta, timezone

from msgspec.structs import replace

from second_edition.display.blocks import Block
from second_edition.display.dns import caption, dns_besides, waiting
from second_edition.display.notebook import Shown
from second_edition.display.words import Words
from second_edition.dkim.published import Answer, Server
from second_edition.rotation.observation import Observation
from second_edition.rotation.resolution import BLOCKED, Delegation, NameServers, Resolution, Sighting
from tests.second_edition.dns.observed import NAME, observation
from tests.second_edition.events.noted import record_of

JST = timezone(timedelta(hours=9), "JST")
EN = Words("en", JST)
NS1, NS2 = Server("ns1.example.jp", "192.0.2.53"), Server("ns2.example.jp", "198.51.100.53")
HERE = observation().records[0]
THERE = replace(HERE, server=NS2, records=(), rcode="NXDOMAIN", ttl=None, serial=6)
SILENT = Answer(NS2, NAME, failure="timeout")
CNAME = replace(HERE, cname=("keys.example.com",), records=())


def world(*records: Answer, **dns: object) -> Observation:
    seen = observation()
    return replace(seen, records=records or seen.records, dns=replace(seen.dns, **dns))


NAMES = ("ns1.example.jp", "ns2.example.jp")
WALKED = Delegation("example.jp", "walk", NAMES, (NameServers(NS1, NAMES), NameServers(NS2, NAMES)), (NS1, NS2))
OLD = (Sighting("2026-11-24T04:00:00.000+00:00", False, None, 300),)
WORLDS = {
    "good": world(delegation=WALKED, resolved=(replace(HERE, authoritative=False),)),
    "lame": world(delegation=replace(WALKED, children=(NameServers(NS1, NAMES), NameServers(NS2, (), "REFUSED")))),
    "resolver": world(delegation=Delegation("example.jp", "resolver", servers=(NS1,))),
    "stale": world(replace(HERE, serial=7), THERE),
    "cname": world(CNAME, followed=(replace(HERE, name="keys.example.com"),)),
    "nothing": replace(observation(), records=(), dns=Resolution()),
    "blocked": world(SILENT, path=BLOCKED, encrypted=(replace(HERE, authoritative=False),)),
    "counted": world(
        SILENT, path=BLOCKED, encrypted=(replace(HERE, authoritative=False),), encrypted_counts=True,
        delegation=Delegation("example.jp", "resolver"),
    ),
    "half": world(SILENT, path=BLOCKED, encrypted=(HERE, SILENT), encrypted_counts=True),
    "late": replace(world(history=(*OLD, Sighting("2026-11-24T04:00:01.000+00:00", True, 3600, 300))),
                    at="2026-11-25T00:00:00.000+00:00"),
    "bogus": world(resolved=(replace(THERE, rcode="SERVFAIL"),), unvalidated=(replace(HERE, authoritative=False),)),
}  # fmt: skip


def text(blocks: list[Block]) -> str:
    return str(Shown(blocks).bundle()["text/plain"])


def test_the_delegation_shows_who_names_whom():
    shown = text(dns_besides(WORLDS["lame"], EN))
    assert "Delegation of example.jp" in shown
    assert "named by the zone above  ns1.example.jp ns2.example.jp" in shown
    assert "named by ns2.example.jp 198.51.100.53:53  REFUSED" in shown


def test_resolvers_are_shown_apart_and_as_no_proof():
    shown = text(dns_besides(WORLDS["good"], EN))
    assert "Recursive resolvers, asked last: shown, and no proof" in shown
    assert "Key record" not in shown
    assert "evidence: no" in text(dns_besides(WORLDS["blocked"], EN))
    assert "evidence: yes" in text(dns_besides(WORLDS["counted"], EN))
    assert "asked again without DNSSEC validation" in text(dns_besides(WORLDS["bogus"], EN))


def test_a_wait_tells_its_changes_and_its_end():
    begin = {"event": "begin", "wait_dns_minutes": 5}
    at = "2026-11-24T04:00:00.000+00:00"
    poll = {"event": "polled", "at": at, "servers": ["a", "b"], "verdicts": ["the-key", "absent"], "good": 1, "by": at}
    shown = text(waiting(record_of(begin, poll, {**poll, "good": 0, "by": ""}), EN))
    assert "Waiting for DNS, 5 min at most" in shown
    assert "13:00:00 JST  1 / 2  b no key record  2026-11-24 13:00:00 JST (2026-11-24 04:00:00 UTC)" in shown
    assert "0 / 2  b no key record  when it is published" in shown
    for ran_out, needed, word in (
        (True, 0, "DNS is not ready"),
        (False, 0, "the wait is over"),
        (True, 7, "Of the 5 min to wait, 3 min are left. That cannot be enough"),
    ):
        ended = {"event": "polling-ended", "ran_out": ran_out, "needed": needed, "seconds": 118.2}
        assert word in text(waiting(record_of(begin, poll, ended), EN))


# The picture.


def test_its_caption_names_the_two_records_only_where_there_are_two():
    one = replace(observation(), current_records=())
    two = replace(one, current_records=(HERE,))
    assert ["first and then" in caption(seen, "en") for seen in (one, two)] == [False, True]
    assert ["左が" in caption(seen, "ja") for seen in (one, two)] == [False, True]
