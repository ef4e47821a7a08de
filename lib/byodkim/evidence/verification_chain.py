"""Runs verified together: each follows the one before it, none is missing, and nothing changed SES in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from byodkim.evidence.ends import Named
from byodkim.evidence.verification import Verified
from byodkim.evidence.verification_approvals import brought, reused
from byodkim.evidence.verification_finding import Finding, Speaker
from byodkim.evidence.verification_link import Link
from byodkim.evidence.world import World
from byodkim.messages import Language
from byodkim.rotation.timing import LATE_WRITE

#: Two runs that begin within this time need not have seen each other's journal.
SIMULTANEOUS_S = 60
REMEMBERED = timedelta(hours=1)  # how far back a write without an answer is looked for


def verify_chain(runs: Sequence[Verified], language: Language) -> list[Verified]:
    """Return the runs with what their order tells added to their findings, in the order of their ids.

    Args:
        runs: each verified by itself.
        language: of the findings.

    Truncation of the newest runs leaves a chain that holds: only heads that are kept elsewhere show it (``heads``).
    """
    tell, places = Speaker(language), _by_run(runs)
    known = {run: runs[where[0]] for run, where in places.items()}
    forked, taken = _forked(runs), _taken(runs)
    used: dict[str, list[Finding]] = {}
    for run, off in (*reused(runs, tell), *brought(runs, tell)):
        used.setdefault(run, []).append(off)
    judged = []
    for place, one in enumerate(runs):
        found = list(one.findings)
        if len(places.get(one.run, ())) > 1:
            found.append(tell("twice", run=one.run))
        found += _followed(one, one.link, known, tell) if one.link else []
        found += used.get(one.run, [])
        if one.link is not None and not one.link.ended:
            later = taken.get((one.run, one.head))
            left = "account-open" if one.link.published else "open"
            found.append(tell("taken-up", run=later) if later else tell(left))
        if place in forked:
            found.append(tell(_fork(runs, place)))
        judged.append(replace(one, findings=tuple(found)))
    return sorted(judged, key=lambda one: (one.run or one.path.name, str(one.path)))


def _by_run(runs: Sequence[Verified]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, one in enumerate(runs):
        if one.run:
            places.setdefault(one.run, []).append(place)
    return places


def newest(runs: Iterable[Verified]) -> dict[str, str]:
    """Return the heads that no later run or account has seen, by their ids: what is to be written down elsewhere."""
    several = [
        one for one in sorted(runs, key=lambda one: one.run) if one.link and (one.link.world or one.link.published)
    ]
    named = {(prior.run, prior.head) for one in several if one.link for prior in one.link.named}
    return {one.run: one.head for one in several if (one.run, one.head) not in named}


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


def _forked(runs: Sequence[Verified]) -> set[int]:
    """Return the places of runs that follow what an earlier one follows too, be that a run or none."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, one in enumerate(runs):
        if one.link is not None and one.link.world is not None:
            groups.setdefault((one.link.world, _follows(one.link)), []).append(place)
    ordered = [sorted(places, key=lambda place: runs[place].run) for places in groups.values()]
    return {later for places in ordered for earlier, later in pairwise(places) if runs[earlier].run != runs[later].run}


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
