"""What the tests of retirements share."""

import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from tests.rotate.project import Project, Result
from tests.sandbox.tools import CURRENT

CHANGE, DELETE = "ChangeResourceRecordSets", "DeleteObject"


def retire(project: Project, name: str = "retire", **given: Any) -> Result:
    return project.run(name, procedure="retire", **{"selector": CURRENT} | given)


def often(cases: Mapping[str, tuple[Any, ...]], *dear: str) -> list[Any]:
    """Return a table's cases. Those that are not dear are left to ``make prove``."""
    prove = pytest.mark.prove
    return [
        pytest.param(*case, id=name, marks=[] if name in dear else [prove])
        for name, case in cases.items()
    ]


def versions(project: Project, selector: str = CURRENT) -> list[str]:
    """Return the versions of a key's object."""
    place = project.path_of(selector)
    answer = project.client("s3").list_object_versions(Bucket=place["Bucket"], Prefix=place["Key"])
    return [each["VersionId"] for each in answer.get("Versions", [])]


def digged(project: Project, selector: str = CURRENT) -> set[str]:
    """Return what dig gets for a key record from the name servers."""
    texts = set()
    for server in project.world.nameservers:
        address, _colon, port = server.rpartition(":")
        command = ["dig", "+short", f"@{address}", "-p", port, "TXT", project.name_of(selector)]
        texts.add(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return texts


def require_retired(project: Project, result: Result) -> None:
    """Require that record and key are gone, those of the selector in use are not, each by one
    write, and that the record of the run holds.
    """
    assert (result.outcome, result.code) == ("RETIRED", 0), result.text
    assert (digged(project), versions(project)) == ({""}, [])
    assert all("v=DKIM1" in text for text in digged(project, "mail-20261124-1"))
    assert len(versions(project, "mail-20261124-1")) == 1
    project.require_record(result)
