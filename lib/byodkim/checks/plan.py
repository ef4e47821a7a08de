"""Checks of the plan: what it changes is known, nobody else is at work, and it was approved."""

from __future__ import annotations

import re

from byodkim.checks.check import Failed, Passed, Skipped, Unknown, check
from byodkim.checks.facts import SELECTOR
from byodkim.checks.identity import identity_of
from byodkim.checks.world import Observation
from byodkim.words import _


@check(
    "PLAN-SELECTOR",
    _("The selector has a form that SES takes"),
    _("SES would refuse the write in the middle of the procedure."),
    waivable=False,
)
def plan_selector(seen: Observation) -> Passed:
    """Require 1 to 63 letters, digits and hyphens, with no hyphen at either end, as
    PutEmailIdentityDkimSigningAttributes does (DomainSigningSelector).

    Raises:
        Failed: it has another form.
    """
    selector = seen.requested.selector
    if not re.fullmatch(SELECTOR, selector):
        raise Failed(_("{selector}", selector=selector), todo=_("Use letters, digits and hyphens."))
    return Passed(_("{selector}", selector=selector))


@check(
    "PLAN-CHANGE",
    _("The selector in use is known"),
    _("Without it there is no way back."),
    waivable=False,
)
def plan_change(seen: Observation) -> Passed:
    """Require exactly one selector in DkimAttributes.Tokens: the outcome is read there too.

    Raises:
        Unknown: SES shows none, or several.
    """
    identity = identity_of(seen)
    if not identity.selector:
        raise Unknown(
            _("SES shows {count} selectors", count=len(identity.selectors)),
            todo=_(
                "Ask AWS why SES shows no single selector: after a switch, nothing would "
                "show it either."
            ),
        )
    if seen.is_switched:
        return Passed(_("SES has {selector} already", selector=identity.selector))
    return Passed(
        _("{current} → {requested}", current=identity.selector, requested=seen.requested.selector)
    )


@check(
    "PLAN-LOCK",
    _("Nobody else applies a plan to this identity now"),
    _("Two operators at once would overwrite each other."),
    waivable=False,
)
def plan_lock(seen: Observation) -> Passed:
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
            _("{holder} is at work", holder=seen.lock.holder or "-"),
            todo=_("Wait until that run ends, then run again."),
        )
    return Passed(_("This run holds the lock"))


@check(
    "PLAN-APPROVED",
    _("The plan is approved by as many people as the profile asks for"),
    _("A change that nobody else looked at."),
    waivable=False,
)
def plan_approved(seen: Observation) -> Passed:
    """Require valid approvals of exactly this plan's digest by listed approvers other than the
    operator.

    Raises:
        Failed: there are too few.
        Skipped: the profile asks for none, or the run only plans.
    """
    needed = seen.wanted.approvals
    if not needed:
        raise Skipped(_("The profile asks for no approval"))
    if seen.wanted.mode == "plan":
        raise Skipped(_("A plan run is what gets approved"))
    approvers = [approval.approver for approval in seen.approvals]
    if len(approvers) < needed:
        raise Failed(
            _("{count} of {needed} approvals of plan {digest}…",
              count=len(approvers), needed=needed, digest=seen.plan_digest[:16]),
            todo=_("Make a plan run and have it approved (`byodkim approve`). An approval "
                   "fits only while everything that the plan relies on is unchanged."),
        )  # fmt: skip
    return Passed(_("Approved by {approvers}", approvers=approvers))
