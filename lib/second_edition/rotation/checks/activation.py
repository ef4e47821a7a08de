"""Check when the key record may be relied on: not before every cache has forgotten what stood there before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.checks.published import published, silent
from second_edition.rotation.findings import (
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Finding,
    Level,
    Said,
    Verdict,
    advice,
    phrase,
)
from second_edition.rotation.plan import carries_out, rewrites
from second_edition.rotation.resolution import Sighting
from second_edition.rotation.timing import CACHE_MARGIN, LONGEST_CACHED_S, activation, sighting


@CHECKS("TIME-ACTIVATE", phrase("no cache holds what stood there before the record"))
def activate(case: Case) -> Said:
    """TIME-ACTIVATE: Caches have forgotten what stood there before the record.

    RFC 2308, RFC 7583. The longest that a resolver may remember is what the zone itself says: the TTL of what stood
    there, or the time for which "none" is remembered. All that was ever seen there counts until it expires; that time
    begins when the next state was first seen, for the last one when the record was first seen at every server, by this
    run, by those before that asked every server that this one asks, and that a trusted key signed, or by the plan of
    its campaign, where all is still as that has it. A TTL counts for 7 days at most, to which resolvers cap it (RFC
    8767 section 4). What stood there otherwise counts from every run of rotate, and another record from every run of
    publish, as that can only make the wait longer; of runs that nobody signed, where a signed one saw the selector at
    work with this key, only what they saw since it was last seen served, for the zone's negative TTL. Where no run has
    seen such, it passes: only SES and operators look for a selector that no mail names yet, and who looked before it
    was published may hold "none" for the zone's negative TTL. Where a server gives no answer, nobody knows whether and
    since when it serves the record. A plan may be made before that time: it only warns, and says when it can be carried
    out.

    Remedy: Run again once caches have forgotten what stood there before, or with -p wait_dns_minutes. Receivers that
    hold the earlier answer would find no key.
    """
    identity, seen = case.identity(), case.seen
    if identity.selector == seen.selector and not rewrites(seen):
        raise CheckSkipped(phrase("no switch: none is needed"))
    now, level = sighting(seen), None if case.expected.applies else Level.WARNS
    if not now.everywhere:
        raise _unserved(case, level)
    found = activation((*seen.dns.history, *_planned(case)), now)
    if found is None:
        return phrase(
            "no rotate run of this archive that counts has seen it absent or otherwise; "
            'who looked before it was published may hold "none" for the zone\'s negative TTL'
        )
    values = {"until": found.at.isoformat(), "since": found.since.isoformat()}
    if datetime.fromisoformat(seen.at) < found.at:
        margin = int(CACHE_MARGIN.total_seconds()) // 60
        capped = phrase(
            "not before {until}, because every server was first seen to serve the record at {since}, and "
            "caches may hold what stood there before for {seconds} s, to which resolvers cap a TTL "
            "(RFC 8767 section 4; plus {margin} min for clocks that differ and TTLs that resolvers round up)",
            seconds=found.cached_s,
            margin=margin,
            **values,
        )
        held = phrase(
            "not before {until}, because every server was first seen to serve the record at {since}, and "
            "caches may hold what stood there before for {seconds} s (plus {margin} min for clocks that "
            "differ and TTLs that resolvers round up)",
            seconds=found.cached_s,
            margin=margin,
            **values,
        )
        observed = capped if found.cached_s == LONGEST_CACHED_S else held
        minutes = (found.at - datetime.fromisoformat(seen.at)) // timedelta(minutes=1) + 2  # it looks for some seconds
        raise CheckFailed(observed, advice("TIME-ACTIVATE.early", until=values["until"], minutes=minutes), level)
    return phrase("forgotten since {until}: served everywhere since {since}", **values)


def _planned(case: Case) -> Iterator[Sighting]:
    """Yield that every server served the record when a campaign's plan was made, if all is as that plan has it.

    Where approvals are required, an approver must have signed that campaign's digest, which that time is in.
    """
    if (applying := case.applying) is None:
        return
    signed = {one.approval.plan.digest for one in applying.approvals if one.approval}
    for member in (one.member for one in applying.approvals if one.member):
        vouched = member.holds and (member.fleet.digest in signed or not applying.required)
        if vouched and member.at and carries_out(applying.plan, member.plan):
            yield Sighting(member.at, everywhere=True, ttl=None, negative_ttl=None)


def _unserved(case: Case, level: Level | None) -> CheckFailed:
    """Return the verdict where not every server was seen to serve the record: no time runs yet, or nobody knows."""
    try:
        published(case)
    except CheckUnknown as unknown:
        return CheckUnknown(unknown.observed, level=level)
    except CheckFailed:
        return CheckSkipped(phrase("not served everywhere yet: the time begins when it is"))
    observed = phrase("not known whether and since when these serve the record: {servers}", servers=silent(case))
    return CheckUnknown(observed, advice("TIME-ACTIVATE.silent"), level)


def early(findings: Iterable[Finding]) -> str:
    """Return before when TIME-ACTIVATE refuses an apply run; "" where it does not."""
    failed = (one for one in findings if one.id == "TIME-ACTIVATE" and one.verdict is Verdict.FAIL)
    return max((str(one.values["until"]) for one in failed), key=datetime.fromisoformat, default="")
