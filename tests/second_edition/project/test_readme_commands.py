"""The README's commands, run in order in a fresh clone of HEAD with an empty home; what it shows is what comes."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.second_edition.each import each
from tests.second_edition.project.terminals import Walk

pytestmark = pytest.mark.prove


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


def test_everything_is_left_in_outputs(walk: Walk) -> None:
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=walk.folder, capture_output=True, text=True, check=True
    ).stdout
    assert changed == ""
