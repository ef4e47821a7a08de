"""Checks before a selector is prepared: its name is free everywhere, and the key store is fit."""

from __future__ import annotations

from byodkim.checks.check import Failed, Passed, Unknown, check
from byodkim.checks.dns import verdicts
from byodkim.checks.identity import identity_of
from byodkim.checks.key import LEAST_BITS, MOST_BITS
from byodkim.checks.remedies import (
    FIND_SERVERS,
    LET_ROTATION_END,
    PREPARE_ANOTHER,
    REACH_SERVERS,
    unreadable,
)
from byodkim.checks.world import KeyObject, Observation, Secret, Store, Unread
from byodkim.dkim.record import sha256_of
from byodkim.words import _


def is_key_absent(seen: Observation) -> bool:
    """Return whether S3 said that there is no key object for the selector."""
    key = seen.requested.key
    return isinstance(key, Unread) and key.code == "NoSuchKey"


def is_pending_ours(seen: Observation) -> bool:
    """Return whether AWSPENDING names the selector with the stored key: a run left it there."""
    store, sha256 = seen.store, seen.requested.key_sha256
    if not isinstance(store, Store) or store.pending is None or not sha256:
        return False
    return sha256_of(store.pending.record) == sha256


@check(
    "SES-UNUSED",
    _("SES does not sign with the selector"),
    _("A selector in use would get another key, or lose its own."),
    waivable=False,
)
def ses_unused(seen: Observation) -> Passed:
    """Require that SES shows other selectors only.

    Raises:
        Failed: SES signs with it.
        Unknown: SES shows none, or the identity could not be read.
    """
    selector, identity = seen.requested.selector, identity_of(seen)
    if selector in identity.selectors:
        raise Failed(_("SES has {selector}", selector=selector), todo=PREPARE_ANOTHER)
    if not identity.selectors:
        raise Unknown(
            _("SES shows no selector"), todo=_("Run again when SES shows the selector in use.")
        )
    return Passed(_("SES has {selectors}", selectors=list(identity.selectors)))


@check(
    "STORE-VERSIONING",
    _("The bucket of the private keys has versioning"),
    _("An overwritten or deleted private key could not be brought back."),
)
def store_versioning(seen: Observation) -> Passed:
    """Require GetBucketVersioning to say Enabled.

    Raises:
        Failed: it does not.
        Unknown: S3 or Secrets Manager did not say.
    """
    store = _store_of(seen)
    if store.versioning != "Enabled":
        raise Failed(
            _("Versioning is {state}", state=store.versioning or "Off"),
            todo=_("Enable versioning of the bucket (aws s3api put-bucket-versioning)."),
        )
    return Passed(_("Enabled"))


@check(
    "STORE-PLACE",
    _("The place of the private key is free, or holds an RSA key of 2048 bits"),
    _("A private key that is overwritten is lost."),
    waivable=False,
)
def store_place(seen: Observation) -> Passed:
    """Require no object, or one that an earlier run could have stored. It is never replaced.

    Raises:
        Failed: something else is there.
        Unknown: S3 did not say.
    """
    key = seen.requested.key
    if is_key_absent(seen):
        return Passed(_("No object is there yet"))
    if isinstance(key, KeyObject):
        if key.defect or not LEAST_BITS <= key.bits <= MOST_BITS:
            raise Failed(_("{place} is no such key", place=key.place), todo=PREPARE_ANOTHER)
        return Passed(_("{place}", place=key.place))
    if key is None:
        raise Unknown(
            _("No place is known for the private key"), todo=_("Set key_bucket in byodkim.toml.")
        )
    raise unreadable(key, "s3:GetObject, s3:ListBucket")


