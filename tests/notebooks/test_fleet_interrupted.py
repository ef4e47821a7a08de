"""Campaigns that are stopped, killed, throttled, in lanes or a command a wave, and gone on with."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from concurrent.futures import Future
from pathlib import Path

import pytest

from byodkim.display.frames import of_run
from byodkim.evidence.record import Record
from byodkim.fleet.runner import under_way
from byodkim.sandbox.client import Sandbox
from tests.notebooks import outside
from tests.notebooks.fleets import (
    AT_ONCE,
    Campaign,
    Told,
    alone,
    begun,
    fleet,
    journals,
    lines,
    puts,
    ready,
    selectors,
    sound,
    told,
    until,
    verify,
    written,
)
from tests.notebooks.stage import Stage, Troupe
from tests.notebooks.wire import PUT, Wire, refuse

pytestmark = pytest.mark.prove
NEXT, CURRENT = "mail-20261124-1", "mail-20260912-1"


def tell_stopped(stage: Stage) -> Told:
    """One changes after the plan: it is left out and told as changed, and the next wave is not begun."""
    told_of = Told()
    some = ready(stage, 0, 1, 2, 4, 9, 10, selector=NEXT)
    rest = ("-r", "identities", some, "-r", "wave", "3", "-r", "canary", "1", *AT_ONCE)
    plan = told_of.runs["plan"] = fleet(stage, *rest)
    facts, drifting = stage.sandbox.facts, "d00002.example.jp"
    s3 = outside.client(facts, "s3")
    path = f"dkim-keys/{drifting}/{NEXT}/private_key.pem"
    pem = s3.get_object(Bucket=facts.key_bucket, Key=path)["Body"].read()
    s3.put_object(Bucket=facts.key_bucket, Key=path, Body=pem)  # the same key, another version
    s3.close()
    told_of.runs["stopped"] = fleet(stage, *rest, "-p", "mode", "apply", "-r", "approved", plan.run)
    told_of.runs["again"] = fleet(stage, *rest)
    told_of.runs["altered"] = _altered(stage, told_of.runs["again"], rest)
    told_of.seen |= {"puts": puts(stage.sandbox), "selectors": selectors(stage.sandbox), "verify": verify(stage)}
    return told_of


def _altered(stage: Stage, plan: Campaign, rest: tuple[str, ...]) -> Campaign:
    """An apply of a plan whose file somebody has changed since."""
    path = plan.journal.with_name(plan.journal.name.replace(".journal.jsonl", ".fleet.jsonl"))
    path.write_bytes(path.read_bytes().replace(b"d00009", b"d00008", 1))
    ran = fleet(stage, *rest, "-p", "mode", "apply", "-r", "approved", plan.run)
    path.write_bytes(path.read_bytes().replace(b"d00008", b"d00009", 1))
    return ran


def tell_interrupted(stage: Stage) -> Told:
    """Killed in a wave, stopped by a signal in the next, then gone on with to the end."""
    told_of = Told()
    rest = (
        "-r",
        "identities",
        ready(stage, 0, 1, 2, 4, 9, 10, 11),
        "-r",
        "selector",
        NEXT,
        "-r",
        "wave",
        "4",
        *AT_ONCE,
    )
    plan = fleet(stage, *rest)
    apply = (*rest, "-p", "mode", "apply", "-r", "approved", plan.run)
    known = journals(stage)
    process = begun(stage, *apply)
    until(stage, known, "started", 3)
    os.kill(process.pid, signal.SIGKILL)  # the command alone: custodians and runs live on
    process.communicate()
    told_of.runs["killed"] = killed = told(stage, -signal.SIGKILL, "", "")
    _runs_end(killed)
    told_of.seen["completed"] = killed.record.exists()
    told_of.seen["verify killed"] = verify(stage)
    known = journals(stage)
    process = begun(stage, *apply)
    until(stage, known, "started", 1)
    process.send_signal(signal.SIGTERM)
    said, complained = process.communicate(timeout=120)
    told_of.runs["stopped"] = told(stage, process.returncode, said, complained)
    told_of.runs["done"] = fleet(stage, *apply)
    told_of.seen |= {"puts": puts(stage.sandbox), "written": written(stage), "verify": verify(stage)}
    told_of.seen["selectors"] = selectors(stage.sandbox)
    return told_of


def _runs_end(killed: Campaign) -> None:
    """Waits until the runs that a killed campaign had begun have ended: their processes hold locks."""
    ends, folder = time.monotonic() + 120, killed.journal.parent
    while time.monotonic() < ends:
        if not any(under_way(folder / event["record"]) for event in killed.all("started")):
            return
        time.sleep(0.05)
    raise AssertionError("its runs do not end")


def tell_lanes(stage: Stage) -> Told:
    """Two lanes, each at a sandbox of its own: side by side, each with its canary."""
    told_of = Told()
    with Sandbox.start("fleet") as other:
        for one in (stage.sandbox, other):
            one.set_knobs(identities=30)
        urls = [stage.sandbox.facts.endpoint_url, other.facts.endpoint_url]
        rows = [f"d{number:05}.example.jp,{NEXT},{url}" for url, start in zip(urls, (0, 10), strict=True)
                for number in range(start, start + 3)]  # fmt: skip
        (stage.folder / "two.csv").write_text("\n".join(["domain,selector,endpoint_url", *rows]) + "\n")
        plan = fleet(stage, "-r", "identities", "two.csv", *AT_ONCE)
        told_of.runs["plan"] = plan
        apply = ("-p", "mode", "apply", "-r", "approved", plan.run, "-r", "identities", "two.csv")
        told_of.runs["applied"] = fleet(stage, *apply)
        told_of.seen["puts"] = (puts(stage.sandbox), puts(other))
        stage.sandbox.set_record(f"{NEXT}._domainkey.d00020.example.jp", "TXT", [])
        order = ((4, urls[0]), (4, urls[1]), (9, urls[1]), (9, urls[0]), (20, urls[0]), (20, urls[1]))
        rows = [f"d{number:05}.example.jp,{NEXT},{url}" for number, url in order]
        (stage.folder / "ordered.csv").write_text("\n".join(["domain,selector,endpoint_url", *rows]) + "\n")
        words = ("-r", "identities", "ordered.csv", *AT_ONCE)
        plan = told_of.runs["ordered plan"] = fleet(stage, *words)
        told_of.runs["ordered"] = fleet(stage, *words, "-p", "mode", "apply", "-r", "approved", plan.run)
        told_of.seen["verify"] = verify(stage)
    return told_of


def tell_waves(stage: Stage) -> Told:
    """A command a wave, of a lane; one for a lane that there is none of; then one for all that is left."""
    told_of = Told()
    some = ready(stage, 0, 1, 2, 4, 9, selector=NEXT)
    rest = ("-r", "identities", some, "-r", "wave", "2", "-r", "canary", "1", *AT_ONCE)
    plan = told_of.runs["plan"] = fleet(stage, *rest)
    apply = (*rest, "-p", "mode", "apply", "-r", "approved", plan.run)
    lane = ("-r", "lane", f"{stage.sandbox.facts.account}/{stage.sandbox.facts.region}")
    told_of.runs["elsewhere"] = fleet(stage, *apply, "-r", "lane", "999999999999/eu-west-1")
    for wave in (1, 2, 2):
        told_of.runs[f"wave {wave}"] = fleet(stage, *apply, *lane, "-p", "last_wave", str(wave))
        told_of.seen[f"puts {wave}"] = puts(stage.sandbox)
    told_of.runs["rest"] = fleet(stage, *apply)
    first, facts = told_of.runs["wave 1"].event("ended"), stage.sandbox.facts
    secret = facts.secret_id.replace(facts.domain, first["domain"])
    where = ("-r", "target", "sandbox", "-r", "endpoint_url", facts.endpoint_url, "-o", "outputs/later.ipynb")
    alone(stage, *where, "-r", "domain", first["domain"], "-r", "selector", NEXT, "-r", "secret_id", secret)
    (later,) = stage.folder.glob("outputs/later.*.journal.jsonl")
    told_of.seen["later"] = lines(later)
    told_of.seen["locks"] = [str(path.relative_to(stage.folder)) for path in stage.folder.rglob(".locks")]
    told_of.seen |= {"puts": puts(stage.sandbox), "verify": verify(stage), "written": written(stage)}
    return told_of


def tell_throttled(stage: Stage) -> Told:
    """SES refuses a write as one call too many, for good: that identity is run again, and no failure is counted."""
    told_of = Told()
    with Wire(stage.sandbox.facts.endpoint_url, {PUT: (refuse(429, "TooManyRequestsException"), 5)}) as wire:
        rest = (
            "-r",
            "identities",
            ready(stage, 0, 1),
            "-r",
            "selector",
            NEXT,
            "-r",
            "endpoint_url",
            wire.url,
            *AT_ONCE,
        )
        plan = fleet(stage, *rest)
        told_of.runs["done"] = fleet(stage, *rest, "-p", "mode", "apply", "-r", "approved", plan.run)
    told_of.seen |= {"puts": puts(stage.sandbox), "verify": verify(stage), "sent": wire.seen.count(PUT)}
    return told_of


def tell_declined(stage: Stage) -> Told:
    """SES refuses the canary's write for what it holds, and takes it the next time."""
    told_of = Told()
    faults = {PUT: (refuse(400, "BadRequestException"), 1)}
    with Wire(stage.sandbox.facts.endpoint_url, faults) as wire:
        some = ready(stage, 0, 1, 2)
        rest = ("-r", "identities", some, "-r", "selector", NEXT, "-r", "endpoint_url", wire.url, *AT_ONCE)
        plan = fleet(stage, *rest)
        apply = (*rest, "-p", "mode", "apply", "-r", "approved", plan.run)
        told_of.runs["declined"] = fleet(stage, *apply)
        told_of.runs["again"] = fleet(stage, *apply)
    told_of.seen |= {"puts": puts(stage.sandbox), "verify": verify(stage)}
    return told_of


