"""Strikes at a journal write, as ``KILL`` says: ``whom:when:number``. On the path of the processes of a run.

``whom`` is kernel, custodian, disk, stop, or runner-TERM, runner-HUP, runner-KILL; ``when`` is before, torn or after
the write of that ``number`` (from 0; ``shown`` has none), or of an event of that name. Who was alive then is noted in
the file that ``ALIVE`` names; in a folder of that name, each process that is struck has a file.
"""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path

_write = os.write
_count = 0
_full = False


def _strike(whom: str) -> None:
    global _full
    import psutil

    children = psutil.Process().children(recursive=True)
    noted = [str(pid) for pid in (os.getpid(), *(child.pid for child in children))]
    alive = Path(os.environ["ALIVE"])
    (alive / str(os.getpid()) if alive.is_dir() else alive).write_text(" ".join(noted))
    if whom == "kernel":
        os.kill(os.getpid(), signal.SIGKILL)
    elif whom == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif whom == "disk":
        _full = True
    elif whom == "custodian":
        for child in children:
            if "second_edition.custody.custodian" in child.cmdline():
                child.kill()
                child.wait()
    else:
        os.kill(os.getppid(), getattr(signal, f"SIG{whom.partition('-')[2]}"))


def _watched(file: int, data: bytes) -> int:
    global _count
    if b'"previous_line"' not in data:
        return _write(file, data)
    if _full:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    whom, when, at = os.environ["KILL"].split(":")
    number = -1
    if b'"event":"shown"' not in data:
        number, _count = _count, _count + 1
    if at != str(number) and f'"event":"{at}"'.encode() not in data:
        return _write(file, data)
    if when == "torn":
        _write(file, data[: len(data) // 2])
    elif when == "after":
        wrote = _write(file, data)
        _strike(whom)
        return wrote
    _strike(whom)
    if when == "torn":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return _watched(file, data) if _full else _write(file, data)


if os.environ.get("KILL"):
    os.write = _watched  # type: ignore[assignment]
