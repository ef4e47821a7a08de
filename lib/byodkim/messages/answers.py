"""Words of the answers that a record opens with: who, when, why, what changed, was it safe, is it finished, how back."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "who": "who",
    "who.unknown": "not known: AWS was not asked, or did not say",
    "who.asked": "requested by {name}",
    "who.approved": "approved by {names}",
    "when": "when",
    "when.open": "begun {began}, last heard of {last}, never closed",
    "when.closed": "{began} to {ended}",
    "why": "why",
    "why.none": "no reason was given",
    "why.ticket": "ticket {ticket}",
    "changed": "what changed",
    "changed.nothing": "nothing: this run wrote nothing to SES",
    "changed.not": "nothing: this run wrote nothing to SES ({current} → {next} was asked for)",
    "changed.perhaps": "perhaps the selector, {current} → {next}: the write was begun and its effect is not known from this record",
    "changed.late": "not known yet: SES still has {current}, and until {until} the write can reach it and set {next}",
    "changed.overruled": "nothing that lasts: {current} → {next} was written, and somebody set SES to {seen} (seen at {at})",
    "changed.back": "an earlier run's switch was undone: selector {current} → {next}",
    "changed.field": "{field} {before} → {after}",
    "changed.else": "all else of the identity as before",
    "changed.again": "the selector {next} was given to SES again",
    "headline.signing-off": "DKIM signing is off for {domain}: its mail goes out without this signature. ",
    "headline.signing-was-off": "DKIM signing was off for {domain} before this run: its mail went out without this signature. ",
    "headline.origin-other": "SES does not sign {domain} with your key (signing origin {origin}). ",
    "outcome.REFUSED-stands": "SES has {selector} for {domain} already (status {status}); this run was refused and wrote nothing",
    "meaning.unverified-before": "SES verified it at {at}, {duration} after the write, and mail is signed since {signed}; {before}.",
    "meaning.planned-early": (
        "Every check that blocks has passed or was waived, but TIME-ACTIVATE stands against carrying it out before {until}: "
        "caches may hold what stood there before the record. Until then an apply run is refused, unless it waits "
        "(wait_dns_minutes). Plan digest {digest}, read aloud: {words}."
    ),
    "outcome.PLANNED-early": (
        "Plan only: nothing was written. {domain} would be switched to {selector}, not before {until} (TIME-ACTIVATE)"
    ),
    "meaning.stands": "SES shows {selector} as {status}: {mail}.",
    "next.apply-from": "To carry it out, not before {until} (TIME-ACTIVATE):",
    "safe": "was it safe",
    "safe.back": "every check of the rollback passed before the write",
    "safe.untouched": "yes: SES was not touched",
    "safe.signing-off": "no: SES does not sign this domain's mail with your key",
    "safe.proved": "yes: every check that blocks passed before the write, and one key pair stood at all {places} places",
    "safe.waived": "not by all checks: {ids} waived before the write (reasons above)",
    "safe.broken": "not shown: before the write one key pair was not seen at every place",
    "safe.late": "not known yet: SES still has {current} (status {status}), and until {until} the write can reach it and set {next}",
    "safe.open": "until {until} a write of an earlier run can still reach SES and set {selector}",
    "safe.unsigned": "mail unsigned for {duration} at most",
    "safe.unsigned-after": "mail unsigned for {duration} at most since the write of an earlier run",
    "safe.signed-since": "mail is signed since {at}",
    "safe.untouched-as": "this run wrote nothing to SES, which shows {selector} as {status}: {mail}",
    "mail.pending": "mail may be going out unsigned until SES has verified it",
    "mail.TEMPORARY_FAILURE": (
        "SES cannot tell at present whether its key record is there, so mail may be going out unsigned, and where that "
        "lasts, SES gives up"
    ),
    "mail.FAILED": "SES has given up on it, so mail goes out without this signature, and sending may stop",
    "before.unverified": (
        "before this run SES did not show the selector in use, {selector}, as verified (status {status}), so mail may have "
        "gone out unsigned before it too, {since}"
    ),
    "before.signing-off": "before this run DKIM signing was off, so mail went out without this signature, {since}",
    "since.unknown": "since when is not known from this record",
    "since.written": "since the write of an earlier run at {at}, if not longer",
    "safe.warned": "warnings: {ids}",
    "finished": "is it finished",
    "finished.PLANNED": "a plan only: nothing was carried out",
    "finished.REFUSED": "no: the selector was not switched",
    "finished.REFUSED-stands": "no: this run was refused and wrote nothing; SES has {selector} already (status {status})",
    "finished.UNCHANGED": "yes: there was nothing to do",
    "finished.SWITCHED": "yes: SES has verified the selector",
    "finished.SWITCHED-PENDING": "no: SES has not verified the selector yet",
    "finished.ROLLED-BACK": "yes, by a rollback: the previous selector is in use again",
    "finished.ROLLED-BACK-pending": "not yet: SES has the previous selector again and has not verified it (status {status})",
    "finished.PREPARED": "yes: the key pair is stored and proved",
    "finished.RETIRED": "yes: the selector is out of use",
    "finished.FAILED": "no: the run failed before its end",
    "finished.overruled": "no: somebody set SES to {seen} while this run waited (seen at {at})",
    "finished.open": (
        "no: until {until} a write of an earlier run, without a clear answer, can reach SES and set {selector}; run the same "
        "command again after that"
    ),
    "finished.late": "no: run the same command again, which says what SES has and goes on",
    "finished.STOPPED": "no: it was stopped before its end",
    "finished.none": "no: it was stopped; running the same command again says what SES has and goes on",
    "finished.overlap": "{selector} stays published until {until}",
    "finished.by": "SES looks until {at}",
    "back": "rollback",
    "back.nothing": "nothing to roll back",
    "back.other": "none from here while another run is at work: its record has the rollback",
    "back.late": "not known yet whether there is anything to roll back: the write can reach SES until {until}",
    "back.passes": "to {selector}, with the command below; every check of it passed at {at}",
    "back.refused": "to {selector}, once {ids} is settled (see below): a rollback would be refused as things stood at {at}",
    "back.never-worked": "not to {selector}: it was never seen verified",
    "back.unevaluated": "to {selector}: this run did not evaluate it; the plan below does",
    "back.unknown": "not known from this record: a plan run shows what SES has",
}
