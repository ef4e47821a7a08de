"""Retirements that end at any line of their journal: the same command does what is missing."""

import pytest

from tests.retire.retiring import CHANGE, DELETE, require_retired, retire
from tests.rotate.project import ROOT, often
from tests.rotate.test_kills import is_alive
from tests.sandbox.tools import CURRENT, eventually

#: Lines of the journal of an apply run, but for the one that closes it. 9 and 14 begin a write.
LINES = range(1, 21)


@pytest.mark.parametrize("line", often(LINES, 9, 14))
def test_killed(left, line):
    notebook = ROOT / "notebooks" / "retire.ipynb"
    process = left.start(
        "first", notebook=notebook, strike=f"{line}:both:SIGKILL", selector=CURRENT
    )
    eventually((left.folder / "struck").exists, 60)
    pids = [int(pid) for pid in (left.folder / "struck").read_text().split()]
    eventually(lambda: process.poll() is not None and not any(map(is_alive, pids)), 10)
    assert left.end("first", process).outcome == ""
    require_retired(left, retire(left))
    assert [len(left.calls(operation)) for operation in (CHANGE, DELETE)] == [1, 1]
