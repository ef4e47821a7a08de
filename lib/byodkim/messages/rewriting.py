"""What is said where a selector that SES has is written again."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "selector-unverified": "{selector} is set and not verified: written again, see PLAN-REWRITE",
    "giver-known": "the run that gave SES the key, or that there is none",
    "no-rewrite": "SES is not looking for its key record ({status})",
    "given-by": "run {run} gave SES this key, and SES says {status}: nothing to write",
    "given-by-replaced": (
        "run {run} gave SES this key and SES verified it; SES says {status}, so somebody gave SES another key since: "
        "written again"
    ),
    "given-by-none": "no archived run gave SES this key, or a message contradicts it; SES says {status}: written again",
}

CHECKS: Final[dict[str, str]] = {
    "PLAN-REWRITE": "It is known whether an archived run gave SES the key that it has yet to verify",
    "PLAN-REWRITE.todo": (
        "Restore the damaged journal, so that it is known whether a run gave SES this key. To write it again in any case, "
        "waive PLAN-REWRITE with the reason."
    ),
}

TEXTS: Final[dict[str, str]] = {
    "plan.again": "{identity} would be given {next} again: SES gave up on it, which only another write ends.",
    "plan.replaced": "{identity} would be given {next} again: SES had verified it, and somebody gave SES another key since.",
    "plan.rewrite": "{identity} would be given {next} again: SES has not verified it, and no archived run gave SES this key.",
}
