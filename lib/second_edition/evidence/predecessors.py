"""The runs that a run saw as it began, as its first event names them, and the order that they are in by that.

Clocks are set back, so that a later run may have an earlier id: what a run names was there before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from second_edition.events.parts import Beside
from second_edition.events.run import Begin

Key = TypeVar("Key", str, tuple[str, str])


def named(begin: Begin) -> Iterator[Beside]:
    """Yield the runs that the first event of a run names: those before it, and the one whose request it publishes."""
    if (previous := begin.previous) is not None:
        yield Beside(run=previous.run, head=previous.head, gone=previous.gone)
        yield from previous.beside
    if begin.of:
        yield Beside(run=begin.of.run, head=begin.of.head)


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
