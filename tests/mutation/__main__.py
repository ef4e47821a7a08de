"""``python -m tests.mutation [--write] [COUNT] [AREA...]``: plant faults, one by one; does a test notice?

The faults are mutmut's, in a copy of the tree under ``build/mutation``; the areas are those of ``staged.AREAS``, all
unless any is named. Fails where a mutant survives that ``survivors.txt`` does not list, where fewer than 95 of 100 are
killed in an area, and where the run itself cannot be trusted. ``--write`` writes the list, ``--read`` looks at the last
run again, and with a number that many mutants of each area, chosen at random, have to do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.mutation.mutants import Mutant, figures, gone, kept, listed, parse, read, unlisted, untrusted
from tests.mutation.staged import AREAS, ROOT, lay_out, mutate

SURVIVORS = Path(__file__).with_name("survivors.txt")
HEAD = (
    "Faults planted that no test notices, written by make mutate WRITE=1:",
    "what a line of a function was, what it became, and why nothing notices.",
    "",
)


def run(folder: Path, area: str, *count: str) -> None:
    """Lay the copy out anew, and try every mutant in it, or so many."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lay_out(folder)
    mutate(folder, area)
    # CI: hypothesis takes the same examples each time and remembers none. No plugins: each costs time in every fork.
    settings = {"CI": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "tests.mutation.session", area, *count]
    if code := subprocess.run(command, cwd=folder, env={**os.environ, **settings}).returncode:
        sys.exit(f"The run came to nothing: the tests fail without any mutant, or cannot be collected ({code}).")


def main(*options: str) -> int:
    """Mutate, compare with the list, and say what came of it; the exit code."""
    found: list[Mutant] = []
    told, wrong = [], []
    for area in [option for option in options if option in AREAS] or AREAS:
        folder, started = ROOT / "build" / "mutation" / area, time.monotonic()
        if "--read" not in options:
            run(folder, area, *(option for option in options if option.isdecimal()))
        mutants = list(read(folder, area))
        minutes = f", {(time.monotonic() - started) / 60:.0f} minutes" if "--read" not in options else ""
        told.append(f"{datetime.now(UTC):%Y-%m-%d}, mutmut {version('mutmut')}: {area}, {figures(mutants)}{minutes}")
        print(told[-1], flush=True)
        wrong += untrusted(mutants, area)
        found += mutants
    known = parse(SURVIVORS.read_text("utf-8"))
    if "--write" in options:
        SURVIVORS.write_text(listed(kept(found, known), known, (*HEAD, *told)), "utf-8")
        known = parse(SURVIVORS.read_text("utf-8"))
    wrong += unlisted(found, known)
    print("\n".join([*wrong, *gone(found, known)]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