STORIES = {
    "declined": tell_declined, "throttled": tell_throttled, "waves": tell_waves,
    "stopped": tell_stopped, "interrupted": tell_interrupted, "lanes": tell_lanes,
}  # fmt: skip


@pytest.fixture(scope="module")
def stories(troupe: Troupe) -> dict[str, Future[Told]]:
    return {name: troupe.begin(name, story, "fleet") for name, story in STORIES.items()}


@pytest.fixture(scope="module")
def stopped(stories: dict[str, Future[Told]]) -> Told:
    return stories["stopped"].result()


@pytest.fixture(scope="module")
def interrupted(stories: dict[str, Future[Told]]) -> Told:
    return stories["interrupted"].result()


@pytest.fixture(scope="module")
def lanes(stories: dict[str, Future[Told]]) -> Told:
    return stories["lanes"].result()


@pytest.fixture(scope="module")
def throttled(stories: dict[str, Future[Told]]) -> Told:
    return stories["throttled"].result()


def test_a_killed_campaign_s_notebook_is_left_alone_by_its_runs(interrupted: Told) -> None:
    """They end after it; whoever goes on with the campaign completes it. Before that it is open, which is all."""
    assert interrupted.seen["completed"] is False
    off = {
        one["run"]: [found["code"] for found in one["findings"] if found["fault"]]
        for one in json.loads(interrupted.seen["verify killed"].stdout)["runs"]
    }
    assert {run: codes for run, codes in off.items() if codes} == {interrupted.runs["killed"].run: ["open"]}
    assert interrupted.runs["killed"].record.exists()


