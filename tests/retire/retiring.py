"""What the tests of retirements share."""

from typing import Any

from tests.rotate.project import Project, Result
from tests.sandbox.tools import CURRENT, NEW, texts

CHANGE, DELETE = "ChangeResourceRecordSets", "DeleteObject"


def retire(project: Project, name: str = "retire", **given: Any) -> Result:
    return project.run(name, procedure="retire", **{"selector": CURRENT} | given)


def versions(project: Project, selector: str = CURRENT) -> list[str]:
    """Return the versions of a key's object."""
    place = project.path_of(selector)
    answer = project.client("s3").list_object_versions(Bucket=place["Bucket"], Prefix=place["Key"])
    return [each["VersionId"] for each in answer.get("Versions", [])]


def served(project: Project, selector: str = CURRENT) -> list[list[str]]:
    """Return what dig gets for a key record from each name server."""
    return [texts(server, project.name_of(selector)) for server in project.world.nameservers]


def require_retired(project: Project, result: Result) -> None:
    """Require that record and key are gone, those of the selector in use are not, each by one
    write, and that the record of the run holds.
    """
    assert (result.outcome, result.code) == ("RETIRED", 0), result.text
    assert (served(project), versions(project)) == ([[], [], []], [])
    assert all("v=DKIM1" in text for (text,) in served(project, NEW))
    assert len(versions(project, NEW)) == 1
    project.require_record(result)
