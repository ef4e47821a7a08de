"""Words of publish, in records and in errors."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "untouched": "DNS was not written; mail is signed and verified as before.",
    "written": "A write to DNS was begun, to the key record's name alone. SES was not touched: mail is signed and verified as before.",
    # what the run came to
    "came.PLANNED": "Plan only: nothing was written. {name} would be published",
    "came.REFUSED": "{name} was not published; nothing was written",
    "came.UNCHANGED": "{name} stood as wanted already; every authoritative server serves the key",
    "came.PUBLISHED": "{name} was written; every authoritative server serves the key",
    "came.unserved": "{name} stands in the zone as wanted; not every authoritative server was seen to serve the key",
    "came.FAILED": "The publication of {name} is not complete",
    "changed.written": "the key record {name} was written",
    "changed.perhaps": "perhaps the key record {name}: the write had no clear answer",
    "safe.proved": "yes: no other record was touched, and every authoritative server serves the key",
    "safe.unproved": "mail is signed and verified as before; not every authoritative server was seen to serve the key",
    "changed.replaced": "the TXT record that stood there was replaced, as the parameter replace says: {value}",
    "safe.replaced": "every authoritative server serves the key; who relied on the replaced record no longer finds it, and rotate does not switch before caches have forgotten it",
    "back.replaced": 'the replaced record is in this record\'s plan, under "before": put it back in the zone where somebody needs it',
    "finished.PUBLISHED": "yes: every authoritative server serves the key; the switch to the selector is another run",
    "back.wrote": "nothing signs with this key before the switch: the record can stay, or be removed from the zone",
    # refusals
    "gone": "{path} is the record of a rehearsal whose sandbox is gone with it.",
    "reset": "{record} is the record of a rehearsal in another sandbox or twin than the one that stands there now, which has other keys (a reset makes another one).",
    "reset.todo": "Make a record in this one, and use that: {command}",
    "gone.todo": "Rehearse with a standing one: byodkim sandbox.",
}
