"""What a campaign says on a terminal and in a log while it goes on."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import termios
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from second_edition.engine import kernel, live_line
from second_edition.events.campaign import Ended, EndedRun, Laid, Lane, Looked, Resumed, Started, Surveyed
from second_edition.events.parts import Event
from second_edition.procedures.fleet.campaign import FIRST, Count
from second_edition.procedures.fleet.campaign_line import CampaignLine
from tests.second_edition.events.noted import noted

AT = "2026-11-24T04:09:{:02}.000+00:00"
LAID = noted(Laid, lanes=(Lane(name="1 r", waves=((0,), (1, 2, 3))), Lane(name="2 r", waves=((4,),))))


def ended(number: int, outcome: str, second: int, why: str = "") -> EndedRun:
    given = {"number": number, "outcome": outcome, "ended_at": AT.format(second), "why": why}
    return noted(EndedRun, **given, domain=f"d{number}.example.jp")


def test_counts_waves_rate_and_time_left() -> None:
    count = Count("en")
    assert count.line() == ""
    count.take(noted(Looked, known=3, all=9, left_s=60.0))
    assert count.line() == "Looked at: 3 of 9, about 60 s left"
    count.take(noted(Looked, known=9, all=9, left_s=0.0))
    assert count.line() == "Looked at: 9 of 9"
    count.take(noted(Looked, known=0, all=9, left_s=None))
    assert count.line() == "Looked at: 0 of 9"
    count.take(noted(Looked, known=8, all=9, left_s=1.0))
    count.take(noted(Surveyed, rows=9))  # the last of them came since
    assert count.line() == "Looked at: 9 of 9"
    count.take(LAID)
    assert count.line() == "Wave 1/2 1/1: 0 of 5 ended (-), 0 under way"
    for number in (0, 4, 1):
        count.take(noted(Started, number=number))
    told = [count.take(ended(0, "SWITCHED", 10)), count.take(ended(4, "REFUSED", 12, "SES-ORIGIN failed"))]
    assert told == ["", "d4.example.jp: REFUSED: SES-ORIGIN failed"]
    assert count.line() == (
        "Wave 2/2 1/1: 2 of 5 ended (REFUSED 1, SWITCHED 1), 1 under way, 0.50 a second, about 6.0 s left"
    )


def test_what_earlier_runs_did_counts_and_only_the_first_failures_are_told() -> None:
    count = Count("en")
    count.take(LAID)
    outcomes = ((0, "SWITCHED"), (9, "FAILED"))
    earlier = tuple(noted(Ended, number=n, outcome=one, ended_at=AT.format(0)) for n, one in outcomes)
    count.take(noted(Resumed, ended=earlier))
    assert count.line().startswith("Wave 1/2 1/1: 1 of 5 ended (SWITCHED 1)")
    told = [count.take(ended(number, "FAILED", 1)) for number in range(10)]
    assert [bool(one) for one in told] == [True] * FIRST + [False] * (10 - FIRST)


def test_a_rate_is_told_of_runs_that_ended_apart_in_whatever_order_they_are_noted() -> None:
    """A run of a campaign that was killed is noted late, with the time at which it ended."""
    count = Count("en")
    for event in (LAID, ended(0, "SWITCHED", 9), ended(1, "SWITCHED", 5)):
        count.take(event)
    assert ", 0.25 a second, " in count.line()
    count = Count("en")
    for event in (LAID, ended(0, "SWITCHED", 5), ended(1, "SWITCHED", 5)):
        count.take(event)
    assert "a second" not in count.line()


def follow(monkeypatch: pytest.MonkeyPatch, stream: Any) -> None:
    """Show a campaign of five of which one ends well, and then one not."""
    monkeypatch.setattr(kernel, "standard_error", lambda: stream)
    clock = [0.0]
    monkeypatch.setattr(live_line, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    journal = SimpleNamespace(events=list[Event]())
    run: Any = SimpleNamespace(journal=journal, intent=SimpleNamespace(language="en"))
    line = CampaignLine(run)
    line.show()  # before anything is known
    begun = noted(Started, number=1)
    for seconds, event in ((12, LAID), (0.1, ended(0, "SWITCHED", 1)), (0, begun), (40, ended(1, "FAILED", 2, "no"))):
        journal.events = [*journal.events, event]
        clock[0] += seconds
        line.show()
        line.show()
    line.close()


WAVES = [
    "Wave 1/2 1/1: 0 of 5 ended (-), 0 under way",
    "Wave 2/2 1/1: 1 of 5 ended (SWITCHED 1), 1 under way",
]
LAST = "Wave 2/2 1/1: 2 of 5 ended (FAILED 1, SWITCHED 1), 0 under way, 1.00 a second, about 3.0 s left"


def test_in_a_log_there_are_a_line_for_each_wave_and_now_and_then_each_failure_and_the_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    follow(monkeypatch, log.open("w"))
    assert log.read_text().splitlines() == [*WAVES, "d1.example.jp: FAILED: no", LAST]


def test_on_a_terminal_the_line_changes_in_its_place_and_is_never_wider(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (25, 60))
    follow(monkeypatch, os.fdopen(theirs, "w"))
    said = ""
    with contextlib.suppress(OSError):  # Linux's word for a terminal that nobody holds any more
        while part := os.read(ours, 1 << 16):
            said += part.decode()
    os.close(ours)
    # papermill's own bar may stand in a line that is to stay: that is emptied first.
    assert all(f"{live_line.CLEARED}{one}\r\n" in said for one in ("d1.example.jp: FAILED: no", LAST))
    said = said.replace(live_line.CLEARED, "\r")
    shown = [part.rstrip() for part in re.split(r"[\r\n]+", said) if part.strip()]
    failure = shown.index("d1.example.jp: FAILED: no")
    assert [one for one in shown[:failure] if one in WAVES] == WAVES
    assert all(len(one) <= 60 for one in shown[:failure])
    assert (shown[failure + 1].startswith("Wave 2/2 1/1: "), shown[-1]) == (True, LAST)
    assert (said.count("no\r\n"), said.count(f"{LAST}\r\n")) == (1, 1)


def test_where_its_reader_has_gone_the_campaign_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    follow(monkeypatch, os.fdopen(writer, "w"))
