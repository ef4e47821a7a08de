"""Words of retire: of its record."""

from __future__ import annotations

from typing import Final

from second_edition.messages import Plural

TEXTS: Final[dict[str, str | Plural]] = {
    "untouched": "Nothing was written: neither to DNS, nor to the key store, nor to SES.",
    "written": "A write was begun, to DNS or to the key store; SES was not touched, and signs with another selector.",
    # the verdict
    "advice.now": "Retire now: {selector} of {domain} has been out of use since {since}, and no mail needs it any more",
    "advice.waived": "Retire now: {selector} of {domain}, with what was waived ({ids}); without that it would be safe on {at}",
    "advice.later": "Safe on {at}: {selector} of {domain}; the switch away was verified at {since}, and {days} days, a TTL of {seconds} s and 5 minutes must pass",
    "advice.later.unknown": "Safe on {at}: {selector} of {domain}; no run that a trusted key signed says of every identity whether SES ever signed with it there, or until when, so {days} days, a TTL of {seconds} s and 5 minutes count from {since}, when a run first saw it out of use",
    "advice.keep": "Keep {selector} of {domain}: {id} has not passed; it asks whether {claim}",
    # what the run came to
    "came.PLANNED": "Plan only: nothing was written. {selector} of {domain} would be retired",
    "came.TO-ASK": "Retire now: {selector} of {domain}. Its key record goes first, by a request; nothing was written",
    "came.ASKED": "The request to withdraw the key record of {selector} of {domain} lies beside this record; nothing was written",
    "came.REFUSED": "{selector} of {domain} was not retired; nothing was written",
    "came.RETIRED": "{selector} of {domain} is retired",
    "came.UNCHANGED": "{selector} of {domain} is retired; this run had nothing to write",
    "came.FAILED": "The retirement of {selector} of {domain} is not complete",
    "meaning.asked": "Every check that blocks has passed or was waived. When every authoritative server serves the record as asked, the same command does the rest. Plan digest {digest}.",
    "meaning.keep": "In this domain no authoritative server serves its key any more. Its private key is kept, as the profile has it (retire_key).",
    "meaning.delete": "In this domain no authoritative server serves its key any more, and no version of the key object holds it. Copies elsewhere (replicas, backups), and other domains that sign with it, are not known here.",
    "meaning.expire": "In this domain no authoritative server serves its key any more. The key object is hidden by a delete marker; its versions stay, and can be read by their ids, until a lifecycle rule of the bucket removes them.",
    "meaning.cached": "Caches may hold its key record for {seconds} s from the write: a signature by this key verifies there until then.",
    "meaning.secret": "The secret {secret} still names the selector, with its public key only; it was not touched.",
    # next
    "next.rehearsal": "Rehearsal: give {file} to nobody. Publish it in the rehearsal's own DNS, then run this:",
    "next.asked": "Give {file} to the DNS team. When it is done, run this: it looks at every server, and does the rest.",
    "next.later": "Keep the key record as it is until {at}; then look again:",
    # state
    "told-by.archive": "the archive, run {run}",
    "told-by.seen": "the archive, run {run}",
    "told-by.sandbox": "the sandbox's scenario",
    "told-by.now": "nothing yet: the time starts with this run",
    "policy.by.revoke": "is revoked: empty p=",
    "policy.by.remove": "is removed",
    "policy.key": "private key",
    "policy.key.keep": "is kept",
    "policy.key.delete": "every version that holds it is deleted for good",
    "policy.key.expire": "a delete marker hides it; versions stay until a lifecycle rule removes them",
    "reports.read": Plural(
        "{folder}: {count} report read, {unread} not.", "{folder}: {count} reports read, {unread} files not."
    ),
    # plan and writes
    "plan.writes": "These writes would be made in this order, each once; the private key is touched only when no server serves the key record.",
    "plan.nothing": "There is nothing to write: key record and private key are as they are to be.",
    "plan.asked.revoke": "Nothing is written from here. A request says how to revoke the key record (empty p=).",
    "plan.asked.remove": "Nothing is written from here. A request says how to remove the key record.",
    "apply.asked": "Nothing was written: the key record goes first, by the request. The private key stays until no server serves the record.",
    "write.REVOKE": "the key record stays, its p= is empty: revoked",
    "write.REMOVE": "the key record is removed",
    "write.DELETE": "this version is deleted for good: nobody can bring it back",
    "write.EXPIRE": "a delete marker: the object is hidden, its versions stay. Without versioning it is deleted for good",
    "write.not-applied": "{operation} at {target} was not applied ({code}); what stands there: {found}.",
    "write.not-known": "{operation} at {target} had no clear answer ({code}), and could not be read back ({found}).",
    "write.means": "The key record of {selector} is withdrawn at every server; its private key may still be there. SES was not touched.",
    "slow": "Not every authoritative server serves {name} as it is to be yet.",
    "slow.means": "The zone holds it; the private key of {selector} was not touched, and neither were the secret and SES.",
    "erased": "Private key",
    # proof and request
    "proof.none": "What is left was not checked: that comes after the writes.",
    "proof.holds": "Read back: no authoritative server serves its key record, the private key is as the profile has it, and SES signs with a selector that is proved.",
    "proof.breaks": "Read back, it is not as it is to be.",
    "unproved": "The selector could not be shown to be retired.",
    "unproved.means": "SES was not touched.",
    "unproved.todo": "Run the same command again and look at the checks.",
    "hand.revoke": "The request puts this in the place of the key record:",
    "hand.remove": "The request removes this record:",
    # timeline
    "event.erasing": "intent to write to the key store, on disk",
    "event.erased": "answer of that write, on disk",
    "event.gone": "what stands after it, read back",
    "event.requested": "request to withdraw the key record, on disk",
    # answers
    "changed.ses": "SES and the secret were not touched",
    "changed.revoke": "key record {target} revoked",
    "changed.remove": "key record {target} removed",
    "changed.DELETE": "deleted for good: {target}",
    "changed.EXPIRE": "delete marker put on {target}",
    "changed.perhaps": "perhaps written: {target}",
    "safe.proved": "yes: every check that blocks passed before the write, and it was read back; SES signs with a selector that is proved",
    "safe.read-back": "what was written was read back; SES signs with a selector that is proved",
    "safe.unproved": "every check that blocks passed or was waived before the write; that all is as it is to be is not proved",
    "finished.ASKED": "no: once the key record is withdrawn by the request, the same command does the rest",
    "finished.RETIRED": "yes",
    "back.keep": "its private key is kept: have its key record published again, then rotate to it with a waiver of KEY-RETIRED",
    "back.delete": "there is no rollback to this selector: its private key is gone; rotate goes to another one",
    "back.expire": "remove the delete marker and publish its key record again, as long as the bucket keeps the version",
}
