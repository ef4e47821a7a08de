"""The checks of a campaign, before it begins: whose plan it carries out, and who agreed to that.

What speaks for or against an identity is checked by its own run.
"""

from __future__ import annotations

from typing import Final

from second_edition.rotation.approval import Approval, Presented
from second_edition.rotation.checks.approval import APPROVED, enough, in_force, needed, of_campaign, unchanged, unsound
from second_edition.rotation.checks.case import CHECKS, Case
from second_edition.rotation.findings import CheckFailed, CheckSkipped, CheckUnknown, Registry, Said, advice, phrase
from second_edition.rotation.fleet_plan import FleetPlan
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.rehearsal import Rehearsal, acts, moved

BEFORE, AFTER = Registry(), Registry()
#: Why the record of a rehearsal proves none.
UNSOUND: Final = {
    "altered": phrase("the record of run {run} was altered after it was written"),
    "edited": phrase("the twin of run {run} is not what byodkim twin makes of its plan run"),
    "missing": phrase("no trusted key signed the plan run that the twin of run {run} was made from, or it is gone"),
    "unsealed": phrase("the record of run {run} has no seal by a key that is trusted"),
}
UNASKED: Final = phrase("no rehearsal is required")
#: Why there is no plan to carry out.
PLANLESS: Final = {
    "unnamed": phrase("the parameter approved names no plan run"),
    "absent": phrase("no run {run} in this archive"),
    "other": phrase("run {run} is no finished plan of a campaign"),
    "unsealed": phrase("run {run} is not as a key that is trusted has signed it, or nobody has signed it"),
    "altered": phrase("the files of run {run} are not those that its journal names"),
    "settings": phrase("run {run} was planned with other values of {names}"),
}


class FleetCase(Case, frozen=True, kw_only=True):
    """A campaign that is about to be carried out. Of the world, who acts was seen, and when.

    Attributes:
        planned: id of the plan run that was named.
        plan: its plan; ``None`` where there is none.
        defect: "" or why there is none: ``unnamed``, ``absent``, ``unsealed``, ``other``, ``altered``, ``settings``.
        names: the parameters whose values are not those of the plan.
        approvals: what was given as such; ``required``: how many the profile asks for.
        rehearsals: domain and rehearsal of each identity that needs one; ``None`` where none is required.
    """

    planned: str = ""
    plan: FleetPlan | None = None
    defect: str = ""
    names: tuple[str, ...] = ()
    required: int = 0
    approvals: tuple[Presented, ...] = ()
    rehearsals: tuple[tuple[str, Rehearsal], ...] | None = None


@BEFORE("FLEET-PLAN", phrase("the plan of a campaign, as it was shown"), waivable=False)
def plan(case: FleetCase) -> Said:
    """FLEET-PLAN: What the campaign carries out is the plan that a plan run showed, unaltered, with the same pace.

    The run's journal came to its end and is signed by a key of ``sealing_keys``, this user's own, or the one that seals
    now; the plan's file has the SHA-256 that the journal names; the tree hash over the plans in it is made anew and is
    the one that was shown.

    Remedy: Make a plan run (byodkim fleet without -p mode apply), then apply with -r approved and that run's id.
    """
    if case.applying is None:
        raise CheckSkipped(phrase("plan only: not asked for yet"))
    if case.plan is None or case.defect:
        observed = PLANLESS[case.defect].given(run=case.planned, names=", ".join(case.names))
        raise CheckFailed(observed, advice("FLEET-PLAN.unsealed") if case.defect == "unsealed" else None)
    return phrase("plan {digest} of run {run}", digest=case.plan.digest, run=case.planned)


