"""The run's journal: one event a line, canonical JSON, each with the SHA-256 of the line before.

Intent is fsynced before a side effect, the answer after it, so that a run killed anywhere leaves a true account.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

import msgspec

from byodkim import events as schema
from byodkim.errors import ByodkimError
from byodkim.evidence import folders
from byodkim.evidence.world import World

SUFFIX = ".journal.jsonl"
ACCOUNT = ".publication.jsonl"  # of a publication
FIRST = "0" * 64
# What is about to be done is on the disk before it is done, and what came back after; so are a run's ends.
DURABLE = frozenset(
    {
        "begin", "publication", "intent", "answer", "resolved", "rollback", "rolled", "closed", "zone-intent",
        "zone-answer", "zone-resolved", "storing", "stored", "erasing", "erased", "resumed", "started", "ended",
        "shown",
    }
)  # fmt: skip


#: How far apart two clocks may be of which each is off by no more than TIME-CLOCK allows.
APART: Final = timedelta(minutes=10)


class JournalError(ByodkimError):
    """The journal could not be written or does not hold together."""


class OtherFormat(JournalError):
    """A journal holds together and is of another format. ``found``: which; ``head``: SHA-256 of its last line."""

    def __init__(self, path: Path, found: object, head: str) -> None:
        self.found, self.head = found, head
        super().__init__(f"The journal {path.name} is of the format {found}, and this version reads {schema.FORMAT}.")


class ForeignEvent(JournalError):
    """A journal holds together, and a line of it is no event of the format. ``head``: SHA-256 of its last line.

    ``kind``: type of the error that says so.
    """

    def __init__(self, path: Path, number: int, error: Exception, head: str) -> None:
        self.kind, self.head = type(error).__name__, head
        super().__init__(f"Line {number + 1} of the journal {path.name} is no event that byodkim writes.")


def canonical(data: Mapping[str, Any]) -> str:
    """Return the one spelling of ``data`` as JSON: sorted names, no spaces. Numbers are integers or short decimals.

    Equal to RFC 8785 for such data.
    """
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 over the canonical JSON, in hex."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


class Journal:
    """Appends events to a file that did not exist before.

    Raises:
        JournalError: the file exists, or the disk does not take it. What was about to be done must not be done then.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self.path, self._clock = path, clock
        self._state: tuple[list[dict[str, Any]], str, int] = ([], FIRST, 0)  # in one: an interrupt may come at any time
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
            with contextlib.suppress(OSError):  # a file system without locks: others take this run for one still going
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            folder = os.open(path.parent, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
        except OSError as error:
            raise _unwritable(path, error) from error

    @property
    def events(self) -> list[dict[str, Any]]:
        """Return what was written, as it will be read back: a record told now and one told later are the same."""
        return self._state[0]

    @property
    def head(self) -> str:
        """Return the SHA-256 of the last line, in hex."""
        return self._state[1]

    def write(self, event: str, **content: Any) -> dict[str, Any]:
        """Append one event and return it. Interrupted, it has written the whole line or nothing.

        An event of ``DURABLE`` is on the disk when this returns, and with it all before. The others survive the death
        of the process, and may be lost when the machine dies before the next durable one: nothing was done by then.
        """
        return self.append(self.draft(event, **content))

    def draft(self, event: str, **content: Any) -> dict[str, Any]:
        """Return the event that ``append`` would write next, with the time of now."""
        line = {"n": len(self.events), "at": self._clock().isoformat(timespec="milliseconds"), "event": event}
        line |= {"previous_line": self.head}
        if clash := line.keys() & content.keys():
            raise TypeError(f"an event's content can't be named {sorted(clash)}")
        return line | content

    def append(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """Append what was drafted when nothing had been written since; as ``write``."""
        events, head, size = self._state
        if line["previous_line"] != head:
            raise TypeError("another event was written since this one was drafted")
        data = canonical(line).encode() + b"\n"
        _check(data, line["event"])
        try:
            if os.write(self._file, data) != len(data):
                raise OSError("the disk took a part of the line only")
            if line["event"] in DURABLE:
                os.fsync(self._file)
            self._state = ([*events, json.loads(data)], hashlib.sha256(data).hexdigest(), size + len(data))
        except BaseException as error:
            with contextlib.suppress(OSError):  # half a line, or one that is not known to last, is none
                os.ftruncate(self._file, self._state[2])
            if isinstance(error, OSError):
                raise _unwritable(self.path, error) from error
            raise
        return dict(self.events[-1])

    def withdraw(self) -> None:
        """Take back the last event, which then was never there.

        Raises:
            OSError: the disk does not take that.
        """
        events, _, size = self._state
        left = size - len(canonical(events[-1]).encode()) - 1
        os.ftruncate(self._file, left)
        os.fsync(self._file)
        self._state = (events[:-1], str(events[-1]["previous_line"]), left)

    def close(self) -> None:
        """Close the file. May be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


@dataclass(frozen=True)
class Account:
    """A journal read back: its events, the head (hash of the last line), and whether the last line is torn.

    ``heads``: the SHA-256 of each line that is not, in hex.
    """

    path: Path
    events: tuple[dict[str, Any], ...]
    head: str
    torn: bool
    heads: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def last(self, event: str) -> dict[str, Any] | None:
        """Return the newest event of that name."""
        return next((entry for entry in reversed(self.events) if entry["event"] == event), None)

    def of(self, kind: type[schema.E]) -> schema.E | None:
        """Return the newest event of a kind, as the object that it is."""
        found = self.last(schema.name_of(kind))
        return schema.typed(found, kind) if found else None


def read(path: Path) -> Account:
    """Return the journal at ``path``, its chain checked. A torn last line (a crash in the write) is left out and noted.

    Raises:
        JournalError: a line was altered, dropped, swapped or added.
    """
    return parse(path, path.read_bytes())


def decode(data: bytes) -> Any:
    """Decode JSON as the standard library does, and three times faster where nothing odd is in it.

    Raises:
        ValueError, RecursionError: it is none.
    """
    try:
        return msgspec.json.decode(data)
    except ValueError:  # stricter: half a surrogate pair is none to it
        return json.loads(data)


def parse(path: Path, data: bytes) -> Account:
    """Return the journal whose file, ``path``, holds ``data``.

    Raises:
        JournalError: as ``read``; ``OtherFormat`` or ``ForeignEvent`` where its chain holds.
    """
    head, heads, events = FIRST, [], []
    # At line feeds only: a line that was damaged may hold a carriage return, and is not a torn one for that.
    *lines, rest = data.split(b"\n")
    for number, line in enumerate(lines):
        try:
            event = decode(line)
        except (ValueError, RecursionError):
            event = None
        if not isinstance(event, dict) or event.get("previous_line") != head or event.get("n") != number:
            raise JournalError(
                f"The journal {path.name} does not hold together at line {number + 1}.",
                "It was altered after it was written, so it is no evidence of what SES was told.",
                "Compare it with a copy; look at the identity itself with a plan run.",
            )
        head = hashlib.sha256(line + b"\n").hexdigest()
        heads.append(head)
        events.append(event)
    _check_all(path, lines, events, head)
    return Account(path, tuple(events), head, torn=bool(rest), heads=tuple(heads))


def _check_all(path: Path, lines: Sequence[bytes], events: Sequence[Mapping[str, Any]], head: str) -> None:
    found = events[0].get("format") if events else schema.FORMAT
    if type(found) is not int or found != schema.FORMAT:
        raise OtherFormat(path, found, head)
    for number, (line, event) in enumerate(zip(lines, events, strict=False)):
        try:
            schema.decode(line, str(event.get("event")))
        except (LookupError, ValueError, RecursionError) as error:
            raise ForeignEvent(path, number, error, head) from None


def earlier(folder: Path, belongs: Callable[[World | None], bool]) -> Iterator[Account]:
    """Yield the archive's journals whose world ``belongs``, newest first, without those that do not hold together.

    Ids sort as the runs' clocks did. Where two are no further apart than clocks may be, the run that names the other
    as the one before it is the newer one.
    """
    # A journal's name ends in its run id, which starts with the time: sorted by that, not by the record's name.
    paths = sorted(folders.files(folder, f"*{SUFFIX}"), key=_run, reverse=True)
    found = (candidate for path in paths if (candidate := _candidate(path, belongs)) is not None)
    near: list[_Candidate] = []
    for candidate in chain(found, [None]):
        while near and (candidate is None or _apart(near[0].path, candidate.path) > APART):
            followed = {one.previous for one in near}
            newest = next((one for one in near if _run(one.path) not in followed), near[0])
            near.remove(newest)
            with contextlib.suppress(JournalError, OSError, LookupError, TypeError, ValueError, AttributeError):
                yield read(newest.path)
        if candidate is not None:
            near.append(candidate)


@dataclass(frozen=True)
class _Candidate:
    """A journal of a world, and the run that it names as the one before it."""

    path: Path
    previous: str


def _candidate(path: Path, belongs: Callable[[World | None], bool]) -> _Candidate | None:
    with contextlib.suppress(JournalError, OSError, LookupError, TypeError, ValueError, AttributeError):
        begin = _first(*_as_it_is(path))
        if begin is not None and belongs(World.of(begin)):
            return _Candidate(path, str((begin.get("previous") or {}).get("run", "")))
    return None


def _run(path: Path) -> str:
    return path.name.split(".")[-3]


def _apart(one: Path, other: Path) -> timedelta:
    """Return how far apart the clocks said that two runs began; no time at all where a name tells none."""
    try:
        return abs(datetime.fromisoformat(_run(one)[:16]) - datetime.fromisoformat(_run(other)[:16]))
    except ValueError:
        return timedelta()


def first(path: Path) -> dict[str, Any] | None:
    """Return a journal's first event; ``None`` where the run was stopped before it did anything.

    A folder holds the journals of many identities, and only some are worth reading whole.

    Raises:
        ValueError: the line is none.
        OSError: the file cannot be read.
    """
    begin = _first(*_as_it_is(path))
    return None if begin is None else dict(begin)


def _as_it_is(path: Path) -> tuple[str, int, int]:
    found = path.stat()
    return str(path), found.st_mtime_ns, found.st_size


# A run looks through its folder several times, and there may be ten thousand.
@lru_cache(65536)
def _first(path: str, _written: int, _size: int) -> dict[str, Any] | None:
    with Path(path).open("rb") as file:
        line = file.readline()
    return dict(decode(line)) if line.endswith(b"\n") else None


def _check(line: bytes, name: str) -> None:
    """Hold a line that is about to be written against the schema.

    Raises:
        TypeError: it is no event of it, which is a mistake of this program.
    """
    try:
        schema.decode(line, name)
    except (LookupError, ValueError) as error:
        raise TypeError(f"the journal has no such event {name}: {error}") from error


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"The run's journal {path.name} cannot be written ({error.strerror or error}).",
        "Nothing is written to SES that was not written down before: a run that goes on from here says what SES has.",
        f"Make room or give write access to {path.parent}, then run again.",
    )
