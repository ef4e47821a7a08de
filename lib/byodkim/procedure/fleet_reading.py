"""Who reads identities for the runs of a campaign: one reader an account and Region, which asks SES for many at a time.

Where there is none, each run reads by itself, as it does alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

from byodkim.custody.client import Custodian, Refused
from byodkim.errors import ByodkimError
from byodkim.evidence.fleet_file import Planned
from byodkim.intent.campaign import Row
from byodkim.fleet.planning import Surroundings, settings_of
from byodkim.procedure.run import Run
from byodkim.rotation.fleet import Member

#: The variable by which a run's custodian finds its reader.
VARIABLE: Final = "BYODKIM_READER"
MODULE: Final = "byodkim.fleet.reader"
Lane = tuple[str, str, str]


class Reader(Protocol):
    """Who reads identities of one account and Region."""

    address: str

    def seed(self, identities: Iterable[tuple[Mapping[str, Any], str]]) -> None:
        """Learns identities as they were read in full, and when (ISO 8601)."""

    def ahead(self, names: Sequence[str]) -> None:
        """Learns which will be asked for soon."""

    def close(self) -> None:
        """Ends it."""


@dataclass
class Readers:
    """The readers of a campaign by lane, and the custodian of each, which only reads."""

    by_lane: dict[Lane, Reader] = field(default_factory=dict)
    custodians: list[Custodian] = field(default_factory=list)

    def environment(self, member: Member) -> dict[str, str] | None:
        """What is set for the run of an identity."""
        reader = self.by_lane.get(member.lane)
        return {VARIABLE: reader.address} if reader else None

    def ahead(self, members: Iterable[Member]) -> None:
        """Says who is about to be run."""
        names: dict[Lane, list[str]] = {}
        for one in members:
            names.setdefault(one.lane, []).append(one.domain)
        for lane, some in names.items():
            if lane in self.by_lane:
                self.by_lane[lane].ahead(some)

    def close(self) -> None:
        """Ends them all."""
        for reader in self.by_lane.values():
            reader.close()
        for custodian in self.custodians:
            custodian.close()


def readers(run: Run, planned: Planned) -> Readers:
    """The readers of a campaign, each knowing what its plan run read; none where this version has none.

    One that cannot be had is left out: the runs of its lane read by themselves.
    """
    found = Readers()
    if find_spec(MODULE.rpartition(".")[0]) is None or find_spec(MODULE) is None:
        return found
    make = import_module(MODULE).Reader
    lanes: dict[Lane, list[Member]] = {}
    for member in planned.ready:
        lanes.setdefault(member.lane, []).append(member)
    for lane, members in lanes.items():
        custodian = Custodian(read_only=True)
        found.custodians.append(custodian)
        try:
            around = Surroundings(run.folder, Path.cwd(), run.intent.language)
            intent, clock = around.intent(Row(0, members[0].parameters))
            custodian.ask("open", settings=settings_of(intent, clock)).result()
            told = custodian.ask("caller").result()
            place = {name: str(told[name]) for name in ("account", "region", "endpoint")}
            reader: Reader = make(custodian, run.folder, clock=clock, **place)
        except (Refused, ByodkimError, OSError):
            continue
        reader.seed(_seeds(planned, members))
        found.by_lane[lane] = reader
    return found


def _seeds(planned: Planned, members: Sequence[Member]) -> Iterator[tuple[Mapping[str, Any], str]]:
    for member in members:
        full = planned.full(member)
        if full.identity is not None:
            yield full.identity, full.at
