"""Faults of real name servers, each in a run that applies: refused by name, no write, SES as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from second_edition.events.writes import Polled, PollingEnded
from second_edition.rotation.findings import Verdict
from tests.second_edition.dns.daemons import Daemon, nsd, unbound
from tests.second_edition.dns.internet import zone
from tests.second_edition.dns.signed import sign
from tests.second_edition.engine.played import Stage
from tests.second_edition.engine.test_refusals import refused
from tests.second_edition.evidence.raw import contradictions
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.profiles import write_profile
from tests.second_edition.sandbox.generator import zone_line

DOMAIN = "example.jp"
ORIGIN = {f"ns1.{DOMAIN}": "192.0.2.53"}


def records(stage: Stage, ttl: int = 3600) -> tuple[str, str]:
    facts = stage.sandbox.facts
    return zone_line(facts, facts.current_selector), zone_line(facts, facts.next_selector, ttl)


def whole(stage: Stage, *more: str, ttl: int = 3600) -> str:
    """The zone with both key records."""
    return zone(DOMAIN, ORIGIN, serial=7) + "".join((*records(stage, ttl), *more))


@contextmanager
def at(folder: Path, *machines: tuple[Daemon, dict[str, str]]) -> Iterator[str]:
    """Servers on loopback, by turns on IPv4 and IPv6, as the parameter ``nameservers`` takes them."""
    with ExitStack() as stack:
        ports = [stack.enter_context(one(folder / str(number), zones)) for number, (one, zones) in enumerate(machines)]
        yield ",".join(f"{('127.0.0.1', '[::1]')[number % 2]}:{port}" for number, port in enumerate(ports))


def test_26_a_ttl_that_changed_since_the_plan(stage: Stage) -> None:
    facts = stage.sandbox.facts
    value, *_ = outside.txt(facts, facts.next_selector)
    stage.play(stage.begin())
    stage.sandbox.set_record(f"{facts.next_selector}._domainkey.{DOMAIN}", "TXT", [value], ttl=7200)
    assert refused(stage, {"TIME-ACTIVATE"}) == {"TIME-ACTIVATE": Verdict.FAIL}


def test_a_wait_that_cannot_be_enough_is_refused_at_once(stage: Stage, tmp_path: Path) -> None:
    """The record has a TTL of 60 s, and so has "none": with five minutes of margin, caches forget after six minutes."""
    short = whole(stage, ttl=60).replace(" 1209600 300", " 1209600 60")
    without = short.replace(records(stage, 60)[1], "")
    assert short != without
    with at(tmp_path / "1", (nsd, {DOMAIN: without})) as servers:
        stopped = refused(stage, {"DNS-PUBLISHED"}, nameservers=servers, wait_dns_minutes=4)
    assert stopped == {"DNS-PUBLISHED": Verdict.FAIL}
    with at(tmp_path / "2", (nsd, {DOMAIN: short})) as servers:
        stopped = refused(stage, {"TIME-ACTIVATE"}, nameservers=servers, wait_dns_minutes=4)
    assert stopped == {"TIME-ACTIVATE": Verdict.FAIL}
    # The time of the record that is there counts from when the run began: how long ago that is, the machine decides.
    for run, minutes in zip(stage.runs, ({7}, {6, 7}), strict=True):
        assert len(run.record.all_of(Polled)) == 1
        ended = run.record.of(PollingEnded)
        assert ended is not None
        assert (ended.ran_out, ended.seconds < 60) == (True, True)
        assert (needed := ended.needed) in minutes
        (advised,) = re.findall(r"-p wait_dns_minutes (\d+)", str(run.journal.events[-1]))
        assert int(advised) - needed in (0, 1)


def test_expired_dnssec_signatures(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every authoritative server serves the key; one resolver validates, and one does not."""
    text, anchor = sign(whole(stage), DOMAIN, expired=True)
    with (
        nsd(tmp_path / "nsd", {DOMAIN: text}) as port,
        unbound(tmp_path / "strict", {DOMAIN: port}, anchors=[anchor]) as strict,
        unbound(tmp_path / "lenient", {DOMAIN: port}) as lenient,
    ):
        resolvers = f"127.0.0.1:{strict}, 127.0.0.1:{lenient}"
        asked = profiled(stage, monkeypatch, nameservers=f"127.0.0.1:{port}", resolvers=resolvers)
        stopped = refused(stage, {"DNS-DNSSEC"}, **asked)
    assert stopped == {"DNS-DNSSEC": Verdict.FAIL}
    assert f"DNSSEC validation fails at 127.0.0.1:{strict}" in str(stage.shown | {"aside": stage.aside})
    events = stage.runs[-1].journal.as_json
    assert contradictions(events) == []
    observed = [event for event in events if event["event"] == "observed"][-1]
    observed["observation"]["dns"]["unvalidated"][0]["rcode"] = "SERVFAIL"
    assert contradictions(events) == [(observed["n"], "unvalidated")]


def profiled(stage: Stage, monkeypatch: pytest.MonkeyPatch, **more: Any) -> dict[str, Any]:
    """A profile that believes it acts on AWS, and names no name servers; what a run is asked with it."""
    without = "" if "nameservers" in more else "nameservers"
    write_profile(Path(), stage.sandbox.facts, without=without, **{"resolvers": "127.0.0.1:1"} | more)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "sandbox")
    return {"target": "aws"}
