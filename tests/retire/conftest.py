"""A project for each test, in which the overlap after a rotation is over."""

import pytest

from tests.rotate.conftest import project, shared
from tests.rotate.project import Project, fault, hours

__all__ = ["project", "shared"]

PROFILE = 'dns_writer = "route53"\nretire_key = "delete"\nlate_write_seconds = 1\n'


@pytest.fixture
def left(project: Project) -> Project:
    """Return a project that left its old selector eight days ago."""
    project.profile(PROFILE)
    switched = project.run("rotate")
    assert switched.outcome == "SWITCHED", switched.text
    hours(24 * 8)(project)
    for operation in ("ChangeResourceRecordSets", "DeleteObject", "ListObjectVersions"):
        fault(operation, times=0)(project)
    return project
