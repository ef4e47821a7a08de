"""A project for each test, whose identity signs with the new selector, verified, for nine days."""

from __future__ import annotations

import pytest

from tests.rotate.conftest import project, shared
from tests.rotate.project import Project, hours

__all__ = ["project", "shared"]


@pytest.fixture
def left(project: Project) -> Project:
    """Return a project whose old selector can be retired."""
    project.profile('dns_writer = "route53"\nretire_key = "delete"\n')
    switched = project.run("rotate", procedure="rotate")
    assert switched.outcome == "SWITCHED", switched.text
    hours(24 * 8)(project)
    return project
