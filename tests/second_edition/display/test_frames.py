"""What tables show as DataFrames: values of their types under names that are the same for every reader."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pandas
import pytest
from msgspec.structs import replace

from second_edition.display import history
from second_edition.display.blocks import Data, Kind, Table
from second_edition.display.comparison import comparison
from second_edition.display.notebook import Shown, as_text, frame, frames
from second_edition.display.observed import current_state
from second_edition.display.sections import all_of as shown
from second_edition.display.words import Words
from second_edition.evidence.past import Sight, Trace, Write
from second_edition.evidence.record import Record
from second_edition.rotation.findings import Verdict
from second_edition.rotation.outcome import Outcome
from tests.second_edition.display.test_rotate import TOKYO, closed, event, events, read, written
from tests.second_edition.each import each
from tests.second_edition.events.noted import record_of
from tests.second_edition.rotation.rows import ROWS, Row
from tests.second_edition.rotation.world import CURRENT, NEXT, identity

KINDS = {
    "at": Kind.MOMENT,
    "took": Kind.SPAN,
    "count": Kind.COUNT,
    "ms": Kind.NUMBER,
    "sound": Kind.TRUTH,
    "name": Kind.TEXT,
}
VALUES = ("2026-11-24T13:09:03.250+09:00", timedelta(seconds=38), 3, 1.5, True, "a")
CALL = {
    "service": "sesv2", "operation": "GetEmailIdentity", "status": 200, "retries": 0, "ms": 81, "request_id": "6b2f",
    "at": "2026-11-24T04:08:01.000+00:00",
}  # fmt: skip


@pytest.fixture
def record() -> Record:
    calls = [CALL, {**CALL, "status": 0, "failure": "ConnectTimeoutError", "request_id": ""}]
    seen = event("observed", 8, **{**events()[2], "calls": calls})
    known = [one if one["event"] != "observed" else seen for one in written(read(9, "PENDING"), read(10, "SUCCESS"))]
    return record_of(*known, closed(Outcome.SWITCHED))


@each("rows", [(), (VALUES,), (VALUES, (None,) * 6), (("",) * 6,)], ids=len)
def test_each_column_is_of_its_type_whatever_is_missing(rows: tuple[tuple[object, ...], ...]) -> None:
    made = frame(Data("x", KINDS, rows))
    assert {name: str(kind) for name, kind in made.dtypes.items()} == KINDS
    assert made.isna().sum().sum() == sum(value in (None, "") for row in rows for value in row)
    if VALUES in rows:
        assert made["at"][0] == pandas.Timestamp("2026-11-24T04:09:03.250", tz="UTC")
        assert made.query("sound and ms > 1 and took < '40s'")["name"].tolist() == ["a"]


def test_a_value_moves_no_cursor_where_a_frame_is_printed() -> None:
    made = frame(Data("x", {"name": Kind.TEXT}, (("\x1b[2J\u202e\ud800<b>",),)))
    assert made["name"].tolist() == ["‹U+001B›[2J‹U+202E›‹U+D800›<b>"]
    assert "<b>" not in made.to_html()


def test_a_run_s_frames_hold_moments_numbers_and_truth_values(record: Record) -> None:
    made = frames(shown(record, Words("ja", TOKYO)))
    assert list(made) == [
        "parameters", "proof", "checks", "comparison", "run_sheet", "plan", "plan_facts", "readings", "servers",
        "timeline", "calls", "keys",
    ]  # fmt: skip
    assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for one in made.values() for name in one.columns)
    comparison = made["comparison"].set_index("field")
    assert comparison.loc["selectors"].tolist() == [CURRENT, NEXT, NEXT, True, True]
    assert comparison["changed"].sum() == 1
    assert made["servers"]["latency_ms"].max() < 1000
    assert str(made["servers"]["ttl"].dtype) == "Int64"
    assert set(made["servers"]["name"]) == {f"{name}._domainkey.example.jp" for name in (NEXT, CURRENT)}
    assert not made["checks"]["stops"].any()
    assert made["plan"].loc[0, ["current_selector", "next_selector"]].tolist() == [CURRENT, NEXT]
    assert made["readings"]["at"].diff().max() == timedelta(minutes=1)
    assert made["timeline"]["event"].iloc[-1] == "closed"
    assert made["calls"]["status"].isna().tolist() == [False, True]
    assert made["calls"]["failure"].tolist()[1] == "ConnectTimeoutError"
    assert made["calls"]["ms"].sum() == 162


@each("row", ROWS[::4], ids=[f"{row.check}-{row.name}" for row in ROWS[::4]])
def test_every_world_s_values_are_the_same_for_every_reader(row: Row) -> None:
    record = record_of(*events(row))
    told = [
        [one.data for one in shown(record, words) if isinstance(one, Table) and one.data]
        for words in (Words("en", UTC), Words("ja", TOKYO))
    ]
    assert told[0] == told[1]
    assert not re.search("[\u3041-\u30fe\u4e00-\u9fff]", str(told))


def test_before_and_after_show_times_in_the_readers_zone() -> None:
    row = Row("", "", identity(last_checked="2026-11-24T05:00:00+00:00"), Verdict.PASS)
    record = record_of(*events(row), read(9, "PENDING"))
    for made in (comparison, current_state):
        text = "\n".join(map(as_text, made(record, Words("ja", TOKYO))))
        assert "2026-11-24 14:00:00 JST (2026-11-24 05:00:00 UTC)" in text


def test_what_is_not_as_required_is_told_from_what_has_changed() -> None:
    waiting = record_of(*written(read(9, "PENDING")))
    first, *_ = comparison(waiting, Words("en", UTC))
    assert isinstance(first, Table)
    status = next(row for row in first.rows if row[2] == "PENDING")
    assert status[3] == "≠ SUCCESS"
    made = frames(shown(waiting, Words("ja", TOKYO)))["comparison"].set_index("field")
    assert not made.loc["status", "as_required"]
    assert made.loc["status", "required"] == "SUCCESS"


def test_a_history_is_one_of_moments_and_spans() -> None:
    at = datetime(2026, 11, 24, 4, 9, tzinfo=UTC)
    sights = (Sight(at - timedelta(1), "old", "SUCCESS"), Sight(at + timedelta(seconds=38), "new", "SUCCESS"))
    trace = Trace(
        "run", "new", at - timedelta(1), at + timedelta(1), sights, (Write(at, "old", "new"),), None, None, None, ()
    )
    words = Words("ja", TOKYO)
    made = frames(history.history([trace], at + timedelta(1), words))
    assert made["switches"]["unsigned"].tolist() == [timedelta(seconds=38)]
    assert made["switches"]["verified_at"].tolist() == [at + timedelta(seconds=38)]
    assert made["selectors"].columns.tolist() == ["selector", "since", "until", "last_seen", "exact"]
    assert made["selectors"]["exact"].tolist() == [False, True]
    unsteady = frames(history.history([replace(trace, set_back=True)], at + timedelta(1), words))["switches"]
    assert unsteady["unsigned"].isna().all()
    assert unsteady["verified_at"].tolist() == [at + timedelta(seconds=38)]
    result = Shown(history.history([replace(trace, sights=sights[:1])], at + timedelta(1), words))
    assert "2026-11-24 13:09:00 JST" in repr(result)
