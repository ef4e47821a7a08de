"""``make bench``: measure what docs/en/figures.md claims, and print one table.

Exit code 1 where a bound of a whole round is missed.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench import first, fleet, kernel, sizes, times
from tests.bench.figures import between_marks, table
from tests.bench.project import Project


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="5 rounds, not 15; fails on no bound")
    parser.add_argument("--write", action="store_true", help="into docs/en/figures.md too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="byodkim-bench-") as name:
        folder = Path(name)
        pairs, runs = (5, 2) if options.quick else (15, 5)
        figures = times.figures(folder, pairs, runs)
        figures += [] if options.quick else first.figures(folder / "first")
        figures += kernel.figures(Project(folder / "kernel"))
        (folder / "campaign").mkdir()
        figures += fleet.figures(folder / "campaign", *((10, 500) if options.quick else ()))
    figures += sizes.figures()
    print(table(figures))
    if options.write:
        path = sizes.ROOT / "docs/en/figures.md"
        path.write_text(between_marks(path.read_text("utf-8"), table(figures)), "utf-8")
    missed = any(figure.holds is False for figure in figures)
    return int(missed and not options.quick)


if __name__ == "__main__":
    sys.exit(main())
