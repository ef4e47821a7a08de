"""A whole run whose key record is published late: it waits for DNS. tests/second_edition/dns has what caches may hold."""

from __future__ import annotations

import threading

from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe

NEXT = "mail-20261124-1"


def waited(stage: Stage) -> tuple[Ran, int, str]:
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
    return ran, len(stage.puts), stage.identity["selectors"][0]


def test_a_run_that_waits_for_dns_goes_on_by_itself(troupe: Troupe) -> None:
    ran, puts, selector = troupe.begin("waited", waited, "dns-absent").result()
    assert (ran.outcome, ran.returncode, puts, selector) == ("SWITCHED", 0, 1, NEXT)
    polls = [event for event in ran.events if event["event"] == "polled"]
    assert [poll["good"] for poll in polls] == [0, 2]
    assert ran.event("polling-ended")["ran_out"] is False
    shown = ran.shown("steps.observe(run)")
    assert "DNS serves the key record; the wait is over." in shown
    assert "the key" in shown
