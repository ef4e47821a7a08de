"""Words of proof by a message: claims of the checks after the switch, what the record tells, and what goes wrong."""

from __future__ import annotations

from typing import Final

from second_edition.messages import Plural

TEXTS: Final[dict[str, str | Plural]] = {
    # what the record tells
    "waiting": "Messages sent: {sent}; received: {came}. They are waited for, {seconds} s at most.",
    "verdict.proved": "A real message proves it: signed with s={selector} for d={domain}, it verifies with the key record of all {servers} servers. SHA-256 of the message: {sha256}.",
    "verdict.failed": "A real message speaks against it: for s={selector} and d={domain}, {ids} failed (see below).",
    "verdict.open": "No message proves that mail is signed with s={selector} for d={domain}: see below what is lacking.",
    "verdict.pending": "Until SES has verified the selector, this is how mail goes out: the message was not signed with s={selector} for d={domain}.",
    "sent.when": "when",
    "sent.lacking": "not received",
    "when.before": "before the write",
    "when.after": "after the write",
    "when.proof": "the proof",
    "kind.next": "with the next selector",
    "kind.left": "with the selector that was left",
    "kind.unsigned": "unsigned",
    "kind.broken": "a signature that does not verify",
    "kind.unknown": "a signature that could not be verified or refuted",
    "measured": Plural(
        "Measured with {count} message, from {first} to {last}:",
        "Measured with {count} messages from {first} to {last}:",
    ),
    "measured.unsigned": "{count} unsigned, from {first} to {last}, so that mail was unsigned for at least {least} and at most {most}.",
    "measured.unsigned-open": "{count} unsigned, from {first} to {last}: for at least {least}; no signed message on both sides bounds it.",
    "measured.all": "All of them: {counts}.",
    "event.sent": "message given to SES",
    "event.received": "message received",
    "event.weighed": "message verified",
    # where it speaks against SES
    "headline": "SES says {status} for {selector}, and a real message of {domain} is not signed as it should be",
    "finished.failed": "no: a real message is not signed as it should be",
    "finished.open": "no message proves it yet",
    "safe": "no: whatever passed before the write, a real message is not signed as it should be ({kind})",
    "failed": "SES says {status} for {selector}, and a real message shows otherwise. {id} failed: {claim}. Expected: {expected}. Seen: {seen}.",
    "failed.means": "Mail of this domain may be going out unsigned or with a signature that receivers reject, now.",
    "failed.todo": "Roll back to {left} with the command under Rollback, unless you can explain this at once.",
    "failed.todo-unknown": "Go back to the selector before this one, which the identity's previous record names, unless this is explained at once.",
    "missing": "SES says {status} for {selector}, and no message proves it. {id} is open: {claim}. Expected: {expected}. Seen: {seen}.",
    "missing.means": "The outcome is what SES says; how mail is really signed was not seen.",
    # refused before the write
    "refused.too-early": "The message {file} was received before this switch: SES does not sign with {selector} yet.",
    "refused.too-early.todo": "Run without -p message; then send a message, and have a plan run verify it: byodkim rotate -r selector {selector} -p message received.eml.",
    "refused.inbox": "The inbox {place} cannot be read ({operation}: {code}), so the switch could not be proved by a message.",
    "refused.inbox.todo": "Give the role s3:ListBucket on the bucket and s3:GetObject below the prefix, and check inbox in the profile; or run with -p message none.",
    "refused.unsent": "The message before the switch could not be sent from {sender} ({operation}: {code}).",
    "refused.unsent.todo": "Give the role ses:SendEmail on the identity, and check proof_from and proof_to; or run with -p message none.",
    # wrong parameters and profiles
    "wrong.half": "The profile names only some of proof_from, proof_to and inbox: a message is sent from one, to the other, and found in the third.",
    "wrong.half.todo": "Name all three, or none.",
    "wrong.address": "{name} in the profile is not an address such as proof@example.jp.",
    "wrong.address.todo": "Write the bare address, without a name.",
    "wrong.other-domain": "proof_from in the profile is no address of {domain}: what is sent from it proves nothing of this domain's key.",
    "wrong.other-domain.todo": "Take an address of the signing domain, or below it.",
    "wrong.no-mailbox": "A message was to be sent, and the profile names no mailbox.",
    "wrong.no-mailbox.todo": "Write proof_from, proof_to and inbox into the profile, or give -p message the file of a received one.",
    "wrong.unread": "The message {path} cannot be read ({reason}).",
    "wrong.unread.todo": "Name the file of a message as it was received (.eml).",
    "wrong.too-large": "The message {path} is larger than 40 MB.",
    "wrong.too-large.todo": "Take a smaller one.",
    "wrong.no-message": "{path} is no message as it was received: it does not open with a header that has From.",
    "wrong.no-message.todo": "Save the original with its full header: in most mail programs as .eml, or under “show source”.",
}
