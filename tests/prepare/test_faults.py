"""Writes that are killed, lost or overtaken: the same command completes them, with one pair."""

import itertools
import json
import threading

import pytest

from tests.prepare.preparing import SELECTOR, WRITES, Preparing
from tests.rotate.project import fault, often
from tests.sandbox.tools import eventually

#: Lines of an apply run with four writes.
LINES = range(1, 30)


def complete(project: Preparing) -> None:
    result = project.prepare("second")
    assert result.outcome in ("PREPARED", "UNCHANGED"), result.text
    assert result.code == 0
    project.require_pair()
    project.require_no_private_key()


@pytest.mark.parametrize("line", often(LINES, 19, 23))
def test_killed(project, line):
    """Killed before a line: what was done until then is not in the journal."""
    project.profile('late_write_seconds = 1\ndns_writer = "route53"\n')
    first = project.killed(line)
    assert len(first.events) == line or first.outcome, first.events[-1]
    complete(project)


@pytest.mark.parametrize("operation", WRITES)
def test_applied_and_not_answered(project, operation):
    """The write is read back, and the run goes on."""
    project.profile('late_write_seconds = 5\ndns_writer = "route53"\n')
    fault(operation, cut="after", times=1)(project)
    result = project.prepare()
    result.require("PREPARED")
    assert len(project.writes()) == len(WRITES)
    project.require_pair()
    project.require_record(result)


CUT, DENIED = {"cut": "before"}, {"code": "AccessDeniedException", "status": 403}
#: Cases that are not left to ``make prove``.
DEAR = (("PutSecretValue", CUT), ("UpdateSecretVersionStage", DENIED))
LOST = itertools.product(WRITES, (CUT, DENIED))


@pytest.mark.parametrize("lost", often(LOST, *DEAR))
def test_not_applied(project, lost):
    """One attempt is made. The same command makes what is missing."""
    operation, how = lost
    project.profile('late_write_seconds = 1\ndns_writer = "route53"\n')
    fault(operation, times=1, **how)(project)
    result = project.prepare("first")
    result.require("FAILED")
    assert project.writes().count(operation) == 1
    project.require_record(result)
    complete(project)


def test_secret_edited_after_the_plan(project):
    def edit(project):
        project.put_secret(project.secret() | {"note": "mine"})

    result = project.prepare(before={"apply": edit})
    result.require("REFUSED")
    assert "secret" in result.text
    assert project.versions(SELECTOR) == []


def test_secret_edited_between_read_and_write(project):
    """AWS takes no version for current in the place of one that is not current any more."""

    def edit():
        eventually(lambda: "PutSecretValue" in project.writes(), 30)
        project.put_secret(project.secret() | {"note": "mine"})

    fault("UpdateSecretVersionStage", delay_s=1.5, times=1)(project)
    other = threading.Thread(target=edit)
    other.start()
    result = project.prepare("first")
    other.join()
    result.require("FAILED")
    assert project.secret()["note"] == "mine"
    assert SELECTOR not in json.dumps(project.secret())
    complete(project)
    assert project.secret()["note"] == "mine"
