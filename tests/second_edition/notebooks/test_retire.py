"""retire.ipynb by the real papermill: too early it is refused with a day, then the record goes."""

from __future__ import annotations

import json
import re
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from second_edition.rotation.publication import REVOKED_VALUE
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.fragments import Fragments
from tests.second_edition.notebooks.profiles import AwsStage
from tests.second_edition.notebooks.runs import AWS, Ran
from tests.second_edition.notebooks.stage import Stage, Troupe

NOTEBOOK = "notebooks/retire.ipynb"
APPLY = ("-p", "mode", "apply")
LEFT, ACTIVE = "mail-20260912-1", "mail-20261124-1"
KNOWN = ("-p", "waive", "TIME-OVERLAP: the switch was on 2026-10-01, CHG-0977")


@dataclass(frozen=True)
class Told:
    """The runs of a story by name; the writes that AWS answered during each; and whatever else there was to see."""

    runs: dict[str, Ran]
    wrote: dict[str, list[str]]
    other: dict[str, Any] = field(default_factory=dict)


def writes(stage: Stage) -> list[str]:
    verbs = ("Put", "Update", "Delete", "Change")
    return [call["operation"] for call in stage.sandbox.calls() if call["operation"].startswith(verbs)]


def retire(stage: Stage, *words: str, selector: str = LEFT, endpoint_url: str = "") -> Ran:
    """``papermill notebooks/retire.ipynb`` on the standing sandbox."""
    at = ("-p", "endpoint_url", endpoint_url or stage.sandbox.facts.endpoint_url)
    return stage.runner.papermill("-p", "target", "sandbox", *at, "-r", "selector", selector, *words, notebook=NOTEBOOK)


def by_profile(stage: Stage, *words: str, endpoint_url: str = "", **profile: Any) -> Ran:
    """The same as if it were AWS, with a profile."""
    AwsStage(stage).profile(section="default", **profile)
    at = ("-p", "endpoint_url", endpoint_url or stage.sandbox.facts.endpoint_url, "-r", "selector", LEFT)
    return stage.runner.papermill(*at, *words, notebook=NOTEBOOK, env=AWS)


def through(stage: Stage) -> Told:
    """From a switch to the end: too early, on time, carried out, and again."""
    runs, wrote = {"rotate": stage.apply()}, {}
    pem = outside.pem(stage.sandbox.facts, LEFT)
    for name, words in (
        ("early", APPLY),
        ("plan", ()),
        ("apply", (*APPLY, "-p", "ticket", "CHG-1050")),
        ("again", APPLY),
    ):
        before = len(writes(stage))
        runs[name] = retire(stage, *words)
        wrote[name] = writes(stage)[before:]
        if name == "early":
            stage.sandbox.advance(timedelta(days=8))
    served = outside.txt(stage.sandbox.facts, LEFT)
    said = {name: stage.byodkim(*words) for name, words in COMMANDS.items()}
    pages = b"".join(path.read_bytes() for path in sorted((stage.folder / "outputs/site").glob("*.html")))
    seen = [path.read_bytes() for name in stage.runner.listed() if (path := stage.folder / name).is_file()]
    leaks = [data[:80] for data in seen if Fragments(pem).found_in(data)]
    runs["back"] = stage.run(selector=LEFT)
    asked_again = [
        stage.byodkim(command, str(runs["back"].path), "-o", f"again.{form}").stderr
        for command, form in (("request", "csv"), ("reply", "txt"))
    ]
    wanted = stage.run("-p", "waive", WANTED, selector=LEFT)
    stage.byodkim("reply", str(wanted.path), "-o", "wanted.txt")
    publish = ("-p", "of", str(runs["back"].path), *APPLY, "-p", "replace", REVOKED_VALUE)
    for name, words in (("refused", ()), ("waived", ("-p", "waive", WANTED))):
        runs[name] = stage.runner.papermill(*publish, *words, notebook="notebooks/publish.ipynb")
    other = {
        "served": served,
        "said": said,
        "pages": pages.decode(),
        "leaks": leaks,
        "asked again": asked_again,
        "replies": [(stage.folder / f"{name}.txt").read_text() for name in ("again", "wanted")],
    }
    return Told(runs, wrote, other)


