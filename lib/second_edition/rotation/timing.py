"""Times that follow from documented limits. All are timezone-aware datetimes in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil

from msgspec import Struct
from msgspec.structs import replace

from second_edition.dkim.published import Answer, Judgement, Verdict
from second_edition.rotation.observation import Observation
from second_edition.rotation.resolution import Sighting

# SES looks for the key record for 72 hours after the write, then gives up (Amazon SES Developer Guide, BYODKIM).
SES_PATIENCE = timedelta(hours=72)
MAX_CLOCK_SKEW = timedelta(minutes=5)
# AWS takes a signed request for 5 minutes (IAM User Guide, "Create a signed AWS API request"), some services for 15.
LATE_WRITE = timedelta(minutes=15)
# For clocks that differ, and for resolvers that round a TTL up.
CACHE_MARGIN = timedelta(minutes=5)
# What a zone's negative answers are taken to be cached for where no server told (RFC 2308 section 5: 1 to 3 hours).
UNTOLD_NEGATIVE_S = 3 * 3600
# The longest that one TTL holds a cache: what resolvers cap it to (RFC 8767 section 4).
LONGEST_CACHED_S = 7 * 24 * 3600


def deadline(written: datetime) -> datetime:
    """Return when SES gives up on a key record that it has not found."""
    return written + SES_PATIENCE


def overlap_ends(verified: datetime, days: int, ttl_s: int) -> datetime:
    """Return until when the key record of the selector that was left must stay published.

    Mail in transit is retried for 4 to 5 days (RFC 5321 section 4.5.4.1); its signature must verify until it arrives.

    Args:
        verified: when SES was first seen to have verified the selector that took its place.
        days: the profile's ``overlap_days``.
        ttl_s: the longest TTL with which that key record is served, in seconds; resolvers cap it.
    """
    return verified + timedelta(days=days, seconds=min(ttl_s, LONGEST_CACHED_S)) + CACHE_MARGIN


def pauses(first: float = 0.05, longest: float = 15.0) -> Iterator[float]:
    """Yield the seconds to wait between readings, of the identity or of DNS: doubled each time, up to ``longest``."""
    pause = first
    while True:
        yield pause
        pause = min(pause * 2, longest)


class Activation(Struct, frozen=True):
    """The earliest time at which no cache holds what stood at the name before the key record.

    Attributes:
        at: that time.
        since: when every authoritative server was first seen to serve the key, with the TTL that it has now.
        cached_s: how long from then on caches may hold an earlier state: for the TTL of what stood there, or the
            negative-cache time, whichever is longer, up to what resolvers cap it to.
    """

    at: datetime
    since: datetime
    cached_s: int


def sighting(seen: Observation) -> Sighting:
    """Return how the key record stood in an observation, in short."""
    judged = _judged(seen)
    everywhere = bool(judged) and all(one.verdict is Verdict.THE_KEY for _, one in judged)
    # A cache that followed a CNAME also holds what its target's servers said.
    followed = seen.dns.followed if any(answer.cname for answer in seen.records) else ()
    # Where some servers serve the key already, its TTL says nothing of what caches hold of the others.
    ttls = [answer.ttl for answer, one in judged if everywhere or one.verdict is not Verdict.THE_KEY]
    ttls += [answer.ttl for answer in followed if not everywhere]
    return Sighting(
        at=seen.at,
        everywhere=everywhere,
        ttl=_longest(*ttls) if not seen.dns.by_encrypted else None,  # a resolver's TTL counts down
        negative_ttl=_longest(*(answer.negative_ttl for answer in (*seen.records, *followed))),
    )


def lagging(seen: Observation) -> bool:
    """Return whether the record is published, and the servers that lack it only have an older copy of the zone."""
    found = {judgement.verdict for _, judgement in _judged(seen)}
    return found == {Verdict.THE_KEY, Verdict.STALE}


def remembered(seen: Observation) -> tuple[Sighting, ...]:
    """Return the sighting, if there is one: where servers could only not be asked, nothing was seen to be otherwise.

    Nor was it where the key could not be read: the one that is served may well be it.
    """
    key = seen.next_key.key
    fine = {Verdict.THE_KEY} if key and key.sha256 else {Verdict.THE_KEY, Verdict.ANOTHER_KEY}
    otherwise = any(one.verdict not in fine and not one.unknown for _, one in _judged(seen))
    found = sighting(seen)
    return (found,) if found.everywhere or otherwise else ()


def _judged(seen: Observation) -> list[tuple[Answer, Judgement]]:
    key = seen.next_key.key
    return seen.judged(seen.records, (key.sha256 if key else "") or "-")


def activation(history: Sequence[Sighting], now: Sighting) -> Activation | None:
    """Return when the record may be relied on, by what earlier runs saw of it.

    After RFC 7583 section 3.3.1: published everywhere + how long caches may hold what stood there before + margin,
    where "published" is the first time that it was *seen* so, as nobody knows better. What stood there before is every
    other state that was seen, not the last one alone: a cache may have taken it up until the next one was seen, and
    holds it from then for its TTL, or "none" for the negative-cache time (RFC 2308). The latest of these times counts.

    The record's own TTL does not: a cache that holds it holds the key. A TTL that changed since is another state: what
    was published then is not what is published now.

    Args:
        history: earlier sightings, in any order.
        now: the present one, with the key everywhere.

    Returns:
        ``None`` where the record was never seen otherwise: no earlier state is known that a cache could hold, and
        nobody asks for a selector that no mail has named yet.
    """
    states = _states([*condensed(history), now])
    present = states[-1]
    others = [(state, after) for state, after in pairwise(states) if not _same(state, present)]
    if not others:
        return None
    since = datetime.fromisoformat(present.at)
    forgotten = max(datetime.fromisoformat(after.at) + _cached(state, after) for state, after in others)
    cached_s = ceil((forgotten - since).total_seconds())
    return Activation(since + timedelta(seconds=cached_s) + CACHE_MARGIN, since, cached_s)


def condensed(history: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Return the part of a history, in any order, that ``activation`` needs: one sighting of each state."""
    return _states(sorted(history, key=lambda one: one.at))


