"""The checks of prepare: its own and those of rotate that hold before there is a key; then those of a pair that stands.

``BEFORE`` is made on what is seen before anything is written, ``AFTER`` on the key pair once it stands. The latter are
rotate's own, so that what prepare calls prepared is what rotate takes.
"""

from __future__ import annotations

from typing import Final

from second_edition.dkim.published import Judgement, Verdict, judge
from second_edition.procedures.prepare.preparation import SELECTOR_ABSENT, Preparation
from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.checks.key import (
    ARCHIVE,
    LARGEST,
    SIZES,
    SMALLEST,
    THIS_KEY_ONLY,
    UNUSABLE,
    one_key,
    refuse_two_buckets,
)
from second_edition.rotation.checks.secret import refuse_other_spelling, refuse_twice, requested
from second_edition.rotation.facts import Store
from second_edition.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Level, Registry, Said, advice, phrase

BEFORE, AFTER = Registry(), Registry()


class Preparing(Case, frozen=True, kw_only=True):
    """One observation, with what was seen of the key store besides."""

    store: Store

    @property
    def prepared(self) -> Preparation:
        """Return observation and store together."""
        return Preparation(self.seen, self.store)


BEFORE.share(CHECKS, "SES-ACCOUNT", "SES-REGION", "TIME-CLOCK", "SES-EXISTS", "SES-ORIGIN")


NAMED: Final = {
    "given": phrase("{selector}, as given"),
    "standing": phrase("{selector}, in the key store already (pattern {pattern})"),
    "new": phrase("{selector}, a new name (pattern {pattern})"),
}
#: Why no entry can be added.
UNADDABLE: Final = {
    "field": phrase("not known for a new key: {field}"),
    "bucket": phrase("s3_bucket in the secret is {field}, and the new key is at {place}"),
    "shape": phrase("the secret has no place for one more entry of this domain"),
    "too-large": phrase("the secret would be larger than 65,536 bytes"),
    "changed": phrase("the secret has changed meanwhile"),
}


@BEFORE("PLAN-SELECTOR", phrase("a selector that is not in use"), waivable=False)
def selector(case: Preparing) -> Said:
    """PLAN-SELECTOR: The selector to prepare is known, and SES does not sign with it.

    It is the one that was given; else the first one in the key store that comes after the one in use, by date and
    number, so that an unfinished run is completed; else a new name that comes after every known one.

    Remedy: Read the identity again, or name the selector to prepare with -r selector.
    """
    named = case.store.named
    identity = case.identity()
    if not named.selector:
        raise CheckUnknown(phrase("SES does not show the selector in use"), advice("PLAN-SELECTOR.unknown"))
    if named.selector in identity.selectors:
        raise CheckFailed(phrase("SES signs with {selector}", selector=named.selector), advice("PLAN-SELECTOR.in-use"))
    return NAMED[named.how].given(selector=named.selector, pattern=named.pattern)


BEFORE.share(CHECKS, "SECRET-SHAPE")


@BEFORE("SECRET-PENDING", phrase("no AWSPENDING version of its own"), waivable=False)
def pending(case: Preparing) -> Said:
    """SECRET-PENDING: Nobody else is changing the secret: AWSPENDING is no other version, or this key's own.

    A version that a run of prepare put there has an id that follows from the key, the selector and the version that it
    was made from, so that one that was left unfinished is known for what it is, and another's is never touched.

    Remedy: Wait until what makes keys has finished. If it was given up, take the label off (aws secretsmanager
    update-secret-version-stage --version-stage AWSPENDING --remove-from-version-id ...), then run again.
    """
    staged = case.store.staged
    case.secret()
    if case.prepared.pending_is_ours:
        return phrase("AWSPENDING {version}, left by a run of prepare", version=staged.pending)
    if staged.pending and staged.pending != staged.current:
        raise CheckFailed(f"AWSPENDING {staged.pending}")
    return f"AWSCURRENT {staged.current}"


@BEFORE("SECRET-ENTRY", phrase("no entry, or that of the key in S3"), waivable=False)
def entry(case: Preparing) -> Said:
    """SECRET-ENTRY: The secret has the selector's entry for the key that stands in S3, or takes a new one.

    The SHA-256 of the SubjectPublicKeyInfo is computed on both sides. An entry is never replaced: one that belongs to
    another key, or to none that is there, ends the run. Where there is none, one is tried, before anything is written:
    every field of the secret that belongs to one key must be known for the new one.

    Remedy: The entry is never replaced. Find out who wrote it, and prepare another selector.
    """
    secret = case.secret()
    refuse_other_spelling(secret, case.seen.selector)
    refuse_twice(secret, case.seen.selector)
    if secret.defect == SELECTOR_ABSENT and case.store.unfit:
        code, _, name = case.store.unfit.partition(" ")
        observed = UNADDABLE.get(code, UNADDABLE["changed"]).given(field=name, place=case.store.place)
        remedy = advice("SECRET-ENTRY.field" if code == "field" else "SECRET-ENTRY.correct")
        raise CheckFailed(observed, remedy, expected=phrase("a secret that takes an entry for the new key"))
    if secret.defect == SELECTOR_ABSENT:
        raise CheckSkipped(phrase("no entry"))
    record, key = requested(secret), case.key()
    if key.defect == "absent":
        lost = phrase("absent: {place}", place=f"s3://{key.bucket}/{key.key}")
        raise CheckFailed(lost, advice("SECRET-ENTRY.lost"))
    if key.defect:  # which STORE-PLACE and KEY-STORED say
        raise CheckUnknown
    return one_key(record.public_key.sha256, key.sha256)


