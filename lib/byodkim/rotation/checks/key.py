"""The private key: where it lies, what it is, and whether it is the one that was asked to be published."""

from __future__ import annotations

from datetime import datetime, timedelta

from byodkim.dkim.published import Verdict
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.checks.published import among, judged_in
from byodkim.rotation.checks.secret import requested
from byodkim.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Compared, Level, Phrase, phrase, verbatim
from byodkim.rotation.observation import UNFETCHED, KeyObject

# SES takes RSA keys of 1024 to 2048 bits (SES API v2, DkimSigningAttributes); RFC 8301 wants at least 2048.
SMALLEST, WANTED, LARGEST = 1024, 2048, 2048
# A generator stores the key, then names it in the secret, or the other way round: all within one run of it.
GENERATION = timedelta(minutes=15)
_UNSERVED = (Verdict.ABSENT, Verdict.STALE)
MOST_NAMED = 20  # left-over files


@CHECKS("STORE-OBJECT", waivable=False)
def stored(case: Case) -> Compared:
    """STORE-OBJECT: exactly one key object in S3 belongs to the selector.

    It is the one that the secret names; where the secret names none, the known layouts are looked through, and of two
    that fit neither is chosen. The secret's ``s3_bucket`` is where it is looked for; another bucket that the parameter,
    the profile or the path names is a contradiction.
    """
    expected = phrase("one-key-object")
    key = case.key(expected)
    if key.defect == "ambiguous":
        raise CheckFailed(expected, verbatim(" ".join(key.candidates)), "STORE-OBJECT.ambiguous")
    refuse_two_buckets(key, expected)
    if key.defect == "absent":
        raise CheckFailed(expected, phrase("object-absent", place=f"s3://{key.bucket}/{key.key}"))
    return Compared(expected, verbatim(f"s3://{key.bucket}/{key.key}"))


def refuse_two_buckets(key: KeyObject, expected: Phrase) -> None:
    """Refuse a key object that was not fetched because the secret and something else name different buckets.

    Raises:
        CheckFailed: they do; it names both.
    """
    if key.defect == "two-buckets":
        raise CheckFailed(expected, verbatim(" ≠ ".join(key.candidates)), "STORE-OBJECT.two-buckets")


@CHECKS("STORE-VERSION", Level.WARNS)
def version(case: Case) -> Compared:
    """STORE-VERSION: the bucket keeps versions, so the record can name the very object that was used.

    S3 answers the fetch with the version that was read; a bucket without versions gives none, or "null".
    """
    expected = phrase("object-version")
    key = case.key(expected)
    if key.defect in ("absent", "two-buckets"):
        raise CheckUnknown(expected, phrase("not-looked-at"))
    if not key.version_id or key.version_id == "null":
        raise CheckFailed(expected, phrase("no-version"))
    return Compared(expected, verbatim(key.version_id))


