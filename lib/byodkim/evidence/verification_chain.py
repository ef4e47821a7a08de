"""Runs verified together: each follows the one before it, none is missing, and nothing changed SES in between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from byodkim.evidence.ends import Named
from byodkim.evidence.served import serving
from byodkim.evidence.verification_case import Finding, Speaker, Verified
from byodkim.evidence.verification_link import Link
from byodkim.evidence.world import World
from byodkim.rotation.timing import LATE_WRITE

#: Two runs that begin within this time need not have seen each other's journal.
SIMULTANEOUS_S = 60
REMEMBERED = timedelta(hours=1)  # how far back a write without an answer is looked for


@dataclass(frozen=True)
class Archive:
    """Runs that are verified together, each verified by itself already."""

    runs: Sequence[Verified]
    tell: Speaker

    @cached_property
    def places(self) -> Mapping[str, Sequence[int]]:
        """Return where each run is among ``runs``, by its id."""
        found = defaultdict[str, list[int]](list)
        for place, one in enumerate(self.runs):
            if one.run:
                found[one.run].append(place)
        return found

    @cached_property
    def known(self) -> Mapping[str, Verified]:
        """Return the runs by their ids."""
        return {run: self.runs[places[0]] for run, places in self.places.items()}


#: What a check of several runs found: the place of a run among them, and what is said of it.
Found = Iterator[tuple[int, Finding]]


def newest(runs: Iterable[Verified]) -> dict[str, str]:
    """Return the heads that no later run or account has seen, by their ids: what is to be written down elsewhere."""
    several = [
        one for one in sorted(runs, key=lambda one: one.run) if one.link and (one.link.world or one.link.published)
    ]
    named = {(prior.run, prior.head) for one in several if one.link for prior in one.link.named}
    return {one.run: one.head for one in several if (one.run, one.head) not in named}


def twice(archive: Archive) -> Found:
    """Yield the runs that are there more than once."""
    for run, places in archive.places.items():
        for place in places if len(places) > 1 else ():
            yield place, archive.tell("twice", run=run)


def predecessors(archive: Archive) -> Found:
    """Yield what is off between each run and those that it follows."""
    for place, one in enumerate(archive.runs):
        for finding in _followed(one, one.link, archive.known, archive.tell) if one.link else ():
            yield place, finding


def _followed(one: Verified, link: Link, known: Mapping[str, Verified], tell: Speaker) -> list[Finding]:
    """Return what is off between a run and those that it follows."""
    found = [off for prior in link.named if (off := _lost(one, prior, known, tell))]
    if found or not link.world:
        return found
    earlier = [known[prior.run] for prior in link.named if link.world.same_identity(_world(known, prior.run))]
    # A run that began while another one was still going knows of its beginning only.
    if not earlier or any(
        (one.run, one.head) not in {(prior.run, prior.head) for prior in link.named} for one in earlier
    ):
        return []
    last = max(earlier, key=lambda one: one.link.after_at if one.link else "")
    return _between(last.link, link, last.run, known, tell) if last.link else []


def _lost(one: Verified, prior: Named, known: Mapping[str, Verified], tell: Speaker) -> Finding | None:
    """Return that a run which another one saw is missing, or is not as it was then."""
    earlier = known.get(prior.run)
    if earlier is None:
        return tell("previous-missing" if one.files.whole else "previous-elsewhere", run=prior.run)
    sound = earlier.link is not None and prior.head in earlier.link.heads
    return None if sound else tell("previous-altered", run=prior.run)


def _world(known: Mapping[str, Verified], run: str) -> World | None:
    link = known[run].link
    return link.world if link else None


def _between(earlier: Link, link: Link, run: str, known: Mapping[str, Verified], tell: Speaker) -> list[Finding]:
    if earlier.after is None or link.before is None:
        return []
    changed = [
        f"{name}: {_said(earlier.after[name])} -> {_said(link.before[name])}"
        for name in earlier.after
        if earlier.after[name] != link.before[name]
        # Of selectors SES may say nothing, which is not "none".
        and not (name == "selectors" and not (earlier.after[name] and link.before[name]))
    ]
    if not changed:
        return []
    now = {**link.before, "selectors": list(link.before["selectors"])}
    for whose, selector in _may_land(earlier, run, known):
        if {**earlier.after, "selectors": [selector]} == now:
            return [tell("landed-late", run=whose, selector=selector)]  # its own write, taken after it had closed
    return [tell("changed-between", run=run, facts="; ".join(changed))]


def _may_land(link: Link, run: str, known: Mapping[str, Verified]) -> Iterator[tuple[str, str]]:
    """Yield the runs whose write may have landed after ``run`` had looked, with the selector: its own, or those before.

    A run that began while an earlier one's write could still land did not see it, whatever SES showed then.
    """
    seen, world = _began(link), link.world
    while True:
        ended = datetime.fromisoformat(link.ended) if link.ended else _began(link)
        if link.pending and seen <= ended + LATE_WRITE:
            yield run, link.pending
        one = known.get(link.previous[0]) if link.previous else None
        before = one.link if one else None
        if one is None or before is None or not (world and world.same_identity(before.world)):
            return
        if _began(before) < seen - REMEMBERED:
            return
        run, link = one.run, before


def _said(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value).lower()


def reused(archive: Archive) -> Found:
    """Yield the later runs of an identity that used an approval which had served another one."""
    of_one = defaultdict[World, dict[str, Verified]](dict)
    for one in archive.runs:
        if one.served is not None and one.link is not None and one.link.world is not None:
            of_one[one.link.world][one.run] = one
    for several in of_one.values():
        first: dict[str, str] = {}
        for served in serving(one.served for _, one in sorted(several.items()) if one.served):
            for statement, (name, at, _) in served.approvals.items():
                earlier = first.setdefault(statement, served.run)
                for place in archive.places[served.run] if earlier != served.run else ():
                    yield place, archive.tell("approval-reused", name=name, at=at, run=earlier)


def brought(archive: Archive) -> Found:
    """Yield the runs that wrote with an approval of a plan run that is not there.

    What an approval served is known by the runs that lie beside it: in another folder, it may have served once more.
    """
    for place, one in enumerate(archive.runs):
        for name, at, run in one.served.approvals.values() if one.served and one.served.at and one.files.whole else ():
            if run not in archive.known:
                yield place, archive.tell("approval-brought", name=name, at=at, run=run)


def left_open(archive: Archive) -> Found:
    """Yield the runs that never closed, and which run took each up."""
    taken = _taken(archive.runs)
    for place, one in enumerate(archive.runs):
        if one.link is not None and not one.link.ended:
            later = taken.get((one.run, one.head))
            left = "account-open" if one.link.published else "open"
            yield place, archive.tell("taken-up", run=later) if later else archive.tell(left)


def forks(archive: Archive) -> Found:
    """Yield the runs that follow what an earlier one follows too, be that a run or none."""
    groups = defaultdict[tuple[object, ...], list[int]](list)
    for place, one in enumerate(archive.runs):
        if one.link is not None and one.link.world is not None:
            groups[one.link.world, _follows(one.link)].append(place)
    for places in groups.values():
        ordered = sorted(places, key=lambda place: archive.runs[place].run)
        for earlier, later in pairwise(ordered):
            if archive.runs[earlier].run != archive.runs[later].run:
                yield later, archive.tell(_fork(archive.runs, later))


def _fork(runs: Sequence[Verified], place: int) -> str:
    """Return whether a run that follows what another follows can have begun without a sight of that one."""
    mine = runs[place].link
    apart = min(
        abs(_began(one.link) - _began(mine)).total_seconds()
        for number, one in enumerate(runs)
        if mine and one.link and number != place and one.link.world == mine.world and one.run <= runs[place].run
        if _follows(one.link) == _follows(mine)
    )
    return "overlapping" if apart <= SIMULTANEOUS_S else "forked"


def _follows(link: Link) -> str:
    return link.previous[0] if link.previous else ""


def _began(link: Link) -> datetime:
    """Return when a run began by AWS's clock, as far as it was off that."""
    return datetime.fromisoformat(link.began) - timedelta(seconds=link.skew_s)


def _taken(runs: Sequence[Verified]) -> dict[tuple[str, str], str]:
    """Return, by id and head, the runs that a closed and sealed run found stopped, with that run's id.

    One that was still going when another began may have gone on: who only saw it vouches for nothing.
    """
    found: dict[tuple[str, str], str] = {}
    for one in sorted(runs, key=lambda one: one.run):
        if one.link and one.link.ended and one.keyid:
            for prior in one.link.named:
                if prior.gone:
                    found.setdefault((prior.run, prior.head), one.run)
    return found
