"""The table of a campaign, its places, pools and waves: what needs no Airflow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from byodkim.airflow import campaign, table
from byodkim.errors import ParameterError

KNOWN = ("default", "prod", "osaka")
PROFILES = """
[default]
account = "123456789012"
region = "ap-northeast-1"
archive_s3 = "s3://example-jp-records/byodkim"
[prod]
account = "123456789012"
region = "ap-northeast-1"
ses_requests_per_second = 0.25
[osaka]
account = "111122223333"
region = "ap-northeast-3"
ses_requests_per_second = 0.25
language = "ja"
[scratch]
domain = "example.jp"
"""


def test_rows_are_text_and_those_of_the_place() -> None:
    text = (
        "domain,selector,profile,secret_id\nExample.JP.,20261124,,a/b\nb.example.jp,s1,osaka,\nc.example.jp,s1,prod,\n"
    )
    rows = table.read(text, ("default", "prod"), KNOWN, "en")
    assert [(row["domain"], row["selector"], row["profile"], row["secret_id"]) for row in rows] == [
        ("example.jp", "20261124", "default", "a/b"),
        ("c.example.jp", "s1", "prod", ""),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("domain\nexample.jp\n", "columns"),
        ("domain,selector,waive\nexample.jp,s1,all\n", "columns"),
        ("domain,domain,selector\nexample.jp,example.jp,s1\n", "columns"),
        ("", "columns"),
        ("domain,selector\nexample.jp,s1,more\n", "Line 2"),
        ("domain,selector\nexample.jp\n", "Line 2"),
        ("domain,selector\n../../etc,s1\n", "Line 2"),
        ("domain,selector\nexample.jp/x,s1\n", "Line 2"),
        ("domain,selector\n{{ ti }}.jp,s1\n", "Line 2"),
        ("domain,selector\nexample.jp,s1\nexample.jp,{{ 1 }}\n", "Line 3"),
        ("domain,selector,profile\nexample.jp,s1,prd\n", "Line 2"),
        ('domain,selector\nexample.jp,"s1\n', "Line 2"),
        ("domain,selector\nexample.jp,s1\nEXAMPLE.jp,s2\n", "more than once"),
        ("domain,selector,profile\nexample.jp,s1,osaka\n", "no identity"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_in_one_paragraph(text: str, says: str) -> None:
    with pytest.raises(ParameterError) as raised:
        table.read(text, ("default", "prod"), KNOWN, "en")
    assert says in str(raised.value)
    assert "Nothing was read or written" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_each_account_and_region_is_a_place_with_the_slots_that_its_pace_allows() -> None:
    tokyo, osaka = campaign.places(PROFILES)
    assert (tokyo.name, tokyo.profiles) == ("byodkim_123456789012_ap-northeast-1", ("default", "prod"))
    assert tokyo.archived == {"default"}
    # The faster of its profiles counts: each slot may be on a machine of its own, and together they make 1/s at most.
    assert (tokyo.pace, tokyo.slots) == (1.0, 1)
    assert (osaka.pace, osaka.slots, osaka.language) == (0.25, 4, "ja")


@pytest.mark.parametrize("text", ["[default\n", "[default]\ndomain = 'example.jp'\n", ""])
def test_a_profile_without_a_place_is_told(text: str) -> None:
    with pytest.raises(ParameterError):
        campaign.places(text)


def test_pools_are_printed_for_airflow(tmp_path: Path) -> None:
    (tmp_path / "byodkim.toml").write_text(PROFILES, "utf-8")
    command = [sys.executable, "-m", "byodkim.airflow"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    slots = {name: pool["slots"] for name, pool in json.loads(done.stdout).items()}
    assert slots == {"byodkim_123456789012_ap-northeast-1": 1, "byodkim_111122223333_ap-northeast-3": 4}
    absent = subprocess.run([*command, "absent.toml"], cwd=tmp_path, capture_output=True, text=True)
    assert (absent.returncode, absent.stdout) == (2, "")


@pytest.mark.parametrize(
    ("count", "sizes", "expected"),
    [
        (0, [1, 10], []),
        (1, [1, 10], [1]),
        (30, [1, 10, 100], [1, 10, 19]),
        (1000, [1, 10, 100], [1, 10, 100, 889]),
        (1000, [], [1000]),
        (50, [5, 5, 5, 5, 5, 5], [5, 5, 5, 35]),  # no more waves than the DAG has
    ],
)
def test_waves_hold_each_once_in_order(count: int, sizes: list[int], expected: list[int]) -> None:
    found = campaign.waves(list(range(count)), sizes, 4)
    assert [len(wave) for wave in found] == expected
    assert [one for wave in found for one in wave] == list(range(count))


def test_an_attempt_has_a_name_of_its_own() -> None:
    run = "manual__2026-11-25T17:10:52+00:00_x"
    names = {campaign.record_name("example.jp", run, mode, n) for mode in ("plan", "apply") for n in (1, 2)}
    assert len(names) == 4
    assert "example.jp-manual-2026-11-25T17-10-52-00-00-x-apply-2.ipynb" in names


def test_a_torn_journal_tells_no_outcome(tmp_path: Path) -> None:
    record = tmp_path / "a.ipynb"
    assert campaign.told(record, "example.jp")["outcome"] == ""
    journal = tmp_path / "a.20261125T041128Z-049f.journal.jsonl"
    journal.write_text('{"event":"begin"}\n{"event":"closed","outcome":"SWITCHED"}\n', "utf-8")
    found = campaign.told(record, "example.jp")
    assert (found["run"], found["outcome"]) == ("20261125T041128Z-049f", "SWITCHED")
    journal.write_text('{"event":"begin"}\n{"event":"closed","outcome":"SWIT', "utf-8")
    assert campaign.told(record, "example.jp")["outcome"] == ""


def test_signed_approvals_beside_a_plan_are_handed_on(tmp_path: Path) -> None:
    plan = {
        "domain": "example.jp",
        "record": str(tmp_path / "p.ipynb"),
        "run": "20261125T041128Z-049f",
        "outcome": "PLANNED",
    }
    assert campaign.approved_plans([plan], "example.jp") == ""
    (tmp_path / "p.20261125T041128Z-049f.approval.tanaka.json").touch()
    assert campaign.approved_plans([plan], "example.jp") == "20261125T041128Z-049f"
    assert campaign.approved_plans([plan], "b.example.jp") == ""
