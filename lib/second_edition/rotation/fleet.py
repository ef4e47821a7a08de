"""The plan of a campaign: for each identity what a run of its own would plan, and who has to act where it is not ready.

The one digest that is approved is a Merkle tree hash over the plans' digests, so that each identity's record proves by
itself that its plan was among those approved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from second_edition.rotation.findings import Finding, Verdict
from second_edition.rotation.fleet_plan import FleetPlan, entry
from second_edition.rotation.observation import Observation
from second_edition.rotation.plan import Digest, Plan, stands


class Group(StrEnum):
    """Hold where an identity stands, in the order in which it is told."""

    READY = "ready"
    THERE = "there"
    SES = "ses"
    DNS = "dns"
    GENERATOR = "generator"
    WRONG = "wrong"
    UNREAD = "unread"


#: Checks whose failure the DNS team mends, and those that whoever makes the keys does.
_OF_DNS = ("DNS-", "TIME-ACTIVATE")
_OF_GENERATOR = ("SECRET-", "STORE-", "KEY-")
#: What could not be looked at for want of what another check names.
_READS = frozenset({"identity", "secret", "key", "caller", "dns"})
#: A secret that is not there was looked at: whoever makes the keys has yet to make it.
ABSENT: Final = "GetSecretValue ResourceNotFoundException"


class Member(Struct, frozen=True):
    """One identity of a campaign, as it was planned.

    Attributes:
        domain, selector: the signing domain, and the selector asked for.
        account, region: where it was looked at; "" where that is not known.
        parameters: of its own run, but for ``mode`` and ``approved``.
        group: where it stands.
        plan: what its own run would change; ``None`` where it could not be planned.
        current_selector: the one in use.
        status: as SES shows it.
        stopping: the checks that stand against it; the operation and code of what could not be read.
        identity: as SES showed it in full, plain; ``None`` where it did not.
        at: when that was (UTC, ISO 8601).
        turn: how many rows of the table name its domain before this one.
        until: before when TIME-ACTIVATE refuses its run (UTC, ISO 8601); "" where it does not.
        goes_back: an earlier run that a trusted key signed saw the selector asked for work.
    """

    domain: str
    selector: str
    account: str
    region: str
    parameters: Mapping[str, str]
    group: Group
    plan: Plan | None = None
    current_selector: str = ""
    status: str = ""
    stopping: tuple[str, ...] = ()
    identity: Mapping[str, Any] | None = None
    at: str = ""
    turn: int = 0
    until: str = ""
    goes_back: bool = False

    @property
    def place(self) -> tuple[str, str, str]:
        """Return what members are sorted by: account, Region, domain."""
        return self.account, self.region, self.domain

    @property
    def lane(self) -> tuple[str, str, str]:
        """Return whose calls count together: account and Region, and the endpoint where that is a sandbox's."""
        return self.account, self.region, self.parameters.get("endpoint_url", "")


def grouped(seen: Observation, findings: Sequence[Finding], plan: Plan) -> tuple[Group, tuple[str, ...]]:
    """Return where an identity stands, and the checks that stand against it."""
    stopping = [one for one in findings if one.stops]
    if not stopping:
        if plan.writes:
            return Group.READY, ()
        # SES has the selector and has yet to verify it: a run of its own waits for that.
        return (Group.THERE if stands(seen) else Group.SES), ()
    failed = [one.id for one in stopping if one.verdict is Verdict.FAIL]
    unread = [f"{one.operation} {one.code}" for one in seen.unread if one.what in _READS]
    if ABSENT in unread and all(name.startswith((*_OF_GENERATOR, *_OF_DNS)) for name in failed):
        return Group.GENERATOR, (*unread, *failed)
    if not failed:
        return Group.UNREAD, tuple(unread) or tuple(one.id for one in stopping)
    for group, of in ((Group.GENERATOR, _OF_GENERATOR), (Group.DNS, _OF_DNS)):
        # What the generator has yet to make, DNS cannot have.
        if all(name.startswith((*of, *_OF_DNS)) for name in failed) and any(name.startswith(of) for name in failed):
            return group, tuple(failed)
    return Group.WRONG, tuple(failed)


#: What stands against an identity whose domain's row before it is not ready: told in place of a check.
EARLIER: Final = "EARLIER"


def settled(members: Sequence[Member]) -> list[Member]:
    """Return the members, those that cannot be begun for want of an earlier one of their domain told as that one is.

    Those of one domain are written in the table's order, each once the one before it is verified.
    """
    found, before = list(members), dict[str, Group]()
    for place, one in sorted(enumerate(members), key=lambda item: item[1].turn):
        group = before.get(one.domain, Group.THERE)
        if one.group is Group.READY and group not in (Group.READY, Group.THERE):
            found[place] = replace(one, group=group, stopping=(EARLIER,))
        before[one.domain] = found[place].group
    return found


def ready(members: Iterable[Member]) -> list[Member]:
    """Return the members that would be written, in the order of the tree."""
    return ordered(one for one in members if one.group is Group.READY and one.plan is not None and one.plan.writes)


def ordered(members: Iterable[Member]) -> list[Member]:
    """Return the members by turn, account, Region and domain.

    By turn first: so no wave of a lane waits for a later wave of another.
    """
    return sorted(members, key=lambda one: (one.turn, *one.place, *one.lane))


def after(members: Sequence[Member]) -> dict[int, int]:
    """Return, by the number of a ready member, that of the one of its domain that is to be verified before."""
    found, latest = dict[int, int](), dict[str, int]()
    for number, one in enumerate(members):
        if one.domain in latest:
            found[number] = latest[one.domain]
        latest[one.domain] = number
    return found


def counts(members: Iterable[Member]) -> dict[str, int]:
    """Return how many stand where, every group named."""
    found = Counter(one.group for one in members)
    return {group.value: found[group] for group in Group}


#: Waivers that are told by themselves, at most.
_MOST_WAIVED: Final = 50


def waived(members: Iterable[Member]) -> list[tuple[str, int, str]]:
    """Return the waivers of those that are ready: each text, for how many, and the first of them; "" for the rest."""
    given = [(text, one.domain) for one in ready(members) if (text := one.parameters.get("waive", ""))]
    counts, first = Counter(text for text, _ in given), dict(reversed(given))
    found = [(text, count, first[text]) for text, count in counts.most_common(_MOST_WAIVED)]
    rest = len(given) - sum(count for _, count, _ in found)
    return [*found, ("", rest, "")] if rest else found


#: Checks that are told by themselves, at most; the rest stands in the table.
_MOST_NAMED = 12


def waiting(members: Iterable[Member]) -> list[tuple[str, str, int]]:
    """Return what stands against those that are not ready: group, check and count, the most frequent first."""
    found = Counter((one.group.value, one.stopping[0]) for one in members if one.stopping)
    return [(group, check, count) for (group, check), count in found.most_common(_MOST_NAMED)]


def entries(members: Sequence[Member]) -> list[bytes]:
    """Return the tree's entries, one a member that is ready: its plan's digest, and when it was observed for that."""
    return [entry(one.plan.digest, one.at) for one in members if one.plan is not None]


def planned(members: Iterable[Member], settings: Mapping[str, str], digest: Digest) -> FleetPlan:
    """Return the plan for all that are ready."""
    found = ready(members)
    places = Counter(" ".join(filter(None, one.lane)) for one in found)
    return FleetPlan.over(entries(found), settings, places, digest)
