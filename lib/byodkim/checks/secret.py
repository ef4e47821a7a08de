"""Checks of the secret that names the selectors."""

from typing import Final

from byodkim.checks.check import Failed, Skipped, check, see, unreadable
from byodkim.checks.world import Entry, Observation, Secret, Side, Unread
from byodkim.dkim.record import BadKeyRecord, parse_key_record, sha256_of
from byodkim.words import Sentence, _

LET_ROTATION_END: Final = _(
    "Wait until the secret's rotation has ended, then run again. If nothing rotates it, remove "
    "the stage AWSPENDING."
)


def entry_of(secret: Secret | Unread, domain: str, selector: str) -> Entry | None:
    """Return what the secret says of a selector of this domain; ``None`` where it says nothing."""
    if isinstance(secret, Unread):
        return None
    for entry in secret.entries:
        if entry.selector == selector and entry.domain in ("", domain):
            return entry
    return None


def known_keys(seen: Observation, side: Side) -> set[str]:
    """Return the keys that a selector is known to have, as fingerprints: what the secret and signed
    runs say.

    The key object counts only where neither says anything: it may have been replaced since SES got
    the key.
    """
    named = sha256_of(side.entry.record) if side.entry else ""
    keys = seen.history.keys_of(side.selector) | {named}
    return keys - {""} or {side.key_sha256} - {""}


def is_entry_needless(seen: Observation) -> bool:
    """Return whether the secret does not name the selector and need not: the run rolls back, and a
    signed run saw SES sign with the selector.
    """
    return seen.requested.entry is None and seen.was_at_work


@check(
    "SECRET-ENTRY",
    _("The secret names the selector and a valid key record, and holds no private key"),
    waivable=False,
)
def secret_entry(seen: Observation) -> Sentence:
    """Require one entry for the selector, of this domain, with a key record that receivers accept.

    A rollback needs no entry: that a sealed run saw the selector at work, and one key pair
    everywhere, is enough.

    Raises:
        Failed: the secret holds a private key, has no entry for the selector, or an invalid record.
        Unknown: the secret could not be read.
        Skipped: the run rolls back, and the secret does not name the selector.
    """
    secret, entry = seen.secret, seen.requested.entry
    if isinstance(secret, Secret) and secret.holds_private_key:
        raise Failed(
            _("The secret holds a private key"),
            todo=_("Remove it: every reader of the secret can sign mail."),
        )  # fmt: skip
    if is_entry_needless(seen):
        raise Skipped(_("A rollback needs no entry in the secret"))
    if isinstance(secret, Unread):
        if secret.code != "Malformed":
            raise unreadable(secret, "secretsmanager:GetSecretValue")
        raise Failed(
            _("The secret lacks {field}", field=secret.detail),
            todo=_("Write selector, dns_record.value and s3_key_path into it, or name your "
                   "own layout (secret_selector, secret_record, secret_key_path)."),
        )  # fmt: skip
    if entry is None:
        others = list(dict.fromkeys(each.selector for each in secret.entries)) or ["–"]
        raise Failed(
            _("The secret names {others}, not {selector}",
              others=others, selector=seen.requested.selector),
            todo=_("Prepare the selector, or ask for one that the secret names."),
        )  # fmt: skip
    try:
        bits = parse_key_record(entry.record).bits
    except BadKeyRecord as error:
        raise Failed(
            _("The key record in the secret is invalid: {reason}", reason=error.reason),
            todo=_("Correct dns_record.value in the secret."),
        ) from None
    return _("{selector} with a key record of {bits} bits", selector=entry.selector, bits=bits)


@check("SECRET-STAGE", _("The secret is not in the middle of a rotation"))
def secret_stage(seen: Observation) -> Sentence:
    """Require that no other version of the secret is staged as AWSPENDING.

    Raises:
        Failed: one is.
        Unknown: the secret could not be read.
        Skipped: the run rolls back and needs no entry.
    """
    secret = seen.secret
    if is_entry_needless(seen):
        raise Skipped(_("A rollback needs no entry in the secret"))
    if isinstance(secret, Unread):
        raise see("SECRET-ENTRY")
    if secret.pending:
        what = _("Version {version} is AWSPENDING", version=secret.pending[:8])
        raise Failed(what, todo=LET_ROTATION_END)
    return _("AWSCURRENT is version {version}, and none is pending", version=secret.version[:8])
