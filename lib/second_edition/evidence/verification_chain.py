"""Runs verified together: each follows the one before it, none is missing, and nothing changed SES in between.

The newest run of an identity is as new as the policy wants it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from second_edition.events.parts import Beside
from second_edition.evidence import journal
from second_edition.evidence.folders import root
from second_edition.evidence.predecessors import in_order
from second_edition.evidence.served import serving
from second_edition.evidence.verification_case import Finding, Link, Policy, Speaker, Verified
from second_edition.evidence.world import World
from second_edition.rotation.timing import LATE_WRITE

#: Two runs that begin within this time need not have seen each other's journal.
SIMULTANEOUS_S: Final = 60
#: AWS's answers tell its clock by whole seconds, and come late where a machine is busy.
AT_ONCE: Final = timedelta(seconds=10)
REMEMBERED: Final = timedelta(hours=1)  # how far back a write without an answer is looked for
NEVER: Final = datetime.min.replace(tzinfo=UTC)
#: Names that are told; there may be ten thousand.
MOST: Final = 5


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

    @cached_property
    def links(self) -> Mapping[str, Link]:
        """Return what binds the runs to each other, by their ids."""
        return {run: one.link for run, one in self.known.items() if one.link}

    @cached_property
    def order(self) -> Mapping[str, int]:
        """Return the place of each run in the order of the chain, by its id; those that are no runs are the first."""
        named = {run: [prior.run for prior in link.named] for run, link in self.links.items()}
        return defaultdict(int, {run: place for place, run in enumerate(in_order(named), 1)})

    def ended(self, prior: Beside) -> bool:
        """Return whether a run was at its end when another one saw it."""
        return prior.run in self.known and self.known[prior.run].head == prior.head


#: What a check of several runs found: the place of a run among them, and what is said of it.
Found = Iterator[tuple[int, Finding]]


def newest(runs: Iterable[Verified]) -> dict[str, str]:
    """Return the heads that no later run has seen, by their ids: what is to be written down elsewhere."""
    links = {(one.run, one.head): one.link for one in sorted(runs, key=lambda one: one.run) if one.link}
    several = {end: link for end, link in links.items() if link.world}
    named = {(prior.run, prior.head) for link in several.values() for prior in link.named}
    return {run: head for run, head in several if (run, head) not in named}


def twice(archive: Archive) -> Found:
    """Yield the runs that are there more than once."""
    for run, places in archive.places.items():
        for place in places if len(places) > 1 else ():
            yield place, archive.tell("twice", run=run)


def predecessors(archive: Archive) -> Found:
    """Yield what is off between each run and those that it follows."""
    for place, one in enumerate(archive.runs):
        if one.link:
            # One may be named twice: as the run before, and as that whose request is published.
            lost = dict.fromkeys(off for prior in one.link.named if (off := _lost(one, prior, archive)))
            for finding in lost or _changed(one.link, archive):
                yield place, finding


def _lost(one: Verified, prior: Beside, archive: Archive) -> Finding | None:
    """Return that a run which another one saw is missing, or is not as it was then."""
    if prior.run not in archive.known:
        return archive.tell("previous-missing" if one.files.whole else "previous-elsewhere", run=prior.run)
    link = archive.links.get(prior.run)
    return None if link and prior.head in link.heads else archive.tell("previous-altered", run=prior.run)


def _changed(link: Link, archive: Archive) -> Iterator[Finding]:
    """Yield that SES was not as the run before this one had left it."""
    world = link.world
    seen = [prior for prior in _looked(link, archive) if world and world.same_identity(archive.links[prior.run].world)]
    ended = {prior.run for prior in seen if archive.ended(prior)}
    last = {prior.run for prior in seen} - _followed(seen, archive)
    # A run that began while another one was still going knows of its beginning only.
    if not last or not last <= ended:
        return
    links = {run: archive.links[run] for run in last}
    looked = {run: _by_aws(one, one.after_at or NEVER) for run, one in links.items()}
    run = max(last, key=lambda run: looked[run])
    earlier = links[run]
    if link.before is None:
        return
    kept = earlier.after is None or not _difference(earlier.after, link.before)
    if kept and earlier.before and not _vouched(archive.known[run]):
        if made := _difference(earlier.before, link.before):
            yield archive.tell("changed-unsigned", run=run, facts="; ".join(made))
        return
    if earlier.after is None:
        return
    # Of runs that looked at once, nobody knows whose word is the last.
    at_once = [one.after for name, one in links.items() if one.after and looked[run] - looked[name] <= AT_ONCE]
    if not all(_difference(after, link.before) for after in at_once) or _in_another_chain(link, looked[run], archive):
        return
    for whose, selector in _may_land(earlier, run, archive.links):
        if {**earlier.after, "selectors": (selector,)} == link.before:
            yield archive.tell("landed-late", run=whose, selector=selector)  # taken after its run had closed
            return
    facts = "; ".join(_difference(earlier.after, link.before))
    yield archive.tell("changed-between", run=run, facts=facts)


def _difference(after: Mapping[str, object], before: Mapping[str, object]) -> list[str]:
    """Return what SES showed a run ``before`` otherwise than it had shown an earlier one in the end."""
    return [
        f"{name}: {_said(after[name])} -> {_said(before[name])}"
        for name in after
        if after[name] != before[name]
        # Of selectors SES may say nothing, which is not "none".
        and not (name == "selectors" and not (after[name] and before[name]))
    ]


def _in_another_chain(link: Link, since: datetime, archive: Archive) -> bool:
    """Return whether a run that this one does not name changed SES in between, to what this one found.

    Such as one in a folder with a chain of its own. A journal that no trusted key signed accounts for nothing, unless
    no key is trusted at all.
    """
    return any(
        other.before != other.after == link.before and since < _by_aws(other, other.after_at or NEVER) < _began(link)
        for one in archive.known.values()
        if (other := one.link) and other.before and other.world and other.world.same_identity(link.world)
        if _vouched(one)
    )


def _vouched(one: Verified) -> bool:
    """Return whether a trusted key signed a run, or another one where none that signed is trusted."""
    return bool(one.keyid) or any(finding.code == "seal-untrusted" for finding in one.findings)


def _looked(link: Link, archive: Archive) -> Iterator[Beside]:
    """Yield the runs that another one names; in the place of one that never saw SES, those that it names."""
    waiting = list(link.named)
    for prior in waiting:  # which grows
        found = archive.links.get(prior.run)
        if found is not None and found.blind:
            waiting += [one for one in found.named if one not in waiting]
        elif found is not None:
            yield prior


def _followed(seen: Sequence[Beside], archive: Archive) -> set[str]:
    """Return the runs that one of those seen follows, itself or through others, whatever their clocks say."""
    waiting = list(dict.fromkeys(prior.run for prior in seen))
    oldest, found = min((archive.order[run] for run in waiting), default=0), set[str]()
    for run in waiting:  # which grows
        for prior in archive.links[run].named:
            if archive.ended(prior):
                found.add(prior.run)
            if prior.run not in waiting and archive.order[prior.run] > oldest:
                waiting.append(prior.run)
    return found


def _may_land(link: Link, run: str, links: Mapping[str, Link]) -> Iterator[tuple[str, str]]:
    """Yield the runs whose write may have landed after ``run`` had looked, with the selector: its own, or those before.

    A run that began while an earlier one's write could still land did not see it, whatever SES showed then.
    """
    seen, world, walked = _began(link), link.world, set[str]()
    while run not in walked:  # a forged run may name itself, or one that names it
        walked.add(run)
        if link.pending and seen <= (link.ended or _began(link)) + LATE_WRITE:
            yield run, link.pending
        before = links.get(link.previous)
        if before is None or not (world and world.same_identity(before.world)):
            return
        if _began(before) < seen - REMEMBERED:
            return
        run, link = link.previous, before


def _said(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()


def reused(archive: Archive) -> Found:
    """Yield the later runs of an identity that used an approval which had served another one."""
    of_one = defaultdict[World, dict[str, Verified]](dict)
    for one in archive.runs:
        if one.served is not None and one.link is not None and one.link.world is not None:
            of_one[one.link.world][one.run] = one
    for several in of_one.values():
        first: dict[str, str] = {}
        ordered = sorted(several.values(), key=lambda one: archive.order[one.run])
        for served in serving(one.served for one in ordered if one.served):
            for statement, (name, at, _) in served.approvals.items():
                earlier = first.setdefault(statement, served.run)
                for place in archive.places[served.run] if earlier != served.run else ():
                    yield place, archive.tell("approval-reused", name=name, at=at, run=earlier)


def brought(archive: Archive) -> Found:
    """Yield the runs that wrote with an approval of a plan run that is not there: it may have served elsewhere too."""
    for place, one in enumerate(archive.runs):
        for name, at, run in one.served.approvals.values() if one.served and one.served.at and one.files.whole else ():
            if run not in archive.known:
                yield place, archive.tell("approval-brought", name=name, at=at, run=run)


def left_open(archive: Archive) -> Found:
    """Yield the runs that never closed, and which closed run found each stopped; only a sealed one accounts for it."""
    taken: dict[tuple[str, str], Verified] = {}
    for one in sorted(archive.runs, key=lambda one: (not one.keyid, archive.order[one.run])):
        for prior in one.link.named if one.link and one.link.ended else ():
            if prior.gone:
                taken.setdefault((prior.run, prior.head), one)
    for place, one in enumerate(archive.runs):
        if one.link is not None and not one.link.ended:
            later = taken.get((one.run, one.head))
            code = "open" if later is None else "taken-up" if later.keyid else "taken-up-untrusted"
            if later is None and one.under_way:
                code = "under-way"
            run, came = (later.run, later.outcome) if later else ("", "")
            yield place, archive.tell(code, run=run, outcome=came)


def forks(archive: Archive) -> Found:
    """Yield the runs that follow what an earlier one of their archive follows too, be that a run or none."""
    groups = defaultdict[tuple[World, str | Path], list[tuple[str, datetime, int]]](list)
    for place, one in enumerate(archive.runs):
        if one.link is not None and one.link.world is not None:
            followed = one.link.previous or root(one.path.parent.resolve())  # each archive has a first run
            groups[one.link.world, followed].append((one.run, _began(one.link), place))
    for several in groups.values():
        ordered = sorted(several, key=lambda one: archive.order[one[0]])
        for number, ((earlier, _, _), (later, began, place)) in enumerate(pairwise(ordered), 1):
            if earlier != later:
                # Runs that began at one time need not have had a sight of each other.
                others = ordered[:number] + [one for one in ordered[number + 1 :] if one[0] == later]
                apart = min(abs(began - other) for _, other, _ in others).total_seconds()
                yield place, archive.tell("overlapping" if apart <= SIMULTANEOUS_S else "forked")


def _began(link: Link) -> datetime:
    """Return when a run began by AWS's clock, as far as it was off that."""
    return _by_aws(link, link.began)


def _by_aws(link: Link, at: datetime) -> datetime:
    return at if at == NEVER else at - timedelta(seconds=link.skew_s)


def aged(runs: Sequence[Verified], policy: Policy | None, now: datetime, tell: Speaker) -> list[Verified]:
    """Return the runs, with a fault where the newest one of an identity is older than the policy allows.

    A run on AWS that is of the future has a note; a sandbox's clock may be ahead of any.
    """
    newest = {one.link.world: one for one in sorted(runs, key=lambda one: one.run) if one.link and one.link.world}
    days = policy.newest_run_days if policy else 0
    found = {
        one.run: tell("policy-old", at=f"{one.link.began:%Y-%m-%d}", days=days)
        for one in newest.values()
        if one.link and days and one.link.began < now - timedelta(days=days)
    }
    for one in runs:
        if one.link and one.target == "aws" and (last := one.link.ended or one.link.began) - now > journal.APART:
            found[one.run] = tell("ahead", at=f"{last:%Y-%m-%d %H:%M}")
    return [replace(one, findings=(*one.findings, found[one.run])) if one.run in found else one for one in runs]
