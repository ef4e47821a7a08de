"""Whole retirements."""

from __future__ import annotations

from tests.rotate.project import Project, Result
from tests.sandbox.tools import CURRENT


def retire(project: Project, name: str = "retire", **given: str) -> Result:
    return project.run(name, procedure="retire", **{"selector": CURRENT} | given)


def test_retired(left: Project) -> None:
    result = retire(left)
    assert (result.outcome, result.code) == ("RETIRED", 0), (result.text, result.events[-1])
    left.require_record(result)
