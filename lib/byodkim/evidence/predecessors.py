"""The runs that a run saw as it began, as its first event names them, and the order that they are in by that.

Clocks are set back, so that a later run may have an earlier id: what a run names was there before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec import Struct

Key = TypeVar("Key", str, tuple[str, str])


class Named(Struct, frozen=True):
    """A run as a later one saw it.

    ``head`` is what it had then; ``gone``: it had not closed, and no process wrote it any more; ``ended``: that, or it
    had closed.
    """

    run: str
    head: str
    gone: bool = False
    ended: bool = True


def named(begin: Mapping[str, Any]) -> Iterator[Named]:
    """Yield the runs that the first event of a run names: those before it, and the one whose request it publishes."""
    previous, of = begin.get("previous"), begin.get("of")
    for one in (*((previous, *previous.get("beside", ())) if previous else ()), *([of] if of else ())):
        gone = one.get("gone")  # which is said of one that had not closed
        yield Named(str(one["run"]), str(one["head"]), gone=bool(gone), ended=gone is not False)


def in_order(seen: Mapping[Key, Iterable[Key]]) -> list[Key]:
    """Return runs oldest first: each after those that it saw, and otherwise in the order of their keys.

    Args:
        seen: by each run's key, which begins with its id, those of the runs that it saw. Others are passed over.
    """
    found: dict[Key, None] = {}
    for run in sorted(seen):
        waiting = [run]
        while waiting:
            before = [one for one in seen[waiting[-1]] if one in seen and one not in found and one not in waiting]
            if before:
                waiting.append(min(before))
            else:
                found[waiting.pop()] = None
    return list(found)
