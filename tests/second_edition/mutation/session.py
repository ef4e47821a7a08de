"""Tries every mutant, in the copy: tests are collected once, and run for each mutant until one notices.

``python -m tests.second_edition.mutation.session``, with the copy as working folder; leaves what came of each in ``codes.json``.
mutmut's own runner starts pytest anew for each mutant, which takes longer than most of these tests. That no mutant
leaves something behind for the next is seen in the end, when all tests have to pass again.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import resource
import signal
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import pytest

from tests.second_edition.mutation.lines import HITS, TURN, Line, note
from tests.second_edition.mutation.staged import AREAS, PLANTED

CODES: Final = "codes.json"
KILLED, SURVIVED, NO_TEST = 1, 0, 5
PATIENCE_S: Final = 20  # for one test, or five times as long as without mutants: what takes longer has noticed
MOST_S: Final = 30  # for one mutant: as many tests as fit
HITS_FILE: Final = "hits"  # where custodians note the lines that they come by
MOST_BYTES: Final = 4 << 30  # of addresses: a mutant that never stops making a list would take the machine's memory
BASELINE_FAILS: Final = 9


class Session:
    """A pytest plugin that runs tests its own way.

    ``mutants``: dotted names, as mutmut's trampolines know them, and where each stands.

    ``stays``: what tests share is made once, before the first mutant, and again where making it failed.
    """

    def __init__(self, mutants: Mapping[str, tuple[str, range]], *, stays: bool) -> None:
        self.mutants, self.stays, self.codes = mutants, stays, dict[str, int]()
        self.failed = self.unmade = False
        self.why = ""
        self.caches: list[Any] = []
        self.took: dict[pytest.Item, float] = {}
        self.noticed = Counter[tuple[Line, pytest.Item]]()  # in which function, and by what
        self.passed, self.made = set[Line](), set[Line]()  # by a test, and while what it needs was made

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remembers that something failed."""
        self.failed |= report.failed
        self.why = report.longreprtext if report.failed else self.why
        if report.when == "setup":
            self.unmade, self.made = self.unmade or report.failed, set(self.passed)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of one run of each test: one without mutants, then what each mutant takes, and one without again."""
        signal.signal(signal.SIGALRM, _too_long)
        ours = [module for name, module in list(sys.modules.items()) if name.startswith("byodkim.")]
        self.caches = [thing for module in ours for thing in vars(module).values() if hasattr(thing, "cache_clear")]
        tests = self.covered(session.items)
        # How much of a file a test has to itself.
        owned = defaultdict[str, defaultdict[pytest.Item, float]](lambda: defaultdict(float))
        for (path, _), several in tests.items():
            for item in several:
                owned[path][item] += 1 / len(several)
        reporter = session.config.pluginmanager.unregister(name="terminalreporter")  # failures are what is wanted
        gc.collect()
        gc.freeze()
        self.renew(session)
        for number, (mutant, (path, lines)) in enumerate(self.mutants.items()):
            _choose(mutant, children=not self.stays)
            # Not all lines of a statement are told: else those that come by the ones before it.
            some = next((tests[path, one] for one in reversed(lines) if (path, one) in tests), [])
            function = path, lines.start
            self.codes[mutant] = self.attempt(self.due(some, owned[path], function), function)
            self.renew(session)
            if number % 100 == 0:
                print(f"\n{time.strftime('%T')} {number} of {len(self.mutants)}", end="", flush=True)
        session.config.pluginmanager.register(reporter, "terminalreporter")
        self.baseline(session.items)
        session._setupstate.teardown_exact(None)
        session.testsfailed = 0  # those were the mutants'
        return True

    def covered(self, items: list[pytest.Item]) -> dict[Line, list[pytest.Item]]:
        """The tests that come by each line, in this process or in a custodian. All have to pass."""
        files, hits = {path for path, _ in self.mutants.values()}, Path(HITS_FILE).absolute()
        found, shared = defaultdict[Line, list[pytest.Item]](list), defaultdict[Path, set[Line]](set)
        if not self.stays:
            os.environ[HITS] = os.pathsep.join((str(hits), *files))

        def collect(number: int, item: pytest.Item) -> None:
            shared[item.path] |= self.made  # what a module's tests share is made in the first of them
            noted = (line.rpartition(":") for line in hits.read_text().splitlines()[1:])
            for line in self.passed.union(shared[item.path], ((path, int(number)) for path, _, number in noted)):
                found[line].append(item)
            self.passed.clear()
            hits.write_text(f"{number:0{TURN}}\n")

        hits.write_text("0" * TURN + "\n")
        note(files, self.passed.add)
        self.baseline(items, collect)
        sys.settrace(None)
        threading.settrace(None)
        os.environ.pop(HITS, None)
        return found

    def baseline(self, items: list[pytest.Item], after: Callable[[int, pytest.Item], object] = lambda *_: None) -> None:
        """Run each test without any mutant, and note how long it takes."""
        _choose("", children=False)
        self.took = {}
        for number, item in enumerate(items, 1):
            started = time.monotonic()
            if self.attempt([item]) != SURVIVED:
                pytest.exit(f"{item.nodeid} fails without any mutant: {self.why}", BASELINE_FAILS)
            self.took[item] = time.monotonic() - started
            after(number, item)

    def due(self, tests: list[pytest.Item], owned: Mapping[pytest.Item, float], function: Line) -> list[pytest.Item]:
        """The tests for one mutant: first those that noticed others of its function, then those that own most.

        Each for the time that it takes.
        """
        tests = sorted(tests, key=lambda item: self.took[item] / owned[item] / (1 + 100 * self.noticed[function, item]))
        spent = accumulate((self.took[item] for item in tests), initial=0.0)  # before each
        return [item for item, seconds in zip(tests, spent, strict=False) if seconds < MOST_S]

    def renew(self, session: pytest.Session) -> None:
        """Forget what tests share, where a mutant may be in it, or making it failed."""
        if self.unmade or not self.stays:
            with contextlib.suppress(Exception):  # of a fixture whose end a mutant is in; the others are ended too
                session._setupstate.teardown_exact(None)

    def attempt(self, tests: list[pytest.Item], function: Line = ("", 0)) -> int:
        """Run tests up to the first that fails."""
        self.failed = self.unmade = False
        for cache in self.caches:  # what a function remembers is what it said before it was changed
            cache.cache_clear()
        for item in tests:
            item.session._setupstate.teardown_exact(item)  # but what this one needs too
            patience = max(PATIENCE_S, 5 * self.took[item]) if item in self.took else 0.0
            signal.setitimer(signal.ITIMER_REAL, patience, 1.0)  # and each second, until it lets itself be ended
            try:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=item.parent)
            except _TooLong:  # between two parts of a test, whose errors pytest keeps
                self.failed = self.unmade = True
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0.0)
            if self.failed:
                self.noticed[function, item] += 1
                _let_go(item)
                break
        return KILLED if self.failed else SURVIVED if tests else NO_TEST


def _let_go(item: Any) -> None:
    """Let go of fixtures of a test that took too long to make: pytest would make none of them again."""
    for several in item._fixtureinfo.name2fixturedefs.values():
        for one in several:
            if one.cached_result is None:
                one._finalizers.clear()


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
    from tests.second_edition.mutation.mutants import places

    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    where, chosen = places(Path.cwd(), area), AREAS[area]
    mutants = random.sample(sorted(where), len(where))
    mutants.sort(key=lambda name: not name.startswith(f"byodkim.{PLANTED}."))
    planted = sum(name.startswith(f"byodkim.{PLANTED}.") for name in mutants)
    left_out = [f"--{'deselect' if '::' in one else 'ignore'}={one}" for one in chosen.left_out]
    # Nobody reads how a mutant was noticed, and to tell it takes longer than most tests.
    quick = ["-q", "--assert=plain", "--tb=native", "-p", "no:cacheprovider", "-m", "not prove"]
    quick += ["-p", "no:unraisableexception"]  # where a test is ended may be such a place
    tried = mutants[: planted + int(count) if count else None]
    plugin = Session({mutant: where[mutant] for mutant in tried}, stays=chosen.stays)
    code = pytest.main(["tests/test_planted.py", *chosen.tests, *left_out, *quick], plugins=[plugin])
    Path(CODES).write_text(json.dumps(plugin.codes))
    return int(code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
