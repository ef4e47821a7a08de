"""The SES identity, and what would change of it."""

from __future__ import annotations

from typing import Final

from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.checks.reuse import ARCHIVE
from byodkim.rotation.comparison import shown
from byodkim.rotation.findings import NOT_CHECKED, CheckFailed, CheckSkipped, CheckUnknown, Compared, phrase
from byodkim.rotation.observation import EXTERNAL
from byodkim.rotation.plan import GIVEN_UP, LOOKS, given_by, replaced, rewrites

UNSIGNED: Final = phrase(
    "Mail goes out unsigned now. Find out who switched signing off and why, switch it on (aws sesv2 "
    "put-email-identity-dkim-attributes --email-identity {domain} --signing-enabled), then run the same command again."
)


@CHECKS("SES-EXISTS", "Check domain, account and Region; each Region has its own identities.", waivable=False)
def exists(case: Case) -> Compared:
    """SES-EXISTS: The identity exists in this account and Region, as a domain.

    GetEmailIdentity's answer repeats no name, only the IdentityType of the name that was asked for. An identity that
    SES does not know is told apart from one that could not be read.
    """
    expected = "DOMAIN"
    if case.seen.identity_absent:
        raise CheckFailed(expected, phrase("absent"))
    unread = case.seen.failure("identity")
    if unread is not None and unread.code.startswith(("TooManyRequests", "Throttling", "RequestLimitExceeded")):
        raise CheckUnknown(
            expected,
            case.unread("identity"),
            phrase(
                "SES throttled this read: too many calls in this account and Region. Wait a minute, then run again."
            ),
        )
    identity = case.identity(expected)
    if identity.identity_type != "DOMAIN":
        raise CheckFailed(expected, identity.identity_type or "-")
    return Compared(expected, identity.identity_type)


@CHECKS("SES-ORIGIN", "Only identities whose signing origin is EXTERNAL are rotated here.", waivable=False)
def origin(case: Case) -> Compared:
    """SES-ORIGIN: The identity signs with your own key (EXTERNAL).

    With Easy DKIM, or as a replica of it, SES makes and changes the keys by itself, and a write would end that.
    Source: SES API v2, DkimAttributes.SigningAttributesOrigin.
    """
    expected = EXTERNAL
    identity = case.identity(expected)
    if identity.signing_origin == "AWS_SES":
        raise CheckFailed(
            expected,
            identity.signing_origin,
            phrase(
                "This identity is on Easy DKIM: SES rotates its keys itself. Moving it to BYODKIM is a change of "
                "its own."
            ),
        )
    if identity.signing_origin.startswith("AWS_SES_"):
        raise CheckFailed(
            expected,
            identity.signing_origin,
            phrase("This identity replicates the Easy DKIM of another Region: change it there."),
        )
    if identity.signing_origin != EXTERNAL:
        raise CheckFailed(expected, identity.signing_origin or "-")
    return Compared(expected, identity.signing_origin)


@CHECKS("SES-SIGNING", "Settle what SES-EXISTS says, then run the same command again.")
def signing(case: Case) -> Compared:
    """SES-SIGNING: DKIM signing is switched on.

    GetEmailIdentity says so in DkimAttributes.SigningEnabled. With signing off, a switched selector would sign nothing.
    """
    expected = "true"
    identity = case.identity(expected)
    observed = shown(identity.signing_enabled) or "-"
    if identity.signing_enabled is not True:
        raise CheckFailed(expected, observed, UNSIGNED.given(domain=case.seen.domain))
    return Compared(expected, observed)


@CHECKS(
    "PLAN-CHANGE",
    "SES shows no single selector, so this run cannot tell whether the next one stands already. Look "
    "at the s= of a message sent just now; if it is another selector, waive PLAN-CHANGE, BACK-RECORD "
    "and BACK-KEY with that as the reason.",
)
def change(case: Case) -> Compared:
    """PLAN-CHANGE: The selector in use is known.

    What stands already is never written again. SES names it in DkimAttributes.Tokens. Where SES names none, or several,
    nobody can tell what a write would replace.
    """
    requested = case.seen.selector
    expected = phrase("one selector in use")
    identity = case.identity(expected)
    if identity.signing_origin != EXTERNAL:  # which SES-ORIGIN says
        raise CheckUnknown(expected, NOT_CHECKED)
    if not identity.selector:
        raise CheckUnknown(expected, shown(identity.selectors) or "[]")
    if identity.selector != requested:
        return Compared(expected, phrase("{current} -> {next}", current=identity.selector, next=requested))
    if identity.status == GIVEN_UP:
        return Compared(expected, phrase("{selector} is set, but SES gave up on it: written again", selector=requested))
    if rewrites(case.seen):
        return Compared(
            expected, phrase("{selector} is set and not verified: written again, see PLAN-REWRITE", selector=requested)
        )
    return Compared(expected, phrase("{selector} is set already: nothing to write", selector=requested))


@CHECKS(
    "PLAN-REWRITE",
    "Restore the damaged journal, so that it is known whether a run gave SES this key. To write it "
    "again in any case, waive PLAN-REWRITE with the reason.",
)
def rewrite(case: Case) -> Compared:
    """PLAN-REWRITE: It is known whether an archived run gave SES the key that it has yet to verify.

    GetEmailIdentity never tells which key SES has. One that no run of this account, Region and domain gave, that was
    given before another one, or that a message contradicts may be wrong, and SES would look for it in vain for 72
    hours: it is written again. One that a run gave is waited for, unless SES had verified it since: then somebody gave
    SES another one.
    """
    expected = phrase("the run that gave SES the key, or that there is none")
    identity = case.identity(expected)
    if identity.selector != case.seen.selector or identity.status not in LOOKS:
        raise CheckSkipped(expected, phrase("SES is not looking for its key record ({status})", status=identity.status))
    case.loaded_key(expected)
    if case.seen.failure(ARCHIVE):
        raise CheckUnknown(expected, case.unread(ARCHIVE))
    if run := given_by(case.seen):
        if replaced(case.seen):
            return Compared(
                expected,
                phrase(
                    "run {run} gave SES this key and SES verified it; SES says {status}, so somebody gave SES "
                    "another key since: written again",
                    run=run,
                    status=identity.status,
                ),
            )
        return Compared(
            expected,
            phrase(
                "run {run} gave SES this key, and SES says {status}: nothing to write", run=run, status=identity.status
            ),
        )
    return Compared(
        expected,
        phrase(
            "no archived run gave SES this key, or a message contradicts it; SES says {status}: written again",
            status=identity.status,
        ),
    )
