"""Approvals of the good world's plan, and of others."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from second_edition.evidence.journal import digest
from second_edition.rotation import plan as plans
from second_edition.rotation.approval import Approval, Presented, Terms, Use, statement_of
from second_edition.rotation.checks import CHECKS
from second_edition.rotation.plan import Plan, Write
from tests.second_edition.rotation import world

__all__ = ["DRIFTED", "NOTHING", "OTHER_WRITES", "PLAN", "SIGNED", "TERMS", "WARNED", "Presented", "by", "used_up"]

RUN = "20261124T033000Z-7f3a"
PLAN = plans.make(world.good(), CHECKS.evaluate(world.case(world.good()), {}), digest)
_FACTS = {**PLAN.relies_on, "key.version": "v2Jw"}
DRIFTED = Plan.of(PLAN.writes, _FACTS, digest)
WARNED = Plan.of(PLAN.writes, {**PLAN.relies_on, "warning.BACK-CHECKS": "FAIL"}, digest)
NOTHING = Plan.of([], PLAN.relies_on, digest)
OTHER_WRITES = Plan.of([*PLAN.writes, Write("DeleteObject", "s3://prod-keys/old.pem")], PLAN.relies_on, digest)
# What was signed; an hour after it, nothing used up.
SIGNED = {"payload": base64.b64encode(b'{"approver": "tanaka"}').decode()}
TERMS = Terms(datetime(2026, 11, 24, 4, 40, tzinfo=UTC))


def used_up(*, unsigned: bool = False) -> Terms:
    """The same terms, once a run has used up what was signed."""
    use = Use("20261124T040000Z-91c0", "2026-11-24T04:00:07.000+00:00", unsigned)
    return replace(TERMS, used={statement_of(SIGNED): use})


def by(approver: str, **changes: Any) -> Presented:
    """A sound file that ``approver`` signed."""
    told = {
        "at": "2026-11-24T03:40:00+00:00",
        "run": RUN,
        "identity": world.DOMAIN,
        "selector": world.NEXT,
        "account": world.ACCOUNT,
        "region": world.REGION,
        "comment": "",
        "plan": PLAN,
    }
    return Presented(f"plan.{RUN}.approval.{approver}.json", Approval(approver, **{**told, **changes}), envelope=SIGNED)
