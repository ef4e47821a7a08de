"""The checks of retire: that the selector is out of use everywhere, and not the only way for mail to be signed.

``BEFORE`` is made on what is seen before anything is written, ``AFTER`` on what was read back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from byodkim.dkim.published import Answer, Judgement, Verdict, judge
from byodkim.rotation.checks import back
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.checks.published import among, judged_in
from byodkim.rotation.findings import (
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Compared,
    Level,
    Phrase,
    Registry,
    phrase,
    verbatim,
)
from byodkim.rotation.observation import EXTERNAL, SUCCESS, Identity
from byodkim.rotation.retirement import KEEP, Facts, Retirement
from byodkim.rotation.secret_entry import PENDING

BEFORE, AFTER, ALL = Registry(), Registry(), Registry()


@dataclass(frozen=True)
class Retiring(Case):
    """One observation, with what was seen of the selector that was left besides."""

    facts: Facts = field(kw_only=True)

    @property
    def found(self) -> Retirement:
        """Both together."""
        return Retirement(self.seen, self.facts)


BEFORE.share(CHECKS, "SES-ACCOUNT", "SES-REGION", "TIME-CLOCK", "SES-EXISTS")


@BEFORE("SES-UNUSED", waivable=False)
def unused(case: Retiring) -> Compared:
    """SES-UNUSED: SES signs with the selector in none of the accounts and Regions that the profile names.

    Each of their identities is read side by side with the run's own, in another account by who is signed in there. One
    that cannot be read, or whose selector SES does not show, may well sign with it.
    """
    expected = phrase("unused-anywhere", selector=case.seen.selector)
    identity = case.identity(expected)
    region = case.seen.caller.region if case.seen.caller else "-"
    known = [(region, identity), *((one.region, one.identity) for one in case.facts.elsewhere if one.identity)]
    using = [name for name, one in known if case.seen.selector in one.selectors]
    if using:
        raise CheckFailed(expected, phrase("used-in", regions=", ".join(using)))
    unread = [f"{one.region} {one.unread}" for one in case.facts.elsewhere if one.unread]
    unread += [name for name, one in known if not one.selectors and one.signing_origin == EXTERNAL]
    if unread:
        raise CheckUnknown(expected, phrase("unused-unknown", regions=", ".join(unread)))
    told = [f"{name} {' '.join(one.selectors) or '-'}" for name, one in known]
    told += [f"{one.region} -" for one in case.facts.elsewhere if one.identity is None]
    return Compared(expected, verbatim(", ".join(told)))


@BEFORE("BACK-ACTIVE", waivable=False)
def active(case: Retiring) -> Compared:
    """BACK-ACTIVE: the selector in use is verified and proved, so that the one to be retired is not the only way.

    SES says SUCCESS of it and that signing is on; its key record is served by every authoritative server; and the
    private key in the key store pairs with that: what is switched back to is not what is taken away. Where the identity
    went over to Easy DKIM, SES has the keys, and signs with selectors of its own: each of them leads to SES's record at
    every authoritative server (Amazon SES Developer Guide, "Easy DKIM in Amazon SES").
    """
    expected = phrase("active-proved")
    identity = case.identity(expected)
    if identity.selector == case.seen.selector:  # which SES-UNUSED says
        raise CheckUnknown(expected, phrase("not-looked-at"))
    if identity.status != SUCCESS or identity.signing_enabled is False:
        status = identity.status if identity.status != SUCCESS else "SigningEnabled false"
        named = identity.selector or " ".join(identity.selectors) or "-"
        raise CheckFailed(expected, phrase("active-unverified", selector=named, status=status))
    if identity.easy:
        return Compared(expected, _by_easy_dkim(case, identity))
    back.record(case)
    back.key(case)
    return Compared(expected, phrase("active-is", selector=identity.selector))


def _by_easy_dkim(case: Retiring, identity: Identity) -> Phrase:
    expected, answers = phrase("active-proved"), case.facts.signing
    counted = [(one, judge(one)) for one in answers]
    counted = [pair for pair in counted if pair[1].verdict is not Verdict.NO_IPV6]
    asked = {one.name.partition(".")[0] for one, _ in counted}
    if not identity.selectors or asked != {one.lower() for one in identity.selectors}:
        raise CheckUnknown(expected, case.unread("dns"))
    for answer, judged in counted:
        token = answer.name.partition(".")[0]
        # A name server may put SES's record there itself, in the place of the CNAME.
        leads = judged.verdict is Verdict.CNAME and answer.cname[0].lower().startswith(f"{token}.dkim.")
        if judged.unknown:
            raise CheckUnknown(expected, among([(answer, judged)], counted))
        if not leads and judged.verdict is not Verdict.A_KEY:
            raise CheckFailed(expected, phrase("active-easy-lacking", name=answer.name, server=str(answer.server)))
    return phrase("active-easy", count=len(identity.selectors))


@BEFORE("KEY-KNOWN", waivable=False)
def known(case: Retiring) -> Compared:
    """KEY-KNOWN: the selector is known by one key, and it is not the key that is in use.

    The key object, the secret's key record and the archive's journals tell which key it went with, by SHA-256; where
    they differ, nobody can say whose record stands in DNS.
    """
    expected, found = phrase("one-known-key"), case.found
    if len(found.known) > 1:
        raise CheckFailed(expected, phrase("sha256", sha256=" ".join(found.known)))
    if not found.known:
        if found.withdrawn and found.keyless:
            raise CheckSkipped(expected, phrase("nothing-left"))
        raise CheckUnknown(expected, phrase("key-not-known", selector=case.seen.selector))
    current = case.seen.current_key.key if case.seen.current_key else None
    if current is not None and current.sha256 == found.sha256:
        raise CheckFailed(expected, phrase("key-in-use", selector=case.seen.current_selector))
    return Compared(expected, phrase("sha256", sha256=found.sha256))


@BEFORE("DNS-OWN", waivable=False)
def own(case: Retiring) -> Compared:
    """DNS-OWN: what stands at the key record's name is the selector's own key, its revocation, or nothing.

    Every authoritative server was asked, and what it gave compared by SHA-256: nobody else's record is touched, and
    one that could not be asked may hold anything.
    """
    expected = phrase("own-record-only")
    judged = _judged(case)
    others = [pair for pair in judged if not pair[1].unknown and not _is_own(pair[1])]
    if others:
        raise CheckFailed(expected, among(others, judged))
    if not judged or any(one.unknown for _, one in judged):
        raise CheckUnknown(expected, case.unread("dns"))
    named = {"there": Verdict.THE_KEY, "revoked": Verdict.REVOKED, "absent": Verdict.ABSENT, "stale": Verdict.STALE}
    counts = {name: sum(one.verdict is verdict for _, one in judged) for name, verdict in named.items()}
    return Compared(expected, phrase("own-counted", total=len(judged), **counts))


def _judged(case: Retiring) -> Sequence[tuple[Answer, Judgement]]:
    """Return what each authoritative server answered for its key record, and what that says."""
    return judged_in(case.seen, case.seen.records, case.found.sha256 or "-")


def _is_own(found: Judgement) -> bool:
    """Whether a server has the very key, its revocation or nothing; or an older copy of the zone with one of these."""
    older = found.verdict is Verdict.STALE and found.detail.startswith((Verdict.ABSENT, Verdict.REVOKED))
    return older or found.verdict in (Verdict.THE_KEY, Verdict.REVOKED, Verdict.ABSENT)


@BEFORE("STORE-OWN", waivable=False)
def store(case: Retiring) -> Compared:
    """STORE-OWN: the key object that is to go is the selector's alone.

    Every version of it was looked into; the secret names its place for no other selector. Versions that hold another
    key are left where they are. Where keys are kept, nothing is asked.
    """
    expected = phrase("object-its-own")
    if case.facts.policy.key == KEEP:
        raise CheckSkipped(expected, phrase("key-is-kept"))
    if case.facts.versions_unread:
        raise CheckUnknown(expected, verbatim(case.facts.versions_unread))
    if not case.facts.key:
        raise CheckUnknown(expected, phrase("object-place-unknown"))
    place = f"s3://{case.facts.bucket}/{case.facts.key}"
    if case.facts.named_by:
        raise CheckFailed(expected, phrase("object-shared", place=place, selectors=" ".join(case.facts.named_by)))
    return Compared(expected, phrase("object-versions", place=place, count=len(case.found.erasing)))


@BEFORE("SECRET-OWN", waivable=False)
def entry(case: Retiring) -> Compared:
    """SECRET-OWN: what the secret says of the selector can go, and all that it says of others stays.

    Nobody else's version is pending; the version in force names the selector beside another one; and what the version
    before it says of others stands in the one in force too, as that label goes. Where the entry is kept, nothing is
    asked.
    """
    expected, secret, selector = phrase("entry-goes-alone"), case.facts.secret, case.seen.selector
    if case.facts.policy.secret == KEEP:
        raise CheckSkipped(expected, phrase("entry-is-kept"))
    _known_entries(expected, case)
    wanted = secret.writes(selector)
    if secret.rotating(selector) and (wanted or secret.naming(selector)):
        raise CheckFailed(expected, phrase("entry-rotating", version=secret.at(PENDING).version_id))
    if secret.unfit:
        raise CheckFailed(expected, phrase(f"entry-unfit.{secret.unfit}"))
    if wanted and (lost := secret.only_there(selector)):
        raise CheckFailed(expected, phrase("entry-only-there", selectors=" ".join(lost)))
    return Compared(expected, _named(secret.naming(selector)))


def _known_entries(expected: Phrase, case: Retiring) -> None:
    """Ends a check where it is not known what the secret's versions name."""
    secret = case.facts.secret
    if secret.unread:
        raise CheckUnknown(expected, verbatim(secret.unread))
    if unclear := [one.stage for one in secret.versions if one.unclear]:
        raise CheckUnknown(expected, phrase("entry-unclear", stages=" ".join(unclear)))


