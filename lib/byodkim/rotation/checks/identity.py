"""The SES identity, and what would change of it."""

from __future__ import annotations

from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.checks.reuse import ARCHIVE
from byodkim.rotation.comparison import shown
from byodkim.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Compared, phrase, verbatim
from byodkim.rotation.observation import EXTERNAL
from byodkim.rotation.plan import GIVEN_UP, LOOKS, given_by, replaced, rewrites


@CHECKS("SES-EXISTS", waivable=False)
def exists(case: Case) -> Compared:
    """SES-EXISTS: the identity exists in this account and Region, as a domain.

    GetEmailIdentity's answer repeats no name, only the IdentityType of the name that was asked for. An identity that
    SES does not know is told apart from one that could not be read.
    """
    expected = verbatim("DOMAIN")
    if case.seen.identity_absent:
        raise CheckFailed(expected, phrase("absent"))
    unread = case.seen.failure("identity")
    if unread is not None and unread.code.startswith(("TooManyRequests", "Throttling", "RequestLimitExceeded")):
        raise CheckUnknown(expected, case.unread("identity"), "SES-EXISTS.throttled")
    identity = case.identity(expected)
    if identity.identity_type != "DOMAIN":
        raise CheckFailed(expected, verbatim(identity.identity_type or "-"))
    return Compared(expected, verbatim(identity.identity_type))


@CHECKS("SES-ORIGIN", waivable=False)
def origin(case: Case) -> Compared:
    """SES-ORIGIN: the identity signs with your own key: its signing origin is EXTERNAL.

    With Easy DKIM, or as a replica of it, SES makes and changes the keys by itself, and a write would end that.
    Source: SES API v2, DkimAttributes.SigningAttributesOrigin.
    """
    expected = verbatim(EXTERNAL)
    identity = case.identity(expected)
    if identity.signing_origin == "AWS_SES":
        raise CheckFailed(expected, verbatim(identity.signing_origin), "SES-ORIGIN.easy")
    if identity.signing_origin.startswith("AWS_SES_"):
        raise CheckFailed(expected, verbatim(identity.signing_origin), "SES-ORIGIN.replica")
    if identity.signing_origin != EXTERNAL:
        raise CheckFailed(expected, verbatim(identity.signing_origin or "-"))
    return Compared(expected, verbatim(identity.signing_origin))


@CHECKS("SES-SIGNING")
def signing(case: Case) -> Compared:
    """SES-SIGNING: DKIM signing is switched on for the identity.

    GetEmailIdentity says so in DkimAttributes.SigningEnabled. With signing off, a switched selector would sign nothing.
    """
    expected = verbatim("true")
    identity = case.identity(expected)
    observed = verbatim(shown(identity.signing_enabled) or "-")
    if identity.signing_enabled is not True:
        raise CheckFailed(expected, observed)
    return Compared(expected, observed)


@CHECKS("PLAN-CHANGE")
def change(case: Case) -> Compared:
    """PLAN-CHANGE: the selector in use is known, so that what stands already is never written again.

    SES names it in DkimAttributes.Tokens. Where SES names none, or several, nobody can tell what a write would replace.
    """
    asked = case.seen.selector
    expected = phrase("one-selector")
    identity = case.identity(expected)
    if identity.signing_origin != EXTERNAL:  # which SES-ORIGIN says
        raise CheckUnknown(expected, phrase("not-looked-at"))
    if not identity.selector:
        raise CheckUnknown(expected, verbatim(shown(identity.selectors) or "[]"))
    if identity.selector != asked:
        return Compared(expected, phrase("selector-changes", current=identity.selector, next=asked))
    if identity.status == GIVEN_UP:
        return Compared(expected, phrase("selector-again", selector=asked))
    if rewrites(case.seen):
        return Compared(expected, phrase("selector-unverified", selector=asked))
    return Compared(expected, phrase("selector-stands", selector=asked))


@CHECKS("PLAN-REWRITE")
def rewrite(case: Case) -> Compared:
    """PLAN-REWRITE: it is known whether an archived run gave SES the key of a selector that SES has yet to verify.

    GetEmailIdentity never tells which key SES has. One that no run of this account, Region and domain gave, that was
    given before another one, or that a message contradicts may be wrong, and SES would look for it in vain for 72
    hours: it is written again. One that a run gave is waited for, unless SES had verified it since: then somebody gave
    SES another one.
    """
    expected = phrase("giver-known")
    identity = case.identity(expected)
    if identity.selector != case.seen.selector or identity.status not in LOOKS:
        raise CheckSkipped(expected, phrase("no-rewrite", status=identity.status))
    case.loaded_key(expected)
    if case.seen.failure(ARCHIVE):
        raise CheckUnknown(expected, case.unread(ARCHIVE))
    if run := given_by(case.seen):
        if replaced(case.seen):
            return Compared(expected, phrase("given-by-replaced", run=run, status=identity.status))
        return Compared(expected, phrase("given-by", run=run, status=identity.status))
    return Compared(expected, phrase("given-by-none", status=identity.status))
