"""Campaigns that are stopped, killed, throttled or a command a wave, and gone on with."""

from __future__ import annotations

import json
import signal
from collections import Counter
from concurrent.futures import Future
from pathlib import Path

import pytest

from second_edition.display import sections, words
from second_edition.display.notebook import frames
from tests.second_edition.events.noted import record_of
from tests.second_edition.notebooks.fleets import Told, sound
from tests.second_edition.notebooks.interruptions import CURRENT, NEXT, STORIES
from tests.second_edition.notebooks.stage import Troupe

pytestmark = pytest.mark.prove


@pytest.fixture(scope="module")
def stories(troupe: Troupe) -> dict[str, Future[Told]]:
    return {name: troupe.begin(name, story, "fleet") for name, story in STORIES.items()}


@pytest.fixture(scope="module")
def stopped(stories: dict[str, Future[Told]]) -> Told:
    return stories["stopped"].result()


@pytest.fixture(scope="module")
def interrupted(stories: dict[str, Future[Told]]) -> Told:
    return stories["interrupted"].result()


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
    record = record_of(*run.events)
    failures = frames(sections.all_of(record, words.of(record.begin)))["failures"].set_index("domain")
    assert failures["outcome"].to_dict() == {"d00002.example.jp": "REFUSED"}
    assert refused["why"].startswith("PLAN-APPROVED failed")
    assert "key.version: " in refused["why"]
    assert run.event("halted")["why"] == "failures"
    assert "Identities that failed: 1; the plan allows 0." in run.complained
    assert "These need a new plan and its approval all the same: d00002.example.jp." in run.complained
    assert "-p mode apply" not in run.said


def test_a_rollback_made_by_hand_stands_although_the_campaign_s_records_were_moved(
    stories: dict[str, Future[Told]],
) -> None:
    """SES shows again what the plan was made of: the identity's run would take the approved plan for still true."""
    told_of = stories["overtaken and moved"].result()
    run = told_of.runs["again"]
    assert list(told_of.runs["first"].came.values()) == ["SWITCHED-PENDING"]
    assert (run.code, run.outcome, run.all("started")) == (1, "STOPPED", []), run.complained
    (left,) = run.event("resumed")["ended"]
    assert left["why"].startswith("SES shows another selector than this campaign gave it")
    assert "says why" not in run.complained
    assert "Look at the records" not in run.complained
    assert f"These were left as they are, and need a new plan and its approval: {left['domain']}." in run.complained
    assert "May have been written" not in run.complained
    assert told_of.seen["selectors"][NEXT] == 1  # the one that signs with it from the beginning


def test_what_was_left_pending_and_finished_by_hand_can_be_taken_back(stories: dict[str, Future[Told]]) -> None:
    told_of = stories["finished by hand"].result()
    run = told_of.runs["again"]
    assert list(told_of.runs["first"].came.values()) == ["SWITCHED-PENDING"]
    assert list(run.came.values()) == ["UNCHANGED", "SWITCHED-PENDING"], run.complained
    assert [row["domain"] for row in run.table(".back.csv")] == list(run.came)
    sound(told_of)


def test_a_rollback_made_by_hand_is_not_overwritten(stories: dict[str, Future[Told]]) -> None:
    told_of = stories["overtaken"].result()
    run, by_hand = told_of.runs["again"], told_of.seen["back"]
    assert list(told_of.runs["first"].came.values()) == ["SWITCHED-PENDING"]
    assert by_hand[-1]["outcome"] == "SWITCHED"
    assert (run.code, run.outcome, list(run.came.values())) == (1, "STOPPED", ["REFUSED"]), run.complained
    why = run.event("ended")["why"]
    assert why.startswith("PLAN-APPROVED failed")
    assert f"run {by_hand[0]['run']}, which is not of this campaign, gave SES {CURRENT} on " in why
    assert told_of.seen["selectors"][NEXT] == 1  # the one that signs with it from the beginning
    (name,) = run.came
    assert f"its approval all the same: {name}. The record of each says why." in run.complained
    assert "Mended, a secret" not in run.complained
    sound(told_of)


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


