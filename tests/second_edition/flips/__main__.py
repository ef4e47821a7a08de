"""``make flips``: every byte of every file of an archived run turned over, and every line and run dropped or moved.

Each change is made alone, on the disk, and what ``byodkim verify`` asks of that file is asked; at some places, by
chance, the run is verified whole. The corpus: a switch that
``byodkim rotate`` made, with seals over journal and page; its notebook, which the journal has the digests of; four runs
of one identity.

Arguments: which parts, of chain, sealed and notebook; all unless any is named.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from second_edition.evidence.heads import Head, compare, missing
from second_edition.evidence.journal import SUFFIX
from second_edition.evidence.seal import PAGE_SUFFIX, seal_path
from second_edition.evidence.verification import verify_chain
from second_edition.evidence.verification_case import Files, Speaker, Verified
from second_edition.evidence.verification_chain import newest
from second_edition.evidence.verification_files import collect
from second_edition.intent.trust import Trusted
from second_edition.launch.verifying import verify_all
from tests.second_edition.flips.changing import (
    Place,
    Sound,
    by_seals,
    cut_short,
    in_notebook,
    in_page,
    lines_changed,
    one,
    runs_changed,
    unseen,
    unseen_changes,
)
from tests.second_edition.flips.meaning import UNWEIGHED, unweighed
from tests.second_edition.project.tracked import ROOT
from tests.second_edition.verification.judged import CHAIN, NEXT, make_chain, own

BYODKIM = Path(sys.executable).with_name("byodkim-second-edition")
SOME = 500
CHANCE = random.Random(20261124)


def each_bit(path: Path) -> Iterator[Place]:
    """Every bit of a file."""
    return ((offset, bit) for offset in range(path.stat().st_size) for bit in range(8))


def each_byte(path: Path) -> Iterator[Place]:
    """Every byte of a file, one of its bits by chance."""
    return ((offset, CHANCE.randrange(8)) for offset in range(path.stat().st_size))


def some(path: Path) -> Iterator[Place]:
    """Places by chance, few enough that the whole run can be verified at each."""
    return ((CHANCE.randrange(path.stat().st_size), CHANCE.randrange(8)) for _ in range(SOME))


def rotated(folder: Path) -> Files:
    """A switch by ``byodkim rotate``."""
    template = ("--notebook", str(ROOT / "lib/second_edition/notebooks/rotate.ipynb"))
    words = (*template, "-p", "target", "sandbox", "-p", "mode", "apply", "-p", "selector", NEXT, "-o", "run.ipynb")
    subprocess.run([BYODKIM, "rotate", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (journal,) = folder.glob(f"*{SUFFIX}")
    return Files(journal, folder / "run.ipynb")


def sealed_run(files: Files, trusted: Trusted) -> int:
    """Everything that is under a seal; how many changes were not seen."""
    journal, notebook = files.journal or Path(), files.notebook or Path()
    whole, seals = partial(_sound, one, files, trusted), partial(_sound, by_seals, files, trusted)
    pages = journal.with_name(journal.name.removesuffix(SUFFIX) + PAGE_SUFFIX)
    found = sum(_flips(path, seals, each_bit(path)) for path in (journal, seal_path(journal), pages))
    html = notebook.with_suffix(".html")
    found += _flips(html, in_page(journal, trusted), each_byte(html))
    for path in (journal, seal_path(journal), pages, html):
        found += _flips(path, whole, some(path), "as byodkim verify does it")
    found += _changes(journal, seals, lines_changed(journal.read_bytes()))
    return found + _changes(journal, seals, cut_short(journal.read_bytes()))


def unsealed_notebook(files: Files, trusted: Trusted) -> int:
    """Every byte of a notebook, for which its journal vouches; how many that are evidence were not seen."""
    notebook = files.notebook or Path()
    data, started = notebook.read_bytes(), time.monotonic()
    missed = unseen(notebook, in_notebook(files, trusted), each_byte(notebook))
    told = {place: unweighed(data, _flipped(data, *place)) for place in missed}
    evidence, kinds = [place for place, kind in told.items() if not kind], Counter(told.values())
    _tell(f"{notebook.name} by its journal", len(data), "flips", len(evidence), started)
    for kind, why in UNWEIGHED.items():
        print(f"    {kinds[kind]:7} bytes are no evidence: {why}", flush=True)
    for offset, bit in evidence:
        print(f"    not seen: bit {bit} of byte {offset}: {data[max(offset - 30, 0) : offset + 30]!r}", flush=True)
    weighed = [(offset, bit) for offset, bit in some(notebook) if not unweighed(data, _flipped(data, offset, bit))]
    whole = partial(_sound, one, files, trusted)
    return len(evidence) + _flips(notebook, whole, iter(weighed), "as byodkim verify does it")


def chain(folder: Path, work: Path, trusted: Trusted) -> int:
    """Every run of a chain dropped, added and swapped; how many changes were not seen."""
    started, count, missed = time.monotonic(), 0, []
    known = newest(verify_chain(verify_all(collect([folder], "en"), trusted, "en"), "en"))
    heads = [Head(run, head) for run, head in known.items()]
    for what, changed in runs_changed(folder, [name for name, _ in CHAIN], work):
        count += 1
        runs = verify_chain(verify_all(collect([changed], "en"), trusted, "en"), "en")
        if all(run.sound for run in compare(runs, heads, Speaker("en"))) and not missing(runs, heads):
            missed.append(what)
    _tell("four runs, with the newest head", count, "changes", len(missed), started)
    return len(missed)


def _sound(judge: Callable[[Files, Trusted], Verified], files: Files, trusted: Trusted) -> bool:
    return judge(files, trusted).sound


def _flipped(data: bytes, offset: int, bit: int) -> bytes:
    return data[:offset] + bytes([data[offset] ^ (1 << bit)]) + data[offset + 1 :]


def _flips(path: Path, sound: Sound, places: Iterator[Place], how: str = "") -> int:
    started, wanted = time.monotonic(), list(places)
    missed = unseen(path, sound, wanted)
    _tell(path.name, len(wanted), f"flips in {path.stat().st_size} bytes {how}".rstrip(), len(missed), started)
    return len(missed)


def _changes(path: Path, sound: Sound, changes: Iterator[tuple[str, bytes]]) -> int:
    started = time.monotonic()
    count, missed = unseen_changes(path, sound, changes)
    _tell(path.name, count, "lines dropped, doubled, added, swapped, or cuts", len(missed), started)
    return len(missed)


def _tell(name: str, count: int, what: str, missed: int, started: float) -> None:
    print(f"{name}: {count} {what}, {missed} not seen ({time.monotonic() - started:.0f} s)", flush=True)


PARTS = ("chain", "sealed", "notebook")


def main(parts: Sequence[str]) -> int:
    """All of it, or some parts, in a folder of its own; 1 where anything was not seen."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_STATE_HOME"] = f"{name}/state"
        folder, plain, runs = (Path(name) / part for part in ("rotated", "plain", "chain"))
        for made in (folder, runs):
            made.mkdir()
        files, found = rotated(folder), 0
        trusted = own()
        assert one(files, trusted).sound, one(files, trusted).findings
        shutil.copytree(folder, plain)
        (journal,) = plain.glob(f"*{SUFFIX}")
        if "chain" in parts:
            found += chain(make_chain(runs), Path(name) / "work", trusted)
        if "sealed" in parts:
            found += sealed_run(files, trusted)
        if "notebook" in parts:
            found += unsealed_notebook(Files(journal, plain / "run.ipynb"), trusted)
        assert one(files, trusted).sound
    print(f"{found} changes of evidence were not seen")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or PARTS))
