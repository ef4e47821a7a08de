"""An inventory's file: JSON lines in the archive's folder, written as they come, and resumed after a kill.

``begin`` names the place; a ``page`` holds names and the token of the next page, a ``batch`` what SES told of a hundred
identities, a ``row`` one identity with all that was found, and ``end`` says that nothing is missing. A call to SES
whose answer stands here is not made again. It is a survey, and no record: it is neither chained nor sealed.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import math
import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from second_edition.evidence.folders import is_plain, opened
from second_edition.plain import from_plain, plain
from second_edition.rotation.inventory import ADDRESS, Row

SUFFIX: Final = ".inventory.jsonl"
FORMAT: Final = 1
#: One that was begun earlier is not gone on with: what it holds is too old to stand beside what is seen now.
LONGEST: Final = timedelta(hours=24)

#: What is on the disk before it is gone on with.
DURABLE: Final = frozenset({"begin", "page", "batch", "end"})
#: In place of an open file, where nothing is written.
UNKEPT: Final = -2

Json = dict[str, Any]


class InventoryFile:
    """One inventory that is being taken. Held by one process at a time.

    Attributes:
        path: of the file.
        begun: when it was begun.
        resumed: whether another run has begun it.
        names: domains in SES's order, as far as they are listed.
        addresses: how many email addresses there are besides.
        following: the token of the next page, "" before the first, ``None`` once all are listed.
        answers: what SES told of identities that have no row yet, by name.
        done: names that have a row.
    """

    def __init__(self, path: Path, file: int, begun: datetime, *, resumed: bool) -> None:
        self.path, self.begun, self.resumed, self._file = path, begun, resumed, file
        self.names: dict[str, None] = {}
        self.addresses = 0
        self.following: str | None = ""
        self.answers: Json = {}
        self.done: set[str] = set()

    @classmethod
    def unkept(cls, now: datetime) -> Self:
        """Return one of which nothing is written."""
        return cls(Path(), UNKEPT, now, resumed=False)

    def page(self, identities: list[Json], following: str) -> None:
        """Write a page of names."""
        found = [one["name"] for one in identities if one["kind"] != ADDRESS]
        self._add("page", domains=found, addresses=len(identities) - len(found), following=following or None)

    def again(self) -> None:
        """List anew, as a token of an earlier run is no longer taken."""
        self._add("again")

    def batch(self, answers: Mapping[str, Json | None]) -> None:
        """Write what SES answered on some identities; ``None`` for one that it does not know."""
        self._add("batch", told=dict(answers))

    def row(self, row: Row) -> None:
        """Write one identity."""
        self._add("row", row=plain(row))

    def end(self, at: datetime) -> None:
        """Write that nothing is missing, and let go of the file."""
        self._add("end", at=at.isoformat(timespec="seconds"), rows=len(self.done))
        self.close()

    def close(self) -> None:
        """Let go of the file. May be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _add(self, kind: str, **content: Any) -> None:
        line = {"kind": kind, **content}
        if self._file != UNKEPT:
            os.write(self._file, (json.dumps(line, ensure_ascii=False) + "\n").encode())
            if kind in DURABLE:
                os.fsync(self._file)
        self._take(line)

    def recall(self, written: Iterator[Json]) -> bool:
        """Take in what stands in the file; ``False`` where it has come to its end."""
        for line in written:
            if line["kind"] == "end":
                return False
            self._take(line)
        return True

    def _take(self, line: Json) -> None:
        match line["kind"]:
            case "page":
                self.names.update(dict.fromkeys(line["domains"]))
                self.addresses += line["addresses"]
                self.following = line["following"]
            case "again":
                self.following, self.addresses = "", 0
            case "batch":
                self.answers.update(line["told"])
            case "row":
                self.answers.pop(line["row"]["name"], None)
                self.done.add(line["row"]["name"])


def begin(folder: Path, place: str, stem: str, now: datetime, *, anew: bool = False) -> InventoryFile:
    """Return a place's inventory that is not finished, less than a day old and taken by nobody; else a new one.

    Args:
        folder: of the archive.
        place: account and Region, or the sandbox.
        stem: of a new file's name, after the time.
        now: the time.
        anew: begin a new one in any case.

    Raises:
        OSError: the folder or the file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not anew:
        for path in sorted(filter(is_plain, folder.glob(f"*{SUFFIX}")), reverse=True):
            if (found := _resumed(path, place, now)) is not None:
                return found
    for number in range(1, 100):
        path = folder / f"{now:%Y%m%dT%H%M%SZ}-{stem}{f'-{number}' if number > 1 else ''}{SUFFIX}"
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except FileExistsError:
            continue
        fcntl.flock(file, fcntl.LOCK_EX)
        made = InventoryFile(path, file, now, resumed=False)
        made._add("begin", format=FORMAT, place=place, at=now.isoformat(timespec="seconds"))
        return made
    raise FileExistsError(17, os.strerror(17), str(path))


def _resumed(path: Path, place: str, now: datetime) -> InventoryFile | None:
    try:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:  # another user's
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        written = lines(path)
        first = next(written, {})
        found = InventoryFile(path, file, datetime.fromisoformat(first["at"]), resumed=True)
        same = (first["kind"], first["format"], first["place"]) == ("begin", FORMAT, place)
        if same and timedelta() <= now - found.begun <= LONGEST and found.recall(written):
            os.ftruncate(file, _whole(path))
            return found
    except (OSError, KeyError, TypeError, ValueError):
        pass  # somebody is taking it, or it was damaged
    os.close(file)
    return None


def _whole(path: Path) -> int:
    """Return where the last line that can be read ends: a killed process may leave half of one."""
    with opened(path, largest=math.inf) as file:
        return sum(len(line) for line in itertools.takewhile(lambda line: _read(line) is not None, file))


def _read(line: bytes) -> Json | None:
    try:
        content = json.loads(line) if line.endswith(b"\n") else None
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def lines(path: Path) -> Iterator[Json]:
    """Yield what stands in the file, line by line, up to one that is not whole.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    with opened(path, largest=math.inf) as file:
        for line in file:
            if (content := _read(line)) is None:
                return
            yield content


def rows(path: Path) -> Iterator[Row]:
    """Return the identities in a file, as they were looked at, one after the other."""
    return (from_plain(Row, line["row"]) for line in lines(path) if line["kind"] == "row")
