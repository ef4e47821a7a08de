"""Campaigns on a real Airflow: one that is declined, one stopped by a failure, one whose worker is killed half-way."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.second_edition.airflow.conftest import DAG, LANE, SECRET, Airflow
from tests.second_edition.airflow.estate import ABROAD, ABROAD_REGION, NEXT
from tests.second_edition.notebooks.fragments import Fragments

pytestmark = pytest.mark.prove

BEFORE = "mail-20260912-1"
CONF = {
    "mode": "apply", "canary": "1", "wave": 10, "pause_minutes": 0,
    "reason": "yearly rotation", "ticket": "CHG-1042", "requested_by": "mail-team",
}  # fmt: skip
FAILING, FAILING_TOO, CANARY, SECOND, THIRD, REFUSED = range(6)  # the order in which a campaign begins them
#: REFUSED is the one whose key record is in DNS nowhere.
TABLES = {
    "declined": (THIRD, REFUSED),
    "stopped": (FAILING, FAILING_TOO, SECOND, REFUSED),
    "killed": (CANARY, SECOND, THIRD, REFUSED, -1),
}
PLAN, WAVES = f"plan_{LANE}", f"waves_{LANE}"
OTHER = f"{ABROAD}_{ABROAD_REGION}"


@dataclass(frozen=True)
class Campaign:
    """Hold what there was while it waited for a person, and what is left when it has ended.

    ``tasks``: the task instances by task and place in the mapping (-1 for none).
    """

    run: str
    state: str
    tasks: dict[tuple[str, int], dict[str, Any]]
    puts_while_it_waited: int
    puts: int
    selectors: dict[str, str]
    question: str
    records: list[Path]

    def states(self, task: str) -> list[str]:
        return [one["state"] for (name, _), one in sorted(self.tasks.items()) if name == task]


def begun(airflow: Airflow, name: str, **conf: object) -> str:
    """The id of a run that waits for a person."""
    (airflow.project / "fleet.csv").write_text(airflow.estate.table(*TABLES[name]))
    body = {"logical_date": None, "conf": {**CONF, **conf}}
    run = str(airflow.ask(f"/api/v2/dags/{DAG}/dagRuns", "POST", body)["dag_run_id"])
    airflow.wait(lambda: airflow.state(run, "approve") == ["awaiting_input"])
    # Airflow fails a question that is answered before the scheduler knows that it was put: people take longer.
    said = airflow.home / "scheduler.out"

    def known() -> bool:
        lines = [line for line in said.read_text().splitlines() if "Received executor event" in line]
        return any("'approve'" in line and run in line for line in lines)

    airflow.wait(known)
    return run


def ended(airflow: Airflow, run: str, waited: int, before: set[Path]) -> Campaign:
    def state() -> str:
        found = next(one["state"] for one in airflow.runs() if one["dag_run_id"] == run)
        return "" if found in ("queued", "running") else str(found)

    last = airflow.wait(state, 150)
    tasks = {(one["task_id"], one["map_index"]): one for one in airflow.tasks(run)}
    estate = airflow.estate
    asked = airflow.ask(f"/api/v2/dags/{DAG}/dagRuns/{run}/taskInstances/approve/-1/hitlDetails")
    records = sorted(set(journals(airflow)) - before)
    return Campaign(run, last, tasks, waited, estate.puts(), estate.selectors(), asked["body"], records)


def journals(airflow: Airflow) -> list[Path]:
    return list((airflow.project / "outputs").rglob("*.journal.jsonl"))


@pytest.fixture(scope="module")
def declined(airflow: Airflow) -> Campaign:
    airflow.estate.withdraw(REFUSED)
    run = begun(airflow, "declined")
    waited = airflow.estate.puts()
    airflow.answer(run, "Reject")
    return ended(airflow, run, waited, set())


@pytest.fixture(scope="module")
def stopped(airflow: Airflow, declined: Campaign) -> Campaign:
    """Both identities of its first wave would be refused; runs begin one after another."""
    assert declined.state == "success"  # and over
    before = set(journals(airflow))
    run = begun(airflow, "stopped", canary="2", at_once=1)
    waited = airflow.estate.puts()
    airflow.estate.withdraw(FAILING)
    airflow.estate.withdraw(FAILING_TOO)
    airflow.answer(run, "Approve")
    return ended(airflow, run, waited, before)


def commands(airflow: Airflow) -> list[psutil.Process]:
    """The ``byodkim fleet`` that tasks have begun and that are under way."""
    found = []
    for process in airflow.scheduler().children(recursive=True):
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        found += [process] if airflow.env["BYODKIM_COMMAND"] in words and "fleet" in words else []
    return found


@pytest.fixture(scope="module")
def killed(airflow: Airflow, stopped: Campaign) -> Campaign:
    """A worker is killed with all that it began, between two writes and their verification."""
    assert stopped.state == "failed"  # and over
    before = set(journals(airflow))
    estate, sandbox = airflow.estate, airflow.estate.sandbox
    run = begun(airflow, "killed", pause_minutes=1)
    waited = estate.puts()
    airflow.answer(run, "Approve")
    airflow.wait(lambda: airflow.state(run, WAVES) == ["success", "deferred"])
    airflow.wait(lambda: airflow.state(run, f"waves_{OTHER}") == ["success"])
    assert (estate.puts(), commands(airflow)) == (2, [])  # no worker is kept by the pause
    sandbox.set_knobs(check_interval=45)  # so long SES takes until it looks at DNS
    airflow.wait(lambda: estate.puts() == 4)
    (command,) = commands(airflow)
    task = command.parent()
    assert task is not None
    worker = task.parent()
    assert worker is not None
    for process in (worker, *worker.children(recursive=True)):
        process.kill()
    sandbox.advance(timedelta(seconds=45))
    sandbox.set_knobs(check_interval=0.2)
    return ended(airflow, run, waited, before)


def events(journal: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal.read_text("utf-8").splitlines()]


def log(airflow: Airflow, campaign: Campaign, *, place: int, attempt: int) -> list[str]:
    """The lines of a wave's task, as Airflow shows them."""
    where = f"/api/v2/dags/{DAG}/dagRuns/{campaign.run}/taskInstances/{WAVES}/logs/{attempt}?map_index={place}"
    return [str(line["event"]) for line in airflow.ask(where)["content"]]


