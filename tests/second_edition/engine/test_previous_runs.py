"""What a run is told of those before it: chained to the newest of any procedure, completed by what rotate left open."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from second_edition.engine.previous_runs import previous
from second_edition.engine.run import RunRefused
from second_edition.events import EVENTS
from second_edition.events.parts import NO_RUN, Beside
from second_edition.events.run import Begin, Closed
from second_edition.evidence.history import look
from second_edition.evidence.journal import SUFFIX, Account, read
from second_edition.evidence.record import Record
from second_edition.evidence.world import World
from second_edition.plain import plain
from second_edition.rotation.findings import Verdict
from second_edition.sandbox.client import Sandbox
from tests.second_edition.each import each
from tests.second_edition.engine.played import Stage
from tests.second_edition.evidence.journals import Log
from tests.second_edition.notebooks import outside
from tests.second_edition.rotation import world
from tests.second_edition.rotation.world import CURRENT, NEXT
from tests.second_edition.sandbox.generator import key_path, write_secret
from tests.second_edition.verification.made import write as forge

HERE = World("example.jp", "", "123456789012", "ap-northeast-1")
START = datetime(2026, 11, 24, tzinfo=UTC)


def signed(account: Account) -> bool:
    """Take whatever has ended for signed."""
    return account.closed is not None


class Folder:
    """Journals written one after another, an hour apart."""

    def __init__(self, path: Path) -> None:
        self.path, self.count = path, 0
        path.mkdir(exist_ok=True)

    def run(self, *events: tuple[str, dict[str, Any]], outcome: str = "", **told: Any) -> str:
        at, name = START + timedelta(hours=self.count), f"2026112{4 + self.count}T000000Z-000{self.count}"
        self.count += 1
        values = {
            "endpoint_url": {"value": "", "source": "default"},
            "region": {"value": HERE.region, "source": "profile"},
        }
        begin = {
            "domain": HERE.domain, "account": HERE.account, "target": "aws", "parameters": values, "mode": "apply",
            "selector": NEXT,
            "previous": to_builtins(previous(self.path, HERE, str(told.get("selector", NEXT)), signed)),
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


def wrote(left: str = CURRENT) -> list[tuple[str, dict[str, Any]]]:
    change = {"operation": "Put", "current_selector": left, "next_selector": NEXT, "key_sha256": "aa"}
    had = seen(world.identity(selectors=(left,)))
    return [had, ("checked", {"findings": []}), ("intent", {"change": change}), ("answer", {"answer": {}})]


def prepared(folder: Folder, **told: Any) -> str:
    return folder.run(seen(), outcome="PREPARED", procedure="prepare", selector="", **told)


Event = tuple[str, dict[str, Any]]
WRITTEN_AT, SECOND, THIRD = (f"2026-11-24T0{hour}:00:00.000+00:00" for hour in range(3))
CHECKED: Event = ("checked", {"findings": []})
LOOKED: list[Event] = [seen(world.stands()), CHECKED]
DENIED: Event = ("answer", {"error": {"code": "AccessDeniedException", "unclear": False}})
UNCLEAR: Event = ("answer", {"error": {"code": "ReadTimeoutError", "unclear": True}})
INTENT: Event = ("intent", {"change": {"current_selector": NEXT, "next_selector": CURRENT, "key_sha256": "cc"}})
PLAN = {"outcome": "PLANNED", "mode": "plan"}
PREPARE = {"procedure": "prepare", "selector": "", "outcome": "PREPARED"}
WAITS, DONE = {"outcome": "SWITCHED-PENDING"}, {"outcome": "SWITCHED"}
BACK = [*LOOKED, INTENT, ("answer", {"answer": {}})], {"selector": CURRENT, "outcome": "SWITCHED"}
AGAIN = wrote("mail-19990101-1")
SHOWN: Event = ("read", {"identity": plain(world.stands()(world.good()).identity)})
OPEN = {"selector": NEXT, "left_selector": CURRENT, "written_at": WRITTEN_AT}
CLOSED = {**OPEN, "written_at": ""}
RETIRED = {**CLOSED, "left_selector": ""}


def retire(outcome: str, selector: str = CURRENT) -> tuple[list[Event], dict[str, Any]]:
    return [seen()], {"procedure": "retire", "outcome": outcome, "selector": selector}


def elsewhere(outcome: str, *events: Event, selector: str = CURRENT) -> list[tuple[list[Event], dict[str, Any]]]:
    """Two runs about another selector that write nothing."""
    return [([*LOOKED, *events], {"outcome": outcome, "selector": selector})] * 2


# The runs before, each with its events; what the next run to NEXT is told of rotate.
BEFORE: dict[str, tuple[list[tuple[list[Event], dict[str, Any]]], dict[str, str]]] = {
    "prepare alone": ([([seen()], PREPARE)], {"selector": "", "left_selector": "", "written_at": "", "rotated": ""}),
    "a switch that waits": ([(wrote(), WAITS)], OPEN),
    "and prepare": ([(wrote(), WAITS), ([seen()], PREPARE)], {**OPEN, "rotated": "SWITCHED-PENDING"}),
    "a finished one and prepare": ([(wrote(), DONE), ([seen()], PREPARE)], {**CLOSED, "rotated": "SWITCHED"}),
    "both procedures": (
        [(wrote(), WAITS), ([seen()], PREPARE), ([seen(world.stands("PENDING")), CHECKED], WAITS)],
        {"left_selector": CURRENT},
    ),
    "a run that could not read SES": ([(wrote(), WAITS), ([], {"outcome": "REFUSED"})], OPEN),
    "retired": ([(wrote(), DONE), retire("RETIRED")], RETIRED),
    "retired, and refused": ([(wrote(), DONE), retire("RETIRED"), elsewhere("REFUSED")[0]], RETIRED),
    "retire was refused": ([(wrote(), DONE), retire("REFUSED")], CLOSED),
    "another one retired": ([(wrote(), DONE), retire("RETIRED", "mail-1")], CLOSED),
    "plan of the rollback": ([(wrote(), WAITS), *elsewhere("PLANNED")], {**OPEN, "rotated": "SWITCHED-PENDING"}),
    "rollback refused": ([(wrote(), WAITS), *elsewhere("REFUSED")], OPEN),
    "rollback denied by SES": ([(wrote(), WAITS), *elsewhere("FAILED", INTENT, DENIED)], OPEN),
    "plan of a third": ([(wrote(), WAITS), *elsewhere("PLANNED", selector="mail-20270101-1")], OPEN),
    "and one about the selector": (
        [(wrote(), WAITS), *elsewhere("PLANNED"), (LOOKED, {"outcome": "PLANNED"})],
        {"left_selector": CURRENT, "written_at": WRITTEN_AT},
    ),
    "rolled back": ([(wrote(), WAITS), BACK], {"selector": CURRENT, "left_selector": NEXT}),
    "killed as it rolled back": (
        [(wrote(), WAITS), ([*LOOKED, INTENT], {"selector": CURRENT})],
        {**OPEN, "rotated": "SWITCHED-PENDING", "open_selector": CURRENT},
    ),
    # Of a killed run, which nobody signed, the write counts where no signed run tells since when SES has the selector.
    "killed as it wrote again": ([(wrote(), WAITS), (AGAIN, {})], {**OPEN, "rotated": "SWITCHED-PENDING"}),
    "and once it was verified": ([([*wrote(), SHOWN], DONE), (AGAIN, {})], {**CLOSED, "rotated": "SWITCHED"}),
    "killed as it switched": ([([seen(), CHECKED], PLAN), (AGAIN, {})], {**OPEN, "written_at": SECOND}),
    "switched away, and killed as it switched back": (
        [(wrote(), DONE), BACK, (wrote(), {})],
        {**OPEN, "written_at": THIRD},
    ),
}


@each("name", BEFORE)
def test_what_rotate_left_open_and_what_it_left_is_known_past_other_runs(tmp_path: Path, name: str) -> None:
    runs, expected = BEFORE[name]
    folder = Folder(tmp_path / name.replace(" ", "-"))
    newest = [folder.run(*events, **told) for events, told in runs][-1]
    told = to_builtins(previous(folder.path, HERE, NEXT, signed))
    assert (told["run"], told["head"]) == (newest, folder.head(newest))
    assert {field: told.get(field) for field in expected} == expected


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


def test_an_earlier_run_s_time_that_is_none_refuses_the_run_before_it_writes(stage: Stage) -> None:
    """One line that nobody signed, in the folder of the records."""
    switched, back = stage.begin(mode="apply"), stage.sandbox.facts.current_selector
    stage.play(switched)
    told = {**to_builtins(NO_RUN), "run": switched.id, "open_until": "x", "open_selector": "q"}
    line = {**switched.journal.as_json[0], "run": f"{switched.id}0", "selector": back, "previous": told}
    forge(switched.journal.path.with_name(f"z.{switched.id}0{SUFFIX}"), [line])
    run = stage.begin(selector=back, mode="apply")
    with pytest.raises(RunRefused, match=r"KEY-REUSED|ARCHIVE|z\."):
        stage.play(run)
    assert (run.record.outcome, stage.puts()) == ("REFUSED", 1)


def test_what_prepare_saw_of_dns_keeps_no_rotation_waiting(folder: Folder) -> None:
    lacking = world.at_every_server()
    prepared(folder)
    folder.run(seen(lacking), outcome="PREPARED", procedure="prepare", selector=NEXT)
    assert NEXT not in look(folder.path, HERE).looks
    folder.run(seen(lacking), outcome="REFUSED")
    assert [one.everywhere for one in look(folder.path, HERE).sightings(world.good().next_key, set())] == [False]


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
    unclear = [*wrote()[:-1], UNCLEAR]
    folder.run(*unclear, outcome="FAILED")
    folder.run(seen(), outcome="UNCHANGED", selector=CURRENT)
    for selector in (NEXT, CURRENT):
        told = previous(folder.path, HERE, selector, signed) or NO_RUN
        assert (told.open_selector, told.open_until) == (NEXT, "2026-11-24T00:15:00+00:00")


def test_a_write_that_was_seen_to_land_or_was_answered_is_not_open(folder: Folder) -> None:
    unclear = [*wrote()[:-1], UNCLEAR]
    folder.run(*unclear, ("resolved", {"applied": True}), outcome="SWITCHED")
    assert (previous(folder.path, HERE, CURRENT, signed) or NO_RUN).open_until == ""
    folder.run(*wrote(), outcome="SWITCHED")
    assert (previous(folder.path, HERE, CURRENT, signed) or NO_RUN).open_until == ""
    folder.run(*unclear[:-1])  # it was killed; the next run finds it applied
    folder.run(*LOOKED, outcome="SWITCHED")
    assert (previous(folder.path, HERE, CURRENT, signed) or NO_RUN).open_until == ""


def test_of_a_run_that_nobody_signed_counts_what_it_gave_ses_and_nothing_that_it_says_of_others(folder: Folder) -> None:
    folder.run(seen(), *wrote(), outcome="SWITCHED-PENDING")
    before = previous(folder.path, HERE, NEXT, signed)
    assert before is not None
    assert (before.left_selector, before.written_at) == (CURRENT, "2026-11-24T00:00:00.000+00:00")
    said = {"selector": NEXT, "left_selector": "mail-3", "written_at": "2026-01-01T00:00:00+00:00"}
    said |= {"open_until": "2099-01-01T00:00:00+00:00", "open_selector": "mail-3"}
    folder.run(previous={**to_builtins(before), **said})
    folder.run(procedure="retire", selector=CURRENT, previous=None)
    told = previous(folder.path, HERE, NEXT, signed)
    assert told is not None
    names = ("selector", "left_selector", "written_at", "open_until", "open_selector")
    assert [getattr(told, name) for name in names] == [getattr(before, name) for name in names]
    assert Record([replace(read(next(folder.path.iterdir())).begin, previous=replace(told, **said))]).open_write == {}


def test_a_run_is_named_until_one_that_closed_has_seen_it_as_it_stands(folder: Folder) -> None:
    """One that is still going too; once no process writes it any more, the next run says so."""
    plan = folder.run(seen(), outcome="PLANNED")
    log = Log(folder.path / f"x.20261125T000000Z-0000{SUFFIX}", lambda: START)
    parameters = {"endpoint_url": {"value": "", "source": "default"}, "region": {"value": HERE.region, "source": "x"}}
    log.write(
        Begin, run="20261125T000000Z-0000", domain=HERE.domain, account=HERE.account, target="aws", mode="apply",
        parameters=parameters, selector=NEXT, previous=to_builtins(previous(folder.path, HERE, NEXT, signed)),
    )  # fmt: skip
    inside = folder.run(seen(), outcome="PLANNED")
    first = read(folder.path / f"x.{inside}{SUFFIX}").previous
    assert (first.run, first.gone) == ("20261125T000000Z-0000", False)
    log.write(Closed, outcome="SWITCHED", error=None)
    told = previous(folder.path, HERE, NEXT, signed)
    assert told is not None
    assert (told.run, told.beside) == (inside, (Beside(run="20261125T000000Z-0000", head=log.head),))
    log.close()
    assert plan not in {one.run for one in told.beside}
    killed = folder.run(seen())
    told = previous(folder.path, HERE, NEXT, signed)
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
