"""Words of a run that goes back by itself."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "why.time": "SES has not verified {selector} {hours} h after it was written",
    "why.given-up": "SES has given up on {selector} (status FAILED)",
    "done": "{why}, so {left} was written again, as the profile asks.",
    "means": "Mail is signed with {left} as soon as SES has verified it; from the switch until then it may have gone out unsigned.",
    "todo": "See why the key record of {selector} was not found, then run again.",
    "not.unproved": "{why}, and no record proves a selector to go back to ({left}).",
    "not.refused": "{why}, and {left} was not written again: {ids} would refuse a rollback.",
    "not.record": "{why}, and {left} was not written again: its key record is no longer served everywhere.",
    "not.unclear": "{why}; {left} was written again, and SES does not show it.",
    "not.means": "Mail may go out unsigned; keep the key records of both selectors published.",
    "not.todo": "Publish the key record of {selector} everywhere and run again, or roll back as the record says.",
}
