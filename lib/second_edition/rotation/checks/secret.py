"""The secret that names the selector."""

from __future__ import annotations

from typing import Final

from second_edition.dkim.key_record import KeyRecord, KeyRecordInvalid, parse
from second_edition.dkim.published import judge
from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Phrase, Said, advice, phrase
from second_edition.rotation.observation import UNREADABLE, SecretVersion

#: What is wrong with a secret that names nothing.
SHAPELESS: Final = {
    "not-json": phrase("the secret is not JSON"),
    "binary": phrase("the secret is binary (SecretBinary), and its bytes are not JSON"),
    "no-entry": phrase("no entry with selector and dns_record.value"),
    "no-path": phrase("s3_key_path of the entry is null, or no text"),
    "private-key-inside": phrase("the secret holds a private key: only public values belong there"),
    "unlike-selector": phrase("selector is not shown: it does not look like a selector"),
    "unlike-path": phrase("s3_key_path is not shown: it does not look like the path of an object"),
    "unlike-bucket": phrase("s3_bucket is not shown: it does not look like the name of a bucket"),
}


@CHECKS("SECRET-SHAPE", phrase("selector, dns_record.value and s3_key_path"), waivable=False)
def shape(case: Case) -> Said:
    """SECRET-SHAPE: The secret names selector and dns_record.value, and holds no private key.

    The secret is read by fields that are certain, and each value that is meant to be public is searched for the first
    bytes of a private key, whatever its spelling. A selector, a path or a bucket that does not look like one, as a URL
    with its signature or a piece of a key does not, fails it and is not shown.

    Remedy: Give the role secretsmanager:GetSecretValue on the secret, and check secret_id.
    """
    secret = case.seen.next_key.secret
    if secret is None:
        raise case.unknown("secret")
    if (unneeded := case.returning) is not None and secret.defect != "selector-absent":
        raise CheckSkipped(unneeded)
    if secret.defect in UNREADABLE:
        where = {"stage": secret.stage, "version": secret.version_id}
        found = phrase("{stage}, version {version}: {found}", **where, found=SHAPELESS[secret.defect])
        raise CheckFailed(found, advice(f"SECRET-SHAPE.{secret.defect}"))
    return phrase("{stage}, version {version}", stage=secret.stage, version=secret.version_id)


@CHECKS("SECRET-STAGE", phrase("no AWSPENDING version of its own"))
def stage(case: Case) -> Said:
    """SECRET-STAGE: The secret is not in the middle of a rotation.

    AWSPENDING is not another version. The versions of all stages are read side by side: AWSPENDING on a version of its
    own means that what makes the key has not finished, and may still change what it stored. Source: AWS Secrets Manager
    User Guide, "Rotation by Lambda function", staging labels.

    Remedy: Let the generator finish (AWSPENDING becomes AWSCURRENT), or take the stray label off; then run again.
    """
    _skip_without_entry(case)
    secret = case.secret()
    if secret.pending_version_id:
        raise CheckFailed(f"AWSPENDING {secret.pending_version_id}")
    return f"{secret.stage} {secret.version_id}"


@CHECKS("SECRET-SELECTOR", lambda case: case.seen.selector, waivable=False)
def selector(case: Case) -> Said:
    """SECRET-SELECTOR: The secret names the selector asked for, once.

    Its entries are counted in the current version, else in the one before, which is the rollback; never in a pending
    one. An entry that names another domain is not counted, and one in other letters is refused: SES tells letter case
    apart, DNS does not. A selector that was in use with the stored key needs no entry: a rollback does not depend on
    the secret.

    Remedy: Ask for the selector that the secret names, or let the generator make this one.
    """
    _skip_without_entry(case)
    secret = case.secret()
    observed = " ".join(secret.selectors)
    refuse_other_spelling(secret, case.seen.selector)
    refuse_twice(secret, case.seen.selector)
    if secret.defect and secret.elsewhere:
        found = phrase(
            "the secret has {selector} only for {domain}", selector=case.seen.selector, domain=secret.elsewhere
        )
        raise CheckFailed(found, advice("SECRET-SELECTOR.elsewhere"))
    if secret.defect:
        raise CheckFailed(observed, advice("SECRET-SELECTOR.served") if _served(case) else None)
    return observed


@CHECKS("SECRET-RECORD", phrase("a valid key record"), waivable=False)
def record(case: Case) -> Said:
    """SECRET-RECORD: The secret's key record is valid and not a placeholder.

    It is read by a parser that accepts nothing that dkimpy, opendkim or Mail::DKIM would reject.

    Remedy: Look at what the other checks of the secret (SECRET-...) say.
    """
    _skip_without_entry(case)
    try:
        found = requested(case.secret())
    except CheckFailed as failed:
        failed.remedy = case.missized or failed.remedy
        raise
    return phrase("RSA {bits} bits, SHA-256 {sha256}", bits=found.public_key.bits, sha256=found.public_key.sha256)


def _served(case: Case) -> bool:
    """Return whether a server serves the stored key: generating the selector again would destroy the pair."""
    stored = case.seen.next_key.key
    sha256 = stored.sha256 if stored else ""
    return bool(sha256) and any(judge(answer).sha256 == sha256 for answer in case.seen.records)


def _skip_without_entry(case: Case) -> None:
    if (unneeded := case.returning) is not None:
        raise CheckSkipped(unneeded)


def refuse_other_spelling(secret: SecretVersion, selector: str) -> None:
    """Refuse a secret that has the selector in other letters: for SES another selector, for DNS the same name.

    Raises:
        CheckFailed: it has.
    """
    found = [one for one in dict.fromkeys(secret.selectors) if one != selector and one.lower() == selector.lower()]
    if found:
        raise CheckFailed(
            phrase("spelled {selector} in the secret", selector=" ".join(found)), advice("SECRET-SELECTOR.spelled")
        )


def refuse_twice(secret: SecretVersion, selector: str) -> None:
    """Refuse a secret that has the selector more than once: which of the two is meant is not guessed.

    Raises:
        CheckFailed: it has; or its one entry gives two values, one under ``dns_record``, one as ``dns_record.value``.
    """
    if secret.defect == "two-values":
        found = phrase("dns_record.value of {selector} has two different values in the secret", selector=selector)
        raise CheckFailed(found, advice("SECRET-SELECTOR.two-values"))
    if secret.defect == "selector-twice":
        found = phrase("{selector} stands in the secret more than once", selector=selector)
        raise CheckFailed(found, advice("SECRET-SELECTOR.twice"))


def requested(secret: SecretVersion) -> KeyRecord:
    """Return the key record that the secret asks to be published.

    Raises:
        CheckUnknown: the secret has no entry for the selector.
        CheckFailed: its value is no valid key record.
    """
    if secret.defect:
        raise CheckUnknown
    try:
        return parse((secret.dns_value.encode("utf-8", "surrogatepass"),))
    except KeyRecordInvalid as error:
        from second_edition.messages.key_record import TEXTS as KEY_RECORD  # only where it is wrong

        raise CheckFailed(Phrase(KEY_RECORD[error.defect], error.values), advice("SECRET-RECORD.invalid")) from error
