"""Define where the journals of an identity's runs end, and which runs each says that it saw as it began."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from byodkim.evidence.journal import UNFIT, begun, decode
from byodkim.evidence.predecessors import Named, named
from byodkim.evidence.world import World


class End(Struct, frozen=True):
    """Hold where a run's journal ends now.

    Attributes:
        run: its id; ``head``: SHA-256 (hex) of its last line; ``named``: the runs that it saw as it began.
        closed: whether that line closes it.
        gone: whether no process writes it any more.
    """

    run: str
    head: str
    named: tuple[Named, ...]
    closed: bool
    gone: bool

    def plain(self) -> dict[str, Any]:
        """Return what a later run says of it."""
        return {"run": self.run, "head": self.head, **({} if self.closed else {"gone": self.gone})}


def find_ends(folder: Path, belongs: Callable[[World | None], bool]) -> list[End]:
    """Return where the journals of the archive end whose world ``belongs``, in the order of their ids."""
    found = {}
    for path, begin in begun(folder, lambda begin: belongs(World.of(begin))):
        with suppress(*UNFIT):
            found[str(begin["run"])] = _end(path, begin)
    return [found[run] for run in sorted(found)]


def _end(path: Path, begin: Mapping[str, Any]) -> End:
    with path.open("rb") as file:
        gone = True
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            gone = False
        line = file.read().rpartition(b"\n")[0].rpartition(b"\n")[2]
    closed = decode(line)["event"] == "closed"
    return End(str(begin["run"]), hashlib.sha256(line + b"\n").hexdigest(), tuple(named(begin)), closed, gone)
