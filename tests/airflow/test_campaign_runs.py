"""Campaigns on a real Airflow: one that is declined, one stopped by a failure, one whose worker is killed half-way."""

from __future__ import annotations

import contextlib
import json
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import URLError

import psutil
import pytest

from tests.airflow.conftest import DAG, Airflow
from tests.airflow.estate import NEXT
from tests.notebooks.fragments import Fragments

BEFORE = "mail-20260912-1"
WHY = {"reason": "yearly rotation", "ticket": "CHG-1042", "requested_by": "mail-team"}
CONF = {"mode": "apply", **WHY}
CANARY, SECOND, THIRD, REFUSED, FAILING, FAILING_TOO = range(6)
#: REFUSED is the one whose key record is in DNS nowhere.
TABLES = {
    "declined": (THIRD, REFUSED),
    "stopped": (FAILING, FAILING_TOO, SECOND, REFUSED),
    "killed": (CANARY, SECOND, THIRD, REFUSED),
}

States = dict[tuple[str, int], tuple[str, int]]


@dataclass(frozen=True)
class Campaign:
    """What there was while it waited for a person, and what is left when it has ended.

    ``tasks``: state and number of tries, by task and its place in the mapping (-1 for none).
    """

    run: str
    state: str
    tasks: States
    puts_while_it_waited: int
    puts: int
    selectors: dict[str, str]
    question: str


def waiting(airflow: Airflow) -> str:
    """The id of the run that waits for a person."""

    def found() -> str:
        with contextlib.suppress(URLError):  # the API server is not there yet
            for one in airflow.runs():
                if one["state"] == "running" and airflow.state(one["dag_run_id"], "approve") == ["awaiting_input"]:
                    return str(one["dag_run_id"])
        return ""

    return str(airflow.wait(found))


def ended(airflow: Airflow, run: str, waited: int) -> Campaign:
    def state() -> str:
        found = next(one["state"] for one in airflow.runs() if one["dag_run_id"] == run)
        return "" if found in ("queued", "running") else str(found)

    last = airflow.wait(state, 120)
    tasks = {(one["task_id"], one["map_index"]): (one["state"], one["try_number"]) for one in airflow.tasks(run)}
    estate = airflow.estate
    asked = airflow.ask(f"/api/v2/dags/{DAG}/dagRuns/{run}/taskInstances/approve/-1/hitlDetails")
    return Campaign(run, last, tasks, waited, estate.puts(), estate.selectors(), asked["body"])


def tried(airflow: Airflow, name: str, answer: str, *withdrawn: int, **conf: object) -> Campaign:
    """``airflow dags test``, and what a person answers; key records may go away between the plans and the answer."""
    estate = airflow.estate
    (airflow.project / "fleet.csv").write_text(estate.table(*TABLES[name]))
    test = airflow.begin("dags", "test", DAG, "--conf", json.dumps({**CONF, **conf}))
    run = waiting(airflow)
    waited = estate.puts()
    for number in withdrawn:
        estate.withdraw(number)
    airflow.answer(run, answer)
    test.wait(timeout=180)
    return ended(airflow, run, waited)


@pytest.fixture(scope="module")
def declined(airflow: Airflow) -> Campaign:
    airflow.estate.withdraw(REFUSED)
    return tried(airflow, "declined", "Reject")


@pytest.fixture(scope="module")
def stopped(airflow: Airflow, declined: Campaign) -> Campaign:
    """Both identities of its first wave would be refused."""
    assert declined.state == "failed"  # and over
    return tried(airflow, "stopped", "Approve", FAILING, FAILING_TOO, waves=[2, 10])


def kernels(scheduler: int) -> list[psutil.Process]:
    """The kernels of the runs that are under way."""
    found = []
    for process in psutil.Process(scheduler).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "ipykernel_launcher" in process.cmdline():
                found.append(process)
    return found


