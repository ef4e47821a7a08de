"""Tell which share of an area's mutants its tests kill: ``python -m tests.mutation AREA``.

Each mutant is written into a copy of the library, first on PYTHONPATH. It meets the tests that ran
its lines in this process, for half a minute at most; where none did, all of the area. A
sample with a fixed seed is taken. What build/mutation already has is not run again.

Tests that reach the lines in a child process only are not chosen: a survivor may die of them.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import itertools
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "build" / "mutation"
RUNS = (
    *(f"tests/rotate/test_{name}.py" for name in ("refused", "rollback", "waits", "writes")),
    *(f"tests/retire/test_{name}.py" for name in ("refused", "retire")),
    *(f"tests/prepare/test_{name}.py" for name in ("refused", "prepare", "secret")),
    *(f"tests/fleet/test_{name}.py" for name in ("table", "apply")),
    "tests/rotate/test_people.py",
)
AREAS = {
    "dkim": ("tests/dkim",),
    "record": ("tests/record", "tests/show", "tests/review"),
    "custody": ("tests/custody", "tests/aws"),
    "checks": ("tests/checks",),
    "engine": RUNS,
}
#: Seconds of tests that a mutant meets, and for which it may hang beyond.
BUDGET_S, HANG_S = 30.0, 15.0
#: Loaded once, before a process forks for each mutant. Nothing of byodkim is.
PRELOADED = ("boto3", "cryptography.x509", "dkim", "dns.resolver", "msgspec", "pandas", "IPython",
             "moto.backends")  # fmt: skip


class Chosen:
    """A plugin that runs the named tests in their order, and keeps what happened."""

    def __init__(self, order: list[str] | None = None) -> None:
        self.order = order
        self.failed: list[str] = []
        self.seconds: dict[str, float] = {}
        self.lines: dict[str, list[str]] = {}
        self._met: set[str] = set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.order is not None:
            named = {each.nodeid: each for each in items}
            items[:] = [named[name] for name in self.order]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        began, self._met = time.monotonic(), set()
        if self.order is None:
            threading.settrace(self._trace)
            sys.settrace(self._trace)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.seconds[item.nodeid] = time.monotonic() - began
            self.lines[item.nodeid] = sorted(self._met)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    def _trace(self, frame: FrameType, _event: str, _value: object) -> Any:
        name = frame.f_code.co_filename.rpartition("/byodkim/")[2]
        if name.split("/")[0] not in AREAS:
            return None
        self._met.add(f"{name}:{frame.f_lineno}")
        return self._trace


def run(copy: Path, files: list[str], chosen: Chosen, limit: float) -> dict[str, Any] | None:
    """Run tests in a fork, with the copy of the library. ``None``: they came to no end."""
    answer = copy / "answer.json"
    answer.unlink(missing_ok=True)
    if not (child := os.fork()):
        os.setsid()  # so that all it starts ends with it
        log = os.open(RESULTS / "last.log", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        for number in (0, 1, 2):
            os.dup2(log, number)
        sys.path.insert(0, str(copy))
        os.environ["PYTHONPATH"] = f"{copy}:{ROOT}"
        words = ["-q", "-m", "not prove", "-p", "no:cacheprovider", *files]
        code = int(pytest.main(["-x", *words] if chosen.order else words, plugins=[chosen]))
        answer.write_text(json.dumps({"code": code, **vars(chosen), "_met": None}))
        os._exit(0)
    ends = time.monotonic() + limit
    while os.waitpid(child, os.WNOHANG) == (0, 0) and time.monotonic() < ends:
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
    result: dict[str, Any] | None = json.loads(answer.read_text()) if answer.exists() else None
    return result


def tests_for(mutant: Mutant, known: dict[str, Any]) -> list[str]:
    """Return the tests that ran its lines, or all of them, as many as the time allows.

    One test of each way through the module comes before a second one of any.
    """
    name = mutant.path.relative_to(ROOT / "lib" / "byodkim").as_posix()
    lines, seconds = {f"{name}:{line}" for line in mutant.lines}, known["seconds"]
    ways: dict[tuple[str, ...], list[str]] = {}
    for each in sorted(seconds, key=seconds.__getitem__):
        way = tuple(line for line in known["lines"][each] if line.startswith(f"{name}:"))
        if each not in known["failed"]:
            ways.setdefault(way, []).append(each)
    met = [tests for way, tests in ways.items() if lines & set(way)] or list(ways.values())
    chosen, total = list[str](), 0.0
    for each in filter(None, itertools.chain(*itertools.zip_longest(*met))):
        if total + seconds[each] <= BUDGET_S:
            total += seconds[each]
            chosen.append(each)
    files = list(dict.fromkeys(map(_file, seconds)))
    return sorted(chosen, key=lambda test: files.index(_file(test)))


def _file(test: str) -> str:
    return test.split("::")[0]


def attempt(mutant: Mutant, copy: Path, known: dict[str, Any]) -> dict[str, Any]:
    """Return whether a mutant was killed, and by which test."""
    path, tests = copy / mutant.path.relative_to(ROOT / "lib"), tests_for(mutant, known)
    path.write_text(mutant.text, "utf-8")
    os.utime(path, (0, hash(mutant) % 10**9))  # no compiled module fits it
    limit = HANG_S + 2 * sum(known["seconds"][each] for each in tests)
    result = run(copy, list(dict.fromkeys(map(_file, tests))), Chosen(tests), limit)
    shutil.copy2(mutant.path, path)
    if result is None:
        return {"verdict": "timeout", "tests": len(tests)}
    by = result["failed"][:1] if result["code"] else []
    verdict = "killed" if result["code"] else "survived"
    return {"verdict": verdict, "tests": len(tests), "by": by}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("area", choices=AREAS)
    parser.add_argument("--count", type=int, default=150)
    given = parser.parse_args()
    os.chdir(ROOT)
    RESULTS.mkdir(parents=True, exist_ok=True)
    for module in PRELOADED:
        importlib.import_module(module)
    assert "byodkim" not in sys.modules, "no mutant would be loaded"
    package = ROOT / "lib" / "byodkim" / given.area
    every = [mutant for path in sorted(package.rglob("*.py")) for mutant in mutants(path)]
    random.Random(39).shuffle(every)
    log = RESULTS / f"{given.area}.jsonl"
    rows = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    done = {row["mutant"]: row["verdict"] for row in rows}
    lines = RESULTS / f"{AREAS[given.area][0].replace('/', '-')}.json"
    with tempfile.TemporaryDirectory() as folder, log.open("a") as stream:
        copy = Path(folder)
        shutil.copytree(ROOT / "lib" / "byodkim", copy / "byodkim")
        if not lines.exists():
            lines.write_text(json.dumps(run(copy, [*AREAS[given.area]], Chosen(), 3600)))
        known = json.loads(lines.read_text())
        print(f"{len(known['seconds'])} tests, failed before any change: {known['failed']}")
        for each in every[: given.count]:
            place = f"{each.path.relative_to(package.parent)}:{each.lines.start}.{each.column}"
            if (name := f"{place}: {each.change}") not in done:
                row = {"mutant": name, **attempt(each, copy, known)}
                done[name] = row["verdict"]
                print(json.dumps(row), file=stream, flush=True)
                if row["verdict"] != "killed":
                    print(f"{row['verdict']}: {name} ({row['tests']} tests)", flush=True)
    survived = sum(verdict == "survived" for verdict in done.values())
    print(f"{given.area}: {survived} of {len(done)} survived; {len(every)} mutants in all")


if __name__ == "__main__":
    main()
