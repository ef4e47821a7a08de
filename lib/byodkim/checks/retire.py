"""Checks before a selector is retired: nothing signs with it, and no mail that it signed is on its
way.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from byodkim.checks import causes
from byodkim.checks.check import Failed, Skipped, Unknown, check, in_utc, unreadable
from byodkim.checks.identity import identity_of
from byodkim.checks.retirement import name_of, places, retirement_of
from byodkim.checks.secret import known_keys
from byodkim.checks.world import (
    Answer,
    Identity,
    KeyVersions,
    Observation,
    PastRun,
    Unread,
)
from byodkim.dkim.verdict import judge
from byodkim.words import Sentence, _

#: ``unclear``: a server did not answer.
RecordState = Literal["stands", "gone", "unclear"]


def record_state(seen: Observation) -> RecordState:
    """Return whether any server still serves the selector's record."""
    answers = seen.requested.answers
    if not answers or any(judge(answer, "").is_unknown for answer in answers):
        return "unclear"
    return "stands" if any(_stands(seen, answer) for answer in answers) else "gone"


def served_value(seen: Observation) -> str:
    """Return the key record's value; "" where the servers do not serve one and the same."""
    standing = [answer for answer in seen.requested.answers if _stands(seen, answer)]
    values = {"".join(text) for answer in standing for text in answer.texts}
    return values.pop() if len(values) == 1 else ""


def left_at(runs: Sequence[PastRun], selector: str) -> datetime | None:
    """Return when SES was first seen to sign with another selector, after a selector's last use.

    Args:
        runs: sealed runs about one place, oldest first.
        selector: that was left.

    Returns:
        ``None`` where no run saw it in use, or none saw another one verified since.
    """
    left, was_used = None, False
    for run in runs:
        if run.procedure not in ("rotate", "fleet"):
            continue
        if run.selector == selector and (run.wrote or run.verified_at):
            left, was_used = None, True
            continue
        if run.previous == selector:
            left, was_used = None, True
        if run.selector != selector and was_used and left is None:
            left = run.verified_at
    return left


@check(
    "SES-LEFT", _("No identity of this domain that could be read has the selector"), waivable=False
)
def ses_left(seen: Observation) -> Sentence:
    """Require that no identity of this domain that could be read has the selector, here and in
    every place that the profile or a sealed run names.

    Raises:
        Failed: SES has the selector somewhere, also while signing is disabled.
        Unknown: the identity could not be read.
    """
    identity_of(seen)
    selector = seen.requested.selector
    read = [(each, each.identity) for each in places(seen) if isinstance(each.identity, Identity)]
    using = [name_of(place) for place, identity in read if selector in identity.selectors]
    if using:
        raise Failed(
            _("SES has {selector} in {places}", selector=selector, places=using),
            todo=_("Rotate to another selector there first."),
        )
    others = [place for place, identity in read if identity.selectors]
    return _("Identities with another selector: {count}", count=len(others))


@check(
    "SES-ELSEWHERE",
    _("SES could be read in every account and Region that is named for this domain"),
)
def ses_elsewhere(seen: Observation) -> Sentence:
    """Require an answer from every place that another section of the profile, or a sealed run of
    this folder, names for this domain. "No such identity" is an answer. SES may show no selector
    (AWS's guide), here too: that is none.

    Raises:
        Skipped: there is no other place.
        Unknown: a place could not be read, or shows no selector.
    """
    hidden = [
        name_of(place)
        for place in places(seen)
        if isinstance(place.identity, Identity)
        and place.identity.origin == "EXTERNAL"
        and not place.identity.selectors
    ]
    if hidden:
        raise Unknown(
            _("SES shows no selector in {places}", places=hidden),
            todo=_("Run again when SES shows the selector in use."),
        )
    elsewhere = retirement_of(seen).elsewhere
    if not elsewhere:
        raise Skipped(_("No section and no signed run names another account or Region"))
    unread = [
        (place, place.identity)
        for place in elsewhere
        if isinstance(place.identity, Unread) and place.identity.code != "NotFoundException"
    ]
    if unread:
        raise Unknown(
            _("{places}",
              places=[f"{name_of(place)}: {causes.unread(why)}" for place, why in unread]),
            todo=causes.todo(unread[0][1], "ses:GetEmailIdentity"),
        )  # fmt: skip
    return _("Read: {places}", places=[name_of(place) for place in elsewhere])


@check("SES-SETTLED", _("SES has verified the selector that it signs with"), waivable=False)
def ses_settled(seen: Observation) -> Sentence:
    """Require status SUCCESS here, and in every other place where a sealed run saw the selector.

    Raises:
        Failed: SES has not verified the selector that took its place.
        Unknown: the identity could not be read.
    """
    identity_of(seen)
    selector = seen.requested.selector
    for number, place in enumerate(places(seen)):
        had_it = any(selector in (run.selector, run.previous) for run in place.runs)
        identity = place.identity
        if not isinstance(identity, Identity) or not (number == 0 or had_it):
            continue
        if identity.status != "SUCCESS":
            raise Failed(
                _("SES shows {current} with status {status} in {place}",
                  current=identity.selector or "-", status=identity.status, place=name_of(place)),
                todo=_("Wait until SES has verified it, or roll back to {selector}.",
                       selector=selector),
            )  # fmt: skip
    return _("The identity's status is SUCCESS")