def _states(history: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Return what follows one another and is of one state as one sighting, oldest first."""
    kept: list[Sighting] = []
    for one in history:
        if kept and _same(kept[-1], one):
            kept[-1] = _merged(kept[-1], one)
        else:
            kept.append(one)
    return tuple(kept)


def _cached(state: Sighting, after: Sighting) -> timedelta:
    """Return how long a cache may hold a state that it took up just before the next one, up to what resolvers cap."""
    negative = UNTOLD_NEGATIVE_S if state.negative_ttl is None else state.negative_ttl
    return timedelta(seconds=min(max(negative, after.negative_ttl or 0, state.ttl or 0), LONGEST_CACHED_S))


def _merged(first: Sighting, later: Sighting) -> Sighting:
    """Return both as one: since when the key stands, or until when something else was seen, with its longest times."""
    if first.everywhere:
        return first if first.ttl is not None else replace(first, ttl=later.ttl)
    return replace(
        later,
        ttl=_longest(first.ttl, later.ttl),
        negative_ttl=_longest(first.negative_ttl, later.negative_ttl),
    )


def _longest(*seconds: int | None) -> int | None:
    return max((one for one in seconds if one is not None), default=None)


def _same(one: Sighting, other: Sighting) -> bool:
    """Return whether both are of one state: of the key everywhere, with the same TTL, or of anything else.

    What nobody signed is another than what a signed run, or this one, saw.
    """
    if not one.everywhere or not other.everywhere:
        return (one.everywhere, one.unsigned) == (other.everywhere, other.unsigned)
    return one.ttl == other.ttl or None in (one.ttl, other.ttl)