def of(airflow: Airflow, campaign: Campaign, *numbers: int) -> list[list[dict[str, Any]]]:
    """The journals of the identities' own runs, in their order."""
    names = {airflow.estate.domains[number] for number in numbers}
    return [found for path in campaign.records if (found := events(path))[0].get("domain") in names]


def outcome(found: list[dict[str, Any]]) -> str:
    return str(next((event["outcome"] for event in found if event["event"] == "closed"), ""))


@pytest.mark.parametrize("name", TABLES)
def test_nothing_is_written_while_it_waits_for_a_person_who_is_told_what_is_ready(
    airflow: Airflow, request: pytest.FixtureRequest, name: str
) -> None:
    campaign: Campaign = request.getfixturevalue(name)
    assert campaign.puts_while_it_waited == 0
    assert campaign.states(PLAN) == ["success"]
    ready = len([one for one in TABLES[name] if one not in (REFUSED, -1)])
    assert f": ready {ready}, waits for the DNS team 1 ([" in campaign.question
    assert f"- {airflow.estate.domains[REFUSED]}: waits for the DNS team DNS-PUBLISHED" in campaign.question


def test_a_lane_of_which_the_table_has_nothing_is_skipped(declined: Campaign) -> None:
    assert declined.states(f"plan_{OTHER}") == ["skipped"]
    assert OTHER.partition("_")[0] not in declined.question


def test_what_a_person_declines_is_not_applied_and_no_failure(declined: Campaign) -> None:
    assert set(declined.states(WAVES)) == {"skipped"}
    assert [event["mode"] for one in declined.records for event in events(one)[:1]] == ["plan"]
    assert (declined.puts, set(declined.selectors.values()), declined.state) == (0, {BEFORE}, "success")


def test_nothing_that_variables_of_airflow_name_is_loaded_into_a_custodian(
    airflow: Airflow, declined: Campaign
) -> None:
    assert declined.state == "success"
    lines = airflow.seen.read_text().splitlines()
    assert {"library", "sitecustomize"} <= {line.split()[0] for line in lines if " fleet -o " in line}
    assert [line for line in lines if "second_edition.custody." in line] == []


def test_a_failure_stops_the_campaign_in_the_same_wave_and_the_next(airflow: Airflow, stopped: Campaign) -> None:
    assert stopped.states(WAVES) == ["failed", "skipped"]
    assert stopped.tasks[WAVES, 0]["try_number"] == 1  # a retry would only come to the same
    assert [outcome(one) for one in of(airflow, stopped, FAILING, FAILING_TOO, SECOND)] == ["REFUSED"]
    assert (stopped.puts, set(stopped.selectors.values()), stopped.state) == (0, {BEFORE}, "failed")


def test_all_that_were_ready_are_switched_by_one_write_each_and_the_run_is_green(
    airflow: Airflow, killed: Campaign
) -> None:
    domains = airflow.estate.domains
    assert [killed.selectors[domains[number]] for number in (CANARY, SECOND, THIRD)] == [NEXT] * 3
    assert (killed.puts, killed.selectors[domains[REFUSED]]) == (4, BEFORE)
    assert (killed.states(WAVES), killed.state) == (["success", "success"], "success")
    assert of(airflow, killed, REFUSED) == []


