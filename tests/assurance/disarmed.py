"""``python -m tests.assurance.disarmed``: each check passes whatever it sees, in turn; which test notices?

Writes ``proved.txt``: for each check the first test with real sockets that fails without it. They run in this process.
"""

from __future__ import annotations

import sys
from typing import Any, Final
from unittest import mock

import pytest

from byodkim.rotation import findings
from byodkim.rotation.findings import Check, Finding, Verdict
from tests.assurance.proofs import KNOWN, PROVED, ROOT, candidates


class Disarmed:
    """A pytest plugin that runs the candidates of each check while that one passes whatever it sees."""

    def __init__(self) -> None:
        self.noticed: set[str] = set()
        self.lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember which test failed."""
        if report.failed:
            self.noticed.add(report.nodeid.partition("[")[0])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of one run of each test: those of each check, without it."""
        for check in KNOWN:
            wanted = candidates(check)
            items = [item for item in session.items if name(item) in wanted]
            self.noticed.clear()
            with mock.patch.object(findings, "_evaluate", without(check)):
                for item in items:
                    if not self.noticed:
                        self.attempt(item)
            session._setupstate.teardown_exact(None)
            self.lines += [f"{check} {test}\n" for test in self.noticed]
            print(f"\n{check}: {self.noticed or 'not noticed'}", flush=True)
        (ROOT / PROVED).write_text("".join(self.lines), "utf-8")
        session.testsfailed = 0
        return True

    def attempt(self, item: pytest.Item) -> None:
        """Run a test, and leave standing what others of its module need too."""
        item.session._setupstate.teardown_exact(item)
        beside = next((one for one in item.session.items if one is not item and one.parent is item.parent), None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=beside)


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


def main() -> int:
    """Run them; the exit code."""
    files = sorted({test.partition("::")[0] for check in KNOWN for test in candidates(check)})
    quiet = ["-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist"]
    return int(pytest.main([*files, *quiet], plugins=[Disarmed()]))


if __name__ == "__main__":
    sys.exit(main())