@check("TIME-OVERLAP", _("The overlap is over"))
def time_overlap(seen: Observation) -> Sentence:
    """Require ``overlap_days`` and the record's TTL since the signed run that first saw SES sign
    with another selector, verified, in every place where a signed run saw the selector in use.

    Raises:
        Failed: it is not over; says until when.
        Unknown: no signed run tells when the selector was left.
    """
    selector, days = seen.requested.selector, retirement_of(seen).overlap_days
    used = [
        place
        for place in places(seen)
        if any(run.previous == selector or (run.wrote and run.selector == selector)
               for run in place.runs)
    ]  # fmt: skip
    times = [left_at(place.runs, selector) for place in used]
    left = [time for time in times if time is not None]
    if not left or len(left) < len(times):
        raise Unknown(
            _("No signed run shows since when SES signs without {selector}", selector=selector),
            todo=_("Find out when SES last signed with it. If the overlap has ended "
                   "since, waive this check with that date as the reason."),
        )  # fmt: skip
    served = [answer.ttl or 0 for answer in seen.requested.answers]
    ttl = max([*served, *(sighting.ttl for sighting in seen.requested.sightings)], default=0)
    until = max(left) + timedelta(days=days, seconds=ttl)
    if until > seen.at:
        raise Failed(
            _("The overlap ({days} days and the TTL) ends at {until}",
              days=days, until=in_utc(until)),
            todo=_("Run again after that time."),
        )  # fmt: skip
    return _("The overlap ended at {until}", until=in_utc(until))


@check("DNS-OURS", _("The name has only this selector's key record, or nothing"))
def dns_ours(seen: Observation) -> Sentence:
    """Require that each server that answers serves one record, with a key that the selector is
    known to have, or none. A wildcard that publishes something else does not count.

    Raises:
        Failed: an alias, another key or several records stand there, or a wildcard has the key.
        Unknown: it is not known which key the selector had.
    """
    keys = known_keys(seen, seen.requested)
    answers = [a for a in seen.requested.answers if not judge(a, "").is_unknown]
    standing = [answer for answer in answers if _stands(seen, answer)]
    if not standing:
        return _("Nothing stands at the name")
    if not keys:
        raise Unknown(
            _("It is not known which key {selector} had", selector=seen.requested.selector),
            todo=_("If the key record is this selector's, waive this check with a reason."),
        )
    for answer in standing:
        verdict = judge(answer, "")
        if _is_wildcard(seen, answer):
            raise Failed(
                _("A wildcard publishes this key at {server}", server=str(answer.server)),
                todo=_("Ask the DNS team to remove the wildcard record."),
            )
        if verdict.sha256 not in keys:
            what = verdict.what if not verdict.is_published else _("It publishes another key.")
            raise Failed(
                _("{server}: {what}", server=str(answer.server), what=what),
                todo=_("Find out whose record this is: byodkim removes only this selector's."),
            )  # fmt: skip
    if not served_value(seen):
        raise Failed(
            _("The servers do not all serve the same text"),
            todo=_("Ask the DNS team to make all servers serve the same record, then run again."),
        )
    return _("{count} servers publish its key record", count=len(standing))


@check(
    "DNS-WITHDRAWN",
    _("Every authoritative server answers, and none serves the key record"),
    waivable=False,
)
def dns_withdrawn(seen: Observation) -> Sentence:
    """Require that every server answers, and none with the selector's record.

    Raises:
        Failed: a server serves it, or does not answer.
    """
    if record_state(seen) != "gone":
        raise Failed(
            _("A server still serves the key record, or did not answer"),
            todo=_("Have the record removed at every server, then run again."),
        )
    return _("The record is gone")


@check("KEY-VERSIONS", _("The versions of the key object are known"))
def key_versions(seen: Observation) -> Sentence:
    """Require the list of versions where the profile says that they are deleted.

    Raises:
        Skipped: the profile keeps the key.
        Unknown: the versions could not be read, or it is not known which key the selector had.
    """
    retirement, keys = retirement_of(seen), known_keys(seen, seen.requested)
    if not retirement.deletes:
        raise Skipped(_("The profile keeps the private key (retire_key)"))
    versions = retirement.versions
    if not isinstance(versions, KeyVersions):
        raise unreadable(versions, "s3:ListBucketVersions")
    if versions.versions and not keys:
        raise Unknown(
            _("It is not known which key {selector} had", selector=seen.requested.selector),
            todo=_('Write retire_key = "keep" into byodkim.toml, and delete the key by hand.'),
        )
    count = len(retirement.holding(keys))
    return _("{count} of {total} versions hold the key", count=count, total=len(versions.versions))


def _stands(seen: Observation, answer: Answer) -> bool:
    """Return whether a server serves something at the name itself that may be a key record.

    A revoked record (RFC 6376 section 3.6.1, empty ``p``) is withdrawn already.
    """
    verdict = judge(answer, "")
    if verdict.is_unknown or verdict.kind in ("absent", "revoked"):
        return False
    has_key = verdict.sha256 != "" and verdict.sha256 in known_keys(seen, seen.requested)
    return has_key or not _is_wildcard(seen, answer)


def _is_wildcard(seen: Observation, answer: Answer) -> bool:
    """Return whether the server answers the same for a name that nobody uses (RFC 4592)."""
    unused = [each for each in retirement_of(seen).unused if each.server == answer.server]
    return any(
        (each.texts or each.cname) and (each.texts, each.cname) == (answer.texts, answer.cname)
        for each in unused
    )
