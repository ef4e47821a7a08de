"""A campaign's good case with one thing changed, and what its checks then come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from second_edition.evidence.journal import digest
from second_edition.procedures.fleet.checks import FleetCase
from second_edition.rotation import fleet, merkle
from second_edition.rotation.approval import Approval, Presented, Terms
from second_edition.rotation.checks.case import Applying, Expected
from second_edition.rotation.findings import Verdict
from second_edition.rotation.fleet import Group, Member
from second_edition.rotation.fleet_plan import FleetPlan, Membership
from second_edition.rotation.lock import Lock, State
from second_edition.rotation.plan import PUT, Plan, Write
from second_edition.rotation.rehearsal import Rehearsal, Tried
from tests.second_edition.rotation import world

PASS, FAIL, UNKNOWN, SKIPPED = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN, Verdict.SKIPPED
RUN, AT = "20261124T040849Z-7f3a", "2026-11-24T03:40:00+00:00"
PACE = {"canary": "1%", "wave": "100", "pause_minutes": "15", "stop_after": "0", "at_once": "4"}


def plan_of(name: str, **more: str) -> Plan:
    """The plan of one identity."""
    write = Write(PUT, name, "mail-20260912-1", "mail-20261124-1", "a4" * 32)
    return Plan.of([write], {"account": "123456789012", **more}, digest)


def member(number: int) -> Member:
    """One of seven that are ready."""
    name = f"d{number:05}.example.jp"
    where = ("123456789012", "ap-northeast-1")
    return Member(name, "mail-20261124-1", *where, {"domain": name}, Group.READY, plan_of(name))


MEMBERS = tuple(map(member, range(7)))
PLAN: FleetPlan = fleet.planned(MEMBERS, PACE, digest)


def placed(number: int, plan: FleetPlan = PLAN) -> Membership:
    """The place of one of them."""
    proof = merkle.proofs(fleet.entries(MEMBERS))[number]
    made = MEMBERS[number].plan
    assert made is not None
    return Membership("20261124T050000Z-91c0", RUN, number, tuple(one.hex() for one in proof), plan, made)


def by(name: str, plan: FleetPlan = PLAN, *, at: str = AT, run: str = RUN) -> Presented:
    """A person's approval of a campaign."""
    return Presented(f"{name}.json", Approval(name, at, run, "", Plan.of((), plan.relies_on, digest)), envelope={})


TERMS = Terms(datetime(2026, 11, 24, 4, 40, tzinfo=UTC))
APPLYING = Applying(Plan((), {}, ""), lock=Lock(State.HELD, "fleet.json", 1), terms=TERMS)
GOOD = FleetCase(
    world.good(), Expected("123456789012", "ap-northeast-1"), APPLYING,
    planned=RUN, plan=PLAN, required=1, approvals=(by("tanaka"),),
)  # fmt: skip


@dataclass(frozen=True)
class FleetRow:
    """The good case with ``changes``: the verdict of ``check`` is ``verdict``."""

    check: str
    name: str
    verdict: Verdict
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def case(self) -> FleetCase:
        """The case."""
        return replace(GOOD, **self.changes)


OTHER = FleetPlan.of((), {**PLAN.relies_on, "root": "00" * 32}, digest)
TRIED = Tried("20261127T040849Z-7f3a", "SWITCHED", AT, AT, plan_of(MEMBERS[0].domain), plan_of(MEMBERS[0].domain))


def canary(name: str, verdict: Verdict, found: Tried | None, **more: Any) -> FleetRow:
    """A campaign whose one canary was rehearsed so."""
    rehearsal = Rehearsal(plan_of(MEMBERS[0].domain), found)
    return FleetRow("FLEET-REHEARSED", name, verdict, {"rehearsals": ((MEMBERS[0].domain, rehearsal),), **more})


