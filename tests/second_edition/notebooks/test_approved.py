"""Plan, approve, apply: the commands as people give them, and every approval that must not count."""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import dataclass, field

import pytest

from tests.second_edition.each import each
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe

pytestmark = pytest.mark.prove  # which approvals do not count: rotation/rows.py; a campaign's: test_fleet.py

Done = subprocess.CompletedProcess[str]


def approve(stage: Stage, ran: Ran, name: str, *words: str, said: str = "") -> Done:
    """``name`` looks at the record of ``ran`` and signs its plan."""
    path = str(ran.path.relative_to(stage.folder.resolve()))
    return stage.byodkim("approve", path, "--name", name, "--key", f"home-of-{name}/approver.pem", *words, said=said)


def profile(stage: Stage, approvals: int, *names: str) -> None:
    """A profile that asks for approvals, and lists these people's keys; each makes theirs now."""
    people = []
    for name in names:
        words = ("approve", "--name", name, "--key", f"home-of-{name}/approver.pem", "--yes")
        line = stage.byodkim(*words).stdout.splitlines()[-1]
        people.append(line)
    text = f"[default]\napprovals = {approvals}\n" + "\n".join([*people, ""])
    (stage.folder / "byodkim.toml").write_text(text, "utf-8")


def run_id(ran: Ran) -> str:
    return str(ran.event("begin")["run"])


@dataclass
class Told:
    """A story's runs and commands, by name."""

    runs: dict[str, Ran] = field(default_factory=dict)
    commands: dict[str, Done] = field(default_factory=dict)
    puts: dict[str, int] = field(default_factory=dict)

    def ran(self, stage: Stage, name: str, *words: str) -> Ran:
        self.runs[name] = stage.apply(*words)
        self.puts[name] = len(stage.puts)
        return self.runs[name]


def tell(stage: Stage) -> Told:
    """Two approvals are needed: without any it is refused, and with two it is applied; what else cannot be approved."""
    told = Told()
    profile(stage, 2, "tanaka", "sato")
    servers = stage.sandbox.facts.nameservers  # what the run is given, an approver has to know
    plan = told.runs["plan"] = stage.run("-p", "reason", "yearly rotation", "-r", "nameservers", servers)
    identifier = run_id(plan)
    told.commands["tanaka"] = approve(stage, plan, "tanaka", "--comment", "looked at", said="yes\n")
    told.commands["again"] = approve(stage, plan, "tanaka", "--yes")
    told.commands["another key"] = approve(stage, plan, "tanaka", "--key", "home-of-sato/approver.pem", "--yes")
    told.commands["no key"] = approve(stage, plan, "tanaka", "--key", "nowhere.pem", "--yes")
    told.commands["declined"] = approve(stage, plan, "sato", said="no\n")
    told.commands["refused"] = approve(stage, told.ran(stage, "none"), "tanaka", "--yes")
    told.commands["sato"] = approve(stage, plan, "sato", "--yes", "--language", "ja")
    over = told.ran(stage, "two", "-r", "approved", identifier)
    told.commands["switched"] = approve(stage, over, "tanaka", "--yes")
    plan.journal_path.write_bytes(plan.journal_path.read_bytes().replace(b"mail-20260912-1", b"mail-20260912-7", 1))
    told.commands["altered"] = approve(stage, plan, "suzuki", "--yes")
    return told


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> Told:
    return troupe.begin("two", tell).result()


def test_a_plan_run_says_how_it_is_approved_and_applied(told: Told) -> None:
    plan = told.runs["plan"]
    assert (plan.outcome, plan.returncode) == ("PLANNED", 0)
    assert f"byodkim approve outputs/{plan.path.name}" in plan.headline
    assert f"-p mode apply -r approved {run_id(plan)}" in plan.headline
    assert plan.event("planned")["plan"]["digest"] in plan.headline
    assert "byodkim approve" not in plan.shown("steps.plan(run)")


