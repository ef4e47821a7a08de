"""What ``byodkim fleet`` tells while a campaign goes on, by the journal that it reads."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from byodkim.display.campaign_count import FIRST, Count
from byodkim.launch import campaign_progress
from byodkim.launch.campaign_progress import ANEW, Progress
from byodkim.launch.unfinished import Watch

AT = "2026-11-24T04:09:{:02}.000+00:00"
LAID = {"event": "laid", "lanes": [{"name": "1 r", "waves": [[0], [1, 2, 3]]}, {"name": "2 r", "waves": [[4]]}]}


def ended(number: int, outcome: str, second: int, why: str = "") -> dict[str, Any]:
    return {
        "event": "ended", "number": number, "outcome": outcome, "ended_at": AT.format(second), "why": why,
        "domain": f"d{number}.example.jp",
    }  # fmt: skip


class Terminal(io.StringIO):
    """One on which a line can change."""

    def isatty(self) -> bool:
        return True


def test_counts_waves_rate_and_time_left() -> None:
    count = Count("en")
    assert count.line() == ""
    count.take({"event": "looked", "known": 3, "all": 9, "left_s": 60.0})
    assert count.line() == "Looked at: 3 of 9, about 60 s left"
    count.take(LAID)
    assert count.line() == "Wave 1/2 1/1: 0 of 5 ended (-), 0 under way, - a second, about - left"
    for number in (0, 4, 1):
        count.take({"event": "started", "number": number})
    told = [count.take(ended(0, "SWITCHED", 10)), count.take(ended(4, "REFUSED", 12, "SES-ORIGIN failed"))]
    assert told == ["", "d4.example.jp: REFUSED: SES-ORIGIN failed"]
    assert count.line() == (
        "Wave 2/2 1/1: 2 of 5 ended (REFUSED 1, SWITCHED 1), 1 under way, 0.50 a second, about 6.0 s left"
    )


def test_what_earlier_runs_did_counts_and_only_the_first_failures_are_told() -> None:
    count = Count("en")
    count.take(LAID)
    count.take(
        {"event": "resumed", "ended": [{"number": 0, "outcome": "SWITCHED"}, {"number": 9, "outcome": "FAILED"}]}
    )
    assert count.line().startswith("Wave 2/2 1/1: 1 of 5 ended (SWITCHED 1)")
    told = [count.take(ended(number, "FAILED", 1)) for number in range(10)]
    assert [bool(one) for one in told] == [True] * FIRST + [False] * (10 - FIRST)


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()], ids=["terminal", "file"])
def test_a_terminal_s_line_changes_and_elsewhere_lines_are_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO
) -> None:
    watch = Watch(tmp_path / "x.ipynb").begin()
    shown = Progress(watch, "en", stream)
    path = tmp_path / "x.20261124T040849Z-40657f3a.journal.jsonl"
    lines = [json.dumps(one) for one in (LAID, ended(0, "SWITCHED", 1), ended(1, "FAILED", 2, "no"))]
    shown._turn()  # before there is a journal
    path.write_text("\n".join(lines[:2]) + "\n" + lines[2][:5])
    shown._turn()
    path.write_text("\n".join(lines) + "\n")
    shown._turn()
    shown._turn(last=True)
    told = stream.getvalue()
    assert told.count("d1.example.jp: FAILED: no\n") == 1
    assert told.endswith("2 of 5 ended (FAILED 1, SWITCHED 1), 0 under way, 1.00 a second, about 3.0 s left\n")
    if stream.isatty():
        assert told.count(f"{ANEW}Wave") == 3
    else:
        assert told.count("Wave") == 1
        monkeypatch.setattr(campaign_progress, "APART_S", 0.0)
        shown._turn()
        assert stream.getvalue().count("Wave") == 2
