"""The secret that names the selector."""

from __future__ import annotations

from typing import Final

from byodkim.dkim.key_record import KeyRecord, KeyRecordInvalid, parse
from byodkim.dkim.published import judge
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import (
    NOT_CHECKED,
    CheckFailed,
    CheckSkipped,
    CheckUnknown,
    Compared,
    Phrase,
    Said,
    phrase,
)
from byodkim.rotation.observation import UNREADABLE, SecretVersion

#: What is wrong with a secret that names nothing, and what to do.
SHAPELESS: Final = {
    "not-json": (
        phrase("the secret is not JSON"),
        phrase("Let the generator write the secret again: it must be one JSON document."),
    ),
    "binary": (
        phrase("the secret is binary (SecretBinary), and its bytes are not JSON"),
        phrase("Let the generator write the secret again: JSON, in SecretString or as the bytes of SecretBinary."),
    ),
    "no-entry": (
        phrase("no entry with selector and dns_record.value"),
        phrase("Let the generator write the secret again, with selector, dns_record.value and s3_key_path."),
    ),
    "private-key-inside": (
        phrase("a private key stands where a public value belongs"),
        phrase(
            "Treat that private key as disclosed: make a new key pair, and write only public values into the secret."
        ),
    ),
}


@CHECKS(
    "SECRET-SHAPE", "Give the role secretsmanager:GetSecretValue on the secret, and check secret_id.", waivable=False
)
def shape(case: Case) -> Compared:
    """SECRET-SHAPE: The secret names selector and dns_record.value, and holds no private key.

    The secret is read by fields that are certain, and each value that is meant to be public is searched for the first
    bytes of a private key, whatever its spelling.
    """
    expected = phrase("selector, dns_record.value and s3_key_path")
    secret = case.seen.next_key.secret
    if secret is None:
        raise case.unknown(expected, "secret")
    if (unneeded := case.returning) is not None and secret.defect != "selector-absent":
        raise CheckSkipped(expected, unneeded)
    if secret.defect in UNREADABLE:
        raise CheckFailed(expected, *SHAPELESS[secret.defect])
    return Compared(expected, phrase("{stage}, version {version}", stage=secret.stage, version=secret.version_id))


@CHECKS(
    "SECRET-STAGE",
    "Let the generator finish (AWSPENDING becomes AWSCURRENT), or take the stray label off; then run again.",
)
def stage(case: Case) -> Compared:
    """SECRET-STAGE: The secret is not in the middle of a rotation.

    AWSPENDING is not another version. The versions of all stages are read side by side: AWSPENDING on a version of its
    own means that what makes the key has not finished, and may still change what it stored. Source: AWS Secrets Manager
    User Guide, "Rotation by Lambda function", staging labels.
    """
    expected = phrase("no AWSPENDING version of its own")
    _skip_without_entry(case, expected)
    secret = case.secret(expected)
    if secret.pending_version_id:
        raise CheckFailed(expected, f"AWSPENDING {secret.pending_version_id}")
    return Compared(expected, f"{secret.stage} {secret.version_id}")


@CHECKS(
    "SECRET-SELECTOR", "Ask for the selector that the secret names, or let the generator make this one.", waivable=False
)
def selector(case: Case) -> Compared:
    """SECRET-SELECTOR: The secret names the selector asked for, once.

    Its entries are counted in the current version, else in the one before, which is the rollback; never in a pending
    one. An entry that names another domain is not counted, and one in other letters is refused: SES tells letter case
    apart, DNS does not. A selector that was in use with the stored key needs no entry: a rollback does not depend on
    the secret.
    """
    expected = case.seen.selector
    _skip_without_entry(case, expected)
    secret = case.secret(expected)
    observed = " ".join(secret.selectors)
    refuse_other_spelling(secret, case.seen.selector, expected)
    if secret.defect == "selector-twice":
        raise CheckFailed(
            expected, phrase("{selector} stands in the secret more than once", selector=case.seen.selector)
        )
    if secret.defect and secret.elsewhere:
        found = phrase(
            "the secret has {selector} only for {domain}", selector=case.seen.selector, domain=secret.elsewhere
        )
        raise CheckFailed(
            expected, found, phrase("Ask for a selector of this domain, or run for the domain that the entry names.")
        )
    if secret.defect:
        raise CheckFailed(
            expected,
            observed,
            phrase(
                "Do not have this selector generated again: its stored key and the record that is served are one "
                "pair, and that would destroy it. For a rollback, run where the archive shows that the selector "
                "was in use (an output path beside those records), or put its entry back into the secret."
            )
            if _served(case)
            else None,
        )
    return Compared(expected, observed)


@CHECKS("SECRET-RECORD", "Look at the secret's checks above.", waivable=False)
def record(case: Case) -> Compared:
    """SECRET-RECORD: The secret's key record is valid and not a placeholder.

    It is read by a parser that accepts nothing that dkimpy, opendkim or Mail::DKIM would reject.
    """
    expected = phrase("a valid key record")
    _skip_without_entry(case, expected)
    found = requested(case.secret(expected), expected)
    return Compared(
        expected,
        phrase("RSA {bits} bits, SHA-256 {sha256}", bits=found.public_key.bits, sha256=found.public_key.sha256),
    )


def _served(case: Case) -> bool:
    """Return whether a server serves the stored key: generating the selector again would destroy the pair."""
    stored = case.seen.next_key.key
    sha256 = stored.sha256 if stored else ""
    return bool(sha256) and any(judge(answer).sha256 == sha256 for answer in case.seen.records)


def _skip_without_entry(case: Case, expected: Said) -> None:
    if (unneeded := case.returning) is not None:
        raise CheckSkipped(expected, unneeded)


def refuse_other_spelling(secret: SecretVersion, selector: str, expected: Said) -> None:
    """Refuse a secret that has the selector in other letters: for SES another selector, for DNS the same name.

    Raises:
        CheckFailed: it has.
    """
    found = [one for one in dict.fromkeys(secret.selectors) if one != selector and one.lower() == selector.lower()]
    if found:
        raise CheckFailed(
            expected,
            phrase("spelled {selector} in the secret", selector=" ".join(found)),
            phrase(
                "Ask for the selector as the secret spells it: to SES, upper and lower case are two selectors; "
                "to DNS, one name."
            ),
        )


def requested(secret: SecretVersion, expected: Said) -> KeyRecord:
    """Return the key record that the secret asks to be published.

    Raises:
        CheckUnknown: the secret has no entry for the selector.
        CheckFailed: its value is no valid key record.
    """
    if secret.defect:
        raise CheckUnknown(expected, NOT_CHECKED)
    try:
        return parse((secret.dns_value.encode("utf-8", "surrogatepass"),))
    except KeyRecordInvalid as error:
        from byodkim.messages.key_record import TEXTS as KEY_RECORD  # only where it is wrong

        explained = Phrase(KEY_RECORD[error.defect], error.values)
        observed = phrase("{explained} ({defect})", explained=explained, defect=error.defect)
        raise CheckFailed(
            expected,
            observed,
            phrase("Let the generator write dns_record.value again; do not send this value to the DNS team."),
        ) from error
