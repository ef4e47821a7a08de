"""Tables: complete, marked, printable, in the zone of the record; DataFrames with their types."""

import pytest
from msgspec.structs import replace

from byodkim.checks.world import Unread
from byodkim.record.events import Observed
from byodkim.record.record import tell
from byodkim.show import frames, tables
from tests.show.worlds import (
    HOSTILE,
    NEW,
    OLD,
    SERVERS,
    WORLDS,
    begun,
    identity,
    observation,
    planned,
    side,
    timed,
)

DENIED = Unread("AccessDenied")


def column(table, title):
    return [row[table.titles.index(title)] for row in table.rows]


def told(seen, procedure="rotate"):
    """Return the record of a run that only observed."""
    return tell(timed(begun(procedure=procedure), Observed(purpose="plan", observation=seen)))


def key_rows(seen, procedure="rotate"):
    return list(tables.places(told(seen, procedure), seen.requested))


def test_before_and_after():
    table = tables.compared(tables.identity_fields(tell(WORLDS["switched"])))
    assert [row[:4] for row in table.rows[:4]] == [
        ["selector", OLD, NEW, NEW],
        ["DKIM status", "SUCCESS", "SUCCESS", "SUCCESS"],
        ["signing enabled", "true", "true", "true"],
        ["signing origin", "EXTERNAL", "EXTERNAL", "EXTERNAL"],
    ]
    assert column(table, "changed") == ["◀"] + [""] * (len(table.rows) - 1)
    assert table.marked == [True] + [False] * (len(table.rows) - 1)
    assert len(table.rows) == 8  # DkimAttributes.Status is the second row


def test_nothing_counts_as_compared_when_ses_was_read_once():
    table = tables.compared(tables.identity_fields(tell(WORLDS["planned"])))
    assert table.titles == ["field", "before", "required"]
    assert not any(table.marked)


def test_server_matrix():
    table = tables.servers(observation(identity(), requested=side(NEW, "")))
    assert len(table.rows) == 2 * len(SERVERS)
    assert column(table, "published") == ["✘"] * 4 + ["✔"] * 4
    assert table.marked == [True] * 4 + [False] * 4
    assert set(column(table, "rcode")) == {"NXDOMAIN", "NOERROR"}
    assert column(table, "TTL (s)") == ["–"] * 4 + ["300"] * 4
    assert set(column(table, "serial")) == {"2026112401"}
    assert column(table, "ms")[:4] == ["7", "8", "9", "10"]


@pytest.mark.parametrize(
    ("text", "same"), [(None, (6, 6)), ("", (2, 6)), (HOSTILE, (2, 6)), ("v=DKIM1; p=", (2, 6))]
)
def test_the_key_counts_only_where_it_was_seen(text, same):
    seen = observation(identity(), requested=side(NEW, text))
    rows = key_rows(seen)
    assert tables.proved(told(seen)) == same
    assert (sum(row.same is True for row in rows), len(rows)) == same
    assert {row.sha256 for row in rows} - {""} == {side(NEW).key_sha256}


@pytest.mark.parametrize(
    ("unread", "same"),
    [
        ({"secret": DENIED, "requested": replace(side(NEW), entry=None)}, (5, 6)),
        ({"zone": DENIED, "requested": replace(side(NEW), answers=())}, (2, 3)),
        ({"requested": replace(side(NEW), key=DENIED)}, (0, 6)),
    ],
)
def test_a_place_that_could_not_be_read_is_not_proved(unread, same):
    seen = observation(identity(), **unread)
    assert tables.proved(told(seen)) == same
    assert any("AccessDenied" in row.name for row in key_rows(seen))


@pytest.mark.parametrize(
    ("text", "procedure", "shown"),
    [
        ("", "prepare", ["–", "not published yet"]),
        ("", "rotate", ["✘", "–"]),
        (HOSTILE, "prepare", ["✘", "–"]),
    ],
)
def test_what_is_asked_for_only_now_is_no_other_key(text, procedure, shown):
    seen = observation(identity(), requested=side(NEW, text))
    table = tables.keys(key_rows(seen, procedure))
    assert [row[:0:-1] for row in table.rows[2:]] == [shown] * 4
    assert table.marked[2:] == [shown[0] == "✘"] * 4


def test_the_timeline_holds_the_request_id_beside_its_write():
    table = tables.timeline(tell(WORLDS["switched"]))
    rows = [row for row in table.rows if row[2]]
    assert len(rows) == 1
    assert rows[0][2].startswith("8d6b1f0e")
    assert rows[0][0] == "2026-11-24 13:09:11 JST"


def test_a_poll_with_no_news_is_told_once():
    world = WORLDS["pending"]
    polled = [*world[:-1], *world[-3:-1] * 5, world[-1]]
    assert tables.timeline(tell(polled)).rows == tables.timeline(tell(world)).rows


@pytest.mark.parametrize("world", WORLDS)
def test_every_event_but_the_calls_has_its_line(world):
    told = tables.timeline(tell(WORLDS[world])).rows
    events = [event for event in WORLDS[world] if type(event).__name__ != "Called"]
    assert len(told) == len(events)


@pytest.mark.usefixtures("japanese")
def test_names_are_shown_in_the_readers_language():
    facts = dict.fromkeys(("selector in use", "key versions to delete", "of tomorrow"), "x")
    plan = tables.plan(tell(timed(begun(), replace(planned(), facts=facts))))
    assert [row[0] for row in plan.rows] == [
        "使用中のセレクタ",
        "削除する鍵のバージョン",
        "of tomorrow",
    ]
    findings = tables.checks(tell(WORLDS["refused"]).findings)
    assert set(column(findings, "区分")) == {"必須"}


KINDS = {
    "text": frames.TEXT,
    "kind": frames.CATEGORY,
    "number": frames.COUNT,
    "fact": frames.TRUTH,
    "at": frames.TIME,
}


@pytest.mark.parametrize(
    "rows", [[], [(HOSTILE, "a", 1, True, "2026-11-24T04:09:11Z"), ("", None, None, None, None)]]
)
def test_a_frame_has_its_types_and_moves_no_cursor(rows):
    frame = frames.frame_of(KINDS, rows, tell(WORLDS["begun"]).zone)
    assert [str(kind) for kind in frame.dtypes] == [
        "string",
        "category",
        "Int64",
        "boolean",
        "datetime64[us, Asia/Tokyo]",
    ]
    assert frame.to_string().replace("\n", "").isprintable()
    assert list(frame.isna().all(axis=1)) == [False, True][: len(rows)]
