"""What approvers signed, as plain data: who, when, for which plan. Verifying signatures is an edge's work."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from byodkim.rotation.fleet_plan import FleetApproval, Membership
from byodkim.rotation.plan import Plan, plan_from_plain

VALID_DAYS: Final = 7


@dataclass(frozen=True)
class Use:
    """The run whose write an approval served, and when that write was begun (ISO 8601)."""

    run: str
    at: str


@dataclass(frozen=True)
class Terms:
    """Until when approvals count, and which ones are used up.

    Attributes:
        now: when the world was observed that the plan is made of.
        valid_days: for how many days an approval counts.
        used: what an approval was used up by, by what was signed (``Presented.statement``).
    """

    now: datetime
    valid_days: int = VALID_DAYS
    used: Mapping[str, Use] = field(default_factory=dict)

    def expires(self, at: str) -> datetime:
        """Return when an approval that was given ``at`` expires."""
        return datetime.fromisoformat(at) + timedelta(days=self.valid_days)


#: Those of a run that tells of none: no approval is in force.
NO_TERMS: Final = Terms(datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Approval:
    """One person's signed consent to one plan.

    ``approver`` is the profile's name of the key that signed, never what the file says of itself; ``at`` (UTC, ISO
    8601) is the approver's own clock; ``run`` is the plan run that was looked at.
    """

    approver: str
    at: str
    run: str
    identity: str
    selector: str
    account: str
    region: str
    comment: str
    plan: Plan


@dataclass(frozen=True)
class Presented:
    """A file that was given as an approval.

    ``defect`` is "" or ``absent``, ``unread``, ``malformed`` (no envelope, or one of something else), ``unknown-key``
    (no approver's) or ``forged`` (an approver's key is named, but did not sign this). ``envelope`` is its JSON: a
    record can be verified without the file. Of a campaign, ``fleet`` is an approval of its plan, and ``member`` the
    place of this run's plan in it; each has a file of its own.
    """

    file: str
    approval: Approval | None = None
    defect: str = ""
    envelope: Mapping[str, Any] | None = None
    fleet: FleetApproval | None = None
    member: Membership | None = None

    @property
    def signed(self) -> Approval | FleetApproval | None:
        """The consent that it is, to one plan or to that of a campaign; ``None`` where it is none."""
        return self.approval or self.fleet

    @property
    def statement(self) -> str:
        """Return the SHA-256 (hex) of what was signed, by which a copy under any name is known; "" for no envelope."""
        return statement_of(self.envelope)

    def plain(self) -> dict[str, Any]:
        """The same as JSON-able values."""
        plain = asdict(replace(self, fleet=None, member=None))
        of_fleet = {
            "fleet": {**asdict(self.fleet), "plan": self.fleet.plan.plain()} if self.fleet else None,
            "member": self.member.plain() if self.member else None,
        }
        return plain | of_fleet if self.fleet or self.member else _without(plain)

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Presented:
        """Return what ``plain`` gave."""
        signed = data["approval"]
        approval = Approval(**{**signed, "plan": plan_from_plain(signed["plan"])}) if signed else None
        fleet, member = data.get("fleet"), data.get("member")
        return cls(
            data["file"], approval, data["defect"], data["envelope"],
            FleetApproval.from_plain(fleet) if fleet else None, Membership.from_plain(member) if member else None,
        )  # fmt: skip


def _without(plain: dict[str, Any]) -> dict[str, Any]:
    """As it is written where no campaign has anything to do with it."""
    return {name: value for name, value in plain.items() if name not in ("fleet", "member")}


def statement_of(envelope: Mapping[str, Any] | None) -> str:
    """Return the SHA-256 (hex) of what an envelope holds; "" where it holds nothing."""
    try:
        payload = base64.b64decode(str((envelope or {})["payload"]))
    except (LookupError, ValueError):
        return ""
    return hashlib.sha256(payload).hexdigest()
