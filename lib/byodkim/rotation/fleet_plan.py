"""What is approved of a campaign, and an identity's place in it: one digest for all, and a proof for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from byodkim.rotation import merkle
from byodkim.rotation.plan import Plan, plan_from_plain


@dataclass(frozen=True)
class FleetPlan:
    """What is approved: the tree hash of all plans, and how the campaign goes.

    Attributes:
        root: the tree hash over the plans' digests of all that are ready, in hex.
        count: how many those are.
        settings: canary, wave, pause_minutes, stop_after, at_once, as text.
        places: account and Region of each lane, and how many identities are ready there.
        digest: SHA-256 in hex over the canonical JSON of ``content``.
    """

    root: str
    count: int
    settings: Mapping[str, str]
    places: Mapping[str, int]
    digest: str = ""

    def content(self) -> dict[str, Any]:
        """Return what ``digest`` is over."""
        return {"root": self.root, "count": self.count, "settings": dict(self.settings), "places": dict(self.places)}

    def plain(self) -> dict[str, Any]:
        """The same as JSON-able values, its digest included."""
        return {**self.content(), "digest": self.digest}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> FleetPlan:
        """The plan that ``plain`` gave.

        Raises:
            LookupError, TypeError, ValueError, AttributeError: it is none.
        """
        settings = {str(name): str(value) for name, value in plain["settings"].items()}
        places = {str(name): int(count) for name, count in plain["places"].items()}
        return cls(str(plain["root"]), int(plain["count"]), settings, places, str(plain["digest"]))


@dataclass(frozen=True)
class FleetApproval:
    """One person's signed consent to the plan of a campaign; as ``Approval`` is to the plan of one run."""

    approver: str
    at: str
    run: str
    comment: str
    plan: FleetPlan

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> FleetApproval:
        """The approval that ``asdict`` gave."""
        return cls(**{**plain, "plan": FleetPlan.from_plain(plain["plan"])})


@dataclass(frozen=True)
class Membership:
    """An identity's place in the plan of a campaign.

    Attributes:
        campaign: id of the campaign's run that carries the plan out.
        planned: id of its plan run.
        index: from 0, in the order of account, Region and domain.
        proof: of inclusion, hashes in hex from the leaf up.
        fleet: the campaign's plan.
        plan: the identity's own, as it was shown.
    """

    campaign: str
    planned: str
    index: int
    proof: tuple[str, ...]
    fleet: FleetPlan
    plan: Plan

    @property
    def holds(self) -> bool:
        """Return whether the identity's plan is among those that the campaign's digest stands for."""
        try:
            hashes = [bytes.fromhex(one) for one in self.proof]
            entry, tree = bytes.fromhex(self.plan.digest), bytes.fromhex(self.fleet.root)
        except ValueError:
            return False
        return merkle.includes(entry, self.index, self.fleet.count, hashes, tree)

    def plain(self) -> dict[str, Any]:
        """The same as JSON-able values."""
        return {**asdict(self), "proof": list(self.proof), "fleet": self.fleet.plain()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Membership:
        """The membership that ``plain`` gave.

        Raises:
            LookupError, TypeError, ValueError, AttributeError: it is none.
        """
        return cls(
            str(plain["campaign"]), str(plain["planned"]), int(plain["index"]), tuple(map(str, plain["proof"])),
            FleetPlan.from_plain(plain["fleet"]), plan_from_plain(plain["plan"]),
        )  # fmt: skip
