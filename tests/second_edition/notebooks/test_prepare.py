"""prepare.ipynb by the real papermill: a plan writes nothing, an apply run stores one pair, and rotate takes it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import pytest

from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.fragments import Fragments
from tests.second_edition.notebooks.prepared import Stored, prepare, public, request, sha256_of, sheet, stored, writes
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.sandbox.generator import secret

APPLY = ("-p", "mode", "apply")
CURRENT, READY = "mail-20260912-1", "mail-20261124-1"
FOUR = ["PutObject", "PutSecretValue", "UpdateSecretVersionStage", "UpdateSecretVersionStage"]


@dataclass(frozen=True)
class Told:
    """The runs of a story by name, and what stood when each had ended."""

    runs: dict[str, Ran]
    wrote: dict[str, list[str]]
    stands: Stored | None = None
    other: Any = None


def through(stage: Stage) -> Told:
    """From nothing to a switch: plan, apply, apply again, then published, then rotate."""
    runs, wrote = {}, {}
    for name, words in (("plan", ()), ("apply", APPLY), ("again", APPLY)):
        before = len(writes(stage))
        runs[name] = prepare(stage, *words, "-p", "ticket", "CHG-1042")
        wrote[name] = writes(stage)[before:]
    selector = runs["apply"].event("named")["selector"]
    stands = stored(stage, selector)
    pem = outside.pem(stage.sandbox.facts, selector)
    stage.sandbox.publish(selector)
    runs["rotate"] = stage.apply(selector=selector)
    seen = {name: path.read_bytes() for name in stage.runner.listed() if (path := stage.folder / name).is_file()}
    seen["said"] = b"".join(ran.stdout.encode() + ran.stderr.encode() for ran in runs.values())
    leaks = [name for name, data in seen.items() if Fragments(pem).found_in(data)]
    verified = stage.byodkim("verify", "outputs").stdout
    said = {name: stage.byodkim(*words) for name, words in COMMANDS.items()}
    review = stage.runner.papermill(notebook="notebooks/review.ipynb", name="outputs/review.ipynb")
    pages = b"".join(path.read_bytes() for path in sorted((stage.folder / "outputs/site").glob("*.html")))
    other = {"leaks": leaks, "looked-at": len(seen), "verified": verified, "said": said, "review": review}
    return Told(runs, wrote, stands, {**other, "pages": pages.decode()})


COMMANDS = {
    "record": ("record", "outputs/2.ipynb"),
    "request": ("request", "outputs/2.ipynb", "-o", "again.csv"),
    "approve": ("approve", "outputs/1.ipynb", "--yes"),
    "site": ("site", "outputs"),
}


def half(stage: Stage) -> Told:
    """A generator stored a key object and stopped: the secret does not name it."""
    facts = stage.sandbox.facts
    pem = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout
    s3 = outside.client(facts, "s3")
    s3.put_object(
        Bucket=facts.key_bucket,
        Key=f"private_keys/{facts.domain}/mail-20261001-2/private_key_20261001_120000.pem",
        Body=pem,
    )
    s3.close()
    count = len(writes(stage))
    ran = prepare(stage, *APPLY)
    return Told({"apply": ran}, {"apply": writes(stage)[count:]}, None, (public(pem)[0], secret(stage.sandbox)))


STORIES: dict[str, Callable[[Stage], Told]] = {"through": through, "half": half}


@pytest.fixture(scope="module")
def futures(troupe: Troupe) -> dict[str, Future[Told]]:
    return {name: troupe.begin(name, story, "unprepared") for name, story in STORIES.items()}


@pytest.fixture(scope="module")
def told(futures: dict[str, Future[Told]]) -> Told:
    return futures["through"].result()


def test_outcome_and_writes(told: Told) -> None:
    for name, outcome, wrote in (("plan", "PLANNED", []), ("apply", "PREPARED", FOUR), ("again", "UNCHANGED", [])):
        ran = told.runs[name]
        assert (ran.outcome, ran.returncode, told.wrote[name]) == (outcome, 0, wrote), name
        assert ran.event("closed")["outcome"] == outcome


def test_a_plan_shows_exactly_what_an_apply_run_then_writes(told: Told) -> None:
    planned = [(one["operation"], one["target"]) for one in told.runs["plan"].event("planned")["plan"]["writes"]]
    events = [event for event in told.runs["apply"].events if event["event"] == "storing"]
    assert [(event["write"]["operation"], event["write"]["target"]) for event in events] == planned
    shown = told.runs["plan"].shown("steps.plan(run)")
    assert all(target in shown and operation in shown for operation, target in planned)
    digests = [told.runs[name].event("planned")["plan"]["digest"] for name in ("plan", "apply")]
    assert digests[0] == digests[1]
    assert "Plan only: nothing was written." in told.runs["plan"].headline
    assert told.runs["plan"].headline.count("-p mode apply") == 1
    assert request(told.runs["plan"]) == {}


def test_one_key_stands_in_s3_in_the_secret_and_in_the_request(told: Told) -> None:
    stands, ran = told.stands, told.runs["apply"]
    assert stands is not None
    assert (stands.versions, stands.bits) == (1, 2048)
    assert sha256_of(stands.secret["dns_record"]["value"]) == stands.sha256
    name = f"{stands.secret['selector']}._domainkey.example.jp"
    assert sheet(ran)[2] == [name, "TXT", stands.secret["dns_record"]["value"], "3600"]
    files = request(ran)
    assert set(files) == {".csv", ".zone", ".txt", ".json"}
    asked = json.loads(files[".json"].read_text())
    assert (asked["name"], "".join(asked["strings"])) == (name, stands.secret["dns_record"]["value"])
    assert max(map(len, asked["strings"])) <= 255
    assert "".join(re.findall(r'"([^"]*)"', files[".zone"].read_text())) == asked["value"]
    assert asked["value"] in files[".txt"].read_text()
    assert ran.headline.count(stands.sha256) == 1
    assert ran.shown("steps.prove(run)").count(stands.sha256) >= 3


def test_the_secret_keeps_the_selector_in_use_and_has_no_label_left_over(told: Told) -> None:
    stands = told.stands
    assert stands is not None
    kept = stands.secret["previous"]
    assert [one["selector"] for one in kept] == [CURRENT]
    assert stands.previous is not None
    assert stands.previous["selector"] == CURRENT
    assert {name: kept[0][name] for name in stands.previous} == stands.previous
    assert sorted(stands.labels) == ["AWSCURRENT", "AWSPREVIOUS"]
    assert stands.labels["AWSCURRENT"] != stands.labels["AWSPREVIOUS"]


def test_rotate_takes_what_was_prepared_and_is_chained_to_it(told: Told) -> None:
    rotated, begin = told.runs["rotate"], told.runs["rotate"].event("begin")
    assert (rotated.outcome, rotated.returncode, rotated.failed()) == ("SWITCHED", 0, set())
    assert begin["previous"]["run"] == told.runs["again"].event("begin")["run"]
    assert begin["previous"] | {"head": ""} == {
        "run": begin["previous"]["run"], "outcome": "UNCHANGED", "head": "", "selector": "", "left_selector": "",
        "written_at": "", "rotated": "",
    }  # fmt: skip
    assert "procedure" not in begin
    assert f"-r selector {CURRENT} " in rotated.headline
    assert rotated.event("observed")["observation"]["current_key"]["key"]["sha256"]


def test_no_piece_of_the_key_is_left_anywhere(told: Told) -> None:
    assert told.other["leaks"] == []
    assert told.other["looked-at"] > 15


def test_all_of_them_verify(told: Told) -> None:
    lines = told.other["verified"].splitlines()
    assert any(line.startswith("4 runs: 4 verified, 0 off") for line in lines), lines
    assert sum(line.startswith("VERIFIED") for line in lines) == 4


def test_a_record_a_request_and_a_site_are_made_of_it(told: Told) -> None:
    said, selector = told.other["said"], told.runs["apply"].event("named")["selector"]
    assert said["record"].stdout.startswith(f"PREPARED  {selector} of example.jp has its key pair")
    assert (said["request"].returncode, said["site"].returncode) == (0, 0)
    again = (told.runs["apply"].folder / "again.csv").read_bytes()
    assert again == request(told.runs["apply"])[".csv"].read_bytes()
    assert "PREPARED (prepare)" in told.other["pages"]
    assert told.other["review"].returncode == 0
    assert "PREPARED (prepare)" in told.other["review"].everything
    page = (told.runs["apply"].folder / "outputs/2.html").read_text("utf-8")
    assert "made in the custodian; only where nothing is (If-None-Match)" in page


def test_a_key_that_stands_without_an_entry_is_taken_whatever_its_layout(futures: dict[str, Future[Told]]) -> None:
    found = futures["half"].result()
    sha256, entry = found.other
    ran = found.runs["apply"]
    assert (ran.outcome, found.wrote["apply"]) == ("PREPARED", FOUR[1:])
    assert (entry["selector"], sha256_of(entry["dns_record"]["value"])) == ("mail-20261001-2", sha256)
    assert entry["s3_key_path"] == "private_keys/example.jp/mail-20261001-2/private_key_20261001_120000.pem"


def test_a_plan_of_prepare_needs_no_approval(told: Told) -> None:
    done = told.other["said"]["approve"]
    assert done.returncode == 2
    assert "is a plan of prepare, which needs no approval" in done.stderr
