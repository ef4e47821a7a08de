"""The SES identity, and what would change of it."""

from __future__ import annotations

from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.checks.key import ARCHIVE
from second_edition.rotation.comparison import shown
from second_edition.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Level, Said, advice, held, phrase
from second_edition.rotation.observation import EXTERNAL
from second_edition.rotation.plan import GIVEN_UP, LOOKS, given_by, replaced, rewrites


@CHECKS("SES-EXISTS", "DOMAIN", waivable=False)
def exists(case: Case) -> Said:
    """SES-EXISTS: The identity exists in this account and Region, as a domain.

    GetEmailIdentity's answer repeats no name, only the IdentityType of the name that was asked for. An identity that
    SES does not know is told apart from one that could not be read.

    Remedy: Check domain, account and Region; each Region has its own identities.
    """
    if case.seen.identity_absent:
        raise CheckFailed(phrase("absent"))
    identity = case.identity()
    return held(identity.identity_type or "-", identity.identity_type == "DOMAIN")


@CHECKS("SES-ORIGIN", EXTERNAL, waivable=False)
def origin(case: Case) -> Said:
    """SES-ORIGIN: The identity signs with your own key (EXTERNAL).

    With Easy DKIM, or as a replica of it, SES makes and changes the keys by itself, and a write would end that.
    Source: SES API v2, DkimAttributes.SigningAttributesOrigin.

    Remedy: Find out who set another signing origin than EXTERNAL, and why. If it is not meant to stay, give SES your
    own key again, which sets EXTERNAL. If it is, do not rotate this identity here.
    """
    identity = case.identity()
    if identity.signing_origin == "AWS_SES":
        raise CheckFailed(identity.signing_origin, advice("SES-ORIGIN.easy"))
    if identity.signing_origin.startswith("AWS_SES_"):
        raise CheckFailed(identity.signing_origin, advice("SES-ORIGIN.replica"))
    return held(identity.signing_origin or "-", identity.signing_origin == EXTERNAL)


@CHECKS("SES-SIGNING", "true")
def signing(case: Case) -> Said:
    """SES-SIGNING: DKIM signing is switched on.

    GetEmailIdentity says so in DkimAttributes.SigningEnabled. With signing off, a switched selector would sign nothing.

    Remedy: Settle what SES-EXISTS says, then run the same command again.
    """
    identity = case.identity()
    observed = shown(identity.signing_enabled) or "-"
    if identity.signing_enabled is not True:
        raise CheckFailed(observed, advice("SES-SIGNING.off", domain=case.seen.domain))
    return observed


@CHECKS("PLAN-CHANGE", phrase("one selector in use"))
def change(case: Case) -> Said:
    """PLAN-CHANGE: The selector in use is known.

    What stands already is never written again. SES names it in DkimAttributes.Tokens. Where SES names none, or several,
    nobody can tell what a write would replace.

    Remedy: SES shows no single selector, so this run cannot tell whether the next one stands already. Look at the s= of
    a message sent just now; if it is another selector, waive PLAN-CHANGE, BACK-RECORD and BACK-KEY with that as the
    reason.
    """
    requested = case.seen.selector
    identity = case.identity()
    if identity.signing_origin != EXTERNAL:  # which SES-ORIGIN says
        raise CheckUnknown
    if not identity.selector:
        raise CheckUnknown(shown(identity.selectors) or "[]")
    if identity.selector != requested:
        return phrase("{current} -> {next}", current=identity.selector, next=requested)
    if identity.status == GIVEN_UP:
        return phrase("{selector} is set, but SES gave up on it: written again", selector=requested)
    if rewrites(case.seen):
        return phrase("{selector} is set and not verified: written again, see PLAN-REWRITE", selector=requested)
    return phrase("{selector} is set already: nothing to write", selector=requested)


@CHECKS("PLAN-REWRITE", phrase("the run that gave SES the key, or that there is none"))
def rewrite(case: Case) -> Said:
    """PLAN-REWRITE: It is known whether an archived run gave SES the key that it has yet to verify.

    GetEmailIdentity never tells which key SES has. One that no run of this account, Region and domain gave, that was
    given before another one, or that a message contradicts may be wrong, and SES would look for it in vain for 72
    hours: it is written again. One that a run gave is waited for, unless SES had verified it since: then somebody gave
    SES another one. Where no trusted key signed that run, its word does not pass: it is waited for, with a warning.

    Remedy: Restore the damaged journal, or move a file that is none out of the archive, so that it is known whether a
    run gave SES this key. To write it again in any case, waive PLAN-REWRITE with the reason.
    """
    identity = case.identity()
    if identity.selector != case.seen.selector or identity.status not in LOOKS:
        raise CheckSkipped(phrase("SES is not looking for its key record ({status})", status=identity.status))
    case.loaded_key()
    if case.seen.failure(ARCHIVE):
        raise CheckUnknown(case.unread(ARCHIVE))
    if run := given_by(case.seen):
        if replaced(case.seen):
            return phrase(
                "run {run} gave SES this key and SES verified it; SES says {status}, so somebody gave SES "
                "another key since: written again",
                run=run,
                status=identity.status,
            )
        if case.seen.given is not None and case.seen.given.unsigned:
            unsigned = phrase(
                "run {run}, which no trusted key signed, says that it gave SES this key; SES says {status}: nothing to "
                "write",
                run=run,
                status=identity.status,
            )
            raise CheckUnknown(unsigned, advice("PLAN-REWRITE.unsigned"), Level.WARNS)
        return phrase(
            "run {run} gave SES this key, and SES says {status}: nothing to write", run=run, status=identity.status
        )
    return phrase(
        "no archived run gave SES this key, or a message contradicts it; SES says {status}: written again",
        status=identity.status,
    )
