"""Tries every mutant, in the copy: tests are collected once, and run for each mutant until one notices.

``python -m tests.mutation.session``, with the copy as working folder; leaves what came of each in ``codes.json``.
mutmut's own runner starts pytest anew for each mutant, which takes longer than most of these tests. That no mutant
leaves something behind for the next is seen in the end, when all tests have to pass again.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import sys
import time
from collections import defaultdict
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import pytest

from tests.mutation.staged import AREAS, PLANTED

CODES: Final = "codes.json"
KILLED, SURVIVED, NO_TEST = 1, 0, 5
PATIENCE_S: Final = 60  # for one test, or five times as long as without mutants: what takes longer has noticed
MOST_S: Final = 30  # of this process's time, for one mutant: as many tests as fit, the quickest first
HITS: Final = "MUTATION_HITS"  # the file where custodians note what they come by
BASELINE_FAILS: Final = 9


class Session:
    """A pytest plugin that runs tests its own way. ``mutants``: dotted names, as mutmut's trampolines know them.

    ``stays``: what tests share is made once, before the first mutant, and again where making it failed.
    """

    def __init__(self, mutants: list[str], *, stays: bool) -> None:
        self.mutants, self.stays, self.codes = mutants, stays, dict[str, int]()
        self.failed = self.unmade = False
        self.why = ""
        self.caches: list[Any] = []
        self.took: dict[pytest.Item, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remembers that something failed."""
        self.failed |= report.failed
        self.why = report.longreprtext if report.failed else self.why
        self.unmade |= report.failed and report.when == "setup"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of one run of each test: one without mutants, then what each mutant takes, and one without again."""
        signal.signal(signal.SIGALRM, _too_long)
        ours = [module for name, module in list(sys.modules.items()) if name.startswith("byodkim.")]
        self.caches = [thing for module in ours for thing in vars(module).values() if hasattr(thing, "cache_clear")]
        tests = self.baseline(session.items)
        reporter = session.config.pluginmanager.unregister(name="terminalreporter")  # failures are what is wanted
        gc.collect()
        gc.freeze()
        for place, mutant in enumerate(self.mutants):
            _choose(mutant, children=not self.stays)
            self.codes[mutant] = self.attempt(tests[mutant.partition("__mutmut_")[0]])
            if place % 100 == 0:
                print(f"\n{time.strftime('%T')} {place} of {len(self.mutants)}", end="", flush=True)
        session.config.pluginmanager.register(reporter, "terminalreporter")
        self.baseline(session.items)
        session._setupstate.teardown_exact(None)
        session.testsfailed = 0  # those were the mutants'
        return True

    def baseline(self, items: list[pytest.Item]) -> dict[str, list[pytest.Item]]:
        """The tests that come by each function: first what notices most at once, then quick ones. All have to pass."""
        from mutmut.mutation import trampoline

        passed: set[str] = set()
        trampoline.record_trampoline_hit = lambda name, **_: passed.add(name)  # type: ignore[attr-defined, unused-ignore]
        _choose("stats", children=False)
        found, took = defaultdict[str, list[pytest.Item]](list), dict[pytest.Item, float]()
        waited, self.took = dict[pytest.Item, float](), {}
        hits = Path(HITS).absolute()
        os.environ[HITS] = str(hits)
        for item in items:
            passed.clear()
            hits.write_text("")
            start, started = time.process_time(), time.monotonic()
            if self.attempt([item]) != SURVIVED:
                pytest.exit(f"{item.nodeid} fails without any mutant: {self.why}", BASELINE_FAILS)
            took[item], waited[item] = time.process_time() - start, time.monotonic() - started
            for function in passed.union(hits.read_text().split()):
                found[function].append(item)
        del os.environ[HITS]
        self.took = waited
        for tests in found.values():
            tests.sort(key=lambda item: ("test_said" not in item.nodeid, took[item]))
            spent = accumulate(took[item] for item in tests)
            tests[:] = [item for item, seconds in zip(tests, spent, strict=True) if seconds < MOST_S] or tests[:1]
        return found

    def attempt(self, tests: list[pytest.Item]) -> int:
        """Run tests up to the first that fails."""
        self.failed = self.unmade = False
        for cache in self.caches:  # what a function remembers is what it said before it was changed
            cache.cache_clear()
        for item in tests:
            item.session._setupstate.teardown_exact(item)  # but what this one needs too
            signal.alarm(int(max(PATIENCE_S, 5 * self.took[item])) if item in self.took else 0)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=item.parent)
            signal.alarm(0)
            if self.failed:
                break
        if tests and (self.unmade or not self.stays):
            tests[0].session._setupstate.teardown_exact(None)
        return KILLED if self.failed else SURVIVED if tests else NO_TEST


def _choose(mutant: str, *, children: bool) -> None:
    """Call that mutant from now on, in processes that are started too or in this one alone."""
    from mutmut.mutation.trampoline import set_mutant_under_test

    set_mutant_under_test(mutant)
    if not children:
        del os.environ["MUTANT_UNDER_TEST"]


class _TooLong(BaseException):
    """Not an error that a test could catch."""


def _too_long(*_: object) -> None:
    raise _TooLong


def main(area: str, count: str = "") -> int:
    """Try the mutants of an area in the copy that is the working folder, in any order; or no more than ``count``."""
    from tests.mutation.mutants import names

    mutants, chosen = list(names(Path.cwd(), area)), AREAS[area]
    random.shuffle(mutants)
    mutants.sort(key=lambda name: not name.startswith(f"byodkim.{PLANTED}."))
    planted = sum(name.startswith(f"byodkim.{PLANTED}.") for name in mutants)
    left_out = [f"--{'deselect' if '::' in one else 'ignore'}={one}" for one in chosen.left_out]
    # Nobody reads how a mutant was noticed, and to tell it takes longer than most tests.
    quick = ["-q", "--assert=plain", "--tb=native", "-p", "no:cacheprovider", "-m", "not prove"]
    plugin = Session(mutants[: planted + int(count) if count else None], stays=chosen.stays)
    code = pytest.main(["tests/test_planted.py", *chosen.tests, *left_out, *quick], plugins=[plugin])
    Path(CODES).write_text(json.dumps(plugin.codes))
    return int(code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
