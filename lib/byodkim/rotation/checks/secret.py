"""The secret that names the selector."""

from __future__ import annotations

from byodkim.dkim.key_record import KeyRecord, KeyRecordInvalid, parse
from byodkim.dkim.published import judge
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Compared, Phrase, phrase, verbatim
from byodkim.rotation.observation import UNREADABLE, SecretVersion


@CHECKS("SECRET-SHAPE", waivable=False)
def shape(case: Case) -> Compared:
    """SECRET-SHAPE: the secret holds a selector with its dns_record.value, and no private key.

    The secret is read by fields that are certain, and each value that is meant to be public is searched for the first
    bytes of a private key, whatever its spelling.
    """
    expected = phrase("secret-shape")
    secret = case.seen.next_key.secret
    if secret is None:
        raise CheckUnknown(expected, case.unread("secret"))
    if (unneeded := case.returning) is not None and secret.defect != "selector-absent":
        raise CheckSkipped(expected, unneeded)
    if secret.defect in UNREADABLE:
        raise CheckFailed(expected, phrase(f"secret.{secret.defect}"), f"SECRET-SHAPE.{secret.defect}")
    return Compared(expected, phrase("secret-version", stage=secret.stage, version=secret.version_id))


@CHECKS("SECRET-STAGE")
def stage(case: Case) -> Compared:
    """SECRET-STAGE: the secret is not in the middle of a rotation (AWSPENDING is not another version).

    The versions of all stages are read side by side: AWSPENDING on a version of its own means that what makes the key
    has not finished, and may still change what it stored.
    Source: AWS Secrets Manager User Guide, "Rotation by Lambda function", staging labels.
    """
    expected = phrase("no-pending-version")
    _skip_without_entry(case, expected)
    secret = case.secret(expected)
    if secret.pending_version_id:
        raise CheckFailed(expected, verbatim(f"AWSPENDING {secret.pending_version_id}"))
    return Compared(expected, verbatim(f"{secret.stage} {secret.version_id}"))


@CHECKS("SECRET-SELECTOR", waivable=False)
def selector(case: Case) -> Compared:
    """SECRET-SELECTOR: the secret names the selector asked for, once.

    Its entries are counted in the current version, else in the one before, which is the way back; never in a pending
    one. An entry that names another domain is not counted, and one in other letters is refused: SES tells letter case
    apart, DNS does not. A selector that was in use with the stored key needs no entry: a rollback does not depend on
    the secret.
    """
    expected = verbatim(case.seen.selector)
    _skip_without_entry(case, expected)
    secret = case.secret(expected)
    observed = verbatim(" ".join(secret.selectors))
    refuse_other_spelling(secret, case.seen.selector, expected)
    if secret.defect == "selector-twice":
        raise CheckFailed(expected, phrase("selector-twice", selector=case.seen.selector))
    if secret.defect and secret.elsewhere:
        found = phrase("selector-elsewhere", selector=case.seen.selector, domain=secret.elsewhere)
        raise CheckFailed(expected, found, "SECRET-SELECTOR.elsewhere")
    if secret.defect:
        raise CheckFailed(expected, observed, "SECRET-SELECTOR.pair" if _served(case) else "")
    return Compared(expected, observed)


@CHECKS("SECRET-RECORD", waivable=False)
def record(case: Case) -> Compared:
    """SECRET-RECORD: the secret's dns_record.value is a key record that verifiers accept, not the placeholder.

    It is read by a parser that accepts nothing that dkimpy, opendkim or Mail::DKIM would reject.
    """
    expected = phrase("valid-key-record")
    _skip_without_entry(case, expected)
    found = requested(case.secret(expected), expected)
    return Compared(expected, phrase("rsa-key", bits=found.public_key.bits, sha256=found.public_key.sha256))


def _served(case: Case) -> bool:
    """Return whether a server serves the stored key: generating the selector again would destroy the pair."""
    stored = case.seen.next_key.key
    sha256 = stored.sha256 if stored else ""
    return bool(sha256) and any(judge(answer).sha256 == sha256 for answer in case.seen.records)


def _skip_without_entry(case: Case, expected: Phrase) -> None:
    if (unneeded := case.returning) is not None:
        raise CheckSkipped(expected, unneeded)


def refuse_other_spelling(secret: SecretVersion, selector: str, expected: Phrase) -> None:
    """Refuse a secret that has the selector in other letters: for SES another selector, for DNS the same name.

    Raises:
        CheckFailed: it has.
    """
    found = [one for one in dict.fromkeys(secret.selectors) if one != selector and one.lower() == selector.lower()]
    if found:
        raise CheckFailed(expected, phrase("selector-spelled", selector=" ".join(found)), "SECRET-SELECTOR.spelled")


def requested(secret: SecretVersion, expected: Phrase) -> KeyRecord:
    """The key record that the secret asks to be published.

    Raises:
        CheckUnknown: the secret has no entry for the selector.
        CheckFailed: its value is no valid key record.
    """
    if secret.defect:
        raise CheckUnknown(expected, phrase("not-looked-at"))
    try:
        return parse((secret.dns_value.encode("utf-8", "surrogatepass"),))
    except KeyRecordInvalid as error:
        values = {**error.values, "defect": error.defect, "explained": f"@key_record:{error.defect}"}
        raise CheckFailed(expected, phrase("key-record-defect", **values), "SECRET-RECORD.defect") from error
