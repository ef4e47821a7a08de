"""Whole runs against real name servers that are at fault: refused by name, no write seen, SES as it was."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest

from tests.dns.daemons import Daemon, bind, knot, nsd
from tests.dns.internet import zone
from tests.notebooks import outside
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe
from tests.sandbox.generator import zone_line

CURRENT, NEXT, DOMAIN = "mail-20260912-1", "mail-20261124-1", "example.jp"
NAME = f"{NEXT}._domainkey.{DOMAIN}"
AWAY = f"keys.{DOMAIN}"


@dataclass(frozen=True)
class Fault:
    """Two servers with their zones, as functions of both key records; the checks that refuse; what the record says."""

    first: Daemon
    second: Daemon
    next_first: str
    next_second: str
    serial_second: int
    refusing: set[str]
    says: str


KEY = "{next}"
FAULTS = {
    "stale": Fault(nsd, knot, KEY, "", 6, {"DNS-PUBLISHED"}, "stale copy of the zone (absent, serial 6 < 7)"),
    "wildcard": Fault(
        knot, nsd, KEY + f"*._domainkey.{DOMAIN}. 60 TXT x\n", KEY, 7,
        {"DNS-WILDCARD", "BACK-CHECKS"}, "a random name",
    ),
    "two records": Fault(bind, nsd, KEY, KEY + f"{NAME}. 3600 TXT x\n", 7, {"DNS-PUBLISHED", "DNS-SINGLE"}, "several"),
    "CNAME loop": Fault(
        knot, nsd, f"{NAME}. 60 CNAME {AWAY}.\n{AWAY}. 60 CNAME {NAME}.\n", KEY, 7,
        {"DNS-PUBLISHED", "DNS-CNAME"}, f"{NAME} -> {AWAY} -> {NAME}",
    ),
    "none": Fault(bind, knot, KEY, KEY, 7, set(), "2 of 2 serve the key"),
}  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """A run, the writes it made, and the selector that SES has then."""

    ran: Ran
    puts: int
    selector: str


def tell(name: str, stage: Stage) -> Ended:
    fault = FAULTS[name]
    # The key records of both selectors, as the sandbox's name servers serve them.
    current, following = (zone_line(stage.sandbox.facts, selector) for selector in (CURRENT, NEXT))
    texts = [
        zone(DOMAIN, {f"ns1.{DOMAIN}": "192.0.2.53"}, serial=serial) + current + lines.format(next=following)
        for lines, serial in ((fault.next_first, 7), (fault.next_second, fault.serial_second))
    ]
    folder = stage.folder / "servers"
    with (
        fault.first(folder / "1", {DOMAIN: texts[0]}) as one,
        fault.second(folder / "2", {DOMAIN: texts[1]}) as two,
    ):
        ran = stage.apply("-r", "nameservers", f"127.0.0.1:{one},[::1]:{two}")
    return Ended(ran, len(stage.puts), token(stage))


def token(stage: Stage) -> str:
    (selector,) = outside.identity(stage.runner, stage.sandbox.facts)["DkimAttributes"]["Tokens"]
    return str(selector)


def published_late(stage: Stage) -> dict[str, Ran]:
    """Refused as absent; published; refused until caches have forgotten; and then applied."""
    told = {"absent": stage.apply()}
    stage.sandbox.publish()
    told["too early"] = stage.apply()
    stage.sandbox.advance(timedelta(minutes=5))
    told["still too early"] = stage.apply()
    stage.sandbox.advance(timedelta(minutes=6))
    told["late enough"] = stage.apply()
    return told


def waited(stage: Stage) -> Ended:
    """Nothing is published when the run begins; it is, once the run has asked again."""

    def publish() -> None:
        while '"event":"polled"' not in "".join(path.read_text() for path in stage.folder.glob("outputs/*.jsonl")):
            if ended.wait(0.05):
                return
        stage.sandbox.publish()

    ended = threading.Event()
    thread = threading.Thread(target=publish)
    thread.start()
    # The time that caches take is waived: what is shown here is that the run goes on by itself.
    waiver = "TIME-ACTIVATE: nobody asks for this selector yet"
    try:
        ran = stage.apply("-p", "wait_dns_minutes", "1", "-p", "waive", waiver)
    finally:
        ended.set()
        thread.join()
    return Ended(ran, len(stage.puts), token(stage))


QUICK = {"name": ("stale", "CNAME loop")}


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> Mapping[str, Future[Ended]]:
    return {name: troupe.begin(name.replace(" ", "-"), partial(tell, name)) for name in FAULTS}


@pytest.fixture(scope="module")
def late(troupe: Troupe) -> Future[dict[str, Ran]]:
    return troupe.begin("published-late", published_late, "dns-absent")


@pytest.fixture(scope="module")
def waiting(troupe: Troupe) -> Future[Ended]:
    return troupe.begin("waited", waited, "dns-absent")


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_refused_by_name_and_nothing_is_written(told: Mapping[str, Future[Ended]], name: str) -> None:
    ended, fault = told[name].result(), FAULTS[name]
    assert ended.ran.failed() == fault.refusing, ended.ran.stderr
    assert fault.says in ended.ran.shown("steps.check(run)")
    if fault.refusing:
        assert (ended.ran.outcome, ended.ran.returncode, ended.puts, ended.selector) == ("REFUSED", 1, 0, CURRENT)
        assert any(f"{check} failed" in ended.ran.paragraph for check in fault.refusing)
    else:
        assert (ended.ran.outcome, ended.ran.returncode, ended.puts, ended.selector) == ("SWITCHED", 0, 1, NEXT)


@pytest.mark.prove
def test_a_record_published_since_an_earlier_run_waits_for_caches(late: Future[dict[str, Ran]]) -> None:
    runs = late.result()
    assert {name: ran.outcome for name, ran in runs.items()} == {
        "absent": "REFUSED",
        "too early": "REFUSED",
        "still too early": "REFUSED",
        "late enough": "SWITCHED",
    }
    assert runs["absent"].failed() == {"DNS-PUBLISHED"}
    assert runs["too early"].failed() == runs["still too early"].failed() == {"TIME-ACTIVATE"}
    assert not any(runs[name].has("intent") for name in ("absent", "too early", "still too early"))
    first, second = (runs[name].paragraph for name in ("too early", "still too early"))
    assert "Seen: not before 20" in first
    assert "caches may hold what stood there before for 300 s" in first
    # The time stands, however often one asks.
    assert first.partition("not before ")[2][:19] == second.partition("not before ")[2][:19]


def test_a_run_that_waits_for_dns_goes_on_by_itself(waiting: Future[Ended]) -> None:
    ended = waiting.result()
    assert (ended.ran.outcome, ended.ran.returncode, ended.puts, ended.selector) == ("SWITCHED", 0, 1, NEXT)
    polls = [event for event in ended.ran.events if event["event"] == "polled"]
    assert [poll["good"] for poll in polls] == [0, 2]
    assert ended.ran.event("polling-ended")["ran_out"] is False
    shown = ended.ran.shown("steps.observe(run)")
    assert "DNS serves the key record; the wait is over." in shown
    assert "the key" in shown
