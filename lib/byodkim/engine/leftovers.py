"""Private keys that the manual procedure left on this machine, found by name and first line. Nothing else is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from byodkim.intent import profile

NAMES: Final = ("private_key*.pem", "dkim-signing-attributes*.json")
LARGEST: Final = 64 * 1024  # bytes of a PEM file whose first line is read
SMALLEST: Final = 800  # of PKCS#8 that holds RSA of 1024 bits or more (916); P-521 has 384, encrypted some 550
LONGEST: Final = 64  # bytes of such a line
DOWNLOADS: Final = ("Downloads", "ダウンロード")


def look(archive: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files that are left, and the folders that could not be listed.

    It looks in the working folder, the notebooks', the archive, the home folder and Downloads: at the top alone.
    """
    found, unread = [], []
    for folder in _folders(archive):
        try:
            with os.scandir(folder) as entries:
                found += [folder / entry.name for entry in entries if _is_left(entry)]
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            unread.append(_shown(folder))
    return tuple(sorted(map(_shown, found))), tuple(unread)


def _folders(archive: Path) -> Iterator[Path]:
    project = profile.project()
    wanted = [project, project / "notebooks", archive]
    if home := _home():
        wanted += [home, *(home / name for name in DOWNLOADS)]
    yield from dict.fromkeys(Path(os.path.realpath(folder)) for folder in wanted)  # of a loop of links too


def _is_left(entry: os.DirEntry[str]) -> bool:
    try:
        if not entry.is_file():
            return False
        if any(fnmatchcase(entry.name, name) for name in NAMES):
            return True
        size = entry.stat().st_size
        return entry.name.endswith(".pem") and size <= LARGEST and _may_be_rsa(Path(entry.path), size)
    except OSError:  # it went meanwhile, or belongs to somebody else
        return False


def _may_be_rsa(path: Path, size: int) -> bool:
    """Return whether a PEM file may hold an RSA private key, by its first line and its size.

    Keys of approvers (Ed25519), of seals (P-256) and of SSH are in use. No byte after that line is read.
    """
    line = b""
    with path.open("rb", buffering=0) as file:
        while len(line) < LONGEST and b"-----BEGIN ".startswith(line[:11]) and not line.endswith((b"\n", b"\r")):
            byte = file.read(1)
            if not byte:
                break
            line += byte
    if line.startswith(b"-----BEGIN RSA PRIVATE KEY"):
        return True
    return size >= SMALLEST and line.startswith((b"-----BEGIN PRIVATE KEY", b"-----BEGIN ENCRYPTED PRIVATE KEY"))


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _shown(path: Path) -> str:
    home = os.path.realpath(found) if (found := _home()) else ""
    return f"~/{path.relative_to(home)}" if home and path.is_relative_to(home) else str(path)
