"""The DAG on a real Airflow: order, approval, failures, kills. The command is a stand-in."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.airflow.server import POOL, USER, Airflow, DagRun

pytestmark = pytest.mark.prove


def calls(project: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (project / "calls").read_text().splitlines()]


def waves_called(project: Path) -> list[str]:
    return [each["given"].get("wave", "plan") for each in calls(project)]


def command_of_wave(airflow: Airflow, project: Path, wave: int) -> psutil.Process:
    """Wait until a wave has written, and return its process."""
    puts = project / "puts"
    airflow.wait(lambda: puts.exists() and str(wave) in puts.read_text())
    process = airflow.process_of("apply", str(wave))
    assert process is not None
    return process


def test_nothing_is_applied_if_a_person_rejects(airflow, project):
    run = DagRun(airflow)
    assert "3 of 4 identities can be switched" in run.wait_for_question()
    run.answer("Reject")
    assert run.end() == "success"
    assert (run.states("wave"), run.states("end")) == (["skipped"], ["skipped"])
    assert waves_called(project) == ["plan"]


def test_waves_follow_each_other_and_a_pause_holds_no_slot(airflow, project):
    run = DagRun.approved(airflow, pause_minutes=1, ticket="CHG-1042", reason="yearly rotation")
    airflow.wait(lambda: run.states("wave") == ["success", "deferred", "scheduled"])
    pool = airflow.ask(f"/api/v2/pools/{POOL}")
    assert (pool["slots"], pool["occupied_slots"], pool["deferred_slots"]) == (1, 0, 1)
    assert run.end() == "success"
    waves = run.tasks("wave")
    assert [each["rendered_map_index"] for each in waves] == ["wave 1 (canary)", "wave 2", "wave 3"]
    ends = [datetime.fromisoformat(each["end_date"]) for each in waves]
    assert ends[1] - ends[0] >= timedelta(minutes=1) <= ends[2] - ends[1]
    assert waves_called(project) == ["plan", "1", "2", "3"]
    assert "SWITCHED   wave 2" in run.log("wave", index=1)
    for call in calls(project):
        assert call["variables"] == []
        assert call["given"]["ticket"] == "CHG-1042"
    assert calls(project)[1]["given"]["reason"].startswith(
        f"yearly rotation; approved by Airflow user {USER}, "
    )


def test_a_killed_worker_is_retried_in_its_turn(airflow, project):
    (project / "hang2").touch()
    run = DagRun.approved(airflow, pause_minutes=0)
    command = command_of_wave(airflow, project, 2)
    run.kill_worker(command)
    (project / "hang2").unlink()
    assert run.end() == "success"
    assert [each["try_number"] for each in run.tasks("wave")] == [1, 2, 1]
    assert waves_called(project) == ["plan", "1", "2", "2", "3"]
    assert (project / "puts").read_text() == "123"


def test_a_failure_stops_later_waves_until_it_is_cleared(airflow, project):
    (project / "fail2").touch()
    run = DagRun.approved(airflow, pause_minutes=0)
    assert run.end() == "failed"
    assert run.states("wave") == ["success", "failed", "failed"]
    assert [each["try_number"] for each in run.tasks("wave")] == [1, 1, 1]
    assert run.states("end") == ["upstream_failed"]
    assert waves_called(project) == ["plan", "1", "2"]
    assert "FAILED     wave 2" in run.log("wave", index=1)
    (project / "fail2").unlink()
    run.clear_failed()
    airflow.wait(lambda: run.states("end") == ["success"])
    assert run.end() == "success"
    assert waves_called(project) == ["plan", "1", "2", "2", "3"]


def test_a_stopped_task_stops_its_command(airflow, project):
    (project / "hang1").touch()
    run = DagRun.approved(airflow, pause_minutes=0)
    command = command_of_wave(airflow, project, 1)
    run.mark_failed("wave", 0)
    command.wait(30)
    assert run.end() == "failed"
    assert waves_called(project) == ["plan", "1"]
