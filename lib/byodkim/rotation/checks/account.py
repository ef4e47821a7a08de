"""Check where the run acts: account, Region, clock."""

from __future__ import annotations

from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, Compared, phrase
from byodkim.rotation.timing import MAX_CLOCK_SKEW


@CHECKS(
    "SES-ACCOUNT",
    "Sign in to the account that the profile names, or choose the profile of this account.",
    waivable=False,
)
def account(case: Case) -> Compared:
    """SES-ACCOUNT: The credentials belong to the account that the profile names.

    STS GetCallerIdentity is asked through the session that also makes the write, and names the account of its
    credentials; the number it is held against was written into the profile by a person.
    """
    if not case.expected.account:
        observed = case.seen.caller.account if case.seen.caller else case.unread("caller")
        raise CheckFailed(
            phrase("the profile names an account"),
            observed,
            phrase(
                'Write account = "<12 digits>" into this section of byodkim.toml, so that a run in another '
                "account is refused."
            ),
        )
    expected = case.expected.account
    if case.seen.caller is None:
        raise case.unknown(expected, "caller")
    observed = case.seen.caller.account
    if observed != expected:
        raise CheckFailed(expected, observed)
    return Compared(expected, observed)


@CHECKS("SES-REGION", "Choose the profile of this Region, or take -p region out.", waivable=False)
def region(case: Case) -> Compared:
    """SES-REGION: The run acts in the Region that the profile names.

    The Region is the one that the clients of the custodian were made for, the one of the write included.
    """
    if not case.expected.region:
        observed = case.seen.caller.region if case.seen.caller else case.unread("caller")
        raise CheckFailed(
            phrase("the profile or -p region names a Region"),
            observed,
            phrase('Write region = "..." into this section of byodkim.toml, or give -p region.'),
        )
    expected = case.expected.region
    if case.seen.caller is None:
        raise case.unknown(expected, "caller")
    observed = case.seen.caller.region
    if observed != expected:
        raise CheckFailed(expected, observed)
    return Compared(expected, observed)


@CHECKS(
    "TIME-CLOCK", "Set this machine's clock (NTP): the times in the record would be wrong and AWS refuses signatures."
)
def clock(case: Case) -> Compared:
    """TIME-CLOCK: This clock and AWS's are at most five minutes apart.

    The Date header of AWS's own answers is held against this machine's time. Everything that is waited for and written
    down goes by this clock, and AWS refuses requests that were signed more than five minutes off.
    """
    expected = phrase("at most {minutes} minutes apart", minutes=int(MAX_CLOCK_SKEW.total_seconds() // 60))
    if case.seen.caller is None or case.seen.caller.clock_skew_s is None:
        raise case.unknown(expected, "caller")
    observed = phrase("{seconds} s apart", seconds=round(case.seen.caller.clock_skew_s))
    if abs(case.seen.caller.clock_skew_s) > MAX_CLOCK_SKEW.total_seconds():
        raise CheckFailed(expected, observed)
    return Compared(expected, observed)
