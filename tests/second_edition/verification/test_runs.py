"""Runs dropped, swapped, added; SES changed between them; and what only a head that was written down shows."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from second_edition.evidence import journal
from second_edition.evidence.heads import missing
from second_edition.evidence.journal import ForeignEvent
from second_edition.evidence.seal import seal_path
from second_edition.evidence.verification_chain import newest
from tests.second_edition.evidence import answered, pasts
from tests.second_edition.rotation.world import CURRENT, NEXT
from tests.second_edition.verification.judged import CHAIN, codes, faults, files_of, given, journal_of, judge
from tests.second_edition.verification.made import (
    Change,
    Events,
    cut,
    events_of,
    follow,
    forge,
    gone,
    put,
    reseal,
    shift,
    stop,
    without,
    write,
)

NAMES = [name for name, _ in CHAIN]


def drop(chain: Path, name: str) -> None:
    for path in files_of(chain, name):
        path.unlink()


@pytest.mark.parametrize(("name", "next_"), list(pairwise(NAMES)))
def test_a_run_dropped_from_the_chain(chain: Path, name: str, next_: str) -> None:
    drop(chain, name)
    assert faults(judge(chain)) == {next_: {"previous-missing"}}


def test_an_older_head_does_not_know_of_what_came_later_and_still_holds(chain: Path) -> None:
    runs = judge(chain)
    assert newest(runs) == {runs[-1].run: runs[-1].head}
    for name in ("back", "again"):
        drop(chain, name)
    older = {runs[1].run: runs[1].head}
    assert faults(judge(chain, heads=older)) == {}
    assert missing(judge(chain), given(older)) == []


@pytest.mark.parametrize(("one", "other"), [("plan", "apply"), ("apply", "back"), ("again", "back")])
def test_two_runs_swapped(chain: Path, one: str, other: str) -> None:
    """Their contents under each other's names: of journals, of seals, of notebooks, of all three."""
    pairs = [
        (journal_of(chain, one), journal_of(chain, other)),
        (seal_path(journal_of(chain, one)), seal_path(journal_of(chain, other))),
        (chain / f"{one}.ipynb", chain / f"{other}.ipynb"),
    ]
    for swap in (pairs[:1], pairs[1:2], pairs[2:], pairs):
        for mine, theirs in swap:
            exchange(mine, theirs)
        assert {one, other} <= faults(judge(chain)).keys()
        for mine, theirs in swap:
            exchange(mine, theirs)
    assert faults(judge(chain)) == {}


def exchange(one: Path, other: Path) -> None:
    mine, theirs = one.read_bytes(), other.read_bytes()
    one.write_bytes(theirs)
    other.write_bytes(mine)


def test_a_run_added_in_the_middle_even_with_the_key(chain: Path) -> None:
    """It follows the plan, as the run that was there did; each would have seen the other."""
    again = events_of(journal_of(chain, "again"))[0]["at"]
    began = again[:19].replace("-", "").replace(":", "")
    follow(chain, "added", after="plan", at=f"{began[:4]}1231T235959Z-ffff")
    assert faults(judge(chain))["added"] >= {"forked"}


def found_before(chain: Path, **identity: Any) -> None:
    """The last run as if it had found the identity otherwise; nothing raw contradicts it, and no notebook does."""
    path = journal_of(chain, "back")
    events = events_of(path)
    seen = [event["observation"]["identity"] for event in events if event["event"] == "observed"]
    calls = [call for event in events for call in event.get("calls", ()) if call["operation"] == "GetEmailIdentity"]
    for facts, call in zip(seen, calls, strict=False):
        facts |= identity
        call["raw"] = {"body": answered.body(facts)}
    write(path, events)
    reseal(path)
    (chain / "back.ipynb").unlink()


@pytest.mark.parametrize(
    ("identity", "told"),
    [
        ({"selectors": ["mail-20200101-1"]}, ["selectors: mail-20261124-1 -> mail-20200101-1"]),
        ({"signing_enabled": False}, ["signing_enabled: true -> false"]),
        # What SES changes by itself, or keeps to itself, is no change between.
        ({"status": "PENDING"}, []),
        ({"selectors": []}, []),
        ({"verified_for_sending": False}, []),
    ],
)
def test_what_somebody_changed_of_ses_between_two_runs_is_told(
    chain: Path, identity: dict[str, Any], told: list[str]
) -> None:
    found_before(chain, **identity)
    runs = judge(chain)
    assert faults(runs) == ({"back": {"changed-between"}} if told else {})
    found = [one.text for run in runs for one in run.findings if one.code == "changed-between"]
    assert [text in one for text, one in zip(told, found, strict=True)] == [True] * len(told)


