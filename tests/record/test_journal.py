"""A journal holds whole lines only, whatever ends the run, and durable events are on the disk."""

import os
import resource
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from byodkim.errors import RecordError
from byodkim.record.events import Called, Closed, Durable, Event, Waiting, encode
from byodkim.record.journal import Journal
from byodkim.record.journal_file import read_journal
from byodkim.words import _
from tests.record.archives import Clock, begun_event

CLOSED = Closed(outcome="PLANNED", headline=_("Planned"))
WAITING = Waiting(what="ses", state="PENDING", until=datetime(2026, 11, 24, 5, tzinfo=UTC))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.journal.jsonl"


def test_events_are_read_back_as_they_were_written(path):
    journal = Journal(path, Clock())
    calls = Called(calls=[{"at": datetime(2026, 11, 24, tzinfo=UTC), "ms": 3}])
    written = [journal.write(event) for event in (begun_event("run"), calls, WAITING, CLOSED)]
    read = read_journal(path)
    assert list(read.events) == written == list(journal.events)
    assert [event.n for event in written] == [0, 1, 2, 3]
    assert written[1].at == written[0].at + timedelta(seconds=1)  # type: ignore[operator]
    assert read.is_closed
    assert not read.torn
    output = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout
    assert output.split()[0] == read.sha256


def test_a_file_that_exists_is_refused_and_left_alone(path):
    path.write_text("mine")
    with pytest.raises(RecordError, match="never overwritten"):
        Journal(path, Clock())
    assert path.read_text() == "mine"
    with pytest.raises(RecordError, match="cannot be written"):
        Journal(path / "below" / "run.journal.jsonl", Clock())


@pytest.mark.parametrize("event", [begun_event("run"), WAITING, CLOSED])
def test_a_durable_event_is_synced_before_write_returns(path, monkeypatch, event):
    synced: list[int] = []
    sync = os.fsync

    def spy(file):
        synced.append(os.fstat(file).st_size)
        sync(file)

    journal = Journal(path, Clock())
    monkeypatch.setattr(os, "fsync", spy)
    journal.write(event)
    assert synced == ([path.stat().st_size] if isinstance(event, Durable) else [])


def test_a_full_disk_leaves_whole_lines_and_a_sentence(path):
    journal = Journal(path, Clock())
    journal.write(begun_event("run"))
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in (0, 20):  # nothing of the line, a part of it
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + room, hard))
        try:
            with pytest.raises(RecordError, match="cannot be written"):
                journal.write(CLOSED)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert path.read_bytes() == before
        assert len(journal.events) == 1
    journal.write(CLOSED)
    assert read_journal(path).is_closed


def test_a_journal_grows_no_larger_than_is_read(path, monkeypatch):
    journal = Journal(path, Clock())
    journal.write(WAITING)
    monkeypatch.setattr("byodkim.record.journal.LARGEST", 2 * path.stat().st_size)
    journal.write(WAITING)
    with pytest.raises(RecordError, match="cannot be written"):
        journal.write(WAITING)
    assert len(read_journal(path).events) == 2


def test_an_interrupt_leaves_whole_lines(path, monkeypatch):
    journal = Journal(path, Clock())
    journal.write(begun_event("run"))

    def interrupt(_file):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            journal.write(CLOSED)
    assert len(read_journal(path).events) == 1
    assert journal.write(CLOSED).n == 1


def test_a_malformed_event_is_not_written(path):
    journal = Journal(path, Clock())
    with pytest.raises(msgspec.ValidationError):
        journal.write(Closed(outcome=5, headline=_("x")))  # type: ignore[arg-type]
    assert path.read_bytes() == b""


def test_a_closed_journal_takes_nothing_more(path):
    journal = Journal(path, Clock())
    journal.close()
    journal.close()
    with pytest.raises(RecordError, match="cannot be written"):
        journal.write(CLOSED)


def lines(*events: Event) -> bytes:
    numbered = [msgspec.structs.replace(event, n=n) for n, event in enumerate(events)]
    return b"".join(encode(event) + b"\n" for event in numbered)


WHOLE = lines(begun_event("run"), WAITING, CLOSED)


@pytest.mark.parametrize(
    ("data", "count", "torn"),
    [
        (b"", 0, False),
        (WHOLE, 3, False),
        (WHOLE[:-1], 2, True),
        (WHOLE + b'{"n', 3, True),
        (b"{", 0, True),
    ],
)
def test_a_torn_last_line_is_left_out_and_noted(path, data, count, torn):
    path.write_bytes(data)
    read = read_journal(path)
    assert (len(read.events), read.torn) == (count, torn)
    assert read.is_closed == (data == WHOLE)


FIRST, SECOND, THIRD = WHOLE.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (FIRST + THIRD, "Line 2 of run.journal.jsonl is not number 1"),
        (SECOND + FIRST + THIRD, "Line 1 of run.journal.jsonl is not number 0"),
        (FIRST + b"\n" + SECOND, "Line 2 of run.journal.jsonl is not an event"),
        (FIRST + b'{"event":"closed","n":1}\n', "Line 2 of run.journal.jsonl is not an event"),
        (b"\xff\xfe\n", "Line 1 of run.journal.jsonl is not an event"),
        (b"[" * 100_000 + b"\n", "Line 1 of run.journal.jsonl is not an event"),
    ],
)
def test_a_damaged_journal_is_refused(path, data, reason):
    path.write_bytes(data)
    with pytest.raises(RecordError, match=reason):
        read_journal(path)
