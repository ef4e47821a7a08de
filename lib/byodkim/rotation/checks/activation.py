"""When the key record may be relied on: not before every cache has forgotten what stood there before it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckSkipped, Compared, Finding, Level, Verdict, phrase
from byodkim.rotation.plan import rewrites
from byodkim.rotation.timing import CACHE_MARGIN, activation, sighting


@CHECKS(
    "TIME-ACTIVATE",
    "Run again at that time, or with -p wait_dns_minutes. Receivers that hold the earlier answer would find no key.",
)
def activate(case: Case) -> Compared:
    """TIME-ACTIVATE: Caches have forgotten what stood there before the record.

    RFC 2308, RFC 7583. The longest that a resolver may remember is what the zone itself says: the TTL of what stood
    there, or the time for which "none" is remembered; it counts from when the record was first seen at every server, by
    this run or by those before. A plan may be made before that time: it only warns, and says when it can be carried
    out.
    """
    expected = phrase("no cache holds what stood there before the record")
    identity, seen = case.identity(expected), case.seen
    if identity.selector == seen.selector and not rewrites(seen):
        raise CheckSkipped(expected, phrase("no switch: none is needed"))
    now = sighting(seen)
    if not now.everywhere:  # which DNS-PUBLISHED says: no time runs yet
        raise CheckSkipped(expected, phrase("not served everywhere yet: the time begins when it is"))
    found = activation(seen.dns.history, now)
    if found is None:
        return Compared(expected, phrase("never seen absent or otherwise: nothing for a cache to hold"))
    values = {"until": found.at.isoformat(), "since": found.since.isoformat()}
    if datetime.fromisoformat(seen.at) < found.at:
        level = None if case.expected.applies else Level.WARNS
        margin = int(CACHE_MARGIN.total_seconds()) // 60
        raise CheckFailed(
            expected,
            phrase(
                "not before {until}, because every server was first seen to serve the record at {since}, and "
                "caches may hold what stood there before for {seconds} s (plus {margin} min for clocks that "
                "differ and TTLs that resolvers round up)",
                seconds=found.cached_s,
                margin=margin,
                **values,
            ),
            level=level,
        )
    return Compared(expected, phrase("forgotten since {until}: served everywhere since {since}", **values))


def early(findings: Iterable[Finding]) -> str:
    """Return before when TIME-ACTIVATE refuses an apply run; "" where it does not."""
    failed = (one for one in findings if one.id == "TIME-ACTIVATE" and one.verdict is Verdict.FAIL)
    return max((str(one.values["until"]) for one in failed), key=datetime.fromisoformat, default="")
