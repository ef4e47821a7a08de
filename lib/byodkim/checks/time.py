"""Checks of time: this machine's clock, and what caches may still hold."""

from datetime import datetime, timedelta
from typing import Final

from byodkim.checks.check import Failed, Skipped, check, in_utc, see
from byodkim.checks.dns import answering
from byodkim.checks.key import key_of
from byodkim.checks.world import Observation, Sighting, Unread
from byodkim.words import Sentence, _

#: AWS takes a signed request for five minutes (IAM User Guide, "AWS Signature Version 4 for API
#: requests").
MOST_CLOCK_ERROR: Final = timedelta(minutes=5)


@check("TIME-CLOCK", _("This machine's clock is within five minutes of AWS's"))
def time_clock(seen: Observation) -> Sentence:
    """Compare this clock with the Date of AWS's answer.

    Raises:
        Failed: they differ by more than five minutes.
        Unknown: AWS gave no time.
    """
    if isinstance(seen.caller, Unread):
        raise see("SES-ACCOUNT")
    ahead = seen.caller.clock_ahead_s
    if abs(ahead) > MOST_CLOCK_ERROR.total_seconds():
        raise Failed(
            _("This clock is {seconds} s off", seconds=round(ahead)),
            todo=_("Set this machine's clock (NTP), then run again."),
        )
    return _("{seconds} s apart", seconds=round(ahead, 1))


@check("TIME-ACTIVATE", _("Caches no longer hold an earlier answer for the key record's name"))
def time_activate(seen: Observation) -> Sentence:
    """Require that the time passed for which caches may hold an earlier answer.

    It counts from when every server was first seen to publish the key, for the longest TTL and
    negative-caching time seen before (RFC 2308 section 5, after RFC 7583 section 3.3.1). Only runs
    of this folder that a trusted key signed, and this run itself, count. A changed TTL is no other
    state.

    Raises:
        Failed: a cache may still hold it; says until when.
        Skipped: no run saw anything else at the name.
        Unknown: the record is not published everywhere yet.
    """
    key = key_of(seen)
    # A server that does not answer is DNS-ANSWERS' matter.
    results = answering(seen.requested, key.sha256)
    if not results or not all(verdict.is_published for _server, verdict in results):
        raise see("DNS-PUBLISHED")
    until = forgotten_at(seen.requested.sightings, key.sha256, seen.at)
    if until is None:
        raise Skipped(_("No run saw anything else at this name"))
    if until > seen.at:
        raise Failed(
            _("Caches may hold an earlier answer until {until}", until=in_utc(until)),
            todo=_("Run again after that time, or pass -p wait_dns_minutes."),
        )
    return _("Earlier answers expired in caches at {until}", until=in_utc(until))


def forgotten_at(
    sightings: tuple[Sighting, ...], key_sha256: str, now: datetime
) -> datetime | None:
    """Return when caches have forgotten what stood at the name before this key.

    Args:
        sightings: earlier looks at the name, oldest first.
        key_sha256: the key that every server publishes now.
        now: when that was seen.

    Returns:
        ``None`` where no earlier look saw anything else.
    """
    seen_next = [*(each.at for each in sightings[1:]), now]
    ends = [
        until + timedelta(seconds=max(sighting.ttl, sighting.negative_ttl))
        for sighting, until in zip(sightings, seen_next, strict=False)
        if sighting.key_sha256 != key_sha256
    ]
    return max(ends, default=None)