def test_lanes_go_side_by_side_each_signed_in_by_its_account_s_connection(airflow: Airflow, killed: Campaign) -> None:
    assert airflow.estate.selector_abroad() == NEXT
    assert f"**{ABROAD} {ABROAD_REGION}**: ready 1 ([" in killed.question
    one, other = (killed.tasks[f"waves_{lane}", 0] for lane in (LANE, OTHER))
    assert max(one["start_date"], other["start_date"]) < min(one["end_date"], other["end_date"])


def test_the_killed_worker_s_wave_is_taken_up_by_the_next_attempt_without_a_write(
    airflow: Airflow, killed: Campaign
) -> None:
    assert killed.tasks[WAVES, 1]["try_number"] == 2
    runs = of(airflow, killed, SECOND, THIRD)
    writes = [len([event for event in one if event["event"] == "intent"]) for one in runs]
    assert (sorted(writes, reverse=True), len(runs)) == ([1, 1, 0, 0], 4)
    assert {outcome(one) for one, count in zip(runs, writes, strict=True) if not count} <= {"UNCHANGED", "SWITCHED"}


def test_tasks_are_named_by_their_wave_tell_their_progress_and_link_to_their_record(
    airflow: Airflow, killed: Campaign
) -> None:
    assert [killed.tasks[WAVES, place]["rendered_map_index"] for place in (0, 1)] == ["1/2", "2/2"]
    where = f"/api/v2/dags/{DAG}/dagRuns/{killed.run}/taskInstances/{WAVES}"
    link = airflow.ask(f"{where}/links?map_index=0")["extra_links"]["Record"]
    assert link.startswith(f"https://records.example.jp/byodkim/{LANE}-wave1-")
    assert (airflow.project / "outputs" / link.rpartition("/")[2]).is_file()
    told = "SWITCHED  Every identity of the plan has its selector, and its own run saw SES verify it: 3"
    assert told in log(airflow, killed, place=1, attempt=2)


def test_each_record_says_who_let_the_campaign_go_on(airflow: Airflow, killed: Campaign) -> None:
    begins = [one[0] for one in of(airflow, killed, CANARY)]
    (begin,) = begins
    assert (begin["requested_by"], begin["ticket"]) == ("mail-team", "CHG-1042")
    assert begin["reason"].startswith("yearly rotation; go-ahead given in Airflow by tanaka at 20")
    assert killed.run in begin["reason"]


def test_all_records_verify_and_those_of_the_killed_worker_are_stopped(airflow: Airflow, killed: Campaign) -> None:
    command = [airflow.env["BYODKIM_COMMAND"], "verify", "outputs"]
    done = subprocess.run(command, cwd=airflow.project, env=airflow.env, capture_output=True, text=True)
    states = {words[1]: words[0] for line in done.stdout.splitlines() if len(words := line.split()) > 1}
    assert "" in {outcome(events(path)) for path in killed.records}
    for path in journals(airflow):
        begin, *_ = told = events(path)
        assert states[begin["run"]] == ("VERIFIED" if outcome(told) else "STOPPED"), done.stdout
    assert done.returncode == 0, done.stdout


def test_records_are_in_the_archive_with_their_notebooks(airflow: Airflow, killed: Campaign) -> None:
    archived = {Path(key).name for key in airflow.estate.archived()}
    for path in killed.records:
        if outcome(found := events(path)) and found[0]["account"] != ABROAD:  # whose profile asks for no copies
            stem = path.name.split(".2")[0]
            assert {path.name, f"{stem}.ipynb"} <= archived


@pytest.mark.usefixtures("killed")
def test_no_piece_of_a_key_is_in_anything_that_airflow_keeps_or_prints(airflow: Airflow) -> None:
    fragments = Fragments(*airflow.estate.private)
    kept = [path for folder in (airflow.home, airflow.project) for path in folder.rglob("*") if path.is_file()]
    assert any(f"task_id={WAVES}" in str(path) for path in kept)  # the log of a task
    assert airflow.home / "airflow.db" in kept  # parameters, XComs, rendered templates, the human's answer
    planted = airflow.home / "planted"
    planted.write_bytes(b"x" + airflow.estate.private[0][900:960])
    assert fragments.found_in(planted.read_bytes())
    assert [str(path) for path in kept if fragments.found_in(path.read_bytes())] == []
    # Nor the account's own keys, which reached SES: the database has them encrypted.
    assert [str(path) for path in kept if SECRET.encode() in path.read_bytes()] == []
