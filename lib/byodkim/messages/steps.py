"""Hold what steps say when they cannot go on."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "untouched": "SES was not touched.",
    "untouched.store": "Nothing was written: neither to S3, nor to the secret, nor to SES.",
    "untouched.retire": "Nothing was written: neither to DNS, nor to the key store, nor to SES.",
    "written.fleet": "Runs of identities were begun: what each came to, and what SES has, stands in its own record.",
    "written.retire": "A write was begun, to DNS or to the key store; SES was not touched, and signs with another selector.",
    "written.store": "A write to the key store was begun; SES was not touched, and nothing uses what was stored.",
    "again": "Run the same command again, with another output path: it looks first and does only what is missing.",
    "order": "The steps go in order: next is {stage}, and {called} was called. Run the cells from the top.",
    "ended": "The run {run} has ended. Run the cells from the top for another one.",
    "refused": "{id} failed: {claim}. Expected: {expected}. Seen: {seen}.{also}",
    "refused.also.FAIL": " Also failed: {names}.",
    "refused.also.UNKNOWN": " Could not be checked either: {names}.",
    "identity-gone": "SES knows no identity {domain} any more.",
    "identity-gone.todo": "Find out who deleted it: mail from this domain cannot be sent. Create and verify it again, then run a plan.",
    "lock-lost": "The identity's lock was taken from this run before it wrote anything.",
    "foreign-cell": "The cell that was executed as number {number} is none of {procedure}.ipynb, so nothing is applied.",
    "foreign-cell.todo": "Explore in a plan run. To apply, restart the kernel and run the cells of notebooks/{procedure}.ipynb alone.",
    "no-room": "The folder of the record, {folder}, does not take a file of {room} KB ({reason}).",
    "landing": "The write of run {run} had no clear answer and may still land until {until}.",
    "landing.means": "This run wrote nothing. Until then that write may still take effect.",
    "landing.todo": "Run the same command again after {until}.",
    "open": "A write of an earlier run had no clear answer: until {until} it can reach SES and set {selector}.",
    "open.means": "This run has done its part, and SES may still change to {selector}. Keep the key records of both published.",
    "drift": "The world has changed since the plan was shown, so it was not carried out: {facts}.",
    "drift.todo": "Run again and look at the plan anew.",
    "write.not-applied": "SES did not take the write ({code}): read back, it still has {current}.",
    "write.not-applied.means": "Mail is signed as before.",
    "write.not-applied-yet": "SES has not taken the write within {seconds} s: it had no clear answer ({code}), and read back, SES still has {current}.",
    "write.not-applied-yet.means": "That is not final: until {until} the request can still reach SES and set {next}, so keep the key records of both published.",
    "write.not-told": "The write to SES had no clear answer ({code}), and within {seconds} s SES has not verified {next}: its status is {status}, as it may have been before.",
    "write.not-told.means": "SES has either the key that it had or the one asked for. Until it has verified one, mail may go out unsigned.",
    "write.not-told.todo": "Run the same command again: it reads SES first, and writes the key again if SES has not verified it by then.",
    "write.refused": "The write to SES was refused ({code}), and SES could not be read back.",
    "write.refused.means": "A refused write changes nothing: mail is signed as before, with {current}.",
    "write.not-known": "The write to SES had no clear answer ({code}), and SES could not be read back.",
    "write.not-known.means": "SES has either {current} or {next}; keep the key records of both published.",
    "write.declined.todo": (
        "SES refuses this write in the same way until its cause is mended. See in the SES API reference what {code} means here, "
        "and that the identity exists and its key object is the RSA key that SES takes (1024 to 2048 bits, PKCS#1 or PKCS#8). "
        "Then plan anew."
    ),
    "write.todo": "Run the same command again: it reads SES first, says which selector it has, and goes on from there.",
    "write.denied.todo": (
        "Have ses:PutEmailIdentityDkimSigningAttributes allowed on this identity for the role in use, then run the "
        "same command again. Until then it is refused in the same way."
    ),
    "not-in-use": "SES shows {seen} where {selector} was expected.",
    "signing-off": "DKIM signing is off for {domain}. SES has {selector} (status {status}), and signs no mail with it.",
    "signing-off.means": "Mail of this domain goes out without its DKIM signature.",
    "signing-off.todo": (
        "Find out who turned it off, turn it on (aws sesv2 put-email-identity-dkim-attributes --email-identity {domain} "
        "--signing-enabled), then run the same command again."
    ),
    "origin-other": "SES does not sign {domain} with your key: its signing origin is {origin}, not EXTERNAL.",
    "origin-other.means": "Mail of this domain does not carry a signature with {selector}.",
    "origin-other.todo": "Find out who changed the signing origin, and whether they meant to, before anything is written again.",
    "given-up": "SES has given up on {selector}: its status is FAILED. SES does that when it has not found the key record for 72 hours.",
    "given-up.means": "Mail of this domain goes out unsigned, and sending may stop where DKIM is the domain's only verification.",
    "given-up.todo": "See that the key record is published, then run the same command again: it writes the selector once more.",
    "read.means": "After the write, SES was last seen with {seen} (status {status}, signing enabled {signing}, origin {origin}).",
    "written.means": "The write to SES was begun: it has either the current or the next selector.",
    "unread": "SES could not be read ({code}); it was tried for {minutes} min.",
    "unread.written": "SES took the write and has {selector}; whether it has verified it is not known. Keep the key records of both selectors published.",
    "unread.todo": "See that the credentials have not expired and that AWS can be reached, then run the same command again: it reads SES first and goes on from there.",
    "overruled": "Somebody set SES to {seen} while this run waited (seen at {at}).",
    "overruled.means": "Mail is signed as SES says of {seen}: {status}.",
    "overruled.unsigned": "SES does not sign mail of this domain with your key.",
    "overruled.todo": (
        "There is nothing to roll back. Find out who did it, and why, before you run this again: "
        "the same command would write {selector} once more."
    ),
    "ran-out": "SES has not verified {selector} within {minutes} min; its status is {status}.",
    "ran-out.means": "Until it does, mail of this domain may go out unsigned.",
    "ran-out.todo": (
        "See that the key record is published, then run the same command again: it writes nothing twice and completes "
        "the record; or go back as the record says."
    ),
    "ran-out.stale.todo": (
        "FAILED is the status of before the write. See that the key record is published, then run the same command again: "
        "if SES still shows FAILED, it writes the selector once more; or go back as the record says."
    ),
    "interrupted": "The run was interrupted, by hand or with the program that ran it.",
    "unforeseen": "Something happened that this procedure does not foresee ({type}).",
}
