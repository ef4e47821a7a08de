"""The private key: where it lies, what it is, and whether it is the one that was asked to be published."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from byodkim.dkim.published import Verdict
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.checks.published import among, judged_in
from byodkim.rotation.checks.secret import requested
from byodkim.rotation.findings import (
    NOT_CHECKED,
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Compared,
    Level,
    Said,
    phrase,
)
from byodkim.rotation.observation import UNFETCHED, KeyObject

# SES takes RSA keys of 1024 to 2048 bits (SES API v2, DkimSigningAttributes); RFC 8301 wants at least 2048.
SMALLEST, WANTED, LARGEST = 1024, 2048, 2048
# A generator stores the key, then names it in the secret, or the other way round: all within one run of it.
GENERATION = timedelta(minutes=15)
_UNSERVED = (Verdict.ABSENT, Verdict.STALE)
MOST_NAMED = 20  # left-over files
WHICH_OBJECT: Final = phrase(
    "Write the path of the right object into the secret's s3_key_path: nothing is guessed here."
)
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


@CHECKS(
    "STORE-OBJECT",
    "Check s3_key_path in the secret, key_bucket, and s3:GetObject and s3:ListBucket of the role.",
    waivable=False,
)
def stored(case: Case) -> Compared:
    """STORE-OBJECT: Exactly one key object belongs to the selector.

    It is the one that the secret names; where the secret names none, the known layouts are looked through, and of two
    that fit neither is chosen. The secret's ``s3_bucket`` is where it is looked for; another bucket that the parameter,
    the profile or the path names is a contradiction.
    """
    expected = phrase("exactly one key object")
    key = case.key(expected)
    if key.defect == "ambiguous":
        raise CheckFailed(
            expected,
            " ".join(key.candidates),
            WHICH_OBJECT,
        )
    refuse_two_buckets(key, expected)
    if key.defect == "absent":
        raise CheckFailed(expected, phrase("absent: {place}", place=f"s3://{key.bucket}/{key.key}"))
    return Compared(expected, f"s3://{key.bucket}/{key.key}")


def refuse_two_buckets(key: KeyObject, expected: Said) -> None:
    """Refuse a key object that was not fetched because the secret and something else name different buckets.

    Raises:
        CheckFailed: they do; it names both.
    """
    if key.defect == "two-buckets":
        raise CheckFailed(
            expected,
            " ≠ ".join(key.candidates),
            phrase(
                "Find out which bucket is right. Then correct s3_bucket or s3_key_path in the secret, or key_bucket."
            ),
        )


@CHECKS(
    "STORE-VERSION",
    "Switch versioning on: without it, a record cannot name the very object that was used.",
    Level.WARNS,
)
def version(case: Case) -> Compared:
    """STORE-VERSION: The bucket keeps versions.

    The record can then name the very object that was used. S3 answers the fetch with the version that was read; a
    bucket without versions gives none, or "null".
    """
    expected = phrase("a version ID")
    key = case.key(expected)
    if key.defect in ("absent", "two-buckets"):
        raise CheckUnknown(expected, NOT_CHECKED)
    if not key.version_id or key.version_id == "null":
        raise CheckFailed(expected, phrase("the bucket keeps no versions"))
    return Compared(expected, key.version_id)


@CHECKS(
    "STORE-NEWER",
    "Find out who stored that object and why. If it is the right key, let the generator write the "
    "secret again, or waive STORE-NEWER with what you found.",
)
def newer(case: Case) -> Compared:
    """STORE-NEWER: The key object is not newer than the secret that names it.

    Nobody stored another key since. S3's date of the object is held against Secrets Manager's of the version, with the
    quarter of an hour that one run of a generator may take.
    """
    expected = phrase("stored no later than {minutes} min after the secret", minutes=GENERATION // timedelta(minutes=1))
    key = case.loaded_key(expected)
    if (unneeded := case.returning) is not None:
        raise CheckSkipped(expected, unneeded)
    secret = case.secret(expected)
    if secret.defect or not key.last_modified or not secret.created:
        raise CheckUnknown(expected, NOT_CHECKED)
    times = {"object": key.last_modified, "secret": secret.created}
    if datetime.fromisoformat(key.last_modified) > datetime.fromisoformat(secret.created) + GENERATION:
        raise CheckFailed(expected, phrase("stored {object}, the secret {secret}", **times))
    return Compared(expected, phrase("stored {object}, the secret {secret}", **times))


@CHECKS(
    "KEY-FORM", "Store the key again whole, as PEM (PKCS#1 or PKCS#8) or as base64 DER without headers.", waivable=False
)
def form(case: Case) -> Compared:
    """KEY-FORM: The object holds an unencrypted RSA private key.

    PKCS#1 or PKCS#8, in PEM or bare base64. The custodian has loaded it with OpenSSL, which validates the numbers of
    the key, and has signed and verified with it.
    """
    expected = phrase("an unencrypted RSA private key")
    key = case.key(expected)
    if key.defect in UNFETCHED:
        raise CheckUnknown(expected, NOT_CHECKED)
    if key.defect:
        raise CheckFailed(expected, UNUSABLE[key.defect].given(size=key.size))
    return Compared(expected, key.form)


@CHECKS("KEY-SIZE", "Make an RSA key pair of 2048 bits.", waivable=False)
def size(case: Case) -> Compared:
    """KEY-SIZE: SES takes the key's size (1024 to 2048 bits).

    It is the length of the loaded key's modulus, not a number that anybody wrote down.
    Source: SES API v2, DkimSigningAttributes.
    """
    expected = f"{SMALLEST}-{LARGEST}"
    key = case.loaded_key(expected)
    if not SMALLEST <= key.bits <= LARGEST:
        raise CheckFailed(expected, str(key.bits))
    return Compared(expected, str(key.bits))


@CHECKS("KEY-STRENGTH", "Make the next key pair with 2048 bits.", Level.WARNS)
def strength(case: Case) -> Compared:
    """KEY-STRENGTH: The key has 2048 bits.

    RFC 8301 section 3.2 wants that. It is the length of the loaded key's modulus.
    """
    expected = str(WANTED)
    key = case.loaded_key(expected)
    if key.bits < WANTED:
        raise CheckFailed(expected, str(key.bits))
    return Compared(expected, str(key.bits))


@CHECKS(
    "KEY-PAIR",
    "Mail signed with this private key would not verify against the published record. Find out which "
    "of the two is stale; make the pair again if in doubt.",
    waivable=False,
)
def pair(case: Case) -> Compared:
    """KEY-PAIR: S3's private key and the secret's public key are one pair.

    The SHA-256 of the SubjectPublicKeyInfo is computed on both sides: in the custodian from the private key, and from
    the record that the secret holds. Two keys with one digest are one key. A rollback to a selector without an entry
    compares with the records that DNS serves instead; a server that serves anything else there fails it.
    """
    expected = phrase("one key pair")
    key = case.loaded_key(expected)
    if case.returning is not None:
        return _pair_served(case, key, expected)
    try:
        record = requested(case.secret(expected), expected)
    except CheckFailed:  # which SECRET-RECORD says
        raise CheckUnknown(expected, NOT_CHECKED) from None
    if record.public_key.sha256 != key.sha256:
        raise CheckFailed(
            phrase("SHA-256 {sha256}", sha256=key.sha256), phrase("SHA-256 {sha256}", sha256=record.public_key.sha256)
        )
    return Compared(expected, phrase("SHA-256 {sha256}", sha256=key.sha256))


def _pair_served(case: Case, key: KeyObject, expected: Said) -> Compared:
    judged = judged_in(case.seen, case.seen.records, None)
    other = [one for one in judged if not (one[1].unknown or one[1].sha256 or one[1].verdict in _UNSERVED)]
    if other:  # several records, a CNAME that leads nowhere, a record without a sound key: they prove nothing
        raise CheckFailed(expected, among(other, judged))
    served = sorted({judgement.sha256 for _, judgement in judged if judgement.sha256})
    if not served:
        raise CheckUnknown(expected, NOT_CHECKED)
    if served != [key.sha256]:
        raise CheckFailed(
            phrase("SHA-256 {sha256}", sha256=key.sha256), phrase("SHA-256 {sha256}", sha256=" ".join(served))
        )
    return Compared(expected, phrase("SHA-256 {sha256}, as DNS serves it; the secret has no entry", sha256=key.sha256))


@CHECKS(
    "KEY-FILES",
    "Delete these files, and empty the trash. If a backup or anyone else may have a copy, make a new key pair.",
    Level.WARNS,
)
def files(case: Case) -> Compared:
    """KEY-FILES: No private key file of the manual procedure is left on this machine.

    The working folder, the notebooks', the archive, the home folder and Downloads are looked through, at the top alone,
    for ``private_key*.pem``, ``dkim-signing-attributes*.json`` and PEM files that by first line and size may hold an
    RSA private key. No more than that line is read. It stops no run and is no fact of the plan.
    """
    expected = phrase("no key file left over")
    left = case.seen.leftovers
    if left:
        named = ", ".join(left[:MOST_NAMED])
        raise CheckFailed(expected, phrase("{count}: {names}", count=len(left), names=named))
    if case.seen.failure("files"):
        raise CheckUnknown(expected, case.unread("files"))
    return Compared(expected, "0")
