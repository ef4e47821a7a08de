"""Define where the journals of an identity's runs end, and which runs each says that it saw as it began."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from msgspec import UNSET, Struct

from second_edition import events
from second_edition.events.parts import Beside, Event
from second_edition.events.run import Begin, Closed
from second_edition.evidence.folders import opened
from second_edition.evidence.journal import UNFIT, begun
from second_edition.evidence.predecessors import named
from second_edition.evidence.world import World


class End(Struct, frozen=True):
    """Hold where a run's journal ends now.

    Attributes:
        run: its id; ``head``: SHA-256 (hex) of its last line; ``named``: the runs that it saw as it began.
        closed: whether that line closes it.
        gone: whether no process writes it any more.
    """

    run: str
    head: str
    named: tuple[Beside, ...]
    closed: bool
    gone: bool

    @property
    def beside(self) -> Beside:
        """Return what a later run says of it."""
        return Beside(run=self.run, head=self.head, gone=UNSET if self.closed else self.gone)


def find_ends(folder: Path, belongs: Callable[[World | None], bool]) -> list[End]:
    """Return where the journals of the archive end whose world ``belongs``, in the order of their ids."""
    found = {}
    for path, begin in begun(folder, lambda begin: belongs(World.of(begin))):
        with suppress(*UNFIT):
            found[begin.run] = _end(path, begin)
    return [found[run] for run in sorted(found)]


def _end(path: Path, begin: Begin) -> End:
    with opened(path) as file:
        gone = True
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            gone = False
        line = file.read().rpartition(b"\n")[0].rpartition(b"\n")[2]
    closed = isinstance(events.decode(line, Event), Closed)
    return End(begin.run, hashlib.sha256(line + b"\n").hexdigest(), tuple(named(begin)), closed, gone)
