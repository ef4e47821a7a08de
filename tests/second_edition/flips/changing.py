"""Archived runs changed in every small way, one change at a time, and whether verifying shows it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import combinations
from pathlib import Path

from second_edition.evidence import verification_notebook as of_notebook
from second_edition.evidence.journal import SUFFIX, read
from second_edition.evidence.seal import SUFFIX as SEAL
from second_edition.evidence.verification import OF_RUN, verify_run
from second_edition.evidence.verification_beside import page
from second_edition.evidence.verification_case import Files, Speaker, Verified
from second_edition.evidence.verification_run import Case
from second_edition.intent.trust import Trusted

Place = tuple[int, int]
Sound = Callable[[], bool]


def one(files: Files, trusted: Trusted) -> Verified:
    """A run as ``byodkim verify`` judges it by itself."""
    return verify_run(files, trusted.of, "en")


def by_seals(files: Files, trusted: Trusted) -> Verified:
    """The same without telling the notebook again: what is found is found by hashes and signatures."""
    return verify_run(files, trusted.of, "en", [one for one in OF_RUN if one is not of_notebook.contents])


def in_page(journal: Path, trusted: Trusted) -> Sound:
    """Return whether the seal over a page holds: that part of the above which looks at it."""
    case = _case(Files(journal), trusted)
    return lambda: not any(finding.fault for finding in page(case))


def _case(files: Files, trusted: Trusted) -> Case:
    account = read(files.path)
    trust = trusted.of(str(account.as_json[0]["profile"]))
    return Case(files, account, trust, Speaker("en"))


def in_notebook(files: Files, trusted: Trusted) -> Sound:
    """Return whether a notebook shows what its journal tells: that part of the above which looks at the notebook."""
    known = _case(files, trusted)

    def sound() -> bool:
        case = replace(known)  # which has not read the notebook
        return not any(one.fault for check in (of_notebook.copy, of_notebook.contents) for one in check(case))

    return sound


@contextmanager
def flipped(path: Path, offset: int, bit: int) -> Iterator[None]:
    """The file with one bit turned over, until the block ends."""
    with path.open("r+b", buffering=0) as file:
        (byte,) = os.pread(file.fileno(), 1, offset)
        os.pwrite(file.fileno(), bytes([byte ^ (1 << bit)]), offset)
        try:
            yield
        finally:
            os.pwrite(file.fileno(), bytes([byte]), offset)


def unseen(path: Path, sound: Sound, places: Iterable[Place]) -> list[Place]:
    """The places (offset, bit) of a file where a flip is not seen."""
    missed = []
    for offset, bit in places:
        with flipped(path, offset, bit):
            if sound():
                missed.append((offset, bit))
    return missed


def lines_changed(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Each line dropped, and told twice; each two swapped; a line added at each place; what each change is, and it."""
    lines = data.splitlines(keepends=True)
    for place, line in enumerate(lines):
        yield f"line {place + 1} dropped", b"".join(lines[:place] + lines[place + 1 :])
        yield f"line {place + 1} doubled", b"".join([*lines[:place], line, *lines[place:]])
        yield f"a line added before {place + 1}", b"".join([*lines[:place], b"{}\n", *lines[place:]])
    yield "a line added at the end", data + b"{}\n"
    for first, second in combinations(range(len(lines)), 2):
        if lines[first] != lines[second]:
            swapped = list(lines)
            swapped[first], swapped[second] = lines[second], lines[first]
            yield f"lines {first + 1} and {second + 1} swapped", b"".join(swapped)


def cut_short(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The file as long as any beginning of it."""
    for length in range(len(data)):
        yield f"cut after {length} bytes", data[:length]


def unseen_changes(path: Path, sound: Sound, changes: Iterable[tuple[str, bytes]]) -> tuple[int, list[str]]:
    """How many changes were made to a file, and those that are not seen; the file is as before when this returns."""
    data, missed, count = path.read_bytes(), [], 0
    try:
        for what, changed in changes:
            count += 1
            path.write_bytes(changed)
            if sound():
                missed.append(what)
    finally:
        path.write_bytes(data)
    return count, missed


def runs_changed(folder: Path, names: Sequence[str], work: Path) -> Iterator[tuple[str, Path]]:
    """Copies of a folder of runs: each run dropped, or there twice; each two swapped, contents for names."""
    for name in names:
        yield f"{name} dropped", _copy(folder, work, partial(_remove, name))
        yield f"{name} added again", _copy(folder, work, partial(_add, name))
    for one, other in combinations(names, 2):
        yield f"{one} and {other} swapped", _copy(folder, work, partial(_swap, one, other))


def _copy(folder: Path, work: Path, act: Callable[[Path], object]) -> Path:
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(folder, work)
    act(work)
    return work


def _remove(name: str, folder: Path) -> None:
    for path in folder.glob(f"{name}.*"):
        path.unlink()


def _add(name: str, folder: Path) -> None:
    for path in list(folder.glob(f"{name}.*")):
        shutil.copy(path, path.with_name(f"more{path.name.removeprefix(name)}"))


def _swap(one: str, other: str, folder: Path) -> None:
    for suffix in (SUFFIX, SEAL, ".ipynb"):
        (mine,), (theirs,) = (list(folder.glob(f"{name}.*{suffix.removeprefix('.')}")) for name in (one, other))
        kept = mine.read_bytes()
        mine.write_bytes(theirs.read_bytes())
        theirs.write_bytes(kept)
