"""One key in two accounts, as the document of campaigns has it: two rows, written one after another."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from byodkim.sandbox.client import Sandbox
from tests.notebooks.fleets import BYODKIM, LONGEST_S, PUT, Campaign, environment, told, verify
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe
from tests.project.tracked import ROOT
from tests.sandbox.outside import put

pytestmark = pytest.mark.prove  # tests/engine/test_retire_refusals.py knows selectors that are in use elsewhere

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
HOME, OTHER = "123456789012/ap-northeast-1", "111122223333/eu-west-1"
EXAMPLE = re.compile(r"```toml\n(?P<toml>.*?)```.*?```csv\n(?P<csv>.*?)```", re.DOTALL)
KEYS = (
    "[profile mail]\naws_access_key_id = sandbox\naws_secret_access_key = s\n"
    "[profile mail-eu]\naws_access_key_id = {}\naws_secret_access_key = s\n"
)


@dataclass
class Told:
    """A story's campaigns and runs, and after each campaign the writes that SES took and what it signs with."""

    campaigns: dict[str, Campaign] = field(default_factory=dict)
    puts: dict[str, list[str]] = field(default_factory=dict)
    selectors: dict[str, dict[str, str]] = field(default_factory=dict)
    runs: dict[str, Ran] = field(default_factory=dict)
    verified: subprocess.CompletedProcess[str] | None = None


def rehearsals() -> list[str]:
    """The table that rehearses it, of the document in each language."""
    texts = [(ROOT / f"docs/{language}/fleet.md").read_text("utf-8") for language in ("en", "ja")]
    return [one for text in texts for one in re.findall(r"```csv\n(domain,region,.*?)```", text, re.DOTALL)]


def examples() -> list[tuple[str, str]]:
    """Profile and table of the document in each language."""
    texts = [(ROOT / f"docs/{language}/fleet.md").read_text("utf-8") for language in ("en", "ja")]
    found = [EXAMPLE.search(text) for text in texts]
    return [(one["toml"], one["csv"]) for one in found if one]


def written(stage: Stage) -> None:
    """The document's profile and table, with what reaches the sandbox; and the AWS profiles that they name."""
    profile, table = examples()[0]
    pace = f'nameservers = "{stage.sandbox.facts.nameservers}"\nses_requests_per_second = 100.0\nwait_minutes = 1\n'
    (stage.folder / "byodkim.toml").write_text(re.sub(r"^(\[.*\])$", rf"\1\n{pace}", profile, flags=re.MULTILINE))
    (stage.folder / "rows.csv").write_text(table)
    (stage.folder / "aws.ini").write_text(KEYS.format("sandbox-111122223333"))
    (stage.folder / "wrong.ini").write_text(KEYS.format("sandbox"))


def aws(stage: Stage, name: str = "aws.ini") -> dict[str, str]:
    state = {"XDG_STATE_HOME": str(stage.folder / "state")}  # one sealing key for campaigns and runs
    return {**state, "AWS_CONFIG_FILE": str(stage.folder / name), "AWS_EC2_METADATA_DISABLED": "true"}


def campaign(stage: Stage, told_of: Told, name: str, url: str, *words: str) -> Campaign:
    asked = ("-r", "endpoint_url", url, "-r", "identities", "rows.csv", "-r", "selector", NEXT)
    done = subprocess.run(
        [BYODKIM, "fleet", *asked, *words], cwd=stage.folder, env={**environment(stage), **aws(stage)},
        capture_output=True, text=True, timeout=LONGEST_S,
    )  # fmt: skip
    made = told_of.campaigns[name] = told(stage, done.returncode, done.stdout, done.stderr)
    told_of.puts[name] = [call["place"] for call in stage.sandbox.calls(PUT) if call["status"] == 200]
    told_of.selectors[name] = signing(stage.sandbox)
    return made


def signing(sandbox: Sandbox) -> dict[str, str]:
    found = sandbox.state()["places"]
    return {place: found[place][sandbox.facts.domain]["selectors"][0] for place in (HOME, OTHER)}


def rotated(stage: Stage, told_of: Told, name: str, url: str) -> None:
    """A plan, and the campaign that carries it out."""
    plan = campaign(stage, told_of, f"{name} plan", url)
    campaign(stage, told_of, name, url, "-p", "mode", "apply", "-r", "approved", plan.run)


def through(stage: Stage) -> Told:
    """Both rows; then the selector that was left is to be retired, while the other account signs with it, and after."""
    told_of, url = Told(), stage.sandbox.facts.endpoint_url
    written(stage)
    rotated(stage, told_of, "both", url)
    ses: Any = boto3.Session("sandbox-111122223333", "s", region_name="eu-west-1").client("sesv2", endpoint_url=url)
    put(ses, CURRENT, "QUJDREVG")
    words = ("-p", "endpoint_url", url, "-r", "selector", CURRENT)

    def retire(name: str, keys: str = "aws.ini") -> None:
        ran = stage.runner.papermill(*words, notebook="notebooks/retire.ipynb", env=aws(stage, keys))
        told_of.runs[name] = ran

    retire("used")
    put(ses, NEXT, "QUJDREVG")
    retire("unread", "wrong.ini")
    retire("free")
    told_of.verified = verify(stage)
    return told_of


@pytest.fixture(scope="module")
def story(troupe: Troupe) -> Told:
    return troupe.begin("rows", through, "places").result()


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
    plan, run = story.campaigns["both plan"], story.campaigns["both"]
    assert (plan.outcome, plan.event("surveyed")["counts"]["ready"], story.puts["both plan"]) == ("PLANNED", 2, [])
    assert (run.code, run.outcome) == (0, "SWITCHED"), run.complained
    assert story.puts["both"] == [HOME, OTHER]
    assert story.selectors["both"] == {HOME: NEXT, OTHER: NEXT}
    order = [(event["event"], event["number"]) for event in run.events if event["event"] in ("started", "ended")]
    assert order == [("started", 0), ("ended", 0), ("started", 1), ("ended", 1)]


def test_the_way_back_has_both_rows(story: Told) -> None:
    back = story.campaigns["both plan"].table(".fleet.csv")
    assert [(row["account"], row["region"]) for row in back] == [tuple(HOME.split("/")), tuple(OTHER.split("/"))]
    rows = story.campaigns["both"].table(".back.csv")
    assert [(row["domain"], row["selector"], row["profile"]) for row in rows] == [
        ("example.jp", CURRENT, "default"), ("example.jp", CURRENT, "mail-eu"),
    ]  # fmt: skip


def test_what_the_other_account_signs_with_is_not_retired(story: Told) -> None:
    runs = story.runs
    assert (runs["used"].outcome, runs["used"].verdicts["SES-UNUSED"]) == ("REFUSED", "FAIL")
    assert f"in use in {OTHER}" in runs["used"].paragraph
    assert (runs["unread"].outcome, runs["unread"].verdicts["SES-UNUSED"]) == ("REFUSED", "UNKNOWN")
    assert re.search(r"^SES-UNUSED could not be checked:.* Also failed: TIME-OVERLAP\.", runs["unread"].paragraph)
    assert runs["free"].verdicts["SES-UNUSED"] == "PASS"


def test_the_records_verify_together(story: Told) -> None:
    done = story.verified
    assert done is not None
    assert done.returncode == 0, done.stdout
    found = Counter(re.findall(r'"verdict": "([a-z-]+)"', done.stdout))
    assert found["verified"] > 2
    assert not found["off"]
