"""Words of retire: of its record."""

from __future__ import annotations

from typing import Final

from byodkim.messages import Plural

TEXTS: Final[dict[str, str | Plural]] = {
    # the verdict
    "advice.now": "Retire now: {selector} of {domain} has been out of use since {since}, and no mail needs it any more",
    "advice.waived": "Retire now: {selector} of {domain}, with what was waived ({ids}); without that it would be safe on {at}",
    "advice.later.archive": (
        "Safe on {at}: {selector} of {domain}; the switch away was verified at {since}, and {days} days and a TTL of "
        "{seconds} s must pass"
    ),
    "advice.later.sandbox": (
        "Safe on {at}: {selector} of {domain}; the scenario says that the switch away was verified at {since}, and {days} "
        "days and a TTL of {seconds} s must pass"
    ),
    "advice.later.now": (
        "Safe on {at}: {selector} of {domain}; the archive does not tell when it was left, so that {days} days and a TTL of "
        "{seconds} s count from this run ({since})"
    ),
    "advice.later.seen": (
        "Safe on {at}: {selector} of {domain}; the archive does not tell when it was left, so that {days} days and a TTL of "
        "{seconds} s count from the first run that saw it out of use ({since})"
    ),
    "advice.keep": "Keep {selector} of {domain}: {id} does not hold ({claim})",
    # what the run came to
    "came.PLANNED": "Plan only: nothing was written. {selector} of {domain} would be retired",
    "came.TO-ASK": "Retire now: {selector} of {domain}. The DNS team is to withdraw its key record first; nothing was written",
    "came.ASKED": "Handed over: the DNS team is asked to withdraw the key record of {selector} of {domain}; nothing was written",
    "came.REFUSED": "{selector} of {domain} was not retired; nothing was written",
    "came.RETIRED": "{selector} of {domain} is retired",
    "came.UNCHANGED": "{selector} of {domain} was retired already",
    "came.FAILED": "The retirement of {selector} of {domain} is not complete: the run failed",
    "meaning.planned": "Every check that blocks has passed or was waived. Writes: {count}. Plan digest {digest}, read aloud: {words}.",
    "meaning.asked": (
        "Every check that blocks has passed or was waived. When every authoritative server serves the record as asked, the "
        "same command does the rest. Plan digest {digest}, read aloud: {words}."
    ),
    "meaning.keep": "No authoritative server serves its key any more. Its private key is kept, as the profile has it (retire_key).",
    "meaning.delete": (
        "No authoritative server serves its key any more, and no version of the key object holds it. Copies elsewhere "
        "(replicas, backups) are not known here."
    ),
    "meaning.expire": (
        "No authoritative server serves its key any more. The key object is hidden by a delete marker; its versions stay, "
        "and can be read by their ids, until a lifecycle rule of the bucket removes them."
    ),
    "meaning.secret": "The secret {secret} still names the selector, with its public key only; it was not touched.",
    "meaning.cleared": (
        "No version of the secret {secret} that has a label names the selector any more: rotate does not go back to it. A "
        "version without labels can be read by its id until Secrets Manager deletes it."
    ),
    "unfinished.untouched": "The journal holds no intent to write: neither DNS nor the key store was touched, nor the secret.",
    "unfinished.begun": (
        "A write was begun: the key record first, private key and secret only when no server serves that any more. SES was "
        "not touched, and signs with another selector. Run the same command again: it looks, and does what is missing."
    ),
    # next
    "next.again": "Run it again: it looks at what stands, and does what is missing.",
    "next.rehearsal": "Rehearsal: give {file} to nobody. Publish it in the rehearsal's own DNS, then run this:",
    "next.asked": "Give {file} to the DNS team. When it is done, run this: it looks at every server, and does the rest.",
    "next.later": "Keep the key record as it is until {at}; then look again:",
    # state
    "selector": "selector to retire",
    "in-use": "selector in use",
    "in-use.easy": "Easy DKIM: {selectors}",
    "last-active": "last seen in use",
    "left-at": "switch away verified",
    "told-by": "told by",
    "told-by.archive": "the archive, run {run}",
    "told-by.seen": "the archive, run {run}",
    "told-by.sandbox": "the sandbox's scenario",
    "told-by.now": "nothing yet: the time starts with this run",
    "safe-at": "safe from",
    "policy.by": "key record",
    "policy.by.revoke": "is revoked: empty p=",
    "policy.by.remove": "is removed",
    "policy.key": "private key",
    "policy.key.keep": "is kept",
    "policy.key.delete": "every version that holds it is deleted for good",
    "policy.key.expire": "a delete marker hides it; versions stay until a lifecycle rule removes them",
    "policy.secret": "entry in the secret",
    "policy.secret.keep": "is kept",
    "policy.secret.remove": "is removed, and with it the rollback",
    "publisher": "publisher",
    "key-known": "SHA-256 by which its key is known",
    "key-place": "its private key",
    "regions": "In every Region",
    "no-identity": "no such identity",
    "versions": "Versions of the key object",
    "versions.id": "version",
    "versions.modified": "written",
    "versions.sha256": "SHA-256 of its public key",
    "versions.latest": "newest",
    "versions.going": "is to go",
    "secret": "Versions of the secret",
    "secret.label": "label",
    "secret.names": "selectors",
    "reports": "Aggregate reports",
    "reports.read": Plural(
        "{folder}: {count} report read, {unread} not.", "{folder}: {count} reports read, {unread} files not."
    ),
    "reports.day": "until",
    "reports.reporter": "reporter",
    "reports.messages": "messages signed with it",
    # plan and writes
    "plan.writes": (
        "These writes would be made in this order, each once; private key and secret are touched only when no server serves "
        "the key."
    ),
    "plan.no-way-back": (
        "After this there is no rollback to {selector}: the secret no longer names it, and rotate takes no selector that the "
        "secret does not name."
    ),
    "plan.nothing": "There is nothing to write: record, key and secret are as they are to be.",
    "plan.asked.revoke": "Nothing is written from here: the DNS team is asked to revoke the key record (empty p=).",
    "plan.asked.remove": "Nothing is written from here: the DNS team is asked to remove the key record.",
    "plan-only": "Plan only: nothing was written. Run with mode=apply to write.",
    "apply.asked": "Nothing was written: the DNS team is asked first. The private key stays until no server serves its record.",
    "write.REVOKE": "the key record stays, its p= is empty: revoked",
    "write.REMOVE": "the key record is removed",
    "write.DELETE": "this version is deleted for good: nobody can bring it back",
    "write.EXPIRE": "a delete marker: the object is hidden, its versions stay. Without versioning it is deleted for good",
    "write.CLEAR": "a new version of the secret without the entry, not in force yet",
    "write.PROMOTE": "it comes into force; the version before it becomes the previous one",
    "write.RELEASE": "AWSPENDING is taken off it",
    "write.UNLABEL": "AWSPREVIOUS is taken off this version, which names the selector: it is deprecated",
    "write.not-applied": "{operation} at {target} was not applied ({code}); what stands there: {found}.",
    "write.not-known": "{operation} at {target} had no clear answer ({code}), and could not be read back ({found}).",
    "write.means": (
        "The key record of {selector} is withdrawn at every server; its private key, or its entry in the secret, may still be "
        "there. SES was not touched."
    ),
    "slow": "Not every authoritative server serves {name} as it is to be yet.",
    "slow.means": "The zone holds it; the private key of {selector} was not touched, and neither were the secret and SES.",
    "erased": "Private key and secret",
    # proof and request
    "proof.none": "Something is still to be done, so that there is nothing to prove.",
    "proof.holds": (
        "Read back: no authoritative server serves its key, private key and secret are as the profile has it, and SES signs "
        "with a selector that is proved."
    ),
    "proof.breaks": "Read back, it is not as it is to be.",
    "unproved": "The selector could not be shown to be retired.",
    "unproved.means": "SES was not touched.",
    "unproved.todo": "Run the same command again and look at the checks.",
    "hand.none": "Nothing is asked of the DNS team.",
    "hand.revoke": "The DNS team is asked to put this in the place of the key record:",
    "hand.remove": "The DNS team is asked to remove this record:",
    # timeline
    "event.erasing": "intent to write to key store or secret, on disk",
    "event.erased": "answer of that write, on disk",
    "event.gone": "what stands after it, read back",
    "event.requested": "DNS team asked",
    # answers
    "changed.nothing": "nothing was written",
    "changed.ses": "SES and the secret were not touched",
    "changed.ses-alone": "SES was not touched",
    "changed.CLEAR": "new version of the secret: {target}",
    "changed.PROMOTE": "put in force: {target}",
    "changed.RELEASE": "AWSPENDING taken off {target}",
    "changed.UNLABEL": "AWSPREVIOUS taken off {target}",
    "changed.revoke": "key record {target} revoked",
    "changed.remove": "key record {target} removed",
    "changed.DELETE": "deleted for good: {target}",
    "changed.EXPIRE": "delete marker put on {target}",
    "changed.perhaps": "perhaps written: {target}",
    "safe.untouched": "yes: nothing was written",
    "safe.proved": (
        "yes: every check that blocks passed or was waived before the write, and it was read back; SES signs with a selector "
        "that is proved"
    ),
    "safe.unproved": "every check that blocks passed or was waived before the write; that all is as it is to be is not proved",
    "safe.warned": "warned of: {ids}",
    "finished.PLANNED": "no: it was only planned",
    "finished.ASKED": "no: the DNS team is to withdraw the key record, then the same command does the rest",
    "finished.REFUSED": "no: it was refused before anything was written",
    "finished.RETIRED": "yes",
    "finished.UNCHANGED": "yes: it was already",
    "finished.FAILED": "no: run it again",
    "finished.none": "no: it was stopped; run it again",
    "back.nothing": "nothing to roll back",
    "back.keep": "its private key is kept: publish its key record again with byodkim publish or the DNS team",
    "back.cleared": "there is no rollback to this selector: the secret no longer names it; rotate goes to another one",
    "back.delete": "there is no rollback to this selector: its private key is gone; rotate goes to another one",
    "back.expire": "remove the delete marker and publish its key record again, as long as the bucket keeps the version",
}
