"""Words that explain a key record, tag by tag."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "explained.sound.means": "Receivers can verify mail by this key record.",
    "explained.mendable.means": "Defects: {count}. The key in it is whole; the corrected value is below.",
    "explained.unsound.means": "Defects: {count}. No sound key can be read out of it.",
    "tag.v": "Version of the record. Where it stands it must be first, and DKIM1 (RFC 6376 section 3.6.1).",
    "tag.k": "Type of the key. rsa is what SES signs with (RFC 6376 section 3.6.1; ed25519 is RFC 8463).",
    "tag.p": "The public key: a SubjectPublicKeyInfo in base64; empty where it was revoked (RFC 6376 section 3.6.1). Signers use at least 1024 bits and should use 2048 (RFC 8301 section 3.2).",
    "tag.h": "Hash algorithms that signatures may use. sha256 must be among them; sha1 must not be used (RFC 8301 section 3.1).",
    "tag.s": "Services that the key is for: * for all, or email (RFC 6376 section 3.6.1).",
    "tag.t": "Flags (RFC 6376 section 3.6.1).",
    "tag.n": "Notes for people, which no program reads (RFC 6376 section 3.6.1).",
    "tag.g": "Granularity, of RFC 4871 section 3.6.1; obsolete since RFC 6376.",
    "tag.unknown": "Not a tag of RFC 6376: receivers ignore it (section 3.6.1).",
    "absent.v": "Recommended, not required: DKIM1 is assumed (RFC 6376 section 3.6.1).",
    "absent.k": "rsa is assumed (RFC 6376 section 3.6.1).",
    "absent.p": "Required: without it there is no key (RFC 6376 section 3.6.1).",
    "absent.h": "All hash algorithms are allowed (RFC 6376 section 3.6.1).",
    "absent.s": "For all services (RFC 6376 section 3.6.1).",
    "absent.t": "No flags are set (RFC 6376 section 3.6.1).",
    "flag.y": "y: the domain is testing, and receivers treat its signed mail no differently from unsigned mail.",
    "flag.s": "s: i= of a signature must name the signing domain itself, no subdomain.",
    "bits.good": "{bits} (as RFC 8301 recommends)",
    "bits.weak": "{bits} (RFC 8301 recommends at least 2048)",
}
