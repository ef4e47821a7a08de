"""Define what a run of publish saw, and the plan that is made of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from second_edition.dkim.published import Answer
from second_edition.rotation.findings import Finding
from second_edition.rotation.observation import Observation
from second_edition.rotation.plan import Digest, Plan, Write, objections, place
from second_edition.rotation.publication import NotPlanned, replaced
from second_edition.rotation.record_set import Publication, Wanted


class Proposal(Struct, frozen=True):
    """Hold what a run of publish saw.

    Attributes:
        seen: who acts.
        wanted: the key record that was asked for.
        publisher: who writes key records, by the profile; ``writes``: whether it is this program.
        zone: the change at its name; ``None`` where none can be planned.
        unplanned: why not.
        served: what every authoritative server says, where that was asked for.
    """

    seen: Observation
    wanted: Wanted
    publisher: str
    writes: bool
    zone: Publication | None
    unplanned: NotPlanned | None = None
    served: tuple[Answer, ...] = ()

    @property
    def replaced(self) -> bytes | None:
        """Return the value of another's record that the change replaces; ``None`` where it replaces none."""
        return replaced(self.zone.change, self.wanted) if self.zone else None


def plan(found: Proposal, findings: Sequence[Finding], digest: Digest) -> Plan:
    """Return the plan by what was seen. It is made whether or not the checks allow it to be carried out."""
    wanted, zone = found.wanted, found.zone
    changes = zone is not None and zone.change is not None
    write = Write(wanted.aim.value, wanted.name, next_selector=found.seen.selector, key_sha256=wanted.sha256)
    facts = {
        "key.sha256": wanted.sha256,
        "publisher": found.publisher,
        "zone.name": zone.zone if zone else "",
        "zone.change": zone.digest if zone and changes else "",
    }
    return Plan.of([write] if changes else [], place(found.seen.caller) | facts | objections(findings), digest)