ROWS = (
    FleetRow("FLEET-REHEARSED", "plan mode", SKIPPED, {"applying": None, "plan": None}),
    FleetRow("FLEET-REHEARSED", "none required", SKIPPED),
    FleetRow("FLEET-REHEARSED", "no plan to hold it against", UNKNOWN, {"plan": None, "defect": "absent"}),
    canary("plan mode, none yet", SKIPPED, None, applying=None),
    canary("good", PASS, TRIED),
    canary("none", FAIL, None),
    *(canary(f"ended {one or 'nowhere'}", FAIL, replace(TRIED, outcome=one))
      for one in ("UNCHANGED", "SWITCHED-PENDING", "")),
    canary("nothing made", FAIL, replace(TRIED, carried=None)),
    canary("of no plan", FAIL, replace(TRIED, plan=None)),
    canary("another state", FAIL, replace(TRIED, plan=plan_of(MEMBERS[0].domain, **{"identity.status": "FAILED"}))),
    *(canary(one, FAIL, replace(TRIED, defect=one)) for one in ("altered", "unsealed", "edited", "missing")),
    canary("unread", UNKNOWN, replace(TRIED, defect="unread")),
    FleetRow("FLEET-PLAN", "the plan that was shown", PASS),
    FleetRow("FLEET-PLAN", "plan mode", SKIPPED, {"applying": None, "plan": None}),
    FleetRow("FLEET-PLAN", "no plan named", FAIL, {"plan": None, "defect": "unnamed"}),
    FleetRow("FLEET-PLAN", "no such run", FAIL, {"plan": None, "defect": "absent"}),
    FleetRow("FLEET-PLAN", "a run of something else", FAIL, {"plan": None, "defect": "other"}),
    FleetRow("FLEET-PLAN", "no trusted key signed it", FAIL, {"plan": None, "defect": "unsealed"}),
    FleetRow("FLEET-PLAN", "its files were altered", FAIL, {"plan": None, "defect": "altered"}),
    FleetRow("FLEET-PLAN", "another pace", FAIL, {"plan": None, "defect": "settings", "names": ("wave",)}),
    FleetRow("FLEET-PLAN", "a plan, and what speaks against it", FAIL, {"defect": "settings", "names": ("a",)}),
    FleetRow("FLEET-APPROVED", "one of one", PASS),
    FleetRow("FLEET-APPROVED", "plan mode", SKIPPED, {"applying": None}),
    FleetRow("FLEET-APPROVED", "none needed", SKIPPED, {"required": 0, "approvals": ()}),
    FleetRow("FLEET-APPROVED", "none of one", FAIL, {"approvals": ()}),
    FleetRow("FLEET-APPROVED", "one of two", FAIL, {"required": 2}),
    FleetRow("FLEET-APPROVED", "one person twice", FAIL, {"required": 2, "approvals": (by("tanaka"), by("tanaka"))}),
    FleetRow("FLEET-APPROVED", "none yet", FAIL, {"approvals": (Presented("x.json", defect="absent"),)}),
    FleetRow("FLEET-APPROVED", "of another plan", FAIL, {"approvals": (by("tanaka", OTHER),)}),
    FleetRow("FLEET-APPROVED", "expired when it begins", FAIL, {
        "approvals": (by("tanaka", at="2026-11-17T04:39:59+00:00"),),
    }),
    FleetRow("FLEET-APPROVED", "dated ahead", FAIL, {"approvals": (by("tanaka", at="2026-11-24T04:50:01+00:00"),)}),
    FleetRow("FLEET-APPROVED", "of another campaign with the same plan", FAIL, {
        "approvals": (by("tanaka", run="20261101T040849Z-7f3a"),),
    }),
    FleetRow("FLEET-APPROVED", "a forged one besides", FAIL, {
        "approvals": (by("tanaka"), Presented("x.json", defect="forged")),
    }),
    FleetRow("FLEET-APPROVED", "no plan", UNKNOWN, {"plan": None, "defect": "absent"}),
)  # fmt: skip
