"""The private key: where it lies, what it is, and whether it is the one that was asked to be published, and fresh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from second_edition.dkim.key_record import FEWEST_BITS, MOST_BITS
from second_edition.dkim.published import Verdict, judge
from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.checks.published import among
from second_edition.rotation.checks.secret import requested
from second_edition.rotation.findings import (
    AS_EXPECTED,
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Level,
    Phrase,
    Said,
    advice,
    held,
    phrase,
)
from second_edition.rotation.observation import UNFETCHED, KeyObject, Used

# SES takes RSA keys of 1024 to 2048 bits (SES API v2, DkimSigningAttributes); RFC 8301 wants at least 2048.
SMALLEST, WANTED, LARGEST = FEWEST_BITS, 2048, MOST_BITS
SIZES = f"{SMALLEST}-{LARGEST}"
# A generator stores the key, then names it in the secret, or the other way round: all within one run of it.
GENERATION_MINUTES = 15
ARCHIVE = "archive"
THIS_KEY_ONLY = phrase("{selector} with this key only")
SHA256: Final = phrase("SHA-256 {sha256}")
_UNSERVED = (Verdict.ABSENT, Verdict.STALE)
MOST_NAMED = 20  # left-over files
#: What is wrong with a key object.
UNUSABLE: Final = {
    "absent": phrase("absent"),
    "two-buckets": phrase("s3_bucket in the secret contradicts another bucket"),
    "ambiguous": phrase("more than one object fits"),
    "empty": phrase("the object is empty"),
    "too-large": phrase("the object is too large for a key: {size} bytes"),
    "encrypted": phrase("the key is encrypted with a passphrase"),
    "unreadable": phrase("{size} bytes that are no whole private key"),
    "wide-exponent": phrase("a public exponent of more than 31 bits, which some receivers reject"),
    "not-rsa": phrase("a private key, but not RSA"),
}


@CHECKS("STORE-OBJECT", phrase("exactly one key object"), waivable=False)
def stored(case: Case) -> Said:
    """STORE-OBJECT: Exactly one key object belongs to the selector.

    It is the one that the secret names; where the secret names none, the known layouts are looked through, and of two
    that fit neither is chosen. The secret's ``s3_bucket`` is where it is looked for; another bucket that the parameter,
    the profile or the path names is a contradiction.

    Remedy: Check s3_key_path in the secret, key_bucket, and s3:GetObject and s3:ListBucket of the role. Where the
    object was deleted, restore its earlier version, if the bucket keeps versions.
    """
    key = case.key()
    if key.defect == "ambiguous":
        raise CheckFailed(" ".join(key.candidates), advice("STORE-OBJECT.ambiguous"))
    refuse_two_buckets(key)
    if key.defect == "absent" and not key.key:
        raise CheckFailed(
            phrase("none in the known layouts of s3://{bucket}, and the secret names no path", bucket=key.bucket)
        )
    if key.defect == "absent":
        raise CheckFailed(phrase("absent: {place}", place=f"s3://{key.bucket}/{key.key}"))
    return f"s3://{key.bucket}/{key.key}"


def refuse_two_buckets(key: KeyObject) -> None:
    """Refuse a key object that was not fetched because the secret and something else name different buckets.

    Raises:
        CheckFailed: they do; it names both.
    """
    if key.defect == "two-buckets":
        raise CheckFailed(" ≠ ".join(key.candidates), advice("STORE-OBJECT.two-buckets"))


@CHECKS("STORE-VERSION", phrase("a version ID"), Level.WARNS)
def version(case: Case) -> Said:
    """STORE-VERSION: The bucket keeps versions.

    The record can then name the very object that was used. S3 answers the fetch with the version that was read; a
    bucket without versions gives none, or "null".

    Remedy: Switch versioning on: without it, a record cannot name the very object that was used.
    """
    key = case.key()
    if key.defect in ("absent", "two-buckets"):
        raise CheckUnknown
    if not key.version_id or key.version_id == "null":
        raise CheckFailed(phrase("the bucket keeps no versions"))
    return key.version_id


@CHECKS("STORE-NEWER", phrase("stored no later than {minutes} min after the secret", minutes=GENERATION_MINUTES))
def newer(case: Case) -> Said:
    """STORE-NEWER: The key object is not newer than the secret that names it.

    Nobody stored another key since. S3's date of the object is held against Secrets Manager's of the version, with the
    quarter of an hour that one run of a generator may take.

    Remedy: Find out who stored that object and why. If it is the right key, let the generator write the secret again,
    or waive STORE-NEWER with what you found.
    """
    key = case.loaded_key()
    if (unneeded := case.returning) is not None:
        raise CheckSkipped(unneeded)
    secret = case.secret()
    if secret.defect or not key.last_modified or not secret.created:
        raise CheckUnknown
    times = {"object": key.last_modified, "secret": secret.created}
    latest = datetime.fromisoformat(secret.created) + timedelta(minutes=GENERATION_MINUTES)
    in_time = datetime.fromisoformat(key.last_modified) <= latest
    return held(phrase("stored {object}, the secret {secret}", **times), in_time)


@CHECKS("KEY-FORM", phrase("an unencrypted RSA private key"), waivable=False)
def form(case: Case) -> Said:
    """KEY-FORM: The object holds an unencrypted RSA private key.

    PKCS#1 or PKCS#8, in PEM or bare base64. The custodian has loaded it with OpenSSL, which validates the numbers of
    the key, and has signed and verified with it.

    Remedy: Store the key again whole, as PEM (PKCS#1 or PKCS#8) or as base64 DER without headers.
    """
    key = case.key()
    if key.defect in UNFETCHED:
        raise CheckUnknown
    if key.defect:
        todo = advice("KEY-FORM.encrypted") if key.defect == "encrypted" else None
        raise CheckFailed(UNUSABLE[key.defect].given(size=key.size), todo)
    return key.form


@CHECKS("KEY-SIZE", SIZES, waivable=False)
def size(case: Case) -> Said:
    """KEY-SIZE: SES takes the key's size (1024 to 2048 bits).

    It is the length of the loaded key's modulus, not a number that anybody wrote down.
    Source: SES API v2, DkimSigningAttributes.

    Remedy: Make an RSA key pair of 2048 bits.
    """
    return held(str(case.loaded_key().bits), not case.missized)


@CHECKS("KEY-STRENGTH", f"≥ {WANTED}", Level.WARNS)
def strength(case: Case) -> Said:
    """KEY-STRENGTH: The key has at least 2048 bits.

    RFC 8301 section 3.2 wants that. It is the length of the loaded key's modulus.

    Remedy: Make the next key pair with 2048 bits.
    """
    key = case.loaded_key()
    return held(str(key.bits), key.bits >= WANTED)


@CHECKS("KEY-PAIR", phrase("one key pair"), waivable=False)
def pair(case: Case) -> Said:
    """KEY-PAIR: S3's private key and the secret's public key are one pair.

    The SHA-256 of the SubjectPublicKeyInfo is computed on both sides: in the custodian from the private key, and from
    the record that the secret holds. Two keys with one digest are one key. A rollback to a selector without an entry
    compares with the records that DNS serves instead; a server that serves anything else there fails it.

    Remedy: Mail signed with this private key would not verify against the published record. Find out which of the two
    is stale; make the pair again if in doubt.
    """
    key = case.loaded_key()
    if case.returning is not None:
        return _pair_served(case, key)
    try:
        record = requested(case.secret())
    except CheckFailed:  # which SECRET-RECORD says
        raise CheckUnknown from None
    return one_key(record.public_key.sha256, key.sha256)


def one_key(found: str, wanted: str) -> Phrase:
    """Return that two places hold one key, by its SHA-256.

    Raises:
        CheckFailed: they do not.
    """
    if found != wanted:
        raise CheckFailed(SHA256.given(sha256=found), expected=SHA256.given(sha256=wanted))
    return SHA256.given(sha256=wanted)


def _pair_served(case: Case, key: KeyObject) -> Said:
    judged = case.seen.judged(case.seen.records, None)
    other = [one for one in judged if not (one[1].unknown or one[1].sha256 or one[1].verdict in _UNSERVED)]
    if other:  # several records, a CNAME that leads nowhere, a record without a sound key: they prove nothing
        raise CheckFailed(among(other, judged))
    served = sorted({judgement.sha256 for _, judgement in judged if judgement.sha256})
    if not served:
        raise CheckUnknown
    one_key(" ".join(served), key.sha256)
    return phrase("SHA-256 {sha256}, as DNS serves it; the secret has no entry", sha256=key.sha256)


@CHECKS("KEY-FILES", phrase("no key file left over"), Level.WARNS)
def files(case: Case) -> Said:
    """KEY-FILES: No private key file of the manual procedure is left on this machine.

    The working folder, the notebooks', the archive, the home folder and Downloads are looked through, at the top alone,
    for ``private_key*.pem`` and ``dkim-signing-attributes*.json``. No file is opened. It stops no run and is no fact of
    the plan.

    Remedy: Delete these files, and empty the trash. If a backup or anyone else may have a copy, make a new key pair.
    """
    left = case.seen.leftovers
    if left:
        named = ", ".join(left[:MOST_NAMED])
        raise CheckFailed(phrase("{count}: {names}", count=len(left), names=named))
    if case.seen.failure("files"):
        raise CheckUnknown(case.unread("files"))
    return "0"


@CHECKS("KEY-REUSED", phrase("a key of no other selector"))
def reused(case: Case) -> Said:
    """KEY-REUSED: The next key is no other selector's.

    Neither an earlier run nor a live key record of the identity has it. The archive's journals of the same world tell
    the keys of earlier runs, DNS those of the selectors that the secret names besides; keys are compared by the SHA-256
    of their SubjectPublicKeyInfo.

    Remedy: Make a new key pair for the next selector: another name for the same key is no rotation.
    """
    key = case.loaded_key()
    others = [used for used in _others(case) if _counts(used, case, key.sha256)]
    for used in others:
        if used.sha256 == key.sha256 and used.selector.lower() == case.seen.selector.lower():
            spelled = phrase(
                "the same selector and key, spelled {selector} ({run})", selector=used.selector, run=used.run
            )
            raise CheckFailed(spelled, advice("KEY-REUSED.spelled"))
        if used.sha256 == key.sha256:
            raise CheckFailed(phrase("the key of {selector} ({run})", selector=used.selector, run=used.run))
    if case.seen.failure(ARCHIVE):
        raise case.unknown(ARCHIVE)
    return phrase("other keys compared with: {count}", count=len({used.sha256 for used in others}))


@CHECKS("KEY-SELECTOR", lambda case: THIS_KEY_ONLY.given(selector=case.seen.selector))
def selector(case: Case) -> Said:
    """KEY-SELECTOR: The selector was never used with another key.

    Receivers may still have that one in their caches. The archive's journals of the same world tell which key each
    selector was used with.

    Remedy: Choose a selector that was never used: receivers may still have the earlier key record in their caches, and
    mail signed with it is still on its way.
    """
    requested = case.seen.selector
    key = case.loaded_key()
    same = [used for used in case.seen.used if used.selector.lower() == requested.lower()]  # as caches have it
    before = [used for used in same if _counts(used, case, key.sha256)]
    for used in before:
        if used.sha256 != key.sha256:
            raise CheckFailed(phrase("used with SHA-256 {sha256} (run {run})", sha256=used.sha256, run=used.run))
    if case.seen.failure(ARCHIVE):
        raise case.unknown(ARCHIVE)
    if before:
        return phrase("{selector} was used with this key", selector=requested)
    return phrase("no earlier run used {selector}", selector=requested)


@CHECKS("KEY-RETIRED", phrase("never retired"))
def retired(case: Case) -> Said:
    """KEY-RETIRED: No earlier run withdrew the selector's key record.

    RFC 6376 sections 3.1 and 3.6.1: an empty ``p=`` says for good that the key was revoked, and a new key needs a new
    selector. The archive's journals of the same world tell what was withdrawn, and those that a trusted key signed what
    was seen to work since. A withdrawal that was begun, and whose answer no journal knows, may have been made.

    Remedy: Its key record was withdrawn on purpose, or may have been. Prepare a new selector (notebooks/prepare.ipynb)
    and rotate to that one.
    """
    if at := case.seen.retired:
        observed = phrase("{selector} was retired on {at}", selector=case.seen.selector, at=at)
        run = case.seen.unsigned
        raise CheckFailed(observed, advice("KEY-RETIRED.unsigned", run=run) if run else None)
    if case.seen.failure(ARCHIVE):
        raise case.unknown(ARCHIVE)
    return AS_EXPECTED


def _counts(used: Used, case: Case, sha256: str) -> bool:
    """Return whether an earlier use counts against the pair.

    What nobody signed does not where a signed run saw the pair work: else any file would take a way back away.
    """
    own = (one for one in case.seen.used if (one.selector, one.sha256) == (case.seen.selector, sha256))
    return not used.unsigned or not any(one.worked and not one.unsigned for one in own)


def _others(case: Case) -> Iterator[Used]:
    """Yield the keys of other selectors: of earlier runs, of the key store, and of the live key records."""
    seen = case.seen
    yield from (used for used in seen.used if used.selector != seen.selector)
    if seen.current_key and seen.current_key.key and seen.current_key.key.sha256:
        yield Used(seen.back_selector, seen.current_key.key.sha256, "S3")
    for answer in (*seen.current_records, *seen.other_records):
        if sha256 := judge(answer).sha256:
            yield Used(answer.name.partition(".")[0], sha256, f"DNS {answer.server}")
