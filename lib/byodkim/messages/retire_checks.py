"""Words of retire's checks: claims and remedies for the catalogue ``checks``, and what they expect and see."""

from __future__ import annotations

from typing import Final

CHECKS: Final[dict[str, str]] = {
    "SES-UNUSED": "SES signs with the selector in no Region of the profile",
    "SES-UNUSED.todo": "Switch that Region to another selector first, by rotate; or let this operator read its identity (ses:GetEmailIdentity).",
    "BACK-ACTIVE": (
        "The selector in use is verified, its key record is served everywhere, and its private key pairs with it; or Easy "
        "DKIM is verified, with its records everywhere"
    ),
    "BACK-ACTIVE.todo": "Keep this selector: it is the only way back. Complete the switch to the one in use first.",
    "KEY-KNOWN": "The selector is known by one key, which is not the key in use",
    "KEY-KNOWN.todo": (
        "Find out which key the selector had: by the key object, the secret or the archive. A record that may be another's is "
        "left where it is."
    ),
    "DNS-OWN": "At the key record's name stands the selector's own key, its revocation, or nothing",
    "DNS-OWN.todo": "Ask the DNS team what stands there; nobody else's record is touched. A server that cannot be asked may hold anything.",
    "STORE-OWN": "The key object that is to go is the selector's alone",
    "STORE-OWN.todo": (
        'Keep the key (retire_key = "keep"), or let this operator look at its versions (s3:ListBucketVersions, '
        "s3:GetObjectVersion)."
    ),
    "SECRET-OWN": "What the secret says of the selector can go, and all that it says of others stays",
    "SECRET-OWN.todo": (
        'Keep the entry (retire_secret = "keep"), or let whoever writes the secret finish first, and name the selector in '
        "use there."
    ),
    "TIME-OVERLAP": "The overlap and the longest TTL have passed since the switch away was verified",
    "TIME-OVERLAP.todo": (
        "Wait until then: mail that was signed with it is still on its way. Where the archive does not know of the switch, "
        "waive it with the reason."
    ),
    "TIME-SEEN": "No aggregate report shows a valid signature with it after mail in transit",
    "TIME-SEEN.todo": "Find who still signs with it: another account, Region or system that has its key. Or mend the folder of reports.",
    "DNS-WITHDRAWN": "Every authoritative server serves the key record as it is to be: revoked or none",
    "DNS-WITHDRAWN.todo": "Run the same command again when every server has taken the zone up.",
    "STORE-ERASED": "Nothing is left in the key store of the private key that was to go",
    "STORE-ERASED.todo": "Run the same command again: it looks at the versions, and removes what is left.",
    "SECRET-CLEARED": "No version of the secret that has a label names the selector, where its entry was to go",
    "SECRET-CLEARED.todo": "Run the same command again: it looks at the versions, and does what is missing.",
}

PHRASES: Final[dict[str, str]] = {
    "unused-anywhere": "{selector} in no Region",
    "used-in": "in use in {regions}",
    "unused-unknown": "not known: {regions}",
    "active-proved": "SUCCESS, and one key pair in the key store and at every server",
    "active-unverified": "{selector}: {status}",
    "active-is": "{selector}: SUCCESS, proved",
    "active-easy": "Easy DKIM: SUCCESS, its {count} records at every server",
    "active-easy-lacking": "Easy DKIM: {name} at {server} leads to no key of SES's",
    "one-known-key": "one key, not the one in use",
    "nothing-left": "no key is known, and none is served",
    "key-not-known": "nothing tells which key {selector} has",
    "key-in-use": "it is the key of {selector}, which is in use",
    "own-record-only": "its own key, revoked, or nothing",
    "own-counted": "servers: {total}; the key: {there}, revoked: {revoked}, none: {absent}, older copy of the zone: {stale}",
    "object-its-own": "a place of its own",
    "key-is-kept": "the key is kept",
    "object-place-unknown": "where the key is, is not known",
    "object-shared": "{place} is the place of {selectors} too",
    "object-versions": "{place}: versions to go: {count}",
    "overlap-passed": "{days} days and {seconds} s after the switch",
    "overlap-until.archive": "not before {until}; the switch away was verified at {since}",
    "overlap-until.sandbox": "not before {until}; by the scenario the switch away was verified at {since}",
    "overlap-until.now": "not before {until}; no earlier run saw it out of use, so that the time starts now ({since})",
    "overlap-since": "passed at {until} (since {since})",
    "not-seen-since": "no signature since {since}",
    "reports-none": "no reports are read",
    "reports-unread": "not read: {names}",
    "reports-read": "reports read: {count}",
    "seen-until": "{count} messages, last until {until} ({names})",
    "entry-goes-alone": "its entry alone goes, or none is there",
    "entry-is-kept": "the entry is kept",
    "entry-named": "named in {stages}",
    "entry-named-nowhere": "named in no version",
    "entry-nowhere": "no version names it",
    "entry-rotating": "another version is pending: AWSPENDING {version}",
    "entry-unclear": "not known what these hold: {stages}",
    "entry-only-there": "only AWSPREVIOUS has the entry of {selectors}, which would be lost with it",
    "entry-unfit.own": "the secret itself is this entry: AWSCURRENT names it as the selector",
    "entry-unfit.last": "it is the secret's only entry",
    "entry-unfit.shape": "other entries stand inside it, and would go with it",
    "entry-unfit.absent": "the version in force has changed meanwhile",
    "entry-unfit.not-json": "the secret is not JSON",
    "entry-unfit.binary": "the secret is not JSON",
    "entry-unfit.no-entry": "the secret has no entry",
    "entry-unfit.private-key-inside": "a private key stands where a public value belongs",
    "withdrawn.revoke": "revoked or none at every server",
    "withdrawn.remove": "none at every server",
    "erased.keep": "the key is kept",
    "erased.delete": "no version holds the key",
    "erased.expire": "a delete marker before the key",
    "versions-left": "other versions left: {count}",
}

TEXTS: Final[dict[str, str]] = {}
