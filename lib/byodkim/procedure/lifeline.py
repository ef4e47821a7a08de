"""A kernel ends with whoever started it: a run that nobody is left to see goes on no longer than it must.

Killed, papermill cannot end its kernel, which would keep working. So the kernel looks after its parent itself: when
that is gone it is interrupted, as by Ctrl-C, so that the run closes its record, and then ends.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Final

LOOK_S: Final = 0.25
TO_CLOSE_S: Final = 3.0


def hold(at_work: Callable[[], bool]) -> None:
    """Watches over the parent of this process from now on; ``at_work`` tells whether a run is under way."""
    parent = os.getppid()
    if parent > 1:  # started by init: nothing to be told by
        threading.Thread(target=_watch, args=(parent, at_work), name="lifeline", daemon=True).start()


def _watch(parent: int, at_work: Callable[[], bool]) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    if at_work():
        os.kill(os.getpid(), signal.SIGINT)
        ends = time.monotonic() + TO_CLOSE_S
        while at_work() and time.monotonic() < ends:
            time.sleep(LOOK_S / 5)
    os._exit(1)
