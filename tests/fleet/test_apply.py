"""What a campaign writes, and what it refuses: only the signed plan of its table, row by row."""

import pytest

from byodkim.engine import write_ahead
from byodkim.record.events import Interrupted, PlanTaken, Waiting, WriteIntended
from byodkim.record.journal_file import read_journal
from tests.fleet.fleet import Fleet, ended, outcomes, planned
from tests.rotate.project import Change, dns, entry, fault, identity
from tests.rotate.test_people import acting
from tests.sandbox.tools import CURRENT, NEW, PUT, eventually


def test_there_and_back(fleet):
    """Each row is written once. The rollback table is one that ``fleet`` itself takes."""
    assert fleet.plan(wave_rows="1").outcome == "PLANNED"
    assert fleet.selectors == [CURRENT] * 3
    result = fleet.apply()
    result.require("SWITCHED")
    assert outcomes(result) == dict.fromkeys((2, 3, 4), "SWITCHED")
    assert (fleet.writes, fleet.selectors) == ([1] * 3, [NEW] * 3)
    assert fleet.apply("again").outcome == "UNCHANGED"
    back = {"table": "outputs/apply.csv"}
    assert fleet.plan("plan-back", **back).outcome == "PLANNED"
    assert fleet.apply("back", **back).outcome == "SWITCHED"
    assert (fleet.writes, fleet.selectors) == ([2] * 3, [CURRENT] * 3)
    undone = fleet.apply("forth")  # the first plan, again
    assert (undone.outcome, fleet.writes) == ("REFUSED", [2] * 3)
    (stopped,) = [each for each in undone.events if isinstance(each, Interrupted)]
    assert "after this plan was made" in str(stopped.what)
    fleet.plan("plan-forth")
    assert fleet.apply("forth-2").outcome == "SWITCHED"
    fleet.require_verified()


def test_a_selector_that_ses_gave_up_is_set_again(fleet):
    """The way back is the selector before it, in plan, write and rollback table."""
    fleet.plan()
    fleet.apply()
    fleet.of(1).change("identity", domain=fleet.domains[1], status="FAILED")
    fleet.plan("plan-2")
    result = fleet.apply("again")
    assert outcomes(result) == {3: "SWITCHED"}
    assert (fleet.writes, fleet.selectors) == ([1, 2, 1], [NEW] * 3)
    rows = (fleet.outputs / "again.csv").read_text().splitlines()[1:]
    assert [row.split(",")[:2] for row in rows] == [[fleet.domains[1], CURRENT]]


@pytest.mark.parametrize(
    "fleet", [{"scenario": "fleet", "identities": 7, "faulty": 5}], indirect=True
)
def test_the_last_identities_of_the_sandbox_are_not_ready(fleet):
    rows = planned(fleet.plan())
    assert [each.finding and each.finding.check for each in rows] == [
        None,
        None,
        "DNS-PUBLISHED",
        "DNS-PUBLISHED",
        "SECRET-ENTRY",
        "SES-ORIGIN",
        "SES-EXISTS",
    ]


def no_plan(_fleet: Fleet) -> None:
    pass


def other_table(fleet: Fleet) -> None:
    fleet.plan()
    fleet.table([f"{domain},{NEW}" for domain in fleet.domains[:2]])


def strangers_plan(fleet: Fleet) -> None:
    with acting(fleet, "mallory"):
        fleet.plan()


def changed_journal(fleet: Fleet) -> None:
    """A wave is moved by hand."""
    fleet.plan()
    path = fleet.outputs / "plan.journal.jsonl"
    path.write_text(path.read_text().replace('"wave":2', '"wave":1'))


def rows_own_plans(fleet: Fleet) -> None:
    """Plans of rotate are no plan of a table."""
    for number in range(3):
        fleet.of(number).run(f"row-{number}", mode="plan")


NO_PLAN = (
    no_plan,
    other_table,
    strangers_plan,
    changed_journal,
    rows_own_plans,
)


@pytest.mark.parametrize("prepare", NO_PLAN)
def test_no_plan(fleet, prepare):
    assert callable(prepare)
    prepare(fleet)
    result = fleet.apply()
    assert (result.outcome, result.code, sum(fleet.writes)) == ("REFUSED", 1, 0)
    (stopped,) = [each for each in result.events if isinstance(each, Interrupted)]
    assert ("No signed plan of f.csv" in str(stopped.what), outcomes(result)) == (True, {})


