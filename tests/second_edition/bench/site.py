"""What an archive of many runs costs to publish, to look at and to verify: ``python -m tests.second_edition.bench.site``. Nothing
passes or fails.

No two of the runs are alike (``archived``); each is of an identity of its own. The browser opens the pages from files.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from second_edition.evidence.sealing_key import default_path, public_path
from tests.second_edition.bench.archived import archive, make
from tests.second_edition.bench.table import printed, stated
from tests.second_edition.display.browser import Browser

BIN = Path(sys.executable).parent
OPENED = 5
AIM_S = 2
LABELS = (
    "byodkim site",
    "processor time a run in byodkim site, all cores",
    "most memory of byodkim site",
    "the site's size",
    "index page opened in Chromium, and searched by keyboard",
    "page of identities opened, and searched by keyboard",
    "byodkim verify of all of these runs",
    "processor time a run in it, beside that of a tenth of the runs",
    "most memory in it, beside that for a tenth of the runs",
    "files of a run: journal, seal and notebook",
)


@dataclass(frozen=True)
class Used:
    """What a command took: seconds by the clock, seconds of all cores, and the most memory of one process, in MB."""

    clock: float
    cores: float
    memory: float


def used(*words: str | Path) -> Used:
    """Runs a command that must succeed."""
    peak = Path(tempfile.mkstemp()[1])
    before, started = os.times(), time.perf_counter()
    # A process of its own between: the most memory of this one's children would be that of all so far.
    told = "import resource,subprocess,sys;subprocess.run(sys.argv[2:],check=True,stdout=subprocess.DEVNULL);"
    told += "open(sys.argv[1],'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))"
    subprocess.run([sys.executable, "-c", told, peak, *words], check=True)
    after = os.times()
    cores = after.children_user + after.children_system - before.children_user - before.children_system
    memory = float(peak.read_text()) / 1024
    peak.unlink()
    return Used(time.perf_counter() - started, cores, memory)


def opened(page: Path, text: str) -> tuple[float, float]:
    """Seconds until a page is loaded, and until a search that was typed shows what it found; medians."""
    loaded, searched = [], []
    with tempfile.TemporaryDirectory() as name, Browser(Path(name)) as browser:
        for _ in range(OPENED):
            browser.open(page)
            loaded.append(browser.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000)
            browser.evaluate("document.querySelector('[name=search]').focus()")
            started = time.perf_counter()
            browser("Input.insertText", text=text)
            rows = browser.evaluate("document.body.offsetHeight && document.querySelectorAll('#list tbody tr').length")
            searched.append(time.perf_counter() - started)
            assert rows == 1
    return statistics.median(loaded), statistics.median(searched)


def rows(runs: int = 10_000) -> list[tuple[str, str, str]]:
    """Return what is measured, its value, and a ratio where there is one."""
    with tempfile.TemporaryDirectory() as name, stated(f"{name}/state"):
        made, folder, few = (Path(name) / part for part in ("made", "archive", "few"))
        make(made)
        archive(made, folder, runs)
        verify = partial(used, BIN / "byodkim-second-edition", "verify", "--key", public_path(default_path(os.environ)))
        _part(folder, few, runs // 10)
        tenth, whole = verify(few), verify(folder)
        size = sum(path.stat().st_size for path in folder.iterdir())
        first = used(BIN / "byodkim-second-edition", "site", folder)
        site = sum(path.stat().st_size for path in (folder / "site").iterdir())
        index = opened(folder / "site/index.html", "ex00003.jp")
        identities = opened(folder / "site/identities.html", "ex00003.jp")
    each = [one.cores / count * 1000 for one, count in ((tenth, runs // 10), (whole, runs))]
    told: Sequence[tuple[str, str]] = (
        (f"{first.clock:.0f} s", f"{runs:,} runs (aim 60 s for 10,000)"),
        (f"{first.cores / runs * 1000:.1f} ms", ""),
        (f"{first.memory:.0f} MB", ""),
        (f"{site / 1e6:.0f} MB", f"{site / size:.2f} x the archive"),
        (f"{index[0]:.2f} s, {index[1]:.2f} s", f"{sum(index) / AIM_S:.2f} x the aim of {AIM_S} s"),
        (f"{identities[0]:.2f} s, {identities[1]:.2f} s", f"{sum(identities) / AIM_S:.2f} x the aim of {AIM_S} s"),
        (f"{whole.clock:.1f} s", f"{runs:,} runs, {size / 1e6:.0f} MB"),
        (f"{each[1]:.2f} ms, {each[0]:.2f} ms", f"{each[1] / each[0]:.2f} (1: linear)"),
        (f"{whole.memory:.0f} MB, {tenth.memory:.0f} MB", f"{whole.memory / tenth.memory:.2f}"),
        (f"{size / runs / 1000:.0f} kB", ""),
    )
    return [(label, *row) for label, row in zip(LABELS, told, strict=True)]


def _part(folder: Path, few: Path, count: int) -> None:
    """The first runs of an archive."""
    few.mkdir()
    for path in folder.iterdir():
        digits = "".join(filter(str.isdigit, path.name.partition(".")[0]))
        if int(digits) < count:
            shutil.copy2(path, few)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.second_edition.bench.site", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    printed(rows(parser.parse_args().runs))
