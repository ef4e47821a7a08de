"""The rollback: the selector to return to, its key and its key record, and whether its checks would pass."""

from __future__ import annotations

from dataclasses import replace

from byodkim.dkim.published import Verdict, judge
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.checks.key import LARGEST, SMALLEST, refuse_two_buckets
from byodkim.rotation.checks.published import among, judged_in
from byodkim.rotation.findings import (
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Compared,
    Level,
    Phrase,
    phrase,
    verbatim,
)
from byodkim.rotation.findings import Verdict as Found
from byodkim.rotation.observation import EXTERNAL, SUCCESS, Identity
from byodkim.rotation.rollback import SHARED, has_worked, mirrored


@CHECKS("BACK-RECORD")
def record(case: Case) -> Compared:
    """BACK-RECORD: the key record of the selector in use is still served everywhere, so that going back works.

    Every authoritative server was asked for it as for the next one, and all serve one valid record of one key. A server
    that could not be asked is not known to lack it. In a rollback it only warns: what is left need not work.
    """
    expected = phrase("current-record-everywhere")
    if (unneeded := _unneeded(case, expected)) is not None:
        raise CheckSkipped(expected, unneeded)
    answers = judged_in(case.seen, case.seen.current_records, None)
    if not answers:
        raise CheckUnknown(expected, case.unread("dns"))
    good = sum(judgement.verdict is Verdict.A_KEY for _, judgement in answers)
    keys = {judgement.sha256 for _, judgement in answers if judgement.sha256}
    total, selector, level = len(answers), case.seen.current_selector, _level(case)
    if len(keys) > 1:
        observed = phrase("current-keys-differ", good=good, total=total, selector=selector, keys=len(keys))
        raise CheckFailed(expected, observed, level=level)
    silent = [(answer, judgement) for answer, judgement in answers if judgement.unknown]
    if wrong := [pair for pair in answers if pair[1].verdict is not Verdict.A_KEY and pair not in silent]:
        # Where the newer zone has no record, it is that server that lacks it, not the one that still serves it.
        lacking = [(answer, judgement) for answer, judgement in wrong if judge(answer).verdict is not Verdict.A_KEY]
        raise CheckFailed(expected, among(lacking or wrong, answers), level=level)
    if silent:
        raise CheckUnknown(expected, among(silent, answers), "BACK-RECORD.silent", level)
    return Compared(expected, phrase("servers-serve-current", good=good, total=total, selector=selector))


@CHECKS("BACK-KEY")
def key(case: Case) -> Compared:
    """BACK-KEY: the private key of the selector in use is in the key store and pairs with its key record in DNS.

    The custodian has loaded it as it would to write it, SES takes its size, and its SHA-256 is that of what is served.
    SES hands back no key: what is not stored is lost. In a rollback it only warns: what is left need not work.
    """
    expected = phrase("current-key-stored")
    if (unneeded := _unneeded(case, expected)) is not None:
        raise CheckSkipped(expected, unneeded)
    stored, level = case.seen.current_key.key if case.seen.current_key else None, _level(case)
    if stored is None:
        raise CheckUnknown(expected, case.unread("current-key"), level=level)
    refuse_two_buckets(stored, expected)
    if stored.defect:
        raise CheckFailed(expected, phrase(f"key.{stored.defect}", size=stored.size), level=level)
    if not SMALLEST <= stored.bits <= LARGEST:
        raise CheckFailed(verbatim(f"{SMALLEST}-{LARGEST}"), verbatim(str(stored.bits)), level=level)
    published = {
        judgement.sha256 for _, judgement in judged_in(case.seen, case.seen.current_records, None) if judgement.sha256
    }
    if published and published != {stored.sha256}:
        served = phrase("sha256", sha256=" ".join(sorted(published)))
        raise CheckFailed(phrase("sha256", sha256=stored.sha256), served, level=level)
    if not published:
        raise CheckUnknown(expected, phrase("not-looked-at"), level=level)
    return Compared(expected, verbatim(f"s3://{stored.bucket}/{stored.key}"))


@CHECKS("BACK-CHECKS", Level.WARNS)
def checks(case: Case) -> Compared:
    """BACK-CHECKS: a rollback would pass every check that blocks, made on what it would see as the world stands now.

    Each is evaluated on this observation with the selectors exchanged: stored key, secret, every server's record, a
    signed message, and the times at which earlier states leave the caches. What does not depend on the selector, as
    account, signing and delegation, is what this run's own checks say.
    """
    expected, seen = phrase("rollback-passes"), case.seen
    identity = case.identity(expected)
    if not seen.back_selector:
        raise CheckSkipped(expected, phrase("no-rollback"))
    if not has_worked(seen):
        raise CheckSkipped(expected, phrase("never-worked", selector=seen.back_selector, status=identity.status))
    made = CHECKS.evaluate(Case(mirrored(seen), replace(case.expected, applies=True)), {}, but=("BACK-CHECKS", *SHARED))
    refusing = [finding for finding in made if finding.stops]
    # What could not be looked at follows from what failed, where anything did.
    refusing = [finding for finding in refusing if finding.verdict is Found.FAIL] or refusing
    if not refusing:
        return Compared(expected, phrase("rollback-passed", selector=seen.back_selector, count=len(made)))
    ids = phrase(
        "rollback-refused",
        selector=seen.back_selector,
        ids=" ".join(finding.id for finding in refusing),
        remedies=" ".join(finding.remedy or f"{finding.id}.todo" for finding in refusing),
    )
    raise (CheckFailed if refusing[0].verdict is Found.FAIL else CheckUnknown)(expected, ids)


def _level(case: Case) -> Level | None:
    """Return WARNS for a rollback: the selector that it leaves may be the very one that does not work."""
    known = [used.selector for used in case.seen.used]  # oldest first
    asked, current = case.seen.selector, case.seen.current_selector
    if not any(used.worked and used.selector == asked for used in case.seen.used):
        return None
    earlier = current not in known or known.index(asked) < known.index(current)
    return Level.WARNS if earlier else None


def _unneeded(case: Case, expected: Phrase) -> Phrase | None:
    """Return why no way back is called for, or ``None`` where one is."""
    identity: Identity = case.identity(expected)
    if identity.signing_origin != EXTERNAL:  # which SES-ORIGIN says
        raise CheckUnknown(expected, phrase("not-looked-at"))
    if identity.selector == case.seen.selector:
        return phrase("no-switch")
    if identity.status != SUCCESS:
        return phrase("nothing-to-go-back-to", status=identity.status)
    if not identity.selector:
        raise CheckUnknown(expected, phrase("selector-not-shown"))
    return None
