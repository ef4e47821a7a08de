"""Check who agreed to the plan that is about to be applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from second_edition.rotation.approval import Approval, Presented, Terms
from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Phrase, Said, advice, held, phrase
from second_edition.rotation.fleet_plan import Membership
from second_edition.rotation.plan import Plan, carries_out, drift

MEMBER: Final = phrase("a plan that is among those of the campaign")
NO_MEMBER: Final = phrase("no proof that it is among those whose digest was approved")
APPROVED: Final = phrase("{name} approved plan {digest}. Changed since: {facts}")
GIVEN: Final = phrase(
    "run {run}, which is not of this campaign, gave SES {selector} on {at}, after the campaign was planned"
)
PERHAPS_GIVEN: Final = phrase(
    "run {run}, which is not of this campaign, may have given SES {selector} on {at}, after the campaign was planned"
)
REPLACED: Final = phrase("SES shows {selector}: somebody has set it since run {run} of this campaign wrote, on {at}")
NEEDLESS: Final = phrase("an approval was named that is not here: there is no file {file}")
#: Why a file is no approval.
UNSOUND: Final = {
    "absent": phrase("no approval: there is no file {file}"),
    "unread": phrase("{file} could not be read"),
    "malformed": phrase("{file} is no approval"),
    "unknown-key": phrase("{file}: signed by no approver's key"),
    "forged": phrase("{file}: its signature does not verify"),
}


@CHECKS("PLAN-APPROVED", lambda case: needed(case.applying.required if case.applying else 0), waivable=False)
def approved(case: Case) -> Said:
    """PLAN-APPROVED: The plan that is applied is the one that was approved, by as many people as the profile asks for.

    Each approval is another person's. Each is an Ed25519 signature over the digest of the plan, by a key that the
    profile names, one a person; the plan is made anew from what was just seen, and a warning that has passed is no
    change. Whatever is given as an approval must be one: a file that is not sound is refused even where enough others
    are. Of a campaign, what is signed is the tree hash over the plans of all its identities, with a proof that this one
    is among them; a run of a campaign is held to the plan that was shown, with or without approvals, and is refused
    where a run of another origin wrote to SES after the campaign was planned, or SES shows another selector than a run
    of the campaign gave it: whoever did that knew more than the plan. Its place in the plan counts for the run alone
    that the campaign began: the campaign judges whether the approval has expired, and keeps to waves and pauses.

    An approval expires (``approvals_valid_days``), and serves one run that writes. A run whose write SES did not take
    leaves it to the run that completes it. Of a campaign, it serves the campaign of the plan run that was approved,
    each identity once; whether it has expired is judged when the campaign begins.

    Remedy: Have the record of a plan run approved (byodkim approve RECORD.ipynb), then apply with -r approved and that
    run's id.
    """
    applying = case.applying
    if applying is None:
        raise CheckSkipped(
            phrase("plan only: not asked for yet"), expected=phrase("approvals, where the profile asks for them")
        )
    if not applying.plan.writes:
        raise CheckSkipped(phrase("nothing is to be written"))
    if not applying.required and not applying.approvals:
        raise CheckSkipped(phrase("no approval is required"))
    members = [presented.member for presented in applying.approvals if presented.member]
    if applying.terms.unbegun:
        unbegun = phrase("run {run} of the campaign did not begin this run", run=applying.terms.unbegun)
        raise CheckFailed(unbegun, advice("PLAN-APPROVED.unbegun"), expected=phrase("a run that its campaign began"))
    for member in members:
        _not_overtaken(member, applying.terms)
        _held(member, applying.plan)
    given = [presented for presented in applying.approvals if not presented.member]
    if not applying.required and (absent := [one.file for one in given if one.defect == "absent"]):
        needless, expected = NEEDLESS.given(file=absent[0]), phrase("no approval, or one that is here")
        raise CheckFailed(needless, advice("PLAN-APPROVED.needless"), expected=expected)
    approvals = [_sound(presented) for presented in given]
    for approval in approvals:
        if approval.of_campaign:
            _covers(approval, members, applying.plan)
        else:
            _same(approval, applying.plan, case)
    for presented in given:
        in_force(presented, applying.terms)
    return enough(approvals, applying.required)


def needed(count: int) -> Phrase:
    """Return how many approvals are expected."""
    if not count:
        return phrase("no approval")
    return phrase("approvals needed: {count}", count=count)


def enough(approvals: Sequence[Approval], required: int) -> Said:
    """Return who approved, where those are as many people as are required.

    Raises:
        CheckFailed: they are not, or one of them approved twice.
    """
    people = Counter(approval.approver for approval in approvals)
    if twice := [name for name, times in people.items() if times > 1]:
        raise CheckFailed(phrase("{name} approved more than once", name=twice[0]), advice("PLAN-APPROVED.twice"))
    names = ", ".join(approval.approver for approval in approvals)
    observed = phrase("approvals: {names}", names=names) if names else phrase("no approval was given")
    return held(observed, len(people) >= required)


def _held(member: Membership, plan: Plan) -> None:
    """Refuse another plan than the campaign showed for this identity."""
    unchanged(member.plan, plan, phrase("the campaign showed plan {digest}. Changed since: {facts}"))
    if not member.holds:
        raise CheckFailed(NO_MEMBER, advice("PLAN-APPROVED.unsound"), expected=MEMBER)


def _not_overtaken(member: Membership, terms: Terms) -> None:
    """Refuse a campaign's plan where somebody else has written to SES since it was made, be all as it was then."""
    if terms.overtaken is not None:
        by = terms.overtaken
        said = REPLACED if by.own else GIVEN if by.taken else PERHAPS_GIVEN
        raise CheckFailed(
            said.given(run=by.run, selector=by.selector, at=by.at),
            advice("PLAN-APPROVED.replaced" if by.own else "PLAN-APPROVED.overtaken"),
            expected=phrase("no other run's write since run {run} planned the campaign", run=member.planned),
        )


