"""Check a run's findings against what they were made of: the waivers that it was given, and the account STS named."""

from __future__ import annotations

from collections.abc import Iterator

from second_edition.events.run import Checked
from second_edition.evidence.verification_case import Finding
from second_edition.evidence.verification_run import Case
from second_edition.rotation.findings import Verdict


def findings(case: Case) -> Iterator[Finding]:
    """Yield which checks are waived that no waiver of the run names, or have passed in another account."""
    account = case.account
    begin, caller, off = account.begin, account.caller.account, dict[str, None]()
    for one in (one for event in account.all_of(Checked) for one in event.findings):
        unwaived = one.verdict is Verdict.WAIVED and one.reason != begin.waivers.get(one.id)
        elsewhere = one.id == "SES-ACCOUNT" and one.verdict is Verdict.PASS and begin.account != caller
        if unwaived or elsewhere:
            off[one.id] = None
    if off:
        yield case.tell("finding", names=", ".join(off))
