"""Tables: complete, typed, escaped, in the zone of the record."""

import pandas as pd
import pytest
from msgspec.structs import replace

from byodkim.checks.world import Unread
from byodkim.record.record import tell
from byodkim.show import frames, proof
from tests.show.worlds import HOSTILE, NEW, OLD, SERVERS, WORLDS, identity, observation, side

DENIED = Unread("AccessDenied")


def test_before_and_after_begins_with_the_run_sheet_and_marks_changes():
    frame = frames.before_and_after(tell(WORLDS["switched"]))
    assert list(frame.field[:4]) == ["selector", "DKIM status", "signing enabled", "signing origin"]
    assert list(frame.before[:4]) == [OLD, "SUCCESS", "true", "EXTERNAL"]
    assert list(frame.after[:4]) == list(frame.required[:4]) == [NEW, "SUCCESS", "true", "EXTERNAL"]
    assert list(frame.changed) == [True] + [False] * (len(frame) - 1)
    assert len(frame) == 8  # DkimAttributes.Status is the second row


def test_nothing_counts_as_compared_when_ses_was_read_once():
    frame = frames.before_and_after(tell(WORLDS["planned"]))
    assert frame.changed.isna().all()
    assert frame.after.isna().all()


@pytest.mark.parametrize(
    ("table", "types"),
    [
        (frames.before_and_after, {"field": "string", "changed": "boolean"}),
        (frames.timeline, {"at": "datetime64[us, Asia/Tokyo]", "event": "string"}),
        (frames.calls, {"at": "datetime64[us, Asia/Tokyo]", "status": "Int64", "ms": "Int64"}),
        (frames.plan, {"fact": "string"}),
        (frames.dns_request, {"field": "string", "value": "string"}),
    ],
)
@pytest.mark.parametrize("world", WORLDS)
def test_columns_have_their_types_in_every_world(table, types, world):
    frame = table(tell(WORLDS[world]))
    assert {name: str(frame[name].dtype) for name in types} == types


def test_the_server_matrix_has_a_row_for_each_address_and_selector():
    frame = frames.servers(observation(identity(), requested=side(NEW, "")))
    assert len(frame) == 2 * len(SERVERS)
    assert list(frame.published) == [False] * 4 + [True] * 4
    assert set(frame.rcode) == {"NXDOMAIN", "NOERROR"}
    assert list(frame.ttl[4:]) == [300] * 4
    assert set(frame.serial) == {2026112401}
    assert list(frame.ms[:4]) == [7, 8, 9, 10]
    assert frame.ttl[:4].isna().all()


@pytest.mark.parametrize(
    ("text", "same"), [(None, (6, 6)), ("", (2, 6)), (HOSTILE, (2, 6)), ("v=DKIM1; p=", (2, 6))]
)
def test_the_key_counts_only_where_it_was_seen(text, same):
    seen = observation(identity(), requested=side(NEW, text))
    frame = frames.keys(seen)
    requested = frame[frame.selector == NEW]
    assert proof.proved_places(seen) == same
    assert (int(requested.same.sum()), len(requested)) == same
    assert set(requested.sha256.dropna()) == {side(NEW).key_sha256}


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
    assert proof.proved_places(seen) == same
    assert frames.keys(seen).place.str.contains("AccessDenied").any()


def test_the_timeline_holds_the_request_id_beside_its_write():
    frame = frames.timeline(tell(WORLDS["switched"]))
    rows = frame[frame.request_id.notna()]
    assert len(rows) == 1
    assert rows.request_id.iloc[0].startswith("8d6b1f0e")
    assert str(rows["at"].iloc[0]) == "2026-11-24 13:09:11+09:00"


def test_a_poll_with_no_news_is_told_once():
    world = WORLDS["pending"]
    polled = [*world[:-1], *world[-3:-1] * 5, world[-1]]
    assert len(frames.timeline(tell(polled))) == len(frames.timeline(tell(world)))


@pytest.mark.parametrize("world", WORLDS)
def test_printing_a_frame_moves_no_cursor(world):
    record = tell(WORLDS[world])
    shown = [frames.before_and_after(record), frames.timeline(record), frames.plan(record),
             frames.calls(record), frames.checks(record.findings)]  # fmt: skip
    with pd.option_context("display.max_colwidth", None):
        printed = "".join(frame.to_string() for frame in shown).replace("\n", "")
    assert printed.isprintable()
