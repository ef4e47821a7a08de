"""What a run is told of those before it: chained to the newest of any procedure, completed by what rotate left open."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET, to_builtins
from msgspec.structs import replace

from byodkim.engine.previous_runs import previous
from byodkim.engine.run import RunRefused
from byodkim.events import EVENTS
from byodkim.events.parts import NO_RUN, Beside
from byodkim.events.run import Begin, Closed
from byodkim.evidence.history import look
from byodkim.evidence.journal import SUFFIX, read
from byodkim.evidence.world import World
from byodkim.plain import plain
from byodkim.rotation.findings import Verdict
from byodkim.sandbox.client import Sandbox
from tests.engine.played import Stage
from tests.evidence.journals import Log
from tests.notebooks import outside
from tests.rotation import world
from tests.rotation.world import CURRENT, NEXT
from tests.sandbox.generator import key_path, write_secret

HERE = World("example.jp", "", "123456789012", "ap-northeast-1")
START = datetime(2026, 11, 24, tzinfo=UTC)


class Folder:
    """Journals written one after another, an hour apart."""

    def __init__(self, path: Path) -> None:
        self.path, self.count = path, 0

    def run(self, *events: tuple[str, dict[str, Any]], outcome: str = "", **told: Any) -> str:
        at, name = START + timedelta(hours=self.count), f"2026112{4 + self.count}T000000Z-000{self.count}"
        self.count += 1
        values = {
            "endpoint_url": {"value": "", "source": "default"},
            "region": {"value": HERE.region, "source": "profile"},
        }
        begin = {
            "domain": HERE.domain, "account": HERE.account, "target": "aws", "parameters": values, "mode": "apply",
            "selector": NEXT, "previous": to_builtins(previous(self.path, HERE, str(told.get("selector", NEXT)))),
            **told,
        }  # fmt: skip
        log = Log(self.path / f"x.{name}{SUFFIX}", lambda: at)
        log.write(Begin, run=name, **begin)
        for event, content in events:
            log.write(EVENTS[event], **content)
        if outcome:
            log.write(Closed, outcome=outcome, error=None)
        log.close()
        return name

    def head(self, run: str) -> str:
        return read(self.path / f"x.{run}{SUFFIX}").head


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def seen(change: world.Change = world.same) -> tuple[str, dict[str, Any]]:
    return "observed", {"observation": plain(change(world.good()))}


def wrote() -> list[tuple[str, dict[str, Any]]]:
    change = {"operation": "Put", "current_selector": CURRENT, "next_selector": NEXT, "key_sha256": "aa"}
    return [seen(), ("checked", {"findings": []}), ("intent", {"change": change}), ("answer", {"answer": {}})]


def prepared(folder: Folder, **told: Any) -> str:
    return folder.run(seen(), outcome="PREPARED", procedure="prepare", selector="", **told)


def test_after_rotate_it_is_as_it_always_was(folder: Folder) -> None:
    run = folder.run(*wrote(), outcome="SWITCHED-PENDING")
    told = previous(folder.path, HERE, NEXT)
    assert to_builtins(told) == {
        "run": run, "outcome": "SWITCHED-PENDING", "head": folder.head(run), "selector": NEXT, "left_selector": CURRENT,
        "written_at": "2026-11-24T00:00:00.000+00:00",
    }  # fmt: skip


def test_after_prepare_alone_nothing_of_rotate_is_known(folder: Folder) -> None:
    run = prepared(folder)
    assert to_builtins(previous(folder.path, HERE, NEXT)) == {
        "run": run, "outcome": "PREPARED", "head": folder.head(run), "selector": "", "left_selector": "",
        "written_at": "", "rotated": "",
    }  # fmt: skip


@pytest.mark.parametrize("between", [1, 3])
def test_a_write_that_waits_for_its_verification_is_known_past_runs_of_prepare(folder: Folder, between: int) -> None:
    folder.run(*wrote(), outcome="SWITCHED-PENDING")
    newest = [prepared(folder) for _ in range(between)][-1]
    told = previous(folder.path, HERE, NEXT)
    assert told is not None
    assert (told.run, told.outcome, told.head) == (newest, "PREPARED", folder.head(newest))
    assert (told.selector, told.left_selector, told.rotated) == (NEXT, CURRENT, "SWITCHED-PENDING")
    assert told.written_at == "2026-11-24T00:00:00.000+00:00"


def test_a_finished_switch_waits_for_nothing_past_a_run_of_prepare(folder: Folder) -> None:
    folder.run(*wrote(), outcome="SWITCHED")
    prepared(folder)
    told = previous(folder.path, HERE, NEXT)
    assert told is not None
    assert (told.written_at, told.rotated) == ("", "SWITCHED")


def test_the_selector_that_was_left_is_known_through_runs_of_both(folder: Folder) -> None:
    folder.run(*wrote(), outcome="SWITCHED-PENDING")
    prepared(folder)
    folder.run(seen(world.stands("PENDING")), ("checked", {"findings": []}), outcome="SWITCHED-PENDING")
    told = previous(folder.path, HERE, NEXT)
    assert told is not None
    assert (told.left_selector, told.rotated) == (CURRENT, UNSET)


@pytest.mark.parametrize(
    ("retired", "outcome", "left"),
    [
        (CURRENT, "RETIRED", ""),
        (CURRENT, "UNCHANGED", ""),
        (CURRENT, "REFUSED", CURRENT),
        ("mail-1", "RETIRED", CURRENT),
    ],
)
def test_a_selector_that_was_retired_since_is_nothing_to_go_back_to(
    folder: Folder, retired: str, outcome: str, left: str
) -> None:
    folder.run(*wrote(), outcome="SWITCHED")
    folder.run(seen(), outcome=outcome, procedure="retire", selector=retired)
    told = previous(folder.path, HERE, NEXT)
    assert told is not None
    assert (told.selector, told.left_selector, told.rotated) == (NEXT, left, "SWITCHED")


Event = tuple[str, dict[str, Any]]
DENIED: Event = ("answer", {"error": {"code": "AccessDeniedException", "unclear": False}})
INTENT: Event = ("intent", {"change": {"current_selector": NEXT, "next_selector": CURRENT, "key_sha256": "cc"}})


@pytest.mark.parametrize(
    ("between", "outcome", "selector", "mode"),
    [
        ([], "PLANNED", CURRENT, "plan"),
        ([], "REFUSED", CURRENT, "apply"),
        ([INTENT, DENIED], "FAILED", CURRENT, "apply"),
        ([], "PLANNED", "mail-20270101-1", "plan"),
    ],
    ids=["plan-of-rollback", "rollback-refused", "rollback-denied-by-ses", "plan-of-a-third"],
)
@pytest.mark.parametrize(
    ("first", "written_at"), [("SWITCHED", ""), ("SWITCHED-PENDING", "2026-11-24T00:00:00.000+00:00")]
)
def test_a_run_about_another_selector_that_wrote_nothing_is_passed_over(
    folder: Folder, between: list[Event], outcome: str, selector: str, mode: str, first: str, written_at: str
) -> None:
    """Twice, and a run about the selector after it carries on what was left open, for those after it."""
    folder.run(*wrote(), outcome=first)
    events = [seen(world.stands()), ("checked", {"findings": []}), *between]
    for _ in range(2):
        newest = folder.run(*events, outcome=outcome, selector=selector, mode=mode)
    told = previous(folder.path, HERE, NEXT)
    assert told is not None
    assert (told.run, told.outcome, told.rotated) == (newest, outcome, first)
    assert (told.selector, told.left_selector, told.written_at) == (NEXT, CURRENT, written_at)
    folder.run(seen(world.stands()), ("checked", {"findings": []}), outcome="PLANNED", mode="plan")
    again = previous(folder.path, HERE, NEXT)
    assert again is not None
    assert (again.left_selector, again.written_at) == (CURRENT, written_at)


def test_after_a_rollback_that_ses_took_what_was_left_before_it_is_no_way_back(folder: Folder) -> None:
    folder.run(*wrote(), outcome="SWITCHED-PENDING")
    back = [seen(world.stands()), ("checked", {"findings": []}), INTENT]
    unclear: Event = ("answer", {"error": {"code": "Timeout", "unclear": True}})
    answers: list[list[Event]] = [[("answer", {"answer": {}})], [unclear], []]
    for answer in answers:
        folder.run(*back, *answer, selector=CURRENT)
        told = previous(folder.path, HERE, NEXT)
        assert told is not None
        assert (told.selector, told.left_selector) == (CURRENT, NEXT)


def test_a_selector_that_was_retired_before_it_was_refused_is_nothing_to_go_back_to(folder: Folder) -> None:
    folder.run(*wrote(), outcome="SWITCHED")
    folder.run(seen(), outcome="RETIRED", procedure="retire", selector=CURRENT)
    folder.run(seen(world.stands()), outcome="REFUSED", selector=CURRENT)
    told = previous(folder.path, HERE, NEXT)
    assert told is not None
    assert (told.selector, told.left_selector) == (NEXT, "")


def test_a_run_that_could_not_read_ses_carries_on_what_was_left_open(folder: Folder) -> None:
    folder.run(*wrote(), outcome="SWITCHED-PENDING")
    folder.run(outcome="REFUSED")
    told = previous(folder.path, HERE, NEXT)
    assert told is not None
    assert (told.left_selector, told.written_at) == (CURRENT, "2026-11-24T00:00:00.000+00:00")


def test_a_switch_that_was_pending_is_completed_past_a_plan_of_the_rollback(stage: Stage) -> None:
    stage.sandbox.set_knobs(check_interval=3600)
    pending = stage.begin(mode="apply", wait_minutes=0)
    stage.play(pending)
    plan = stage.begin(selector=stage.sandbox.facts.current_selector)
    stage.play(plan)
    stage.sandbox.advance(timedelta(hours=2))
    again = stage.begin(mode="apply", wait_minutes=1)
    stage.play(again)
    outcomes = [one.record.outcome for one in (pending, plan, again)]
    assert outcomes == ["SWITCHED-PENDING", "PLANNED", "SWITCHED"]
    assert again.record.written_at == pending.record.written_at
    assert again.record.left == stage.sandbox.facts.current_selector
    assert again.record.overlap_until is not None
    assert stage.puts() == 1


def test_what_prepare_saw_of_dns_keeps_no_rotation_waiting(folder: Folder) -> None:
    lacking = world.at_every_server()
    prepared(folder)
    folder.run(seen(lacking), outcome="PREPARED", procedure="prepare", selector=NEXT)
    assert NEXT not in look(folder.path, HERE).looks
    folder.run(seen(lacking), outcome="REFUSED")
    assert [one.everywhere for one in look(folder.path, HERE).sightings(world.good().next_key)] == [False]


def test_a_look_at_dns_counts_from_a_run_whose_secret_named_another_key(stage: Stage) -> None:
    stage.sandbox.reset("dns-absent")
    with pytest.raises(RunRefused, match="DNS-PUBLISHED"):
        stage.play(stage.begin())
    stage.sandbox.publish()
    facts = stage.sandbox.facts
    stored = {"selector": facts.next_selector, "dns_record": {"value": outside.txt(facts, facts.next_selector)[0]}}
    paths = (facts.current_selector, facts.next_selector)
    broken, sound = ({**stored, "s3_key_path": key_path(facts, selector)} for selector in paths)
    write_secret(stage.sandbox, json.dumps(broken))
    refused = stage.begin()
    with pytest.raises(RunRefused, match="DNS-PUBLISHED"):
        stage.play(refused)
    write_secret(stage.sandbox, json.dumps(sound))
    stage.sandbox.advance(timedelta(hours=1))
    planned = stage.begin()
    stage.play(planned)
    found = next(one for one in planned.record.findings if one.id == "TIME-ACTIVATE")
    seen = refused.record.seen
    assert seen is not None
    assert (found.verdict, found.values["since"]) == (Verdict.PASS, datetime.fromisoformat(seen.at).isoformat())


def test_a_run_of_prepare_gives_ses_nothing_and_damages_no_history(folder: Folder) -> None:
    write = {"operation": "PutObject", "target": "s3://keys/k", "next_selector": NEXT}
    storing: list[tuple[str, dict[str, Any]]] = [
        ("storing", {"write": write, "sha256": "aa"}),
        ("stored", {"answer": {}}),
    ]
    folder.run(seen(), ("checked", {"findings": []}), *storing, outcome="PREPARED", procedure="prepare", selector="")
    found = look(folder.path, HERE)
    assert found.damaged == ()
    assert {used.selector for used in found.used} == {CURRENT}  # which SES was seen to sign with
    folder.run(*wrote(), outcome="SWITCHED")
    assert {used.selector for used in look(folder.path, HERE).used} == {CURRENT, NEXT}


def test_a_write_without_a_clear_answer_is_open_until_it_can_no_longer_land(folder: Folder) -> None:
    unclear = [*wrote()[:-1], ("answer", {"error": {"code": "ReadTimeoutError", "unclear": True}})]
    folder.run(*unclear, outcome="FAILED")
    folder.run(seen(), outcome="UNCHANGED", selector=CURRENT)
    for selector in (NEXT, CURRENT):
        told = previous(folder.path, HERE, selector) or NO_RUN
        assert (told.open_selector, told.open_until) == (NEXT, "2026-11-24T00:15:00+00:00")


def test_a_write_that_was_seen_to_land_or_was_answered_is_not_open(folder: Folder) -> None:
    unclear = [*wrote()[:-1], ("answer", {"error": {"code": "ReadTimeoutError", "unclear": True}})]
    folder.run(*unclear, ("resolved", {"applied": True}), outcome="SWITCHED")
    assert (previous(folder.path, HERE, CURRENT) or NO_RUN).open_until == ""
    folder.run(*wrote(), outcome="SWITCHED")
    assert (previous(folder.path, HERE, CURRENT) or NO_RUN).open_until == ""


def test_a_run_is_named_until_one_that_closed_has_seen_it_as_it_stands(folder: Folder) -> None:
    """One that is still going too; once no process writes it any more, the next run says so."""
    plan = folder.run(seen(), outcome="PLANNED")
    log = Log(folder.path / f"x.20261125T000000Z-0000{SUFFIX}", lambda: START)
    parameters = {"endpoint_url": {"value": "", "source": "default"}, "region": {"value": HERE.region, "source": "x"}}
    log.write(
        Begin, run="20261125T000000Z-0000", domain=HERE.domain, account=HERE.account, target="aws", mode="apply",
        parameters=parameters, selector=NEXT, previous=to_builtins(previous(folder.path, HERE, NEXT)),
    )  # fmt: skip
    inside = folder.run(seen(), outcome="PLANNED")
    first = read(folder.path / f"x.{inside}{SUFFIX}").previous
    assert (first.run, first.gone) == ("20261125T000000Z-0000", False)
    log.write(Closed, outcome="SWITCHED", error=None)
    told = previous(folder.path, HERE, NEXT)
    assert told is not None
    assert (told.run, told.beside) == (inside, (Beside(run="20261125T000000Z-0000", head=log.head),))
    log.close()
    assert plan not in {one.run for one in told.beside}
    killed = folder.run(seen())
    told = previous(folder.path, HERE, NEXT)
    assert told is not None
    assert (told.run, told.gone) == (killed, True)


def test_a_sandbox_that_was_started_anew_at_the_same_address_has_no_past(stage: Stage) -> None:
    run = stage.begin()
    begin = run.record.begin
    assert begin.sandbox == stage.sandbox.facts.id
    here, anew = World.of(begin), World.of(replace(begin, sandbox="started-anew"))
    assert here is not None
    assert (here.same_identity(World.of(begin)), here.same_dns(anew)) == (True, False)
    run.release()
    with Sandbox.start() as other:
        assert other.facts.id != stage.sandbox.facts.id
