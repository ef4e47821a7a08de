"""The journal: one event a line, written ahead. An intent is on the disk before its call, the answer after it."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from byodkim.errors import RecordError
from byodkim.record.events import AnyEvent, Begun, Closed, Durable, Event, decode, encode
from byodkim.words import _

SUFFIX: Final = ".journal.jsonl"
#: No run writes more; a larger file is no journal.
LARGEST: Final = 64 * 1024 * 1024

E = TypeVar("E", bound=Event)


class Journal:
    """Append events to a file that did not exist before.

    Raises:
        RecordError: the file exists, or the disk does not take it.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self.path = path
        self.events: list[AnyEvent] = []
        self._clock = clock
        self._size = 0
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._file = os.open(path, flags, 0o644)
            sync_folder(path.parent)
        except OSError as error:
            raise _unwritable(path, error) from None

    def write(self, event: E) -> E:
        """Append one event and return it with its number and time.

        A ``Durable`` event is on the disk when this returns. A line that could not be written whole is taken back.

        Raises:
            RecordError: the disk does not take it. What was about to be done must not be done.
        """
        numbered = replace(event, n=len(self.events), at=self._clock())
        line = encode(numbered) + b"\n"
        as_read = decode(line)  # what a reader will see, and a proof that the line can be read
        try:
            if os.write(self._file, line) != len(line):
                raise OSError("the disk took a part of the line")
            if isinstance(event, Durable):
                os.fsync(self._file)
        except BaseException as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            if isinstance(error, OSError):
                raise _unwritable(self.path, error) from None
            raise
        self._size += len(line)
        self.events.append(as_read)
        return numbered

    def close(self) -> None:
        """Close the file. May be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class JournalFile(msgspec.Struct, frozen=True):
    """A journal as it lies on the disk.

    Attributes:
        events: in order.
        sha256: of the file's bytes, hexadecimal. For a closed journal this is the record's head.
        is_torn: whether the last line was cut off by a crash; it is left out.
    """

    events: list[AnyEvent]
    sha256: str
    is_torn: bool

    @property
    def is_closed(self) -> bool:
        """Return whether the run closed its record."""
        return not self.is_torn and isinstance(self.events[-1], Closed)


def read_journal(path: Path) -> JournalFile:
    """Return a journal.

    Raises:
        RecordError: it cannot be read, or a line is no event or not in its place.
    """
    data = read_file(path)
    *lines, rest = data.split(b"\n")
    try:
        events = [decode(line) for line in lines]
    except msgspec.MsgspecError:
        raise RecordError(_("{file} has a line that is no event.", file=path.name)) from None
    numbers = [event.n for event in events]
    starts = bool(events) and isinstance(events[0], Begun)
    if not starts or numbers != list(range(len(events))) or any(e.at is None for e in events):
        raise RecordError(_("{file} lacks a line, or has one twice.", file=path.name))
    return JournalFile(events, hashlib.sha256(data).hexdigest(), bool(rest))


def read_file(path: Path) -> bytes:
    """Return the bytes of a regular file of at most 64 MiB.

    Raises:
        RecordError: it cannot be read, is a link or no file, or is larger.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise RecordError(
            _("{file} cannot be read: {reason}", file=path.name, reason=error.strerror or "")
        ) from None
    if len(data) > LARGEST:
        raise RecordError(_("{file} is larger than any record.", file=path.name))
    return data


def sync_folder(folder: Path) -> None:
    """Have the names of a folder's files on the disk.

    Raises:
        OSError: the disk does not take it.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(path: Path, error: OSError) -> RecordError:
    return RecordError(
        _("The journal {file} cannot be written: {reason}",
          file=path.name, reason=error.strerror or str(error)),
        todo=_("Make room, or choose another folder and name. Then give the same command again."),
    )  # fmt: skip
