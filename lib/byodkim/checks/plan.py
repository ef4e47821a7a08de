"""Checks of the plan: what it changes is known, nobody else applies one, and it was approved."""

from byodkim.checks.check import Failed, Skipped, Unknown, check
from byodkim.checks.identity import identity_of
from byodkim.checks.world import Observation
from byodkim.words import Sentence, _


@check("PLAN-CHANGE", _("The selector in use is known"), waivable=False)
def plan_change(seen: Observation) -> Sentence:
    """Require exactly one selector in DkimAttributes.Tokens: the outcome is read there too.

    Raises:
        Unknown: SES shows none, or several.
    """
    current, requested = identity_of(seen), seen.requested.selector
    if not current.selector:
        raise Unknown(
            _("SES shows {count} selectors", count=len(current.selectors)),
            todo=_("Ask AWS Support why. A run has to see one selector to know whether a switch "
                   "worked."),
        )  # fmt: skip
    if seen.is_switched:
        return _("SES has {selector} already", selector=requested)
    return _("{current} → {requested}", current=current.selector, requested=requested)


@check("PLAN-LOCK", _("Nobody else applies a plan to this identity now"), waivable=False)
def plan_lock(seen: Observation) -> Sentence:
    """Require this identity's lock for an apply run.

    The operating system frees it when its holder dies.

    Raises:
        Failed: somebody else holds it.
        Skipped: the run only plans.
    """
    if not seen.lock.needed:
        raise Skipped(_("A plan run needs no lock"))
    if not seen.lock.held:
        raise Failed(
            _("{holder} is applying a plan to this identity", holder=seen.lock.holder or "-"),
            todo=_("Wait until that run ends, then run again."),
        )
    return _("This run holds the lock")


@check(
    "PLAN-APPROVED",
    _("The plan is approved by as many people as the profile asks for"),
    waivable=False,
)
def plan_approved(seen: Observation) -> Sentence:
    """Require valid approvals of exactly this plan's digest by listed approvers other than the
    operator.

    Raises:
        Failed: there are too few.
        Skipped: the profile asks for none, the run only plans, or it writes nothing, as one that
            completes a switch.
    """
    needed = seen.wanted.approvals
    if not needed:
        raise Skipped(_("The profile asks for no approval"))
    if seen.wanted.mode == "plan":
        raise Skipped(_("A plan run needs no approval"))
    if not seen.plan_writes:
        raise Skipped(_("Nothing is left to write"))
    approvers = [approval.approver for approval in seen.approvals]
    if len(approvers) < needed:
        raise Failed(
            _("Plan {digest}… needs {needed} valid approvals and has {count}",
              count=len(approvers), needed=needed, digest=seen.plan_digest[:16]),
            todo=_("Plan, and have somebody else approve that plan (`byodkim approve`). If "
                   "a fact of the plan changes, it needs new approvals."),
        )  # fmt: skip
    return _("Approved by {approvers}", approvers=approvers)
