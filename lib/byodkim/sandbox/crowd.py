"""Many identities beside the world's own, as a large account has them: what the inventory is rehearsed on.

Their key pairs are all one, since making thousands would take hours; they neither change nor are looked at by SES.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from byodkim.sandbox.dkim_state import DkimState, SigningKey
from byodkim.sandbox.keys import KeyPair
from byodkim.sandbox.zones import TTL, RecordSet, character_strings

TENTHS: Final = 10  # of ten, the eighth has Easy DKIM, and the ninth has failed for want of a key record
_EASY, _FAILED = 7, 8


def names(count: int, domain: str) -> list[str]:
    """Of the identities: subdomains of the world's own domain."""
    return [f"d{number:05}.{domain}" for number in range(count)]


def identities(count: int, domain: str, selector: str, pair: KeyPair, now: datetime) -> dict[str, DkimState]:
    """Their states by name, since a hundred days."""
    since = now - timedelta(days=100)
    return {name: _state(number, name, selector, pair, since) for number, name in enumerate(names(count, domain))}


def _state(number: int, name: str, selector: str, pair: KeyPair, since: datetime) -> DkimState:
    if number % TENTHS == _EASY:
        tokens = tuple(hashlib.sha256(f"{name} {token}".encode()).hexdigest()[:32] for token in range(3))
        return DkimState(name, "AWS_SES", SigningKey(tokens, pair), since, "SUCCESS", verified=True)
    failed = number % TENTHS == _FAILED
    status = "FAILED" if failed else "SUCCESS"
    return DkimState(name, "EXTERNAL", SigningKey((selector,), pair), since, status, verified=not failed)


def records(count: int, domain: str, selector: str, pair: KeyPair) -> dict[tuple[str, str], RecordSet]:
    """Their key records by name and type."""
    value = RecordSet(TTL, (character_strings(pair.dns_value.encode()),))
    return {
        (f"{selector}._domainkey.{name}", "TXT"): value
        for number, name in enumerate(names(count, domain))
        if number % TENTHS not in (_EASY, _FAILED)
    }