def test_what_changed_since_the_plan_is_left_out_and_said_to_have_changed(stopped: Told) -> None:
    run = stopped.runs["stopped"]
    assert (run.code, run.outcome) == (1, "STOPPED")
    assert run.came == {
        "d00000.example.jp": "SWITCHED", "d00001.example.jp": "SWITCHED", "d00002.example.jp": "REFUSED",
        "d00004.example.jp": "SWITCHED",
    }  # fmt: skip
    (refused,) = [event for event in run.all("ended") if event["outcome"] == "REFUSED"]
    failures = of_run(Record(tuple(run.events)))["failures"].set_index("domain")
    assert failures["outcome"].to_dict() == {"d00002.example.jp": "REFUSED"}
    assert refused["why"].startswith("PLAN-APPROVED failed")
    assert "key.version: " in refused["why"]
    assert run.event("halted")["why"] == "failures"
    assert "Identities that failed: 1; the plan allows 0." in run.complained
    assert "1 of them needs a new plan and its approval all the same" in run.complained
    assert "-p mode apply" not in run.said


def test_a_plan_run_after_the_stop_has_what_is_left(stopped: Told) -> None:
    assert stopped.runs["again"].event("surveyed")["counts"] == {
        "ready": 3, "there": 3, "ses": 0, "dns": 0, "generator": 0, "wrong": 0, "unread": 0,
    }  # fmt: skip
    assert stopped.seen["puts"] == 3


