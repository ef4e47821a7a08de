"""Words of prepare: of its record, and of its checks."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "untouched": "Nothing was written: neither to S3, nor to the secret, nor to SES.",
    "written": "A write to the key store was begun; SES was not touched, and nothing uses what was stored.",
    # what the run came to
    "came.PLANNED": "Plan only: nothing was written. {selector} would be prepared for {domain}",
    "came.REFUSED": "{selector} was not prepared for {domain}; nothing was written",
    "came.PREPARED": "{selector} of {domain} has its key pair; its key record can be requested",
    "came.UNCHANGED": "{selector} of {domain} stood prepared already; its key record can be requested",
    "came.FAILED": "The preparation of {selector} for {domain} is not complete",
    "meaning.prepared": "Read back from S3 and from the secret, the pair is one: SHA-256 {sha256}. SES was not touched, and no mail is signed with it until rotate is run.",
    "meaning.unchanged": "Nothing had to be written. Read from S3 and from the secret, the pair is one: SHA-256 {sha256}. SES was not touched.",
    # next
    # state
    "named.given": "The selector {selector} was given.",
    "named.standing": "{selector} is the first selector in the key store that comes after the one in use (pattern {pattern}): it is taken.",
    "named.new": "{selector} is new: by the pattern {pattern} it comes after every selector that is known.",
    "named.unknown": "SES does not say which selector it signs with, so that the next one by {pattern} is not known.",
    # plan and writes
    "plan.writes": "These writes would be made in this order, each once, and none replaces what stands.",
    "plan.nothing": "There is nothing to write: the key pair stands in S3 and in the secret.",
    "write.STORE": "the private key of {selector}, RSA of 2048 bits, made in the custodian; only where nothing is (If-None-Match)",
    "write.ENTER": "a version with the entry of {selector}, every other entry kept; pending: nothing is in force yet",
    "write.PROMOTE": "that version comes into force, if the present one is still the same",
    "write.RELEASE": "AWSPENDING is taken off it again",
    "write.taken": "Another key was stored at {target} meanwhile ({found}); nothing was replaced ({code}).",
    "write.not-applied": "{operation} at {target} was not applied ({code}); found there: {found}.",
    "write.not-known": "{operation} at {target} had no clear answer ({code}), and could not be read back ({found}).",
    "means.STORE": "The secret does not name {selector}, and SES was not touched: mail is signed as before.",
    "means.ENTER": "The private key of {selector} is stored, and the secret does not name it yet. Nothing uses it; SES was not touched.",
    "means.PROMOTE": "The private key of {selector} is stored, and its entry waits in the secret as AWSPENDING: rotate refuses until it is in force. SES was not touched.",
    "means.RELEASE": "The key pair of {selector} stands in S3 and in the secret; only the label AWSPENDING is left over. SES was not touched.",
    # proof and request
    "proof.none": "The key pair was not proved: that comes once it stands.",
    "proof.breaks": "What stands is not proved to be one key pair: see the checks.",
    "unproved": "The key pair could not be shown to be one.",
    "unproved.means": "SES was not touched, and no request was written.",
    "unproved.todo": "Run the same command again and look at the checks.",
    # timeline
    "event.named": "selector named",
    "event.storing": "intent to write to the key store, on disk",
    "event.stored": "answer of that write, on disk",
    "event.settled": "what was written, read back",
    # answers
    "changed.STORE": "private key of {selector} stored at {target}",
    "changed.ENTER": "entry of {selector} written to the secret {target}",
    "changed.PROMOTE": "that version of {target} is in force",
    "changed.RELEASE": "AWSPENDING taken off",
    "changed.perhaps": "perhaps {operation} at {target}",
    "safe.proved": "yes: nothing that stood was replaced, and what was written was read back and is one key pair",
    "safe.unproved": "nothing that stood was replaced; that what was written is one key pair is not proved",
    "finished.PREPARED": "the key pair is; its key record is to be published, then rotate is to be run",
    "finished.UNCHANGED": "the key pair stood already; its key record is to be published, then rotate is to be run",
    "back.wrote": "nothing to roll back: nothing uses the new key, and what stood before stands",
}