@pytest.fixture(scope="module")
def killed(airflow: Airflow, stopped: Campaign) -> Campaign:
    """The scheduler: a worker is killed between its write and the verification."""
    assert stopped.state == "failed"  # and over: the scheduler would go on with it
    estate, sandbox = airflow.estate, airflow.estate.sandbox
    (airflow.project / "fleet.csv").write_text(estate.table(*TABLES["killed"]))
    airflow.run("dags", "reserialize")
    airflow.run("dags", "unpause", DAG)
    scheduler = airflow.begin("scheduler")
    airflow.run("dags", "trigger", DAG, "--conf", json.dumps({**CONF, "waves": [1, 10]}))
    run = waiting(airflow)
    waited = estate.puts()
    # Airflow fails a question that is answered before the scheduler knows that it was put: people take longer.
    said = airflow.home / "scheduler.out"
    airflow.wait(
        lambda: any("Received executor event" in line and "'approve'" in line for line in said.read_text().splitlines())
    )
    sandbox.set_knobs(check_interval=45)  # so long SES takes until it looks at DNS
    airflow.answer(run, "Approve")
    airflow.wait(lambda: estate.puts() == 1)
    sandbox.advance(timedelta(seconds=45))
    airflow.wait(lambda: estate.puts() == 3)
    kernel = kernels(scheduler.pid)[0]  # both have written, and wait for their verification
    task = kernel.parent()
    assert task is not None
    for process in (task.parent(), task):  # the worker that watches over the task, and the task itself
        assert process is not None
        process.kill()
    sandbox.advance(timedelta(seconds=45))
    sandbox.set_knobs(check_interval=0.2)
    psutil.wait_procs([kernel], timeout=10)
    return ended(airflow, run, waited)


def records(airflow: Airflow, campaign: Campaign, number: int, mode: str) -> list[Path]:
    """The records of an identity's attempts, in their order."""
    name = campaign.run.replace("_", "-").replace(":", "-").replace("+", "-").replace(".", "-").replace("--", "-")
    return sorted((airflow.project / "outputs").glob(f"{airflow.estate.domains[number]}-{name}-{mode}-*.ipynb"))


def events(record: Path) -> list[dict[str, Any]]:
    (path,) = record.parent.glob(f"{record.stem}.*.journal.jsonl")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def struck(airflow: Airflow, campaign: Campaign) -> int:
    """The identity whose worker was killed: the one whose first attempt did not come to its end."""
    first = {number: records(airflow, campaign, number, "apply")[0] for number in (SECOND, THIRD)}
    (found,) = (number for number, record in first.items() if outcome(record) != "SWITCHED")
    return found


def outcome(record: Path) -> str:
    return str(next((event["outcome"] for event in events(record) if event["event"] == "closed"), ""))


@pytest.mark.parametrize("name", TABLES)
def test_nothing_is_written_while_it_waits_for_a_person_who_is_told_what_is_ready(
    airflow: Airflow, request: pytest.FixtureRequest, name: str
) -> None:
    campaign: Campaign = request.getfixturevalue(name)
    assert campaign.puts_while_it_waited == 0
    *ready, refused = ((number, campaign.tasks["plan", place]) for place, number in enumerate(TABLES[name]))
    assert {state for _, (state, _) in ready} == {"success"}
    assert refused == (REFUSED, ("failed", 1))  # a refused plan is not tried again
    assert f"PLANNED: {len(ready)}" in campaign.question
    assert f"{airflow.estate.domains[REFUSED]}: REFUSED" in campaign.question


def test_what_a_person_declines_is_not_applied(airflow: Airflow, declined: Campaign) -> None:
    after = {state for (task, _), (state, _) in declined.tasks.items() if task.startswith(("wave", "apply"))}
    assert after == {"skipped"}
    assert not records(airflow, declined, THIRD, "apply")
    assert (declined.puts, set(declined.selectors.values()), declined.state) == (0, {BEFORE}, "failed")


def test_nothing_that_variables_of_airflow_name_is_loaded_into_a_custodian(
    airflow: Airflow, declined: Campaign
) -> None:
    assert declined.state == "failed"
    lines = airflow.seen.read_text().splitlines()
    assert {"library", "sitecustomize"} <= {line.split()[0] for line in lines if "ipykernel_launcher" in line}
    assert [line for line in lines if "byodkim.custody." in line] == []


