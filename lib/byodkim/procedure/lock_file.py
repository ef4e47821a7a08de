"""The operator lock as a file of this machine, held by the operating system: it lets go when its process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from byodkim.rotation.lock import Holder, Lock, State

LARGEST: Final = 4096  # bytes
# What this process holds: another run in the same kernel takes the lock from a run that was never closed.
_held: dict[Path, LockFile] = {}


class LockFile:
    """One file; ``take`` it, ask whether it is still ``ours``, ``release`` it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = -1
        self._mine: Holder | None = None

    def take(self, holder: Callable[[int], Holder]) -> Lock:
        """Takes the lock for ``holder(token)``, or says who has it."""
        place = self.path.name
        if (own := _held.get(self.path)) is not None:
            own.release()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        except OSError as error:
            return Lock(State.UNREAD, place, why=error.strerror or type(error).__name__)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            other = _read(file)
            os.close(file)
            return Lock(State.OTHER, place, holder=other)
        before = _read(file)
        mine = holder(before.token + 1 if before else 1)
        try:
            _write(file, mine)
        except OSError as error:  # a full disk
            os.close(file)
            return Lock(State.UNREAD, place, why=error.strerror or type(error).__name__)
        self._file, self._mine = file, mine
        _held[self.path] = self
        # Nobody released it, and nobody has it: whoever held it has died.
        return Lock(State.HELD, place, self._mine.token, before if before and not before.released else None)

    def ours(self) -> bool:
        """Return whether the file at the path is the one that is held, and says so."""
        try:
            there, held = self.path.stat(follow_symlinks=False), os.fstat(self._file)
        except OSError:
            return False
        same = (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino)
        return same and self._mine is not None and _read(self._file) == self._mine

    def release(self) -> None:
        """Lets go of it, and says so. May be called twice."""
        if self._file < 0 or self._mine is None:
            return
        try:
            _write(self._file, Holder(**{**vars(self._mine), "released": True}))
        finally:
            os.close(self._file)
            self._file, self._mine = -1, None
            _held.pop(self.path, None)


def _read(file: int) -> Holder | None:
    """Return who the file names; ``None`` where it names nobody, or is just being written."""
    try:
        return Holder.from_text(os.pread(file, LARGEST, 0).decode())
    except (OSError, ValueError, RecursionError):
        return None


def _write(file: int, holder: Holder) -> None:
    data = holder.text().encode()
    os.pwrite(file, data.ljust(os.fstat(file).st_size), 0)  # spaces: no moment in which it is empty
    os.fsync(file)
