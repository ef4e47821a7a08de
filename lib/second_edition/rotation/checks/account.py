"""Check where the run acts: account, Region, clock."""

from __future__ import annotations

from datetime import timedelta

from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.findings import CheckFailed, Phrase, Said, advice, held, phrase
from second_edition.rotation.timing import MAX_CLOCK_SKEW

MINUTE = timedelta(minutes=1)


@CHECKS("SES-ACCOUNT", lambda case: case.expected.account, waivable=False)
def account(case: Case) -> Said:
    """SES-ACCOUNT: The credentials belong to the account that the profile names.

    STS GetCallerIdentity is asked through the session that also makes the write, and names the account of its
    credentials; the number it is held against was written into the profile by a person.

    Remedy: Sign in to the account that the profile names, or choose the profile of this account.
    """
    return _where(case, "account", phrase("the profile names an account"))


@CHECKS("SES-REGION", lambda case: case.expected.region, waivable=False)
def region(case: Case) -> Said:
    """SES-REGION: The run acts in the Region that the profile names.

    The Region is the one that the clients of the custodian were made for, the one of the write included.

    Remedy: Choose the profile of this Region, or take -p region out.
    """
    return _where(case, "region", phrase("the profile or -p region names a Region"))


def _where(case: Case, name: str, named: Phrase) -> Said:
    """Return the account or Region of the caller, which the profile must name and must be that one."""
    seen = getattr(case.seen.caller, name) if case.seen.caller else case.unread("caller")
    wanted = getattr(case.expected, name)
    if not wanted:
        raise CheckFailed(seen, advice(f"SES-{name.upper()}.unnamed"), expected=named)
    if case.seen.caller is None:
        raise case.unknown("caller")
    return held(seen, seen == wanted)


@CHECKS("TIME-CLOCK", phrase("at most {minutes} minutes apart", minutes=MAX_CLOCK_SKEW // MINUTE))
def clock(case: Case) -> Said:
    """TIME-CLOCK: This clock and AWS's are at most five minutes apart.

    The Date header of AWS's own answers is held against this machine's time. Everything that is waited for and written
    down goes by this clock, and AWS refuses requests that were signed more than five minutes off.

    Remedy: Set this machine's clock (NTP): the times in the record would be wrong and AWS refuses signatures. In a
    rehearsal it is the sandbox's clock that was moved meanwhile: run again.
    """
    if case.seen.caller is None or case.seen.caller.clock_skew_s is None:
        raise case.unknown("caller")
    observed = phrase("{seconds} s apart", seconds=round(case.seen.caller.clock_skew_s))
    return held(observed, timedelta(seconds=abs(case.seen.caller.clock_skew_s)) <= MAX_CLOCK_SKEW)
