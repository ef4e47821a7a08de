"""Retirements that end at any line of their journal: the same command does what is missing."""

import pytest

from tests.retire.retiring import CHANGE, DELETE, require_retired, retire
from tests.rotate.project import ROOT, often
from tests.rotate.test_kills import struck
from tests.sandbox.tools import CURRENT

#: Lines of the journal of an apply run, but for the one that closes it. 9 and 14 begin a write.
LINES = range(1, 21)


@pytest.mark.parametrize("line", often(LINES, 9, 14))
def test_killed(left, line):
    notebook = ROOT / "notebooks" / "retire.ipynb"
    first, _took = struck(left, f"{line}:both:SIGKILL", notebook=notebook, selector=CURRENT)
    assert first.outcome == ""
    require_retired(left, retire(left))
    assert [len(left.calls(operation)) for operation in (CHANGE, DELETE)] == [1, 1]