def test_a_plan_that_was_altered_is_refused(stopped: Told) -> None:
    run = stopped.runs["altered"]
    assert (run.code, run.outcome) == (1, "REFUSED")
    paragraph = run.complained.strip().splitlines()[-1]
    assert paragraph.startswith("FLEET-PLAN failed")
    assert "the files of run" in run.complained


def test_a_killed_campaign_goes_on_with_nobody_lost_or_done_twice(interrupted: Told) -> None:
    killed, done = interrupted.runs["killed"], interrupted.runs["done"]
    assert killed.outcome == ""
    assert (done.code, done.outcome) == (0, "SWITCHED"), done.complained
    assert interrupted.seen["puts"] == 7
    assert set(interrupted.seen["written"].values()) == {1}
    assert interrupted.seen["selectors"][NEXT] == 7 + 1
    rows = done.table(".fleet.csv")
    assert Counter(row["outcome"] for row in rows) == {"SWITCHED": 7}
    assert len({row["record"] for row in rows}) == 7


def test_a_signal_lets_what_is_under_way_finish(interrupted: Told) -> None:
    run = interrupted.runs["stopped"]
    assert (run.code, run.outcome) == (128 + signal.SIGTERM, "STOPPED"), run.complained
    started = {event["number"] for event in run.all("started")}
    assert started <= {event["number"] for event in run.all("ended")}
    assert set(run.came.values()) == {"SWITCHED"}
    assert run.event("halted")["why"] == "asked"
    assert "-p mode apply -r approved" in run.said


def test_a_write_that_was_one_call_too_many_is_made_by_another_run(throttled: Told) -> None:
    run = throttled.runs["done"]
    assert (run.code, run.outcome) == (0, "SWITCHED"), run.complained
    ended = [(event["number"], event["outcome"], event["again"]) for event in run.all("ended")]
    assert ended == [(0, "FAILED", True), (0, "SWITCHED", False), (1, "SWITCHED", False)]
    assert (throttled.seen["sent"], throttled.seen["puts"]) == (7, 2)
    assert len({event["record"] for event in run.all("started")}) == 3
    sound(throttled)


def test_one_whose_write_ses_refused_clearly_is_tried_again_by_the_command_that_is_named(
    stories: dict[str, Future[Told]],
) -> None:
    told_of = stories["declined"].result()
    run, again = told_of.runs["declined"], told_of.runs["again"]
    assert (run.code, run.outcome, list(run.came.values())) == (1, "STOPPED", ["FAILED"])
    assert "Nothing was written for the other 3." in run.complained
    assert "-p mode apply -r approved" in run.said.rpartition("byodkim fleet")[2]
    assert (again.code, again.outcome, told_of.seen["puts"]) == (0, "SWITCHED", 3)
    sound(told_of)


def test_lanes_go_side_by_side_each_with_its_canary(lanes: Told) -> None:
    run = lanes.runs["applied"]
    assert (run.code, run.outcome) == (0, "SWITCHED"), run.complained
    found = run.event("laid")["lanes"]
    assert [[len(wave) for wave in lane["waves"]] for lane in found] == [[1, 2], [1, 2]]
    assert lanes.seen["puts"] == (3, 3)
    first = [event["number"] for event in run.all("started")][:2]
    assert {number for lane in found for number in lane["waves"][0]} == set(first)


