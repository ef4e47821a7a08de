"""Waiting for what comes by itself, and not for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(what: Callable[[], T], seconds: float = 600, every_s: float = 0.05) -> T:
    """Return what comes true in time."""
    ends = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < ends, f"not in {seconds} s"
        time.sleep(every_s)
    return found
