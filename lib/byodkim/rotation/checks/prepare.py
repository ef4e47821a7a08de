"""The checks of prepare: its own and those of rotate that hold before there is a key; then those of a pair that stands.

``BEFORE`` is made on what is seen before anything is written, ``AFTER`` on the key pair once it stands. The latter are
rotate's own, so that what prepare calls prepared is what rotate takes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from byodkim.dkim.published import Judgement, Verdict
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.checks.key import LARGEST, SMALLEST, refuse_two_buckets
from byodkim.rotation.checks.published import judged_in
from byodkim.rotation.checks.reuse import ARCHIVE
from byodkim.rotation.checks.secret import refuse_other_spelling, requested
from byodkim.rotation.findings import (
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Compared,
    Level,
    Registry,
    phrase,
    verbatim,
)
from byodkim.rotation.preparation import SELECTOR_ABSENT, Preparation, Store

BEFORE, AFTER, ALL = Registry(), Registry(), Registry()


@dataclass(frozen=True)
class Preparing(Case):
    """One observation, with what was seen of the key store besides."""

    store: Store = field(kw_only=True)

    @property
    def prepared(self) -> Preparation:
        """Both together."""
        return Preparation(self.seen, self.store)


BEFORE.share(CHECKS, "SES-ACCOUNT", "SES-REGION", "TIME-CLOCK", "SES-EXISTS", "SES-ORIGIN")


@BEFORE("PLAN-SELECTOR", waivable=False)
def selector(case: Preparing) -> Compared:
    """PLAN-SELECTOR: the selector to prepare is known, and SES does not sign with it.

    It is the one that was given; else the first one in the key store that comes after the one in use, by date and
    number, so that an unfinished run is completed; else a new name that comes after every known one.
    """
    named, expected = case.store.named, phrase("selector-to-prepare")
    identity = case.identity(expected)
    if not named.selector:
        raise CheckUnknown(expected, phrase("selector-not-shown"), "PLAN-SELECTOR.unknown")
    if named.selector in identity.selectors:
        raise CheckFailed(expected, phrase("selector-in-use", selector=named.selector), "PLAN-SELECTOR.in-use")
    return Compared(expected, phrase(f"named.{named.how}", selector=named.selector, pattern=named.pattern))


BEFORE.share(CHECKS, "SECRET-SHAPE")


@BEFORE("SECRET-PENDING", waivable=False)
def pending(case: Preparing) -> Compared:
    """SECRET-PENDING: nobody else is changing the secret: AWSPENDING is no version of its own, or this key's own.

    A version that a run of prepare put there has an id that follows from the key, the selector and the version that it
    was made from, so that one that was left unfinished is known for what it is, and another's is never touched.
    """
    expected, staged = phrase("no-pending-version"), case.store.staged
    case.secret(expected)
    if case.prepared.pending_is_ours:
        return Compared(expected, phrase("pending-ours", version=staged.pending))
    if staged.pending and staged.pending != staged.current:
        raise CheckFailed(expected, verbatim(f"AWSPENDING {staged.pending}"))
    return Compared(expected, verbatim(f"AWSCURRENT {staged.current}"))


@BEFORE("SECRET-ENTRY", waivable=False)
def entry(case: Preparing) -> Compared:
    """SECRET-ENTRY: the secret has the selector's entry for the very key that stands in S3, or takes a new one.

    The SHA-256 of the SubjectPublicKeyInfo is computed on both sides. An entry is never replaced: one that belongs to
    another key, or to none that is there, ends the run. Where there is none, one is tried, before anything is written:
    every field of the secret that belongs to one key must be known for the new one.
    """
    expected = phrase("entry-of-that-key")
    secret = case.secret(expected)
    refuse_other_spelling(secret, case.seen.selector, expected)
    if secret.defect == "selector-twice":
        raise CheckFailed(expected, phrase("selector-twice", selector=case.seen.selector))
    if secret.defect == SELECTOR_ABSENT and case.store.unfit:
        code, _, name = case.store.unfit.partition(" ")
        values = {"field": name, "place": case.store.place}
        known = code if code in ("field", "bucket", "shape", "too-large") else "changed"
        remedy = "SECRET-ENTRY.field" if code == "field" else "SECRET-ENTRY.unfit"
        raise CheckFailed(phrase("entry-addable"), phrase(f"entry-unaddable.{known}", **values), remedy)
    if secret.defect == SELECTOR_ABSENT:
        raise CheckSkipped(expected, phrase("entry-none"))
    asked, key = requested(secret, expected), case.key(expected)
    if key.defect == "absent":
        lost = phrase("object-absent", place=f"s3://{key.bucket}/{key.key}")
        raise CheckFailed(expected, lost, "SECRET-ENTRY.keyless")
    if key.defect:  # which STORE-PLACE and KEY-STORED say
        raise CheckUnknown(expected, phrase("not-looked-at"))
    if asked.public_key.sha256 != key.sha256:
        raise CheckFailed(phrase("sha256", sha256=key.sha256), phrase("sha256", sha256=asked.public_key.sha256))
    return Compared(expected, phrase("sha256", sha256=key.sha256))


@BEFORE("STORE-PLACE", waivable=False)
def place(case: Preparing) -> Compared:
    """STORE-PLACE: no key object stands for the selector, or one.

    It is looked for where the secret says, else in the known layouts and in the profile's. One that stands is taken and
    never replaced; of two neither is chosen.
    """
    expected = phrase("at-most-one-key-object")
    key = case.key(expected)
    if key.defect == "ambiguous":
        raise CheckFailed(expected, verbatim(" ".join(key.candidates)), "STORE-OBJECT.ambiguous")
    refuse_two_buckets(key, expected)
    if key.defect == "absent":
        return Compared(expected, phrase("place-free", place=case.store.place))
    return Compared(expected, verbatim(f"s3://{key.bucket}/{key.key}"))


@BEFORE("KEY-STORED", waivable=False)
def stored(case: Preparing) -> Compared:
    """KEY-STORED: a key that stands already is an RSA private key that SES takes.

    The custodian has loaded it and signed with it; the size is that of its modulus. Where none stands, the custodian
    makes one of 2048 bits.
    """
    expected = phrase("key-form")
    key = case.key(expected)
    if key.defect in ("ambiguous", "two-buckets"):
        raise CheckUnknown(expected, phrase("not-looked-at"))
    if key.defect == "absent":
        raise CheckSkipped(expected, phrase("key-to-be-made"))
    if key.defect:
        raise CheckFailed(expected, phrase(f"key.{key.defect}", size=key.size))
    if not SMALLEST <= key.bits <= LARGEST:
        raise CheckFailed(verbatim(f"{SMALLEST}-{LARGEST}"), verbatim(str(key.bits)))
    return Compared(expected, verbatim(f"{key.form}, {key.bits}"))


@BEFORE("KEY-UNUSED")
def unused(case: Preparing) -> Compared:
    """KEY-UNUSED: the selector went with no other key before, and a key that stands already with no other selector.

    The archive's journals of the same world tell which key each selector was used with.
    """
    expected = phrase("own-key-only", selector=case.seen.selector)
    sha256 = case.prepared.sha256
    for used in case.seen.used:
        if used.selector == case.seen.selector and used.sha256 != sha256:
            raise CheckFailed(expected, phrase("used-with", sha256=used.sha256, run=used.run))
        if used.sha256 == sha256 and used.selector != case.seen.selector:
            raise CheckFailed(expected, phrase("key-of", selector=used.selector, run=used.run))
    if case.seen.failure(ARCHIVE):
        raise CheckUnknown(expected, case.unread(ARCHIVE))
    return Compared(expected, phrase("never-used", selector=case.seen.selector))


@BEFORE("DNS-UNUSED")
def free(case: Preparing) -> Compared:
    """DNS-UNUSED: nothing else stands at the key record's name: no server answers anything but this key, or nothing.

    Every authoritative server that can be asked is. One that cannot is no reason to stop: nothing that is written here
    relies on DNS.
    """
    expected = phrase("name-free")
    judged = judged_in(case.seen, case.seen.records, case.prepared.sha256 or "-")
    known = [judgement for _, judgement in judged if not judgement.unknown]
    others = [one for one in known if not _is_free(one)]
    if others:
        raise CheckFailed(expected, verbatim(", ".join(sorted({str(one) for one in others}))))
    if len(known) < len(judged) or not judged:
        raise CheckUnknown(expected, case.unread("dns"), level=Level.WARNS)
    return Compared(expected, phrase("servers-answer", total=len(judged)))


def _is_free(found: Judgement) -> bool:
    """Return whether a server has nothing at the name, or this very key; or an older copy of the zone, with nothing."""
    lacks = found.verdict is Verdict.STALE and found.detail.startswith(Verdict.ABSENT)
    return lacks or found.verdict in (Verdict.ABSENT, Verdict.THE_KEY)


BEFORE.share(CHECKS, "PLAN-LOCK", "RECORD-SEALED", "RECORD-COPIED")
AFTER.share(
    CHECKS, "STORE-OBJECT", "STORE-VERSION", "KEY-FORM", "KEY-SIZE", "KEY-STRENGTH", "SECRET-STAGE", "SECRET-SELECTOR",
    "SECRET-RECORD", "KEY-PAIR",
)  # fmt: skip
ALL.share(BEFORE, *BEFORE.checks)
ALL.share(AFTER, *AFTER.checks)
OWN = tuple(name for name in BEFORE.checks if name not in CHECKS.checks)
