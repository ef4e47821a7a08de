"""What a process asks of Linux for itself: prctl(2)."""

from __future__ import annotations

import ctypes
from typing import Final

PDEATHSIG: Final = 1  # the signal by which it ends with its parent
DUMPABLE: Final = 4
NAME: Final = 15  # as ps(1) and top(1) show it, of 15 bytes at most
CHILD_SUBREAPER: Final = 36  # what its descendants leave behind comes to it


def prctl(option: int, value: int | bytes) -> None:
    """Sets one of them. Linux only."""
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def be_called(name: str) -> None:
    """Gives a forked process a name of its own; its command line stays that of whom it was forked of."""
    prctl(NAME, name.encode("ascii"))
