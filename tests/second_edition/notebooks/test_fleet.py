"""A campaign as people run it: a plan of many, approved once, carried out in waves, verified."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess

import pytest

from second_edition.display import sections, words
from second_edition.display.notebook import frames
from second_edition.events.campaign import Surveyed
from second_edition.evidence import fleet_record, journal, sealing_key
from second_edition.evidence.seal import seal_path
from tests.second_edition.events.noted import record_of
from tests.second_edition.notebooks.fleets import (
    AT_ONCE,
    Campaign,
    Event,
    Told,
    fleet,
    lines,
    printed,
    puts,
    ready,
    selectors,
    sound,
    verify,
    written,
)  # fmt: skip
from tests.second_edition.notebooks.stage import Stage, Troupe
from tests.second_edition.notebooks.test_approved import profile
from tests.second_edition.verification import made

NEXT, CURRENT = "mail-20261124-1", "mail-20260912-1"


def tell_approved(stage: Stage) -> Told:
    """A plan of 31 with faults; one approval for all; refused without it; a campaign of some in waves."""
    told_of = Told()
    profile(stage, 1, "tanaka")
    stage.sandbox.set_knobs(identities=30)
    told_of.runs["all"] = fleet(stage, "-r", "reason", "yearly rotation")
    told_of.seen["reads"] = len(stage.sandbox.calls("GetEmailIdentity"))
    some = ready(stage, 0, 1, 2)
    plan = told_of.runs["plan"] = fleet(
        stage, "-r", "identities", some, "-r", "selector", NEXT, "-r", "wave", "2", *AT_ONCE
    )
    apply = ("-p", "mode", "apply", "-r", "approved", plan.run, "-r", "identities", some, "-r", "ticket", "CHG-1042")
    told_of.runs["unapproved"] = fleet(stage, *apply)
    told_of.seen["puts unapproved"] = puts(stage.sandbox)
    record = str(plan.record.relative_to(stage.folder))
    words = ("approve", record, "--name", "tanaka", "--key", "home-of-tanaka/approver.pem")
    told_of.seen["approve"] = stage.byodkim(*words, said="yes\n")
    told_of.seen["by hand"] = _by_hand(stage, plan)
    twin = told_of.runs["twin"] = fleet(
        stage, "-r", "identities", some, "-r", "selector", NEXT, "-r", "wave", "2", *AT_ONCE
    )
    (signed,) = stage.folder.glob(f"outputs/*/*.{plan.run}.approval.tanaka.json")
    copy = twin.journal.with_name(signed.name.replace(plan.run, twin.run))
    copy.write_bytes(signed.read_bytes())
    borrowed = ("-r", "approved", twin.run, "-r", "identities", some)
    told_of.runs["borrowed"] = fleet(stage, "-p", "mode", "apply", *borrowed)
    copy.unlink()
    unsigned = stage.folder / f"outputs/zz.{plan.run}{journal.SUFFIX}"
    shutil.copy(plan.journal, unsigned)
    told_of.runs["applied"] = fleet(stage, *apply, "-p", "wait_minutes", "3")
    unsigned.unlink()
    told_of.seen |= {"puts": puts(stage.sandbox), "written": written(stage), "verify": verify(stage)}
    told_of.seen["selectors"] = selectors(stage.sandbox)
    told_of.runs["back"] = printed(stage, told_of.runs["applied"])
    _forge(stage, told_of)
    _tamper(stage, told_of)
    return told_of


def _by_hand(stage: Stage, plan: Campaign) -> subprocess.CompletedProcess[str]:
    """One identity without its campaign: a place in the plan, made by who has the plan's files, and the approval.

    A journal that the same person made says that the campaign began it.
    """
    account = journal.read(plan.journal)
    surveyed, plan_made = account.of(Surveyed), fleet_record.plan_of(account)
    assert surveyed is not None
    assert plan_made is not None
    ready = fleet_record.Planned(fleet_record.beside(plan.journal, fleet_record.PLAN), surveyed.sha256).ready
    proof, runs = fleet_record.proofs(ready)[0], ("20261124T050000Z-91c0", plan.run)
    place, sha256 = fleet_record.place(stage.folder / "by-hand.fleet", 0, ready[0], plan_made, proof, runs)
    began = {"event": "started", "n": 1, "at": plan.events[0]["at"], "number": 0, "record": "by-hand.ipynb",
             "place_sha256": sha256, "domain": ready[0].domain, "selector": ready[0].selector, "plan": ""}  # fmt: skip
    made.write(stage.folder / f"by-hand.{runs[0]}.journal.jsonl", [{**plan.events[0], "run": runs[0]}, began])
    (signed,) = stage.folder.glob(f"outputs/*/*.{plan.run}.approval.tanaka.json")
    given = {**ready[0].parameters, "mode": "apply", "approved": f"{place},{signed}"}
    words = (word for name, value in given.items() for word in ("-r", name, value))
    return stage.byodkim("rotate", "-o", "by-hand.ipynb", *words)


def _forge(stage: Stage, told_of: Told) -> None:
    """The campaign's journal written anew by who has the sealing key, and what verification says of each."""
    run = told_of.runs["applied"]
    first, second, *_, last = run.all("ended")
    key = sealing_key.local(stage.folder / "state/byodkim/sealing-key.pem")

    def without(number: int) -> list[Event]:
        waves = [[[n for n in wave if n != number] for wave in lane["waves"]] for lane in run.event("laid")["lanes"]]
        lanes = [{**lane, "waves": left} for lane, left in zip(run.event("laid")["lanes"], waves, strict=True)]
        kept = [one for one in run.events if one.get("number") != number]
        return [{**one, "lanes": lanes} if one["event"] == "laid" else one for one in kept]

    whose = {name: first[name] for name in ("run", "head", "outcome", "record", "journal")}
    forged = {
        "another's run": [{**one, **whose} if one["event"] == "ended" and one["number"] == second["number"] else one
                          for one in run.events],
        "not laid out": without(last["number"]),
        "begun long ago": [
            {**one, "began": "2026-01-01T00:00:00.000+00:00"} if one["event"] == "recalled" else one
            for one in run.events
        ],
        "never begun": [one for one in run.events if (one["event"], one.get("number")) != ("started", 0)],
    }  # fmt: skip
    kept = {path: path.read_bytes() for path in (run.journal, seal_path(run.journal))}
    for name, events in forged.items():
        made.write(run.journal, events)
        made.reseal(run.journal, key)
        told_of.seen[name] = verify(stage)
    for path, data in kept.items():
        path.write_bytes(data)


