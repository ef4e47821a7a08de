"""The checks of retire: the selector is out of use everywhere, and mail is signed without it.

``BEFORE`` is made on what is seen before anything is written, ``AFTER`` on what is read back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from second_edition.dkim.matrix import unrouted
from second_edition.dkim.published import Answer, Judgement, Verdict, judge
from second_edition.procedures.retire.retirement import Retirement, is_own
from second_edition.rotation.checks import rollback
from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.checks.key import ARCHIVE
from second_edition.rotation.checks.published import among
from second_edition.rotation.facts import KEEP, Facts
from second_edition.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Level, Registry, Said, advice, phrase
from second_edition.rotation.observation import EXTERNAL, SUCCESS, Identity

BEFORE, AFTER = Registry(), Registry()
WITHDRAWN: Final = {"revoke": phrase("revoked or none at every server"), "remove": phrase("none at every server")}
ERASED: Final = {
    "keep": phrase("the key is kept"),
    "delete": phrase("no version holds the key"),
    "expire": phrase("a delete marker before the key"),
}
OVERLAP: Final = phrase("{days} days, a TTL of {seconds} s and 5 minutes after the switch")
#: By what tells when the selector was left.
NOT_BEFORE: Final = {
    "archive": phrase("not before {until}; the switch away was verified at {since}"),
    "seen": phrase("not before {until}; first seen out of use at {since}; SES may have signed with it unseen before"),
    "sandbox": phrase("not before {until}; by the scenario the switch away was verified at {since}"),
    "now": phrase("not before {until}; no run that counts tells when all identities left it: from now ({since})"),
}


class Retiring(Case, frozen=True, kw_only=True):
    """One observation, with what was seen of the selector that was left besides."""

    facts: Facts

    @property
    def found(self) -> Retirement:
        """Return observation and facts together."""
        return Retirement(self.seen, self.facts)


BEFORE.share(CHECKS, "SES-ACCOUNT", "SES-REGION", "TIME-CLOCK", "SES-EXISTS")


@BEFORE("SES-UNUSED", lambda case: phrase("{selector} in no Region", selector=case.seen.selector), waivable=False)
def unused(case: Retiring) -> Said:
    """SES-UNUSED: SES signs with the selector in no Region of the profile.

    That covers every identity that the profile names (regions, same_key_in). Each of them is read side by side with the
    run's own, in another account by who is signed in there. One that cannot be read, or whose selector SES does not
    show, may well sign with it; so may SES soon, while a write of an earlier run that had no clear answer can still
    arrive.

    Remedy: Switch that identity to another selector first, by rotate.
    """
    identity = case.identity()
    region = case.seen.caller.region if case.seen.caller else "-"
    known = [(region, identity), *((one.region, one.identity) for one in case.facts.elsewhere if one.identity)]
    if using := [name for name, one in known if case.seen.selector in one.selectors]:
        raise CheckFailed(phrase("in use in {regions}", regions=", ".join(using)))
    unread = [f"{one.region} {one.unread}" for one in case.facts.elsewhere if one.unread]
    unread += [name for name, one in known if not one.selectors and one.signing_origin == EXTERNAL]
    if unread:
        raise CheckUnknown(phrase("not known: {regions}", regions=", ".join(unread)), advice("SES-UNUSED.unread"))
    if (until := case.facts.arriving) and datetime.fromisoformat(case.seen.at) < datetime.fromisoformat(until):
        observed = phrase("until {until} a write of an earlier run can still reach SES and set it", until=until)
        raise CheckUnknown(observed, advice("SES-UNUSED.arriving", until=until))
    regions = [f"{name} {' '.join(one.selectors) or '-'}" for name, one in known]
    regions += [f"{one.region} -" for one in case.facts.elsewhere if one.identity is None]
    return ", ".join(regions)


@BEFORE("BACK-ACTIVE", phrase("SUCCESS, and one key pair in the key store and at every server"), waivable=False)
def active(case: Retiring) -> Said:
    """BACK-ACTIVE: The selector in use, or Easy DKIM, is verified, and its key record is served everywhere.

    The one to be retired is not the only way for mail to be signed, and the private key of the one in use pairs with
    its record. SES says SUCCESS of it and that signing is on; its key record is served by every authoritative server;
    and the private key in the key store pairs with that: what is switched back to is not what is taken away. Where the
    identity went over to Easy DKIM, SES has the keys, and signs with selectors of its own: each of them leads to SES's
    record at every authoritative server (Amazon SES Developer Guide, "Easy DKIM in Amazon SES"). SES says SUCCESS at
    each other place too that the profile names (regions, same_key_in): one that has yet to verify may have to go back.

    Remedy: Keep this selector: it is the only one to roll back to. Complete the switch to the one in use first.
    """
    identity = case.identity()
    if identity.selector == case.seen.selector:  # which SES-UNUSED says
        raise CheckUnknown
    if identity.status != SUCCESS or identity.signing_enabled is False:
        status = identity.status if identity.status != SUCCESS else "SigningEnabled false"
        named = identity.selector or " ".join(identity.selectors) or "-"
        off = advice("SES-SIGNING.off", domain=case.seen.domain) if identity.status == SUCCESS else None
        raise CheckFailed(phrase("{selector}: {status}", selector=named, status=status), off)
    others = [(one.region, one.identity) for one in case.facts.elsewhere if one.identity and not one.identity.easy]
    if open_ := [f"{region} {one.selector}: {one.status}" for region, one in others if one.status != SUCCESS]:
        raise CheckFailed(phrase("not verified: {places}", places=", ".join(open_)))
    if identity.easy:
        return _by_easy_dkim(case, identity)
    rollback.record(case)
    rollback.key(case)
    return phrase("{selector}: SUCCESS, proved", selector=identity.selector)


def _by_easy_dkim(case: Retiring, identity: Identity) -> Said:
    aside = unrouted(case.facts.signing)
    counted = [(one, judge(one)) for one in case.facts.signing if one not in aside]
    labels = {one.name.partition(".")[0] for one, _ in counted}
    if not identity.selectors or labels != {one.lower() for one in identity.selectors}:
        raise CheckUnknown(case.unread("dns"))
    for answer, judged in counted:
        token = answer.name.partition(".")[0]
        # A name server may put SES's record there itself, in the place of the CNAME.
        leads = judged.verdict is Verdict.CNAME and answer.cname[0].lower().startswith(f"{token}.dkim.")
        if judged.unknown:
            raise CheckUnknown(among([(answer, judged)], counted))
        if not leads and judged.verdict is not Verdict.A_KEY:
            where = {"name": answer.name, "server": str(answer.server)}
            raise CheckFailed(phrase("Easy DKIM: {name} at {server} leads to no key of SES's", **where))
    return phrase("Easy DKIM: SUCCESS, its records at every server ({count})", count=len(identity.selectors))


@BEFORE("KEY-KNOWN", phrase("one key, not the one in use"), waivable=False)
def known(case: Retiring) -> Said:
    """KEY-KNOWN: The selector is known by one key, which is not the key in use.

    Key object, secret and the archive's journals tell which key it went with, by SHA-256; where they differ, nobody can
    say whose record stands in DNS. Without any, its record must be revoked, or the archive know it as retired.

    Remedy: Find out which key the selector had: by the key object, the secret or the archive. A record that may be
    another's is left where it is. Where none of them knows the selector, see whether it is spelled right.
    """
    found = case.found
    if len(found.known) > 1:
        raise CheckFailed(phrase("SHA-256 {sha256}", sha256=" ".join(found.known)))
    if not found.known:
        if found.retired and found.keyless:
            raise CheckSkipped(phrase("no key is known, and none is served"))
        raise CheckUnknown(phrase("nothing tells which key {selector} has", selector=case.seen.selector))
    current = case.seen.current_key.key if case.seen.current_key else None
    if current is not None and current.sha256 == found.sha256:
        raise CheckFailed(phrase("it is the key of {selector}, which is in use", selector=case.seen.current_selector))
    return phrase("SHA-256 {sha256}", sha256=found.sha256)


@BEFORE("DNS-OWN", phrase("its own key, revoked, or nothing"), waivable=False)
def own(case: Retiring) -> Said:
    """DNS-OWN: At the key record's name stands the selector's own key, its revocation, or nothing.

    Every authoritative server was asked, and what it gave compared by SHA-256: nobody else's record is touched, and
    one that could not be asked may hold anything.

    Remedy: Ask the DNS team what stands there; nobody else's record is touched. A server that cannot be asked may hold
    anything.
    """
    judged = _judged(case)
    others = [pair for pair in judged if not pair[1].unknown and not is_own(pair[1])]
    if others:
        raise CheckFailed(among(others, judged))
    if not judged or any(one.unknown for _, one in judged):
        raise CheckUnknown(case.unread("dns"))
    named = {"there": Verdict.THE_KEY, "revoked": Verdict.REVOKED, "absent": Verdict.ABSENT, "stale": Verdict.STALE}
    counts = {name: sum(one.verdict is verdict for _, one in judged) for name, verdict in named.items()}
    return phrase(
        "servers: {total}; the key: {there}, revoked: {revoked}, none: {absent}, older copy of the zone: {stale}",
        total=len(judged),
        **counts,
    )


def _judged(case: Retiring) -> Sequence[tuple[Answer, Judgement]]:
    """Return what each authoritative server answered for its key record, and what that says."""
    return case.seen.judged(case.seen.records, case.found.sha256 or "-")


@BEFORE("STORE-OWN", phrase("a place that the secret names for it alone"), waivable=False)
def store(case: Retiring) -> Said:
    """STORE-OWN: The secret names the key object that is to go for this selector alone.

    Every version of it was looked into. Versions that hold another key are left where they are. An identity that has
    the key by another secret is not known here. Where keys are kept, nothing is asked.

    Remedy: Keep the key (retire_key = "keep"), or let this operator look at its versions (s3:ListBucketVersions,
    s3:GetObjectVersion).
    """
    if case.facts.policy.key == KEEP:
        raise CheckSkipped(phrase("the key is kept"))
    if case.facts.versions_unread:
        raise CheckUnknown(case.facts.versions_unread)
    if not case.facts.key:
        raise CheckUnknown(phrase("where the key is, is not known"))
    place = f"s3://{case.facts.bucket}/{case.facts.key}"
    if others := " ".join(case.facts.named_by):
        raise CheckFailed(phrase("{place} is the place of {selectors} too", place=place, selectors=others))
    return phrase("{place}: versions to go: {count}", place=place, count=len(case.found.erasing))


@BEFORE("TIME-OVERLAP", lambda case: OVERLAP.given(days=case.facts.policy.overlap_days, seconds=case.found.cached_s))
def overlap(case: Retiring) -> Said:
    """TIME-OVERLAP: The overlap and the longest TTL have passed since the switch away was verified.

    Of each identity that SES-UNUSED reads, the archive's runs that a trusted key signed tell when SES was first seen to
    sign with another selector that it had verified, and earlier runs of retire what they read there; the last one
    counts. Where nothing tells of one, the time starts with this run, whose record the next one reads. A journal that
    cannot be read may know more. Mail on its way must verify (RFC 5321 section 4.5.4.1: retried for 4 to 5 days). Where
    an earlier run retired it and nothing of it is left, nothing waits.

    Remedy: Wait until the overlap is over: mail that was signed with it may still be on its way. Only runs that a
    trusted key signed count: for a colleague's, list their key under sealing_keys: whoever made that run gets the line
    for it by byodkim archive RECORD. Where you know that SES never signed with it, or since when it has not, waive it
    with the reason.
    """
    found, left, identity = case.found, case.facts.left, case.identity()
    if not (identity.selector or identity.easy) or identity.selector == case.seen.selector:  # which SES-UNUSED says
        raise CheckUnknown
    if found.done:
        raise CheckSkipped(phrase("retired on {at}, and nothing is left of it", at=case.seen.retired))
    values = {"until": found.safe_at.isoformat(), "since": left.verified_at or case.seen.at}
    if datetime.fromisoformat(case.seen.at) < found.safe_at:
        raise CheckFailed(NOT_BEFORE[left.source].given(**values), advice("TIME-OVERLAP.early", until=values["until"]))
    if case.seen.failure(ARCHIVE):  # which may have seen SES sign with it later
        raise case.unknown(ARCHIVE)
    return phrase("passed at {until} (since {since})", **values)


@BEFORE("TIME-SEEN", lambda case: phrase("no signature since {since}", since=case.found.fresh_from.isoformat()))
def seen(case: Retiring) -> Said:
    """TIME-SEEN: No aggregate report shows a valid signature with it after mail in transit.

    Mail that was signed before the switch is delivered within five days; who signs with it later is another sender
    that has the key: another account, another Region, a system of one's own. Without reports nothing is asked.

    Remedy: Find who still signs with it: another account, Region or system that has its key. Or mend the folder of
    reports.
    """
    reports, found = case.facts.reports, case.found
    if not reports.folder:
        raise CheckSkipped(phrase("no reports are read"))
    if reports.failure:
        raise CheckUnknown(phrase("not read: {names}", names=reports.failure))
    if found.fresh:
        last, count = max(one.day for one in found.fresh), sum(one.messages for one in found.fresh)
        names = ", ".join(sorted({one.reporter for one in found.fresh}))[:200]
        raise CheckFailed(
            phrase("messages: {count}, last until {until} ({names})", count=count, until=last, names=names)
        )
    if reports.unread:
        raise CheckUnknown(phrase("not read: {names}", names=", ".join(reports.unread[:5])), level=Level.WARNS)
    return phrase("reports read: {count}", count=reports.read)


BEFORE.share(CHECKS, "PLAN-LOCK", "RECORD-SEALED", "RECORD-COPIED")
AFTER.share(BEFORE, "SES-UNUSED", "BACK-ACTIVE")


@AFTER("DNS-WITHDRAWN", lambda case: WITHDRAWN[case.facts.policy.by], waivable=False)
def withdrawn(case: Retiring) -> Said:
    """DNS-WITHDRAWN: Every authoritative server serves the key record as it is to be: revoked or none.

    All of them were asked again; where it was to be removed, none may serve anything.

    Remedy: Run the same command again when every server has taken the zone up.
    """
    judged = _judged(case)
    if not judged or any(one.unknown for _, one in judged):
        raise CheckUnknown(case.unread("dns"))
    if not case.found.withdrawn:
        raise CheckFailed(among([pair for pair in judged if not case.found.suffices(pair[1])], judged))
    return phrase("{total} of {total} answer", total=len(judged))


@AFTER("STORE-ERASED", lambda case: ERASED[case.facts.policy.key], waivable=False)
def erased(case: Retiring) -> Said:
    """STORE-ERASED: Nothing is left in the key store of the private key that was to go.

    The versions of the key object were listed again, and looked into. Where keys are kept, nothing is asked.

    Remedy: Run the same command again: it looks at the versions, and removes what is left.
    """
    if case.facts.policy.key == KEEP:
        raise CheckSkipped(phrase("the key is kept"))
    if case.facts.versions_unread:
        raise CheckUnknown(case.facts.versions_unread)
    if not case.found.erased:
        raise CheckFailed(" ".join(one.version_id for one in case.found.erasing))
    return phrase("other versions left: {count}", count=len(case.facts.versions))