def test_a_plan_that_no_trusted_key_signed_as_it_stands_is_refused(stopped: Told) -> None:
    """Else whoever may write to the folder would choose the waivers, the selectors and the name servers."""
    run = stopped.runs["forged"]
    assert (run.code, run.outcome, run.all("started")) == (1, "REFUSED", [])
    assert "FLEET-PLAN failed" in run.complained
    assert "is not as a key that is trusted has signed it" in run.complained


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


def test_what_a_run_that_nobody_signed_says_of_an_identity_counts_only_as_ses_shows_it(
    stories: dict[str, Future[Told]],
) -> None:
    run, seen = stories["invented"].result().runs["applied"], stories["invented"].result().seen
    assert len(run.event("resumed")["of"]) == 1
    assert (run.code, run.outcome) == (0, "SWITCHED"), run.complained
    assert run.came == {"d00000.example.jp": "SWITCHED", "d00001.example.jp": "SWITCHED"}
    assert (seen["written"].total(), seen["selectors"][NEXT]) == (3, 3 + 1)


def test_a_wave_waits_for_the_one_before_whatever_a_run_that_nobody_signed_says(
    stories: dict[str, Future[Told]],
) -> None:
    told = stories["hurried"].result()
    pending, again = told.runs["pending"], told.runs["again"]
    assert pending.came == again.came == {"d00000.example.jp": "SWITCHED-PENDING"}
    assert (again.outcome, len(again.event("resumed")["of"])) == ("STOPPED", 2), again.complained
    begun = told.runs["begun"]
    assert (begun.outcome, begun.came) == ("STOPPED", pending.came), begun.complained
    assert told.seen["written"].total() == 1


def test_what_the_campaign_wrote_and_ses_gave_up_on_is_said_to_be_written(stories: dict[str, Future[Told]]) -> None:
    told = stories["hurried"].result()
    for name, came in (("given up", {"d00000.example.jp": "REFUSED"}), ("refused", {})):
        run = told.runs[name]
        assert run.came == came, run.complained
        assert "Written by an earlier run of the campaign, and not seen verified: 1" in run.complained
        assert "nothing was written: 1" not in run.complained
        assert [row["domain"] for row in run.table(".back.csv")] == ["d00000.example.jp"]
        assert "a new plan and its approval all the same: d00000.example.jp" in run.complained
    assert "SUCCESS -> FAILED" in told.runs["given up"].event("ended")["why"]


def test_what_was_written_before_all_was_killed_is_said_to_be_written(stories: dict[str, Future[Told]]) -> None:
    """SES gave none of it up yet, and mail of it may be unsigned: its record is gone."""
    told = stories["killed"].result()
    assert [run.came for run in told.runs.values()] == [{"d00000.example.jp": "REFUSED"}, {}]
    for run in told.runs.values():
        assert "Written by an earlier run of the campaign, and not seen verified: 1" in run.complained
        assert "nothing was written: 1" not in run.complained
        assert [row["domain"] for row in run.table(".back.csv")] == ["d00000.example.jp"]
    assert told.seen["written"].total() == 1


def test_one_whose_run_did_not_come_to_see_ses_is_run_again_by_the_same_command(
    stories: dict[str, Future[Told]],
) -> None:
    """No new plan is needed: what SES has, and whether it has to be written, the next run sees."""
    told = stories["unseen"].result()
    run, again = told.runs["unseen"], told.runs["again"]
    assert run.came == {"d00000.example.jp": ""}
    assert "May have been written; their runs did not end verified" in run.complained
    assert "It also runs d00000.example.jp again, and looks first at what SES has." in run.complained
    assert "new plan" not in run.complained
    assert "Written by an earlier run" not in run.complained
    assert "-p mode apply -r approved" in run.said.rpartition("byodkim fleet")[2]
    assert again.came == {"d00000.example.jp": "SWITCHED-PENDING"}, again.complained
    assert [row["domain"] for row in again.table(".back.csv")] == ["d00000.example.jp"]
    assert told.seen["written"].total() == 1


def test_a_campaign_began_with_the_first_run_that_a_trusted_key_signed(stories: dict[str, Future[Told]]) -> None:
    """By that time its approvals count: whoever may only write to the folder revives none that have expired."""
    invented, waves = (stories[name].result().runs for name in ("invented", "waves"))
    assert invented["applied"].event("recalled")["began"] > invented["applied"].event("begin")["at"]
    assert waves["rest"].event("recalled")["began"] == waves["wave 1"].event("begin")["at"]