def _tamper(stage: Stage, told_of: Told) -> None:
    """What verification says where one record is gone, another was altered, and the proof of a third was."""
    kept, outputs = stage.folder / "kept", stage.folder / "outputs"
    shutil.copytree(outputs, kept)
    first, second, *_, last = told_of.runs["applied"].all("ended")
    campaign = told_of.runs["applied"].journal.parent
    for path in campaign.glob(f"{first['journal'].partition('.journal')[0]}*"):
        path.unlink()
    journal = campaign / second["journal"]
    journal.write_bytes(journal.read_bytes().replace(b'"index":', b'"index":1', 1))
    for place in campaign.glob(f"*.fleet/{last['number']:06}-*.json"):
        place.write_bytes(place.read_bytes().replace(b'"kind"', b'"Kind"', 1))
    told_of.seen["changed"] = verify(stage)
    shutil.rmtree(outputs)
    kept.rename(outputs)


@pytest.fixture(scope="module")
def approved(troupe: Troupe) -> Told:
    return troupe.begin("approved", tell_approved, "fleet").result()


def test_a_plan_says_of_each_where_it_stands_and_who_has_to_act(approved: Told) -> None:
    plan = approved.runs["all"]
    assert (plan.code, plan.outcome) == (0, "PLANNED"), plan.complained
    assert plan.event("surveyed")["counts"] == {
        "ready": 19, "there": 3, "ses": 0, "dns": 3, "generator": 3, "wrong": 3, "unread": 0,
    }  # fmt: skip
    rows = {row["domain"]: row for row in plan.table(".fleet.csv")}
    assert len(rows) == 31
    stopping = {number: rows[f"d{number:05}.example.jp"]["stopping"] for number in (3, 5, 7, 9)}
    assert stopping == {3: "DNS-PUBLISHED", 5: "SECRET-SELECTOR STORE-OBJECT DNS-PUBLISHED", 7: "SES-ORIGIN", 9: ""}
    assert "Of 31 in the table 19 can be switched" in plan.said


def test_a_plan_reads_each_identity_once_and_writes_nothing(approved: Told) -> None:
    assert approved.seen["reads"] == approved.runs["all"].event("surveyed")["made"]["GetEmailIdentity"] == 31
    assert approved.seen["puts unapproved"] == 0


def test_without_its_approval_nothing_is_begun(approved: Told) -> None:
    run = approved.runs["unapproved"]
    assert (run.code, run.outcome) == (1, "REFUSED")
    assert run.complained.strip().splitlines()[-1].startswith("FLEET-APPROVED failed")
    assert "\nNext: " in run.said, run.said
    verdicts = {one["id"]: one["verdict"] for one in run.event("checked")["findings"]}
    assert verdicts == {
        "FLEET-PLAN": "PASS", "FLEET-APPROVED": "FAIL", "FLEET-REHEARSED": "SKIPPED", "TIME-CLOCK": "PASS",
        "PLAN-LOCK": "PASS", "RECORD-SEALED": "PASS", "RECORD-COPIED": "SKIPPED",
    }  # fmt: skip
    assert not run.all("started")


def test_a_campaign_with_the_same_plan_needs_approvals_of_its_own(approved: Told) -> None:
    plan, twin, ran = (approved.runs[name] for name in ("plan", "twin", "borrowed"))
    first, second = (one.event("planned")["plan"]["relies_on"] for one in (plan, twin))
    assert {name for name in first if first[name] != second[name]} == {"root"}  # which has the times of observation
    assert (ran.code, ran.outcome, ran.all("started")) == (1, "REFUSED", [])
    assert "FLEET-APPROVED failed" in ran.complained
    assert f"the campaign that run {plan.run} planned, not that of run {twin.run}" in ran.complained