def _named(stages: Sequence[str]) -> Phrase:
    return phrase("entry-named", stages=" ".join(stages)) if stages else phrase("entry-nowhere")


@BEFORE("TIME-OVERLAP")
def overlap(case: Retiring) -> Compared:
    """TIME-OVERLAP: the overlap, the longest TTL and a margin have passed since the switch away was verified.

    The archive tells when SES was first seen to sign with another selector that it had verified; where it tells
    nothing, the time starts with this run, whose record the next one reads. Until then mail that was signed before is
    on its way, and its signature must verify (RFC 5321 section 4.5.4.1: it is retried for 4 to 5 days).
    """
    found, left = case.found, case.facts.left
    expected = phrase("overlap-passed", days=case.facts.policy.overlap_days, seconds=found.ttl)
    identity = case.identity(expected)
    if not (identity.selector or identity.easy) or identity.selector == case.seen.selector:  # which SES-UNUSED says
        raise CheckUnknown(expected, phrase("not-looked-at"))
    values = {"until": found.safe_at.isoformat(), "since": left.verified_at or case.seen.at}
    if datetime.fromisoformat(case.seen.at) < found.safe_at:
        raise CheckFailed(expected, phrase(f"overlap-until.{left.source}", **values))
    return Compared(expected, phrase("overlap-since", **values))


