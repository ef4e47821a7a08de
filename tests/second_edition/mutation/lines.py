"""Which lines are run, noted in this process or by a custodian; in the copy it is a module of the package too."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Collection
from types import FrameType
from typing import Any

HITS = "MUTATION_HITS"  # what is noted in: the file, and the files whose lines count
TURN = 8  # bytes at its beginning that say which test it is

Line = tuple[str, int]


def note(files: Collection[str], add: Callable[[Line], object]) -> None:
    """Tell ``add`` of each line of these files that is run from now on, in this thread and those to come."""

    def line(frame: FrameType, *_: object) -> Any:
        add((frame.f_code.co_filename, frame.f_lineno))
        return line

    def call(frame: FrameType, *_: object) -> Any:
        code = frame.f_code
        return line(frame) if code.co_filename in files and code.co_name != "<module>" else None

    threading.settrace(call)
    sys.settrace(call)


def note_in_file() -> None:
    """Note each line once for each test, where who started this process asks for it."""
    if HITS not in os.environ:
        return
    path, *files = os.environ[HITS].split(os.pathsep)
    hits, turn, seen = os.open(path, os.O_RDWR | os.O_APPEND), b"", set[Line]()

    def add(line: Line) -> None:
        nonlocal turn
        if turn != (now := os.pread(hits, TURN, 0)):
            turn = now
            seen.clear()
        if line not in seen:
            seen.add(line)
            os.write(hits, f"{line[0]}:{line[1]}\n".encode())

    note(frozenset(files), add)
