"""Tries every mutant, in the copy: tests are collected once, and run for each mutant until one notices.

``python -m tests.mutation.session``, with the copy as working folder; leaves what came of each in ``codes.json``.
mutmut's own runner starts pytest anew for each mutant, which takes longer than most of these tests. That no mutant
leaves something behind for the next is seen in the end, when all tests have to pass again.
"""

from __future__ import annotations

import gc
import json
import random
import signal
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import pytest

from tests.mutation.staged import PLANTED

CODES: Final = "codes.json"
KILLED, SURVIVED, NO_TEST = 1, 0, 5
PATIENCE_S: Final = 60  # wall clock: what takes longer has been noticed
BASELINE_FAILS: Final = 9

SELECTED: Final = ("tests/dkim", "tests/rotation", "tests/dns/test_matrix.py", "tests/dns/test_activation.py")
LEFT_OUT: Final = (
    # Slow: three other programs over real DNS, dkimpy's word for hundreds of records, a thousand worlds at random.
    "tests/dkim/test_judges.py",
    "tests/dkim/test_key_record.py::test_whatever_is_accepted_verifies_with_dkimpy",
    "tests/dkim/test_key_record.py::test_character_strings_join_to_the_value",
    "tests/rotation/test_safety.py",
    # said.txt tells in one test what this asks of each row.
    "tests/rotation/test_said.py::test_a_check_comes_to_its_verdict_and_says_it_in_every_language",
    "tests/rotation/test_said.py::test_only_a_waivable_check_is_waived_and_only_where_it_has_not_passed",
)


class Session:
    """A pytest plugin that runs tests its own way. ``mutants``: dotted names, as mutmut's trampolines know them."""

    def __init__(self, mutants: list[str]) -> None:
        self.mutants, self.codes, self.failed = mutants, dict[str, int](), False
        self.caches: list[Any] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remembers that something failed."""
        self.failed |= report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of one run of each test: one without mutants, then what each mutant takes, and one without again."""
        from mutmut.mutation.trampoline import set_mutant_under_test

        signal.signal(signal.SIGALRM, _too_long)
        ours = [module for name, module in list(sys.modules.items()) if name.startswith("byodkim.")]
        self.caches = [thing for module in ours for thing in vars(module).values() if hasattr(thing, "cache_clear")]
        tests = self.baseline(session.items)
        reporter = session.config.pluginmanager.unregister(name="terminalreporter")  # failures are what is wanted
        gc.collect()
        gc.freeze()
        for place, mutant in enumerate(self.mutants):
            set_mutant_under_test(mutant)
            self.codes[mutant] = self.attempt(tests[mutant.partition("__mutmut_")[0]])
            if place % 100 == 0:
                print(f"\n{time.strftime('%T')} {place} of {len(self.mutants)}", end="", flush=True)
        session.config.pluginmanager.register(reporter, "terminalreporter")
        self.baseline(session.items)
        session.testsfailed = 0  # those were the mutants'
        return True

    def baseline(self, items: list[pytest.Item]) -> dict[str, list[pytest.Item]]:
        """The tests that come by each function: first what notices most at once, then quick ones. All have to pass."""
        from mutmut.mutation import trampoline

        passed: set[str] = set()
        trampoline.record_trampoline_hit = lambda name, **_: passed.add(name)  # type: ignore[attr-defined, unused-ignore]
        trampoline.set_mutant_under_test("stats")
        found, took = defaultdict[str, list[pytest.Item]](list), dict[pytest.Item, float]()
        for item in items:
            passed.clear()
            start = time.process_time()
            if self.attempt([item]) != SURVIVED:
                pytest.exit(f"{item.nodeid} fails without any mutant", BASELINE_FAILS)
            took[item] = time.process_time() - start
            for function in passed:
                found[function].append(item)
        for tests in found.values():
            tests.sort(key=lambda item: ("test_said" not in item.nodeid, took[item]))
        return found

    def attempt(self, tests: list[pytest.Item]) -> int:
        """Run tests up to the first that fails."""
        self.failed = False
        for cache in self.caches:  # what a function remembers is what it said before it was changed
            cache.cache_clear()
        signal.alarm(PATIENCE_S)
        for item in tests:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if self.failed:
                break
        signal.alarm(0)
        return KILLED if self.failed else SURVIVED if tests else NO_TEST


class _TooLong(BaseException):
    """Not an error that a test could catch."""


def _too_long(*_: object) -> None:
    raise _TooLong


def main(count: str = "") -> int:
    """Try the mutants of the copy in the working folder, in any order; or no more than ``count`` of them."""
    from tests.mutation.mutants import names

    mutants = list(names(Path.cwd()))
    random.shuffle(mutants)
    mutants.sort(key=lambda name: not name.startswith(f"byodkim.{PLANTED}."))
    left_out = [f"--{'deselect' if '::' in one else 'ignore'}={one}" for one in LEFT_OUT]
    # Nobody reads how a mutant was noticed, and to tell it takes longer than most tests.
    quick = ["-q", "--assert=plain", "--tb=native", "-p", "no:cacheprovider"]
    plugin = Session(mutants[: int(count) if count else None])
    code = pytest.main([*SELECTED, *left_out, *quick], plugins=[plugin])
    Path(CODES).write_text(json.dumps(plugin.codes))
    return int(code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
