"""Checks of the caller and the SES identity: the right account, the right identity, signing with a
key of ours.
"""

from __future__ import annotations

from byodkim.checks.check import Failed, Passed, Skipped, Unknown, check
from byodkim.checks.remedies import unreadable
from byodkim.checks.world import Identity, Observation, Unread
from byodkim.words import _


def identity_of(seen: Observation) -> Identity:
    """Return the identity.

    Raises:
        Unknown: it could not be read.
    """
    if isinstance(seen.identity, Unread):
        raise Unknown(_("SES-EXISTS says why the identity is not known"))
    return seen.identity


@check(
    "SES-ACCOUNT",
    _("The credentials belong to the account that the profile names"),
    _("A switch in the wrong account changes somebody else's mail."),
    waivable=False,
)
def ses_account(seen: Observation) -> Passed:
    """Require the account of STS GetCallerIdentity to be the profile's ``account``.

    Raises:
        Failed: it is another one, or the profile names none and the run would write.
        Unknown: STS did not say.
    """
    caller, wanted = seen.caller, seen.wanted.account
    if isinstance(caller, Unread):
        raise unreadable(caller, "sts:GetCallerIdentity")
    if not wanted:
        raise Failed(
            _("The profile names no account; these credentials are of {account}",
              account=caller.account),
            todo=_('Write account = "{account}" into byodkim.toml if it is right.',
                   account=caller.account),
            warns=seen.wanted.mode == "plan",
        )  # fmt: skip
    if caller.account != wanted:
        raise Failed(
            _("The credentials are of {account}, the profile names {wanted}",
              account=caller.account, wanted=wanted),
            todo=_("Sign in to {wanted}, or choose another profile.", wanted=wanted),
        )  # fmt: skip
    return Passed(
        _("Account {account}, Region {region}", account=caller.account, region=seen.wanted.region)
    )


@check(
    "SES-EXISTS",
    _("The identity exists in this account and Region, as a domain"),
    _("A wrong Region or name would change nothing, or another identity."),
    waivable=False,
)
def ses_exists(seen: Observation) -> Passed:
    """Require GetEmailIdentity to answer for the domain itself.

    Subdomains and addresses inherit a domain's DKIM, so an identity of another name is not the one
    that signs.

    Raises:
        Failed: there is no such identity, or it is an address.
        Unknown: SES did not say.
    """
    identity = seen.identity
    if isinstance(identity, Unread):
        if identity.code == "NotFoundException":
            raise Failed(
                _("SES in {region} has no identity {domain}",
                  region=seen.wanted.region, domain=seen.wanted.domain),
                todo=_("Check domain and region. A subdomain may inherit its parent's identity: "
                       "then name the parent."),
            )  # fmt: skip
        raise unreadable(identity, "ses:GetEmailIdentity")
    if identity.kind != "DOMAIN" or identity.domain != seen.wanted.domain:
        raise Failed(
            _("SES shows {domain} of kind {kind}", domain=identity.domain, kind=identity.kind),
            todo=_("Name a domain identity."),
        )
    return Passed(_("{domain} is a domain identity", domain=identity.domain))


@check(
    "SES-ORIGIN",
    _("The identity signs with a key of your own (EXTERNAL)"),
    _("Easy DKIM would be replaced, and its keys cannot be set again."),
    waivable=False,
)
def ses_origin(seen: Observation) -> Passed:
    """Require SigningAttributesOrigin EXTERNAL: Easy DKIM (AWS_SES, AWS_SES_<REGION>) is not ours
    to replace.

    Raises:
        Failed: the origin is another one.
        Unknown: the identity could not be read.
    """
    origin = identity_of(seen).origin
    if origin != "EXTERNAL":
        raise Failed(
            _("The signing origin is {origin}: SES signs with Easy DKIM", origin=origin or "-"),
            todo=_("Move the identity to BYODKIM by hand first; byodkim only rotates keys."),
        )
    return Passed(_("The signing origin is EXTERNAL"))


@check(
    "SES-SIGNING",
    _("DKIM signing is enabled"),
    _("While signing is disabled, SES signs nothing, whatever selector it has."),
)
def ses_signing(seen: Observation) -> Passed:
    """Require SigningEnabled.

    Raises:
        Failed: signing is disabled.
        Unknown: the identity could not be read.
    """
    if not identity_of(seen).signing_enabled:
        raise Failed(
            _("DKIM signing is disabled"),
            todo=_("Enable it in SES (PutEmailIdentityDkimAttributes), then run again."),
            mail=_("Mail goes out without a DKIM signature now."),
        )
    return Passed(_("DKIM signing is enabled"))


@check(
    "SES-HISTORY",
    _("SES shows the selector that the last signed run left"),
    _("A change by another hand would stand in no record."),
    level="warns",
)
def ses_history(seen: Observation) -> Passed:
    """Compare SES with the newest sealed run of this identity in the folder.

    Raises:
        Failed: SES shows a selector that no sealed run set.
        Skipped: there is no such run, or SES shows the requested selector.
        Unknown: the identity could not be read.
    """
    selector = identity_of(seen).selector
    rotations = [run for run in seen.history.runs if run.procedure in ("rotate", "fleet")]
    if not rotations:
        raise Skipped(
            _("This folder has no signed rotation of {domain}", domain=seen.wanted.domain)
        )
    last = rotations[-1]
    has_requested = last.wrote or last.outcome in ("UNCHANGED", "SWITCHED", "SWITCHED-PENDING")
    expected = last.selector if has_requested else last.previous
    if seen.is_switched or not expected:
        raise Skipped(_("SES shows the requested selector"))
    if selector == expected:
        return Passed(
            _("SES shows {selector}, as {name} left it", selector=selector, name=last.name)
        )
    raise Failed(
        _("{name} left {expected}, and SES shows {selector}",
          name=last.name, expected=expected, selector=selector or "-"),
        todo=_("Find out who changed it. No signed run of this folder did."),
    )  # fmt: skip
