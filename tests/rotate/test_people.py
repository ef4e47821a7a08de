"""Several people: approvals by a second person, two operators at once, colleagues' records."""

from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from byodkim.checks.world import Approval
from byodkim.record.events import Planned, Waiting
from byodkim.record.sealing_key import load_sealing_key
from byodkim.record.verify import verify_folder
from tests.rotate.project import Project, Result, alone, dns, entry, fault, hours
from tests.sandbox.tools import NEW, PUT, eventually


@contextmanager
def acting(project: Project, name: str) -> Iterator[str]:
    """Be somebody with a sealing key of their own, and yield its public half."""
    state, before = project.folder.parent / f"state-{name}", project.state
    project.own(state)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(state))
        project.state = state
        yield load_sealing_key().public
        project.state = before


def form_team(project: Project, *names: str) -> dict[str, str]:
    """Have the profile list people as operators and approvers. Return their public keys."""
    keys = {}
    for name in names:
        with acting(project, name) as public:
            keys[name] = public
    listed = ", ".join(f'{name} = "{keys[name]}"' for name in keys)
    project.profile(f"approvals = 1\napprovers = {{ {listed} }}\nsealing_keys = {{ {listed} }}\n")
    return keys


@pytest.fixture
def team(project: Project) -> dict[str, str]:
    """The operator sato and the approvers tanaka and suzuki."""
    return form_team(project, "sato", "tanaka", "suzuki")


def run(project: Project, person: str, name: str, **given: str) -> Result:
    with acting(project, person):
        return project.run(name, None, **given)


def approve(project: Project, person: str, name: str) -> tuple[int, str]:
    with acting(project, person):
        return project.byodkim("approve", f"outputs/{name}.journal.jsonl")


def test_approved_by_a_second_person(project, team):
    assert run(project, "sato", "plan", mode="plan").outcome == "PLANNED"
    early = run(project, "sato", "early")
    assert (early.stopped_by, project.puts) == ("PLAN-APPROVED FAIL", 0)
    assert approve(project, "tanaka", "plan")[0] == 0
    result = run(project, "sato", "apply")
    assert (result.outcome, project.puts) == ("SWITCHED", 1), result.text
    plan = next(event for event in result.events if isinstance(event, Planned))
    assert [(each.approver, type(each)) for each in plan.approvals] == [("tanaka", Approval)]
    trusted = {public: name for name, public in team.items()}
    report = verify_folder(
        project.outputs, trusted, approvals_required=1, approvers={"tanaka": team["tanaka"]}
    )
    assert report.verified, [report.problems, [each.why for each in report.runs]]


@pytest.mark.usefixtures("team")
def test_what_is_approved_can_be_completed(project):
    """Nothing is left to write, so the run that waits on needs no approval."""
    run(project, "sato", "plan", mode="plan")
    approve(project, "tanaka", "plan")
    project.change("ses", verify_after_s=3600)
    first = run(project, "sato", "first", wait_minutes="0")
    project.change("identity", domain=project.domain, status="SUCCESS")
    second = run(project, "sato", "second")
    project.change("ses", verify_after_s=0.1)
    assert (first.outcome, second.outcome) == ("SWITCHED-PENDING", "SWITCHED"), second.text
    assert project.puts == 1


@pytest.mark.usefixtures("team")
def test_own_approval_does_not_count(project):
    run(project, "sato", "plan", mode="plan")
    approve(project, "sato", "plan")
    result = run(project, "sato", "apply")
    assert (result.stopped_by, project.puts) == ("PLAN-APPROVED FAIL", 0)
    other = run(project, "suzuki", "other")
    assert other.outcome == "SWITCHED"  # for another operator it is a second person's


@pytest.mark.usefixtures("team")
def test_who_is_not_listed_cannot_approve(project):
    run(project, "sato", "plan", mode="plan")
    code, text = approve(project, "mallory", "plan")
    assert code == 2
    assert "not among the approvers" in text
    assert run(project, "sato", "apply").stopped_by == "PLAN-APPROVED FAIL"