@CHECKS("STORE-NEWER")
def newer(case: Case) -> Compared:
    """STORE-NEWER: the key object is not newer than the secret that names it: nobody stored another key since.

    S3's date of the object is held against Secrets Manager's of the version, with the quarter of an hour that one run
    of a generator may take.
    """
    expected = phrase("object-not-newer", minutes=GENERATION // timedelta(minutes=1))
    key = case.loaded_key(expected)
    if (unneeded := case.returning) is not None:
        raise CheckSkipped(expected, unneeded)
    secret = case.secret(expected)
    if secret.defect or not key.last_modified or not secret.created:
        raise CheckUnknown(expected, phrase("not-looked-at"))
    times = {"object": key.last_modified, "secret": secret.created}
    if datetime.fromisoformat(key.last_modified) > datetime.fromisoformat(secret.created) + GENERATION:
        raise CheckFailed(expected, phrase("object-newer", **times))
    return Compared(expected, phrase("object-dated", **times))


@CHECKS("KEY-FORM", waivable=False)
def form(case: Case) -> Compared:
    """KEY-FORM: the object holds an unencrypted RSA private key, PKCS#1 or PKCS#8, in PEM or bare base64.

    The custodian has loaded it with OpenSSL, which validates the numbers of the key, and has signed and verified with
    it.
    """
    expected = phrase("key-form")
    key = case.key(expected)
    if key.defect in UNFETCHED:
        raise CheckUnknown(expected, phrase("not-looked-at"))
    if key.defect:
        raise CheckFailed(expected, phrase(f"key.{key.defect}", size=key.size))
    return Compared(expected, verbatim(key.form))


@CHECKS("KEY-SIZE", waivable=False)
def size(case: Case) -> Compared:
    """KEY-SIZE: SES takes the key: RSA of 1024 to 2048 bits.

    It is the length of the loaded key's modulus, not a number that anybody wrote down.
    Source: SES API v2, DkimSigningAttributes.
    """
    expected = verbatim(f"{SMALLEST}-{LARGEST}")
    key = case.loaded_key(expected)
    if not SMALLEST <= key.bits <= LARGEST:
        raise CheckFailed(expected, verbatim(str(key.bits)))
    return Compared(expected, verbatim(str(key.bits)))


@CHECKS("KEY-STRENGTH", Level.WARNS)
def strength(case: Case) -> Compared:
    """KEY-STRENGTH: the key has 2048 bits, as RFC 8301 section 3.2 wants.

    It is the length of the loaded key's modulus.
    """
    expected = verbatim(str(WANTED))
    key = case.loaded_key(expected)
    if key.bits < WANTED:
        raise CheckFailed(expected, verbatim(str(key.bits)))
    return Compared(expected, verbatim(str(key.bits)))


@CHECKS("KEY-PAIR", waivable=False)
def pair(case: Case) -> Compared:
    """KEY-PAIR: the private key in S3 and the public key in the secret are one key pair.

    The SHA-256 of the SubjectPublicKeyInfo is computed on both sides: in the custodian from the private key, and from
    the record that the secret holds. Two keys with one digest are one key. A rollback to a selector without an entry
    compares with the records that DNS serves instead; a server that serves anything else there fails it.
    """
    expected = phrase("same-key")
    key = case.loaded_key(expected)
    if case.returning is not None:
        return _pair_served(case, key, expected)
    try:
        asked = requested(case.secret(expected), expected)
    except CheckFailed:  # which SECRET-RECORD says
        raise CheckUnknown(expected, phrase("not-looked-at")) from None
    if asked.public_key.sha256 != key.sha256:
        raise CheckFailed(phrase("sha256", sha256=key.sha256), phrase("sha256", sha256=asked.public_key.sha256))
    return Compared(expected, phrase("sha256", sha256=key.sha256))


def _pair_served(case: Case, key: KeyObject, expected: Phrase) -> Compared:
    judged = judged_in(case.seen, case.seen.records, None)
    other = [one for one in judged if not (one[1].unknown or one[1].sha256 or one[1].verdict in _UNSERVED)]
    if other:  # several records, a CNAME that leads nowhere, a record without a sound key: they prove nothing
        raise CheckFailed(expected, among(other, judged))
    served = sorted({judgement.sha256 for _, judgement in judged if judgement.sha256})
    if not served:
        raise CheckUnknown(expected, phrase("not-looked-at"))
    if served != [key.sha256]:
        raise CheckFailed(phrase("sha256", sha256=key.sha256), phrase("sha256", sha256=" ".join(served)))
    return Compared(expected, phrase("pair-served", sha256=key.sha256))


@CHECKS("KEY-FILES", Level.WARNS)
def files(case: Case) -> Compared:
    """KEY-FILES: no private key that the manual procedure downloaded is left on this machine.

    The working folder, the notebooks', the archive, the home folder and Downloads are looked through, at the top alone,
    for ``private_key*.pem``, ``dkim-signing-attributes*.json`` and PEM files that by first line and size may hold an
    RSA private key. No more than that line is read. It stops no run and is no fact of the plan.
    """
    expected = phrase("no-key-files")
    left = case.seen.leftovers
    if left:
        named = ", ".join(left[:MOST_NAMED])
        raise CheckFailed(expected, phrase("key-files", count=len(left), names=named))
    if case.seen.failure("files"):
        raise CheckUnknown(expected, case.unread("files"))
    return Compared(expected, verbatim("0"))
