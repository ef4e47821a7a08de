"""Verify a message's DKIM signature with dkimpy, by the key record that is given and no other."""

from __future__ import annotations

import logging
from typing import Any, Final, Literal

import dkim

#: ``unreadable``: dkimpy cannot read the message.
Verified = Literal["verified", "rejected", "unreadable"]
_QUIET: Final = logging.Logger("dkimpy", logging.CRITICAL + 1)


def verify(raw: bytes, record: str, place: int = 0) -> Verified:
    """Return dkimpy's verdict on the signature at a place, counted from the top."""

    def give_record(name: bytes, timeout: int = 5) -> bytes:  # noqa: ARG001 - dkimpy's names
        return record.encode("ascii", "replace")

    try:
        verifier: Any = dkim.DKIM(raw, logger=_QUIET)
        return "verified" if verifier.verify(place, dnsfunc=give_record) else "rejected"
    except dkim.ValidationError:
        return "rejected"
    except Exception:  # noqa: BLE001 - foreign bytes may make dkimpy stumble in any way
        return "unreadable"