@check(
    "SECRET-FIT",
    _("The secret takes an entry for the selector, or has that of the stored key"),
    _("An entry of another key, or a field of the old key, would name a wrong pair."),
    waivable=False,
)
def secret_fit(seen: Observation) -> Passed:
    """Require a documented layout, and no entry for the selector but that of the stored key.

    In the layout ``single`` the entry is replaced: a field that belongs to the old key stops that.

    Raises:
        Failed: the secret has another layout, another key for the selector, or such a field.
        Unknown: the secret could not be read.
    """
    secret, entry, store = seen.secret, seen.requested.entry, _store_of(seen)
    if isinstance(secret, Unread):
        if secret.code == "Malformed":
            raise Failed(
                _("The secret lacks {field}", field=secret.detail),
                todo=_("Prepare writes the layouts single, selectors and domains (reference)."),
            )
        raise unreadable(secret, "secretsmanager:GetSecretValue")
    if secret.layout == "profile":
        raise Failed(
            _("The profile names a layout of its own"),
            todo=_("Enter the selector by hand: prepare writes the documented layouts only."),
        )
    if entry is not None:
        if sha256_of(entry.record) == seen.requested.key_sha256 != "":
            return Passed(_("It names {selector} already", selector=entry.selector))
        raise Failed(
            _("It names {selector} with a key that is not the stored one", selector=entry.selector),
            todo=_("Prepare another selector: an entry is never overwritten."),
        )
    if store.misfit:
        raise Failed(
            _("It takes no entry because of {field}", field=store.misfit),
            todo=_("Use the layout selectors, or remove a field that belongs to the old key."),
        )
    return Passed(_("Layout {layout}", layout=secret.layout))


@check(
    "SECRET-PENDING",
    _("Nobody else is changing the secret"),
    _("Two changes at once would lose one of them."),
    waivable=False,
)
def secret_pending(seen: Observation) -> Passed:
    """Require no AWSPENDING version, or one that names the selector with the stored key.

    Raises:
        Failed: another one is pending.
        Unknown: the secret could not be read.
    """
    secret = seen.secret
    if not isinstance(secret, Secret):
        raise Unknown(_("SECRET-FIT says why the secret is not known"))
    if not secret.pending:
        return Passed(_("No version is pending"))
    if is_pending_ours(seen):
        return Passed(_("Version {version} was left by a run", version=secret.pending[:8]))
    what = _("Version {version} is AWSPENDING", version=secret.pending[:8])
    raise Failed(what, todo=LET_ROTATION_END)


@check(
    "DNS-FREE",
    _("Nothing stands at the key record's name, or this key"),
    _("Receivers may have another record of this name in their caches."),
)
def dns_free(seen: Observation) -> Passed:
    """Require every server to answer that there is no TXT record and no CNAME, or this very key.

    A wildcard answers for the name, too.

    Raises:
        Failed: something else is there.
        Unknown: a server could not be asked, or none is known.
    """
    sha256 = seen.requested.key_sha256
    results = verdicts(seen.requested, sha256 or "none")
    if not results:
        raise Unknown(_("No authoritative server could be asked"), todo=FIND_SERVERS)
    taken = [
        (server, verdict)
        for server, verdict in results
        if not (verdict.is_unknown or verdict.kind == "absent" or verdict.is_published)
    ]
    if taken:
        server, first = taken[0]
        raise Failed(
            _("{server}: {what}", server=str(server), what=first.what),
            todo=_("Prepare another selector. If every name is taken, a wildcard answers: ask the "
                   "DNS team."),
        )  # fmt: skip
    silent = [str(server) for server, verdict in results if verdict.is_unknown]
    if silent:
        raise Unknown(_("These servers do not answer: {servers}", servers=silent),
                      todo=REACH_SERVERS)  # fmt: skip
    return Passed(_("{count} of {count} servers", count=len(results)))


def _store_of(seen: Observation) -> Store:
    if isinstance(seen.store, Store):
        return seen.store
    cause = seen.store or Unread("NotRead")
    actions = "s3:GetBucketVersioning, secretsmanager:GetSecretValue"
    raise unreadable(cause, actions)
