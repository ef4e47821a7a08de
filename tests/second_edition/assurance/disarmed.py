"""``python -m tests.second_edition.assurance.disarmed [CHECK...]``: each check passes whatever it sees, in turn; which test notices?

Writes ``proved.txt``: for each check the first test with real sockets that fails without it. They run in this process.
"""

from __future__ import annotations

import sys
from typing import Any, Final
from unittest import mock

import pytest

from second_edition.rotation import findings
from second_edition.rotation.findings import Check, Finding, Verdict
from tests.second_edition.assurance.proofs import KNOWN, PROVED, ROOT, candidates, proved


class Disarmed:
    """A pytest plugin that runs the candidates of each check while that one passes whatever it sees."""

    def __init__(self, checks: list[str]) -> None:
        self.failed = False
        self.checks = checks

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember that something failed."""
        self.failed |= report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of one run of each test: those of each check, without it."""
        for check in self.checks:
            wanted = candidates(check)
            items = [item for item in session.items if name(item) in wanted]
            items.sort(key=lambda item: "moving_world" in item.nodeid)  # it looks for the shortest history, for minutes
            found = next((name(item) for item in items if self.notices(item, check)), "")
            session._setupstate.teardown_exact(None)
            print(f"\n{check}: {found or '-'}", flush=True)
            note(check, found)
        session.testsfailed = 0
        return True

    def notices(self, item: pytest.Item, check: str) -> bool:
        """Return whether a test fails without a check, and passes with it."""
        with mock.patch.object(findings, "_evaluate", without(check)):
            failed = not self.passes(item)
        return failed and self.passes(item)

    def passes(self, item: pytest.Item) -> bool:
        """Run a test, leave standing what others of its module need too, and return whether it passed."""
        self.failed = False
        item.session._setupstate.teardown_exact(item)
        beside = next((one for one in item.session.items if one is not item and one.parent is item.parent), None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=beside)
        return not self.failed


def name(item: pytest.Item) -> str:
    """Return a test's name without its case."""
    return item.nodeid.partition("[")[0]


def without(disarmed: str) -> Any:
    """Return how findings are made where one check passes always."""
    evaluate: Final = findings._evaluate

    def made(check: Check, case: object, waivers: Any) -> Finding:
        if check.id == disarmed:
            return Finding(check.id, check.claim, check.level, Verdict.PASS, "-", "-")
        return evaluate(check, case, waivers)

    return made


def note(check: str, test: str) -> None:
    """Write down the test that notices a check's lack, or that none does."""
    known = {**proved(), check: test}
    lines = [f"{one} {known[one]}\n" for one in KNOWN if known.get(one)]
    (ROOT / PROVED).write_text("".join(lines), "utf-8")
    proved.cache_clear()


def main(*checks: str) -> int:
    """Run them; the exit code."""
    named = list(checks or KNOWN)
    files = sorted({test.partition("::")[0] for check in named for test in candidates(check)})
    quiet = ["-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist"]
    return int(pytest.main([*files, *quiet], plugins=[Disarmed(named)]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
