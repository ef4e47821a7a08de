"""Whole retirements: by Route 53, by the DNS team, in several runs."""

import csv

import pytest

from byodkim.record.events import Requested, WriteAnswered, WriteIntended
from tests.retire.retiring import CHANGE, DELETE, require_retired, retire
from tests.rotate.project import Change, cases, dns, fault, removed, server
from tests.sandbox.tools import CURRENT, NEW


def test_retired_by_route53(left):
    plan = retire(left, "plan", mode="plan")
    assert (plan.outcome, plan.code, len(left.versions(CURRENT))) == ("PLANNED", 0, 1)
    result = retire(left)
    require_retired(left, result)
    writes = [each for each in result.events if isinstance(each, WriteIntended | WriteAnswered)]
    kinds = [(type(each), each.operation) for each in writes]
    assert kinds == [(kind, o) for o in (CHANGE, DELETE) for kind in (WriteIntended, WriteAnswered)]
    assert retire(left, "again").outcome == "UNCHANGED"
    refused = left.run("back", selector=CURRENT)
    assert (refused.outcome, left.selector) == ("REFUSED", NEW)
    assert refused.finding("KEY-REUSED").verdict == "FAIL"
    rest = [each for each in left.secret()["selectors"] if each["selector"] == NEW]
    left.put_secret({"selectors": rest})
    prepared = left.run("prepare", procedure="prepare", selector=CURRENT)
    assert (prepared.stopped_by, left.versions(CURRENT)) == ("KEY-REUSED FAIL", []), prepared.text
    current = left.run("current", mode="plan")
    assert (current.outcome, current.checked.rollback) == ("UNCHANGED", [])


def test_key_is_kept_by_default(left):
    left.profile('dns_writer = "route53"\n')
    result = retire(left)
    assert not left.calls("ListObjectVersions")
    assert (result.outcome, len(left.versions(CURRENT))) == ("RETIRED", 1), result.text
    reused = left.run("reused", selector=CURRENT, mode="plan")
    assert reused.finding("KEY-REUSED").verdict == "FAIL"


def test_dns_team_is_asked(left):
    """Nothing is written until the record is gone from every server."""
    left.profile('retire_key = "delete"\n')
    asked = retire(left, "asked")
    assert (asked.outcome, asked.code, len(left.versions(CURRENT))) == ("PLANNED", 0, 1), asked.text
    left.require_record(asked)
    (request,) = [each for each in asked.events if isinstance(each, Requested)]
    rows = list(csv.reader((left.outputs / "asked.csv").read_text("utf-8-sig").splitlines()))
    assert (rows[1][0], rows[1][2]) == (left.name_of(CURRENT), left.record(CURRENT))
    assert (rows[1][-1], request.action) == ("削除 / Remove", "remove")
    code, text = left.byodkim("request", "outputs/asked.ipynb")
    assert (code, "Please remove" in text, "publish" in text) == (0, True, False), text
    server("ns1", "ns2", name=left.name_of(CURRENT), texts=[])(left)
    assert retire(left, "early").outcome == "PLANNED"
    dns(CURRENT, texts=[])(left)
    require_retired(left, retire(left))


def test_permissions(left):
    left.require_policy("retire", selector=CURRENT)


#: What the run meets, by what the first run comes to: the next one completes it.
FAULTS: dict[str, dict[str, Change]] = {
    "RETIRED": {
        "the record is gone already": dns(CURRENT, texts=[]),
        "the key is gone already": removed(CURRENT),
        "the removal is not answered": fault(CHANGE, cut="after", times=1),
        "the deletion is not answered": fault(DELETE, cut="after", times=1),
    },
    "FAILED": {
        "the removal is refused": fault(CHANGE, code="AccessDenied", status=403, times=1),
        "the removal never arrives": fault(CHANGE, cut="before", times=1),
        "the deletion is refused": fault(DELETE, code="AccessDenied", status=403, times=1),
        "the deletion never arrives": fault(DELETE, cut="before", times=1),
    },
}
DEAR = ("the record is gone already", "the removal is not answered", "the deletion is refused")


@pytest.mark.parametrize(("change", "outcome"), cases(FAULTS, *DEAR))
def test_faults(left, change, outcome):
    change(left)
    left.change("forget")
    first = retire(left, "first")
    assert first.outcome == outcome, first.text
    left.require_record(first)
    second = retire(left, "second")
    assert second.outcome == ("UNCHANGED" if outcome == "RETIRED" else "RETIRED"), second.text
    assert left.versions(CURRENT) == []
    sent = len(left.calls(CHANGE)) + len(left.calls(DELETE))
    assert sent == first.count(WriteIntended) + second.count(WriteIntended)


def test_a_server_that_lags(left):
    """The key is not deleted before the last server has removed the record."""
    server("ns3", frozen=True)(left)
    first = retire(left, "first")
    assert (first.outcome, len(left.versions(CURRENT))) == ("FAILED", 1), first.text
    server("ns3", frozen=False, name=left.name_of(CURRENT), texts=[])(left)
    require_retired(left, retire(left))
    assert len(left.calls(CHANGE)) == 1
