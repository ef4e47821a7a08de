"""A fleet in the sandbox, switched by the DAG and byodkim itself."""

import pytest

from byodkim.sandbox.world import control, standing
from tests.airflow.server import DagRun
from tests.sandbox.tools import puts

pytestmark = pytest.mark.prove


def test_a_killed_worker_s_wave_is_completed(fleet, monkeypatch):
    monkeypatch.setenv("HOME", fleet.env["HOME"])  # says which sandbox is the standing one
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    world = standing()
    assert world is not None
    run = DagRun(fleet, pause_minutes=0, target="sandbox")
    assert "5 of 6 identities can be switched" in run.wait_for_question()
    assert puts(world) == {}
    control(world, "ses", verify_after_s=15)
    run.answer("Approve")
    fleet.wait(lambda: len(puts(world)) >= 2)  # wave 2 writes, and waits
    command = fleet.process_of("apply", "2")
    assert command is not None
    run.kill_worker(command)
    assert run.end() == "success"
    assert [each["try_number"] for each in run.tasks("wave")] == [1, 2, 1]
    assert puts(world) == {f"d{number:04}.example.jp": 1 for number in range(1, 6)}
    assert "wave 2: 2 of 2 rows ended" in run.log("wave", attempt=2, index=1)
    fleet.byodkim("verify", "outputs")  # the killed attempt's records, too
