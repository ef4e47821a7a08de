"""The one write: what stops it at the last moment, how it goes wrong, and what is seen after."""

import threading
from typing import NamedTuple

import pytest

from byodkim.record.events import Checked, Observed, ReadBack, WriteAnswered, WriteIntended
from byodkim.sandbox.seed import make_key
from tests.rotate.project import (
    Project,
    alone,
    dns,
    fault,
    hours,
    identity,
    removed,
    server,
    stored,
)
from tests.rotate.test_refused import withdrawn_at_one
from tests.sandbox.tools import CURRENT, NEW, PUT, eventually, for_ses, put


def test_switched(project):
    result = project.run()
    assert (result.outcome, result.code, project.puts) == ("SWITCHED", 0, 1)
    assert project.selector == NEW
    kinds = [type(event) for event in result.events]
    order = [kind for kind in kinds if kind in (Observed, Checked, WriteIntended, WriteAnswered)]
    assert order == [Observed, Checked, Observed, Checked, WriteIntended, WriteAnswered]
    project.require_record(result)


def test_plan_writes_nothing(project):
    result = project.run(mode="plan")
    assert (result.outcome, result.code, project.puts) == ("PLANNED", 0, 0)
    project.require_record(result)


def test_permissions(project):
    project.require_policy("rotate")


def test_switched_already(project):
    project.run("first")
    result = project.run("second")
    assert (result.outcome, result.code, project.puts) == ("UNCHANGED", 0, 1)
    assert project.run("third", mode="plan").outcome == "UNCHANGED"
    project.require_record(result)


def another_hand(project: Project) -> None:
    """Switch to NEW by hand, as an operator with the AWS CLI would."""
    put(project.world, NEW, for_ses(project.pem()))


def edited_secret(project: Project) -> None:
    project.put_secret(project.secret() | {"comment": "edited"})


def third_selector(project: Project) -> None:
    put(project.world, "mail-other-1", for_ses(make_key().pem))


DRIFTS = {
    "secret edited": (edited_secret, "secret"),
    "key object replaced by the same": (lambda each: stored(each.pem())(each), "key object"),
    "another key stored": (stored(make_key().pem), "key"),
    "key object gone": (removed(), "key"),
    "other selector in SES": (third_selector, "selector in use"),
    "switched by another hand": (another_hand, "selector in use"),
    "signing off": (identity(signing_enabled=False), "signing enabled"),
    "Easy DKIM": (identity(origin="AWS_SES"), "signing origin"),
    "identity gone": (identity(delete=True), "selector in use"),
    "old key object gone": (removed(CURRENT), "rollback key"),
}


@pytest.mark.parametrize(("change", "fact"), DRIFTS.values(), ids=DRIFTS)
def test_the_world_changes_after_the_plan(project, change, fact):
    changed_at: list[int] = []

    def act(each):
        change(each)
        changed_at.append(each.puts)

    result = project.run(before={"apply": act})
    result.require("REFUSED")
    assert fact in str(result.headline.values["facts"])
    assert [project.puts] == changed_at
    project.require_record(result)


@pytest.mark.parametrize(
    ("change", "stopped_by"),
    [
        (dns(texts=[]), "DNS-PUBLISHED FAIL"),
        (server("ns2", fault="servfail"), "DNS-ANSWERS UNKNOWN"),
        (withdrawn_at_one, "ROLLBACK-CHECKS FAIL"),
    ],
)
def test_dns_changes_after_the_plan(project, change, stopped_by):
    result = project.run(before={"apply": change})
    assert (result.outcome, result.stopped_by) == ("REFUSED", stopped_by)
    assert project.puts == 0
    project.require_record(result)


def test_another_hand_switches_while_s3_is_slow(project):
    """A lost update: SES is read last, so this run sees the other's write and does not follow."""

    def slow_down(each):
        before = len(each.calls("GetObject"))
        fault("GetObject", delay_s=1.0)(each)
        threading.Thread(target=_switch_when_more_than, args=(each, before)).start()

    result = project.run(before={"apply": slow_down})
    assert (result.outcome, project.selector) == ("REFUSED", "mail-other-1")
    assert project.puts == 1  # the other hand's


