"""Tell which share of the mutants of some areas is killed: ``python -m tests.mutation AREA``.

Each mutant is written into a copy of the checkout, first on PYTHONPATH, so that each process of a
test loads it. It meets the area's own tests and, where it survives them, whole runs. A sample with
a fixed seed is taken. What build/mutation/AREA.jsonl already has is not run again.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "build" / "mutation"
#: Whole runs without long waits, and more of them.
RUNS = (
    *(f"tests/rotate/test_{name}.py" for name in ("writes", "rollback", "refused", "waits")),
    *(f"tests/{name}/test_refused.py" for name in ("prepare", "retire")),
    "tests/fleet/test_table.py",
)
MORE = (
    *(f"tests/rotate/test_{name}.py" for name in ("entry", "people")),
    "tests/prepare/test_prepare.py",
    "tests/retire/test_retire.py",
    "tests/fleet/test_apply.py",
    "tests/explore",
)
#: The tests of each area, in groups. The next group is met by those that survive the one before.
AREAS = {
    "checks": (("tests/checks",), RUNS),
    "record": (("tests/record", "tests/show", "tests/review"), RUNS),
    "custody": (("tests/custody", "tests/aws"), RUNS),
    "engine": (RUNS, MORE),
}
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "build", "outputs")


def run(copy: Path, tests: tuple[str, ...], limit: float) -> tuple[str, str]:
    """Return what tests make of a copy: ``killed`` and by which test, ``survived``, ``timeout``."""
    options = ["-m", "not prove", "-p", "no:cacheprovider", "-n4", "--dist=loadfile", "-x"]
    path = f"{copy / 'lib'}:{copy}"
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *options, *tests],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": path},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            return "timeout", ""
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        log.seek(0)
        failed = re.search("^(?:FAILED|ERROR) (.*)", log.read(), re.MULTILINE)
    return ("killed", failed[1] if failed else f"exit {code}") if code else ("survived", "")


@functools.cache
def limit_of(copy: Path, tests: tuple[str, ...]) -> float:
    """Return for how many seconds a mutant may run. Without a change, the tests must pass."""
    began = time.monotonic()
    assert run(copy, tests, 1800) == ("survived", ""), f"{tests} fail before any change"
    return 60 + 2 * (time.monotonic() - began)


def attempt(mutant: Mutant, number: int, copy: Path, area: str) -> tuple[str, str]:
    """Return what the area's tests make of a mutant."""
    original, verdict = mutant.path.read_bytes(), ("", "")
    for tests in AREAS[area]:
        limit = limit_of(copy, tests)
        mutant.path.write_text(mutant.text, "utf-8")
        os.utime(mutant.path, (number, number))  # no compiled module has this time
        verdict = run(copy, tests, limit)
        mutant.path.write_bytes(original)
        if verdict[0] != "survived":
            break
    return verdict


def measure(area: str, count: int, copy: Path) -> None:
    """Meet a sample of an area's mutants, and tell which of them were not killed."""
    package = copy / "lib" / "byodkim"
    paths = sorted((package / area).rglob("*.py"))
    every = [mutant for path in paths for mutant in mutants(path)]
    random.Random(39).shuffle(every)
    log = RESULTS / f"{area}.jsonl"
    rows = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    done = {row["mutant"]: row["verdict"] for row in rows}
    for number, each in enumerate(every[:count], 1):
        name = f"{each.path.relative_to(package)}:{each.line}.{each.column}: {each.change}"
        if name in done:
            continue
        done[name], by = attempt(each, number, copy, area)
        with log.open("a") as stream:
            print(json.dumps({"mutant": name, "verdict": done[name], "by": by}), file=stream)
        if done[name] != "killed":
            print(f"{done[name]}: {name}", flush=True)
    print(f"{area}: {dict(Counter(done.values()))} of {len(every)} mutants in all", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("areas", nargs="+", choices=AREAS)
    parser.add_argument("--count", type=int, default=40)
    given = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(ROOT, copy, symlinks=True, ignore=NOT_COPIED)
        for area in given.areas:
            measure(area, given.count, copy)


if __name__ == "__main__":
    main()