@pytest.mark.usefixtures("team")
def test_approval_of_another_plan(project):
    run(project, "sato", "plan", mode="plan")
    approve(project, "tanaka", "plan")
    waiving = run(project, "sato", "waiving", waive="KEY-SIGNS: another plan")
    assert waiving.stopped_by == "PLAN-APPROVED FAIL"
    entry(NEW, comment="x")(project)  # another version of the secret: another plan
    result = run(project, "sato", "apply")
    assert (result.stopped_by, project.puts) == ("PLAN-APPROVED FAIL", 0)


@pytest.mark.usefixtures("team")
def test_named_approval_files(project):
    run(project, "sato", "plan", mode="plan")
    approve(project, "tanaka", "plan")
    (file,) = project.outputs.glob("*.approval-*")
    (project.outputs / "copies").mkdir()
    moved = file.rename(project.outputs / "copies" / file.name)
    elsewhere = run(project, "sato", "elsewhere", approved=str(moved))
    assert ("beside the record" in elsewhere.text, project.puts) == (True, 0)
    moved.rename(file)
    result = run(project, "sato", "apply", approved=f"outputs/{file.name}")
    assert result.outcome == "SWITCHED", result.text


@pytest.mark.usefixtures("team")
def test_a_plan_that_is_refused_cannot_be_approved(project):
    dns(texts=[])(project)
    run(project, "sato", "plan", mode="plan")
    code, text = approve(project, "tanaka", "plan")
    assert (code, "no plan" in text) == (2, True), text


def test_two_operators_at_once(project):
    """The second is refused while the first waits; the system frees a dead one's lock."""
    fault(PUT, delay_s=4.0)(project)
    first = project.start("first")
    eventually(lambda: project.puts == 1, 30)
    second = project.run("second")
    assert (second.stopped_by, second.count(Waiting)) == ("PLAN-LOCK FAIL", 0)
    assert "first" in str(second.finding("PLAN-LOCK").saw)
    for each in [*psutil.Process(first.pid).children(), psutil.Process(first.pid)]:
        each.kill()
    first.communicate()
    third = project.run("third")
    assert (third.outcome, project.puts, project.selector) == ("SWITCHED", 1, NEW), third.text
    project.require_record(third)


def test_runs_close_at_the_same_time(project):
    """The folder's chain has no forks."""
    processes = [project.start(f"plan-{n}", mode="plan") for n in range(3)]
    results = [project.end(f"plan-{n}", each) for n, each in enumerate(processes)]
    assert {each.outcome for each in results} == {"PLANNED"}
    for each in results:
        project.require_record(each)


@alone("dns-absent")
def test_a_colleagues_record_counts(project):
    """What a listed colleague saw neither restarts the wait for caches nor is forgotten."""
    with acting(project, "tanaka") as public:
        project.run("early", mode="plan")
        dns(texts=[project.record()])(project)
        project.run("soon", mode="plan")
    project.profile(f'sealing_keys = {{ tanaka = "{public}" }}\n')
    assert project.run("mine").stopped_by == "TIME-ACTIVATE FAIL"
    hours(0.2)(project)
    assert project.run("later").outcome == "SWITCHED"


@alone("dns-absent")
def test_a_strangers_record_does_not_count(project):
    with acting(project, "mallory"):
        project.run("early", mode="plan")
    dns(texts=[project.record()])(project)
    assert project.run("mine").outcome == "SWITCHED"


def test_changed_by_another_hand_is_named(project):
    """A change that no sealed run made."""
    project.run("first")
    project.change("identity", domain=project.domain, selector="mail-other-1")
    project.change("identity", domain=project.domain, status="SUCCESS")
    result = project.run("second", mode="plan")
    assert result.finding("SES-HISTORY").verdict == "FAIL"
