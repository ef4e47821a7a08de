"""A campaign's plan is approved once, by other people. ``verify`` holds every row to it."""

import json

import pytest

from byodkim.record.seal import read_seal, seal_run
from byodkim.record.sealing_key import load_sealing_key
from byodkim.record.verify import RunReport, verify_folder
from tests.fleet.fleet import Fleet, planned
from tests.rotate.test_people import acting, approve, form_team


@pytest.fixture
def keys(fleet: Fleet) -> dict[str, str]:
    """The operator sato and the approver tanaka, whom the profile lists."""
    return form_team(fleet, "sato", "tanaka")


def verdicts(fleet: Fleet, keys: dict[str, str]) -> dict[str, RunReport]:
    trusted = {key: name for name, key in keys.items()}
    report = verify_folder(fleet.outputs, trusted, approvals_required=1, approvers=keys)
    return {run.name: run for run in report.runs}


def test_one_approval_for_all_rows(fleet, keys):
    with acting(fleet, "sato"):
        fleet.plan()
        refused = fleet.apply("none")
    assert (refused.outcome, fleet.writes) == ("REFUSED", [0] * 3)
    assert approve(fleet, "sato", "plan")[0] == 0
    with acting(fleet, "sato"):
        assert fleet.apply("own").outcome == "REFUSED"
    assert approve(fleet, "tanaka", "plan")[0] == 0
    with acting(fleet, "sato"):
        assert fleet.apply().outcome == "SWITCHED"
    assert {run.verdict for run in verdicts(fleet, keys).values()} == {"VERIFIED"}


def without_approval(fleet: Fleet) -> None:
    (fleet.outputs / "plan.approval-tanaka.json").unlink()


def with_another_row(fleet: Fleet) -> None:
    """Add the row that was written to the plan, after it was approved."""
    path = fleet.outputs / "plan.journal.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if line["event"] == "row-planned" and line["line"] == 2:
            line["digest"] = "0" * 64
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def with_another_plan(fleet: Fleet) -> None:
    """Let the row's record name another digest, and seal it again with the operator's own key."""
    path = fleet.outputs / "apply.00002.journal.jsonl"
    old = next(each.digest for each in planned(fleet.result("plan")) if each.line == 2)
    path.write_text(path.read_text().replace(old, "0" * 64))
    seal_path = fleet.outputs / "apply.00002.seal.json"
    seal = read_seal(seal_path)
    seal_path.unlink()
    with acting(fleet, "sato"):
        seal_run(fleet.outputs, seal.stated, list(seal.digests), load_sealing_key())


@pytest.mark.parametrize("forge", [without_approval, with_another_row, with_another_plan])
def test_rows_that_were_not_approved(fleet, keys, forge):
    with acting(fleet, "sato"):
        fleet.plan()
    approve(fleet, "tanaka", "plan")
    with acting(fleet, "sato"):
        assert fleet.apply().outcome == "SWITCHED"
    forge(fleet)
    assert verdicts(fleet, keys)["apply.00002"].verdict == "WRONG"
