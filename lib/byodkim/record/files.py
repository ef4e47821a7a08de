"""Read and write the files of an archive: regular files of bounded size, written whole."""

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import BinaryIO, Final

from byodkim.errors import RecordError
from byodkim.words import _

#: Bytes of the largest file that is read.
LARGEST: Final = 64 * 1024 * 1024


def read_file(path: Path) -> bytes:
    """Return the bytes of a regular file. A symbolic link is not followed.

    Raises:
        RecordError: it is missing, no regular file, larger than 64 MiB, or cannot be read.
    """
    try:
        with open_itself(path) as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise RecordError(_("{file} is not a regular file.", file=path.name))
            if state.st_size > LARGEST:
                raise RecordError(_("{file} is larger than 64 MiB.", file=path.name))
            return file.read(LARGEST)
    except FileNotFoundError:
        raise RecordError(_("{file} is missing.", file=path.name)) from None
    except OSError as error:
        raise RecordError(
            _("{file} cannot be read: {reason}.",
              file=path.name, reason=error.strerror or str(error)),
        ) from error  # fmt: skip


def open_itself(path: Path) -> BinaryIO:
    """Open a file for reading: no symbolic link to it, and without waiting for a pipe's other end.

    Raises:
        OSError: it is a link or a folder, or cannot be opened.
    """
    return open(path, "rb", opener=_opener)


def write_file(path: Path, data: bytes, *, mode: int = 0o666, replaces: bool = True) -> None:
    """Write a file and wait until it is on the disk. Whoever sees its name sees all of it.

    Args:
        path: of the file.
        data: its bytes.
        mode: who has access to it, before the umask.
        replaces: a file of that name; otherwise that one stays.

    Raises:
        RecordError: the disk does not take it.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        try:
            with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if replaces:
                part.replace(path)
            else:
                with contextlib.suppress(FileExistsError):
                    path.hardlink_to(part)
            sync_folder(path.parent)
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk.

    Raises:
        OSError: the disk does not take it.
    """
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def unwritable(path: Path, error: OSError) -> RecordError:
    """Return the error for a file that the disk does not take."""
    return RecordError(
        _("{file} cannot be written: {reason}.",
          file=path.name, reason=error.strerror or str(error)),
        todo=_("Make room, or give yourself write access to {folder}. Then run the command again.",
               folder=str(path.parent)),
    )  # fmt: skip