@pytest.mark.parametrize(("minutes", "codes_of_third"), [(3, {"landed-late"}), (40, {"changed-between"})])
def test_a_write_that_lands_after_a_later_run_had_looked_is_that_of_the_run_that_made_it(
    tmp_path: Path, minutes: int, codes_of_third: set[str]
) -> None:
    """A write without an answer; a run that looks when it may still land; and one that finds the selector in SES."""
    cut = pasts.Told(unclear=True, outcome="FAILED", status="SUCCESS")
    looked = replace(cut, day=minutes / 1440, asked=CURRENT, outcome="UNCHANGED", writes=False, unclear=False)
    found = replace(looked, day=1, asked=NEXT, before=NEXT)
    pasts.write_all(tmp_path, [cut, looked, found])
    *_, third = sorted(judge(tmp_path), key=lambda one: one.run)
    assert {one.code for one in third.findings} & {"landed-late", "changed-between"} == codes_of_third
    assert any(cut.run in one.text for one in third.findings) == (codes_of_third == {"landed-late"})


def test_what_a_run_that_nobody_signed_says_it_gave_ses_is_its_word_alone(tmp_path: Path) -> None:
    """A run that was killed after its write, or somebody's journal that hides what they gave SES."""
    found = pasts.Told(day=1, before=NEXT, asked=NEXT, outcome="UNCHANGED", writes=False)
    killed, _ = pasts.write_all(tmp_path, [pasts.Told(), found])
    assert "changed-unsigned" not in codes(sorted(judge(tmp_path), key=lambda one: one.run)[1])
    seal_path(killed).unlink()
    events = events_of(killed)
    intent = next(number for number, event in enumerate(events) if event["event"] == "intent") + 1
    for count in (len(events), intent):
        head = write(killed, events[:count])
        put("begin", "previous", "head", head)(after := events_of(next(tmp_path.glob(f"*{found.run}{journal.SUFFIX}"))))
        write(path := next(tmp_path.glob(f"*{found.run}{journal.SUFFIX}")), after)
        reseal(path)
        one, later = sorted(judge(tmp_path), key=lambda one: one.run)
        (told,) = [note.text for note in later.findings if note.code == "changed-unsigned"]
        assert all(text in told for text in (one.run, f"selectors: {CURRENT} -> {NEXT}"))
        assert later.verdict == "verified"


def test_a_folder_below_that_is_no_campaigns_has_a_chain_of_its_own(tmp_path: Path) -> None:
    """Its first run follows none, as the archive's first does, and what it changes nobody changed outside of these."""
    (below := tmp_path / "2026").mkdir()
    last = pasts.Told(day=2, asked=CURRENT, outcome="UNCHANGED", writes=False)
    pasts.write_all(tmp_path, [pasts.Told(), last])
    (other,) = pasts.write_all(below, [pasts.Told(day=1, asked=CURRENT, before=NEXT)])
    assert [codes(one) for one in judge(tmp_path)] == [{"no-notebook"}] * 3
    seal_path(other).unlink()  # as of whoever may write to the folder: it accounts for nothing
    assert [codes(one) - {"no-notebook"} for one in judge(tmp_path)] == [set(), {"unsealed"}, {"changed-between"}]


def overlapping(chain: Path) -> Path:
    """The chain, with a plan run that began and ended while ``apply`` was still going; that run's journal."""
    apply = journal.read(journal_of(chain, "apply"))
    shown = next(number for number, event in enumerate(apply.as_json) if event["event"] == "observed")
    stamp = f"{str(apply.as_json[0]['run'])[:16]}-ffff"
    inside, events = chain / f"inside.{stamp}{journal.SUFFIX}", events_of(journal_of(chain, "plan"))
    previous = {**apply.as_json[0]["previous"], "run": apply.as_json[0]["run"], "head": apply.heads[shown]}
    shift(events, datetime.fromisoformat(apply.as_json[shown]["at"]) - datetime.fromisoformat(events[-1]["at"]))
    events[0] |= {"run": stamp, "previous": {**previous, "outcome": "", "gone": False}}
    write(inside, events)
    reseal(inside)
    return inside


def sees(path: Path, *seen: tuple[Path, int]) -> None:
    """Has a run name others, each as it stood with its event of that number as the last."""
    events, named = events_of(path), []
    for other, number in seen:
        account = journal.read(other)
        open_ = gone(account) if number == -1 else {"gone": False}
        named.append({"run": account.as_json[0]["run"], "head": account.heads[number], **open_})
    kept = {name: value for name, value in events[0]["previous"].items() if name != "gone"}
    events[0]["previous"] = {**kept, **named[0], "beside": named[1:]}
    write(path, events)
    reseal(path)


