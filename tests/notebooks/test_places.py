"""Two Regions of one account, and one of another: they rotate in one run, in order, with one record."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from byodkim.evidence.journal import FIRST, canonical
from byodkim.procedure.lock_file import LockFile
from byodkim.rotation.lock import Holder
from byodkim.sandbox.client import Sandbox
from tests.notebooks.profiles import AwsStage
from tests.notebooks.runs import Ran
from tests.notebooks.stage import Stage, Troupe
from tests.notebooks.test_approved import approve, profile, run_id
from tests.notebooks.test_killed import journal_once, kernel_and_custodian
from tests.notebooks.wire import PUT, Fault, Wire, applied_then, refuse
from tests.sandbox.outside import put

BYODKIM = str(Path(sys.executable).with_name("byodkim"))
CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
OWN, SECOND, THIRD = "123456789012/ap-northeast-1", "123456789012/us-east-1", "111122223333/eu-west-1"
PLACES = (OWN, SECOND, THIRD)


@dataclass
class Told:
    """A story's runs by name; after each, the writes by place and what SES has in each; and what else was said."""

    runs: dict[str, Ran] = field(default_factory=dict)
    puts: dict[str, dict[str, int]] = field(default_factory=dict)
    selectors: dict[str, list[str]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    def add(self, stage: Stage, name: str, ran: Ran) -> Ran:
        self.runs[name], self.puts[name] = ran, writes(stage.sandbox)
        self.selectors[name] = selectors(stage.sandbox)
        return ran

    def outcomes(self, name: str) -> list[str]:
        """What a run came to in each place, by its journal."""
        return [str(self.runs[name].event("closed")["places"][place]) for place in PLACES]


def writes(sandbox: Sandbox) -> dict[str, int]:
    return dict(Counter(call["place"] for call in sandbox.calls(PUT)))


def selectors(sandbox: Sandbox) -> list[str]:
    found = sandbox.state()["places"]
    return [found[place][sandbox.facts.domain]["selectors"][0] for place in PLACES if found.get(place)]


def byodkim(stage: Stage, *words: str) -> str:
    env = stage.runner.environment()
    done = subprocess.run([BYODKIM, *words], cwd=stage.folder, env=env, capture_output=True, text=True, timeout=120)
    return f"{done.returncode}\n{done.stdout}{done.stderr}"


def ses_in(sandbox: Sandbox, region: str, key_id: str = "sandbox") -> Any:
    session = boto3.Session(key_id, "sandbox", region_name=region)
    return session.client("sesv2", endpoint_url=sandbox.facts.endpoint_url)


def through(stage: Stage) -> Told:
    """Planned, applied, applied again, and all the way back; then somebody else changes a further place."""
    told = Told()
    told.add(stage, "plan", stage.run())
    told.add(stage, "apply", stage.apply("-p", "ticket", "CHG-1042"))
    told.add(stage, "again", stage.apply())
    told.said["there"] = byodkim(stage, "verify", "outputs")
    told.add(stage, "back", stage.apply(selector=CURRENT))
    told.said["back"] = byodkim(stage, "verify", "outputs")
    told.said["site"] = byodkim(stage, "site", "outputs")
    told.said["pages"] = "".join(
        one.read_text("utf-8") for one in sorted((stage.folder / "outputs/site").glob("*.html"))
    )
    put(ses_in(stage.sandbox, "us-east-1"), "by-hand", "QUJDREVG")
    told.add(stage, "after", stage.run())
    told.said["by hand"] = byodkim(stage, "verify", "outputs")
    told.add(stage, "in the second", stage.run("-r", "region", "us-east-1", "-r", "places", "none"))
    return told


def japanese(stage: Stage) -> Told:
    told = Told()
    told.add(stage, "apply", stage.apply("-p", "language", "ja"))
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


def chosen(stage: Stage) -> Told:
    """Some of the places, none of them, one that there is not; and the run that then does the rest."""
    told = Told()
    told.add(stage, "unknown", stage.apply("-r", "places", "us-west-2"))
    told.add(stage, "none", stage.apply("-r", "places", "none"))
    told.add(stage, "one", stage.apply("-r", "places", "us-east-1"))
    told.add(stage, "rest", stage.apply())
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


def lacking(stage: Stage) -> Told:
    """The identity does not exist in the second place."""
    told = Told()
    ses_in(stage.sandbox, "us-east-1").delete_email_identity(EmailIdentity=stage.sandbox.facts.domain)
    told.add(stage, "refused", stage.apply())
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


def pending(stage: Stage) -> Told:
    """SES does not find the key record in the second place; then it does."""
    told = Told()
    stage.sandbox.set_knobs(blind_in=SECOND)
    told.add(stage, "first", stage.apply("-p", "wait_minutes", "1"))
    stage.sandbox.set_knobs(blind_in="")
    told.add(stage, "second", stage.apply())
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


def over(fault: Fault) -> Callable[[Stage], Told]:
    """The wire to the second place breaks at the write; then it does not."""

    def tell(stage: Stage) -> Told:
        told = Told()
        with Wire(stage.sandbox.facts.endpoint_url, {f"{PUT} us-east-1": (fault, 1)}) as wire:
            # The proxy's address makes it another world, with a past of its own.
            first = stage.apply("-p", "endpoint_url", wire.url)
            told.add(stage, "first", first)
            told.add(stage, "second", stage.apply("-p", "endpoint_url", wire.url))
        told.said["verified"] = byodkim(stage, "verify", "outputs")
        return told

    return tell


def killed(place: str, event: str, blind: str = "", hours: int = 0) -> Callable[[Stage], Told]:
    """SIGKILL to the kernel once that event of that place ("": the run's own) is written; then the same command."""

    def tell(stage: Stage) -> Told:
        told, sandbox = Told(), stage.sandbox
        if hours:
            (stage.folder / "byodkim.toml").write_text("[default]\nrollback_after_hours = 24\n", "utf-8")
        sandbox.set_knobs(blind_in=blind, aws_latency_ms=150)
        words = ("-p", "target", "sandbox", "-p", "endpoint_url", sandbox.facts.endpoint_url, "-p", "mode", "apply")
        command = stage.runner.command(*words, "-r", "selector", NEXT, name="outputs/killed.ipynb")
        with subprocess.Popen(
            command, cwd=stage.folder, env=stage.runner.environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as papermill:  # fmt: skip

            def come(lines: list[str]) -> bool:
                found = [json.loads(line) for line in lines if line.endswith("\n")]
                return any(one["event"] == event and one.get("place", "") == place for one in found)

            journal_once(stage.folder / "outputs", come)
            kernel, _ = kernel_and_custodian(papermill.pid)
            kernel.send_signal(signal.SIGKILL)
            papermill.wait(30)
        sandbox.set_knobs(aws_latency_ms=0)
        told.puts["killed"] = writes(sandbox)
        if hours:
            sandbox.advance(timedelta(hours=hours))
        told.add(stage, "next", stage.apply())
        told.said["verified"] = byodkim(stage, "verify", "outputs")
        told.said["record"] = byodkim(stage, "record", "outputs/killed.ipynb")
        told.said["page"] = (stage.folder / "outputs/killed.html").read_text("utf-8")
        return told

    return tell


def locked(stage: Stage) -> Told:
    """Somebody else is at work in the second place; then they are not."""
    told = Told()
    port = stage.sandbox.facts.endpoint_url.rpartition(":")[2]
    path = stage.folder / "outputs/.locks" / f"{stage.sandbox.facts.domain}.{SECOND.replace('/', '.')}.{port}.json"
    held = LockFile(path)
    held.take(lambda token: Holder("another-run", "arn:aws:sts::123456789012:user/sato", "h", "m", 1, "now", token))
    told.add(stage, "refused", stage.apply())
    held.release()
    told.add(stage, "free", stage.apply())
    return told


def approved(stage: Stage) -> Told:
    """The plan for all places is approved; another one, which leaves the further ones out, is not it."""
    told = Told()
    profile(stage, 1, "tanaka")
    alone = told.add(stage, "alone", stage.run("-r", "places", "none"))
    whole = told.add(stage, "whole", stage.run())
    for ran in (alone, whole):
        done = approve(stage, ran, "tanaka", "--yes")
        told.said[run_id(ran)] = f"{done.returncode}\n{done.stdout}"
    told.add(stage, "none", stage.apply())
    told.add(stage, "other", stage.apply("-r", "approved", run_id(alone)))
    told.add(stage, "apply", stage.apply("-r", "approved", run_id(whole)))
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


def by_profile(stage: Stage) -> Told:
    """The profile's places, on what the run takes for AWS: another account is signed in to by a profile of its own."""
    told, aws = Told(), AwsStage(stage)
    (stage.folder / "aws.ini").write_text(
        "[profile wrong]\naws_access_key_id = sandbox\naws_secret_access_key = s\n"
        "[profile mail-eu]\naws_access_key_id = sandbox-111122223333\naws_secret_access_key = s\n"
    )
    env = {"AWS_CONFIG_FILE": str(stage.folder / "aws.ini")}
    for name in ("wrong", "mail-eu"):
        aws.profile(section="default")
        with (stage.folder / "byodkim.toml").open("a") as file:
            other = f'{{region = "eu-west-1", account = "111122223333", aws_profile = "{name}"}}'
            file.write(f'places = [{{region = "us-east-1"}}, {other}]\n')
        told.add(stage, name, aws.apply(env=env))
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


def retired(stage: Stage) -> Told:
    """The selector that was left is to be retired: first while one account still signs with it, then it is free."""
    told, facts = Told(), stage.sandbox.facts
    stage.apply()
    ses = ses_in(stage.sandbox, "eu-west-1", "sandbox-111122223333")
    put(ses, CURRENT, "QUJDREVG")
    target = ("-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url, "-r", "selector", CURRENT)
    for name in ("used", "free"):
        told.add(stage, name, stage.runner.papermill(*target, notebook="notebooks/retire.ipynb"))
        put(ses, NEXT, "QUJDREVG")
    told.said["verified"] = byodkim(stage, "verify", "outputs")
    return told


STORIES: dict[str, Callable[[Stage], Told]] = {
    "pending": pending,
    "through": through,
    "japanese": japanese,
    "chosen": chosen,
    "lacking": lacking,
    "refused": over(refuse(400, "BadRequestException")),
    "unclear": over(refuse(500, "InternalFailure")),
    "applied": over(applied_then(refuse(500, "InternalFailure"))),
    "between": killed("", "waited"),
    "in the second": killed(SECOND, "answer", blind=SECOND, hours=25),
    "locked": locked,
    "approved": approved,
    "profile": by_profile,
    "retired": retired,
}


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> dict[str, Future[Told]]:
    return {name: troupe.begin(name.replace(" ", "-"), story, "places") for name, story in STORIES.items()}


def test_a_plan_covers_all_places_and_writes_nothing(told: dict[str, Future[Told]]) -> None:
    story = told["through"].result()
    plan = story.runs["plan"]
    assert (plan.outcome, plan.returncode, story.puts["plan"]) == ("PLANNED", 0, {})
    assert story.outcomes("plan") == ["PLANNED"] * 3
    shown = plan.shown("steps.plan")
    assert [shown.count(f"{place}  {CURRENT}  {NEXT}") for place in PLACES] == [1, 1, 1]
    assert plan.event("united")["plan"]["digest"] in shown
    assert {f"{place} plan" for place in PLACES} <= plan.event("united")["plan"]["relies_on"].keys()


def test_all_places_switch_in_their_order_in_one_record(told: dict[str, Future[Told]]) -> None:
    story = told["through"].result()
    ran = story.runs["apply"]
    assert (ran.outcome, ran.returncode) == ("SWITCHED", 0), ran.stderr
    assert story.puts["apply"] == dict.fromkeys(PLACES, 1)
    assert story.outcomes("apply") == ["SWITCHED"] * 3
    order = [
        (event["event"], event.get("place", OWN)) for event in ran.events if event["event"] in ("intent", "waited")
    ]
    assert order == [(event, place) for place in PLACES for event in ("intent", "waited")]
    assert f"example.jp signs with {NEXT} in all 3 places" in ran.headline
    answered = [event["answer"]["request_id"] for event in ran.events if event["event"] == "answer"]
    assert all(request_id in ran.headline for request_id in answered)
    assert story.said["there"].startswith("0\n"), story.said["there"]
    assert story.said["there"].count("VERIFIED") == 3


def test_each_place_is_looked_at_again_right_before_its_write(told: dict[str, Future[Told]]) -> None:
    events = told["through"].result().runs["apply"].events
    for place in PLACES:
        own = [event["event"] for event in events if event.get("place", OWN) == place]
        write = own.index("intent")
        assert own[write - 3 : write] == ["observed", "checked", "planned"]


def test_another_account_is_reached_with_its_own_credentials(told: dict[str, Future[Told]]) -> None:
    ran = told["through"].result().runs["apply"]
    callers = {event.get("place", OWN): event["caller"] for event in ran.events if event["event"] == "caller"}
    assert [callers[place]["account"] for place in PLACES] == [place.partition("/")[0] for place in PLACES]
    assert [callers[place]["region"] for place in PLACES] == [place.partition("/")[2] for place in PLACES]


def test_again_nothing_is_written(told: dict[str, Future[Told]]) -> None:
    story = told["through"].result()
    assert (story.runs["again"].outcome, story.puts["again"]) == ("UNCHANGED", dict.fromkeys(PLACES, 1))
    earlier = run_id(story.runs["apply"])
    begin = story.runs["again"].event("begin")
    assert [begin["previous"]["run"], *(one["previous"]["run"] for one in begin["places"])] == [earlier] * 3
    assert [one["previous"]["outcome"] for one in begin["places"]] == ["SWITCHED"] * 2


def test_one_command_goes_back_everywhere(told: dict[str, Future[Told]]) -> None:
    story = told["through"].result()
    assert f"-r selector {CURRENT}" in story.runs["apply"].headline
    assert (story.runs["back"].outcome, story.selectors["back"]) == ("SWITCHED", [CURRENT] * 3)
    assert story.puts["back"] == dict.fromkeys(PLACES, 2)
    assert story.said["back"].startswith("0\n"), story.said["back"]


def test_a_change_by_hand_in_a_further_place_is_seen(told: dict[str, Future[Told]]) -> None:
    said = told["through"].result().said["by hand"]
    assert said.startswith("1\n")
    (off,) = (line for line in said.splitlines() if line.startswith("OFF"))
    assert f"{CURRENT} -> by-hand" in off


def test_a_run_of_what_was_a_further_place_follows(told: dict[str, Future[Told]]) -> None:
    story = told["through"].result()
    begin = story.runs["in the second"].event("begin")
    assert begin["previous"]["run"] == run_id(story.runs["after"])
    assert "places" not in begin


def test_a_record_of_one_place_is_as_it_was(told: dict[str, Future[Told]]) -> None:
    ran = told["chosen"].result().runs["none"]
    assert (ran.outcome, ran.returncode) == ("SWITCHED", 0)
    assert not ran.has("united")
    assert all("place" not in event and "places" not in event for event in ran.events)
    assert ran.event("begin")["parameters"]["places"] == {"value": "none", "source": "parameter"}


def test_places_can_be_chosen_and_the_next_run_does_the_rest(told: dict[str, Future[Told]]) -> None:
    story = told["chosen"].result()
    assert (story.runs["unknown"].returncode, story.puts["unknown"]) == (1, {})
    assert "us-west-2" in story.runs["unknown"].paragraph
    assert story.puts["none"] == {OWN: 1}
    assert story.puts["one"] == {OWN: 1, SECOND: 1}
    assert story.runs["one"].event("closed")["places"] == {OWN: "UNCHANGED", SECOND: "SWITCHED"}
    assert story.puts["rest"] == dict.fromkeys(PLACES, 1)
    assert story.outcomes("rest") == ["UNCHANGED", "UNCHANGED", "SWITCHED"]
    assert story.runs["rest"].outcome == "SWITCHED"
    assert story.said["verified"].startswith("0\n"), story.said["verified"]


def test_a_check_that_fails_in_one_place_refuses_all(told: dict[str, Future[Told]]) -> None:
    story = told["lacking"].result()
    ran = story.runs["refused"]
    assert (ran.outcome, ran.returncode, story.puts["refused"]) == ("REFUSED", 1, {})
    assert f"{SECOND}: SES-EXISTS" in ran.paragraph
    assert story.outcomes("refused") == ["PLANNED", "REFUSED", "PLANNED"]
    assert story.said["verified"].startswith("0\n"), story.said["verified"]


def test_what_is_pending_stops_the_sequence_and_the_next_run_completes_it(told: dict[str, Future[Told]]) -> None:
    story = told["pending"].result()
    first, second = story.runs["first"], story.runs["second"]
    assert (first.outcome, first.returncode) == ("SWITCHED-PENDING", 1), first.stderr
    assert story.puts["first"] == {OWN: 1, SECOND: 1}
    assert story.outcomes("first") == ["SWITCHED", "SWITCHED-PENDING", "PLANNED"]
    assert f"{OWN}: signs with {NEXT}, verified." in first.headline
    assert f"{SECOND}: has {NEXT}, not verified yet (PENDING)." in first.headline
    assert f"{THIRD}: still {CURRENT}, not written." in first.headline
    assert "Both key records must stay published." in first.headline
    assert f"{SECOND}: " in first.paragraph
    assert (second.outcome, second.returncode) == ("SWITCHED", 0), second.stderr
    assert story.outcomes("second") == ["UNCHANGED", "SWITCHED", "SWITCHED"]
    assert story.puts["second"] == dict.fromkeys(PLACES, 1)
    assert story.said["verified"].startswith("0\n"), story.said["verified"]


@pytest.mark.parametrize(
    ("name", "first", "second", "wrote"),
    [
        ("refused", ["SWITCHED", "FAILED", "PLANNED"], ["UNCHANGED", "SWITCHED", "SWITCHED"], {OWN: 1}),
        ("unclear", ["SWITCHED", "FAILED", "PLANNED"], ["UNCHANGED", "SWITCHED", "SWITCHED"], {OWN: 1}),
        ("applied", ["SWITCHED", "SWITCHED", "SWITCHED"], ["UNCHANGED"] * 3, dict.fromkeys(PLACES, 1)),
    ],
)  # fmt: skip
def test_each_place_is_written_once_whatever_the_second_answers(
    told: dict[str, Future[Told]], name: str, first: list[str], second: list[str], wrote: dict[str, int]
) -> None:
    story = told[name].result()
    assert (story.outcomes("first"), story.outcomes("second")) == (first, second)
    assert (story.puts["first"], story.puts["second"]) == (wrote, dict.fromkeys(PLACES, 1))
    assert story.said["verified"].startswith("0\n"), story.said["verified"]
    if name == "applied":
        return
    ran = story.runs["first"]
    assert (ran.outcome, ran.returncode) == ("FAILED", 1)
    assert f"{SECOND}: still {CURRENT}, the write was not taken." in ran.headline
    assert f"{THIRD}: still {CURRENT}, not written." in ran.headline
    assert "Both key records must stay published." in ran.headline
    assert f"{SECOND}: SES did not take the write" in ran.paragraph
    assert f"{SECOND}: nothing: the write was not taken" in ran.headline
    assert f"{SECOND}: yes: mail is signed as before" in ran.headline


def test_killed_between_two_places_each_is_written_once(told: dict[str, Future[Told]]) -> None:
    story = told["between"].result()
    assert story.puts["killed"] == {OWN: 1}
    assert (story.runs["next"].outcome, story.runs["next"].returncode) == ("SWITCHED", 0)
    assert story.outcomes("next") == ["SWITCHED"] * 3  # the first one completes what the killed run began
    assert story.puts["next"] == dict.fromkeys(PLACES, 1)
    assert story.said["verified"].startswith("0\n"), story.said["verified"]
    assert "SES has" in story.said["record"] or "not known" in story.said["record"]


def test_a_place_that_is_not_verified_in_time_goes_back_by_itself(told: dict[str, Future[Told]]) -> None:
    story = told["in the second"].result()
    ran = story.runs["next"]
    assert story.puts["killed"] == {OWN: 1, SECOND: 1}
    assert (ran.outcome, ran.returncode) == ("FAILED", 1), ran.stderr
    assert story.outcomes("next") == ["SWITCHED", "ROLLED-BACK", "PLANNED"]
    assert f"{SECOND}: was given back to {CURRENT}" in ran.headline
    assert story.puts["next"] == {OWN: 1, SECOND: 2}
    assert story.selectors["next"] == [NEXT, CURRENT, CURRENT]
    assert "Both key records must stay published." in ran.headline
    assert story.said["verified"].startswith("0\n"), story.said["verified"]


def test_who_is_at_work_in_one_place_keeps_all_from_being_written(told: dict[str, Future[Told]]) -> None:
    story = told["locked"].result()
    assert (story.runs["refused"].outcome, story.puts["refused"]) == ("REFUSED", {})
    assert f"{SECOND}: PLAN-LOCK" in story.runs["refused"].paragraph
    assert "another-run" in story.runs["refused"].paragraph
    assert story.runs["free"].outcome == "SWITCHED"


def test_an_approval_is_of_the_plan_for_all_places(told: dict[str, Future[Told]]) -> None:
    story = told["approved"].result()
    for name in ("none", "other"):
        ran = story.runs[name]
        assert (ran.outcome, ran.failed(), story.puts[name]) == ("REFUSED", {"PLAN-APPROVED"}, {}), name
    assert story.runs["apply"].outcome == "SWITCHED", story.runs["apply"].stderr
    digest = story.runs["whole"].event("united")["plan"]["digest"]
    assert story.runs["apply"].event("united")["plan"]["digest"] == digest
    assert digest in story.said[run_id(story.runs["whole"])]
    assert "approvals" not in story.said["verified"], story.said["verified"]
    assert story.said["verified"].count("VERIFIED") == 5


def test_the_profile_names_places_and_the_account_of_each_is_looked_at(told: dict[str, Future[Told]]) -> None:
    story = told["profile"].result()
    wrong, right = story.runs["wrong"], story.runs["mail-eu"]
    assert (wrong.outcome, wrong.returncode, story.puts["wrong"]) == ("REFUSED", 1, {})
    assert f"{THIRD}: SES-ACCOUNT" in wrong.paragraph
    assert (right.outcome, right.returncode) == ("SWITCHED", 0), right.stderr
    assert story.puts["mail-eu"] == dict.fromkeys(PLACES, 1)
    assert right.event("begin")["places"][1]["aws_profile"] == "mail-eu"
    assert right.event("begin")["parameters"]["places"] == {"value": f"{SECOND}, {THIRD}", "source": "profile"}


def test_in_japanese(told: dict[str, Future[Told]]) -> None:
    story = told["japanese"].result()
    ran = story.runs["apply"]
    assert (ran.outcome, ran.returncode) == ("SWITCHED", 0)
    assert f"example.jp は 3 か所すべてで {NEXT} で署名しています" in ran.headline
    assert story.said["verified"].startswith("0\n"), story.said["verified"]


def test_what_another_account_signs_with_is_not_retired(told: dict[str, Future[Told]]) -> None:
    story = told["retired"].result()
    used, free = story.runs["used"], story.runs["free"]
    assert (used.outcome, used.verdicts["SES-UNUSED"]) == ("REFUSED", "FAIL")
    assert f"in use in {THIRD}" in used.paragraph
    assert free.verdicts["SES-UNUSED"] == "PASS"
    assert story.said["verified"].count("VERIFIED") == 3, story.said["verified"]


def test_the_site_shows_the_places_and_the_past_of_each(told: dict[str, Future[Told]]) -> None:
    story = told["through"].result()
    assert story.said["site"].startswith("0\n"), story.said["site"]
    pages = story.said["pages"]
    assert "and 2 more places" in pages
    assert all(f"{place}</h2>" in pages for place in (SECOND, THIRD))


@pytest.mark.parametrize("change", ["dropped", "edited", "outcome"])
def test_a_changed_event_of_a_further_place_is_seen(told: dict[str, Future[Told]], tmp_path: Path, change: str) -> None:
    """Each line's hash is made anew after the change, as somebody would who knows how a journal is chained."""
    ran = told["through"].result().runs["apply"]
    events = ran.events
    place = next(n for n, one in enumerate(events) if one["event"] == "read" and one.get("place") == SECOND)
    if change == "dropped":
        del events[place]
    elif change == "edited":
        events[place]["identity"]["selectors"] = ["mail-20260101-1"]
    else:
        events[-1]["places"][SECOND] = "FAILED"
    for name in ran.files:
        (tmp_path / Path(name).name).write_bytes((ran.folder / name).read_bytes())
    head, lines = FIRST, []
    for number, event in enumerate(events):
        line = canonical({**event, "n": number, "previous_line": head}).encode() + b"\n"
        lines.append(line)
        head = hashlib.sha256(line).hexdigest()
    (tmp_path / ran.journal_path.name).write_bytes(b"".join(lines))
    done = subprocess.run([BYODKIM, "verify", str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stdout
    assert "OFF" in done.stdout
    assert "otherwise than AWS or DNS answered" in done.stdout or change != "edited", done.stdout
