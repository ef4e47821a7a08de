"""Worlds in which nothing may be retired: nothing is written, and the check says why."""

from datetime import UTC, datetime, timedelta

import pytest

from byodkim.checks.retire import left_at
from byodkim.checks.world import PastRun
from byodkim.record.events import WriteIntended
from tests.checks.test_checks import past as past_run
from tests.retire.conftest import PROFILE
from tests.retire.retiring import require_retired, retire
from tests.rotate.project import (
    Change,
    Project,
    both,
    cases,
    dns,
    fault,
    hours,
    identity,
    server,
    stored,
)
from tests.sandbox.tools import CURRENT, NEW, client, for_ses

WEST = "us-west-2"


def signs_in_the_west(project: Project) -> None:
    """Let another Region sign with the old selector, as a section of the profile may know."""
    attributes = {
        "DomainSigningSelector": CURRENT,
        "DomainSigningPrivateKey": for_ses(project.pem(CURRENT)),
    }
    client(project.world, "sesv2", WEST).create_email_identity(
        EmailIdentity=project.domain, DkimSigningAttributes=attributes
    )
    project.profile(f'{PROFILE}\n[west]\nregion = "{WEST}"\n')


def record_of(selector: str) -> Change:
    """Publish a selector's key record by a wildcard."""
    return lambda project: dns("*", texts=[project.record(selector)])(project)


REFUSED: dict[str, dict[str, Change]] = {
    "SES-LEFT FAIL": {
        "another Region signs with it": signs_in_the_west,
    },
    "SES-SETTLED FAIL": {
        "SES has not verified the new one": identity(status="PENDING"),
    },
    "DNS-OURS FAIL": {
        "a CNAME at the name": dns(CURRENT, texts=[], cname="elsewhere.example.jp"),
        "a wildcard with the key": both(record_of(CURRENT), dns(CURRENT, texts=[])),
    },
    "DNS-ANSWERS UNKNOWN": {
        "a silent server": server("ns2", fault="silent"),
    },
    "KEY-VERSIONS UNKNOWN": {
        "the versions cannot be listed": fault(
            "ListObjectVersions", code="AccessDenied", status=403, times=1
        ),
    },
}
DEAR = ("another Region signs with it", "a CNAME at the name", "a wildcard with the key")


@pytest.mark.parametrize(("change", "stopped_by"), cases(REFUSED, *DEAR))
def test_refused(left, change, stopped_by):
    change(left)
    result = retire(left)
    assert (result.outcome, result.stopped_by) == ("REFUSED", stopped_by), result.text
    assert (result.count(WriteIntended), len(left.versions(CURRENT))) == (0, 1)
    left.require_record(result)


def test_selector_in_use(left):
    assert retire(left, selector=NEW).stopped_by == "SES-LEFT FAIL"


def test_overlap(project):
    """It lasts for seven days and the TTL from when the switch was seen verified."""
    project.profile(PROFILE)
    assert project.run("rotate").outcome == "SWITCHED"
    hours(7 * 24)(project)
    assert retire(project, "early").stopped_by == "TIME-OVERLAP FAIL"
    hours(0.1)(project)
    require_retired(project, retire(project))


def test_changed_between_plan_and_write(left):
    before = {"apply": dns(CURRENT, texts=[])}
    result = left.run("retire", before, procedure="retire", selector=CURRENT)
    assert (result.outcome, result.count(WriteIntended)) == ("REFUSED", 0), result.text


def test_clock_that_is_wrong(left):
    """Such a clock could end the overlap too early."""
    before = {"observe": hours(1)}
    result = left.run("retire", before, procedure="retire", selector=CURRENT)
    assert result.stopped_by == "TIME-CLOCK FAIL"


def test_a_version_with_another_key_stays(left):
    stored(left.pem(NEW), CURRENT)(left)
    result = retire(left)
    assert (result.outcome, len(left.versions(CURRENT))) == ("RETIRED", 1), result.text
    assert left.pem(CURRENT) == left.pem(NEW)


DAY = datetime(2026, 11, 1, tzinfo=UTC)


def past(selector: str, previous: str, day: int = 0, *, wrote: bool = True) -> PastRun:
    """Return a rotation; ``day``: when it was seen verified, 0 for never."""
    seen = {"verified_at": DAY + timedelta(days=day)} if day else {}
    run: PastRun = past_run("", selector, previous, wrote=wrote, **seen)
    return run


@pytest.mark.parametrize(
    ("runs", "day"),
    [
        ([], 0),
        ([past("b", "a", 1)], 1),
        ([past("b", "a")], 0),
        ([past("b", "a"), past("b", "", 2, wrote=False)], 2),
        ([past("b", "a", 1), past("a", "b", 2), past("b", "a", 3)], 3),
        ([past("b", "a", 1), past("a", "b", 2)], 0),
        ([past("b", "a", 1), past("a", "b"), past("b", "a", 4)], 4),
        ([past("b", "a", 1), past("c", "b", 5)], 1),
        ([past("c", "b", 5)], 0),
        ([past("b", "a", 1), past("c", "a", wrote=False)], 0),
    ],
)
def test_left_at(runs, day):
    assert left_at(runs, "a") == (DAY + timedelta(days=day) if day else None)