def test_a_signal_lets_what_is_under_way_finish(interrupted: Told) -> None:
    run = interrupted.runs["stopped"]
    assert (run.code, run.outcome) == (128 + signal.SIGTERM, "STOPPED"), run.complained
    started = {event["number"] for event in run.all("started")}
    assert started <= {event["number"] for event in run.all("ended")}
    assert set(run.came.values()) == {"SWITCHED"}
    assert run.event("halted")["why"] == "asked"
    assert "-p mode apply -r approved" in run.said


def test_a_write_that_was_one_call_too_many_is_made_by_another_run(stories: dict[str, Future[Told]]) -> None:
    throttled = stories["throttled"].result()
    run = throttled.runs["done"]
    assert (run.code, run.outcome) == (0, "SWITCHED"), run.complained
    ended = [(event["number"], event["outcome"], event["again"]) for event in run.all("ended")]
    assert ended == [(0, "FAILED", True), (0, "SWITCHED", False), (1, "SWITCHED", False)]
    assert (throttled.seen["sent"], throttled.seen["puts"]) == (7, 2)
    assert len({event["record"] for event in run.all("started")}) == 3
    sound(throttled)


def test_a_command_a_wave_does_that_wave_once_and_the_last_one_all_the_rest(stories: dict[str, Future[Told]]) -> None:
    told_of = stories["waves"].result()
    runs = told_of.runs
    names = ("wave 1", "wave 2", "again", "rest")
    assert [(runs[name].code, runs[name].outcome) for name in names] == [(0, "SWITCHED")] * 4
    assert [told_of.seen[f"puts {name}"] for name in names[:3]] + [told_of.seen["puts"]] == [1, 3, 3, 5]
    # The second command for a wave that is done says nothing of those that it has not asked SES about.
    assert (runs["again"].all("started"), runs["again"].event("recalled")["counts"]["switched"]) == ([], 1)
    assert [one["number"] for one in runs["again"].event("resumed")["ended"]] == [
        runs["wave 1"].event("ended")["number"]
    ]
    assert "The plan has more" in runs["wave 1"].said
    following = runs["wave 1"].said.rpartition("byodkim fleet")[2]
    assert "-p last_wave 2" in following
    assert "The plan has more" not in runs["rest"].said
    assert set(told_of.seen["written"].values()) == {1}
    sound(told_of)


def test_records_lie_by_wave_and_the_next_run_of_an_identity_follows_across_folders(
    stories: dict[str, Future[Told]],
) -> None:
    told_of = stories["waves"].result()
    runs = told_of.runs
    one = runs["wave 1"].event("ended")
    assert one["record"] == f"wave-001-canary/00000-{one['domain']}-{NEXT}.ipynb"
    assert {Path(each["record"]).parent.name for each in runs["rest"].event("resumed")["ended"]} == {
        "wave-001-canary", "wave-002"
    }  # fmt: skip
    assert len({run.journal.parent for run in runs.values()}) == 1
    later = told_of.seen["later"]
    assert later[0]["previous"]["run"] == one["run"]
    assert later[-1]["outcome"] == "UNCHANGED"
    assert (runs["after it"].outcome, runs["after it"].all("started")) == ("SWITCHED", [])  # it changed nothing
    assert told_of.seen["locks"] == ["outputs/.locks"]
    assert not list(runs["rest"].journal.parent.rglob(".running"))


def test_the_records_verify_together(stopped: Told, interrupted: Told) -> None:
    for one in (stopped, interrupted):
        sound(one)


def test_one_whose_write_ses_refused_clearly_is_tried_again_by_the_command_that_is_named(
    stories: dict[str, Future[Told]],
) -> None:
    told_of = stories["declined"].result()
    run, again = told_of.runs["declined"], told_of.runs["again"]
    assert (run.code, run.outcome, list(run.came.values())) == (1, "STOPPED", ["FAILED"])
    assert "Begun, and nothing was written: 1." in run.complained
    assert "Not begun, and nothing was written: 2." in run.complained
    assert "-p mode apply -r approved" in run.said.rpartition("byodkim fleet")[2]
    assert (again.code, again.outcome, told_of.seen["puts"]) == (0, "SWITCHED", 3)
    sound(told_of)
