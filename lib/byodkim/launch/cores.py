"""Work on all cores: this process, and one more for each further core, take what is next until nothing is left."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from typing import Final, TypeVar

Item = TypeVar("Item")
Came = TypeVar("Came")

#: Items taken at once: few enough that all processes end at about the same time.
CHUNK: Final = 4
#: Chunks at most: the numbers of their first items wait in a pipe, which may hold no more than a page (pipe(7)).
CHUNKS: Final = 1024
NUMBER: Final = 4  # bytes; a pipe gives so few as a whole
KIND: Final[str] = "fork" if sys.platform == "linux" else "spawn"


def shared(act: Callable[[Item], Came], items: Sequence[Item]) -> list[Came]:
    """Return what ``act`` makes of each item, in their order.

    Where a fork is safe, what is loaded and remembered by now need not be again; elsewhere ``act`` and items are
    pickled. What another process had taken and could not finish, as it was killed, is done here. What ``act`` raises
    is raised.
    """
    context = multiprocessing.get_context("fork") if KIND == "fork" else multiprocessing.get_context("spawn")
    size = max(CHUNK, -(-len(items) // CHUNKS))
    with ExitStack() as ends:
        turns, numbers = map(ends.enter_context, context.Pipe(duplex=False))
        os.write(numbers.fileno(), b"".join(start.to_bytes(NUMBER) for start in range(0, len(items), size)))
        numbers.close()
        others = []
        for _ in range((os.cpu_count() or 1) - 1):
            came, send = map(ends.enter_context, context.Pipe(duplex=False))
            other = context.Process(target=_help, args=(act, items, size, turns, send), daemon=True)
            other.start()
            ends.callback(other.join)
            ends.callback(other.terminate)
            send.close()
            others.append(came)
        found = _taken(act, items, size, turns)
        for came in others:
            with suppress(EOFError, OSError):  # it was killed
                found |= came.recv()
    return [found[place] if place in found else act(item) for place, item in enumerate(items)]


def _help(act: Callable[[Item], Came], items: Sequence[Item], size: int, turns: Connection, send: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who began it ends it
    with suppress(Exception):  # whoever began it comes to the same, and can say so
        send.send(_taken(act, items, size, turns))


def _taken(act: Callable[[Item], Came], items: Sequence[Item], size: int, turns: Connection) -> dict[int, Came]:
    """Return what came of the items that were this process's to take, by their places."""
    found: dict[int, Came] = {}
    while not _left_alone() and (number := os.read(turns.fileno(), NUMBER)):
        start = int.from_bytes(number)
        for place in range(start, min(start + size, len(items))):
            found[place] = act(items[place])
    return found


def _left_alone() -> bool:
    """Return whether who began this process is gone: nobody waits for what it does."""
    began = multiprocessing.parent_process()
    return began is not None and not began.is_alive()
