"""Checks before a selector is prepared: its name is free everywhere, and the key store is fit."""

from typing import Final

from byodkim.checks.check import Failed, Unknown, check, see, unreadable
from byodkim.checks.dns import FIND_SERVERS, REACH_SERVERS, verdicts
from byodkim.checks.identity import identity_of
from byodkim.checks.secret import LET_ROTATION_END
from byodkim.checks.world import KeyObject, Observation, Secret, Store, Unread
from byodkim.dkim.record import BITS, sha256_of
from byodkim.words import Sentence, _

PREPARE_ANOTHER: Final = _("Prepare another selector: -r selector NAME.")


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


@check("SES-UNUSED", _("SES does not sign with the selector"), waivable=False)
def ses_unused(seen: Observation) -> Sentence:
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
    return _("SES has {selectors}", selectors=list(identity.selectors))


@check("STORE-VERSIONING", _("The bucket of the private keys has versioning"))
def store_versioning(seen: Observation) -> Sentence:
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
    return _("Enabled")


@check(
    "STORE-PLACE",
    _("The place of the private key is free, or holds an RSA key that SES takes"),
    waivable=False,
)
def store_place(seen: Observation) -> Sentence:
    """Require no object, or one that an earlier run could have stored. It is never replaced.

    Raises:
        Failed: something else is there.
        Unknown: S3 did not say.
    """
    key = seen.requested.key
    if is_key_absent(seen):
        return _("No object is there yet")
    if isinstance(key, KeyObject):
        if key.defect or key.bits not in BITS:
            raise Failed(_("{place} holds something else", place=key.place), todo=PREPARE_ANOTHER)
        return _("{place}", place=key.place)
    if key is None:
        raise Unknown(
            _("No place is known for the private key"), todo=_("Set key_bucket in byodkim.toml.")
        )
    raise unreadable(key, "s3:GetObject, s3:ListBucket")


@check(
    "SECRET-FIT",
    _("The secret has room for the selector's entry, or has it already with the key in S3"),
    waivable=False,
)
def secret_fit(seen: Observation) -> Sentence:
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
                todo=_("Use the layout single, selectors or domains (docs/en/reference.md)."),
            )
        raise unreadable(secret, "secretsmanager:GetSecretValue")
    if secret.layout == "profile":
        raise Failed(
            _("The profile names a layout of its own"),
            todo=_("Enter the selector by hand: prepare writes the documented layouts only."),
        )
    if entry is not None:
        if sha256_of(entry.record) == seen.requested.key_sha256 != "":
            return _(
                "The secret has {selector} with the key in S3 already", selector=entry.selector
            )
        raise Failed(
            _(
                "The secret has {selector} with another key than S3",
                selector=entry.selector,
            ),
            todo=_("Prepare another selector: an entry is never overwritten."),
        )
    if store.misfit:
        raise Failed(
            _("The field {field} of the secret does not allow a new entry", field=store.misfit),
            todo=_("Use the layout selectors, or remove a field that belongs to the old key."),
        )
    return _("Layout {layout}", layout=secret.layout)


@check("SECRET-PENDING", _("Nobody else is changing the secret"), waivable=False)
def secret_pending(seen: Observation) -> Sentence:
    """Require no AWSPENDING version, or one that names the selector with the stored key.

    Raises:
        Failed: another one is pending.
        Unknown: the secret could not be read.
    """
    secret = seen.secret
    if not isinstance(secret, Secret):
        raise see("SECRET-FIT")
    if not secret.pending:
        return _("No version is pending")
    if is_pending_ours(seen):
        return _(
            "An earlier run left version {version} pending, with this key",
            version=secret.pending[:8],
        )
    what = _("Version {version} is AWSPENDING", version=secret.pending[:8])
    raise Failed(what, todo=LET_ROTATION_END)


@check("DNS-FREE", _("The key record's name is free, or has this key already"))
def dns_free(seen: Observation) -> Sentence:
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
            todo=_("Prepare another selector. If every name is taken, ask the DNS team about "
                   "a wildcard."),
        )  # fmt: skip
    silent = [str(server) for server, verdict in results if verdict.is_unknown]
    if silent:
        raise Unknown(_("These servers do not answer: {servers}", servers=silent),
                      todo=REACH_SERVERS)  # fmt: skip
    return _("{count} of {count} servers", count=len(results))


def _store_of(seen: Observation) -> Store:
    if isinstance(seen.store, Store):
        return seen.store
    cause = seen.store or Unread("NotRead")
    actions = "s3:GetBucketVersioning, secretsmanager:GetSecretValue"
    raise unreadable(cause, actions)