WANTED = "KEY-RETIRED: retired by mistake, CHG-1051"
COMMANDS = {
    "verify": ("verify", "outputs"),
    "record": ("record", "outputs/4.ipynb"),
    "site": ("site", "outputs"),
    "nobody": ("retire", "-p", "target", "sandbox"),
}


def asked(stage: Stage) -> Told:
    """The DNS team writes the zone; the key is to be deleted."""
    profile: dict[str, Any] = {"publisher": "request", "retire_key": "delete"}
    runs = {"asked": by_profile(stage, *APPLY, *KNOWN, **profile)}
    files = {
        path.suffix: path.read_text("utf-8-sig") for path in (stage.folder / "outputs").glob("1.*.dns-withdrawal.*")
    }
    name = f"{LEFT}._domainkey.{stage.sandbox.facts.domain}"
    stage.sandbox.set_record(name, "TXT", [REVOKED_VALUE], server="ns1")
    runs["half"] = by_profile(stage, *APPLY, *KNOWN, **profile)
    stage.sandbox.set_record(name, "TXT", [REVOKED_VALUE], server="ns2")
    runs["done"] = by_profile(stage, *APPLY, *KNOWN, **profile)
    verified = stage.byodkim("verify", "outputs").stdout
    return Told(runs, {"all": writes(stage)}, {"files": files, "verified": verified})


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> dict[str, Future[Told]]:
    return {"through": troupe.begin("through", through, "ready"), "asked": troupe.begin("asked", asked, "overlap")}


def test_too_early_it_is_refused_with_the_day_on_which_it_is_safe(told: dict[str, Future[Told]]) -> None:
    story = told["through"].result()
    early = story.runs["early"]
    assert (early.outcome, early.returncode, early.failed(), story.wrote["early"]) == (
        "REFUSED",
        1,
        {"TIME-OVERLAP"},
        [],
    )
    day = re.search(r"REFUSED  Safe on (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC: mail-20260912-1", early.headline)
    assert day
    assert f"not before {day[1]} UTC" in early.shown("steps.check")
    assert "Keep the key record as it is until" in early.headline
    left = early.event("observed")["retirement"]["left"]
    assert (left["source"], left["run"]) == ("archive", story.runs["rotate"].event("begin")["run"])


def test_a_plan_says_retire_now_and_writes_nothing(told: dict[str, Future[Told]]) -> None:
    story = told["through"].result()
    plan = story.runs["plan"]
    assert (plan.outcome, plan.returncode, plan.failed(), story.wrote["plan"]) == ("PLANNED", 0, set(), [])
    assert "Retire now: mail-20260912-1 of example.jp has been out of use since" in plan.headline
    assert "papermill notebooks/retire.ipynb outputs/example.jp-mail-20260912-1-after-" in plan.headline
    assert '"v=DKIM1; k=rsa; p="' in plan.shown("steps.plan")
    assert "whatever publisher the profile names" in plan.shown("steps.plan")


def test_an_apply_run_revokes_it_and_the_world_sees_it(told: dict[str, Future[Told]]) -> None:
    story = told["through"].result()
    ran = story.runs["apply"]
    assert (ran.outcome, ran.returncode, ran.failed()) == ("RETIRED", 0, set())
    assert story.wrote["apply"] == ["ChangeResourceRecordSets"]
    assert story.other["served"] == [REVOKED_VALUE] * 2
    assert "CHG-1050" in ran.headline
    assert "Caches may hold its key record for 3600 s from the write" in ran.headline
    assert (ran.verdicts["DNS-WITHDRAWN"], ran.verdicts["STORE-ERASED"]) == ("PASS", "SKIPPED")
    names = [event["event"] for event in ran.events]
    assert names.index("zone-intent") < names.index("zone-answer") < names.index("zone-proved")


