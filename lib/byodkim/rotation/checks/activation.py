"""When the key record may be relied on: not before every cache has forgotten what stood there before it."""

from __future__ import annotations

from datetime import datetime

from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckSkipped, Compared, Level, phrase
from byodkim.rotation.plan import rewrites
from byodkim.rotation.timing import CACHE_MARGIN, activation, sighting


@CHECKS("TIME-ACTIVATE")
def activate(case: Case) -> Compared:
    """TIME-ACTIVATE: resolvers have forgotten what stood at the name before the key record (RFC 2308, RFC 7583).

    The longest that a resolver may remember is what the zone itself says: the TTL of what stood there, or the time for
    which "none" is remembered; it counts from when the record was first seen at every server, by this run or by those
    before. A plan may be made before that time: it only warns, and says when it can be carried out.
    """
    expected = phrase("caches-forgot")
    identity, seen = case.identity(expected), case.seen
    if identity.selector == seen.selector and not rewrites(seen):
        raise CheckSkipped(expected, phrase("no-switch"))
    now = sighting(seen)
    if not now.everywhere:  # which DNS-PUBLISHED says: no time runs yet
        raise CheckSkipped(expected, phrase("not-everywhere-yet"))
    found = activation(seen.dns.history, now)
    if found is None:
        return Compared(expected, phrase("never-seen-otherwise"))
    values = {"until": found.at.isoformat(), "since": found.since.isoformat()}
    if datetime.fromisoformat(seen.at) < found.at:
        level = None if case.expected.applies else Level.WARNS
        margin = int(CACHE_MARGIN.total_seconds()) // 60
        raise CheckFailed(expected, phrase("not-before", seconds=found.cached_s, margin=margin, **values), level=level)
    return Compared(expected, phrase("forgotten-since", **values))
