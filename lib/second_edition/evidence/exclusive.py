"""Files that are made once or only grow: whole, lasting, and never over what is there."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from pathlib import Path

# What a file system says that has no second names for a file: FAT, and some network shares.
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


def create(path: Path, data: bytes, mode: int = 0o644) -> bool:
    """Write ``data`` to a file that did not exist before; ``False`` where there is one, which is left as it is.

    Whoever sees the name sees all of the file: a process that is killed in between leaves no half of one.

    Raises:
        OSError: the disk does not take it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        write(part, data, mode)
        try:
            os.link(part, path)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            write(path, data, mode)
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


def append(path: Path, line: bytes) -> None:
    """Add a line to a file, which is made where there is none; a line that was cut off before it stays alone.

    Raises:
        OSError: the disk does not take it.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(file).st_size
        cut_off = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        data = (b"\n" if cut_off else b"") + line + b"\n"
        if os.write(file, data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file)
    finally:
        os.close(file)


def is_held(path: Path) -> bool:
    """Return whether a process holds a lock on the file; ``False`` where it cannot be read."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def write(path: Path, data: bytes, mode: int = 0o644, *, lasting: bool = True) -> None:
    """Write a file that did not exist before, and see it on the disk if it is to last. One that is there stays.

    Raises:
        FileExistsError: there is one.
        OSError: the disk does not take it.
    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        if lasting:
            os.fsync(file.fileno())