def test_the_newest_plan_counts(fleet):
    """Cells may be spelled otherwise: it is the same table."""
    fleet.plan("first")
    fleet.plan("second", wave_rows="1")
    fleet.table(
        [f" {domain.upper()}. , {NEW} ,," for domain in fleet.domains],
        "Domain,selector,region,section",
    )
    result = fleet.apply(wave="3")
    (taken,) = [each for each in result.events if isinstance(each, PlanTaken)]
    assert (taken.plan, taken.wave, taken.rows) == ("second", 3, 1)
    assert (result.outcome, fleet.writes) == ("SWITCHED", [0, 0, 1])


#: What happens to one identity after the plan, and what its refusal names.
DRIFT: dict[str, tuple[Change, str]] = {
    "secret edited": (entry(comment="x"), ": secret."),
    "record removed": (dns(texts=[]), "DNS-PUBLISHED"),
    "identity gone": (identity(delete=True), "SES-EXISTS"),
}


def test_rows_that_drift_are_refused(fleet):
    """Each in its own way, between the plan and its turn. Only the row that did not drift goes."""
    fleet.grow(len(DRIFT) - 2)
    fleet.plan()
    for number, (change, _named) in enumerate(DRIFT.values(), 1):
        change(fleet.of(number))
    result = fleet.apply(max_failures="100")
    lines = range(3, 3 + len(DRIFT))
    assert outcomes(result) == {2: "SWITCHED"} | dict.fromkeys(lines, "REFUSED")
    assert fleet.writes == [1] + [0] * len(DRIFT)
    headlines = {line: str(each.headline) for line, each in ended(result).items()}
    wrong = [
        (what, headlines[line])
        for line, (what, (_change, named)) in zip(lines, DRIFT.items(), strict=True)
        if named not in headlines[line]
    ]
    assert wrong == []
    result.require("FAILED")
    fleet.require_verified()


@pytest.mark.parametrize(
    ("given", "expected", "writes"),
    [
        ({}, {2: "SWITCHED", 3: "REFUSED"}, [1, 0, 0]),
        ({"max_failures": "2"}, {2: "SWITCHED", 3: "REFUSED", 4: "SWITCHED"}, [1, 0, 1]),
        ({"wave": "3"}, {4: "SWITCHED"}, [0, 0, 1]),
        ({"wave": "2"}, {3: "REFUSED"}, [0, 0, 0]),
    ],
)
def test_failures_stop_the_rest(fleet, given, expected, writes):
    """The second of three waves drifts."""
    fleet.plan(wave_rows="1")
    entry(comment="x")(fleet.of(1))
    result = fleet.apply(**given)
    assert (outcomes(result), fleet.writes) == (expected, writes)
    is_good = set(expected.values()) == {"SWITCHED"}
    bad = "FAILED" if sum(writes) else "REFUSED"
    assert result.outcome == ("SWITCHED" if is_good else bad)
    fleet.require_verified()


def test_a_wave_that_does_not_exist(fleet):
    fleet.plan()
    result = fleet.apply(wave="9")
    assert (result.outcome, outcomes(result), sum(fleet.writes)) == ("UNCHANGED", {}, 0)
    assert "no rows in this wave" in str(result.headline)


def test_rows_that_are_switched_already(fleet):
    """By rotate, or by another hand: no second write, and the rest goes on."""
    fleet.plan()
    assert fleet.of(0).run("alone").outcome == "SWITCHED"
    identity(selector=NEW)(fleet.of(1))
    result = fleet.apply()
    assert outcomes(result) == {2: "UNCHANGED", 3: "UNCHANGED", 4: "SWITCHED"}
    assert (result.outcome, fleet.writes) == ("SWITCHED", [1, 0, 1])
    rolled = [line.split(",")[0] for line in (fleet.outputs / "apply.csv").read_text().splitlines()]
    assert rolled == ["domain", fleet.domains[0], fleet.domains[2]]  # not what another hand did
    fleet.require_verified()


def test_two_campaigns_at_once(fleet):
    """The second is refused while the first is at work, and does its rest when that is dead."""
    fleet.plan()
    fault(PUT, delay_s=4.0)(fleet)
    first = fleet.command("first")
    eventually(lambda: sum(fleet.writes) == 1, 30)
    second = fleet.apply("second")
    assert (second.stopped_by, outcomes(second)) == ("PLAN-LOCK FAIL", {})
    assert "first" in str(second.finding("PLAN-LOCK").saw)
    fault(PUT, times=0)(fleet)
    assert fleet.end("first", first).outcome == "SWITCHED"
    assert fleet.writes == [1] * 3


