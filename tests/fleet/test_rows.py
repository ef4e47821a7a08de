"""A row of a table that no run could be begun with is named by its line, or says what keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest

from byodkim.errors import ParameterError
from byodkim.intent import campaign
from byodkim.procedures.fleet.planning import Progress, Surroundings, confirm, survey
from tests.each import each

PROFILE = """
[default]
account = "123456789012"
region = "ap-northeast-1"
secret_id = "byodkim/{domain}"
key_bucket = "byodkim-keys"
"""


def rows_of(folder: Path, column: str, value: str) -> list[campaign.Row]:
    table = folder / "table.csv"
    table.write_text(f"domain,selector,{column}\nexample.jp,mail-1,\nexample.net,mail-1,{value}\n", "utf-8")
    return campaign.read(table, {}, "en")[0]


@each(
    ("column", "value"),
    [
        ("profile", "absent"), ("waive", "NO-SUCH: it"), ("waive", "KEY-PAIR: it"), ("waive", "KEY-AGE"),
        ("nameservers", "ns1.foo"), ("profile", "default"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_named_by_its_line(column: str, value: str, tmp_path: Path) -> None:
    (tmp_path / "byodkim.toml").write_text(f'{PROFILE}[net]\ndomain = "example.net"\n', "utf-8")
    around = Surroundings(tmp_path, tmp_path, "en")
    with pytest.raises(ParameterError, match=r"stands in line 3 of the table of identities table\.csv"):
        confirm(rows_of(tmp_path, column, value), around, "table.csv", "en")


def test_a_table_that_can_be_used_is_let_through(tmp_path: Path) -> None:
    (tmp_path / "byodkim.toml").write_text(PROFILE, "utf-8")
    confirm(rows_of(tmp_path, "wait_minutes", "5"), Surroundings(tmp_path, tmp_path, "en"), "table.csv", "en")


def test_a_row_whose_key_store_nobody_can_sign_in_to_says_so_as_its_own_run_would(tmp_path: Path) -> None:
    (tmp_path / "byodkim.toml").write_text(f'{PROFILE}store_profile = "secrets-team"\n', "utf-8")
    rows = rows_of(tmp_path, "wait_minutes", "5")
    around = Surroundings(tmp_path, tmp_path, "en")
    found = [one.stopping for one in survey(rows, around, 0, Progress(len(rows)), lambda: None)]
    said = (
        "There is no AWS profile named secrets-team on this machine. List those that there are (aws configure "
        "list-profiles) and correct the name (aws_profile or store_profile), or create it: "
        "aws configure sso --profile secrets-team"
    )
    assert found == [(said,)] * len(rows)
