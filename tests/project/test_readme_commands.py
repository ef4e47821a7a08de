"""The README's commands, run in order in a fresh clone of HEAD with an empty home; what it shows is what comes."""

from __future__ import annotations

import re
import subprocess

import pytest

from byodkim.messages import Language
from tests.each import each
from tests.project.readme import LANGUAGES, table, text_of
from tests.project.terminals import Walk

pytestmark = pytest.mark.prove

# Calls whose permission has another name.
PERMISSIONS = {"HeadObject": "GetObject", "ListObjectsV2": "ListBucket"}


def test_the_demo_says_what_happened_and_where_the_record_is(walk: Walk) -> None:
    demo = walk.said[0]
    assert "SWITCHED  example.jp signs with mail-20261124-1" in demo
    named = re.search(r"(?m)^Record: (outputs/demo-\w+\.html)$", demo)
    assert named is not None
    assert (walk.folder / named[1]).read_text("utf-8").startswith("<!doctype html>")


@each(
    ("name", "outcome", "selector"),
    [
        ("back", "SWITCHED", "mail-20260912-1"),
        ("pending", "SWITCHED-PENDING", "mail-20261124-1"),
        ("completed", "SWITCHED", "mail-20261124-1"),
        ("request", "REFUSED", "mail-20261124-1"),
    ],
)
def test_each_run_comes_out_as_told(walk: Walk, name: str, outcome: str, selector: str) -> None:
    first = walk.headline(name).splitlines()[0]
    assert first.startswith(f"{outcome}  ")
    assert selector in first


def test_only_the_runs_that_were_to_write_have_written(walk: Walk) -> None:
    wrote = {name: len(walk.wrote(name)) for name in ("back", "pending", "completed", "request")}
    assert wrote == {"back": 1, "pending": 1, "completed": 0, "request": 0}


def test_publishing_comes_out_as_told(walk: Walk) -> None:
    outcomes = [event["outcome"] for event in walk.events() if event["event"] == "closed"]
    assert [outcome for outcome in outcomes if outcome in ("PUBLISHED", "STANDS")] == ["PUBLISHED"]
    assert (walk.folder / "outputs/request.yaml").read_text("utf-8").count("type: TXT") == 1


@each("language", LANGUAGES)
def test_what_a_run_calls_is_what_it_is_permitted(walk: Walk, language: Language) -> None:
    rows = table(text_of(walk.folder, language), {"en": "action", "ja": "アクション"}[language])
    actions = {action.partition(":")[2] for row in rows for action in re.split("[,、] ?", row[0])}
    called = {call["operation"] for event in walk.events() for call in event.get("calls", ())}
    needed = {PERMISSIONS.get(operation, operation) for operation in called}
    assert {"GetEmailIdentity", "PutEmailIdentityDkimSigningAttributes", "GetObject"} <= needed
    assert {"ChangeResourceRecordSets", "GetChange"} <= needed
    # What these worlds do not call for: copies in S3, keys to decrypt and to seal with; and what exploring and
    # the inventory call, which keep no account.
    others = {
        "AbortMultipartUpload",
        "PutObjectRetention",
        "GetObjectRetention",
        "ListEmailIdentities",
        "GetIdentityDkimAttributes",
    }
    others |= {"ListBucketVersions", "GetObjectVersion", "DeleteObjectVersion", "DeleteObject"}  # a key that is to go
    assert actions - needed <= others | {"Decrypt", "GenerateDataKey", "Sign", "GetPublicKey"}
    assert needed <= actions


def test_everything_is_left_in_outputs(walk: Walk) -> None:
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=walk.folder, capture_output=True, text=True, check=True
    ).stdout
    assert changed == ""
