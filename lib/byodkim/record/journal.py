"""The journal of a run: one event a line, on the disk before the run acts on it.

A run that is killed at any moment leaves a journal that is true up to its last whole line.
"""

import errno
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, cast

import msgspec

from byodkim.errors import RecordError
from byodkim.record.events import AnyEvent, Durable, E, decode, encode
from byodkim.record.files import LARGEST, sync_folder, unwritable
from byodkim.words import _

SUFFIX: Final = ".journal.jsonl"


class Journal:
    """Appends events to a file that did not exist before. One thread writes to it.

    Args:
        path: of the file, ``NAME.journal.jsonl``.
        clock: returns the run's time in UTC.

    Raises:
        RecordError: the file exists, or the disk does not take it.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self.path, self._clock = path, clock
        # The events, and the bytes of their lines. One value, as an interrupt may come at any time.
        self._written: tuple[tuple[AnyEvent, ...], int] = ((), 0)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        try:
            self._file = os.open(path, flags, 0o644)
            sync_folder(path.parent)
        except FileExistsError:
            raise RecordError(
                _("{file} exists already, and a record is never overwritten.", file=path.name),
                todo=_("Give this run another output name."),
            ) from None
        except OSError as error:
            raise unwritable(path, error) from error

    @property
    def events(self) -> tuple[AnyEvent, ...]:
        """Return the events so far, as they will be read back."""
        return self._written[0]

    def write(self, event: E) -> E:
        """Append one event and return it with ``n`` and ``at``.

        Interrupted, it writes the whole line or nothing. A ``Durable`` event, and all before it,
        is on the disk when this returns.

        Raises:
            RecordError: the disk does not take it. What was about to be done must not be done then.
            msgspec.ValidationError: the event does not fit its own format.
        """
        events, size = self._written
        line = encode(msgspec.structs.replace(event, n=len(events), at=self._clock())) + b"\n"
        as_read = decode(line)
        try:
            if size + len(line) > LARGEST:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
            if os.write(self._file, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if isinstance(event, Durable):
                os.fsync(self._file)
            self._written = ((*events, as_read), size + len(line))
        except BaseException as error:
            self._cut_back()
            if isinstance(error, OSError):
                raise unwritable(self.path, error) from error
            raise
        return cast(E, as_read)

    def close(self) -> None:
        """Close the file. May be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _cut_back(self) -> None:
        """Cut the file back to its last whole line. Where that fails, nothing more is written."""
        try:
            os.ftruncate(self._file, self._written[1])
        except OSError:
            self.close()
