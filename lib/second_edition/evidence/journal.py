"""The run's journal: one event a line, canonical JSON, each with the SHA-256 of the line before.

Intent is fsynced before a side effect, the answer after it, so that a run killed anywhere leaves a true account.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from second_edition import events as schema
from second_edition.errors import ByodkimError
from second_edition.events import E
from second_edition.events.parts import Durable, Event
from second_edition.events.run import Begin
from second_edition.evidence import folders
from second_edition.evidence.predecessors import in_order, named
from second_edition.evidence.record import Record
from second_edition.evidence.world import World
from second_edition.messages import Language, ambient, find, say
from second_edition.plain import whole

SUFFIX = ".journal.jsonl"
Files = Callable[[Path, str], Iterator[Path]]  # those of a folder whose names match
FIRST = "0" * 64
#: How far apart two clocks may be of which each is off by no more than TIME-CLOCK allows.
APART: Final = timedelta(minutes=10)


class JournalError(ByodkimError):
    """The journal could not be written or does not hold together. ``key``: which, of the catalogue ``journal``."""

    def __init__(self, key: str, language: Language | None = None, **values: object) -> None:
        self._key, self._values = key, values
        spoken = language or ambient()
        means, todo = (find("journal", f"{key}.{part}", spoken, **values) for part in ("means", "todo"))
        super().__init__(self.explain(spoken), means, todo)

    def explain(self, language: Language) -> str:
        """Return what happened."""
        return say("journal", self._key, language, **self._values)


class ForeignEvent(JournalError):
    """A journal holds together, and a line of it is no event of the format. ``head``: SHA-256 of its last line.

    ``kind``: type of the error that says so.
    """

    def __init__(self, path: Path, number: int, error: Exception, head: str) -> None:
        self.kind, self.head = type(error).__name__, head
        super().__init__("foreign", file=path.name, line=number + 1)


#: What a file raises that is no journal, or may not be read.
UNFIT = (JournalError, OSError, LookupError, TypeError, ValueError, AttributeError, RuntimeError, ArithmeticError)


def canonical(data: Mapping[str, Any]) -> str:
    """Return the one spelling of ``data`` as JSON: sorted names, no spaces. Numbers are integers or short decimals.

    Equal to RFC 8785 for such data, so that JupyterLab, which is JavaScript, saves a copy as it was.
    """
    return json.dumps(whole(data), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 over the canonical JSON, in hex."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


class Journal:
    """Appends events to a file that did not exist before.

    Raises:
        JournalError: the file exists, or the disk does not take it. What was about to be done must not be done then.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime], language: Language = "en") -> None:
        self.path, self._clock, self._language = path, clock, language
        # In one, as an interrupt may come at any time: the events, their lines, and the last one's digest.
        self._state: tuple[list[Event], list[bytes], str] = ([], [], FIRST)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
            with contextlib.suppress(OSError):  # a file system without locks: others take this run for one still going
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            folder = os.open(path.parent, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
        except OSError as error:
            raise _unwritable(path, error, language) from error

    @property
    def events(self) -> list[Event]:
        """Return what was written, as it will be read back: a record told now and one told later are the same."""
        return self._state[0]

    @property
    def as_json(self) -> list[Any]:
        """Return the same as JSON."""
        return [decode(line) for line in self._state[1]]

    @property
    def head(self) -> str:
        """Return the SHA-256 of the last line, in hex."""
        return self._state[2]

    def write(self, kind: type[E], **content: Any) -> E:
        """Append one event and return it. Interrupted, it has written the whole line or nothing.

        A ``Durable`` event is on the disk when this returns, and with it all before. The others survive the death
        of the process, and may be lost when the machine dies before the next durable one: nothing was done by then.
        """
        return self.append(self.draft(kind, **content), kind)

    def draft(self, kind: type[Event], **content: Any) -> dict[str, Any]:
        """Return the event that ``append`` would write next, with the time of now."""
        line = {"n": len(self.events), "at": self._clock().isoformat(timespec="milliseconds")}
        line |= {"event": schema.name_of(kind), "previous_line": self.head}
        if clash := line.keys() & content.keys():
            raise TypeError(f"an event's content can't be named {sorted(clash)}")
        return line | content

    def append(self, line: Mapping[str, Any], kind: type[E]) -> E:
        """Append what was drafted when nothing had been written since; as ``write``."""
        events, lines, head = self._state
        if line["previous_line"] != head:
            raise TypeError("another event was written since this one was drafted")
        data = canonical(line).encode() + b"\n"
        try:
            event = schema.decode(data, kind)
        except ValueError as error:  # a mistake of this program
            raise TypeError(f"the journal has no such event {line['event']}: {error}") from error
        try:
            if os.write(self._file, data) != len(data):
                raise OSError("the disk took a part of the line only")
            if isinstance(event, Durable):
                os.fsync(self._file)
            self._state = ([*events, event], [*lines, data], hashlib.sha256(data).hexdigest())
        except BaseException as error:
            with contextlib.suppress(OSError):  # half a line, or one that is not known to last, is none
                os.ftruncate(self._file, sum(map(len, self._state[1])))
            if isinstance(error, OSError):
                raise _unwritable(self.path, error, self._language) from error
            raise
        return event

    def withdraw(self) -> None:
        """Take back the last event, which then was never there.

        Raises:
            OSError: the disk does not take that.
        """
        events, lines, _ = self._state
        os.ftruncate(self._file, sum(map(len, lines[:-1])))
        os.fsync(self._file)
        self._state = (events[:-1], lines[:-1], events[-1].previous_line)

    def close(self) -> None:
        """Close the file. May be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


@dataclass(frozen=True)
class Account(Record):
    """A journal read back: its events, the head (hash of the last line), and whether the last line is torn.

    Of each line that is not torn: ``lines``, and ``heads``, its SHA-256 in hex. ``sha256``: of the file as it was read.
    """

    events: tuple[Event, ...]
    path: Path
    head: str
    torn: bool
    heads: tuple[str, ...] = field(default=(), compare=False, repr=False)
    lines: tuple[bytes, ...] = field(default=(), compare=False, repr=False)
    sha256: str = field(default="", compare=False, repr=False)

    @property
    def as_json(self) -> list[Any]:
        """Return the events as JSON."""
        return [decode(line) for line in self.lines]


def read(path: Path) -> Account:
    """Return the journal at ``path``, its chain checked. A torn last line (a crash in the write) is left out and noted.

    Raises:
        JournalError: a line was altered, dropped, swapped or added.
        OSError: it cannot be read, or is no regular file.
    """
    with folders.opened(path) as file:
        return parse(path, file.read())


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
        JournalError: as ``read``; ``ForeignEvent`` where its chain holds.
    """
    head, heads, events, foreign = FIRST, [], list[Event](), dict[int, Exception]()
    # At line feeds only: a line that was damaged may hold a carriage return, and is not a torn one for that.
    *lines, rest = data.split(b"\n")
    for number, line in enumerate(lines):
        try:
            event = schema.decode(line, Begin if number == 0 else Event)
            events.append(event)
            place: tuple[object, object] = (event.previous_line, event.n)
        except (ValueError, RecursionError) as found:
            foreign[number] = found
            place = _place(line)
        if place != (head, number):
            raise JournalError("broken", file=path.name, line=number + 1)
        head = hashlib.sha256(line + b"\n").hexdigest()
        heads.append(head)
    if foreign:
        number, error = next(iter(foreign.items()))
        raise ForeignEvent(path, number, error, head)
    sha256 = hashlib.sha256(data).hexdigest()
    return Account(tuple(events), path, head, bool(rest), tuple(heads), tuple(lines), sha256)


def _place(line: bytes) -> tuple[object, object]:
    """Return what a line that is no event says of its place: the digest of the line before, and its number."""
    with contextlib.suppress(ValueError, RecursionError):
        event = decode(line)
        return (event.get("previous_line"), event.get("n")) if isinstance(event, dict) else ("", None)
    return "", None


def run_of(path: Path) -> str:
    """Return the run that a journal's file is named for; a name without its ending ends in the run's id."""
    return path.name.rsplit(".", 2)[0].rpartition(".")[2]


def stem_of(path: Path) -> str:
    """Return the name of the record whose journal that is, without an ending; "" where it has none."""
    return path.name.removesuffix(SUFFIX).rpartition(".")[0]


def oldest_first(paths: Iterable[Path]) -> list[Path]:
    """Return journals in the order in which their runs began: by what each names, and by the runs' ids."""
    keys = {(run_of(path), str(path)): path for path in paths}
    of_run = {key[0]: key for key in keys}
    seen = {key: [of_run[run] for run in _named(path) if run in of_run] for key, path in keys.items()}
    return [keys[key] for key in in_order(seen)]


def _named(path: Path) -> list[str]:
    """Return the runs that a journal's first event names; none where it cannot be read."""
    with contextlib.suppress(*UNFIT):
        begin = first(path)
        return [one.run for one in named(begin)] if begin else []
    return []


def begun(folder: Path, fits: Callable[[Begin], bool], files: Files = folders.files) -> Iterator[tuple[Path, Begin]]:
    """Yield the archive's journals whose first event ``fits``, each with that event, newest first.

    ``files`` finds them in the folder. What cannot be read is passed over.
    """
    found = {}
    for path in files(folder, f"*{SUFFIX}"):
        with contextlib.suppress(*UNFIT):
            if (begin := first(path)) is not None and fits(begin):
                found[path] = begin
    for path in reversed(oldest_first(found)):
        yield path, found[path]


def accounts(folder: Path, fits: Callable[[Begin], bool], files: Files = folders.files) -> Iterator[Account]:
    """Yield the same journals, read, without those that do not hold together."""
    for path, _ in begun(folder, fits, files):
        with contextlib.suppress(*UNFIT):
            yield read(path)


def earlier(folder: Path, belongs: Callable[[World | None], bool], files: Files = folders.files) -> Iterator[Account]:
    """Yield those whose world ``belongs``."""
    return accounts(folder, lambda begin: belongs(World.of(begin)), files)


def first(path: Path) -> Begin | None:
    """Return a journal's first event; ``None`` where the run was stopped before it did anything.

    A folder holds the journals of many identities, and only some are worth reading whole.

    Raises:
        ValueError, RecursionError: the line is none, or another run's than the file is named for: runs are told apart
            and ordered by these names, so a copy under a later one would be the newest run.
        OSError: the file cannot be read, or is no regular file.
    """
    found = path.stat()
    return _first(str(path), found.st_mtime_ns, found.st_size)


# A run looks through its folder several times, and there may be ten thousand.
@lru_cache(65536)
def _first(path: str, _written: int, _size: int) -> Begin | None:
    with folders.opened(Path(path)) as file:
        line = file.readline()
    begin = schema.decode(line, Begin) if line.endswith(b"\n") else None
    if begin is not None and begin.run != run_of(Path(path)):
        raise ValueError("another run's name")
    return begin


def _unwritable(path: Path, error: OSError, language: Language) -> JournalError:
    return JournalError("unwritable", language, file=path.name, folder=path.parent, reason=error.strerror or error)