def test_rows_of_a_domain_are_written_in_the_table_s_order_once_the_one_before_is_verified(lanes: Told) -> None:
    """One domain stands first in the one lane, the other in the other; the third's first row cannot be switched."""
    plan, run = lanes.runs["ordered plan"], lanes.runs["ordered"]
    assert (run.code, run.outcome) == (0, "SWITCHED"), run.complained
    assert plan.event("surveyed")["counts"]["dns"] == 2
    rows = [(row["domain"], row["stopping"]) for row in plan.table(".fleet.csv") if row["group"] == "dns"]
    assert sorted(rows) == [("d00020.example.jp", "DNS-PUBLISHED"), ("d00020.example.jp", "EARLIER")]
    order = [(event["event"], event["number"]) for event in run.events if event["event"] in ("started", "ended")]
    domains = [event["domain"] for event in run.all("started")]
    assert sorted(domains) == ["d00004.example.jp", "d00004.example.jp", "d00009.example.jp", "d00009.example.jp"]
    for later in (2, 3):
        (first,) = [one["number"] for one in run.all("started")[:2] if one["domain"] == _domain(run, later)]
        assert order.index(("ended", first)) < order.index(("started", later))


def _domain(run: Campaign, number: int) -> str:
    return next(str(one["domain"]) for one in run.all("started") if one["number"] == number)


def test_a_command_a_wave_does_that_wave_once_and_the_last_one_all_the_rest(stories: dict[str, Future[Told]]) -> None:
    told_of = stories["waves"].result()
    runs = told_of.runs
    assert (runs["elsewhere"].code, runs["elsewhere"].outcome, runs["elsewhere"].all("started")) == (1, "REFUSED", [])
    assert "FLEET-PLAN failed" in runs["elsewhere"].complained
    facts = runs["plan"].event("planned")["plan"]["relies_on"]
    (place,) = (name.removeprefix("place ") for name in facts if name.startswith("place "))
    assert "/".join(place.split()[:2]) in runs["elsewhere"].complained
    assert [(runs[name].code, runs[name].outcome) for name in ("wave 1", "wave 2", "rest")] == [(0, "SWITCHED")] * 3
    assert (told_of.seen["puts 1"], told_of.seen["puts 2"], told_of.seen["puts"]) == (1, 3, 5)
    assert runs["wave 2"].all("started") == []  # the second command for a wave that is done
    assert "the plan has more" in runs["wave 1"].said
    following = runs["wave 1"].said.rpartition("byodkim fleet")[2]
    assert "-r lane" in following
    assert "-p last_wave 2" in following
    assert "the plan has more" not in runs["rest"].said
    assert set(told_of.seen["written"].values()) == {1}
    sound(told_of)


def test_records_lie_by_wave_and_the_next_run_of_an_identity_follows_across_folders(
    stories: dict[str, Future[Told]],
) -> None:
    told_of = stories["waves"].result()
    runs = told_of.runs
    one = runs["wave 1"].event("ended")
    assert one["record"] == f"wave-001-canary/00000-{one['domain']}-{NEXT}.ipynb"
    assert {Path(each["record"]).parent.name for each in runs["wave 2"].event("resumed")["ended"]} == {
        "wave-001-canary", "wave-002"
    }  # fmt: skip
    assert len({run.journal.parent for name, run in runs.items() if name != "elsewhere"}) == 1
    later = told_of.seen["later"]
    assert later[0]["previous"]["run"] == one["run"]
    assert later[-1]["outcome"] == "UNCHANGED"
    assert told_of.seen["locks"] == ["outputs/.locks"]
    assert not list(runs["rest"].journal.parent.rglob(".running"))


def test_the_records_verify_together(stopped: Told, interrupted: Told, lanes: Told) -> None:
    for one in (stopped, interrupted, lanes):
        sound(one)
