"""``python -m tests.second_edition.mutation [COUNT] [AREA...]``: plant faults, one by one; does a test notice?

The faults are mutmut's, in a copy of the tree under ``build/mutation``; the areas are those of ``staged.AREAS``, all
unless any is named. Prints what no test noticed, but for what ``equivalent.txt`` lists (no behaviour differs) and
``survivors.txt`` (why that is left so).
Fails where fewer than 95 of 100 others are killed in an area, and where the run itself cannot be trusted. With a
number, that many mutants of each area, chosen at random, have to do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from tests.second_edition.mutation.mutants import judged, read
from tests.second_edition.mutation.staged import AREAS, ROOT, lay_out, mutate


def run(folder: Path, area: str, *count: str) -> None:
    """Lay the copy out anew, and try every mutant in it, or so many."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lay_out(folder)
    mutate(folder, area)
    # CI: hypothesis takes the same examples each time and remembers none. No plugins: each costs time in every fork.
    settings = {"CI": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "tests.second_edition.mutation.session", area, *count]
    if code := subprocess.run(command, cwd=folder, env={**os.environ, **settings}).returncode:
        sys.exit(f"The run came to nothing: the tests fail without any mutant, or cannot be collected ({code}).")


def main(*options: str) -> int:
    """Mutate area by area, and say what came of it; the exit code."""
    failed = False
    for area in [option for option in options if option in AREAS] or AREAS:
        folder, started = ROOT / "build" / "mutation" / area, time.monotonic()
        run(folder, area, *(option for option in options if option.isdecimal()))
        figures, wrong = judged(read(folder, area))
        minutes = (time.monotonic() - started) / 60
        print("\n".join([f"{figures}, {minutes:.0f} minutes: {area}, mutmut {version('mutmut')}", *wrong]), flush=True)
        failed |= bool(wrong)
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
