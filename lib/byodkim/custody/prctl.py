"""What a process asks of Linux for itself: prctl(2)."""

from __future__ import annotations

import ctypes
from typing import Final

PDEATHSIG: Final = 1  # the signal by which it ends with its parent
DUMPABLE: Final = 4


def prctl(option: int, value: int) -> None:
    """Sets one of them. Linux only."""
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
