"""Where the run acts: account, Region, clock."""

from __future__ import annotations

from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckUnknown, Compared, phrase, verbatim
from byodkim.rotation.timing import MAX_CLOCK_SKEW


@CHECKS("SES-ACCOUNT", waivable=False)
def account(case: Case) -> Compared:
    """SES-ACCOUNT: the credentials belong to the account that the profile names.

    STS GetCallerIdentity is asked through the session that also makes the write, and names the account of its
    credentials; the number it is held against was written into the profile by a person.
    """
    if not case.expected.account:
        observed = verbatim(case.seen.caller.account) if case.seen.caller else case.unread("caller")
        raise CheckFailed(phrase("account-in-profile"), observed, "SES-ACCOUNT.unnamed")
    expected = verbatim(case.expected.account)
    if case.seen.caller is None:
        raise CheckUnknown(expected, case.unread("caller"))
    observed = verbatim(case.seen.caller.account)
    if observed != expected:
        raise CheckFailed(expected, observed)
    return Compared(expected, observed)


@CHECKS("SES-REGION", waivable=False)
def region(case: Case) -> Compared:
    """SES-REGION: the run acts in the Region that the profile names.

    The Region is the one that the clients of the custodian were made for, the one of the write included.
    """
    if not case.expected.region:
        observed = verbatim(case.seen.caller.region) if case.seen.caller else case.unread("caller")
        raise CheckFailed(phrase("region-in-profile"), observed, "SES-REGION.unnamed")
    expected = verbatim(case.expected.region)
    if case.seen.caller is None:
        raise CheckUnknown(expected, case.unread("caller"))
    observed = verbatim(case.seen.caller.region)
    if observed != expected:
        raise CheckFailed(expected, observed)
    return Compared(expected, observed)


@CHECKS("TIME-CLOCK")
def clock(case: Case) -> Compared:
    """TIME-CLOCK: this machine's clock and AWS's are at most five minutes apart.

    The Date header of AWS's own answers is held against this machine's time. Everything that is waited for and written
    down goes by this clock, and AWS refuses requests that were signed more than five minutes off.
    """
    expected = phrase("skew-at-most", minutes=int(MAX_CLOCK_SKEW.total_seconds() // 60))
    if case.seen.caller is None or case.seen.caller.clock_skew_s is None:
        raise CheckUnknown(expected, case.unread("caller"))
    observed = phrase("skew", seconds=round(case.seen.caller.clock_skew_s))
    if abs(case.seen.caller.clock_skew_s) > MAX_CLOCK_SKEW.total_seconds():
        raise CheckFailed(expected, observed)
    return Compared(expected, observed)
