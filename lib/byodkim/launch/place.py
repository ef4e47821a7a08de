"""Where a run's notebook goes: a name that no other run can get, and a place to lie in until it is complete."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from byodkim.errors import AccessError
from byodkim.evidence import folders
from byodkim.launch import notebook_file
from byodkim.launch.inputs import Accepted
from byodkim.messages import Language, say

RUNNING: Final = ".running"
LOCK: Final = ".lock"


@dataclass(frozen=True)
class Place:
    """``final`` is the notebook's name, ``working`` where it is until it is complete, ``lock`` held while it is run."""

    final: Path
    working: Path
    lock: int

    def release(self) -> None:
        """Lets go of the name: the notebook has it now."""
        self.working.with_suffix(LOCK).unlink(missing_ok=True)
        os.close(self.lock)
        with contextlib.suppress(OSError):  # others are under way
            self.working.parent.rmdir()

    def keep(self) -> None:
        """Gives the notebook its name: whole, on the disk, and never in another file's place.

        Raises:
            OSError: that cannot be done; the notebook stays where it is.
        """
        try:
            content = msgspec.json.decode(self.working.read_bytes())
            content["metadata"]["papermill"]["output_path"] = folders.near(self.final)
        except (ValueError, KeyError, TypeError) as error:
            raise OSError(0, say("rotate", "torn", "en")) from error
        beside = self.working.with_suffix(".tmp")
        try:
            with beside.open("wb") as file:
                file.write(notebook_file.spelled(content) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(beside, self.final)
        finally:
            beside.unlink(missing_ok=True)
        self.working.unlink()


def reserve(output: Path | None, accepted: Accepted, now: datetime) -> Place:
    """A name that nothing has: the one asked for, or one that starts with the time.

    Raises:
        AccessError: the name is taken, hidden, or none of a notebook, or the folder does not take files.
    """
    name = "-".join(filter(None, (f"{now:%Y%m%dT%H%M%SZ}", accepted.domain, accepted.selector)))
    wished = output or accepted.archive / f"{name}.ipynb"
    if output and not output.parent.is_dir():
        raise _unwritable(output, say("rotate", "no-folder", accepted.language), accepted.language)
    if output and (output.name.startswith(".") or output.suffix != ".ipynb"):  # verifying would pass over its files
        raise _unwritable(output, say("rotate", "no-name", accepted.language), accepted.language)
    for number in range(1, 2 if output else 100):
        final = wished if number == 1 else wished.with_stem(f"{wished.stem}-{number}")
        try:
            if not os.path.lexists(final) and (lock := _take(_working(final))) >= 0:
                return Place(final, _working(final), lock)
        except OSError as error:
            raise _unwritable(final, error.strerror or str(error), accepted.language) from error
    raise _unwritable(wished, say("rotate", "exists", accepted.language), accepted.language)


def abandoned(folder: Path) -> Iterator[Place]:
    """The notebooks in the archive of ``folder`` whose runner was killed."""
    for path in sorted(folders.files(folder, f"{RUNNING}/*{LOCK}")):
        working = path.with_suffix(".ipynb")
        try:
            lock = os.open(path, os.O_RDWR)
        except OSError:  # its run has just ended
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        if working.exists():
            yield Place(path.parent.parent / working.name, working, lock)
        else:
            os.close(lock)


def _working(final: Path) -> Path:
    return final.parent / RUNNING / final.with_suffix(".ipynb").name


def _take(working: Path) -> int:
    """The lock of a name, -1 where another run has it."""
    working.parent.mkdir(parents=True, exist_ok=True)
    try:
        lock = os.open(working.with_suffix(LOCK), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644)
    except FileExistsError:
        return -1
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _unwritable(path: Path, reason: str, language: Language) -> AccessError:
    what = say("launch", "unwritable", language, path=path, reason=reason)
    return AccessError(what, say("steps", "untouched", language), say("launch", "name-another", language))
