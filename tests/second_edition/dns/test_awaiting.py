"""Waiting for DNS: authoritative servers are polled until the key record stands and caches have forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dnslib import DNSRecord
from msgspec.structs import replace

from second_edition.display.words import Words
from second_edition.dkim.published import Server
from second_edition.engine import kernel, live_line, resolving
from second_edition.engine.polling import Polling
from second_edition.events import name_of
from second_edition.events.parts import Event
from second_edition.procedures.rotate import steps
from second_edition.rotation.resolution import Sighting
from second_edition.settings import Profile
from tests.second_edition.dns.observed import ACCOUNT, DOMAIN, NAME, REGION, SELECTOR, STRINGS, findings, observation
from tests.second_edition.dns.servers import NameServer, Respond, serving
from tests.second_edition.each import each

START = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "DNS_FIRST_S", 0.01)
    monkeypatch.setattr(steps, "DNS_LONGEST_S", 0.01)


class Run:
    """What waiting needs of a run. Its clock goes on by ``step`` at each look."""

    def __init__(self, servers: list[Server], *, minutes: float = 1, step: timedelta = timedelta(seconds=1)) -> None:
        self.intent = SimpleNamespace(
            domain=DOMAIN, selector=SELECTOR, nameservers=tuple(servers), encrypted_resolvers=(), resolvers=(),
            section=Profile(), language="en", zone=UTC, wait_dns_minutes=minutes, account=ACCOUNT,
            region=REGION, expected_region=REGION, waivers={}, applies=True,
        )  # fmt: skip
        self.found: dict[str, Any] = {}
        self.walking: dict[str, Any] = {}
        self.history: tuple[Sighting, ...] = ()
        self.events: list[dict[str, Any]] = []
        self.polls = 0
        self.later: dict[int, timedelta] = {}  # by how much the clock goes on after a poll
        self._now, self._step = START, step
        self.seen: Any = None
        self.sandbox = None
        self.look()

    def look(self) -> None:
        """Observes DNS; all else is as it should be."""
        records, dns = resolving.look(self.this, SELECTOR)
        dns = replace(dns, history=resolving.history(self.this, ()))
        self.seen = observation(at=self.clock().isoformat(timespec="milliseconds"), records=records, dns=dns)

    @property
    def this(self) -> Any:
        return self

    def clock(self) -> datetime:
        self._now += self._step
        return self._now

    def write(self, kind: type[Event], **content: Any) -> None:
        self.events.append({"event": name_of(kind), **content})

    def wait(self) -> dict[str, Any]:
        """Waits; gives the event that ends it."""

        def progress() -> None:
            self.polls += 1
            self._now += self.later.get(self.polls, timedelta())

        steps.wait_for_dns(self.this, self.seen, progress)
        return self.events[-1]


def after(count: int, first: Respond, then: Respond) -> Respond:
    """Answers ``first`` to that many TXT questions for the record, and ``then`` from there on."""
    seen: list[str] = []

    def respond(question: DNSRecord, transport: str) -> Any:
        if str(question.q.qname).rstrip(".") == NAME and question.q.qtype == 16:
            seen.append(transport)
        return (first if len(seen) <= count else then)(question, transport)

    return respond


def test_it_ends_when_every_server_serves_the_key_and_caches_have_forgotten():
    slow = after(3, serving(), serving(STRINGS))
    with NameServer(serving(STRINGS)) as one, NameServer(slow) as two:
        run = Run([one.server, two.server], minutes=100, step=timedelta(minutes=5))
        assert steps.waits_for_dns(run.this, run.seen)
        ended = run.wait()
        run.look()
    assert ended == {"event": "polling-ended", "seconds": ended["seconds"], "ran_out": False, "needed": 0}
    polled = [event for event in run.events if event["event"] == "polled"]
    assert [event["good"] for event in polled] == [1, 2]
    assert list(polled[0]["verdicts"]) == ["the-key", "absent"]
    # The one that lags asks for the zone again within its SOA's REFRESH, two hours.
    first_poll = START + timedelta(minutes=10)
    assert polled[0]["by"] == (first_poll + timedelta(seconds=7200)).isoformat(timespec="seconds")
    # "None" is remembered for 300 s, and five minutes are added. It took that long, poll after poll.
    since = START + timedelta(minutes=20)
    assert polled[1]["by"] == (since + timedelta(minutes=10)).isoformat(timespec="seconds")
    assert run.polls == 3 + 2
    # The observation that follows knows of it, so the check passes.
    assert not steps.waits_for_dns(run.this, run.seen)
    assert [one.everywhere for one in run.seen.dns.history] == [False, True]


def test_it_ends_when_its_time_is_over():
    with NameServer(serving()) as server:
        run = Run([server.server], minutes=0.001)
        run.intent.applies = False
        ended = run.wait()
    assert (ended["ran_out"], ended["needed"]) == (True, 0)
    assert [(event["good"], event["by"]) for event in run.events[:-1]] == [(0, "")]
    assert run.polls  # once, where the machine is busy


@each("minutes", [9, 10])
def test_a_wait_for_caches_alone_is_as_long_as_they_may_hold_what_stood_there(minutes: int):
    """Nothing stood there, which is remembered for 300 s; the record was first seen ten seconds before the wait."""
    with NameServer(serving(STRINGS)) as server:
        run = Run([server.server], minutes=minutes, step=timedelta(seconds=10))
        run.history = (Sighting("2026-11-24T03:00:00.000+00:00", False, None, 300),)
        if minutes == 10:
            with pytest.raises(_Polled):
                steps.wait_for_dns(run.this, run.seen, _polled)
        else:
            assert (run.wait()["needed"], run.polls) == (10, 1)


@each("minutes", [11, 12, 15])
def test_the_wait_that_is_advised_is_enough_though_the_record_has_a_longer_ttl(minutes: int):
    """It is published at the third poll, 2 s into the wait; its TTL of 3600 s says nothing of what caches hold."""
    with NameServer(after(3, serving(), serving(STRINGS))) as server:
        run = Run([server.server], minutes=minutes)
        run.later = {4: timedelta(minutes=10)}
        ended = run.wait()
    assert (ended["ran_out"], ended["needed"], run.polls) == (False, 0, 5)


def test_while_caches_alone_are_waited_for_the_line_says_so_and_the_check_says_for_how_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_line, "FIRST_S", 0.0)
    monkeypatch.setattr(kernel, "standard_error", lambda: (tmp_path / "log").open("a"))
    with NameServer(serving(STRINGS)) as server:
        run = Run([server.server], minutes=20, step=timedelta(minutes=1))
        run.history = (Sighting("2026-11-24T03:00:00.000+00:00", False, None, 300),)
        run.look()
        remedy = findings(run.seen)["TIME-ACTIVATE"].remedy
        assert not run.wait()["ran_out"]
    assert remedy
    assert "-p wait_dns_minutes 11." in Words("en", UTC).phrase(remedy)
    assert "1 / 1; caches may hold the earlier answer until 04:11:00 UTC" in (tmp_path / "log").read_text()


class _Polled(Exception):
    """A poll was made, and the wait goes on."""


def _polled() -> None:
    raise _Polled


def test_a_plan_does_not_wait_for_caches():
    with NameServer(after(2, serving(), serving(STRINGS))) as server:
        run = Run([server.server])
        run.intent.applies = False
        ended = run.wait()
        run.look()
    assert (ended["ran_out"], run.polls) == (False, 2)
    assert not steps.waits_for_dns(run.this, run.seen)


def test_a_time_that_is_waived_is_not_waited_for():
    with NameServer(after(2, serving(), serving(STRINGS))) as server:
        run = Run([server.server])
        run.intent.waivers = {"TIME-ACTIVATE": "nobody asks for this selector yet"}
        ended = run.wait()
    assert (ended["ran_out"], run.polls) == (False, 2)


def test_a_pause_grows_up_to_the_end_and_takes_no_real_time_where_the_world_skips_it() -> None:
    skipped: list[float] = []
    looks = [(poll.pause, poll.passed, poll.taken["wall_s"]) for poll in Polling(60, 1.0, 8.0, skipped.append)]
    pauses, passed, wall = zip(*looks, strict=True)
    assert [round(pause) for pause in pauses] == [round(pause) for pause in (*skipped, 0)]
    assert [round(seconds) for seconds in passed] == [0, 1, 3, 7, 15, 23, 31, 39, 47, 55, 60]
    assert [round(seconds) for seconds in wall] == [0] * len(looks)
    assert [poll.taken.keys() for poll in Polling(0)] == [{"seconds"}]