def test_a_plan_run_that_begins_and_ends_inside_an_apply_run(chain: Path) -> None:
    """The next run saw how both stood: what SES was like is what the one that looked last had seen."""
    inside = overlapping(chain)
    drop(chain, "back")
    sees(journal_of(chain, "again"), (inside, -1), (journal_of(chain, "apply"), -1))
    (chain / "again.ipynb").unlink()
    runs = judge(chain)
    assert {one.path.name.split(".")[0] for one in runs if not one.sound} == set()
    (head,) = newest(runs)
    assert head == next(one.run for one in runs if one.path.name.startswith("again"))
    drop(chain, "apply")
    assert faults(judge(chain)) == {"inside": {"previous-missing"}, "again": {"previous-missing"}}


@pytest.mark.parametrize(("as_", "found"), [("again", {}), ("apply", {"last": {"changed-between"}})])
def test_a_run_that_did_not_look_hides_no_change(chain: Path, as_: str, found: dict[str, set[str]]) -> None:
    """It began and ended while another one was going; ``apply`` finds the selector that this one replaced."""
    ours = follow(chain, "ours", after="back", as_="apply", at="20300101T000000Z-0001")
    blind = follow(chain, "blind", after="back", at="20300101T000001Z-0001")
    sees(blind, (ours, 1), (journal_of(chain, "back"), -1))
    last = follow(chain, "last", after="ours", as_=as_, at="20300101T010000Z-0001")
    sees(last, (stop(blind), -1), (ours, -1))
    assert faults(judge(chain)) == found


def test_the_run_before_is_the_one_that_saw_the_others_whatever_its_clock_says(chain: Path) -> None:
    """The clock was set back an hour while a run that did not look was going."""
    first = follow(chain, "first", after="back", as_="apply", at="20300101T010000Z-0001")
    blind = follow(chain, "blind", after="first", at="20300101T010100Z-0001")
    ours = follow(chain, "ours", after="first", as_="back", at="20300101T000000Z-0001")
    sees(ours, (stop(blind), 1), (first, -1))
    last = follow(chain, "last", after="ours", as_="apply", at="20300101T000500Z-0001")
    sees(last, (ours, -1), (blind, -1))
    assert faults(judge(chain)) == {}


def test_a_run_that_stopped_before_it_looked_hides_no_change(chain: Path) -> None:
    stop(follow(chain, "blind", after="back", at="20300101T000000Z-0001"))
    follow(chain, "last", after="blind", at="20300101T000100Z-0001")
    assert faults(judge(chain)) == {"last": {"changed-between"}}


def test_a_run_cut_back_to_what_a_plan_run_saw_of_it(chain: Path) -> None:
    """It was still going then, so that plan run does not account for its end."""
    seen = next(n for n, event in enumerate(events_of(journal_of(chain, "apply"))) if event["event"] == "observed")
    overlapping(chain)
    drop(chain, "back")
    drop(chain, "again")
    heads = newest(judge(chain))
    assert {run for run, _ in heads.items()} == {one.run for one in judge(chain)[1:]}  # neither saw the other's end
    cut(chain, "apply", events=seen + 1)
    assert faults(judge(chain)) == {"apply": {"open"}}
    assert faults(judge(chain, heads=heads)) == {"apply": {"open", "head-other"}}


def planned_as(name: str, value: str) -> Change:
    """Another write, and a plan of it that has its own digest: only what was observed and asked for is as it was."""

    def change(events: Events) -> None:
        put("intent", "change", name, value)(events)
        for plan in (event["plan"] for event in events if event["event"] == "planned"):
            plan["writes"][0][name] = value
            plan["digest"] = journal.digest({part: plan[part] for part in plan if part != "digest"})

    return change


def unplanned(events: Events) -> None:
    """No plan has the write."""
    for plan in (event["plan"] for event in events if event["event"] == "planned"):
        plan["writes"] = []
        plan["digest"] = journal.digest({part: plan[part] for part in plan if part != "digest"})


def unwritten(events: Events) -> None:
    """All that is left of the write is that SES shows another selector than before."""
    unplanned(events)
    without("intent", "answer")(events)


def doubled_write(events: Events) -> None:
    """With its answer, by the same call."""
    place = [event["event"] for event in events].index("intent")
    events[place:place] = copy.deepcopy(events[place : place + 2])