def test_an_unsigned_copy_of_the_plan_run_s_journal_stops_no_campaign(approved: Told) -> None:
    assert approved.runs["applied"].outcome == "SWITCHED"


def test_one_approval_covers_all_and_every_record_proves_it_by_itself(approved: Told) -> None:
    done, plan, run = approved.seen["approve"], approved.runs["plan"], approved.runs["applied"]
    digest = plan.event("planned")["plan"]["digest"]
    assert (done.returncode, done.stderr) == (0, "")
    assert digest in done.stdout
    assert (run.code, run.outcome) == (0, "SWITCHED"), run.complained
    for ended in run.all("ended"):
        events = lines(run.journal.parent / ended["journal"])
        (presented,) = [event["presented"] for event in events if event["event"] == "approvals"]
        member, fleet_one = (next(one[kind] for one in presented if one.get(kind)) for kind in ("member", "approval"))
        assert fleet_one["approver"] == "tanaka"
        assert fleet_one["plan"]["digest"] == member["fleet"]["digest"] == digest
        assert member["campaign"] == run.run
        carried_out = [event["plan"]["digest"] for event in events if event["event"] == "planned"]
        assert set(carried_out) == {member["plan"]["digest"]}
        signed = next(one["envelope"] for one in presented if one.get("approval"))
        covered = json.loads(base64.b64decode(signed["payload"]))["predicate"]["plan"]["relies_on"]
        assert covered["root"] == member["fleet"]["relies_on"]["root"]
        assert (events[0]["ticket"], events[0]["wait_minutes"]) == ("CHG-1042", 3)


def test_a_place_in_the_plan_counts_for_the_run_alone_that_its_campaign_began(approved: Told) -> None:
    """By hand there is no canary, no wave, no pause, and nobody judges whether the approval has expired."""
    done = approved.seen["by hand"]
    assert (done.returncode, "REFUSED" in done.stdout) == (1, True), done.stderr
    assert "Seen: run 20261124T050000Z-91c0 of the campaign did not begin this run." in done.stderr
    assert "byodkim fleet -p mode apply" in done.stdout


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("another's run", "fleet-altered"),
        ("not laid out", "outcome-other"),
        ("never begun", "campaign-unbegun"),
        ("begun long ago", "fleet-began"),
    ],
)
def test_what_who_has_the_sealing_key_says_of_a_campaign_is_held_against_its_records(
    approved: Told, name: str, code: str
) -> None:
    runs = json.loads(approved.seen[name].stdout)["runs"]
    assert code in [one["code"] for run in runs for one in run["findings"] if one["fault"]]


def test_canary_then_waves_each_written_once(approved: Told) -> None:
    run = approved.runs["applied"]
    (lane,) = run.event("laid")["lanes"]
    assert [len(wave) for wave in lane["waves"]] == [1, 2]
    order = [(event["event"], event["number"]) for event in run.events if event["event"] in ("started", "ended")]
    canary, wave = lane["waves"]
    last = max(order.index(("ended", number)) for number in canary)
    assert all(order.index(("started", number)) > last for number in wave)
    assert approved.seen["puts"] == 3
    assert set(approved.seen["written"].values()) == {1}
    assert approved.seen["selectors"][NEXT] == 3 + 3
    record = record_of(*run.events)
    waves = frames(sections.all_of(record, words.of(record.begin)))["waves"]
    assert waves["count"].tolist() == waves["switched"].tolist() == [1, 2]
    assert waves["began_at"].is_monotonic_increasing


def test_a_campaign_s_head_vouches_for_those_of_its_identities(approved: Told) -> None:
    verified, run = json.loads(approved.seen["verify"].stdout), approved.runs["applied"]
    ended = {one["run"] for one in run.all("ended")}
    assert len(ended) == 3
    assert verified["heads"] == {
        run.run: hashlib.sha256(run.journal.read_bytes().splitlines(keepends=True)[-1]).hexdigest()
    }


def test_a_record_that_is_gone_or_altered_shows(approved: Told) -> None:
    first, second, *_, last = approved.runs["applied"].all("ended")
    done = approved.seen["changed"]
    assert done.returncode == 1
    runs = json.loads(done.stdout)["runs"]
    found = [
        (one["code"], f"{run['journal']} {one['text']}") for run in runs for one in run["findings"] if one["fault"]
    ]
    for wanted, name in (
        ("fleet-missing", first["record"]),
        ("journal-broken", second["journal"]),
        ("fleet-file", f"{last['number']:06}-{last['domain']}"),
    ):
        assert any(code == wanted and name in text for code, text in found), (wanted, found)


def test_the_way_back_is_a_table_that_plans(approved: Told) -> None:
    back = approved.runs["back"]
    assert (back.code, back.outcome) == (0, "PLANNED"), back.complained
    assert back.event("surveyed")["counts"]["ready"] == 3
    assert {row["selector"] for row in back.table(".fleet.csv")} == {CURRENT}


def test_the_records_verify_together(approved: Told) -> None:
    sound(approved)
