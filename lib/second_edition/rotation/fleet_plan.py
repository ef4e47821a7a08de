"""Define what is approved of a campaign, and an identity's place in it: one digest for all, and a proof for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from msgspec import Struct

from second_edition.rotation import merkle
from second_edition.rotation.plan import Digest, Plan

_PACE, _PLACE = "pace.", "place "


class FleetPlan(Plan, frozen=True):
    """The plan of a campaign, which stands for those of its identities: it has no writes of its own."""

    @classmethod
    def over(cls, entries: list[bytes], pace: Mapping[str, str], places: Mapping[str, int], digest: Digest) -> Self:
        """Return the plan.

        Args:
            entries: the digests of the plans of all that are ready.
            pace: canary, wave, pause_minutes, stop_after, at_once, as text.
            places: account and Region of each lane, and how many identities are ready there.
            digest: of canonical JSON.
        """
        facts = {"root": merkle.root(entries).hex(), "count": str(len(entries))}
        facts |= {f"{_PACE}{name}": value for name, value in pace.items()}
        facts |= {f"{_PLACE}{name}": str(count) for name, count in places.items()}
        return cls.of((), facts, digest)

    @property
    def root(self) -> str:
        """Return the tree hash over the plans' digests of all that are ready, in hex."""
        return self.relies_on["root"]

    @property
    def count(self) -> int:
        """Return how many are ready."""
        return int(self.relies_on["count"])

    @property
    def settings(self) -> dict[str, str]:
        """Return the pace, by name."""
        return self._named(_PACE)

    @property
    def places(self) -> dict[str, int]:
        """Return how many identities are ready in each account and Region."""
        return {name: int(count) for name, count in self._named(_PLACE).items()}

    def _named(self, kind: str) -> dict[str, str]:
        facts = self.relies_on.items()
        return {name.removeprefix(kind): value for name, value in facts if name.startswith(kind)}


def entry(digest: str, at: str) -> bytes:
    """Return the entry of an identity in the tree: 32 bytes of its plan's digest, and when that was observed."""
    return bytes.fromhex(digest) + at.encode()


class Membership(Struct, frozen=True, forbid_unknown_fields=True):
    """An identity's place in the plan of a campaign.

    Attributes:
        campaign: id of the campaign's run that carries the plan out.
        planned: id of its plan run.
        index: from 0, in the order of account, Region and domain.
        proof: of inclusion, hashes in hex from the leaf up.
        fleet: the campaign's plan.
        plan: the identity's own, as it was shown.
        at: when it was observed for that (ISO 8601).
    """

    campaign: str
    planned: str
    index: int
    proof: tuple[str, ...]
    fleet: FleetPlan
    plan: Plan
    at: str = ""

    @property
    def holds(self) -> bool:
        """Return whether the identity's plan, of that time, is among those that the campaign's digest stands for."""
        try:
            hashes = [bytes.fromhex(one) for one in self.proof]
            tree = bytes.fromhex(self.fleet.root)
            return merkle.includes(entry(self.plan.digest, self.at), self.index, self.fleet.count, hashes, tree)
        except (ValueError, LookupError):
            return False
