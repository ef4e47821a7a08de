"""What a record says was written and seen, in every world."""

import msgspec
import pytest

from byodkim.errors import RecordError
from byodkim.record.events import decode, encode
from byodkim.record.record import tell
from tests.show.worlds import HOSTILE, NEW, OLD, WORLDS


@pytest.mark.parametrize(
    ("world", "outcome", "state", "unsigned_s", "before", "after"),
    [
        ("planned", "PLANNED", None, None, OLD, None),
        ("refused", "REFUSED", None, None, OLD, None),
        ("switched", "SWITCHED", "made", 8.0, OLD, NEW),
        ("pending", "SWITCHED-PENDING", "made", None, OLD, NEW),
        ("unclear", "FAILED", "not-known", None, OLD, OLD),
        ("landed late", "SWITCHED", "made", 3.0, OLD, NEW),
        ("rejected", "FAILED", "not-made", None, OLD, OLD),
        ("unchanged", "UNCHANGED", None, None, NEW, None),
        ("completed", "SWITCHED", None, None, NEW, NEW),
        ("rollback", "SWITCHED", "made", 2.0, NEW, OLD),
        ("killed", "", "not-known", None, OLD, None),
        ("killed early", "", None, None, OLD, None),
        ("disabled", "FAILED", "made", 4.0, OLD, NEW),
    ],
)
def test_tells_what_was_written_and_seen(world, outcome, state, unsigned_s, before, after):
    record = tell(WORLDS[world])
    assert record.outcome == outcome
    assert (record.ses_write.state if record.ses_write else None) == state
    assert record.unsigned_s == unsigned_s
    assert record.before is not None
    assert record.before.selector == before
    assert (record.after.selector if record.after else None) == after


def test_overlap_counts_from_the_verification():
    assert str(tell(WORLDS["switched"]).retire_on) == "2026-12-24"
    assert str(tell(WORLDS["completed"]).retire_on) == "2026-12-24"


@pytest.mark.parametrize(
    "world", ["planned", "pending", "unclear", "killed", "unchanged", "disabled"]
)
def test_nothing_to_retire_before_ses_signs_with_the_new(world):
    assert tell(WORLDS[world]).retire_on is None


@pytest.mark.parametrize("world", WORLDS)
def test_a_record_cut_off_anywhere_says_no_more(world):
    whole = tell(WORLDS[world])
    for end in range(1, len(WORLDS[world])):
        part = tell(WORLDS[world][:end])
        assert part.outcome == ""
        assert part.verified_at in (None, whole.verified_at)
        assert len(part.writes) <= len(whole.writes)


@pytest.mark.parametrize("world", WORLDS)
def test_a_journal_read_back_tells_the_same(world):
    assert tell([decode(encode(event)) for event in WORLDS[world]]) == tell(WORLDS[world])


def test_a_late_reading_resolves_a_lost_answer():
    killed, late = WORLDS["killed"], WORLDS["landed late"][-2]
    resumed = [*killed, msgspec.structs.replace(late, n=len(killed))]
    write = tell(resumed).ses_write
    assert write is not None
    assert write.state == "made"


def test_waivers_and_stops_are_apart():
    waived, refused = tell(WORLDS["waived"]), tell(WORLDS["refused"])
    assert [each.check for each in waived.waived] == ["TIME-ACTIVATE"]
    assert HOSTILE in waived.waived[0].waived
    assert not waived.stopping
    assert [each.check for each in refused.stopping] == ["DNS-PUBLISHED"]


@pytest.mark.parametrize("events", [[], WORLDS["switched"][1:]])
def test_a_journal_without_its_first_line_is_refused(events):
    with pytest.raises(RecordError):
        tell(events)
