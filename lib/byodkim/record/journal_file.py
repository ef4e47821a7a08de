"""Read a journal back, and require that it holds together."""

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct

from byodkim.errors import RecordError
from byodkim.record.events import AnyEvent, Closed, decode
from byodkim.record.files import read_file
from byodkim.words import _


class JournalFile(Struct, frozen=True):
    """A journal as it was read back.

    Attributes:
        events: in order.
        sha256: of the bytes on the disk, hexadecimal, as ``sha256sum`` prints it.
        torn: whether the last line was cut off by a crash. It is left out of ``events``.
    """

    events: tuple[AnyEvent, ...]
    sha256: str
    torn: bool

    @property
    def is_closed(self) -> bool:
        """Return whether the run closed its record."""
        return bool(self.events) and isinstance(self.events[-1], Closed) and not self.torn


def read_journal(path: Path) -> JournalFile:
    """Return the journal in a file.

    Raises:
        RecordError: it cannot be read, a whole line is no event, or its lines do not count 0, 1, 2.
    """
    return parse_journal(path.name, read_file(path))


def parse_journal(name: str, data: bytes) -> JournalFile:
    """Return the journal in the bytes of a file.

    Raises:
        RecordError: a whole line is no event, or its lines do not count 0, 1, 2.
    """
    *lines, rest = data.split(b"\n")
    events = []
    for number, line in enumerate(lines):
        try:
            event = decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise RecordError(
                _("Line {line} of {file} is not an event.", line=number + 1, file=name)
            ) from None
        if event.n != number:
            raise RecordError(
                _("Line {line} of {file} is not number {n}: lines are missing, added or swapped.",
                  line=number + 1, file=name, n=number),
            )  # fmt: skip
        events.append(event)
    return JournalFile(tuple(events), hashlib.sha256(data).hexdigest(), torn=bool(rest))