def test_a_failure_stops_the_campaign_in_the_same_wave_and_the_next(airflow: Airflow, stopped: Campaign) -> None:
    # Refused, which a retry would only come to again; whichever of the two was first.
    assert sorted(stopped.tasks["apply_1", place] for place in (0, 1)) == [("failed", 1), ("skipped", 1)]
    ran = [one for number in (FAILING, FAILING_TOO) for one in records(airflow, stopped, number, "apply")]
    assert [outcome(one) for one in ran] == ["REFUSED"]
    assert stopped.tasks["wave_2", -1][0] == "skipped"
    assert not any(records(airflow, stopped, number, "apply") for number in (SECOND, REFUSED))
    assert (stopped.puts, set(stopped.selectors.values()), stopped.state) == (0, {BEFORE}, "failed")


def test_all_that_were_ready_are_switched_by_one_write_each(airflow: Airflow, killed: Campaign) -> None:
    domains = airflow.estate.domains
    assert [killed.selectors[domains[number]] for number in (CANARY, SECOND, THIRD)] == [NEXT] * 3
    assert killed.puts == 3
    assert killed.selectors[domains[REFUSED]] == BEFORE
    assert records(airflow, killed, REFUSED, "apply") == []
    assert killed.state == "failed"  # one of four has not come to what was asked for
    assert killed.tasks["report", -1][0] == "failed"


def test_the_killed_worker_s_run_is_taken_up_by_the_next_attempt(airflow: Airflow, killed: Campaign) -> None:
    assert {killed.tasks["apply_2", place][0] for place in (0, 1)} == {"success"}
    attempts = records(airflow, killed, struck(airflow, killed), "apply")
    assert killed.tasks["apply_2", struck(airflow, killed) - SECOND][1] == len(attempts) > 1
    writes = [len([event for event in events(one) if event["event"] == "intent"]) for one in attempts]
    assert writes == [1, *(0 for _ in attempts[1:])]
    assert outcome(attempts[-1]) in ("UNCHANGED", "SWITCHED")


def test_each_record_says_who_let_the_campaign_go_on(airflow: Airflow, killed: Campaign) -> None:
    (plan,), (record,) = (records(airflow, killed, CANARY, mode) for mode in ("plan", "apply"))
    begin = events(record)[0]
    assert (begin["requested_by"], begin["ticket"]) == ("mail-team", "CHG-1042")
    assert begin["reason"].startswith("yearly rotation; go-ahead given in Airflow by tanaka at 20")
    assert killed.run in begin["reason"]
    assert events(plan)[0]["reason"] == "yearly rotation"


def test_all_records_verify(airflow: Airflow, killed: Campaign) -> None:
    command = [airflow.env["BYODKIM_COMMAND"], "verify", "outputs"]
    done = subprocess.run(command, cwd=airflow.project, env=airflow.env, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    # The killed attempt's notebook is as its worker left it; its journal tells the run, and the next one names it.
    left = records(airflow, killed, struck(airflow, killed), "apply")[0]
    off = [line for line in lines if line.startswith("OFF") and events(left)[0]["run"] not in line]
    assert off == [], done.stdout
    assert len([line for line in lines if line.startswith("VERIFIED")]) >= 10, done.stdout


def test_records_are_in_the_archive_with_their_notebooks(airflow: Airflow, killed: Campaign) -> None:
    archived = {Path(key).name for key in airflow.estate.archived()}
    for number in (CANARY, SECOND, THIRD):
        record = records(airflow, killed, number, "apply")[-1]
        assert {record.name, *(path.name for path in record.parent.glob(f"{record.stem}.*.seal.json"))} <= archived


@pytest.mark.usefixtures("killed")
def test_no_piece_of_a_key_is_in_anything_that_airflow_keeps_or_prints(airflow: Airflow) -> None:
    fragments = Fragments(*airflow.estate.private)
    kept = [path for folder in (airflow.home, airflow.project) for path in folder.rglob("*") if path.is_file()]
    assert any("task_id=apply_2" in str(path) for path in kept)  # the log of a task
    assert airflow.home / "airflow.db" in kept  # parameters, XComs, rendered templates, the human's answer
    planted = airflow.home / "planted"
    planted.write_bytes(b"x" + airflow.estate.private[0][900:960])
    assert fragments.found_in(planted.read_bytes())
    assert [str(path) for path in kept if fragments.found_in(path.read_bytes())] == []
