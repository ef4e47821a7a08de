"""Worlds in which nothing may be written: the name is taken, or the key store is not fit."""

import json
from typing import Any

import pytest

from tests.prepare.preparing import SELECTOR
from tests.rotate.project import Change, cases, dns, fault, removed, server, single_entry, stored
from tests.rotate.test_refused import pending_stage
from tests.sandbox.tools import CURRENT, NEW


def wildcard(**body: object) -> Change:
    def change(project: Any) -> None:
        project.change("dns", name=f"*._domainkey.{project.domain}", **body)

    return change


def versioning(state: str) -> Change:
    def change(project: Any) -> None:
        project.client("s3").put_bucket_versioning(
            Bucket=project.world.key_bucket, VersioningConfiguration={"Status": state}
        )

    return change


def renamed(project: Any) -> None:
    """Let another key's entry have the name."""
    content = project.secret()
    for each in content["selectors"]:
        each["selector"] = each["selector"].replace(NEW, SELECTOR)
        each["s3_key_path"] = project.path_of(each["selector"])["Key"]
    project.put_secret(content)


def single(**fields: object) -> Change:
    def change(project: Any) -> None:
        single_entry(CURRENT)(project)
        project.put_secret(project.secret() | fields)

    return change


WORLDS: dict[str, dict[str, Change]] = {
    "DNS-FREE FAIL": {
        "TXT at the name": dns(SELECTOR, texts=["v=spf1 -all"]),
        "another key at the name": dns(SELECTOR, texts=["v=DKIM1; p="]),
        "CNAME at the name": dns(SELECTOR, cname="keys.example.net."),
        "wildcard TXT": wildcard(texts=["anything"]),
        "wildcard CNAME": wildcard(cname="keys.example.net."),
    },
    "DNS-FREE UNKNOWN": {
        "a silent server": server("ns3", fault="servfail"),
    },
    "STORE-PLACE FAIL": {
        "something else in S3": stored(b"hello", SELECTOR),
    },
    "SECRET-FIT FAIL": {
        "entry of another key": renamed,
        "field of the old key": single(public_key="abc"),
    },
    "SECRET-PENDING FAIL": {
        "AWSPENDING of another": pending_stage,
    },
    "STORE-VERSIONING UNKNOWN": {
        "S3 denies": fault("GetBucketVersioning", code="AccessDenied", status=403, times=1),
    },
}


@pytest.mark.parametrize(("change", "stopped_by"), cases(WORLDS))
def test_refused(project, change, stopped_by):
    change(project)
    secret = project.secret()
    project.change("forget")
    result = project.prepare()
    result.require("REFUSED")
    assert result.stopped_by == stopped_by
    assert project.writes() == []
    assert project.secret() == secret
    project.require_record(result)


def test_selectors_in_use(project):
    assert project.prepare(selector=CURRENT).stopped_by == "SES-UNUSED FAIL"


def test_bucket_without_versioning(project):
    versioning("Suspended")(project)
    try:
        refused = project.prepare("refused")
        waived = project.prepare("waived", waive="STORE-VERSIONING: copies are kept elsewhere")
    finally:
        versioning("Enabled")(project)
    assert refused.stopped_by == "STORE-VERSIONING FAIL"
    waived.require("PREPARED")
    project.require_pair()


def test_single_entry_is_replaced(project):
    """Fields that are not the key's stay."""
    single(owner="mail team")(project)
    project.prepare().require("PREPARED")
    content = project.secret()
    assert (content["selector"], content["owner"]) == (SELECTOR, "mail team")
    assert CURRENT not in json.dumps(content)


def test_a_name_in_sealed_runs(project):
    """A selector that records know with another key is never prepared again."""
    assert project.prepare("first").outcome == "PREPARED"
    content = project.secret()
    content["selectors"] = [each for each in content["selectors"] if each["selector"] != SELECTOR]
    project.put_secret(content)
    removed(SELECTOR)(project)
    assert project.prepare("second").outcome == "REFUSED"
    assert project.versions(SELECTOR) == []
