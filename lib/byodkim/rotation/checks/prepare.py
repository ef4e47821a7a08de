"""The checks of prepare: its own and those of rotate that hold before there is a key; then those of a pair that stands.

``BEFORE`` is made on what is seen before anything is written, ``AFTER`` on the key pair once it stands. The latter are
rotate's own, so that what prepare calls prepared is what rotate takes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from byodkim.dkim.published import Judgement, Verdict
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.checks.key import LARGEST, SMALLEST, UNUSABLE, WHICH_OBJECT, refuse_two_buckets
from byodkim.rotation.checks.published import judged_in
from byodkim.rotation.checks.reuse import ARCHIVE
from byodkim.rotation.checks.secret import refuse_other_spelling, requested
from byodkim.rotation.facts import Store
from byodkim.rotation.findings import (
    NOT_CHECKED,
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Compared,
    Level,
    Registry,
    phrase,
)
from byodkim.rotation.preparation import SELECTOR_ABSENT, Preparation

BEFORE, AFTER, ALL = Registry(), Registry(), Registry()


@dataclass(frozen=True)
class Preparing(Case):
    """One observation, with what was seen of the key store besides."""

    store: Store = field(kw_only=True)

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
CORRECT: Final = phrase("Correct the secret, or let the generator add the selector. Nothing was written.")
#: Why no entry can be added, and what to do.
UNADDABLE: Final = {
    "field": (
        phrase("not known for a new key: {field}"),
        phrase(
            "prepare copies an entry's fields, and may not copy what belongs to the old key. It renews "
            "fields that hold that key's selector, record name, value, path, public key (PEM or base64) or "
            "SHA-256, and by name created_at, expires_at (ISO 8601 or seconds) and key_size. Write the "
            "fields so. Take one out only if nothing reads it; else let the generator add the selector. "
            "Nothing was written."
        ),
    ),
    "bucket": (
        phrase("s3_bucket in the secret is {field}, and the new key is at {place}"),
        CORRECT,
    ),
    "shape": (
        phrase("the secret has no place for one more entry of this domain"),
        CORRECT,
    ),
    "too-large": (
        phrase("the secret would be larger than 65,536 bytes"),
        CORRECT,
    ),
    "changed": (
        phrase("the secret has changed meanwhile"),
        CORRECT,
    ),
}


@BEFORE("PLAN-SELECTOR", "Read the identity again, or name the selector to prepare with -r selector.", waivable=False)
def selector(case: Preparing) -> Compared:
    """PLAN-SELECTOR: The selector to prepare is known, and SES does not sign with it.

    It is the one that was given; else the first one in the key store that comes after the one in use, by date and
    number, so that an unfinished run is completed; else a new name that comes after every known one.
    """
    named, expected = case.store.named, phrase("a selector that is not in use")
    identity = case.identity(expected)
    if not named.selector:
        raise CheckUnknown(
            expected,
            phrase("SES does not show the selector in use"),
            phrase(
                "Name the selector to prepare with -r selector: SES does not say which one is in use, so that "
                "none follows from it."
            ),
        )
    if named.selector in identity.selectors:
        raise CheckFailed(
            expected,
            phrase("SES signs with {selector}", selector=named.selector),
            phrase("Name another selector, or none: then the one that comes after it is prepared."),
        )
    return Compared(expected, NAMED[named.how].given(selector=named.selector, pattern=named.pattern))


BEFORE.share(CHECKS, "SECRET-SHAPE")


@BEFORE(
    "SECRET-PENDING",
    "Wait until what makes keys has finished. If it was given up, take the label off (aws "
    "secretsmanager update-secret-version-stage --version-stage AWSPENDING --remove-from-version-id "
    "...), then run again.",
    waivable=False,
)
def pending(case: Preparing) -> Compared:
    """SECRET-PENDING: Nobody else is changing the secret: AWSPENDING is no other version, or this key's own.

    A version that a run of prepare put there has an id that follows from the key, the selector and the version that it
    was made from, so that one that was left unfinished is known for what it is, and another's is never touched.
    """
    expected, staged = phrase("no AWSPENDING version of its own"), case.store.staged
    case.secret(expected)
    if case.prepared.pending_is_ours:
        return Compared(expected, phrase("AWSPENDING {version}, left by a run of prepare", version=staged.pending))
    if staged.pending and staged.pending != staged.current:
        raise CheckFailed(expected, f"AWSPENDING {staged.pending}")
    return Compared(expected, f"AWSCURRENT {staged.current}")


@BEFORE(
    "SECRET-ENTRY", "The entry is never replaced. Find out who wrote it, and prepare another selector.", waivable=False
)
def entry(case: Preparing) -> Compared:
    """SECRET-ENTRY: The secret has the selector's entry for the key that stands in S3, or takes a new one.

    The SHA-256 of the SubjectPublicKeyInfo is computed on both sides. An entry is never replaced: one that belongs to
    another key, or to none that is there, ends the run. Where there is none, one is tried, before anything is written:
    every field of the secret that belongs to one key must be known for the new one.
    """
    expected = phrase("no entry, or that of the key in S3")
    secret = case.secret(expected)
    refuse_other_spelling(secret, case.seen.selector, expected)
    if secret.defect == "selector-twice":
        raise CheckFailed(
            expected, phrase("{selector} stands in the secret more than once", selector=case.seen.selector)
        )
    if secret.defect == SELECTOR_ABSENT and case.store.unfit:
        code, _, name = case.store.unfit.partition(" ")
        observed, remedy = UNADDABLE.get(code, UNADDABLE["changed"])
        raise CheckFailed(
            phrase("a secret that takes an entry for the new key"),
            observed.given(field=name, place=case.store.place),
            remedy,
        )
    if secret.defect == SELECTOR_ABSENT:
        raise CheckSkipped(expected, phrase("no entry"))
    record, key = requested(secret, expected), case.key(expected)
    if key.defect == "absent":
        lost = phrase("absent: {place}", place=f"s3://{key.bucket}/{key.key}")
        raise CheckFailed(
            expected,
            lost,
            phrase(
                "The secret names a key that is not there: find it (an earlier version of the bucket's object), "
                "or prepare another selector."
            ),
        )
    if key.defect:  # which STORE-PLACE and KEY-STORED say
        raise CheckUnknown(expected, NOT_CHECKED)
    if record.public_key.sha256 != key.sha256:
        raise CheckFailed(
            phrase("SHA-256 {sha256}", sha256=key.sha256), phrase("SHA-256 {sha256}", sha256=record.public_key.sha256)
        )
    return Compared(expected, phrase("SHA-256 {sha256}", sha256=key.sha256))


@BEFORE(
    "STORE-PLACE",
    "Let this operator read the bucket (s3:GetObject, s3:ListBucket, kms:Decrypt), then run again.",
    waivable=False,
)
def place(case: Preparing) -> Compared:
    """STORE-PLACE: No key object stands for the selector, or one.

    It is looked for where the secret says, else in the known layouts and in the profile's. One that stands is taken and
    never replaced; of two neither is chosen.
    """
    expected = phrase("at most one key object")
    key = case.key(expected)
    if key.defect == "ambiguous":
        raise CheckFailed(
            expected,
            " ".join(key.candidates),
            WHICH_OBJECT,
        )
    refuse_two_buckets(key, expected)
    if key.defect == "absent":
        return Compared(expected, phrase("nothing at {place}", place=case.store.place))
    return Compared(expected, f"s3://{key.bucket}/{key.key}")


@BEFORE(
    "KEY-STORED",
    "That object is never replaced. Prepare another selector, or have whoever stored it mend it.",
    waivable=False,
)
def stored(case: Preparing) -> Compared:
    """KEY-STORED: A key that stands already is an RSA private key that SES takes.

    The custodian has loaded it and signed with it; the size is that of its modulus. Where none stands, the custodian
    makes one of 2048 bits.
    """
    expected = phrase("an unencrypted RSA private key")
    key = case.key(expected)
    if key.defect in ("ambiguous", "two-buckets"):
        raise CheckUnknown(expected, NOT_CHECKED)
    if key.defect == "absent":
        raise CheckSkipped(expected, phrase("none: one of 2048 bits is to be made"))
    if key.defect:
        raise CheckFailed(expected, UNUSABLE[key.defect].given(size=key.size))
    if not SMALLEST <= key.bits <= LARGEST:
        raise CheckFailed(f"{SMALLEST}-{LARGEST}", str(key.bits))
    return Compared(expected, f"{key.form}, {key.bits}")


@BEFORE("KEY-UNUSED", "Prepare another selector: receivers may still have the other key in their caches.")
def unused(case: Preparing) -> Compared:
    """KEY-UNUSED: The selector went with no other key before.

    A key that stands already went with no other selector. The archive's journals of the same world tell which key each
    selector was used with.
    """
    expected = phrase("{selector} with this key only", selector=case.seen.selector)
    sha256 = case.prepared.sha256
    for used in case.seen.used:
        if used.selector == case.seen.selector and used.sha256 != sha256:
            raise CheckFailed(
                expected, phrase("used with SHA-256 {sha256} (run {run})", sha256=used.sha256, run=used.run)
            )
        if used.sha256 == sha256 and used.selector != case.seen.selector:
            raise CheckFailed(expected, phrase("the key of {selector} ({run})", selector=used.selector, run=used.run))
    if case.seen.failure(ARCHIVE):
        raise CheckUnknown(expected, case.unread(ARCHIVE))
    return Compared(expected, phrase("no earlier run used {selector}", selector=case.seen.selector))


@BEFORE("DNS-UNUSED", "Prepare another selector, or ask the DNS team what that record is and have it removed.")
def free(case: Preparing) -> Compared:
    """DNS-UNUSED: Nothing else stands at the key record's name.

    No server answers anything but this key, or nothing. Every authoritative server that can be asked is. One that
    cannot is no reason to stop: nothing that is written here relies on DNS.
    """
    expected = phrase("nothing, or this key")
    judged = judged_in(case.seen, case.seen.records, case.prepared.sha256 or "-")
    known = [judgement for _, judgement in judged if not judgement.unknown]
    others = [one for one in known if not _is_free(one)]
    if others:
        raise CheckFailed(expected, ", ".join(sorted({str(one) for one in others})))
    if len(known) < len(judged) or not judged:
        raise CheckUnknown(expected, case.unread("dns"), level=Level.WARNS)
    return Compared(expected, phrase("{total} of {total} answer", total=len(judged)))


def _is_free(found: Judgement) -> bool:
    """Return whether a server has nothing at the name, or this very key; or an older copy of the zone, with nothing."""
    lacks = found.verdict is Verdict.STALE and found.detail.startswith(Verdict.ABSENT)
    return lacks or found.verdict in (Verdict.ABSENT, Verdict.THE_KEY)


BEFORE.share(CHECKS, "PLAN-LOCK", "PLAN-REHEARSED", "RECORD-SEALED", "RECORD-COPIED")
AFTER.share(
    CHECKS, "STORE-OBJECT", "STORE-VERSION", "KEY-FORM", "KEY-SIZE", "KEY-STRENGTH", "SECRET-STAGE", "SECRET-SELECTOR",
    "SECRET-RECORD", "KEY-PAIR",
)  # fmt: skip
ALL.share(BEFORE, *BEFORE.checks)
ALL.share(AFTER, *AFTER.checks)
OWN = tuple(name for name in BEFORE.checks if name not in CHECKS.checks)