def test_the_approver_is_shown_the_plan_before_signing(told: Told) -> None:
    done, plan = told.commands["tanaka"], told.runs["plan"]
    assert (done.returncode, done.stderr) == (0, "")
    change = ("− selector  mail-20260912-1", "+ selector  mail-20261124-1")
    named = "Nobody compared them with the zone's delegation"
    for words in (*change, "yearly rotation", named, plan.event("planned")["plan"]["digest"]):
        assert words in done.stdout.partition("Type yes: ")[0]
    assert f"Approve plan {plan.event('planned')['plan']['digest']} as tanaka? " in done.stdout
    assert "Approvals so far: 1 of 2." in done.stdout
    for name, shown in (("tanaka", False), ("sato", True)):
        assert (f"-r approved {run_id(plan)}" in told.commands[name].stdout) is shown


def test_who_does_not_say_yes_signs_nothing(told: Told) -> None:
    done = told.commands["declined"]
    assert done.returncode == 1
    assert done.stdout.endswith("Not approved. Nothing was signed.\n")


def test_nobody_approves_one_plan_twice(told: Told) -> None:
    assert told.commands["again"].returncode == 2
    assert "tanaka has approved this plan, " in told.commands["again"].stderr
    assert "One approval of each person is enough" in told.commands["again"].stderr


@each("name", ["another key", "no key"])
def test_who_approves_under_a_name_that_is_taken_is_told_so(told: Told, name: str) -> None:
    done = told.commands[name]
    assert done.returncode == 2
    assert "tanaka has approved this plan, with this key or another one" in " ".join(done.stderr.split())
    assert "needs no approval" not in done.stderr
    assert "A key was made" not in done.stdout


def test_without_an_approval_it_is_refused(told: Told) -> None:
    ran = told.runs["none"]
    assert (ran.outcome, ran.returncode, ran.failed(), told.puts["none"]) == ("REFUSED", 1, {"PLAN-APPROVED"}, 0)
    for word in ("approvals needed: 2", "no approval was given"):
        assert word in ran.paragraph
        assert word in ran.headline


def test_enough_approvals_of_this_very_plan_let_it_be_applied(told: Told) -> None:
    ran = told.runs["two"]
    assert (ran.outcome, ran.returncode, told.puts["two"]) == ("SWITCHED", 0, 1), ran.stderr
    digest = told.runs["plan"].event("planned")["plan"]["digest"]
    assert {event["plan"]["digest"] for event in ran.events if event["event"] == "planned"} == {digest}
    for name in ("tanaka", "sato"):
        assert f"approved  {name} (plan {digest[:8]}…, " in ran.headline
    assert "A rollback needs approvals too: 2." in ran.headline


def test_the_journal_keeps_the_signatures_and_the_keys_they_verify_with(told: Told) -> None:
    event = told.runs["two"].event("approvals")
    assert event["required"] == 2
    assert set(event["approvers"]) == {"tanaka", "sato"}
    assert [one["approval"]["comment"] for one in event["presented"]] == ["", "looked at"]
    names = [event["event"] for event in told.runs["two"].events]
    assert names.index("approvals") < names.index("intent")
    for one in event["presented"]:
        statement = json.loads(base64.b64decode(one["envelope"]["payload"]))
        assert statement["predicate"]["run"] == run_id(told.runs["plan"])


@each(
    ("name", "words"),
    [
        ("refused", ".ipynb is REFUSED: only a plan run"),
        ("altered", "The evidence of outputs/1.ipynb does not hold"),
        ("switched", "is SWITCHED: only a plan run that came to its end (PLANNED) can be approved."),
    ],
)
def test_what_cannot_be_approved(told: Told, name: str, words: str) -> None:
    done = told.commands[name]
    assert done.returncode == 2
    assert words in done.stderr
    assert "Nothing was signed." in done.stderr


def test_the_approver_s_key_stays_out_of_sight(told: Told) -> None:
    for done in told.commands.values():
        assert "PRIVATE" not in done.stdout + done.stderr
    assert "承認しました" in told.commands["sato"].stdout
