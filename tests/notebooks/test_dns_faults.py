"""Whole runs whose key record is published late: they wait for DNS, and for what caches have forgotten."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe

NEXT = "mail-20261124-1"


@dataclass(frozen=True)
class Ended:
    """A run, the writes it made, and the selector that SES has then."""

    ran: Ran
    puts: int
    selector: str


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
    return Ended(ran, len(stage.puts), stage.identity["selectors"][0])


@pytest.fixture(scope="module")
def late(troupe: Troupe) -> Future[dict[str, Ran]]:
    return troupe.begin("published-late", published_late, "dns-absent")


@pytest.fixture(scope="module")
def waiting(troupe: Troupe) -> Future[Ended]:
    return troupe.begin("waited", waited, "dns-absent")


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
