"""Who agreed to the plan that is about to be applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from byodkim.rotation.approval import Approval, Presented, Terms
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Compared, Phrase, phrase, verbatim
from byodkim.rotation.fleet_plan import Membership
from byodkim.rotation.plan import Plan, drift

#: By how much an approver's clock may be ahead.
AHEAD: Final = timedelta(minutes=10)


@CHECKS("PLAN-APPROVED", waivable=False)
def approved(case: Case) -> Compared:
    """PLAN-APPROVED: the very plan that is applied has as many approvals, by different people, as the profile asks for.

    Each is an Ed25519 signature over the digest of the plan, by a key that the profile names, one a person; the digest
    is made anew from what was just seen. Whatever is given as an approval must be one: a file that is not sound is
    refused even where enough others are. Of a campaign, what is signed is the tree hash over the plans of all its
    identities, with a proof that this one is among them; a run of a campaign is held to the plan that was shown, with
    or without approvals.

    An approval expires (``approvals_valid_days``), and serves one run that writes. A run whose write SES did not take
    leaves it to the run that completes it. Of a campaign, it serves the campaign of the plan run that was approved,
    each identity once; whether it has expired is judged when the campaign begins.
    """
    applying = case.applying
    if applying is None:
        raise CheckSkipped(phrase("approved-plan"), phrase("plan-only"))
    expected = phrase("approvals", count=applying.required)
    if not applying.plan.writes:
        raise CheckSkipped(expected, phrase("nothing-to-approve"))
    if not applying.required and not applying.approvals:
        raise CheckSkipped(expected, phrase("approval-not-required"))
    members = [presented.member for presented in applying.approvals if presented.member]
    for member in members:
        _held(member, applying.plan)
    given = [presented for presented in applying.approvals if not presented.member]
    approvals = [_sound(presented, expected) for presented in given]
    for approval in approvals:
        if approval.of_campaign:
            _covers(approval, members, applying.plan)
        else:
            _same(approval, applying.plan, case)
    for presented in given:
        in_force(presented, applying.terms)
    return enough(approvals, applying.required)


def enough(approvals: Sequence[Approval], required: int) -> Compared:
    """Return who approved, where those are as many people as are required.

    Raises:
        CheckFailed: they are not, or one of them approved twice.
    """
    expected = phrase("approvals", count=required)
    people = Counter(approval.approver for approval in approvals)
    if twice := [name for name, times in people.items() if times > 1]:
        raise CheckFailed(expected, phrase("approved-twice", name=twice[0]), "PLAN-APPROVED.twice")
    names = ", ".join(f"{approval.approver} ({approval.at})" for approval in approvals)
    observed = phrase("approved-by", names=names) if names else phrase("approved-by-nobody")
    if len(people) < required:
        raise CheckFailed(expected, observed)
    return Compared(expected, observed)


def _held(member: Membership, plan: Plan) -> None:
    """Refuses another plan than the campaign showed for this identity."""
    if member.plan.digest != plan.digest:
        raise CheckFailed(
            phrase("plan-digest", digest=plan.digest),
            phrase("fleet-another-plan", digest=member.plan.digest, facts=facts(member.plan, plan)),
            "PLAN-APPROVED.drift",
        )
    if not member.holds:
        raise CheckFailed(phrase("fleet-member"), phrase("fleet-no-member"), "PLAN-APPROVED.unsound")


def _covers(approval: Approval, members: Sequence[Membership], plan: Plan) -> None:
    """Refuses the approval of a campaign in whose plan this run's is not known to be."""
    covering = [one for one in members if one.fleet.digest == approval.plan.digest and one.plan.digest == plan.digest]
    if not covering:
        raise CheckFailed(phrase("fleet-member"), phrase("fleet-no-member"), "PLAN-APPROVED.unsound")
    for member in covering:
        of_campaign(approval, member.planned)


def of_campaign(approval: Approval, planned: str) -> None:
    """Refuse the approval of another campaign, be its plan the same one.

    Args:
        approval: of a campaign.
        planned: id of the plan run whose campaign this is.
    """
    if approval.run != planned:
        observed = phrase("approval-campaign", name=approval.approver, at=approval.at, other=approval.run, run=planned)
        raise CheckFailed(phrase("approval-of-campaign", run=planned), observed, "PLAN-APPROVED.renew")


def in_force(presented: Presented, terms: Terms, *, begins: bool = False) -> None:
    """Refuse an approval that is used up, has expired or is dated ahead.

    Args:
        presented: the approval.
        terms: which ones count.
        begins: a campaign is about to begin, which judges whether its approval has expired for all its runs.
    """
    approval = presented.approval
    if approval is None:
        return
    expected = phrase("approvals-in-force", days=terms.valid_days)
    told = {"name": approval.approver, "at": approval.at}
    if (use := terms.used.get(presented.statement)) is not None:
        raise CheckFailed(expected, phrase("approval-used", **told, run=use.run, used=use.at), "PLAN-APPROVED.renew")
    if approval.of_campaign and not begins:
        return
    if datetime.fromisoformat(approval.at) > terms.now + AHEAD:
        now = terms.now.isoformat(timespec="seconds")
        raise CheckFailed(expected, phrase("approval-ahead", **told, now=now), "PLAN-APPROVED.ahead")
    expires = terms.expires(approval.at)
    if expires < terms.now:
        observed = phrase("approval-expired", **told, expires=expires.isoformat(timespec="seconds"))
        raise CheckFailed(expected, observed, "PLAN-APPROVED.renew")


def _sound(presented: Presented, expected: Phrase) -> Approval:
    if presented.defect == "unread":
        raise CheckUnknown(expected, phrase("approval.unread", file=presented.file))
    if presented.approval is None:
        observed = phrase(f"approval.{presented.defect}", file=presented.file)
        raise CheckFailed(expected, observed, "PLAN-APPROVED.unsound")
    return presented.approval


def _same(approval: Approval, plan: Plan, case: Case) -> None:
    """Refuses an approval of something else than what is about to be done."""
    seen, caller = case.seen, case.seen.caller
    present = (seen.domain, seen.selector, caller.account if caller else "", caller.region if caller else "")
    signed = (approval.identity, approval.selector, approval.account, approval.region)
    if signed != present:
        raise CheckFailed(verbatim(" ".join(present)), verbatim(" ".join(signed)), "PLAN-APPROVED.another")
    if approval.plan.digest != plan.digest:
        told = {"digest": approval.plan.digest, "facts": facts(approval.plan, plan)}
        observed = phrase("approved-another-plan", name=approval.approver, **told)
        raise CheckFailed(phrase("plan-digest", digest=plan.digest), observed, "PLAN-APPROVED.drift")


def facts(shown: Plan, present: Plan) -> str:
    """Return what differs between two plans, in words."""
    return "; ".join(f"{name}: {then or '-'} -> {now or '-'}" for name, then, now in drift(shown, present))