@BEFORE("TIME-SEEN")
def seen(case: Retiring) -> Compared:
    """TIME-SEEN: no aggregate report shows a signature with it that is too late for mail in transit.

    Mail that was signed before the switch is delivered within five days; who signs with it later is another sender
    that has the key: another account, another Region, a system of one's own. Without reports nothing is asked.
    """
    reports, found = case.facts.reports, case.found
    expected = phrase("not-seen-since", since=found.fresh_from.isoformat())
    if not reports.folder:
        raise CheckSkipped(expected, phrase("reports-none"))
    if reports.failure:
        raise CheckUnknown(expected, phrase("reports-unread", names=reports.failure))
    if found.fresh:
        last, count = max(one.day for one in found.fresh), sum(one.messages for one in found.fresh)
        raise CheckFailed(expected, phrase("seen-until", count=count, until=last, names=_names(found)))
    if reports.unread:
        raise CheckUnknown(expected, phrase("reports-unread", names=", ".join(reports.unread[:5])), level=Level.WARNS)
    return Compared(expected, phrase("reports-read", count=reports.read))


def _names(found: Retirement) -> str:
    return ", ".join(sorted({one.reporter for one in found.fresh}))[:200]


BEFORE.share(CHECKS, "PLAN-LOCK", "RECORD-SEALED", "RECORD-COPIED")
AFTER.share(BEFORE, "SES-UNUSED", "BACK-ACTIVE")


@AFTER("DNS-WITHDRAWN", waivable=False)
def withdrawn(case: Retiring) -> Compared:
    """DNS-WITHDRAWN: every authoritative server serves the key record revoked, or none.

    All of them were asked again; where it was to be removed, none may serve anything.
    """
    expected, judged = phrase(f"withdrawn.{case.facts.policy.by}"), _judged(case)
    if not judged or any(one.unknown for _, one in judged):
        raise CheckUnknown(expected, case.unread("dns"))
    if not case.found.withdrawn:
        raise CheckFailed(expected, among([pair for pair in judged if not case.found.suffices(pair[1])], judged))
    return Compared(expected, phrase("servers-answer", total=len(judged)))


@AFTER("STORE-ERASED", waivable=False)
def erased(case: Retiring) -> Compared:
    """STORE-ERASED: nothing is left in the key store of the private key that was to go.

    The versions of the key object were listed again, and looked into. Where keys are kept, nothing is asked.
    """
    expected, policy = phrase(f"erased.{case.facts.policy.key}"), case.facts.policy
    if policy.key == KEEP:
        raise CheckSkipped(expected, phrase("key-is-kept"))
    if case.facts.versions_unread:
        raise CheckUnknown(expected, verbatim(case.facts.versions_unread))
    if not case.found.erased:
        raise CheckFailed(expected, verbatim(" ".join(one.version_id for one in case.found.erasing)))
    return Compared(expected, phrase("versions-left", count=len(case.facts.versions)))


@AFTER("SECRET-CLEARED", waivable=False)
def cleared(case: Retiring) -> Compared:
    """SECRET-CLEARED: no version of the secret that has a label names the selector, where its entry was to go.

    The versions were read again; nothing of what retire began is pending. Where the entry is kept, nothing is asked.
    """
    expected, secret, selector = phrase("entry-named-nowhere"), case.facts.secret, case.seen.selector
    if case.facts.policy.secret == KEEP:
        raise CheckSkipped(expected, phrase("entry-is-kept"))
    _known_entries(expected, case)
    if (stages := secret.naming(selector)) or secret.writes(selector):
        raise CheckFailed(expected, _named(stages or (PENDING,)))
    return Compared(expected, _named(()))


ALL.share(BEFORE, *BEFORE.checks)
ALL.share(AFTER, *AFTER.checks)
OWN = tuple(name for name in ALL.checks if name not in CHECKS.checks)
