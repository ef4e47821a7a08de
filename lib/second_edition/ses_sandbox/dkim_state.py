"""The DKIM life cycle of one SES identity, as a pure state machine: time and DNS are handed in.

After https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy-managing.html and
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_DkimAttributes.html:

    put -> NOT_STARTED -> PENDING -> SUCCESS <-> TEMPORARY_FAILURE
                             |                        |
                             +------- 72 hours -------+---> FAILED, until the next put
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from second_edition.ses_sandbox.keys import KeyPair

PATIENCE: Final = timedelta(hours=72)
WAITING: Final = ("NOT_STARTED", "PENDING")
STANDING: Final = ("SUCCESS", "TEMPORARY_FAILURE")


@dataclass(frozen=True)
class Soa:
    """The start of authority that came with an answer."""

    primary: str
    admin: str
    serial: int


@dataclass(frozen=True)
class Look:
    """Hold what DNS answered for the TXT records of one name.

    Attributes:
        values: each TXT record, its character-strings joined.
        error: "", HOST_NOT_FOUND (no such name), TYPE_NOT_FOUND (no TXT there) or DNS_SERVER_ERROR (could not ask).
        soa: the domain's start of authority, if it was seen.
    """

    values: tuple[bytes, ...] = ()
    error: str = ""
    soa: Soa | None = None


LookUp = Callable[[str], Look]


@dataclass(frozen=True)
class SigningKey:
    """A key with the selectors under which it is published; ``pair`` is None for a key that can never sign."""

    selectors: tuple[str, ...]
    pair: KeyPair | None = field(repr=False)


@dataclass(frozen=True)
class DkimState:
    """The DKIM side of one identity.

    Attributes:
        domain: the signing domain.
        origin: EXTERNAL or AWS_SES.
        key: what is to sign: the key that was put.
        since: when it was put, UTC.
        status: the status as GetEmailIdentity spells it.
        signing_enabled: whether mail is signed at all.
        next_check: when SES looks at DNS again, UTC.
        lost: when a key record that had been verified was first missed, UTC.
        proved: the last key that reached SUCCESS.
        left: the one that had reached it before.
        verified: the identity has been verified and has not failed since.
        last_checked: when SES looked at DNS last, UTC.
        last_success: when SES last found the key record, UTC.
        error: why the last look did not succeed, as VerificationInfo.ErrorType spells it.
        soa: the start of authority seen at the last look.
    """

    domain: str
    origin: str
    key: SigningKey
    since: datetime
    status: str
    signing_enabled: bool = True
    next_check: datetime | None = None
    lost: datetime | None = None
    proved: SigningKey | None = None
    left: SigningKey | None = None
    verified: bool = False
    last_checked: datetime | None = None
    last_success: datetime | None = None
    error: str = ""
    soa: Soa | None = None


def put(
    before: DkimState | None, domain: str, origin: str, key: SigningKey, now: datetime, interval: timedelta
) -> DkimState:
    """Return the state just after a key was put: the life cycle starts anew, even when it is the very same key."""
    started = DkimState(domain, origin, key, now, "NOT_STARTED", next_check=now + interval)
    if before is None:
        return started
    return replace(
        started,
        signing_enabled=before.signing_enabled,
        proved=before.proved,
        left=before.left,
        verified=before.verified,
        last_success=before.last_success,
    )


def verified(state: DkimState, now: datetime, interval: timedelta) -> DkimState:
    """Return ``state`` as it is once SES has found the key record."""
    return replace(
        state,
        status="SUCCESS",
        next_check=now + interval,
        lost=None,
        proved=state.key,
        left=state.left if state.key == state.proved else state.proved,
        verified=True,
        last_checked=now,
        last_success=now,
        error="",
    )


def failed(state: DkimState) -> DkimState:
    """Return ``state`` once SES has given up: terminal until the next put."""
    return replace(state, status="FAILED", next_check=None, verified=False)


def observed(
    state: DkimState, now: datetime, look_up: LookUp, interval: timedelta, *, at_once: bool = False
) -> DkimState:
    """Return ``state`` as it is at ``now``, after every look at DNS that has fallen due.

    Between two calls DNS has not changed (the world calls this before each change), so one look answers for all that
    fell due, those before a deadline included. ``at_once`` makes SES look again at what it had verified although
    nothing is due, so that a loss is dated before time is moved.
    """
    if state.status == "FAILED" or state.next_check is None:
        return state
    if state.status == "NOT_STARTED":
        state = replace(state, status="PENDING")
    due = state.next_check
    if due is not None and (due <= now or (at_once and state.status in STANDING)) and due <= _deadline(state, now):
        state = _check_dns(state, now, look_up, interval)
    if state.status in ("PENDING", "TEMPORARY_FAILURE") and now >= _deadline(state, now):
        return failed(state)
    return state


def _deadline(state: DkimState, now: datetime) -> datetime:
    if state.status == "SUCCESS":
        return now + PATIENCE
    return (state.lost or state.since) + PATIENCE


def _check_dns(state: DkimState, now: datetime, look_up: LookUp, interval: timedelta) -> DkimState:
    looks = [look_up(f"{selector}._domainkey.{state.domain}") for selector in state.key.selectors]
    error = next((word for word in (_defect(look, state.key) for look in looks) if word), "")
    soa = next((look.soa for look in looks if look.soa), None)
    if not error:
        return replace(verified(state, now, interval), soa=soa)
    missed = replace(state, next_check=now + interval, last_checked=now, error=error, soa=soa)
    if state.status == "SUCCESS":
        return replace(missed, status="TEMPORARY_FAILURE", lost=now)
    return missed


def _defect(look: Look, key: SigningKey) -> str:
    if look.error:
        return look.error
    fits = len(look.values) == 1 and key.pair is not None and published_key(look.values[0]) == key.pair.public_der
    return "" if fits else "INVALID_VALUE"


def published_key(value: bytes) -> bytes | None:
    """Return the bytes in a key record's ``p`` tag, None where none can be read (RFC 6376 section 3.6.1)."""
    tags: dict[bytes, bytes] = {}
    for part in value.split(b";"):
        name, equals, content = part.partition(b"=")
        if equals:
            tags.setdefault(name.strip(), b"".join(content.split()))
    if tags.get(b"v", b"DKIM1") != b"DKIM1" or tags.get(b"k", b"rsa") != b"rsa":
        return None
    try:
        return base64.b64decode(tags.get(b"p", b""), validate=True) or None
    except binascii.Error:
        return None


def signs_with(state: DkimState, while_pending: str, when_verified: str = "next") -> SigningKey | None:
    """Return the key that signs mail now, None when mail goes out without a signature of the domain.

    Args:
        state: the state, observed.
        while_pending: the knob ``signing_while_pending``.
        when_verified: the knob ``signing_when_verified``.
    """
    if not state.signing_enabled:
        return None
    if state.status in STANDING:
        return {"current": state.left, "unsigned": None}.get(when_verified, state.key)
    if state.status in WAITING and while_pending == "next":
        return state.key
    if state.status in WAITING and while_pending == "current":
        return state.proved
    return None
