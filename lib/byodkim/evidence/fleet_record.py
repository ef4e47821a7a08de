"""A campaign's events: which identities were begun and what became of each, taken over ones included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from byodkim.evidence.record import Record
from byodkim.plain import from_plain
from byodkim.rotation import waves
from byodkim.rotation.fleet_plan import FleetPlan
from byodkim.rotation.outcome import Outcome

Event = Mapping[str, Any]
#: Outcomes of an identity's run by which SES was written to.
WRITTEN: Final = frozenset({Outcome.SWITCHED.value, Outcome.SWITCHED_PENDING.value})
#: Checks that fail until the secret or the key object is written again, or another version is planned for.
OF_VERSION: Final = ("SECRET-", "STORE-", "KEY-", "PLAN-APPROVED")


@dataclass(frozen=True)
class Ended:
    """Hold what one identity's run came to.

    Attributes:
        number: of the identity, in the order of the plan's tree.
        domain: of the identity; ``selector`` that was asked for.
        outcome: of its run; "" where there is no record that closed.
        record, journal: paths of its files below the campaign's folder; "" where there is none.
        run, head: id, and SHA-256 of the journal's last line.
        ended_at: when, ISO 8601.
        why: the first sentence of what ended it, where an error did.
        by: the campaign's run that wrote it down first; "" for this one.
        again: SES refused its write as one call too many, so that nothing was written: it is run once more.
        touched: SES took its write, or may have; what failed without that, the campaign's next run tries again.
        stopped_by: the first check that refused it; "" where none did.
        stays: it cannot go back: the selector before was never seen verified, or there was none.
    """

    number: int
    domain: str
    selector: str
    outcome: str
    record: str
    journal: str
    run: str
    head: str
    ended_at: str
    why: str = ""
    by: str = ""
    again: bool = False
    touched: bool = True
    stopped_by: str = ""
    stays: bool = False

    @property
    def to_be_planned(self) -> bool:
        """Return whether it needs a new plan: secret or key object have another version once they are mended."""
        return self.stopped_by.startswith(OF_VERSION)

    @property
    def came(self) -> waves.Came:
        """Return what it is to the waves."""
        return waves.came(self.outcome)

    @property
    def unclear(self) -> bool:
        """Return whether it may have written and did not end verified or pending: its own record says more."""
        return self.touched and self.came is waves.Came.FAILED

    @property
    def for_waves(self) -> waves.Ended:
        """Return it as the waves take it."""
        return waves.Ended(self.came, datetime.fromisoformat(self.ended_at))


FIELDS = tuple(Ended.__dataclass_fields__)


def plan_of(record: Record) -> FleetPlan | None:
    """Return the campaign's plan."""
    planned = record.last("planned")
    return from_plain(FleetPlan, planned["plan"]) if planned else None


def ended(record: Record) -> dict[int, Ended]:
    """Return, by number, what each identity's newest run came to, those of earlier runs of the campaign first."""
    found: dict[int, Ended] = {}
    for event in record.events:
        for entry in [event] if event["event"] == "ended" else event["ended"] if event["event"] == "resumed" else ():
            one = Ended(**{name: entry[name] for name in FIELDS if name in entry})
            found[one.number] = one
    return found


def begun(record: Record) -> dict[int, Event]:
    """Return, by number, what this run of the campaign began and its account does not show as ended."""
    found: dict[int, Event] = {}
    for event in record.events:
        if event["event"] == "started":
            found[int(event["number"])] = event
        elif event["event"] == "ended":
            found.pop(int(event["number"]), None)
    return found


def counts(found: Mapping[int, Ended]) -> dict[str, int]:
    """Return how many are switched, pending and failed."""
    came = [one.came for one in found.values()]
    return {kind.value: came.count(kind) for kind in waves.Came}


def reach(record: Record) -> tuple[int, dict[int, Ended]]:
    """Return how many identities this run of the campaign is for, and what those that have ended came to."""
    numbers = {number for _, lane in lanes(record) for wave in lane for number in wave}
    plan = plan_of(record)
    if not record.last("laid"):
        return plan.count if plan else 0, ended(record)
    return len(numbers), {number: one for number, one in ended(record).items() if number in numbers}


def lanes(record: Record) -> Sequence[tuple[str, Sequence[Sequence[int]]]]:
    """Return the lanes in their order: their names, and their waves by the identities' numbers."""
    laid = record.last("laid")
    return [(str(one["name"]), one["waves"]) for one in laid["lanes"]] if laid else []
