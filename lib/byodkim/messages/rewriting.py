"""Hold what is said where a selector that SES has is written again."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "plan.again": "{identity} would be given {next} again: SES gave up on it, which only another write ends.",
    "plan.replaced": "{identity} would be given {next} again: SES had verified it, and somebody gave SES another key since.",
    "plan.rewrite": "{identity} would be given {next} again: SES has not verified it, and no archived run gave SES this key.",
}
