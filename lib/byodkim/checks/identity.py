"""Checks of the caller and the SES identity: the right account, the right identity, signing with a
key of ours.
"""

from byodkim.checks.check import Failed, Skipped, check, see, unreadable
from byodkim.checks.world import Identity, Observation, Unread
from byodkim.words import Sentence, _


def identity_of(seen: Observation) -> Identity:
    """Return the identity.

    Raises:
        Unknown: it could not be read.
    """
    if isinstance(seen.identity, Unread):
        raise see("SES-EXISTS")
    return seen.identity


@check(
    "SES-ACCOUNT",
    _("The credentials belong to the account that the profile names"),
    waivable=False,
)
def ses_account(seen: Observation) -> Sentence:
    """Require the account of STS GetCallerIdentity to be the profile's ``account``.

    Raises:
        Failed: it is another one, or the profile names none and the run would write.
        Unknown: STS did not say.
    """
    caller, wanted = seen.caller, seen.wanted
    if isinstance(caller, Unread):
        raise unreadable(caller, "sts:GetCallerIdentity")
    account = caller.account
    if account != wanted.account:
        raise Failed(
            _("The credentials are of {account}, the profile names {wanted}",
              account=account, wanted=wanted.account or "-"),
            todo=_("Sign in to the profile's account. If {account} is right, write "
                   'account = "{account}" into byodkim.toml.', account=account),
            warns=not wanted.account and wanted.mode == "plan",
        )  # fmt: skip
    return _("Account {account}, Region {region}", account=account, region=wanted.region)


@check(
    "SES-EXISTS", _("The identity exists in this account and Region, as a domain"), waivable=False
)
def ses_exists(seen: Observation) -> Sentence:
    """Require GetEmailIdentity to answer for the domain itself.

    Subdomains and addresses inherit a domain's DKIM, so an identity of another name is not the one
    that signs.

    Raises:
        Failed: there is no such identity, or it is an address.
        Unknown: SES did not say.
    """
    identity, wanted = seen.identity, seen.wanted
    if isinstance(identity, Unread):
        if identity.code != "NotFoundException":
            raise unreadable(identity, "ses:GetEmailIdentity")
        raise Failed(
            _("SES in {region} has no identity {domain}",
              region=wanted.region, domain=wanted.domain),
            todo=_("Check domain and region. A subdomain may inherit its parent's identity: "
                   "name that."),
        )  # fmt: skip
    if identity.kind != "DOMAIN" or identity.domain != wanted.domain:
        raise Failed(
            _("SES shows {domain} of kind {kind}", domain=identity.domain, kind=identity.kind),
            todo=_("Name a domain identity."),
        )
    return _("{domain} is a domain identity", domain=identity.domain)


@check("SES-ORIGIN", _("The identity signs with a key of your own (EXTERNAL)"), waivable=False)
def ses_origin(seen: Observation) -> Sentence:
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
    return _("The signing origin is EXTERNAL")


@check("SES-SIGNING", _("DKIM signing is enabled"))
def ses_signing(seen: Observation) -> Sentence:
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
    return _("DKIM signing is enabled")


@check("SES-HISTORY", _("SES shows the selector that the last signed run recorded"), level="warns")
def ses_history(seen: Observation) -> Sentence:
    """Compare SES with the newest signed rotation of this identity that knew its selector.

    Raises:
        Failed: SES shows a selector that no signed run set.
        Skipped: there is no such run, or SES shows the requested selector.
        Unknown: the identity could not be read.
    """
    selector = identity_of(seen).selector
    known = [run for run in seen.history.runs if run.selector_after]
    if not known or seen.is_switched:
        raise Skipped(_("There is no earlier signed rotation, or SES has the requested selector"))
    name, expected = known[-1].name, known[-1].selector_after
    if selector != expected:
        raise Failed(
            _("By the record {name}, SES had {expected}. Now it shows {selector}",
              name=name, expected=expected, selector=selector or "-"),
            todo=_("Find out who changed it: no signed run did."),
        )  # fmt: skip
    return _("SES shows {selector}, as in the record {name}", selector=selector, name=name)
