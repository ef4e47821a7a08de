"""The way back: the selector in use, its key and its key record, so that the same notebook can return to it."""

from __future__ import annotations

from byodkim.dkim.published import Verdict
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.checks.key import LARGEST, SMALLEST, refuse_two_buckets
from byodkim.rotation.checks.published import judged_in
from byodkim.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Compared, Phrase, phrase, verbatim
from byodkim.rotation.observation import EXTERNAL, SUCCESS, Identity


@CHECKS("BACK-RECORD")
def record(case: Case) -> Compared:
    """BACK-RECORD: the key record of the selector in use is still served everywhere, so that going back works.

    Every authoritative server was asked for it as for the next one, and all serve one valid record of one key.
    """
    expected = phrase("current-record-everywhere")
    if (unneeded := _unneeded(case, expected)) is not None:
        raise CheckSkipped(expected, unneeded)
    answers = judged_in(case.seen, case.seen.current_records, None)
    if not answers:
        raise CheckUnknown(expected, case.unread("dns"))
    good = sum(judgement.verdict is Verdict.A_KEY for _, judgement in answers)
    keys = {judgement.sha256 for _, judgement in answers if judgement.sha256}
    total, selector = len(answers), case.seen.current_selector
    if len(keys) > 1:
        observed = phrase("current-keys-differ", good=good, total=total, selector=selector, keys=len(keys))
        raise CheckFailed(expected, observed)
    observed = phrase("servers-serve-current", good=good, total=total, selector=selector)
    if good < total:
        raise CheckFailed(expected, observed)
    return Compared(expected, observed)


@CHECKS("BACK-KEY")
def key(case: Case) -> Compared:
    """BACK-KEY: the private key of the selector in use is in the key store and pairs with its key record in DNS.

    The custodian has loaded it as it would to write it, SES takes its size, and its SHA-256 is that of what is served.
    SES hands back no key: what is not stored is lost.
    """
    expected = phrase("current-key-stored")
    if (unneeded := _unneeded(case, expected)) is not None:
        raise CheckSkipped(expected, unneeded)
    stored = case.seen.current_key.key if case.seen.current_key else None
    if stored is None:
        raise CheckUnknown(expected, case.unread("current-key"))
    refuse_two_buckets(stored, expected)
    if stored.defect:
        raise CheckFailed(expected, phrase(f"key.{stored.defect}", size=stored.size))
    if not SMALLEST <= stored.bits <= LARGEST:
        raise CheckFailed(verbatim(f"{SMALLEST}-{LARGEST}"), verbatim(str(stored.bits)))
    published = {
        judgement.sha256 for _, judgement in judged_in(case.seen, case.seen.current_records, None) if judgement.sha256
    }
    if published and published != {stored.sha256}:
        raise CheckFailed(phrase("sha256", sha256=stored.sha256), phrase("sha256", sha256=" ".join(sorted(published))))
    if not published:
        raise CheckUnknown(expected, phrase("not-looked-at"))
    return Compared(expected, verbatim(f"s3://{stored.bucket}/{stored.key}"))


def _unneeded(case: Case, expected: Phrase) -> Phrase | None:
    """Why no way back is called for, or ``None`` where one is."""
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