def test_a_rotation_of_a_row_is_under_way(fleet):
    fleet.plan()
    fault(PUT, delay_s=4.0)(fleet)
    first = fleet.of(0).start("first")
    eventually(lambda: sum(fleet.writes) == 1, 30)
    result = fleet.apply()
    assert outcomes(result) == {2: "REFUSED"}
    assert "PLAN-LOCK" in str(ended(result)[2].headline)
    assert fleet.end("first", first).outcome == "SWITCHED"
    assert fleet.writes == [1, 0, 0]


def test_a_section_without_credentials(fleet, monkeypatch):
    """Its rows are refused; the others go on. So it is when the credentials are lost later."""
    fleet.be_aws(monkeypatch)
    whole = (fleet.folder / "byodkim.toml").read_text()
    rows = zip(fleet.domains, ("", "other", ""), strict=True)
    fleet.table([f"{domain},{NEW},{name}" for domain, name in rows], "domain,selector,section")
    fleet.profile(whole.removeprefix("[default]\n") + whole.replace("default", "other"))
    assert [each.state for each in planned(fleet.plan())] == ["ready"] * 3
    lost = whole.replace("default", "other") + 'aws_profile = "nobody"\n'
    fleet.profile(whole.removeprefix("[default]\n") + lost)
    result = fleet.apply(max_failures="2")
    assert outcomes(result) == {2: "SWITCHED", 3: "REFUSED", 4: "SWITCHED"}
    assert "SES-ACCOUNT" in str(ended(result)[3].headline)
    plan = planned(fleet.plan("later"))
    assert [each.state for each in plan] == ["done", "stopped", "done"]
    assert [each.finding and each.finding.check for each in plan] == [None, "SES-ACCOUNT", None]
    fleet.require_verified()


THROTTLED = {"code": "TooManyRequestsException", "status": 429}


def test_reads_are_throttled_by_another_program(fleet):
    """They are repeated."""
    fleet.plan()
    fault("GetIdentityDkimAttributes", times=2, **THROTTLED)(fleet)
    result = fleet.apply()
    assert (result.outcome, fleet.writes) == ("SWITCHED", [1] * 3)


def test_a_write_is_throttled_by_another_program(fleet, monkeypatch):
    """It is sent again, with an intent of its own, while SES shows the identity as before."""
    monkeypatch.setattr(write_ahead, "PAUSES_S", (0.1, 0.2))
    fleet.plan()
    fault(PUT, times=1, **THROTTLED)(fleet)
    assert (fleet.apply().outcome, fleet.writes) == ("SWITCHED", [2, 1, 1])
    intents = [
        each for each in fleet.result("apply.00002").events if isinstance(each, WriteIntended)
    ]
    assert len(intents) == 2
    fleet.require_verified()


def test_a_write_is_throttled_for_long(fleet, monkeypatch):
    """The row fails. The same command makes it."""
    monkeypatch.setattr(write_ahead, "PAUSES_S", (0.1, 0.2))
    fleet.plan()
    fault(PUT, times=3, **THROTTLED)(fleet)
    result = fleet.apply()
    assert (result.outcome, outcomes(result)) == ("FAILED", {2: "FAILED"})
    assert "TooManyRequestsException" in str(ended(result)[2].headline)
    assert fleet.selectors == [CURRENT] * 3
    assert fleet.apply("again").outcome == "SWITCHED"


def test_rows_wait_for_ses(fleet):
    """A row that SES has not verified in time counts as a failure. The same command waits on."""
    fleet.plan()
    fleet.change("ses", verify_after_s=3600)
    result = fleet.apply(wait_minutes="0")
    assert (result.outcome, outcomes(result)) == ("FAILED", {2: "SWITCHED-PENDING"})
    fleet.change("identity", domain=fleet.domains[0], status="SUCCESS")
    fleet.change("ses", verify_after_s=0.1)
    again = fleet.apply("again")
    assert (again.outcome, fleet.writes) == ("SWITCHED", [1] * 3)
    fleet.require_verified()


def test_a_write_without_an_answer_is_waited_for(fleet):
    """A signed run ended FAILED without knowing. The next one waits while it may still land."""
    fleet.profile("late_write_seconds = 1\n")
    fleet.plan()
    fault(PUT, cut="before", times=1)(fleet)
    fault("GetEmailIdentity", code="AccessDenied", status=403, skip=1)(fleet)
    assert outcomes(fleet.apply()) == {2: "FAILED"}
    fault("GetEmailIdentity", times=0)(fleet)
    fleet.profile("late_write_seconds = 12\n")
    fleet.apply("again")
    events = read_journal(fleet.outputs / "again.00002.journal.jsonl").events
    assert [each.what for each in events if isinstance(each, Waiting)][:1] == ["late-write"]
    assert fleet.writes == [2, 1, 1]