def waived(events: Events) -> None:
    for event in events:
        for one in event.get("findings", ()):
            one |= {"verdict": "WAIVED", "reason": "x"} if one["id"] == "KEY-PAIR" else {}


def without_checks(events: Events) -> None:
    for event in events:
        event |= {"findings": []} if event["event"] == "checked" else {}


AN_HOUR = timedelta(hours=1)


def back_by_an_hour(events: Events) -> None:
    """The last event but one is of before the run."""
    events[-2]["at"] = (datetime.fromisoformat(events[0]["at"]) - AN_HOUR).isoformat()


def ended_before(events: Events) -> None:
    """The run waited for an hour, and closed before that."""
    events[-2]["at"] = (datetime.fromisoformat(events[-1]["at"]) + AN_HOUR).isoformat()


SEALED_ANEW: Mapping[str, tuple[str, Change, str]] = {
    "an event of 1999": ("apply", put("checked", "at", "1999-01-01T00:00:00.000+00:00"), "times"),
    "an event of 2031": ("apply", put("checked", "at", "2031-01-01T00:00:00.000+00:00"), "times"),
    "a beginning that is not the id's": ("apply", put("begin", "at", "2026-01-01T00:00:00.000+00:00"), "times"),
    "an hour before the run": ("apply", back_by_an_hour, "times"),
    "an hour after its end": ("apply", ended_before, "times"),
    "a call of 1999": ("apply", put("answer", "calls", 0, "at", "1999-01-01T00:00:00.000+00:00"), "times"),
    "seen in 2031": ("apply", put("observed", "observation", "at", "2031-01-01T00:00:00+00:00"), "times"),
    "another procedure's outcome": ("apply", put("closed", "outcome", "RETIRED"), "outcome"),
    "a procedure that is none": ("apply", put("begin", "procedure", "prepare.steps"), "outcome"),
    "no outcome": ("apply", put("closed", "outcome", "DONE"), "journal-foreign"),
    "a plan run that switched": ("plan", put("closed", "outcome", "SWITCHED"), "outcome"),
    "nothing was written": ("apply", put("closed", "outcome", "REFUSED"), "outcome"),
    "a plan": ("apply", put("closed", "outcome", "PLANNED"), "outcome"),
    "pending": ("apply", put("closed", "outcome", "SWITCHED-PENDING"), "outcome-other"),
    "no reads": ("apply", without("read"), "outcome-other"),
    "no intent": ("apply", without("intent"), "unplanned"),
    "no write": ("apply", without("intent", "answer"), "outcome-other"),
    "nothing seen": ("apply", without("observed"), "unplanned"),
    "no write planned": ("apply", unplanned, "unplanned"),
    "no plan": ("apply", without("planned"), "unplanned"),
    "neither planned nor written": ("apply", unwritten, "outcome-other"),
    "a write made twice": ("apply", doubled_write, "unplanned"),
    "a waiver that nobody gave": ("apply", waived, "finding"),
    "another account": ("apply", put("begin", "account", "210987654321"), "finding"),
    "no checks": ("apply", without_checks, "unplanned"),
    "a check that failed": ("apply", put("checked", "findings", 0, "verdict", "FAIL"), "unplanned"),
    "no key seen": ("apply", put("observed", "observation", "next_key", "key", None), "unplanned"),
    "a key that was not seen": ("apply", planned_as("key_sha256", "00" * 32), "unplanned"),
    "a selector that was not asked for": ("apply", planned_as("next_selector", "mail-20261124-9"), "unplanned"),
    "another key": ("apply", put("intent", "change", "key_sha256", "0" * 64), "unplanned"),
    "another identity": ("apply", put("intent", "change", "target", "other.example.jp"), "unplanned"),
    "a field that is none": ("apply", put("observed", "observation", "identity", "note", "x"), "journal-foreign"),
}


def test_what_no_run_writes_is_found_even_under_a_good_seal(chain: Path) -> None:
    for name, (which, change, found) in SEALED_ANEW.items():
        path = journal_of(chain, which)
        kept = path.read_bytes(), seal_path(path).read_bytes()
        forge(chain, which, change)
        if found == "journal-foreign":  # it cannot be sealed
            assert codes(judge(path)[0]) == {found}, name
            with pytest.raises(ForeignEvent, match="is no event that byodkim writes"):
                reseal(path)
        else:
            reseal(path)
            assert found in faults(judge(path))[which], name
        path.write_bytes(kept[0])
        seal_path(path).write_bytes(kept[1])
    assert faults(judge(chain)) == {}