@BEFORE("FLEET-APPROVED", lambda case: needed(case.required), waivable=False)
def approved(case: FleetCase) -> Said:
    """FLEET-APPROVED: The campaign's plan was approved by as many people as the profile asks for.

    Each is an Ed25519 signature over the digest of the campaign's plan: the tree hash over the plans of all identities,
    and the pace. Each identity's run looks at the approvals once more, with the proof that its plan is in the tree.
    They name the campaign's plan run: another campaign of the same identities needs its own. They must be in force
    when the campaign begins, and stay so until it is completed, by however many runs.

    Remedy: Have the plan run's record approved (byodkim approve RECORD.ipynb); its one approval covers every identity
    in it.
    """
    if case.applying is None:
        raise CheckSkipped(phrase("plan only: not asked for yet"))
    if case.plan is None:
        raise CheckUnknown
    if not case.required and not case.approvals:
        raise CheckSkipped(phrase("no approval is required"))
    approvals = [_sound(one, case.plan, case.planned) for one in case.approvals]
    for presented in case.approvals:
        in_force(presented, case.applying.terms, begins=True)
    return enough(approvals, case.required)


@BEFORE("FLEET-REHEARSED", phrase("each identity switched on a twin of what stands now"), waivable=False)
def rehearsed(case: FleetCase) -> Said:
    """FLEET-REHEARSED: Each identity that needs a rehearsal was switched on a twin of it as it stands now.

    An identity of the canary waves needs one where the section that its row goes by, or the campaign's own, says
    ``rehearsal = "canary"``; a rollback needs none. Of each the newest apply run on a twin counts, if it ended
    SWITCHED, and if its record and that of the plan run that the twin was made of are sealed by a trusted key and
    unaltered. It must have made the plan's writes, but for the twin's own keys and versions, and what the twin's plan
    relies on must be what the identity's plan in the campaign's relies on. Its own run writes only while that is still
    its plan. A plan run says what stands against it, and is not refused.

    Remedy: Start byodkim twin with the record of the campaign's plan run, and give the two commands that it prints.
    """
    if case.plan is None and case.applying is not None:
        raise CheckUnknown
    if case.rehearsals is None:
        raise CheckSkipped(UNASKED)
    against = dict[str, CheckFailed]()
    for domain, found in case.rehearsals:
        try:
            _judge(found)
        except CheckFailed as failed:
            against[domain] = failed
    counts = {"count": len(case.rehearsals) - len(against), "all": len(case.rehearsals)}
    for domain, one in against.items():
        said = phrase("rehearsed: {count} of {all}. {domain}: {found}", **counts, domain=domain, found=one.observed)
        raise (CheckSkipped if case.applying is None else type(one))(said)
    return phrase("rehearsed: {count} of {all}", **counts)


def _judge(rehearsal: Rehearsal) -> None:
    """Hold a rehearsal against the plan that is to be carried out.

    Raises:
        CheckFailed: there is none, it proves nothing, it did not switch, or it was of other writes or another state.
        CheckUnknown: its record could not be read.
    """
    plan, tried = rehearsal.plan, rehearsal.tried
    if tried is None:
        raise CheckFailed(phrase("no rehearsal in the archive"))
    if tried.defect == "unread":
        raise CheckUnknown(phrase("the record of run {run} could not be read", run=tried.run))
    if tried.defect:
        raise CheckFailed(UNSOUND[tried.defect].given(run=tried.run))
    if tried.outcome != Outcome.SWITCHED:
        raise CheckFailed(phrase("run {run} ended {outcome}", run=tried.run, outcome=tried.outcome or "-"))
    made, planned = acts(tried.carried), acts(plan)
    if made != planned:
        values = {"made": "; ".join(made) or "-", "planned": "; ".join(planned)}
        raise CheckFailed(
            phrase("run {run} made other writes ({made}) than planned ({planned})", run=tried.run, **values)
        )
    facts = ", ".join(fact for fact, _, _ in moved(tried, plan)) or ("plan" if tried.plan is None else "")
    if facts:
        said = phrase("run {run} rehearsed another state; changed since: {facts}", run=tried.run, facts=facts)
        raise CheckFailed(said)


def _sound(presented: Presented, plan: FleetPlan, planned: str) -> Approval:
    approval = presented.approval
    if approval is None or not approval.of_campaign:
        raise unsound(presented)
    of_campaign(approval, planned)
    unchanged(approval.plan, plan, APPROVED, name=approval.approver)
    return approval


BEFORE.share(CHECKS, "TIME-CLOCK", "PLAN-LOCK", "RECORD-SEALED", "RECORD-COPIED")