def unchanged(shown: Plan, present: Plan, said: Phrase, **values: str) -> None:
    """Refuse a plan by which what was shown is not carried out. ``said``: what is told of that one."""
    if not carries_out(present, shown):
        facts = "; ".join(f"{name}: {then or '-'} -> {now or '-'}" for name, then, now in drift(shown, present))
        observed, expected = (
            said.given(digest=shown.digest, facts=facts, **values),
            phrase("plan {digest}", digest=present.digest),
        )
        raise CheckFailed(observed, advice("PLAN-APPROVED.changed"), expected=expected)


def _covers(approval: Approval, members: Sequence[Membership], plan: Plan) -> None:
    """Refuse the approval of a campaign in whose plan this run's is not known to be."""
    of_fleet = [one for one in members if one.fleet.digest == approval.plan.digest]
    covering = [one for one in of_fleet if carries_out(plan, one.plan)]
    if not covering:
        raise CheckFailed(NO_MEMBER, advice("PLAN-APPROVED.unsound"), expected=MEMBER)
    for member in covering:
        of_campaign(approval, member.planned)


def of_campaign(approval: Approval, planned: str) -> None:
    """Refuse the approval of another campaign, be its plan the same one.

    Args:
        approval: of a campaign.
        planned: id of the plan run whose campaign this is.
    """
    if approval.run != planned:
        values = {"name": approval.approver, "at": approval.at, "other": approval.run, "run": planned}
        raise CheckFailed(
            phrase("{name} approved on {at} the campaign that run {other} planned, not that of run {run}", **values),
            advice("PLAN-APPROVED.renew"),
            expected=phrase("approvals of the campaign that run {run} planned", run=planned),
        )


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
    values, remedy = {"name": approval.approver, "at": approval.at}, advice("PLAN-APPROVED.renew")
    late = terms.late(approval, begins=begins)
    if (use := terms.used.get(presented.statement)) is not None:
        values |= {"run": use.run, "used": use.at}
        observed = phrase("{name} approved it on {at}, and run {run} used that approval up on {used}", **values)
        if use.unsigned:
            observed = phrase(
                "{name} approved it on {at}, and run {run}, which no trusted key signed, says that it used that "
                "approval up on {used}",
                **values,
            )
            remedy = advice("PLAN-APPROVED.unsigned", run=use.run)
    elif late == "ahead":
        values["now"], remedy = terms.now.isoformat(timespec="seconds"), advice("PLAN-APPROVED.ahead")
        observed = phrase("{name}'s approval is dated {at}, which is ahead of this run ({now})", **values)
    elif late == "expired":
        values["expires"] = terms.expires(approval.at).isoformat(timespec="seconds")
        observed = phrase("{name} approved it on {at}, and that approval expired on {expires}", **values)
    else:
        return
    expected = phrase("approvals of the last {days} days, each for one run that writes", days=terms.valid_days)
    raise CheckFailed(observed, remedy, expected=expected)


def _sound(presented: Presented) -> Approval:
    if presented.defect == "unread":
        raise CheckUnknown(UNSOUND["unread"].given(file=presented.file))
    if presented.approval is None:
        raise unsound(presented)
    return presented.approval


def unsound(presented: Presented) -> CheckFailed:
    """Return why a file is no approval; where it is not there, the check's own remedy says to have one made."""
    remedy = None if presented.defect == "absent" else advice("PLAN-APPROVED.unsound")
    return CheckFailed(UNSOUND[presented.defect or "malformed"].given(file=presented.file), remedy)


def _same(approval: Approval, plan: Plan, case: Case) -> None:
    """Refuse an approval of something else than what is about to be done."""
    seen, caller = case.seen, case.seen.caller
    present = (seen.domain, seen.selector, caller.account if caller else "", caller.region if caller else "")
    signed = (approval.identity, approval.selector, approval.account, approval.region)
    if signed != present:
        raise CheckFailed(" ".join(signed), advice("PLAN-APPROVED.other"), expected=" ".join(present))
    unchanged(approval.plan, plan, APPROVED, name=approval.approver)
