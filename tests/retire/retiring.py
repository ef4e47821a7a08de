"""What the tests of retirements share."""

from typing import Any

from tests.rotate.project import Project, Result
from tests.sandbox.tools import CURRENT, NEW, texts

CHANGE, DELETE = "ChangeResourceRecordSets", "DeleteObject"


def retire(project: Project, name: str = "retire", **given: Any) -> Result:
    return project.run(name, procedure="retire", **{"selector": CURRENT} | given)


def served(project: Project, selector: str) -> list[list[str]]:
    """Return what dig gets for a key record from each name server."""
    return [texts(server, project.name_of(selector)) for server in project.world.nameservers]


def require_retired(project: Project, result: Result) -> None:
    """Require that record and key are gone, those of the selector in use are not, each by one
    write, and that the record of the run holds.
    """
    result.require("RETIRED")
    assert (served(project, CURRENT), project.versions(CURRENT)) == ([[], [], []], [])
    assert all("v=DKIM1" in text for (text,) in served(project, NEW))
    assert len(project.versions(NEW)) == 1
    project.require_record(result)
