"""Find the records of runs: an archive's lie in one folder, a campaign's in a folder of their own there.

::

    outputs/                               runs of one identity
      20261124T040849Z-fleet/              a campaign: its plan, its approvals, its runs, their tables
        wave-001-canary/                   runs of its identities
        wave-002/123456789012-eu-west-1/   the same, where the campaign has several accounts and Regions

Wherever a run of an identity lies there, the next one follows it; of one in any other folder below it is known what it
used and retired (``everywhere``). Run ids sort as the runs began, and no two are the same.
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import math
import os
import re
import secrets
import stat
from collections.abc import Iterator
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import Final

CAMPAIGN: Final = re.compile(r"\d{8}T\d{6}Z(-[0-9a-f]+)?-fleet(-\d+)?")
WAVE: Final = re.compile(r"wave-\d{3,}(-canary)?")
_LANES: Final = ("", "wave-*/", "wave-*/*/")
_BELOW: Final = (*_LANES, *(f"*-fleet*/{lane}" for lane in _LANES))


def root(folder: Path) -> Path:
    """Return the archive's folder, of which ``folder`` is one, or one below it."""
    found = folder.absolute()
    wave = next((one for one in (found, found.parent) if WAVE.fullmatch(one.name)), None)
    found = wave.parent if wave else found
    return found.parent if CAMPAIGN.fullmatch(found.name) else found


def files(folder: Path, pattern: str) -> Iterator[Path]:
    """Yield the files of the archive of which ``folder`` is one, whose names match, at any of its places.

    A name that begins with a dot is no record's: macOS leaves such files beside those that it copies.
    """
    top = root(folder)
    for below in _BELOW:
        yield from (path for path in top.glob(below + pattern) if not path.name.startswith("."))


def everywhere(archive: Path, pattern: str) -> Iterator[Path]:
    """Yield the files whose names match in the archive's own folder, and in all that are below it.

    A folder that cannot be looked into is one of them: it is a file that cannot be read to whoever wants to.
    """
    for folder, entries in walk(archive):
        if isinstance(entries, list):
            names = fnmatch.filter((one.name for one in entries), pattern)
            yield from (folder / name for name in names if not name.startswith("."))
        elif not isinstance(entries, FileNotFoundError):
            yield folder


def walk(top: Path) -> Iterator[tuple[Path, list[os.DirEntry[str]] | OSError]]:
    """Yield a folder and all below it, each with what lies in it by name, or why that is not known.

    No link is followed below. ``os.walk`` and ``rglob`` end where folders lie as deep as a path may be long.
    """
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as listed:
                entries = sorted(listed, key=lambda one: one.name)
        except OSError as error:
            yield folder, error
            continue
        yield folder, entries
        waiting += [folder / one.name for one in reversed(entries) if one.is_dir(follow_symlinks=False)]


def below_project() -> Path:
    """Return the working folder as seen from the project's: the nearest one from here up that has the notebooks.

    That is ``.`` in the project's folder itself, and where there is none.
    """
    here = Path.cwd().resolve()
    found = (one for one in (here, *here.parents) if (one / "notebooks/rotate.ipynb").is_file())
    return here.relative_to(next(found, here))


def near(path: Path) -> str:
    """Return the path as seen from here, which names no folder of this machine outside the project."""
    here, there = Path.cwd().resolve(), path.resolve()
    project = [here, *here.parents][len(below_project().parts)]
    return os.path.relpath(there, here) if there.is_relative_to(project) else str(path)


def is_plain(path: Path) -> bool:
    """Return whether a regular file lies there, which is no link."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def contents(path: Path) -> bytes:
    """Return the bytes of a regular file. No link is followed, and no pipe waited for.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    with opened(path, follow=False) as file:
        return file.read()


#: Bytes of the largest file that is read as a whole: a larger one is no run's, and would fill the memory.
LARGEST_READ: Final = 1024**3


def opened(path: Path, *, follow: bool = True, largest: float = LARGEST_READ) -> BufferedReader:
    """Open a regular file to read it, or the one that a link leads to. No pipe is waited for, and no device read.

    Raises:
        OSError: it cannot be read, is no regular file, or has more than ``largest`` bytes.
    """
    found = path.stat(follow_symlinks=follow)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "no regular file", str(path))
    if found.st_size > largest:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    flags = 0 if follow else os.O_NOFOLLOW
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | flags), "rb")


def differs(path: Path, sha256: str) -> str:
    """Return why no plain file with that SHA-256 (hex) lies there: it is ``missing``, or ``another``; "" for one."""
    try:
        with opened(path, follow=False, largest=math.inf) as file:  # the plan of a large campaign is large
            return "" if hashlib.file_digest(file, "sha256").hexdigest() == sha256 else "another"
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "another"


LARGEST: Final = 256 * 1024 * 1024  # bytes of a file that somebody names


def whole(path: Path) -> bytes:
    """Return the bytes of a regular file that somebody names, or of the one that a link leads to.

    Raises:
        OSError: it cannot be read, is no regular file, is larger than any such file, or its name is none.
    """
    try:
        with opened(path, largest=LARGEST) as file:
            return file.read()
    except ValueError as error:  # a NUL in its name
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), ascii(str(path))) from error


def of_campaign(planned: str) -> str:
    """Return the name of a campaign's folder, by when it was planned, or by the id of its plan run."""
    return f"{planned}-fleet"


def below(folder: Path, planned: str) -> Path:
    """Return where the waves' folders of a campaign lie whose record lies in ``folder``: there, if that is its own."""
    return folder if CAMPAIGN.fullmatch(folder.absolute().name) else folder / of_campaign(planned)


def of_wave(number: int, lane: str = "") -> str:
    """Return where, below its campaign's folder, a wave's runs lie. ``lane``: account and Region, where of several."""
    wave = f"wave-{number:03}{'-canary' if number == 1 else ''}"
    return f"{wave}/{lane}" if lane else wave


_PARTS: Final = 16**3  # of a second, in three hexadecimal digits
_DRAWN: Final = 20  # bits
RUN_ID: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]+")


def run_id(began: datetime) -> str:
    """Return the id of a run that begins at ``began`` (UTC), such as ``20261125T233510Z-3c7a91d2``.

    The first three digits behind the second are its part that has passed, so that runs of one second sort too: each is
    chained to the newest before it. The other five are drawn by chance, as runs of ten thousand identities may begin
    at once, on several machines.
    """
    part = began.microsecond * _PARTS // 1_000_000
    return f"{began:%Y%m%dT%H%M%SZ}-{part:03x}{secrets.randbits(_DRAWN):05x}"


def named(text: str) -> str:
    """Return the first run id among words with commas between; "" where there is none."""
    return next((part for part in map(str.strip, text.split(",")) if RUN_ID.fullmatch(part)), "")
