"""Two Regions of one account, and one of another: they rotate in one run, in order, with one record."""

from __future__ import annotations

import hashlib
import subprocess
from concurrent.futures import Future
from pathlib import Path

import pytest

from byodkim.evidence.journal import FIRST, canonical
from tests.notebooks.place_stories import (
    BYODKIM,
    CURRENT,
    NEXT,
    OWN,
    PLACES,
    SECOND,
    STORIES,
    THIRD,
    Told,
)
from tests.notebooks.stage import Troupe
from tests.notebooks.test_approved import run_id


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
        (event["event"], event.get("at_place", OWN)) for event in ran.events if event["event"] in ("intent", "waited")
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
        own = [event["event"] for event in events if event.get("at_place", OWN) == place]
        write = own.index("intent")
        assert own[write - 3 : write] == ["observed", "checked", "planned"]


def test_another_account_is_reached_with_its_own_credentials(told: dict[str, Future[Told]]) -> None:
    ran = told["through"].result().runs["apply"]
    callers = {event.get("at_place", OWN): event["caller"] for event in ran.events if event["event"] == "caller"}
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
    assert all("at_place" not in event and "places" not in event for event in ran.events)
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
    taken = "SES has not taken the write within 3 s" if name == "unclear" else "SES did not take the write"
    assert f"{SECOND}: {taken}" in ran.paragraph
    if name == "unclear":
        assert f"{SECOND}: not known yet: SES still has {CURRENT}, and until 20" in ran.headline
        return
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
    assert story.said["verified"].count("approvals") == story.said["verified"].count("approvals: 1 of 1") == 1
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
    place = next(n for n, one in enumerate(events) if one["event"] == "read" and one.get("at_place") == SECOND)
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
