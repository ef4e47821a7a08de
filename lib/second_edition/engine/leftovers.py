"""Private keys that the manual procedure left on this machine, found by name. No file is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from second_edition.intent import profile

NAMES: Final = ("private_key*.pem", "dkim-signing-attributes*.json")
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
    found = dict[Path, None]()
    for folder in wanted:
        with suppress(UnicodeEncodeError):  # a locale without these letters has no such folder
            found[Path(os.path.realpath(folder))] = None  # of a loop of links too
    yield from found


def _is_left(entry: os.DirEntry[str]) -> bool:
    try:
        return any(fnmatchcase(entry.name, name) for name in NAMES) and entry.is_file()
    except OSError:  # it went meanwhile, or belongs to somebody else
        return False


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _shown(path: Path) -> str:
    home = os.path.realpath(found) if (found := _home()) else ""
    return f"~/{path.relative_to(home)}" if home and path.is_relative_to(home) else str(path)
