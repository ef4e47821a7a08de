"""A zone signed for DNSSEC, with signatures that are sound or have expired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dns.dnssec
import dns.dnssectypes
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

WEEK = timedelta(days=7)


def sign(text: str, zone: str, *, expired: bool = False) -> tuple[str, str]:
    """Return the signed zone's text, and the DNSKEY record by which a resolver validates it."""
    private = ec.generate_private_key(ec.SECP256R1())
    key = dns.dnssec.make_dnskey(private.public_key(), dns.dnssectypes.Algorithm.ECDSAP256SHA256, flags=257)
    signed = dns.zone.from_text(text, f"{zone}.", relativize=False)
    end = datetime.now(UTC) + (-WEEK if expired else WEEK)
    with signed.writer() as writing:
        dns.dnssec.sign_zone(
            signed, writing, keys=[(private, key)], inception=end - 2 * WEEK, expiration=end, dnskey_ttl=3600
        )
    return signed.to_text(relativize=False), f"{zone}. DNSKEY {key}"
