"""What approvers signed, as plain data: who, when, for which plan. Verifying signatures is an edge's work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from byodkim.rotation.plan import Change, Plan


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
    record can be verified without the file.
    """

    file: str
    approval: Approval | None = None
    defect: str = ""
    envelope: Mapping[str, Any] | None = None

    def plain(self) -> dict[str, Any]:
        """The same as JSON-able values."""
        return asdict(self)

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Presented:
        """What ``plain`` gave."""
        signed = data["approval"]
        approval = Approval(**{**signed, "plan": plan_from_plain(signed["plan"])}) if signed else None
        return cls(data["file"], approval, data["defect"], data["envelope"])


def plan_from_plain(data: Mapping[str, Any]) -> Plan:
    """The plan of a JSON object.

    Raises:
        KeyError, TypeError: it is no plan.
    """
    return Plan(tuple(Change(**change) for change in data["changes"]), dict(data["relies_on"]), str(data["digest"]))