def test_again_there_is_nothing_to_do(told: dict[str, Future[Told]]) -> None:
    story = told["through"].result()
    assert (story.runs["again"].outcome, story.runs["again"].returncode, story.wrote["again"]) == ("UNCHANGED", 0, [])


def test_nobody_waits_for_the_record_of_a_selector_that_was_retired(told: dict[str, Future[Told]]) -> None:
    back, retired = (told["through"].result().runs[name] for name in ("back", "apply"))
    at = retired.event("closed")["at"][:19].replace("T", " ")
    assert f"{LEFT} was retired on {at}" in back.paragraph
    assert "Prepare a new selector" in back.paragraph
    assert not back.has("handed")


def test_what_was_withdrawn_is_not_published_again_without_a_reason(told: dict[str, Future[Told]]) -> None:
    refused, waived = (told["through"].result().runs[name] for name in ("refused", "waived"))
    assert (refused.outcome, refused.failed()) == ("REFUSED", {"KEY-RETIRED"})
    assert (waived.outcome, waived.verdicts["KEY-RETIRED"]) == ("PUBLISHED", "WAIVED")
    asked_again = told["through"].result().other["asked again"]
    assert [f"CAUTION: {LEFT} was retired on" in stderr for stderr in asked_again] == [True, True]
    again, wanted = told["through"].result().other["replies"]
    assert ("do not publish it again" in again, "MII" in again) == (True, False)
    assert ("do not publish it again" in wanted, "MII" in wanted) == (False, True)


def test_its_records_are_one_chain_and_verify(told: dict[str, Future[Told]]) -> None:
    story = told["through"].result()
    lines = [line for line in story.other["said"]["verify"].stdout.splitlines() if "example.jp" in line]
    assert [line.split()[0] for line in lines] == ["VERIFIED"] * 5
    assert story.runs["early"].event("begin")["previous"]["outcome"] == "SWITCHED"
    assert story.runs["apply"].event("begin")["previous"]["run"] == story.runs["plan"].event("begin")["run"]
    assert story.other["leaks"] == []


def test_other_commands_take_its_records(told: dict[str, Future[Told]]) -> None:
    other = told["through"].result().other
    codes = {name: done.returncode for name, done in other["said"].items()}
    assert codes == {"verify": 0, "record": 0, "site": 0, "nobody": 2}
    assert "RETIRED (retire)" in other["pages"]


@pytest.mark.prove
def test_the_dns_team_is_asked_and_the_same_command_does_the_rest(told: dict[str, Future[Told]]) -> None:
    story = told["asked"].result()
    first, half, done = (story.runs[name] for name in ("asked", "half", "done"))
    assert (first.outcome, first.returncode) == ("PLANNED", 0)
    assert f"The request to withdraw the key record of {LEFT} of" in first.headline
    assert re.search(r"Give outputs/\S+\.dns-withdrawal\.csv to", first.headline)
    files = story.other["files"]
    assert set(files) == {".csv", ".zone", ".json", ".txt"}
    assert not any("REHEARSAL" in text for text in files.values())  # of a profile, as if it were AWS
    assert all(REVOKED_VALUE in text for text in files.values())
    asked = json.loads(files[".json"])
    assert asked["action"] == "revoke"
    assert all(str(asked["ttl"]) in text for text in files.values())
    assert (half.outcome, half.returncode) == ("REFUSED", 1)  # one server lacks it: nothing is done to the key
    assert (done.outcome, done.returncode, done.failed()) == ("RETIRED", 0, {"TIME-OVERLAP"})
    assert story.wrote["all"] == ["DeleteObject"]
    assert "not by all checks: TIME-OVERLAP waived before the write" in done.headline
    assert story.other["verified"].count("VERIFIED") == 3
