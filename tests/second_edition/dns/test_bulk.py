"""Asking about many names: the same answers as one question in a thread gives, within bounds, whatever servers do."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from dnslib import DNSRecord
from msgspec.structs import replace

from second_edition.dkim.published import Answer, Server, Verdict, judge
from second_edition.dns import bulk
from second_edition.dns.bulk import Asker, Limits
from second_edition.dns.lookup import ask
from tests.second_edition.dns.daemons import Daemon, knot, nsd
from tests.second_edition.dns.observed import KEY, STRINGS
from tests.second_edition.dns.servers import NAME, NameServer, serving

HEADER = (
    "$ORIGIN example.jp.\n$TTL 3600\n@ SOA ns1 hostmaster 2026112401 7200 900 1209600 300\n@ NS ns1\nns1 A 192.0.2.53\n"
)


def all_of(pairs: Sequence[tuple[Server, str]], serial: bool = True, **options: Any) -> list[Answer]:
    """The answers in the order of the questions, each of which ends by an answer or the asker's own time-out."""
    found: dict[int, Answer] = {}
    with Asker(**options) as asker:
        for number, (server, name) in enumerate(pairs):
            asker.ask(server, name, number, serial=serial)
        while asker.pending:
            found.update(asker.turn())
        assert asker.turn(0.0) == []
    return [found[number] for number in range(len(pairs))]


def untimed(answer: Answer) -> Answer:
    return replace(answer, latency_ms=None)


@pytest.mark.parametrize("daemon", [nsd, knot])
def test_the_same_facts_as_one_look_up_at_a_time(daemon: Daemon, tmp_path: Path) -> None:
    """A key, none, two, a CNAME, a delegation, a zone that is not served, a long answer: each at both addresses."""
    strings = " ".join(f'"{part.decode()}"' for part in STRINGS)
    long = " ".join(f'"{"x" * 250}"' for _ in range(8))
    zone = (
        f'{HEADER}{NAME}. TXT {strings}\ntwo._domainkey TXT {strings}\ntwo._domainkey TXT "v=DKIM1; p="\n'
        f"alias._domainkey CNAME {NAME}.\naway._domainkey CNAME key.example.net.\nlong._domainkey TXT {long}\n"
        "sub NS ns.sub\nns.sub A 192.0.2.1\n"
    )
    words = ("two", "alias", "away", "long", "absent")
    names = [NAME, *(f"{word}._domainkey.example.jp" for word in words), "s._domainkey.sub.example.jp", "example.com"]
    with daemon(tmp_path, {"example.jp": zone}) as port:
        servers = [Server("", "127.0.0.1", port), Server("ns1.example.jp", "::1", port)]
        expected = ask(servers, names)
        found = all_of([(server, name) for server in servers for name in names])
        alone = all_of([(servers[0], name.upper() + ".") for name in names], serial=False)
    assert [untimed(one) for one in found] == [untimed(one) for one in expected]
    # What came is kept as it came, but for the number of the question.
    assert [len(raw) for one in found for raw in one.raw] == [len(raw) for one in expected for raw in one.raw]
    assert [untimed(one) for one in alone] == [
        replace(untimed(one), serial=None, negative_ttl=None, refresh=None) for one in expected[: len(names)]
    ]
    assert {one.transport for one in found if one.name.startswith("long")} == {"tcp"}
    assert judge(found[0], KEY.sha256).verdict is Verdict.THE_KEY


def test_numbers_and_ports_are_never_foretold() -> None:
    numbers: list[int] = []
    ports: list[int] = []
    with NameServer(serving(STRINGS)) as server:
        inner = server._answer_udp

        def noted(wire: bytes, peer: tuple[str, int]) -> None:
            numbers.append(int.from_bytes(wire[:2], "big"))
            ports.append(peer[1])
            inner(wire, peer)

        server._answer_udp = noted  # type: ignore[method-assign]
        all_of([(server.server, NAME)] * 100)
    assert len(set(numbers)) > 190
    assert len(set(ports)) > 150
    steps = [second - first for first, second in pairwise(ports)]
    assert max(steps.count(step) for step in set(steps)) < 50


def test_no_server_has_more_questions_under_way_than_its_bound() -> None:
    under_way, most = 0, 0
    lock, five = threading.Lock(), threading.Barrier(5, timeout=600)

    def respond(question: DNSRecord, transport: str) -> DNSRecord | bytes | list[bytes] | None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        five.wait()  # five are under way at once, however slow the machine is
        with lock:
            under_way -= 1
        return serving(STRINGS)(question, transport)

    with NameServer(respond) as server:
        answers = all_of([(server.server, NAME)] * 30, limits=lambda _: Limits(0.0, 5))
    assert {answer.failure for answer in answers} == {""}
    assert most == 5


def test_no_server_is_asked_faster_than_its_rate_and_each_has_its_own() -> None:
    order: list[str] = []
    with NameServer(serving(STRINGS)) as one, NameServer(serving(STRINGS)) as two:
        with Asker(limits=lambda _: Limits(100.0, 20)) as asker:
            started = time.monotonic()
            for tag, server in (("one", one), ("two", two)):
                for _ in range(60):
                    asker.ask(server.server, NAME, tag, serial=False)
            while asker.pending:
                order += [tag for tag, _ in asker.turn()]
        taken = time.monotonic() - started
    assert taken >= 0.6 - bulk.BURST_S - 0.02
    assert 20 <= order[:60].count("two") <= 40  # side by side, not one after the other


def test_a_slow_server_holds_up_no_other() -> None:
    ended: list[str] = []
    with NameServer(lambda *_: None) as silent, NameServer(serving(STRINGS)) as quick, Asker(timeout_s=30.0) as asker:
        for _ in range(20):
            asker.ask(silent.server, NAME, "silent", serial=False)
            asker.ask(quick.server, NAME, "quick", serial=False)
        while len(ended) < 20:
            ended += [tag for tag, _ in asker.turn()]
    assert set(ended) == {"quick"}


def test_a_server_that_never_answers_is_let_be_for_a_while() -> None:
    with NameServer(lambda *_: None) as silent, Asker(timeout_s=0.05, limits=lambda _: Limits(0.0, 10)) as asker:
        for _ in range(300):
            asker.ask(silent.server, NAME, serial=False)
        answers = []
        while asker.pending:
            answers += [answer for _, answer in asker.turn()]
        assert {answer.failure for answer in answers} == {"timeout"}
    assert len(silent.asked) <= 3 * (bulk.SILENT_AFTER + 10)
