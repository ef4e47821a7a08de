"""Words of rotate: what an early end means, and of a run that goes back by itself."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "untouched": "SES was not touched.",
    "written": "The write to SES was begun: it has either the current or the next selector.",
    "why.time": "{hours} h after SES was given {selector}, it had not verified it",
    "why.given-up": "SES has given up on {selector} (status FAILED)",
    "done": "{why}, so {left} was written again, as the profile asks.",
    "means": "Mail is signed with {left} as soon as SES has verified it; from the switch until then it may have gone out unsigned.",
    "todo": "See why the key record of {selector} was not found, then run again.",
    "not.unproved": "{why}, and no record proves a selector to go back to ({left}).",
    "not.untold": "{why}. It does not go back to {left} by itself: no run that a trusted key signed saw that at work.",
    "not.refused": "{why}, and {left} was not written again: {ids} would refuse a rollback.",
    "not.record": "{why}, and {left} was not written again: its key record is no longer served everywhere.",
    "not.unclear": "{why}; the write of {left} had no clear answer ({code}), and SES does not show it.",
    "not.unclear.todo": "Roll back as the record says: where SES has {left} by then, that run writes nothing.",
    "not.refused-write": "{why}, and SES refused the write of {left} ({code}).",
    "not.unseen": "{why}; {left} was written again, and SES does not show it.",
    "not.unseen.todo": "Roll back as the record says: where SES shows {left} by then, that run writes nothing.",
    "not.means": "Mail may go out unsigned; keep the key records of both selectors published.",
    "not.todo": "Publish the key record of {selector} everywhere and run again, or roll back as the record says.",
    "unsigned": "{why}; {left} was written again, and SES signs no mail with it (signing origin {origin}, signing enabled {signing}).",
    "unsigned.means": "SES does not sign mail of this domain with your key.",
    "signing-off.todo": "Find out who turned DKIM signing off, and turn it on (aws sesv2 put-email-identity-dkim-attributes --email-identity {domain} --signing-enabled). Then make a plan run of {left}: it says what SES has.",
}
