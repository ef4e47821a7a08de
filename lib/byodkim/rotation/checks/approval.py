"""Check who agreed to the plan that is about to be applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from byodkim.rotation.approval import Approval, Presented, Terms
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Compared, Said, phrase
from byodkim.rotation.fleet_plan import Membership
from byodkim.rotation.plan import Plan, drift

LOOK_AGAIN: Final = phrase(
    "Look at what has changed. Where it is as it should be, make a plan run again and have it approved anew."
)
MEMBER: Final = phrase("a plan that is among those of the campaign")
NO_MEMBER: Final = phrase("no proof that it is among those whose digest was approved")
GOOD_ONLY: Final = phrase(
    "Name only the good approvals (-r approved FILE,FILE), or move that file away: a run's id takes every "
    "approval beside its record. Find out where it came from; approvers and their keys stand in byodkim.toml."
)
RENEW: Final = phrase(
    "Make a plan run and have it approved anew: an approval serves one run that writes, within "
    "approvals_valid_days of byodkim.toml."
)
#: Why a file is no approval.
UNSOUND: Final = {
    "absent": phrase("no file {file}"),
    "unread": phrase("{file} could not be read"),
    "malformed": phrase("{file} is no approval"),
    "unknown-key": phrase("{file}: signed by no approver's key"),
    "forged": phrase("{file}: its signature does not verify"),
}


@CHECKS(
    "PLAN-APPROVED",
    "Have the record of a plan run approved (byodkim approve RECORD.ipynb), then apply with -r "
    "approved and that run's id.",
    waivable=False,
)
def approved(case: Case) -> Compared:
    """PLAN-APPROVED: The plan that is applied is the one that was approved, by as many people as the profile asks for.

    Each approval is another person's. Each is an Ed25519 signature over the digest of the plan, by a key that the
    profile names, one a person; the digest is made anew from what was just seen. Whatever is given as an approval must
    be one: a file that is not sound is refused even where enough others are. Of a campaign, what is signed is the tree
    hash over the plans of all its identities, with a proof that this one is among them; a run of a campaign is held to
    the plan that was shown, with or without approvals.

    An approval expires (``approvals_valid_days``), and serves one run that writes. A run whose write SES did not take
    leaves it to the run that completes it. Of a campaign, it serves the campaign of the plan run that was approved,
    each identity once; whether it has expired is judged when the campaign begins.
    """
    applying = case.applying
    if applying is None:
        raise CheckSkipped(phrase("approvals, where the profile asks for them"), phrase("plan only: not asked for yet"))
    expected = phrase("approvals needed: {count}", count=applying.required)
    if not applying.plan.writes:
        raise CheckSkipped(expected, phrase("nothing is to be written"))
    if not applying.required and not applying.approvals:
        raise CheckSkipped(expected, phrase("no approval is required"))
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
    expected = phrase("approvals needed: {count}", count=required)
    people = Counter(approval.approver for approval in approvals)
    if twice := [name for name, times in people.items() if times > 1]:
        raise CheckFailed(
            expected,
            phrase("{name} approved more than once", name=twice[0]),
            phrase("Give one approval of each person; another approver's is needed where one is missing."),
        )
    names = ", ".join(f"{approval.approver} ({approval.at})" for approval in approvals)
    observed = phrase("approvals: {names}", names=names) if names else phrase("no approval was given")
    if len(people) < required:
        raise CheckFailed(expected, observed)
    return Compared(expected, observed)


def _held(member: Membership, plan: Plan) -> None:
    """Refuse another plan than the campaign showed for this identity."""
    if member.plan.digest != plan.digest:
        raise CheckFailed(
            phrase("plan {digest}", digest=plan.digest),
            phrase(
                "the campaign showed plan {digest}. Changed since: {facts}",
                digest=member.plan.digest,
                facts=facts(member.plan, plan),
            ),
            LOOK_AGAIN,
        )
    if not member.holds:
        raise CheckFailed(
            MEMBER,
            NO_MEMBER,
            GOOD_ONLY,
        )


def _covers(approval: Approval, members: Sequence[Membership], plan: Plan) -> None:
    """Refuse the approval of a campaign in whose plan this run's is not known to be."""
    covering = [one for one in members if one.fleet.digest == approval.plan.digest and one.plan.digest == plan.digest]
    if not covering:
        raise CheckFailed(
            MEMBER,
            NO_MEMBER,
            GOOD_ONLY,
        )
    for member in covering:
        of_campaign(approval, member.planned)


def of_campaign(approval: Approval, planned: str) -> None:
    """Refuse the approval of another campaign, be its plan the same one.

    Args:
        approval: of a campaign.
        planned: id of the plan run whose campaign this is.
    """
    if approval.run != planned:
        observed = phrase(
            "{name} approved on {at} the campaign that run {other} planned, not that of run {run}",
            name=approval.approver,
            at=approval.at,
            other=approval.run,
            run=planned,
        )
        raise CheckFailed(
            phrase("approvals of the campaign that run {run} planned", run=planned),
            observed,
            RENEW,
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
    expected = phrase("approvals of the last {days} days, each for one run that writes", days=terms.valid_days)
    values = {"name": approval.approver, "at": approval.at}
    if (use := terms.used.get(presented.statement)) is not None:
        raise CheckFailed(
            expected,
            phrase(
                "{name} approved it on {at}, and run {run} used that approval up on {used}",
                **values,
                run=use.run,
                used=use.at,
            ),
            RENEW,
        )
    match terms.late(approval, begins=begins):
        case "ahead":
            now = terms.now.isoformat(timespec="seconds")
            raise CheckFailed(
                expected,
                phrase("{name}'s approval is dated {at}, which is ahead of this run ({now})", **values, now=now),
                phrase(
                    "Find out whose clock is wrong, the approver's or this machine's. Then have the plan approved anew."
                ),
            )
        case "expired":
            expires = terms.expires(approval.at).isoformat(timespec="seconds")
            observed = phrase(
                "{name} approved it on {at}, and that approval expired on {expires}", **values, expires=expires
            )
            raise CheckFailed(expected, observed, RENEW)


def _sound(presented: Presented, expected: Said) -> Approval:
    if presented.defect == "unread":
        raise CheckUnknown(expected, UNSOUND["unread"].given(file=presented.file))
    if presented.approval is None:
        raise CheckFailed(
            expected,
            UNSOUND[presented.defect].given(file=presented.file),
            GOOD_ONLY,
        )
    return presented.approval


def _same(approval: Approval, plan: Plan, case: Case) -> None:
    """Refuse an approval of something else than what is about to be done."""
    seen, caller = case.seen, case.seen.caller
    present = (seen.domain, seen.selector, caller.account if caller else "", caller.region if caller else "")
    signed = (approval.identity, approval.selector, approval.account, approval.region)
    if signed != present:
        raise CheckFailed(
            " ".join(present),
            " ".join(signed),
            phrase("Give the approval of a plan for this identity, selector, account and Region."),
        )
    if approval.plan.digest != plan.digest:
        values = {"digest": approval.plan.digest, "facts": facts(approval.plan, plan)}
        observed = phrase("{name} approved plan {digest}. Changed since: {facts}", name=approval.approver, **values)
        raise CheckFailed(
            phrase("plan {digest}", digest=plan.digest),
            observed,
            LOOK_AGAIN,
        )


def facts(shown: Plan, present: Plan) -> str:
    """Return what differs between two plans, in words."""
    return "; ".join(f"{name}: {then or '-'} -> {now or '-'}" for name, then, now in drift(shown, present))
