"""What verifying an archive costs: ``python -m tests.second_edition.bench.verification``. Nothing passes or fails.

No two of the runs are alike (``archived``). Beside them, in turn, what others take for a part of the same:
``sha256sum`` over all files, and OpenSSL over each seal.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from second_edition.evidence.dsse import PAYLOAD, pae
from second_edition.evidence.seal import SUFFIX as SEAL
from second_edition.evidence.sealing_key import default_path, public_path
from tests.second_edition.bench.archived import archive, make
from tests.second_edition.bench.table import printed, stated

BIN = Path(sys.executable).parent
LABELS = (
    "byodkim verify, runs that have nothing in common",
    "processor time a run in it, all cores",
    "sha256sum over all files; verify / this",
    "openssl over all seals; verify / this",
)


def verify(folder: Path) -> float:
    """``byodkim verify``, seconds; all of the runs are found sound."""
    return _timed([BIN / "byodkim-second-edition", "verify", folder, "--key", public_path(default_path(os.environ))])


def sums(folder: Path) -> float:
    """``sha256sum`` over every file, seconds."""
    return _timed(["sha256sum", *sorted(folder.iterdir())])


def openssl(folder: Path) -> float:
    """OpenSSL over every seal, one process each, seconds."""
    messages = folder.parent / "messages"
    if not messages.exists():
        messages.mkdir()
        for path in folder.glob(f"*{SEAL}"):
            sealed = json.loads(path.read_text("utf-8"))
            (messages / path.name).write_bytes(pae(PAYLOAD, base64.b64decode(sealed["payload"])))
            (messages / f"{path.name}.sig").write_bytes(base64.b64decode(sealed["signatures"][0]["sig"]))
    key = public_path(default_path(os.environ))
    started = time.perf_counter()
    for path in messages.glob(f"*{SEAL}"):
        words: list[str | Path] = ["-pubin", "-inkey", key, "-rawin", "-in", path, "-sigfile", f"{path}.sig"]
        subprocess.run(["openssl", "pkeyutl", "-verify", *words], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _timed(command: Sequence[str | Path]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def processor(command: Callable[[], float]) -> tuple[float, float]:
    """Seconds by the clock, and of all cores together: only these are its own where others use the cores too."""
    before = os.times()
    taken = command()
    after = os.times()
    return taken, after.children_user + after.children_system - before.children_user - before.children_system


def rows(rounds: int = 5, runs: int = 1000) -> list[tuple[str, str, str]]:
    """Return what is measured, its median, and a ratio where there is one."""
    with tempfile.TemporaryDirectory() as name, stated(f"{name}/state"):
        made, folder = Path(name) / "made", Path(name) / "archive"
        make(made)
        archive(made, folder, runs)
        judges: Sequence[Callable[[], float]] = (
            partial(verify, folder), partial(sums, folder), partial(openssl, folder)
        )  # fmt: skip
        taken: list[list[tuple[float, float]]] = [[] for _ in judges]
        for _ in range(rounds):
            for times, judge in zip(taken, judges, strict=True):
                times.append(processor(judge))
        size = sum(path.stat().st_size for path in folder.iterdir())
    clocks = [statistics.median(clock for clock, _ in times) for times in taken]
    cores = [statistics.median(used for _, used in times) for times in taken]
    told = [(f"{clocks[0]:.2f} s", f"{runs:,} runs, {size / 1e6:.0f} MB (aim 2 s for 1,000)")]
    told += [(f"{cores[0] / runs * 1000:.1f} ms", "")]
    told += [(f"{clock:.2f} s", f"{clocks[0] / clock:.2f}") for clock in clocks[1:]]
    return [(label, *each) for label, each in zip(LABELS, told, strict=True)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.second_edition.bench.verification", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=1000)
    asked = parser.parse_args()
    printed(rows(asked.rounds, asked.runs))
