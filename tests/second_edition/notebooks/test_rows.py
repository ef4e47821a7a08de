"""One key in two accounts, as the document of campaigns has it: two rows, written one after another."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from tests.second_edition.notebooks.fleets import PUT, Campaign, approved, ended, verify
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.project.tracked import ROOT
from tests.second_edition.sandbox.outside import put

pytestmark = pytest.mark.prove  # tests/second_edition/engine/test_retire_refusals.py knows selectors that are in use elsewhere

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
HOME, OTHER = "123456789012/ap-northeast-1", "111122223333/eu-west-1"
KEYS = "".join(
    f"[profile {name}]\naws_access_key_id = {key}\naws_secret_access_key = s\n"
    for name, key in (("mail", "sandbox"), ("mail-eu", "sandbox-111122223333"))
)
EXAMPLE = re.compile(r"```toml\n(?P<toml>.*?)```.*?```csv\n(?P<csv>.*?)```", re.DOTALL)


def rehearsals() -> list[str]:
    """The table that rehearses it, of the document in each language."""
    texts = [(ROOT / f"docs/second_edition/{language}/fleet.md").read_text("utf-8") for language in ("en", "ja")]
    return [one for text in texts for one in re.findall(r"```csv\n(domain,region,.*?)```", text, re.DOTALL)]


def examples() -> list[tuple[str, str]]:
    """Profile and table of the document in each language."""
    texts = [(ROOT / f"docs/second_edition/{language}/fleet.md").read_text("utf-8") for language in ("en", "ja")]
    found = [EXAMPLE.search(text) for text in texts]
    return [(one["toml"], one["csv"]) for one in found if one]


@dataclass
class Told:
    """A plan and the campaign that carries it out; the writes after each, by place; what SES signs with then.

    ``used``: the selector that was left is to be retired, while the other account signs with it again.
    """

    plan: Campaign
    ran: Campaign
    puts: list[list[str]]
    selectors: dict[str, str]
    used: Ran
    verified: subprocess.CompletedProcess[str]


def both(stage: Stage) -> Told:
    """Both rows: the document's profile and table, with what reaches the sandbox, and the AWS profiles."""
    profile, table = examples()[0]
    facts, folder = stage.sandbox.facts, stage.folder
    pace = f'nameservers = "{facts.nameservers}"\nses_requests_per_second = 100.0\nwait_minutes = 1\n'
    (folder / "byodkim.toml").write_text(re.sub(r"^(\[.*\])$", rf"\1\n{pace}", profile, flags=re.MULTILINE))
    (folder / "rows.csv").write_text(table)
    (folder / "aws.ini").write_text(KEYS)
    env = {"AWS_CONFIG_FILE": str(folder / "aws.ini"), "AWS_EC2_METADATA_DISABLED": "true"}
    env["XDG_STATE_HOME"] = str(folder / "state")  # one sealing key for campaigns and runs
    asked = ("-r", "endpoint_url", facts.endpoint_url, "-r", "identities", "rows.csv", "-r", "selector", NEXT)
    puts: list[list[str]] = []

    def campaign(*words: str) -> Campaign:
        done = stage.byodkim("fleet", *words, **env)
        puts.append([call["place"] for call in stage.sandbox.calls(PUT) if call["status"] == 200])
        return ended(stage, done)

    plan = campaign(*asked)
    ran = campaign(*approved(plan, *asked))
    places = stage.sandbox.state()["places"]
    signing = {place: places[place][facts.domain]["selectors"][0] for place in (HOME, OTHER)}
    ses: Any = boto3.Session("sandbox-111122223333", "s", region_name="eu-west-1")
    put(ses.client("sesv2", endpoint_url=facts.endpoint_url), CURRENT, "QUJDREVG")
    words = ("-p", "endpoint_url", facts.endpoint_url, "-r", "selector", CURRENT)
    used = stage.runner.papermill(*words, notebook="notebooks/retire.ipynb", env=env)
    return Told(plan, ran, puts, signing, used, verify(stage))


@pytest.fixture(scope="module")
def story(troupe: Troupe) -> Told:
    return troupe.begin("rows", both, "places").result()


def test_both_documents_have_the_same_example() -> None:
    (english, japanese) = examples()
    assert english == japanese
    assert english[1].splitlines() == ["domain,profile", "example.jp,default", "example.jp,mail-eu"]


def rehearsed(stage: Stage) -> str:
    (stage.folder / "rows.csv").write_text(rehearsals()[0])
    return stage.byodkim(
        "fleet", "-r", "target", "sandbox:places", "-r", "identities", "rows.csv", "-r", "selector", NEXT
    ).stdout


def test_the_documents_table_rehearses_every_row(troupe: Troupe) -> None:
    english, japanese = rehearsals()
    assert english == japanese
    assert "Of 3 in the table 3 can be switched" in troupe.begin("rows-rehearsed", rehearsed).result()


def test_both_rows_are_planned_before_one_after_the_other_is_written(story: Told) -> None:
    plan, run = story.plan, story.ran
    assert (plan.outcome, plan.event("surveyed")["counts"]["ready"]) == ("PLANNED", 2)
    assert (run.code, run.outcome) == (0, "SWITCHED"), run.complained
    assert story.puts == [[], [HOME, OTHER]]
    assert story.selectors == {HOME: NEXT, OTHER: NEXT}
    order = [(event["event"], event["number"]) for event in run.events if event["event"] in ("started", "ended")]
    assert order == [("started", 0), ("ended", 0), ("started", 1), ("ended", 1)]


def test_the_way_back_has_both_rows_and_the_records_verify(story: Told) -> None:
    back = story.plan.table(".fleet.csv")
    assert [(row["account"], row["region"]) for row in back] == [tuple(HOME.split("/")), tuple(OTHER.split("/"))]
    rows = story.ran.table(".back.csv")
    assert [(row["domain"], row["selector"], row["profile"]) for row in rows] == [
        ("example.jp", CURRENT, "default"), ("example.jp", CURRENT, "mail-eu"),
    ]  # fmt: skip
    assert story.verified.returncode == 0, story.verified.stdout


def test_what_the_other_account_signs_with_is_not_retired(story: Told) -> None:
    assert (story.used.outcome, story.used.verdicts["SES-UNUSED"]) == ("REFUSED", "FAIL")
    assert f"in use in {OTHER}" in story.used.paragraph
