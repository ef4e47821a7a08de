"""The journal's chain holds as it was written, and whatever was altered is found."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from second_edition import events as schema
from second_edition.events.parts import NO_RUN, Durable
from second_edition.events.run import Begin, Closed, Read
from second_edition.events.writes import Answer, Intent
from second_edition.evidence import folders, journal
from second_edition.evidence.journal import SUFFIX, ForeignEvent, Journal, JournalError
from second_edition.plain import plain
from second_edition.rotation.resolution import Sighting
from tests.second_edition.each import each
from tests.second_edition.events.noted import event_of
from tests.second_edition.evidence.journals import Log, run, whole
from tests.second_edition.rotation import world
from tests.second_edition.verification.made import write

_TOLD: tuple[tuple[str, dict[str, Any]], ...] = (
    ("begin", {"run": "20261124T040849Z-7f3a", "reason": 'ünïcode 鍵 \u2028 \r\n \\ "'}),
    ("waited", {"seconds": 9.5, "ran_out": False}),
    ("checked", {"findings": []}),
    ("intent", {"change": {"next_selector": "mail-20261124-1"}}),
    ("answer", {"answer": {"status": 200}}),
    ("closed", {"outcome": "SWITCHED"}),
)
EVENTS = tuple((event, whole(event, content)) for event, content in _TOLD)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 4, 8, 49, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=250)
        return self.now


def written(folder: Path, name: str = "x.20261124T040849Z-7f3a", count: int = len(EVENTS), **begin: Any) -> Path:
    path = folder / f"{name}{SUFFIX}"
    log = Log(path, Clock())
    for event, content in EVENTS[:count]:
        log.write(schema.EVENTS[event], **(content | begin if event == "begin" else content))
    log.close()
    return path


def test_the_chain_holds_reckoned_by_other_means(tmp_path: Path) -> None:
    lines = written(tmp_path).read_bytes().split(b"\n")
    assert lines.pop() == b""
    previous = "0" * 64
    for number, (line, (event, content)) in enumerate(zip(lines, EVENTS, strict=True)):
        read = json.loads(line)
        assert (read["n"], read["event"], read["previous_line"]) == (number, event, previous)
        assert {name: read[name] for name in content} == content
        assert datetime.fromisoformat(read["at"]) == Clock().now + timedelta(milliseconds=250 * (number + 1))
        assert line == json.dumps(read, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        previous = hashlib.sha256(line + b"\n").hexdigest()


def test_what_is_read_back_is_what_was_written(tmp_path: Path) -> None:
    log = Log(tmp_path / "new/2026" / f"a{SUFFIX}", Clock())
    told = [log.write(schema.EVENTS[event], **content) for event, content in EVENTS]
    log.close()
    log.close()
    account = journal.read(log.path)
    assert list(account.events) == told == log.events
    assert (account.head, account.torn) == (log.head, False)
    assert account.head == hashlib.sha256(log.path.read_bytes().splitlines(keepends=True)[-1]).hexdigest()
    newest = account.of(Answer)
    assert newest is not None
    assert (newest.answer and newest.answer.status) == 200
    assert account.of(Read) is None


Alter = Callable[[list[bytes]], list[bytes]]
ALTERED: dict[str, tuple[Alter, int]] = {
    "dropped-first": (lambda lines: lines[1:], 1),
    "dropped-inside": (lambda lines: [*lines[:2], *lines[3:]], 3),
    "swapped": (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 2),
    "added": (lambda lines: [*lines[:3], lines[2], *lines[3:]], 4),
    "appended": (lambda lines: [*lines, lines[-1]], 7),
    "empty-line": (lambda lines: [*lines[:2], b"\n", *lines[2:]], 3),
    "no-json": (lambda lines: [*lines[:2], b"{\n", *lines[3:]], 3),
    "no-object": (lambda lines: [b"[]\n", *lines[1:]], 1),
    "not-utf-8": (lambda lines: [b"\xff\n", *lines[1:]], 1),
    "carriage-return": (lambda lines: [lines[0], lines[1].replace(b"-", b"\r", 1), *lines[2:]], 2),
    "deep": (lambda lines: [b"[" * 100_000 + b"\n", *lines[1:]], 1),
    "spelt-otherwise": (lambda lines: [lines[0].replace(b'":"', b'": "', 1), *lines[1:]], 2),
}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_journal_is_found_at_its_line(name: str, tmp_path: Path) -> None:
    path = written(tmp_path)
    alter, line = ALTERED[name]
    path.write_bytes(b"".join(alter(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(JournalError, match=rf"does not hold together at line {line}\.") as raised:
        journal.read(path)
    assert raised.value.means.startswith("It was altered after it was written")
    assert raised.value.todo.startswith("Compare it with a copy")


NO_CLOCK_SHOWS = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "3000-01-01T00:00:00Z")
BEFORE, SEEN = to_builtins(NO_RUN), world.good()


@each(
    ("event", "content"),
    [
        ("begin", lambda at: {"previous": {**BEFORE, "written_at": at}}),
        ("begin", lambda at: {"previous": {**BEFORE, "open_until": at, "open_selector": "q"}}),
        ("observed", lambda at: {"observation": plain(replace(SEEN, at=at))}),
        ("observed", lambda at: {"observation": plain(replace(SEEN, back_history=(Sighting(at, True, 300, 300),)))}),
        ("ended", lambda at: {"ended_at": at}),
    ],
)
def test_a_time_that_later_runs_reckon_with_is_one(event: str, content: Callable[[str], dict[str, Any]]) -> None:
    """Nobody signs a run that never closed: what its line says must not fail the run after it once that wrote."""
    for at in ("x", "2026-11-29", "2026-11-29T00:00:00", *NO_CLOCK_SHOWS[:2]):
        with pytest.raises(ValueError, match=r"isoformat|offset"):
            event_of({"event": event, **whole(event, content(at))})
    event_of({"event": event, **whole(event, content("2026-11-29T00:00:00+09:00"))})


@each(
    "change",
    [
        {}, {"note": ""}, {"event": "nothing"}, {"selector": 1}, {"at": "2026-11-24T00:00:00"}, {"format": 2},
        {"format": True}, {"overlap_days": 10**9}, {"late_write_seconds": 10**9},
        *({"at": at} for at in NO_CLOCK_SHOWS),
    ],
)  # fmt: skip
def test_a_line_that_is_no_event_is_foreign_though_its_chain_holds(tmp_path: Path, change: dict[str, Any]) -> None:
    account = run(tmp_path)
    first = [{**account.as_json[0], **change}] if change else []  # a run begins with its beginning
    head = write(account.path, [*first, *account.as_json[1:]])
    data = account.path.read_bytes()
    account.path.unlink()
    with pytest.raises(ForeignEvent) as raised:
        journal.parse(account.path, data)
    said = f"Line 1 of the journal {account.path.name} is no event that byodkim writes."
    assert (raised.value.what, raised.value.head) == (said, head)
    assert raised.value.kind.endswith("Error")  # which verify tells


def test_every_flipped_bit_before_the_last_line_is_found(tmp_path: Path) -> None:
    path = written(tmp_path)
    data = path.read_bytes()
    end = data.rindex(b"\n", 0, -1)
    missed = []
    for place, bit in product(range(0, end, 5), range(8)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :])
        try:
            journal.read(path)
            missed.append((place, bit))
        except JournalError:
            continue
    assert missed == []


def test_a_torn_last_line_is_left_out_and_said(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    before_last = whole.rindex(b"\n", 0, -1) + 1
    for end in range(before_last + 1, len(whole)):
        path.write_bytes(whole[:end])
        account = journal.read(path)
        assert account.torn
        assert [event["event"] for event in account.as_json] == [event for event, _ in EVENTS[:-1]]
        assert account.head == hashlib.sha256(whole[:before_last].splitlines(keepends=True)[-1]).hexdigest()
    path.write_bytes(whole[:before_last])
    assert not journal.read(path).torn


def test_only_a_regular_file_or_a_link_to_one_is_read(tmp_path: Path) -> None:
    pipe, device = (tmp_path / f"{name}{SUFFIX}" for name in ("pipe", "device"))
    os.mkfifo(pipe)
    device.symlink_to(os.devnull)
    link = tmp_path / f"link.{journal.run_of(made := written(tmp_path))}{SUFFIX}"
    link.symlink_to(made)
    writer = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    os.write(writer, b"no event\n")  # whoever waits for it reads that
    try:
        for path, look in ((pipe, journal.first), (device, journal.first), (device, journal.read)):
            with pytest.raises(OSError, match="no regular file"):
                look(path)
    finally:
        os.close(writer)
    assert journal.read(link).events[0] == journal.first(link)
    before, was = journal.first(made), made.stat()
    made.write_bytes(made.read_bytes().replace(b"example", b"exemple"))
    os.utime(made, ns=(was.st_atime_ns, was.st_mtime_ns + 1))
    assert journal.first(made) != before  # what was read of it is not remembered for what is there now
    huge = tmp_path / f"huge{SUFFIX}"
    huge.touch()
    os.truncate(huge, folders.LARGEST_READ + 1)  # no block of it is on the disk
    for read in (journal.first, journal.read, folders.contents):
        with pytest.raises(OSError, match="File too large"):
            read(huge)


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    path = written(tmp_path)
    before = path.read_bytes()
    with pytest.raises(JournalError, match="File exists"):
        Log(path, Clock())
    assert path.read_bytes() == before
    link = tmp_path / f"link{SUFFIX}"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalError, match=rf"ジャーナル link{SUFFIX} に書き込めません"):
        Log(link, Clock(), "ja")
    assert not (tmp_path / "elsewhere").exists()


def test_what_must_last_is_synced_before_the_call_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[int, int]] = []  # inode, and its size at that moment
    fsync = os.fsync

    def noting(descriptor: int) -> None:
        synced.append((os.fstat(descriptor).st_ino, os.fstat(descriptor).st_size))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    durable = {"begin", "shown", "intent", "answer", "resolved", "rollback", "rolled", "closed"}
    durable |= {"zone-intent", "zone-answer", "zone-resolved", "storing", "stored", "erasing", "erased"}
    durable |= {"resumed", "started", "ended"}
    log = Log(tmp_path / f"a{SUFFIX}", Clock())
    assert [inode for inode, _ in synced] == [tmp_path.stat().st_ino]  # the file's name lasts
    for event, content in EVENTS:
        synced.clear()
        log.write(schema.EVENTS[event], **content)
        expected = [(log.path.stat().st_ino, log.path.stat().st_size)] if event in durable else []
        assert synced == expected
    log.close()
    assert durable == {name for name, kind in schema.EVENTS.items() if issubclass(kind, Durable)}


def interrupted(log: Journal, at: int) -> bool:
    """Writes an event and interrupts that at its line number ``at`` of those executed; whether it came so far."""
    seen = 0

    def trace(frame: FrameType, kind: str, _: object) -> Any:
        nonlocal seen
        if frame.f_code not in (Journal.write.__code__, Journal.draft.__code__, Journal.append.__code__):
            return None
        if kind == "line":
            seen += 1
            if seen == at:
                raise KeyboardInterrupt
        return trace

    earlier = sys.gettrace()
    sys.settrace(trace)
    try:
        log.write(Intent, change={"operation": str(at)})
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(earlier)
    return False


def test_an_interrupt_at_any_line_leaves_the_whole_event_or_none(tmp_path: Path) -> None:
    at = 1
    while True:
        log = Log(tmp_path / f"{at}{SUFFIX}", Clock())
        log.write(Begin, domain="example.jp")
        came = interrupted(log, at)
        log.write(Closed, outcome="FAILED")
        log.close()
        account = journal.read(log.path)
        assert not account.torn
        assert list(account.events) == log.events
        assert [event["event"] for event in account.as_json] in (["begin", "closed"], ["begin", "intent", "closed"])
        if not came:
            break
        at += 1
    assert at > 10


def test_the_last_event_taken_back_was_never_there(tmp_path: Path) -> None:
    journals = []
    for name in ("a", "b"):
        log = Log(tmp_path / f"{name}{SUFFIX}", lambda: datetime(2026, 11, 24, tzinfo=UTC))
        log.write(Begin, domain="例.jp")
        log.write(Closed, outcome="PLANNED")
        for _ in range(2 if name == "a" else 0):
            log.write(Closed, outcome="SWITCHED", error={"what": "切替"})
            log.withdraw()
        log.write(Closed, outcome="FAILED")
        log.close()
        journals.append(log.path.read_bytes())
    assert journals[0] == journals[1]
    assert (
        journal.read(tmp_path / f"a{SUFFIX}").head
        == hashlib.sha256(journals[0].splitlines(keepends=True)[-1]).hexdigest()
    )
