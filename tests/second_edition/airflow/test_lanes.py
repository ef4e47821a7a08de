"""The lanes of a profile file, their pools, their parts of a table, access and approval: what needs no Airflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from second_edition.airflow import access, approval, lanes
from second_edition.errors import ParameterError
from second_edition.rotation import waves

PROFILES = """
[default]
account = "123456789012"
region = "ap-northeast-1"
[prod]
account = "123456789012"
region = "ap-northeast-1"
archive_s3 = "s3://example-jp-records/byodkim"
[osaka]
account = "123456789012"
region = "ap-northeast-3"
[other]
account = "111122223333"
region = "ap-northeast-1"
[scratch]
domain = "example.jp"
"""
LANES = lanes.read(PROFILES)


def test_each_account_and_region_is_a_lane() -> None:
    assert [lane.name for lane in LANES] == [
        "123456789012_ap-northeast-1",
        "123456789012_ap-northeast-3",
        "111122223333_ap-northeast-1",
    ]
    tokyo = LANES[0]
    assert (tokyo.profiles, tokyo.archived, tokyo.connection) == (["default", "prod"], True, "byodkim_123456789012")
    assert [lane.profile for lane in LANES] == ["default", "osaka", "other"]


def test_each_line_of_a_table_is_in_one_lane() -> None:
    rows = ["a.jp,s1,,", 'b.jp,"s1",prod,', "c.jp,s1,osaka,", "d.jp,s1,prod,ap-northeast-3", "e.jp,s1,other,", ""]
    text = "\ufeff" + "\r\n".join(["domain, selector,profile,region", *rows])
    parts = [lanes.part(text, lane, LANES, "en").splitlines() for lane in LANES]
    assert [[line[:4] for line in part[1:]] for part in parts] == [["a.jp", "b.jp"], ["c.jp", "d.jp"], ["e.jp"]]
    assert {part[0] for part in parts} == {"domain,selector,profile,region"}
    assert lanes.part("domain\na.jp\n", LANES[2], LANES, "en") == ""


def test_a_domain_of_two_lanes_is_refused_since_they_go_side_by_side() -> None:
    for lane in LANES:
        with pytest.raises(ParameterError, match=r"Line 4 .*'a.jp'.*Nothing was started"):
            lanes.part("domain,profile\na.jp,prod\nb.jp,prod\nA.jp.,osaka\n", lane, LANES, "en")


def test_pools_of_the_project_let_one_task_of_a_lane_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "byodkim.toml").write_text(PROFILES, "utf-8")
    command, env = [sys.executable, "-m", "second_edition.airflow"], {**os.environ, "BYODKIM_PROJECT": str(tmp_path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    found = {name: (pool["slots"], pool["include_deferred"]) for name, pool in json.loads(done.stdout).items()}
    assert found == {lane.pool: (1, True) for lane in LANES}
    absent = subprocess.run([*command, "absent.toml"], env=env, capture_output=True, text=True)
    assert (absent.returncode, absent.stdout) == (2, "")


def test_a_lane_has_a_task_for_each_wave_that_a_campaign_makes() -> None:
    for count, canary, size in product((1, 2, 99, 100, 101, 1001), ("1", "30", "1%", "0.5%", "100%"), (1, 7, 100)):
        made = waves.cut(range(count), waves.canary_of(canary, count), size)
        assert lanes.waves(count, canary, size) == len(made), (count, canary, size)
    assert lanes.waves(0, "1%", 100) == 0


def connection(login: str = "", password: str = "", **extra: str) -> Any:
    return SimpleNamespace(conn_id="byodkim_123456789012", login=login, password=password, extra_dejson=extra)


AROUND = {"PATH": "/usr/bin", "AIRFLOW__CORE__FERNET_KEY": "f", "_AIRFLOW_X": "x", "AWS_SESSION_TOKEN": "around"}


def test_the_command_gets_the_connection_s_keys_and_nothing_of_airflow_s_own(tmp_path: Path) -> None:
    found, profile = access.environment(AROUND, connection("AKIA", "s"), tmp_path)
    assert not [name for name in found if "AIRFLOW" in name]
    keys = (found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"], found["AWS_SESSION_TOKEN"])
    assert (keys, profile) == (("AKIA", "s", ""), "")  # nor the token of other keys
    assert access.environment(AROUND, connection(profile_name="prod"), tmp_path)[1] == "prod"
    assert access.environment(AROUND, None, tmp_path)[0]["AWS_SESSION_TOKEN"] == "around"
    assert list(tmp_path.iterdir()) == []


def test_a_role_is_assumed_with_the_connection_s_keys_and_its_profile_holds_none(tmp_path: Path) -> None:
    """boto3 itself reads what was set."""
    role = "arn:aws:iam::123456789012:role/byodkim-rotator"
    found, profile = access.environment(AROUND, connection("AKIA", "hidden", role_arn=role, external_id="e1"), tmp_path)
    asked = (
        "import botocore.session, sys\n"
        "session = botocore.session.Session(profile=sys.argv[1])\n"
        "print(session.get_scoped_config())\n"
        "source = session.get_scoped_config()['credential_source']\n"
        "provider = session.get_component('credential_provider').get_provider('assume-role')\n"
        "print(provider._resolve_credentials_from_source(source, 'x').access_key)"
    )
    done = subprocess.run([sys.executable, "-c", asked, profile], env=found, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert role in done.stdout
    assert done.stdout.endswith("AKIA\n")
    assert "hidden" not in "".join(path.read_text() for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("user", "who"),
    [
        ({"id": "7", "name": "tanaka"}, "by tanaka at"),
        ({"id": "Anonymous", "name": "Anonymous"}, "by somebody whom Airflow does not name at"),
        ({"id": "7", "name": ""}, "by somebody whom Airflow does not name at"),
        (None, "by somebody whom Airflow does not name at"),
    ],
)
def test_a_record_says_who_let_the_campaign_go_on_where_airflow_names_them(user: Any, who: str) -> None:
    answer = {"chosen_options": ["Approve"], "responded_at": "2026-11-27", "responded_by_user": user}
    assert approval.approves(answer)
    assert not approval.approves({**answer, "chosen_options": ["Reject"]})
    assert not approval.approves(None)
    told = approval.reason("x" * 2000, answer, "run-1", "en")
    assert (who in told, "DAG run run-1" in told, len(told), told[:3]) == (True, True, 1000, "xxx")
    assert approval.reason("", answer, "run-1", "en").startswith("go-ahead given")


@pytest.mark.parametrize("text", ["[default\n", "[default]\ndomain = 'example.jp'\n", ""])
def test_a_profile_without_a_lane_is_told(text: str) -> None:
    with pytest.raises(ParameterError):
        lanes.read(text)


@pytest.mark.parametrize("row", ["b.jp,prd,", "b.jp,prod,eu-west-1", "b.jp,scratch,"])
def test_a_line_that_is_in_no_lane_is_told_by_its_number(row: str) -> None:
    with pytest.raises(ParameterError, match=r"Line 3 .*Nothing was started"):
        lanes.part(f"domain,profile,region\na.jp,prod,\n{row}\n", LANES[0], LANES, "en")