@BEFORE("STORE-PLACE", phrase("at most one key object"), waivable=False)
def place(case: Preparing) -> Said:
    """STORE-PLACE: No key object stands for the selector, or one.

    It is looked for where the secret says, else in the known layouts and in the profile's. One that stands is taken and
    never replaced; of two neither is chosen.

    Remedy: Let this operator read the bucket (s3:GetObject, s3:ListBucket, kms:Decrypt), then run again.
    """
    key = case.key()
    if key.defect == "ambiguous":
        raise CheckFailed(" ".join(key.candidates), advice("STORE-OBJECT.ambiguous"))
    refuse_two_buckets(key)
    if key.defect == "absent":
        return phrase("nothing at {place}", place=case.store.place)
    return f"s3://{key.bucket}/{key.key}"


@BEFORE("KEY-STORED", phrase("an unencrypted RSA private key"), waivable=False)
def stored(case: Preparing) -> Said:
    """KEY-STORED: A key that stands already is an RSA private key that SES takes.

    The custodian has loaded it and signed with it; the size is that of its modulus. Where none stands, the custodian
    makes one of 2048 bits.

    Remedy: That object is never replaced. Prepare another selector, or have whoever stored it mend it.
    """
    key = case.key()
    if key.defect in ("ambiguous", "two-buckets"):
        raise CheckUnknown
    if key.defect == "absent":
        raise CheckSkipped(phrase("none: one of 2048 bits is to be made"))
    if key.defect:
        raise CheckFailed(UNUSABLE[key.defect].given(size=key.size))
    if not SMALLEST <= key.bits <= LARGEST:
        raise CheckFailed(str(key.bits), expected=SIZES)
    return f"{key.form}, {key.bits}"


@BEFORE("KEY-UNUSED", lambda case: THIS_KEY_ONLY.given(selector=case.seen.selector))
def unused(case: Preparing) -> Said:
    """KEY-UNUSED: The selector went with no other key before.

    A key that stands already went with no other selector. The archive's journals of the same world tell which key each
    selector was used with.

    Remedy: Prepare another selector: receivers may still have the other key in their caches.
    """
    sha256 = case.prepared.sha256
    for used in case.seen.used:
        if used.selector == case.seen.selector and used.sha256 != sha256:
            raise CheckFailed(phrase("used with SHA-256 {sha256} (run {run})", sha256=used.sha256, run=used.run))
        if used.sha256 == sha256 and used.selector != case.seen.selector:
            raise CheckFailed(phrase("the key of {selector} ({run})", selector=used.selector, run=used.run))
    if case.seen.failure(ARCHIVE):
        raise case.unknown(ARCHIVE)
    return phrase("no earlier run used {selector}", selector=case.seen.selector)


BEFORE.share(CHECKS, "KEY-RETIRED")


@BEFORE("DNS-UNUSED", phrase("nothing, or this key"))
def free(case: Preparing) -> Said:
    """DNS-UNUSED: Nothing else stands at the key record's name.

    No server answers anything but this key, or nothing. Every authoritative server that can be asked is. One that
    cannot is no reason to stop: nothing that is written here relies on DNS.

    Remedy: Prepare another selector, or ask the DNS team what that record is and have it removed.
    """
    found = case.seen.judged(case.seen.records, case.prepared.sha256 or "-")
    # A CNAME stands there, whatever is known of its target.
    judged = [judge(answer) if judgement.unknown else judgement for answer, judgement in found]
    known = [judgement for judgement in judged if not judgement.unknown]
    others = [one for one in known if not _is_free(one)]
    if others:
        raise CheckFailed(", ".join(sorted({str(one) for one in others})))
    if len(known) < len(judged) or not judged:
        raise CheckUnknown(case.unread("dns"), level=Level.WARNS)
    return phrase("{total} of {total} answer", total=len(judged))


def _is_free(found: Judgement) -> bool:
    """Return whether a server has nothing at the name, or this very key; or an older copy of the zone, with nothing."""
    lacks = found.verdict is Verdict.STALE and found.detail.startswith(Verdict.ABSENT)
    return lacks or found.verdict in (Verdict.ABSENT, Verdict.THE_KEY)


BEFORE.share(CHECKS, "PLAN-LOCK", "RECORD-SEALED", "RECORD-COPIED")
AFTER.share(
    CHECKS, "STORE-OBJECT", "STORE-VERSION", "KEY-FORM", "KEY-SIZE", "KEY-STRENGTH", "SECRET-STAGE", "SECRET-SELECTOR",
    "SECRET-RECORD", "KEY-PAIR",
)  # fmt: skip
