"""A row of a table that no run could be begun with is named by its line, or says what keeps it."""

from __future__ import annotations

import base64
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec.structs import replace

from second_edition.errors import ParameterError
from second_edition.intent import campaign
from second_edition.intent.profile import Keeping
from second_edition.procedures.fleet import resumption, steps
from second_edition.procedures.fleet.planning import Progress, Surroundings, agree, confirm, survey
from tests.second_edition.each import each
from tests.second_edition.rotation.fleet_rows import member

PROFILE = """
[default]
account = "123456789012"
region = "ap-northeast-1"
secret_id = "byodkim/{domain}"
key_bucket = "byodkim-keys"
"""
CANARY = 'rehearsal = "canary"\n'


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


def keys(*names: str) -> str:
    """Approvers of these names, as a section lists them."""
    of_each = {name: base64.b64encode(name.encode().ljust(32)).decode() for name in names}
    return "".join(f'approvers.{name} = "{key}"\n' for name, key in of_each.items())


#: The campaign's own section, that of a row, and whether what approves the one does for the other.
SECTIONS = (
    ("", "approvals = 1\n" + keys("sato"), False),
    ("approvals = 1\n" + keys("tanaka"), "approvals = 2\n" + keys("tanaka", "sato"), False),
    ("approvals = 1\n" + keys("tanaka"), "approvals = 1\n" + keys("sato"), False),
    ("approvals = 1\n" + keys("tanaka"), "", False),
    ("approvals = 1\n" + keys("tanaka"), "approvals = 1\napprovals_valid_days = 2\n" + keys("tanaka"), False),
    ("approvals = 1\n" + keys("tanaka"), "approvals = 1\n" + keys("tanaka", "sato"), True),
    ("approvals = 2\n" + keys("tanaka", "sato"), keys("tanaka", "sato"), True),
    (keys("tanaka"), "approvals_valid_days = 2\n", True),
)


@each(("own", "other", "does"), SECTIONS)
def test_a_row_whose_section_asks_for_other_approvals_than_the_campaign_s_is_refused_with_both_named(
    own: str, other: str, does: bool, tmp_path: Path
) -> None:
    """Else half of a campaign would be switched, or all of it without the approval that a section asks for."""
    net = PROFILE.replace("[default]", "[net]")
    (tmp_path / "byodkim.toml").write_text(f"{PROFILE}{own}{net}{other}", "utf-8")
    rows, around = rows_of(tmp_path, "profile", "net"), Surroundings(tmp_path, tmp_path, "en")
    intent, _ = around.intent(rows[0])
    refused = pytest.raises(ParameterError, match=r"section \[default\] .* example\.net by \[net\]")
    with nullcontext() if does else refused:
        agree(rows, around, intent)
    agree(rows[:1], around, intent)
    agree(rows, around, replace(intent, asked=replace(intent.asked, target="twin")))  # which asks for none


def test_a_section_that_asks_for_more_since_the_plan_keeps_the_campaign_from_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = PROFILE.replace("[default]", "[net]")
    (tmp_path / "byodkim.toml").write_text(f"{PROFILE}{net}approvals = 1\n{keys('sato')}", "utf-8")
    monkeypatch.chdir(tmp_path)
    rows = rows_of(tmp_path, "profile", "net")
    planned = SimpleNamespace(ready=[replace(member(0), parameters=row.parameters) for row in rows])
    monkeypatch.setattr(resumption, "campaign", lambda _: SimpleNamespace(planned=planned))
    intent, _ = Surroundings(tmp_path, tmp_path, "en").intent(rows[0])
    with pytest.raises(ParameterError, match=r"d00000\.example\.jp by \[net\]"):
        steps._recall(cast("Any", SimpleNamespace(folder=tmp_path, intent=intent)))


@each(
    ("own", "other", "asked"),
    [("", "", None), ("", CANARY, ["example.net"]), (CANARY, "", ["example.jp", "example.net"])],
)
def test_a_canary_is_to_be_rehearsed_where_its_row_s_section_asks_for_it_or_the_campaign_s_own(
    own: str, other: str, asked: list[str] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = PROFILE.replace("[default]", "[net]")
    (tmp_path / "byodkim.toml").write_text(f"{PROFILE}{own}{net}{other}", "utf-8")
    monkeypatch.chdir(tmp_path)
    rows = rows_of(tmp_path, "profile", "net")
    ready = [replace(member(0), domain=row.domain, parameters=row.parameters) for row in rows]
    campaign = SimpleNamespace(lanes=lambda: {"": ((0, 1),)}, planned=SimpleNamespace(ready=ready))
    intent, _ = Surroundings(tmp_path, tmp_path, "en").intent(rows[0])
    run = SimpleNamespace(folder=tmp_path, intent=intent, keeping=Keeping())
    found = steps._rehearsals(cast("Any", run), cast("Any", campaign))
    assert (found and [domain for domain, _ in found]) == asked


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