def _switch_when_more_than(project: Project, calls: int) -> None:
    eventually(lambda: len(project.calls("GetObject")) > calls)
    third_selector(project)


class Write(NamedTuple):
    """A fault of the write, what the run says of it, and what SES shows afterwards."""

    fault: dict[str, object]
    result: str
    outcome: str
    selector: str


def _rejected(code: str, status: int) -> Write:
    return Write({"code": code, "status": status}, "rejected", "FAILED", CURRENT)


def _unclear(outcome: str, selector: str, **fault: object) -> Write:
    return Write(fault, "unclear", outcome, selector)


WRITES = {
    "throttled": _rejected("TooManyRequestsException", 429),
    "500, not applied": _unclear("FAILED", CURRENT, code="InternalFailure", status=500),
    "cut, applied": _unclear("SWITCHED", NEW, cut="after"),
    "cut, not applied": _unclear("FAILED", CURRENT, cut="before"),
    "cut, applied later": _unclear("SWITCHED", NEW, cut="before", late_s=1.0),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_write_goes_wrong(project, write):
    """One attempt; an unclear answer is read back for as long as the write may arrive (D5). The
    same command makes what is missing.
    """
    project.profile("late_write_seconds = 3\n")
    fault(PUT, **write.fault, times=1)(project)
    first = project.run("first")
    answer = next(event for event in first.events if isinstance(event, WriteAnswered))
    assert answer.result == write.result
    first.require(write.outcome)
    assert (project.puts, project.selector) == (1, write.selector)
    project.require_record(first)
    second = project.run("second")
    second.require("UNCHANGED" if write.selector == NEW else "SWITCHED")
    assert (project.puts, project.selector) == (1 if write.selector == NEW else 2, NEW)


def test_read_back_fails_and_then_succeeds(project):
    project.profile("late_write_seconds = 3\n")
    fault(PUT, cut="after")(project)
    fault("GetEmailIdentity", code="AccessDenied", status=403, skip=2, times=2)(project)
    result = project.run()
    landing = next(event for event in result.events if isinstance(event, ReadBack))
    assert (landing.result, result.outcome, project.puts) == ("landed", "SWITCHED", 1)


def test_ses_cannot_be_read_after_an_unclear_write(project):
    """Until SES can be read, the record says that it is not known; the next run completes it."""
    project.profile("late_write_seconds = 1\n")
    fault(PUT, cut="after")(project)
    fault("GetEmailIdentity", code="AccessDenied", status=403, skip=2)(project)
    first = project.run("first")
    landing = next(event for event in first.events if isinstance(event, ReadBack))
    assert (landing.result, first.outcome, first.code) == ("not-known-yet", "FAILED", 1)
    project.require_record(first)
    fault("GetEmailIdentity", times=0)(project)
    second = project.run("second")
    assert (second.outcome, project.puts, project.selector) == ("SWITCHED", 1, NEW)


AFTER = {
    "signing off": identity(signing_enabled=False),
    "another selector": third_selector,
    "back again": identity(selector=CURRENT),
    "Easy DKIM": identity(origin="AWS_SES"),
    "identity gone": identity(delete=True),
    "SES gives up": identity(status="FAILED"),
    "SES cannot be read": fault("GetEmailIdentity", code="AccessDenied", status=403),
}


@pytest.mark.parametrize("change", AFTER.values(), ids=AFTER)
def test_the_world_changes_after_the_write(project, change):
    """D2: selector, status, signing and origin decide, all four."""
    result = project.run(before={"verify": change}, wait_minutes="0")
    result.require("FAILED")
    project.require_record(result)


@alone()
def test_pending_for_72_hours_fails_and_is_written_again(project):
    dns(texts=[])(project)
    waived = "DNS-PUBLISHED: trial; KEY-SIGNS: trial; TIME-ACTIVATE: trial"
    first = project.run("first", wait_minutes="0", waive=waived)
    first.require("SWITCHED-PENDING")
    hours(73)(project)
    assert project.identity()["Status"] == "FAILED"
    dns(texts=[project.record()])(project)
    second = project.run("second", waive="TIME-ACTIVATE: trial")
    assert (second.outcome, project.puts) == ("SWITCHED", 2), second.text
